-- What may be decided again: something waits and no BUY of the allocation is open in this token any more.
SELECT DISTINCT w.allocation_id, w.token_id
FROM copy_orders w
WHERE w.state = 'waiting' AND NOT EXISTS (
    SELECT FROM copy_orders b
    WHERE b.allocation_id = w.allocation_id AND b.token_id = w.token_id AND b.side = 'BUY'
      AND b.state IN ('planned', 'submitting', 'unknown'))
ORDER BY w.allocation_id, w.token_id;
