-- Copy orders decided since, as far as they can be seen: what another connection sees is committed. None is decided
-- later than three seconds after its append here; the index is by append.
SELECT trade_id, decided_at FROM copy_orders
 WHERE decided_at > %(since)s AND appended_at > %(since)s::timestamptz - interval '3 seconds';
