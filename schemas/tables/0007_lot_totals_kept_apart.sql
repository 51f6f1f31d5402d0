-- The sums over lots belong to people as the lots do (0004).
ALTER TABLE lot_totals ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON lot_totals TO polycool_streams, polycool_trading USING (true) WITH CHECK (true);
CREATE POLICY operator ON lot_totals TO polycool_api
    USING ((SELECT current_setting('polycool.operator', true)) = 'on');
CREATE POLICY own ON lot_totals TO polycool_api
    USING (EXISTS (SELECT FROM accounts a WHERE a.account_id = lot_totals.account_id));
