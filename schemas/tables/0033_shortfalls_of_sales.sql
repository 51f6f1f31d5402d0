-- A sale that was out while its purchase was taken back is short as well: its fill, not a reversal, names it (SAFETY R14).
ALTER TABLE shortfalls DROP CONSTRAINT shortfalls_fill_id_fkey;
ALTER TABLE shortfalls ADD CONSTRAINT shortfalls_fill_id_fkey FOREIGN KEY (fill_id) REFERENCES fills;
COMMENT ON TABLE shortfalls IS
    'Shares that were sold and that the account does not have: their purchase was taken back, before the sale was booked or after.';
