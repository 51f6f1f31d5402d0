"""When absence is proven (SAFETY R5): enough looks, over enough time, begun after the last POST could have left."""

from __future__ import annotations

from streams.trading.proof import Doubt, ProofRules, Step

RULES = ProofRules(looks=5, seconds=45.0, post_seconds=5.0, repeat_seconds=5.0, repeats_max=3)


def test_r05_five_looks_over_45_seconds_prove_absence() -> None:
    """Looked at each second as the reconciler does: proven by the fifth look that counts, within 60 s of the POST."""
    doubt = Doubt(posted_at=0.0, arrived=True)
    for second in range(61):
        now = float(second)
        if RULES.look_is_due(doubt, now) and RULES.counts(doubt, now):
            doubt.saw_nothing(now)
        if RULES.next_step(doubt, now, fresh=True) is Step.GIVE_UP:
            break
    assert 5 + 45 <= second < 60
    assert doubt.looks == 5
    assert doubt.last_look_at - doubt.first_look_at >= 45


def test_r05_looks_that_somebody_asked_for_bring_the_end_no_nearer() -> None:
    """Ten looks within a second are not five over 45: only a look after that time proves it."""
    doubt = Doubt(posted_at=0.0, arrived=True)
    for look in range(10):
        doubt.saw_nothing(6.0 + look / 10)
    assert RULES.next_step(doubt, 55.0, fresh=True) is Step.WAIT
    doubt.saw_nothing(55.0)
    assert RULES.next_step(doubt, 55.0, fresh=True) is Step.GIVE_UP


def test_r05_a_repeat_begins_the_proof_anew() -> None:
    """What was seen before the same bytes went out again proves nothing."""
    doubt = Doubt(posted_at=0.0)
    for second in (6.0, 20.0, 30.0, 40.0, 52.0):
        doubt.saw_nothing(second)
    doubt.posted_again(52.0)
    assert doubt.looks == 0
    assert RULES.next_step(doubt, 53.0, fresh=True) is Step.WAIT
    assert not RULES.counts(doubt, 56.0)


def test_r15_bytes_that_arrived_never_go_again() -> None:
    """The exchange accepted them: no repeat, however fresh the order is."""
    assert RULES.next_step(Doubt(posted_at=0.0), 10.0, fresh=True) is Step.REPEAT
    assert RULES.next_step(Doubt(posted_at=0.0, arrived=True), 10.0, fresh=True) is Step.WAIT


def test_r05_looks_are_spread_over_the_time_they_need() -> None:
    """The first at once; then each a fourth of 45 s after the one before, and not earlier."""
    doubt = Doubt(posted_at=0.0)
    assert RULES.look_is_due(doubt, 0.0)
    doubt.saw_nothing(6.0)
    assert not RULES.look_is_due(doubt, 17.0)
    assert RULES.look_is_due(doubt, 17.25)
    assert (doubt.looks, doubt.first_look_at, doubt.last_look_at) == (1, 6.0, 6.0)
    doubt.saw_nothing(17.25)
    assert (doubt.looks, doubt.first_look_at, doubt.last_look_at) == (2, 6.0, 17.25)
    assert [RULES.counts(doubt, now) for now in (4.99, 5.0)] == [False, True]


def test_r05_neither_few_looks_nor_a_short_time_prove_absence() -> None:
    """Four looks over a minute, five over 44 s; five over 45 s do."""
    for looks, step in (
        ((6.0, 20.0, 40.0, 66.0), Step.WAIT),
        ((6.0, 20.0, 30.0, 40.0, 50.0), Step.WAIT),
        ((6.0, 20.0, 30.0, 40.0, 51.0), Step.GIVE_UP),
    ):
        doubt = Doubt(posted_at=0.0, arrived=True)
        for now in looks:
            doubt.saw_nothing(now)
        assert RULES.next_step(doubt, 70.0, fresh=True) is step


def test_r15_an_order_is_repeated_three_times_five_seconds_apart_while_it_is_fresh() -> None:
    """Each repeat counts from its own moment."""
    doubt = Doubt(posted_at=0.0)
    for repeats in range(3):
        now = doubt.posted_at
        assert RULES.next_step(doubt, now + 4.99, fresh=True) is Step.WAIT
        assert RULES.next_step(doubt, now + 5.0, fresh=False) is Step.WAIT
        assert RULES.next_step(doubt, now + 5.0, fresh=True) is Step.REPEAT
        doubt.saw_nothing(now + 5.0)
        doubt.posted_again(now + 5.0)
        assert (doubt.posted_at, doubt.looks, doubt.repeats) == (now + 5.0, 0, repeats + 1)
    assert RULES.next_step(doubt, 100.0, fresh=True) is Step.WAIT
