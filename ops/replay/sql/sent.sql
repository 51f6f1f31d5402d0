-- How many messages this run has sent on each partition of each role's topic.
SELECT said_as, part, count(*) FROM shadow.messages WHERE run = %(run)s AND said_as <> 'dead_letter' AND was <> 'gone'
 GROUP BY said_as, part
