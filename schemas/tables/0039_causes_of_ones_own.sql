-- What people read follows from codes and figures, never from a text that the server wrote.

-- Why a what-if failed is a code (schemas.what_if_causes); this is how long it might take, where that was the reason.
ALTER TABLE what_ifs ADD COLUMN most_seconds numeric CHECK (most_seconds >= 0);
GRANT UPDATE (most_seconds) ON what_ifs TO polycool_streams;

-- What the check that decided looked at and what it allowed: USDC, or shares of a sale. Null where no figure decided.
ALTER TABLE manual_orders
    ADD COLUMN decided_value numeric(20,6),
    ADD COLUMN decided_limit numeric(20,6);

-- A look at the account found that the exchange lets it only sell.
ALTER TABLE account_stops DROP CONSTRAINT account_stops_cause_check;
ALTER TABLE account_stops ADD CONSTRAINT account_stops_cause_check
    CHECK (cause IN ('late_fill', 'shortfall', 'external', 'audit', 'refusals', 'found', 'closed_only'));
