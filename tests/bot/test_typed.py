"""What people type is read as they mean it, or not at all."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

import pytest

from bot.screens.smart_filters import Filters
from bot.typed import cents_sum, cents_sums, clock, hours, is_phrase


@pytest.mark.parametrize(
    ("typed", "sum_"),
    [
        ("12", "12"), ("12.50", "12.50"), ("$12,50", "12.50"), (" 1 000 ", "1000"), ("1,000", "1000"),
        ("1,000.25 usdc", "1000.25"), ("12.345", None), ("-5", None), ("1e3", None), ("NaN", None), ("", None),
        ("twelve", None),
    ],
)  # fmt: skip
def test_sums(typed: str, sum_: str | None) -> None:
    """Two decimals at most; a comma is a decimal sign where no thousands follow it."""
    assert cents_sum(typed) == (None if sum_ is None else Decimal(sum_))


def test_several_sums() -> None:
    """Up to so many; one that is none spoils them all."""
    assert cents_sums("5 25, 100", 4) == (Decimal(5), Decimal(25), Decimal(100))
    assert cents_sums("1 2 3 4 5", 4) is None
    assert cents_sums("5 much", 4) is None


def test_times_of_day() -> None:
    """Hours, with minutes or without."""
    assert clock("20") == time(20)
    assert clock("20h30") == time(20, 30)
    assert clock("25:00") is None
    assert hours("23-8") == (time(23), time(8))
    assert hours("22:30 – 7:15") == (time(22, 30), time(7, 15))
    assert hours("late") is None


def test_a_phrase_is_typed_as_it_is_said() -> None:
    """Blanks do not matter, letters do."""
    assert is_phrase("  ARM  LIVE ", "ARM LIVE")
    assert not is_phrase("arm live", "ARM LIVE")


@pytest.mark.parametrize("arg", ["", "0", "00000", "13321z", "99999zz", "abcde", "00000_", "1²000"])
def test_filters_are_read_from_any_button(arg: str) -> None:
    """What does not fit is as nothing was chosen; what was read is written the same."""
    filters = Filters.read(arg)
    assert Filters.read(filters.arg) == filters
    assert len(filters.arg) <= 7
