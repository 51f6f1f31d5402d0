LISTEN polycool_planned;
