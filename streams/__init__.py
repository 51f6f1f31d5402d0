"""The way of a trade. Read ``topology.py`` first."""
