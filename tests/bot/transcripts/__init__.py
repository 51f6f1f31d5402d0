"""Conversations with the bot as people read them, written down and compared (`test_first_copy.py`)."""
