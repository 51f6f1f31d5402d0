INSERT INTO lots (allocation_id, account_id, user_id, token_id, market_id, shares, cost_usdc, target_shares, adds,
                  realised_usdc, fees_usdc, applied_number, opened_traded_at, tick, fee_rate, neg_risk, exchange_version,
                  closed_at, closed_by)
VALUES (%(allocation_id)s, %(account_id)s, %(user_id)s, %(token_id)s, %(market_id)s, %(shares)s, %(cost_usdc)s,
        %(target_shares)s, %(adds)s, %(realised_usdc)s, %(fees_usdc)s, %(applied_number)s, %(opened_traded_at)s, %(tick)s,
        %(fee_rate)s, %(neg_risk)s, %(exchange_version)s,
        CASE WHEN %(closed_by)s::text IS NOT NULL THEN clock_timestamp() END, %(closed_by)s)
RETURNING lot_id
