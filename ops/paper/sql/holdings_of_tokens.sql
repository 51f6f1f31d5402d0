SELECT asset, amount
  FROM paper.balances
 WHERE party = %(party)s AND asset = ANY(%(token_ids)s::text[]) AND amount > 0
 ORDER BY asset
