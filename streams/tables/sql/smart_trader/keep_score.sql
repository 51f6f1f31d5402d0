INSERT INTO wallet_scores
    (wallet, computed_at, signals, after_1h_usdc, after_24h_usdc, after_24h_net_usdc, at_end_usdc, at_end_net_usdc)
VALUES (%(wallet)s, clock_timestamp(), %(signals)s, %(after_1h)s, %(after_24h)s, %(after_24h_net)s, %(at_end)s,
        %(at_end_net)s)
ON CONFLICT (wallet) DO UPDATE
   SET computed_at = EXCLUDED.computed_at, signals = EXCLUDED.signals, after_1h_usdc = EXCLUDED.after_1h_usdc,
       after_24h_usdc = EXCLUDED.after_24h_usdc, after_24h_net_usdc = EXCLUDED.after_24h_net_usdc,
       at_end_usdc = EXCLUDED.at_end_usdc, at_end_net_usdc = EXCLUDED.at_end_net_usdc
