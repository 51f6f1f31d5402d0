SELECT set_config('polycool.user_id', %(user_id)s::text, true), set_config('polycool.operator', %(operator)s::text, true),
       replace(to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')
