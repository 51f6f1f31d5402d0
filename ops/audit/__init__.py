"""The audit: every promise of DESIGN §4 that can be checked from topics, tables and the venue's ledger."""
