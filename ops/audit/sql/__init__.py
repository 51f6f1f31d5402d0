"""The audit's questions to the database; each answers one row: counted, broken, names (at most 20)."""
