-- What all lots of each following of these accounts cost and brought; by hand: without an allocation.
SELECT account_id, allocation_id, cost_usdc, realised_usdc FROM lot_totals
WHERE account_id = ANY(%(accounts)s::text[]);
