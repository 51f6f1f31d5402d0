"""What an action is given: who asks, what for, in which words, and the API acting for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.callbacks import Tap, base36
from bot.client.asking import UserApi
from bot.wallet_names import WalletNames
from bot.words import Words
from schemas.views import UserView


@dataclass(frozen=True, slots=True)
class Visit:
    """One tap, command or typed answer of one person.

    `typed`: what they wrote, where a screen asked for it. `hint`: the address that the tapped message lets copy.
    `new`: it is their first word; `again`: the page looks at itself anew (`Screen.again_seconds`). `nonce` is new for
    each update (two taps of one button are two updates, so a deed's key must not hold it unless the deed may happen
    twice). `forget_me`: call it after changing language or zone.
    """

    telegram_id: int
    user: UserView
    api: UserApi
    words: Words
    tap: Tap
    now: datetime
    wallets: WalletNames
    nonce: str = ""
    typed: str | None = None
    hint: str | None = None
    new: bool = False
    again: bool = False
    forget_me: Callable[[], None] = lambda: None

    @property
    def moment(self) -> str:
        """Now, for a button that is a deed of its own each time it is shown."""
        return base36(int(self.now.timestamp()))

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        """The person's quick amounts."""
        return self.user.quick_amounts or (Decimal(5), Decimal(25))
