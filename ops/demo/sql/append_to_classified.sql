-- Milliseconds from the broker's append until classify had worked out what the message is.
SELECT percentile_disc(ARRAY[0.5, 0.95, 0.99, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM classified_at - appended_at) * 1000) AS ms
  FROM trades
