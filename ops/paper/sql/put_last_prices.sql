UPDATE paper.tokens t
   SET last_price = p.last_price, last_side = p.last_side
  FROM jsonb_to_recordset(%(prices)s::jsonb) AS p (token_id text, last_price numeric, last_side text)
 WHERE t.token_id = p.token_id
