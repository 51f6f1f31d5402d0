SELECT token_id, bids, asks, taken_at FROM paper.books
