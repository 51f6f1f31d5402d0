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
