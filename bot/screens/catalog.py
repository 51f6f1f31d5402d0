"""Every setting of a following as the chat shows it: its page, what is typed and offered (RULES §2). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from bot import typed
from bot.screens.figures import cents, had
from bot.words import Html, Words, foreign
from schemas import figures
from schemas.allocations import AllocationSettings
from schemas.enums import BelowMinimum, CopyMode, Entries
from schemas.money import plain


class Kind(StrEnum):
    """What a setting's value is."""

    USDC = "usdc"
    PRICE = "price"
    PERCENT = "percent"
    TIMES = "times"
    SPAN = "span"
    COUNT = "count"
    CHOICE = "choice"
    FLAG = "flag"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `chips` are values as the API takes them; `clears`: it may be taken away (null)."""

    name: str
    page: str
    kind: Kind
    chips: tuple[str, ...] = ()
    clears: bool = False


PAGES: Final = ("amount", "prices", "timing", "limits", "which", "both")
_USDC: Final = ("2", "5", "10", "25")
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting("mode", "amount", Kind.CHOICE, tuple(CopyMode)),
    Setting("fixed_amount_usdc", "amount", Kind.USDC, _USDC, clears=True),
    Setting("multiplier", "amount", Kind.TIMES, ("0.01", "0.1", "1"), clears=True),
    Setting("budget_usdc", "amount", Kind.USDC, ("25", "50", "100", "250"), clears=True),
    Setting("budget_percent", "amount", Kind.PERCENT, ("10", "25", "50"), clears=True),
    Setting("min_price", "prices", Kind.PRICE, ("0.01", "0.05", "0.1", "0.2")),
    Setting("max_price", "prices", Kind.PRICE, ("0.8", "0.9", "0.95", "0.99")),
    Setting("buy_slippage", "prices", Kind.PRICE, ("0.01", "0.02", "0.03", "0.05")),
    Setting("sell_slippage", "prices", Kind.PRICE, ("0.02", "0.05", "0.1")),
    Setting("buy_slippage_percent", "prices", Kind.PERCENT, ("5", "10", "20")),
    Setting("sell_slippage_percent", "prices", Kind.PERCENT, ("10", "20", "50")),
    Setting("max_age_seconds", "timing", Kind.SPAN, ("15", "30", "60", "300")),
    Setting("min_seconds_to_end", "timing", Kind.SPAN, ("0", "600", "3600", "86400")),
    Setting("max_per_trade_usdc", "limits", Kind.USDC, _USDC, clears=True),
    Setting("max_per_market_usdc", "limits", Kind.USDC, ("5", "10", "25", "50"), clears=True),
    Setting("max_per_day_usdc", "limits", Kind.USDC, ("10", "25", "50", "100"), clears=True),
    Setting("max_loss_usdc", "limits", Kind.USDC, ("25", "50", "100", "250"), clears=True),
    Setting("min_trade_usdc", "limits", Kind.USDC, ("1", "2", "5")),
    Setting("below_minimum", "limits", Kind.CHOICE, tuple(BelowMinimum)),
    Setting("leader_min_usdc", "which", Kind.USDC, ("5", "20", "100"), clears=True),
    Setting("leader_max_usdc", "which", Kind.USDC, ("1000", "10000"), clears=True),
    Setting("entries", "which", Kind.CHOICE, tuple(Entries)),
    Setting("max_adds", "which", Kind.COUNT, ("0", "1", "2", "5"), clears=True),
    Setting("allowed_categories", "which", Kind.NAMES, ("politics", "sports", "crypto"), clears=True),
    Setting("blocked_categories", "which", Kind.NAMES, ("politics", "sports", "crypto"), clears=True),
    Setting("blocked_keywords", "which", Kind.NAMES, (), clears=True),
    Setting("copy_buys", "both", Kind.FLAG, ("true", "false")),
    Setting("copy_sells", "both", Kind.FLAG, ("true", "false")),
    Setting("exit_attempts_max", "both", Kind.COUNT, ("3", "5", "10")),
    Setting("exit_min_percent", "both", Kind.PERCENT, ("0", "50", "80")),
)
BY_NAME: Final = {setting.name: number for number, setting in enumerate(SETTINGS)}


def of_page(page: str) -> list[tuple[int, Setting]]:
    """The settings of a page with their numbers."""
    return [(number, setting) for number, setting in enumerate(SETTINGS) if setting.page == page]


def default_of(setting: Setting) -> Any:
    """What it is where nobody chose: None where there is none."""
    field = AllocationSettings.model_fields[setting.name]
    return None if field.is_required() else field.default


def shown(words: Words, setting: Setting, value: Any) -> Html:
    """A value as people read it; `value` as in the settings, or as the API takes it."""
    if value is None or value == ():
        return words.say("set.none")
    if setting.kind is Kind.FLAG:
        return words.say("set.on" if str(value).lower() == "true" else "set.off")
    if setting.kind is Kind.CHOICE:
        return words.say(f"set.{setting.name}.{getattr(value, 'value', value)}")
    if setting.kind is Kind.NAMES:
        return foreign(", ".join([value] if isinstance(value, str) else value))
    return _NUMBERS[setting.kind](words, Decimal(str(value)))


_NUMBERS: Final[Mapping[Kind, Callable[[Words, Decimal], Html]]] = {
    Kind.USDC: lambda _words, value: had(value),
    Kind.PRICE: lambda _words, value: cents(value),
    Kind.PERCENT: lambda _words, value: Html(f"{plain(value)} %"),
    Kind.TIMES: lambda _words, value: Html(f"×{plain(value)}"),
    Kind.SPAN: lambda _words, value: Html(figures.span(int(value))),
    Kind.COUNT: lambda _words, value: Html(plain(value)),
}


def allowed(words: Words, setting: Setting) -> Html:
    """What may be chosen, in words."""
    low, high = bounds(setting.name)
    if setting.kind in (Kind.CHOICE, Kind.FLAG):
        return Html(", ".join(shown(words, setting, each) for each in setting.chips))
    if setting.kind is Kind.NAMES:
        return words.say("set.names_allowed")
    least = None if low is None else shown(words, setting, low)
    most = None if high is None else shown(words, setting, high)
    if least is not None and most is not None:
        return words.say("set.between", min=least, max=most)
    return words.say("set.least", min=least or Html("0"))


def bounds(name: str) -> tuple[Decimal | None, Decimal | None]:
    """The least and the most that `AllocationSettings` itself takes, where it names them."""
    schema = AllocationSettings.model_fields[name]
    low: Decimal | None = None
    high: Decimal | None = None
    for rule in _rules(schema):
        low = Decimal(str(rule.ge)) if getattr(rule, "ge", None) is not None else low
        low = Decimal(str(rule.gt)) if getattr(rule, "gt", None) is not None else low
        high = Decimal(str(rule.le)) if getattr(rule, "le", None) is not None else high
        if getattr(rule, "lt", None) is not None and Decimal(str(rule.lt)) <= 1:
            high = Decimal(str(rule.lt))
    return low, high


def _rules(schema: Any) -> list[Any]:
    found = list(schema.metadata)
    for part in getattr(schema.annotation, "__args__", ()):
        found += [
            rule for meta in getattr(part, "__metadata__", ()) for rule in getattr(meta, "metadata", [meta])
        ]
    return found


def read(setting: Setting, text: str) -> Any:
    """What somebody typed as the API takes it; None where it is no such value. The API looks at the bounds."""
    match setting.kind:
        case Kind.NAMES:
            names = [each.strip() for each in text.split(",") if each.strip()]
            return names or None
        case Kind.SPAN:
            return typed.span(text)
        case Kind.COUNT:
            number = typed.usdc(text)
            return None if number is None or number % 1 else int(number)
        case Kind.USDC:
            return _text(typed.usdc(text))
        case Kind.PRICE:
            return _text(typed.price(text))
        case Kind.PERCENT:
            number = typed.percent(text)
            return _text(typed.usdc(text) if number is None else number)
        case Kind.TIMES:
            return _text(typed.times(text))
        case _:
            return None


def chip(setting: Setting, code: str) -> Any:
    """A chip's value as the API takes it."""
    match setting.kind:
        case Kind.FLAG:
            return code == "true"
        case Kind.SPAN | Kind.COUNT:
            return int(code)
        case Kind.NAMES:
            return [code]
        case _:
            return code


def _text(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)
