"""The read tables made again from the topics, or from a snapshot and the topics since (DESIGN §4.9, SAFETY R37)."""
