"""Server-sent events: what changed, told to whoever looks on (UX §5)."""
