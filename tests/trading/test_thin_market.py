"""What all followers may spend must be bid near their limit (SAFETY R2)."""

from __future__ import annotations

from decimal import Decimal

from streams.trading.thin_market import OpenBuy, measure, near_bids

TEN = Decimal("0.1")


def _crowd(count: int, usdc: str = "20", limit: str = "0.6") -> list[OpenBuy]:
    return [OpenBuy(f"0x{number:064x}", Decimal(usdc), Decimal(limit), False) for number in range(count)]


def test_r02_only_bids_near_the_limit_count() -> None:
    """At a limit of 60¢ what is bid from 54¢ on; the edge counts."""
    bids = [(Decimal(price), Decimal(100)) for price in ("0.59", "0.54", "0.5399", "0.01")]
    assert near_bids(bids, Decimal("0.6"), TEN) == Decimal("113")


def test_r02_a_crowd_spends_what_is_bid_and_no_more() -> None:
    """1,000 followers with 20 each, 40 bid: two go, in the order of claiming."""
    crowd = _crowd(1_000)
    found = measure(crowd, [(Decimal("0.55"), Decimal(40) / Decimal("0.55") + Decimal("0.0001"))], TEN)
    assert [buy.order_hash for buy in crowd if found[buy.order_hash].enough] == [
        crowd[0].order_hash,
        crowd[1].order_hash,
    ]
    assert found[crowd[2].order_hash].wanted_usdc == 60


def test_r02_in_a_deep_book_all_go() -> None:
    """20,000 wanted, 20,000 bid."""
    found = measure(_crowd(1_000), [(Decimal("0.5"), Decimal(1_000_000))], Decimal("0.2"))
    assert all(each.enough for each in found.values())


def test_r02_without_a_book_nobody_goes() -> None:
    """No book is no bid."""
    assert not any(each.enough for each in measure(_crowd(3), None, TEN).values())
    assert not any(each.enough for each in measure(_crowd(3), [], TEN).values())


def test_r02_what_is_out_already_counts_first_and_is_not_judged() -> None:
    """A BUY under way takes its part of the bids, even where they have gone since."""
    crowd = _crowd(3)
    sent = OpenBuy("0xsent", Decimal(100), Decimal("0.6"), True)
    found = measure([sent, *crowd], [(Decimal("0.6"), Decimal(200))], TEN)
    assert "0xsent" not in found
    assert [found[buy.order_hash].enough for buy in crowd] == [True, False, False]


def test_r02_one_too_large_does_not_stop_the_smaller_behind_it() -> None:
    """Who does not fit does not go and counts no more."""
    big, small = OpenBuy("big", Decimal(90), Decimal("0.6"), False), _crowd(1)[0]
    found = measure([big, small], [(Decimal("0.6"), Decimal(50))], TEN)
    assert (found["big"].enough, found[small.order_hash].enough) == (False, True)
