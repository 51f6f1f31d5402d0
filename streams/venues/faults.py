"""What goes wrong between us and an exchange without telling anything."""

from __future__ import annotations


class VenueFault(Exception):
    """A look at the exchange that says nothing: no answer, an error, or one that cannot be read. Try again later."""
