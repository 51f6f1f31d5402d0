"""The door to the exchanges: one protocol, spoken to the real one and to the paper one; only the host differs."""
