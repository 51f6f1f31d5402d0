"""Dead letters as operators are shown them, and what they ask for (UX §5, §6)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from schemas.base import Moment
from schemas.enums import DeadLetterReason, LetterState, RedrivePace
from schemas.ids import Wallet
from schemas.requests import Asked, Sentence
from schemas.views import View

LETTERS_MOST = 10_000
"""A plan holds so many letters at most; a longer inbox takes several."""
LetterId = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]


class LetterGroup(View):
    """Letters that failed for the same reason: ``words`` is what was said, without the numbers and names in it;
    ``letters`` counts those that were never looked after, ``all`` every one. Times are the topic's."""

    reason: DeadLetterReason
    stage: str
    topic: str
    words: str
    letters: int
    all: int
    first_at: Moment
    last_at: Moment
    newest: str


class LetterGroups(View):
    """The inbox by reason, most letters first."""

    items: tuple[LetterGroup, ...]
    as_of: Moment


class LetterChange(View):
    """One change of a letter's state."""

    from_state: LetterState
    to_state: LetterState
    who: str
    note: str
    redrive_id: str | None
    at: Moment


class HeldBack(View):
    """A letter that a plan leaves out, and why."""

    letter_id: str
    why: str


class NewPlan(Asked):
    """Which letters: some by name, also such as were put away or redriven; or all that are dead, of a reason, a wallet,
    or a topic (the contract's name)."""

    letters: Annotated[tuple[LetterId, ...], Field(max_length=LETTERS_MOST)] = ()
    reason: DeadLetterReason | None = None
    wallet: Wallet | None = None
    topic: Annotated[str, Field(max_length=80)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> NewPlan:
        if self.letters and (self.reason or self.wallet or self.topic):
            raise ValueError("letters: named letters need no reason, wallet or topic")
        return self


class PlanView(View):
    """What would be sent again, in this order, and what not; ``orders_most``: at most so many copy orders with an order
    at the exchange can come of it now. Nothing is sent by a plan."""

    plan_id: str
    letters: tuple[str, ...]
    held_back: tuple[HeldBack, ...]
    targets: dict[str, int]
    orders_most: int
    made_by: str
    made_at: Moment


class NewRedrive(Asked):
    """Redrive a plan's letters that were not redriven by it yet."""

    plan_id: Annotated[str, Field(min_length=1, max_length=40)]
    pace: RedrivePace = RedrivePace.ONE


class RedriveView(View):
    """A redrive: so many letters to send, sent, redriven, come back; ``cause`` says why it halted."""

    redrive_id: str
    plan_id: str
    pace: RedrivePace
    state: str
    cause: str | None
    letters: int
    sent: int
    redriven: int
    repeated: int
    asked_by: str
    asked_at: Moment
    begun_at: Moment | None
    ended_at: Moment | None


class NewQuarantine(Asked):
    """Put letters away, with the reason why nobody needs them."""

    letters: Annotated[tuple[LetterId, ...], Field(min_length=1, max_length=500)]
    note: Sentence


class QuarantineView(View):
    """The letters that are put away now."""

    letters: tuple[str, ...]
    note: str


def words_of(asked: NewPlan) -> dict[str, Any]:
    """What was asked for, as it is kept with the plan."""
    return asked.model_dump(mode="json", exclude_none=True)
