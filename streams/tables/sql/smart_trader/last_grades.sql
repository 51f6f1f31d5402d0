-- A wallet's last grades that have a price, per horizon, the newest first.
SELECT l.horizon, l.gross_usdc, l.net_usdc
  FROM (VALUES ('1h'), ('24h'), ('end')) h(horizon)
 CROSS JOIN LATERAL (SELECT g.horizon, g.gross_usdc, g.net_usdc, g.due_at FROM signal_grades g
                      WHERE g.wallet = %(wallet)s AND g.horizon = h.horizon AND g.price IS NOT NULL
                      ORDER BY g.due_at DESC LIMIT %(most)s) l
 ORDER BY l.horizon, l.due_at DESC
