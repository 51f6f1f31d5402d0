"""Tests of the doctor: each check is broken on purpose, and its sentence read."""
