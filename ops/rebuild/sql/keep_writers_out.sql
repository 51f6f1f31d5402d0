-- Who reads waits, too: a batch that has read the old rows must not write by them into the new ones.
LOCK TABLE trades, leader_positions, smart_traders_positions IN ACCESS EXCLUSIVE MODE
