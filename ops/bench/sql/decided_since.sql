-- Copy orders decided since, as far as they can be seen: what another connection sees is committed.
SELECT trade_id, decided_at FROM copy_orders WHERE decided_at > %(since)s;
