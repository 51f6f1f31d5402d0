"""Notices from their rows to whoever shows them: claimed in turn, merged, answered for, summed up in the evening."""
