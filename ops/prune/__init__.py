"""What is let go of when it is old: rows that no promise, no audit and no person asks for any more."""
