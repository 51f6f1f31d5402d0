-- Whoever creates an allocation holds this row alone, so that no trade falls between.
SELECT wallet FROM watched_addresses WHERE wallet = ANY(%(leaders)s::text[]) ORDER BY wallet FOR SHARE;
