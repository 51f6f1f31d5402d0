"""S14b money in and out: an address to pay to, and withdrawals to addresses added a day before. No way in without a
way out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from bot import reading, verbs
from bot.callbacks import Tap, base36
from bot.client.errors import Refused
from bot.registry import Actions, Go
from bot.screens.arming import MOMENT_SIGNS
from bot.screens.figures import had, paid, venue
from bot.screens.screen import Button, Screen
from bot.screens.wallet import ACCOUNTS_PATH, LIVE_PATH, live_of
from bot.typed import cents_sum
from bot.visit import Visit
from bot.words import Html, Words, foreign, lines
from schemas.account_views import DepositView, WithdrawalAddressView, WithdrawalView
from schemas.enums import Venue
from schemas.figures import short_wallet
from schemas.money import floor_cents
from schemas.views import AccountView

actions = Actions()
ADDRESSES_PATH: Final = "/v1/me/withdrawal-addresses"
WITHDRAWALS_PATH: Final = f"{LIVE_PATH}/withdrawals"
ADDRESSES_SHOWN: Final = 4
LEAST_USDC: Final = Decimal(1)
_ADDRESS: Final = re.compile(r"0x[0-9a-f]{40}")


def deposit(words: Words, found: DepositView) -> Screen:
    """S14b: where money may come from."""
    text = words.say(
        "s14b.deposit",
        venue=venue(Venue.POLYMARKET),
        address=found.address,
        network=found.network,
        token=found.token,
        least=paid(found.least_usdc),
    )
    copying = Button(words.label("s14b.copy"), copies=found.address)
    return Screen(text, ((copying,),), back=Tap(verbs.WALLET))


def withdraw(
    words: Words,
    addresses: Sequence[WithdrawalAddressView],
    latest: WithdrawalView | None,
    free: Decimal,
    now: datetime,
) -> Screen:
    """S14b: the addresses, and when each may be used."""
    said = [_address(words, each, now) for each in addresses[:ADDRESSES_SHOWN]]
    text = lines(
        words.say("s14b.withdraw", venue=venue(Venue.POLYMARKET), free=had(free)),
        *(said or [words.say("s14b.no_address")]),
        None if latest is None else _latest(words, latest),
    )
    usable = [each for each in addresses[:ADDRESSES_SHOWN] if each.usable_from <= now]
    rows = tuple(
        (
            Button(
                words.label("s14b.to", name=each.label or short_wallet(each.address)),
                Tap(verbs.WITHDRAW_AMOUNT, each.address_id),
            ),
        )
        for each in usable
    )
    adding = Button(words.label("s14b.add"), Tap(verbs.WITHDRAW_ADDRESS))
    return Screen(text, (*rows, (adding,)), back=Tap(verbs.WALLET))


def _address(words: Words, each: WithdrawalAddressView, now: datetime) -> Html:
    name = short_wallet(each.address) if each.label is None else f"{each.label} {short_wallet(each.address)}"
    if each.usable_from <= now:
        return words.say("s14b.address", name=name)
    return words.say("s14b.address_from", name=name, t=words.when(each.usable_from, now))


def _latest(words: Words, latest: WithdrawalView) -> Html:
    return words.say(
        "s14b.latest",
        usdc=had(latest.usdc),
        name=short_wallet(latest.address),
        state=words.say(f"s14b.state.{latest.state.value}"),
        cause=foreign(latest.cause, 160),
    )


@actions.look(verbs.DEPOSIT)
async def show_deposit(visit: Visit) -> Screen:
    """The address, while a withdrawal works; else why there is none."""
    try:
        found = await visit.api.look(DepositView, f"{LIVE_PATH}/deposit", fresh=True)
    except Refused as refused:
        words = visit.words
        first = Button(words.label("s14.set_up"), Tap(verbs.LIVE_CHECKS))
        text = lines(words.say("s14b.no_way_in"), foreign(refused.detail, 300))
        return Screen(text, ((first,),), back=Tap(verbs.WALLET))
    return deposit(visit.words, found)


@actions.look(verbs.WITHDRAW)
async def show_withdrawals(visit: Visit) -> Screen:
    """S14b."""
    accounts = await visit.api.look(tuple[AccountView, ...], ACCOUNTS_PATH, fresh=True)
    live = live_of(accounts)
    if live is None:
        first = Button(visit.words.label("s14.set_up"), Tap(verbs.LIVE_CHECKS))
        return Screen(visit.words.say("s14b.no_account"), ((first,),), back=Tap(verbs.WALLET))
    addresses = await visit.api.look(tuple[WithdrawalAddressView, ...], ADDRESSES_PATH, fresh=True)
    past = await visit.api.listed(WithdrawalView, WITHDRAWALS_PATH, 1)
    return withdraw(visit.words, addresses, past[0] if past else None, live.free_usdc, visit.now)


@actions.look(verbs.WITHDRAW_ADDRESS, step=True)
async def add_address(visit: Visit) -> Screen | Go:
    """An address is typed; it works a day later, and the person is told."""
    words, typed = visit.words, visit.typed
    back = Tap(verbs.WITHDRAW)
    if typed is None:
        leave = Button(words.label("bot.cancel"), back)
        return Screen(words.say("s14b.which"), ((leave,),), back=back, asks=visit.tap)
    address = reading.clean(typed).lower()
    if not _ADDRESS.fullmatch(address):
        leave = Button(words.label("bot.cancel"), back)
        return Screen(words.say("s14b.no_such"), ((leave,),), back=back, asks=visit.tap)
    added = await visit.api.post(
        WithdrawalAddressView, ADDRESSES_PATH, {"address": address}, key=f"address/{address}/{visit.moment}"
    )
    return Go(back, words.say("s14b.added", t=words.when(added.usable_from, visit.now)))


@actions.look(verbs.WITHDRAW_AMOUNT, step=True)
async def ask_amount(visit: Visit) -> Screen:
    """How much; then the same once more."""
    words, back = visit.words, Tap(verbs.WITHDRAW)
    leave = Button(words.label("bot.cancel"), back)
    live = live_of(await visit.api.look(tuple[AccountView, ...], ACCOUNTS_PATH))
    most = floor_cents(live.free_usdc) if live is not None else Decimal(0)
    if visit.typed is None:
        said = words.say("s14b.how_much", free=had(most))
        return Screen(said, ((leave,),), back=back, asks=visit.tap)
    amount = cents_sum(visit.typed)
    if amount is None or not LEAST_USDC <= amount <= max(most, LEAST_USDC):
        said = words.say("bot.between", min=had(LEAST_USDC), max=had(most))
        return Screen(said, ((leave,),), back=back, asks=visit.tap)
    asks = Tap(verbs.WITHDRAW_AGAIN, visit.tap.ref, visit.moment + base36(int(amount * 100)))
    return Screen(words.say("s14b.once_more", usdc=had(amount)), ((leave,),), back=back, asks=asks)


@actions.look(verbs.WITHDRAW_AGAIN, step=True)
async def send(visit: Visit) -> Go:
    """The amount was typed twice."""
    words, back = visit.words, Tap(verbs.WITHDRAW)
    amount = Decimal(int(visit.tap.arg[MOMENT_SIGNS:] or "0", 36)) / 100
    if visit.typed is None or cents_sum(visit.typed) != amount:
        return Go(back, words.say("s14b.not_the_same"))
    body = {"address_id": visit.tap.ref, "usdc": str(amount), "usdc_again": str(amount)}
    made = await visit.api.post(
        WithdrawalView, WITHDRAWALS_PATH, body, key=f"withdraw/{visit.tap.ref}/{visit.tap.arg}"
    )
    return Go(back, words.say("s14b.asked", usdc=had(made.usdc), name=short_wallet(made.address)))
