-- What all lots of a following cost and have brought, kept as they change: every decision needs both sums, and summing
-- up a year of closed lots for each of a leader's followers is work that grows for ever. By triggers only.
CREATE TABLE lot_totals (
    account_id     text NOT NULL,
    allocation_id  text NOT NULL,            -- empty: by hand
    cost_usdc      numeric(20,6) NOT NULL,
    realised_usdc  numeric(20,6) NOT NULL,
    PRIMARY KEY (account_id, allocation_id)
) WITH (fillfactor = 70);                    -- a row changes with each fill, and stays on its page

-- Whoever changes a lot holds the locks of its allocation and account (SAFETY R4), so nobody waits here.
CREATE FUNCTION lot_totals_add(lot lots, sign integer) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, public AS $$
    INSERT INTO public.lot_totals AS t (account_id, allocation_id, cost_usdc, realised_usdc)
    VALUES (lot.account_id, coalesce(lot.allocation_id, ''), sign * lot.cost_usdc, sign * lot.realised_usdc)
    ON CONFLICT (account_id, allocation_id) DO UPDATE
        SET cost_usdc = t.cost_usdc + excluded.cost_usdc, realised_usdc = t.realised_usdc + excluded.realised_usdc;
$$;
CREATE FUNCTION lots_total() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM public.lot_totals_add(OLD, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM public.lot_totals_add(NEW, 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER lots_counted AFTER INSERT OR DELETE ON lots FOR EACH ROW EXECUTE FUNCTION lots_total();
CREATE TRIGGER lots_counted_anew AFTER UPDATE ON lots FOR EACH ROW
    WHEN (OLD.cost_usdc <> NEW.cost_usdc OR OLD.realised_usdc <> NEW.realised_usdc
          OR OLD.account_id <> NEW.account_id OR OLD.allocation_id IS DISTINCT FROM NEW.allocation_id)
    EXECUTE FUNCTION lots_total();

INSERT INTO lot_totals SELECT account_id, coalesce(allocation_id, ''), sum(cost_usdc), sum(realised_usdc)
    FROM lots GROUP BY account_id, coalesce(allocation_id, '');
GRANT SELECT ON lot_totals TO polycool_streams, polycool_trading, polycool_api;
