"""How the people of the play trade: what each decides when it is their turn. Pure, chance is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from ops.generator.market import Market
from schemas.enums import Side, TradeKind

# Shares in hundredths, by market's place and outcome.
Holdings = dict[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody decided: so many hundredths of shares of an outcome, in so many fills and orders."""

    market: int
    outcome: int
    side: Side
    hundredths: int
    fills: int = 1
    orders: int = 1
    kind: TradeKind = TradeKind.TRADE


Temper = Callable[[Random, Sequence[Market], Holdings], Sequence[Deed]]


def whale(chance: Random, markets: Sequence[Market], held: Holdings) -> Sequence[Deed]:
    """Large orders that eat through the book in many fills; sells a third now and then."""
    if held and chance.randrange(4) == 0:
        return _sell_part(chance, markets, held, share=3, fills=chance.randint(3, 9))
    market, outcome = _pick(chance, markets, held)
    size = _for_usdc(markets[market], outcome, chance.randint(400, 4_000))
    return [Deed(market, outcome, Side.BUY, size, fills=chance.randint(5, 16), orders=chance.randint(1, 2))]


def scalper(chance: Random, markets: Sequence[Market], held: Holdings) -> Sequence[Deed]:
    """In and out: what was bought is sold whole at the next turn or the one after."""
    if held and chance.randrange(5) < 3:
        return _sell_part(chance, markets, held, share=1, fills=chance.randint(1, 2))
    market, outcome = _pick(chance, markets, held)
    return [Deed(market, outcome, Side.BUY, _for_usdc(markets[market], outcome, chance.randint(20, 160)))]


def holder(chance: Random, markets: Sequence[Market], held: Holdings) -> Sequence[Deed]:
    """Buys a little of what is cheap and waits for the end; never sells."""
    cheap = [
        (place, outcome)
        for place, market in enumerate(markets)
        for outcome in (0, 1)
        if not market.ended
        and market.ticks * 100 // market.top != 50
        and market.price(outcome) < market.price(1 - outcome)
    ]
    market, outcome = chance.choice(cheap) if cheap else _pick(chance, markets, held)
    size = _for_usdc(markets[market], outcome, chance.randint(8, 90))
    return [Deed(market, outcome, Side.BUY, size, fills=chance.randint(1, 3))]


def redeemer(chance: Random, markets: Sequence[Market], held: Holdings) -> Sequence[Deed]:
    """Never sells: redeems what has ended, merges both sides of a market into money again, and buys both sides."""
    for (place, outcome), hundredths in held.items():
        if markets[place].ended:
            return [Deed(place, outcome, Side.SELL, hundredths, kind=TradeKind.REDEEM)]
    for (place, outcome), hundredths in held.items():
        both = min(hundredths, held.get((place, 1 - outcome), 0))
        if both > 0 and chance.randrange(2) == 0:
            return [Deed(place, side, Side.SELL, both, kind=TradeKind.MERGE) for side in (0, 1)]
    market, outcome = _pick(chance, markets, held)
    size = _for_usdc(markets[market], outcome, chance.randint(30, 240))
    other = [Deed(market, 1 - outcome, Side.BUY, size)] if chance.randrange(3) == 0 else []
    return [Deed(market, outcome, Side.BUY, size, fills=chance.randint(1, 2)), *other]


def stranger(chance: Random, markets: Sequence[Market], held: Holdings) -> Sequence[Deed]:
    """Anybody: small buys, and sales of what was bought."""
    if held and chance.randrange(3) == 0:
        return _sell_part(chance, markets, held, share=1, fills=1)
    market, outcome = _pick(chance, markets, held)
    return [Deed(market, outcome, Side.BUY, _for_usdc(markets[market], outcome, chance.randint(2, 300)))]


def _pick(chance: Random, markets: Sequence[Market], held: Holdings) -> tuple[int, int]:
    """Half the time something held already, else the newest market, which is soon over, or any living one."""
    living = [key for key in held if not markets[key[0]].ended]
    drawn = chance.randrange(8)
    if living and drawn < 4:
        return chance.choice(living)
    if drawn == 4:
        return len(markets) - 1, chance.randrange(2)
    place = chance.choice([place for place, market in enumerate(markets) if not market.ended])
    return place, chance.randrange(2)


def _for_usdc(market: Market, outcome: int, usdc: int) -> int:
    """Hundredths of shares that cost about so much, at least one share."""
    return max(int(usdc * 100 / market.price(outcome)), 100)


def _sell_part(
    chance: Random, markets: Sequence[Market], held: Holdings, *, share: int, fills: int
) -> Sequence[Deed]:
    living = [(key, hundredths) for key, hundredths in held.items() if not markets[key[0]].ended]
    if not living:
        return stranger(chance, markets, {})
    (market, outcome), hundredths = chance.choice(living)
    return [Deed(market, outcome, Side.SELL, max(hundredths // share, 1), fills=fills)]
