-- What the exchange did late is no breach of a limit, and is named (SAFETY §2).
SELECT copy_order_id || ': ' || concat_ws(', ', CASE WHEN late_fill THEN 'filled after its end was proven' END,
                                               CASE WHEN reversed THEN 'taken back by the exchange' END,
                                               CASE WHEN side = 'BUY' AND filled_usdc + fee_usdc > reserve_usdc
                                                    THEN 'its fee was above the reserve' END) AS name
  FROM copy_orders
 WHERE decided_at >= %(since)s AND (late_fill OR reversed) ORDER BY 1 LIMIT 20
