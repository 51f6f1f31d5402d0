SELECT signal_id, wallet, token_id, burst_started_at FROM smart_signals WHERE signal_id = ANY(%(names)s)
