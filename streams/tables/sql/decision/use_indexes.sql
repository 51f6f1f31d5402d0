-- For this transaction: the tables of the way grow faster than their statistics, and a plan made for an empty table
-- reads a full one from end to end for each trade. Plain index scans also let go of the dead entries they meet.
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
