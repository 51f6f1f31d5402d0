SELECT (SELECT count(*) FROM trades) AS trades, (SELECT count(*) FROM leader_positions) AS leader_positions,
       (SELECT count(*) FROM smart_traders_positions) AS smart_traders_positions
