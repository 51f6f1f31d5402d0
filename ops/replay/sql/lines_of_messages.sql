SELECT concat_ws(' ', part, place, said_as, message) FROM shadow.messages WHERE run = %(run)s ORDER BY part, place, said_as
