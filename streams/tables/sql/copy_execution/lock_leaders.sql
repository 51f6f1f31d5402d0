-- Whoever creates an allocation holds this row alone, so that no trade falls between.
SELECT wallet FROM watched_addresses WHERE wallet = ANY(%(leaders)s) ORDER BY wallet FOR SHARE;
