"""Tests of backups: what is taken, what is refused, and what the workers are told after a restore."""
