SELECT count(*) FROM markets;
