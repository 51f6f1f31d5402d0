-- Users are kept apart by the database itself: the API's role sees and writes only rows of the user that its
-- transaction names (polycool.user_id), or all of them where it says that an operator asks (polycool.operator = on).
-- Streams and trading work for all users; they are not held by these policies.

DO $$
DECLARE guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY[
        'users', 'accounts', 'account_credits', 'cash_entries', 'copy_trading_allocations', 'allocation_history',
        'copy_orders', 'copy_order_transitions', 'carried', 'orders', 'order_transitions', 'fills', 'lots', 'lot_entries',
        'notifications', 'idempotency_keys'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('CREATE POLICY all_rows ON %I TO polycool_streams, polycool_trading USING (true) WITH CHECK (true)',
                       guarded);
        EXECUTE format('CREATE POLICY operator ON %I TO polycool_api '
                       'USING ((SELECT current_setting(''polycool.operator'', true)) = ''on'')', guarded);
    END LOOP;
END $$;

DO $$
DECLARE owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY[
        'users', 'accounts', 'copy_trading_allocations', 'copy_orders', 'lots', 'notifications'
    ] LOOP
        EXECUTE format('CREATE POLICY own ON %I TO polycool_api '
                       'USING (user_id = (SELECT current_setting(''polycool.user_id'', true)))', owned);
    END LOOP;
END $$;

-- What belongs to a user by what it hangs on; the inner table's own policy decides.
CREATE POLICY own ON account_credits TO polycool_api
    USING (EXISTS (SELECT FROM accounts a WHERE a.account_id = account_credits.account_id));
CREATE POLICY own ON cash_entries TO polycool_api
    USING (EXISTS (SELECT FROM accounts a WHERE a.account_id = cash_entries.account_id));
CREATE POLICY own ON orders TO polycool_api
    USING (EXISTS (SELECT FROM accounts a WHERE a.account_id = orders.account_id));
CREATE POLICY own ON fills TO polycool_api
    USING (EXISTS (SELECT FROM accounts a WHERE a.account_id = fills.account_id));
CREATE POLICY own ON order_transitions TO polycool_api
    USING (EXISTS (SELECT FROM orders o WHERE o.order_hash = order_transitions.order_hash));
CREATE POLICY own ON allocation_history TO polycool_api
    USING (EXISTS (SELECT FROM copy_trading_allocations a WHERE a.allocation_id = allocation_history.allocation_id));
CREATE POLICY own ON carried TO polycool_api
    USING (EXISTS (SELECT FROM copy_trading_allocations a WHERE a.allocation_id = carried.allocation_id));
CREATE POLICY own ON copy_order_transitions TO polycool_api
    USING (EXISTS (SELECT FROM copy_orders c WHERE c.copy_order_id = copy_order_transitions.copy_order_id));
CREATE POLICY own ON lot_entries TO polycool_api
    USING (EXISTS (SELECT FROM lots l WHERE l.lot_id = lot_entries.lot_id));
CREATE POLICY own ON idempotency_keys TO polycool_api
    USING (owner = (SELECT current_setting('polycool.user_id', true)));

-- A view asks with its owner's rights unless told otherwise.
ALTER VIEW positions SET (security_invoker = true);

-- COPY into a table with policies is refused to roles that they could hold; streams and trading are never held.
-- Who migrates without the right to say so keeps the policies above, which let all rows through.
DO $$
DECLARE free text;
BEGIN
    FOREACH free IN ARRAY ARRAY['polycool_streams', 'polycool_trading'] LOOP
        IF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = free) THEN
            BEGIN
                EXECUTE format('ALTER ROLE %I BYPASSRLS', free);
            EXCEPTION WHEN insufficient_privilege OR internal_error THEN NULL;  -- another migration was just as quick
            END;
        END IF;
    END LOOP;
END $$;

-- An operator who takes a role away ends the followings of it and tells their followers in the same transaction.
GRANT INSERT ON notifications TO polycool_api;

-- Lists go by times that are never written again, so that a page neither misses nor repeats a row.
DROP INDEX copy_orders_by_user;
CREATE INDEX copy_orders_by_user ON copy_orders (user_id, appended_at DESC, copy_order_id DESC);
CREATE INDEX copy_orders_by_append ON copy_orders (appended_at DESC, copy_order_id DESC);
CREATE INDEX smart_signals_by_first ON smart_signals (first_at DESC, signal_id DESC);
CREATE INDEX lots_by_user ON lots (user_id, opened_at DESC, lot_id DESC);
CREATE INDEX watched_addresses_by_change ON watched_addresses (updated_at, wallet);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (started_at);
CREATE INDEX webhook_receipts_by_age ON webhook_receipts (received_at);
