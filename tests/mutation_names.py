"""A plugin of pytest for `make mutation` alone: mutmut 3.7 asks each test for a name that pytest 9.2 no longer has."""

from __future__ import annotations

import pytest

if not hasattr(pytest.Item, "_nodeid"):
    pytest.Item._nodeid = property(lambda item: item.nodeid)  # type: ignore[attr-defined]
