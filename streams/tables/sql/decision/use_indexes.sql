-- For this transaction: the tables of the way grow faster than their statistics, and a plan made for an empty table
-- would read a full one from end to end for each follower.
SELECT set_config('enable_seqscan', 'off', true);
