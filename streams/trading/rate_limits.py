"""How many POSTs an exchange takes: from this address in all, and of each signer (SAFETY R7). Pure.

What counts is what its answers say (headers); until they have said something a cautious setting stands. A quarter of
every limit is kept for SELLs. Moments are monotonic seconds.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

# A told moment in whole seconds may have been rounded down.
_ROUNDED_SECONDS: Final = 1.0
_LEAST_SPAN: Final = 0.05
_LEAST_WAIT: Final = 0.001
_LEAST_RATE: Final = 0.2
# What was halved after a refusal grows back by this with each answer that is none.
_GROWS: Final = 1.01


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is assumed of a limit before the exchange has told: POSTs a second, and how many at once."""

    per_second: float
    at_once: float


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says of one limit: requests left, seconds until all are free again, and how many all are."""

    left: float
    seconds: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place taken: the event of the bucket at which its request was sent."""

    sent: int


@dataclass(frozen=True, slots=True)
class _Heard:
    """What an answer told, at which event it came, and when all is free by it."""

    event: int
    left: float
    full_at: float | None


ANY: Final = Allowance(1e9, 1e9)
"""No limit that anybody would notice."""


class Bucket:
    """One limit. Counts what we sent, and believes what the exchange says where that is newer."""

    def __init__(self, allowance: Allowance, now: float) -> None:
        self._assumed = allowance
        self._rate = allowance.per_second
        self._cap = allowance.at_once
        self._left = allowance.at_once
        self._at = now
        self._full_at: float | None = None
        self._span = 0.0
        self._closed_until = 0.0
        self._event = 0
        self._unanswered = 0
        # Answers of which any may be the last that the exchange gave, and the newest request that was answered.
        self._heard: list[_Heard] = []
        self._newest_answered = -1
        # What may have reached the exchange after the answer that told of the reset.
        self._maybe_after = 0

    @property
    def kept_for_sells(self) -> float:
        """Of each limit a quarter."""
        return math.floor(self._cap / 4)

    def wait(self, now: float, *, sell: bool) -> float:
        """Seconds until one more may go; 0: now."""
        self._refill(now)
        needed = 1.0 if sell else 1.0 + self.kept_for_sells
        closed = max(0.0, self._closed_until - now)
        if self._left >= needed:
            return closed
        if self._full_at is not None:
            return max(closed, self._full_at - now, _LEAST_SPAN)
        return max(closed, (needed - self._left) / self._rate, _LEAST_WAIT)

    def take(self, now: float) -> Ticket:
        """One goes out."""
        self._refill(now)
        self._left -= 1
        self._event += 1
        self._unanswered += 1
        self._maybe_after += 1
        return Ticket(self._event)

    def give_back(self) -> None:
        """It did not go out after all."""
        self._left += 1
        self._unanswered -= 1
        self._maybe_after -= 1

    def answered(self, now: float, ticket: Ticket, told: Told | None) -> None:
        """An answer came, or never will (``told`` is None, as where its headers say nothing)."""
        self._refill(now)
        self._unanswered -= 1
        if told is None:
            self._rate = min(self._assumed.per_second, self._rate * _GROWS)
            return
        self._event += 1
        self._newest_answered = max(self._newest_answered, ticket.sent)
        full_at = None
        if told.seconds is not None:
            seconds = told.seconds + (_ROUNDED_SECONDS if told.seconds == int(told.seconds) else 0.0)
            self._span = max(self._span, seconds, _LEAST_SPAN)
            full_at = now + seconds
        self._believe(_Heard(self._event, told.left, full_at))
        self._cap = told.limit if told.limit is not None else max(self._cap, told.left + 1)

    def _believe(self, heard: _Heard) -> None:
        """Answers overtake each other: an answer is known to be older than a request that was sent after it came. Of
        the others the least counts, and whatever is under way may come off it yet."""
        self._heard.append(heard)
        self._heard = [each for each in self._heard if each.event > self._newest_answered]
        self._left = min(each.left for each in self._heard) - self._unanswered
        self._maybe_after = self._unanswered
        moments = [each.full_at for each in self._heard if each.full_at is not None]
        if moments:
            self._full_at = max(moments)

    def refused(self, now: float, seconds: float) -> None:
        """The exchange says "too many": nothing for so long, and half of what was assumed from then on."""
        self._closed_until = max(self._closed_until, now + seconds)
        self._left = min(self._left, 0.0)
        self._rate = max(_LEAST_RATE, self._rate / 2)
        self._cap = max(1.0, self._cap / 2)
        if self._full_at is not None:
            self._full_at = max(self._full_at, self._closed_until)

    def _refill(self, now: float) -> None:
        if self._full_at is None:
            self._left = min(self._cap, self._left + max(0.0, now - self._at) * self._rate)
        elif now >= self._full_at:
            # A bucket that fills steadily is full then but for what came after; a window begins anew.
            self._left = self._cap - max(self._unanswered, self._maybe_after)
            self._maybe_after = self._unanswered
            self._full_at = now + max(self._span, _LEAST_SPAN)
        self._at = max(self._at, now)


class RateLimits:
    """The limits of one exchange: of this address, and of each signer that posted lately."""

    def __init__(self, address: Allowance, signer: Allowance, signers_kept: int, now: float) -> None:
        self._address = Bucket(address, now)
        self._of_signers = signer
        self._signers_kept = signers_kept
        self._signers: OrderedDict[str, Bucket] = OrderedDict()
        self._out: dict[str, tuple[str, Ticket, Ticket]] = {}

    @classmethod
    def none(cls) -> RateLimits:
        """An exchange that takes everything."""
        return cls(ANY, ANY, 1, 0.0)

    def address_wait(self, now: float, *, sell: bool) -> float:
        """Seconds until this address may send one more."""
        return self._address.wait(now, sell=sell)

    def signer_wait(self, signer: str, now: float, *, sell: bool) -> float:
        """Seconds until one more of this signer may go."""
        return self._signer(signer, now).wait(now, sell=sell)

    def take(self, order_hash: str, signer: str, now: float) -> None:
        """An order goes out; ``answered`` or ``give_back`` ends it."""
        self._out[order_hash] = (signer, self._address.take(now), self._signer(signer, now).take(now))

    def give_back(self, order_hash: str, now: float) -> None:
        """It was stopped before its POST. An order that is not out changes nothing."""
        out = self._out.pop(order_hash, None)
        if out is not None:
            self._address.give_back()
            self._signer(out[0], now).give_back()

    def answered(self, order_hash: str, now: float, address: Told | None, signer: Told | None) -> None:
        """Its answer came, or never will."""
        out = self._out.pop(order_hash, None)
        if out is not None:
            self._address.answered(now, out[1], address)
            self._signer(out[0], now).answered(now, out[2], signer)

    def refused(self, signer: str, now: float, seconds: float, *, signers_own: bool) -> None:
        """A 429: of the signer where the answer tells of his limit, else of the address."""
        bucket = self._signer(signer, now) if signers_own else self._address
        bucket.refused(now, seconds)

    def _signer(self, signer: str, now: float) -> Bucket:
        found = self._signers.get(signer)
        if found is None:
            found = self._signers[signer] = Bucket(self._of_signers, now)
            if len(self._signers) > self._signers_kept:
                self._signers.popitem(last=False)
        else:
            self._signers.move_to_end(signer)
        return found
