"""Which users are operators."""
