INSERT INTO paper.books (token_id, bids, asks, taken_at)
SELECT token_id, bids, asks, taken_at
  FROM jsonb_to_recordset(%(books)s::jsonb) AS b (token_id text, bids jsonb, asks jsonb, taken_at timestamptz)
ON CONFLICT (token_id) DO UPDATE SET bids = excluded.bids, asks = excluded.asks, taken_at = excluded.taken_at
