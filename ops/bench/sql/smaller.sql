-- Buys whose leader paid less than this, planned or stopped by what RULES §3 looks at behind the size.
SELECT c.copy_order_id
  FROM copy_orders c JOIN trades t ON t.wallet = c.leader AND t.trade_id = c.trade_id
 WHERE c.side = 'BUY' AND t.usdc < %(leader_min_usdc)s::numeric AND c.inputs -> 'now' IS NOT NULL
   AND CASE WHEN c.amount_usdc IS NULL THEN c.reason ELSE 'PLANNED' END NOT IN ('OWN_WALLET', 'COPY_OF_COPY', 'BEFORE_FOLLOWING', 'SOURCE', 'BUYS_STOPPED',
       'PAUSED', 'BUYS_OFF', 'TOO_OLD', 'MARKET_UNKNOWN', 'MARKET_CLOSED', 'MARKET_ENDING', 'CATEGORY', 'KEYWORD',
       'LEADER_TRADE_SMALL')
 ORDER BY 1
