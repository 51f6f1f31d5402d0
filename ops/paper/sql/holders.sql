SELECT party, asset, amount
  FROM paper.balances
 WHERE asset = ANY(%(token_ids)s::text[]) AND amount > 0 AND party NOT IN ('outside', 'market', 'fees')
 ORDER BY party, asset
