UPDATE lots l SET target_shares = lowered.target_shares, applied_number = lowered.applied_number
FROM unnest(%(lots)s::bigint[], %(targets)s::numeric[], %(numbers)s::bigint[])
     AS lowered (lot_id, target_shares, applied_number)
WHERE l.lot_id = lowered.lot_id AND l.lot_id = ANY(%(lots)s::bigint[]);
