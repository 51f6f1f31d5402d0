SELECT pg_notify('polycool_planned', '');
