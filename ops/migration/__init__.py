"""The tables brought to this version, forward only, and the database bound to one cluster and prefix."""
