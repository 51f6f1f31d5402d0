SELECT set_config('polycool.user_id', %(user_id)s, true), set_config('polycool.operator', %(operator)s, true),
       clock_timestamp() AS now
