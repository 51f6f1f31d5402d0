"""Tests of letting go: what is old and no record goes, what is a record stays."""
