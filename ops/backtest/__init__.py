"""Recorded trades and followers out of files, run through the deciding code (streams/what_if), and what it came to."""
