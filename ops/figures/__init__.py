"""What goes on now: rates, lags, copies and reasons, read from tables, topics and the processes' own figures."""
