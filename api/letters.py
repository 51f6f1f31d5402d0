"""Dead letters looked after: planned, redriven, put away. What is sent again is sent by streams; here it is asked for.

A wallet's letters are redriven in the order they came: one before which another of the same key still lies is held
back. A plan is made of what is there; when that has changed, a redrive of it is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import pydantic
from psycopg.types.json import Json

from api.database import Transaction
from api.problems import Refused, not_found
from api.watching import WATCHED_ADDRESSES, tell_again
from schemas.enums import LetterState, RedrivePace
from schemas.ids import short_name
from schemas.letter_views import LETTERS_MOST, HeldBack, NewPlan, PlanView, RedriveView, words_of
from schemas.trades import LeaderTraded, TradeSeen

# The topics whose messages streams acknowledges (a test compares with the topology). Roles are read without a group,
# from a topic that keeps the latest of a wallet: an old message must never be that, what the table holds is told anew.
ROLES: Final = WATCHED_ADDRESSES
INBOXES: Final = ("trades", "copy_leader", "smart_trader", "markets", "leader_values")
_TRADES: Final[Mapping[str, type[TradeSeen | LeaderTraded]]] = {
    "trades": TradeSeen,
    "copy_leader": LeaderTraded,
}
PACE: Final = {RedrivePace.ONE: 1, RedrivePace.CANARY: 10, RedrivePace.RAMP: LETTERS_MOST}
_REDRIVABLE: Final = (LetterState.DEAD, LetterState.QUARANTINED, LetterState.REDRIVEN, LetterState.UNSENDABLE)


class Planned(NamedTuple):
    """What a plan would do, before it has a place in the tables."""

    plan_id: str
    letters: tuple[int, ...]
    held_back: tuple[HeldBack, ...]
    targets: dict[str, int]
    orders_most: int


@dataclass(frozen=True, slots=True)
class Desk:
    """Where letters are looked after, in one transaction; ``prefix`` stands before the topics' names."""

    transaction: Transaction
    prefix: str

    async def planned(self, asked: NewPlan) -> Planned:
        """What would be sent again, in which order; changes nothing. 404 for a letter nobody has."""
        rows = await self._rows(asked)
        wanted, held = self._sorted(rows, await self._before(rows), await self._watched(rows))
        targets: dict[str, int] = {}
        for row in wanted:
            targets[row["topic"]] = targets.get(row["topic"], 0) + 1
        trades = [trade for row in wanted if (trade := self._trade(row)) is not None]
        return Planned(_name(wanted, held), tuple(row["letter_id"] for row in wanted), tuple(held), targets,
                       await self._orders(trades))  # fmt: skip

    async def keep(self, asked: NewPlan, plan: Planned, who: str) -> PlanView:
        """Give the plan its place; the same plan again is the same."""
        await self.transaction.run(
            "keep_plan", plan_id=plan.plan_id, asked=Json(words_of(asked)), letters=list(plan.letters),
            orders_most=plan.orders_most, made_by=who,
        )  # fmt: skip
        row = await self._plan(plan.plan_id)
        return PlanView(
            plan_id=plan.plan_id, letters=tuple(map(str, plan.letters)), held_back=plan.held_back,
            targets=plan.targets, orders_most=plan.orders_most, made_by=row["made_by"], made_at=row["made_at"],
        )  # fmt: skip

    async def redrive(self, plan_id: str, pace: RedrivePace, who: str, redrive_id: str) -> RedriveView:
        """Ask for it. 404 without such a plan; conflict when the letters have changed, or another redrive runs."""
        await self.transaction.run("lock_redrives")
        plan = await self._plan(plan_id)
        running = await self.transaction.row("redrive_under_way")
        if running is not None:
            raise Refused("conflict", f"{running['redrive_id']} is under way: one redrive at a time.")
        taken = set(plan["taken"])
        left = [letter for letter in plan["letters"] if letter not in taken]
        now = await self.planned(NewPlan.model_validate(plan["asked"]))
        if left != [letter for letter in now.letters if letter not in taken]:
            raise Refused("conflict", "The letters have changed since this plan was made: plan again.")
        if not left:
            raise Refused("conflict", "Nothing of this plan is left to redrive.")
        await self.transaction.run(
            "ask_redrive", redrive_id=redrive_id, plan_id=plan_id, pace=pace.value,
            letters=left[: PACE[pace]], asked_by=who,
        )  # fmt: skip
        await self._tell_roles(left[: PACE[pace]], who, redrive_id)
        return await self.shown(redrive_id)

    async def shown(self, redrive_id: str) -> RedriveView:
        """How a redrive stands. 404 without it."""
        view = await self.transaction.view(
            RedriveView, "redrives", redrive_id=redrive_id, at=None, id=None, rows=1
        )
        if view is None:
            raise not_found("redrive")
        return view

    async def quarantine(self, letters: Sequence[str], note: str, who: str) -> None:
        """Put them away. 404 for one nobody has; conflict while one is being sent, or when it has become another."""
        await self.transaction.run("lock_redrives")
        names = [int(letter) for letter in letters]
        rows = await self.transaction.rows("letters_named", letters=names)
        if len(rows) < len(set(names)):
            raise not_found("dead letter")
        for row in rows:
            if row["state"] in (LetterState.REDRIVING, LetterState.REPEATED):
                raise Refused(
                    "conflict", f"Letter {row['letter_id']} is {row['state']}: it cannot be put away."
                )
        await self.transaction.run("quarantine", letters=sorted(set(names)), note=note, who=who)

    async def _tell_roles(self, letters: Sequence[int], who: str, redrive_id: str) -> None:
        """Letters of roles: what the table holds of their wallets goes out once more, as a version of its own."""
        topic = f"{self.prefix}{ROLES}"
        for row in await self.transaction.rows("letters_of_roles", letters=letters, topic=topic):
            version = await tell_again(self.transaction, row["wallet"])
            note = f"its wallet's roles were told anew, as version {version}"
            await self.transaction.run(
                "told_anew", letter_id=row["letter_id"], who=who, note=note, redrive_id=redrive_id
            )

    async def _watched(self, rows: Sequence[dict[str, Any]]) -> frozenset[str]:
        keys = sorted({row["key"].lower() for row in rows if row["key"] is not None})
        return frozenset(row["wallet"] for row in await self.transaction.rows("wallets_of", keys=keys))

    async def _plan(self, plan_id: str) -> dict[str, Any]:
        row = await self.transaction.row("plan", plan_id=plan_id)
        if row is None:
            raise not_found("plan")
        return row

    async def _rows(self, asked: NewPlan) -> list[dict[str, Any]]:
        names = [int(letter) for letter in asked.letters]
        topic = None if asked.topic is None else f"{self.prefix}{asked.topic}"
        rows = await self.transaction.rows(
            "letters_asked_for", letters=names, reason=asked.reason, wallet=asked.wallet, topic=topic,
            rows=LETTERS_MOST,
        )  # fmt: skip
        if names and not rows:
            raise not_found("dead letter")
        return rows

    async def _before(self, rows: Sequence[dict[str, Any]]) -> dict[tuple[str, int, str], tuple[int, int]]:
        """By topic, partition and key: offset and name of the first letter that is dead and not among these."""
        keys = sorted({row["key"].lower() for row in rows if row["key"] is not None})
        asked = [row["letter_id"] for row in rows]
        found = await self.transaction.rows("letters_before", letters=asked, keys=keys)
        return {(r["topic"], r["partition"], r["key"]): (r["offset"], r["letter_id"]) for r in found}

    def _sorted(
        self,
        rows: Sequence[dict[str, Any]],
        before: dict[tuple[str, int, str], tuple[int, int]],
        watched: frozenset[str],
    ) -> tuple[list[dict[str, Any]], list[HeldBack]]:
        wanted, held = [], []
        for row in rows:
            place = (row["topic"], row["partition"], (row["key"] or "").lower())
            why = self._why_not(row, watched) or _waits(row, before.get(place))
            if why is None:
                wanted.append(row)
                continue
            held.append(HeldBack(letter_id=str(row["letter_id"]), why=why))
            # What came after it waits for it, too.
            before.setdefault(place, (row["offset"], row["letter_id"]))
        return wanted, held

    def _why_not(self, row: Mapping[str, Any], watched: frozenset[str]) -> str | None:
        if row["topic"] == f"{self.prefix}{ROLES}" and (row["key"] or "").lower() not in watched:
            return "it is of no watched wallet: nothing is to be told, put it away"
        if row["topic"] not in {f"{self.prefix}{name}" for name in (*INBOXES, ROLES)}:
            return f"{row['topic']} is no topic that is read with a mark of what was handled"
        if row["state"] not in _REDRIVABLE:
            return f"it is {row['state']}"
        return None

    def _trade(self, row: Mapping[str, Any]) -> TradeSeen | LeaderTraded | None:
        """The trade it would be taken for; none for what this version cannot read, which comes back."""
        kind = _TRADES.get(row["topic"].removeprefix(self.prefix))
        if kind is None:
            return None
        try:
            trade = kind.decode(row["body"])
        except pydantic.ValidationError:
            return None
        return trade.model_copy(update={"traded_at": min(trade.traded_at, row["first_seen_at"])})

    async def _orders(self, trades: Sequence[TradeSeen | LeaderTraded]) -> int:
        copied = [trade for trade in trades if trade.kind == "trade"]
        row = await self.transaction.row(
            "orders_that_could_come",
            wallets=[trade.wallet for trade in copied], trade_ids=[trade.trade_id for trade in copied],
            sides=[trade.side.value for trade in copied], token_ids=[trade.token_id for trade in copied],
            traded_at=[trade.traded_at for trade in copied],
        )  # fmt: skip
        return 0 if row is None else int(row["orders"])


def _waits(row: Mapping[str, Any], before: tuple[int, int] | None) -> str | None:
    if before is None or row["key"] is None or before[0] > row["offset"]:
        return None
    return f"letter {before[1]} of the same key came before it: redrive it too, or put it away first"


def _name(wanted: Sequence[Mapping[str, Any]], held: Sequence[HeldBack]) -> str:
    """The plan's name says what it would do: the same letters in the same states have the same."""
    said = [f"{row['letter_id']}/{row['state']}/{row['changed_at']}" for row in wanted]
    said += [f"{each.letter_id}/{each.why}" for each in held]
    return short_name("P", hashlib.sha256("\n".join(said).encode()).hexdigest())
