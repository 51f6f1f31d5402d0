"""The causal chain of one copy as lines for a terminal (UX S10). Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from rich.text import Text

from ops.figures.words import GLYPHS
from schemas.enums import Side, Venue
from schemas.ids import Wallet
from schemas.money import plain
from schemas.why import WhyFill, WhyView


def why_lines(told: WhyView, *, all_checks: bool = False) -> list[Text]:
    """The chain: in one sentence, then their trade, seen, decided, sent, filled, ended."""
    copy = told.copy_order
    venue = "📄 PAPER" if copy.venue is Venue.PAPER else "🔴 LIVE"
    lines = [
        Text.assemble((copy.copy_order_id, "bold cyan"), f" {venue} {GLYPHS[copy.state]} {copy.state.value}"),
        Text(told.sentence, style="bold"),
        *(_step(number, name, text) for number, (name, text) in enumerate(_chain(told), start=1)),
    ]
    if told.setting is not None:
        value = "not set" if told.setting.value is None else told.setting.value
        lines.append(Text(f"  the setting that would change it: {told.setting.name} ({value})"))
    return lines + (_checks(told) if all_checks else [])


def _chain(told: WhyView) -> list[tuple[str, str]]:
    chain = [("their trade", _trade(told)), ("seen by us", _seen(told)), ("decision", _decision(told))]
    for order in told.orders:
        posted = "not sent" if order.posted_at is None else f"sent {_clock(order.posted_at)}"
        answered = "" if order.answered_at is None else f", answered {_clock(order.answered_at)}"
        words = f" · “{order.words}”" if order.words else ""
        chain.append(
            (
                f"order {order.attempt}" if len(told.orders) > 1 else "order",
                f"{order.state.value}: signed {_clock(order.signed_at)}, {posted}{answered}, limit "
                f"{_cents(order.limit_price)} · {_short(order.order_hash)}{words}",
            )
        )
    chain += [("fill", _fill(told, fill)) for fill in told.fills]
    last = told.steps[-1] if told.steps else None
    if last is not None and told.copy_order.ended_at is not None:
        chain.append(("end", f"{_clock(told.copy_order.ended_at)} {last.to_state.value}: {last.cause}"))
    return chain


def _fill(told: WhyView, fill: WhyFill) -> str:
    return (
        f"{plain(fill.shares)} at {_cents(fill.price)} for {plain(fill.usdc)}, fee {plain(fill.fee_usdc)}, "
        f"{fill.status.lower()} · {_after(told.trade.traded_at, fill.matched_at)} after {_leader(told)}"
    )


def _trade(told: WhyView) -> str:
    trade, copy = told.trade, told.copy_order
    size = "" if trade.usdc is None else f" for {plain(trade.usdc)}"
    price = "" if trade.price is None else f" at {_cents(trade.price)}"
    return (
        f"{_clock(trade.traded_at)} {_leader(told)} {trade.side.value}{size}{price} {copy.outcome or 'token'} · "
        f"{copy.question or 'question not known'}"
    )


def _seen(told: WhyView) -> str:
    classified = told.seen.classified_at
    sorted_ = "" if classified is None else f", sorted {_after(told.seen.appended_at, classified)} later"
    return f"{_clock(told.seen.appended_at)}, {plain(told.seen.seconds_after)} s after the trade{sorted_}"


def _decision(told: WhyView) -> str:
    decision = told.decision
    parts = [f"{_clock(decision.at)} by settings version {decision.version}"]
    if decision.wanted is not None:
        unit = "" if told.trade.side is Side.BUY else " shares"
        parts.append(f"wanted {plain(decision.wanted)}{unit}")
    if decision.amount_usdc is not None:
        parts.append(f"amount {plain(decision.amount_usdc)}")
    if decision.shares is not None:
        parts.append(f"{plain(decision.shares)} shares")
    if decision.reduced_by is not None:
        parts.append(f"made smaller by {decision.reduced_by.value}")
    if decision.limit is not None:
        parts.append(f"limit {_cents(decision.limit)}")
    failed = [check.name for check in decision.checks if not check.passed]
    passed = len(decision.checks) - len(failed)
    parts.append(f"{passed} checks passed" + (f", failed: {', '.join(failed)}" if failed else ""))
    rooms = " · ".join(
        f"{room.name.value.lower().replace('_', ' ')} {plain(room.usdc)}" for room in decision.rooms
    )
    return ", ".join(parts) + (f"\n                room: {rooms}" if rooms else "")


def _checks(told: WhyView) -> list[Text]:
    lines = [Text("  checks", style="bold")]
    for check in told.decision.checks:
        found = "" if check.value is None else f" {check.value}"
        limit = "" if check.limit is None else f" (limit {check.limit})"
        mark, style = ("✓", "green") if check.passed else ("✗", "bold red")
        lines.append(Text.assemble("  ", (mark, style), f" {check.name}{found}{limit}"))
    return lines


def _step(number: int, name: str, text: str) -> Text:
    return Text.assemble(f"  {number} ", (f"{name:<12}", "bold"), f" {text}")


def _leader(told: WhyView) -> str:
    return told.copy_order.leader_label or _short(told.trade.leader)


def _short(wallet: Wallet | str) -> str:
    return f"{wallet[:6]}…{wallet[-4:]}"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}"


def _after(first: datetime, then: datetime) -> str:
    milliseconds = (then - first).total_seconds() * 1000
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.2f} s"


def _cents(price: Decimal) -> str:
    """A price as a person reads it, cut to hundredths of a cent: ``52.08¢``."""
    return f"{plain((price * 100).quantize(Decimal('0.01')))}¢"
