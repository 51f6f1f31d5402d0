"""The simulator: the product's own deciding, booking and proving in one process, with a seeded clock, log, database
and exchange, and a fault wherever a real process waits (docs/reliability.md)."""
