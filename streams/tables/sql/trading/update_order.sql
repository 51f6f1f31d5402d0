UPDATE orders
   SET state = %(state)s, cause = %(cause)s, words = COALESCE(%(words)s, words),
       reject_reason = COALESCE(%(reject_reason)s, reject_reason), answered_at = COALESCE(answered_at, clock_timestamp()),
       proven_at = COALESCE(proven_at, clock_timestamp()),
       venue_trade_ids = COALESCE(%(trade_ids)s::text[], venue_trade_ids),
       filled_shares = filled_shares + %(shares)s, filled_usdc = filled_usdc + %(usdc)s, fee_usdc = fee_usdc + %(fee_usdc)s
 WHERE order_hash = %(order_hash)s
