"""What a wallet's positions came to, and how sure a share of wins is. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.wallets import win_rate_of
from schemas.win_rate import least_rate, rate
from streams.wallet_facts.facts import category_percent
from streams.wallet_facts.results import Outcome, Results, results
from streams.wallet_facts.set_aside import MOST, SetAside, pause_after

D = Decimal


def outcome(market: str = "m", **changes: Any) -> Outcome:
    """100 shares bought for 40 that won."""
    known: dict[str, Any] = {
        "market_id": market, "paid_usdc": D(40), "received_usdc": D(0), "left_shares": D(100),
        "least_shares": D(100), "moved_otherwise": False, "payout": D(1),
    }  # fmt: skip
    return Outcome(**(known | changes))


def test_net_of_what_was_paid_and_without_the_best_market() -> None:
    """One won 60, one lost 40, one was sold before its end for 10 less."""
    came_to = results(
        [
            outcome("won"),
            outcome("lost", payout=D(0)),
            outcome("sold", received_usdc=D(30), left_shares=D(0), payout=None),
        ]
    )
    assert came_to == Results(D("10.000000"), D("60.000000"), markets=3, won=1, ended=2)


@pytest.mark.parametrize(
    "changes",
    [
        {"least_shares": D(-5)},
        {"moved_otherwise": True},
        {"payout": None},
        {"payout": None, "left_shares": D("0.02"), "received_usdc": D(50)},
    ],
)
def test_what_was_not_seen_from_start_to_end_does_not_count(changes: dict[str, Any]) -> None:
    """Held before we watched, moved by a split or a transfer, not over yet; nor its market's other outcome."""
    assert results([outcome(**changes), outcome()]) == Results()


def test_r34_who_sells_to_himself_has_ended_no_market() -> None:
    """Bought and sold at the same price: nothing won, nothing lost, nothing counted."""
    idle = [outcome(str(n), received_usdc=D("40.1"), left_shares=D(0), paid_usdc=D(40)) for n in range(50)]
    assert results(idle).ended == 0


def test_b39_three_of_three_are_no_certainty() -> None:
    """The lower end of the 95 % interval (Wilson), not the bare rate."""
    assert (rate(3, 3), least_rate(D(1), 3)) == (D(1), D("0.4385"))
    assert least_rate(D("0.61"), 204) == D("0.5416")
    assert (rate(0, 0), least_rate(D(1), 0)) == (D(0), D(0))


def test_ours_replaces_an_imported_rate_once_we_know_enough() -> None:
    """As many markets as the list knew, or 20; a list that does not say of how many is sure of nothing."""
    views = [win_rate_of(n, n, D("0.6"), theirs) for n, theirs in ((19, 204), (20, 204), (5, 5), (1, None))]
    assert [view and view.source for view in views] == ["imported", "seen", "seen", "imported"]
    assert views[3] is not None
    assert (views[3].ended, views[3].least) == (0, D(0))
    assert win_rate_of(None, None, None, None) is None


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_the_lower_end_is_below_the_rate_and_grows_with_what_is_known(won: int, ended: int) -> None:
    """For any count."""
    won = min(won, ended)
    share = rate(won, ended)
    assert 0 <= least_rate(share, ended) <= share + D("0.0001")
    assert least_rate(share, ended) <= least_rate(share, 2 * ended)


def test_categories_are_shares_of_the_money() -> None:
    """Also of that whose kind is not known."""
    assert category_percent([("Sports", D(710)), ("Politics", D(200)), (None, D(90))]) == [
        ("Sports", D("71.0")), ("Politics", D("20.0")), ("unknown", D("9.0")),
    ]  # fmt: skip
    assert category_percent([]) == []


def test_a_failing_source_is_asked_ever_more_rarely_and_never_given_up() -> None:
    """5, 10, 20 s … up to ten minutes; one success forgets it; so many wallets are remembered and no more."""
    assert [pause_after(times) for times in (1, 2, 3, 7, 8, 10_000)] == [5, 10, 20, 320, 600, 600]
    aside = SetAside()
    assert (aside.put("a", 0), aside.put("a", 10)) == (5, 10)
    assert (aside.waiting(19.9), aside.waiting(20)) == (["a"], [])
    aside.done("a")
    assert aside.put("a", 0) == 5
    for number in range(MOST + 5):
        aside.put(str(number), 0)
    assert len(aside.waiting(1)) == MOST
