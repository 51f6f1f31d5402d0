DELETE FROM flooded_buys WHERE leader = %(leader)s AND number = ANY(%(numbers)s::bigint[]);
