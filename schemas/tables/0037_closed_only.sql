-- An account that the exchange lets only sell: its own answer, looked at with the other permissions (UX S14a).
ALTER TABLE live_looks
    ADD COLUMN closed_only boolean;
