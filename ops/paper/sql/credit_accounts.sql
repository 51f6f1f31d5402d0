-- Each credit once per request_id; gives back the request_ids that were done now.
WITH wanted AS (
    SELECT DISTINCT ON (request_id) address, amount, request_id
      FROM jsonb_to_recordset(%(accounts)s::jsonb) AS a (address text, amount bigint, request_id text)
     WHERE amount > 0
), fresh AS (
    INSERT INTO paper.requests (request_id, content, done_at)
    SELECT request_id, jsonb_build_object('credit', address, 'amount', amount), %(now)s FROM wanted
    ON CONFLICT (request_id) DO NOTHING
    RETURNING request_id
), credits AS (
    SELECT w.address, w.amount, w.request_id FROM wanted w JOIN fresh f USING (request_id)
), new_entries AS (
    INSERT INTO paper.entries (at, cause, reference, asset, from_party, to_party, amount)
    SELECT %(now)s, 'credit', request_id, 'USDC', 'outside', address, amount FROM credits
), outside AS (
    INSERT INTO paper.balances AS b (party, asset, amount)
    SELECT 'outside', 'USDC', -sum(amount) FROM credits HAVING count(*) > 0
    ON CONFLICT (party, asset) DO UPDATE SET amount = b.amount + excluded.amount
), inside AS (
    INSERT INTO paper.balances AS b (party, asset, amount)
    SELECT address, 'USDC', sum(amount) FROM credits GROUP BY address
    ON CONFLICT (party, asset) DO UPDATE SET amount = b.amount + excluded.amount
)
SELECT request_id FROM credits ORDER BY request_id
