UPDATE paper.trades SET fails_at = NULL WHERE trade_id = %(trade_id)s
