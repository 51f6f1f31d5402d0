-- While nothing may be posted: since when, by whom, why, and the SELLs that wait for it (SAFETY R13).
SELECT s.changed_at::text, s.who, s.note,
       (SELECT count(*) FROM copy_orders c WHERE c.side = 'SELL' AND c.state IN ('waiting', 'planned', 'submitting')) AS sells
  FROM switches s
 WHERE s.name = 'halt' AND s.stopped
