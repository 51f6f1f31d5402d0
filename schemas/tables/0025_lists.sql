-- A list of copies is planned once, for any user: along the index of that user, also while the statistics have seen one
-- user only, with whom the index of all would do as well, and for the next one read the whole table.
ALTER TABLE copy_orders ALTER COLUMN user_id SET (n_distinct = -0.001);
