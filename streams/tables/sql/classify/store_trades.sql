INSERT INTO trades (wallet, trade_id, kind, source, side, token_id, size, price, usdc, tx_hash, order_hash, undoes,
                    traded_at, appended_at, classified_at, content, leader_number, smart_number,
                    leader_message, smart_message)
SELECT t.wallet, t.trade_id, t.kind, t.source, t.side, t.token_id, t.size, t.price, t.usdc, t.tx_hash, t.order_hash,
       t.undoes, t.traded_at, t.appended_at, t.classified_at, t.content, t.leader_number, t.smart_number,
       convert_to(t.leader_message, 'UTF8'), convert_to(t.smart_message, 'UTF8')
  FROM unnest(%(wallet)b::text[], %(trade_id)b::text[], %(kind)b::text[], %(source)b::text[], %(side)b::text[],
              %(token_id)b::text[], %(size)b::numeric[], %(price)b::numeric[], %(usdc)b::numeric[],
              %(tx_hash)b::text[], %(order_hash)b::text[], %(undoes)b::text[], %(traded_at)b::timestamptz[],
              %(appended_at)b::timestamptz[], %(classified_at)b::timestamptz[], %(content)b::bytea[],
              %(leader_number)b::bigint[], %(smart_number)b::bigint[], %(leader_message)b::text[],
              %(smart_message)b::text[])
       AS t(wallet, trade_id, kind, source, side, token_id, size, price, usdc, tx_hash, order_hash, undoes, traded_at,
            appended_at, classified_at, content, leader_number, smart_number, leader_message, smart_message)
