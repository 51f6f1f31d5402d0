"""Which verb does what. A look shows; a deed changes something and expires (UX §4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from bot.callbacks import Tap
from bot.screens.screen import Screen

if TYPE_CHECKING:
    from bot.visit import Visit

# UX §4 "Expiry", in seconds.
SAVING_SECONDS: Final = 900
STOPPING_SECONDS: Final = 120
BUYING_SECONDS: Final = 30
ARMING_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Go:
    """Show another look, with a line above it."""

    tap: Tap
    note: str = ""


Answer = Screen | Go
Act = Callable[["Visit"], Awaitable[Answer]]
Own = TypeVar("Own", bound=Act)


@dataclass(frozen=True, slots=True)
class Action:
    """What a verb does. `lives_seconds` None: for ever. `fresh`: the look shown, with the same ref, where a button
    of this verb has expired. `deed`: it changes something, so the buttons become "Working…" meanwhile. `step`: it is
    on the way somewhere and no place to come back to."""

    verb: str
    act: Act
    lives_seconds: int | None = None
    fresh: str = ""
    deed: bool = False
    step: bool = False
    fresh_arg: Callable[[str], str] = lambda _arg: ""

    def anew(self, tap: Tap) -> Tap:
        """The look that takes the place of an expired button of this verb."""
        return Tap(self.fresh, tap.ref, self.fresh_arg(tap.arg))


class Actions:
    """The verbs of some screens: a module makes one and the bot includes them all."""

    def __init__(self) -> None:
        self._by_verb: dict[str, Action] = {}

    def look(self, verb: str, *, step: bool = False) -> Callable[[Own], Own]:
        """Decorates what shows a screen. `step`: it only leads on (a chip of a wizard) and is no place for Back."""

        def add(act: Own) -> Own:
            self._add(Action(verb, act, fresh=verb, step=step))
            return act

        return add

    def deed(
        self,
        verb: str,
        *,
        fresh: str,
        lives_seconds: int | None = SAVING_SECONDS,
        fresh_arg: Callable[[str], str] = lambda _arg: "",
    ) -> Callable[[Own], Own]:
        """Decorates what changes something. Expired, its button shows `fresh` with the same ref instead, and with what
        `fresh_arg` makes of its arg."""

        def add(act: Own) -> Own:
            self._add(Action(verb, act, lives_seconds, fresh, deed=True, step=True, fresh_arg=fresh_arg))
            return act

        return add

    def include(self, other: Actions) -> None:
        """Take over another module's verbs."""
        for action in other._by_verb.values():
            self._add(action)

    def of(self, verb: str) -> Action | None:
        """The verb's action; None where there is none (any more)."""
        return self._by_verb.get(verb)

    def verbs(self) -> frozenset[str]:
        """All that are known."""
        return frozenset(self._by_verb)

    def _add(self, action: Action) -> None:
        Tap(action.verb)
        if action.verb in self._by_verb:
            raise ValueError(f"two actions of the verb {action.verb}")
        self._by_verb[action.verb] = action
