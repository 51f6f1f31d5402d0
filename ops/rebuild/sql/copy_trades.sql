COPY made_trades (wallet, trade_id, kind, source, side, token_id, size, price, usdc, tx_hash, order_hash, traded_at,
                  appended_at, classified_at, undoes, content, leader_number, smart_number, leader_message,
                  smart_message) FROM STDIN
