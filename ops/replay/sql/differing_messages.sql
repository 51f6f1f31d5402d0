SELECT said_as, was, count(*), (array_agg(trade_id ORDER BY part, place))[1:20]
  FROM shadow.messages WHERE run = %(run)s AND was <> 'same' AND said_as <> 'dead_letter'
 GROUP BY said_as, was ORDER BY said_as, was
