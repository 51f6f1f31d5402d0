"""The way of a copy in its named shapes, each small enough that every one of its boundaries can be struck."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from ops.simulation.exchange import Fate
from ops.simulation.scenario import (
    GARBAGE,
    LEADERS,
    SMART,
    TOKENS,
    Blow,
    Deed,
    Faults,
    Follows,
    Happening,
    Scenario,
    settings,
    trade,
)
from schemas.enums import Side, TradeKind

_ONE: Final = (Follows("A-1", "M-1", LEADERS[0], settings()),)
_CROWD: Final = (
    *_ONE,
    Follows("A-2", "M-2", LEADERS[0], settings(multiplier="0.5", budget_usdc="20")),
)
_TWO_LEADERS: Final = (
    Follows("A-1", "M-1", LEADERS[0], settings(multiplier="0.5")),
    Follows("A-2", "M-1", LEADERS[1], settings(multiplier="0.5")),
)
_CASH: Final = {"M-1": Decimal(100), "M-2": Decimal(30)}
_BUY: Final = trade(0.0, 1, Side.BUY, "60")
_SELL: Final = trade(3.0, 2, Side.SELL, "60")
_HANG: Final = Fate(answers=None)
_FAILS: Final = Fate(fails=1.0)
_LOST: Final = Fate(arrives=None, answers=None)


def _scene(
    name: str, *happenings: Happening, fates: tuple[Fate, ...] = (), follows: tuple[Follows, ...] = _ONE
) -> Scenario:
    return Scenario(
        name, sorted(happenings, key=lambda each: each.at), follows, _CASH, Decimal("0.05"), fates
    )


def _again(happening: Happening, at: float) -> Happening:
    return replace(happening, at=at)


SCENES: Final = (
    _scene("buy", _BUY),
    _scene("buy, sell", _BUY, _SELL),
    _scene("two followers", _BUY, _SELL, follows=_CROWD),
    _scene(
        "burst",
        _BUY,
        trade(0.3, 3, Side.BUY, "40"),
        trade(0.6, 4, Side.BUY, "40"),
        trade(6.0, 5, Side.SELL, "70"),
    ),
    _scene("sell while the buy is out", _BUY, trade(0.05, 2, Side.SELL, "60"), fates=(Fate(answers=3.0),)),
    _scene("message twice", _BUY, _again(_BUY, 0.4), _SELL, _again(_BUY, 5.0), _again(_SELL, 6.0)),
    _scene("message nobody can read", Happening(0.1, Deed.TRADE, LEADERS[0], GARBAGE), _BUY, _SELL),
    _scene("unknown, filled", _BUY, _SELL, fates=(_HANG,)),
    _scene("unknown, never arrived", _BUY, _SELL, fates=(_LOST,)),
    _scene("unknown, never arrives at all", _BUY, fates=(_LOST, _LOST, _LOST, _LOST)),
    _scene("accepted, then 500", _BUY, _SELL, fates=(Fate(status=500),)),
    _scene("sale unknown", _BUY, _SELL, fates=(Fate(), _HANG)),
    _scene("late fill", _BUY, fates=(Fate(arrives=110.0, answers=None), _LOST, _LOST, _LOST)),
    _scene("partial", _BUY, _SELL, fates=(Fate(part=1), Fate(part=1))),
    _scene("nobody sells", _BUY, fates=(Fate(part=0),)),
    _scene("refused", _BUY, fates=(Fate(refuses="not enough balance / allowance"),)),
    _scene(
        "sale refused, tried again", _BUY, _SELL, fates=(Fate(), Fate(refuses="breaks minimum tick size"))
    ),
    _scene("trades listed late", _BUY, _SELL, fates=(Fate(listed=4.0),)),
    _scene("rests", _BUY, fates=(Fate(rests=True),)),
    _scene("425", _BUY, fates=(Fate(status=425, part=0),)),
    _scene(
        "pause, resume", _BUY, Happening(0.25, Deed.PAUSE, "A-1"), Happening(3.5, Deed.RESUME, "A-1"), _SELL
    ),
    _scene(
        "stop while unknown",
        _BUY,
        Happening(1.0, Deed.STOP_BUYS, ""),
        Happening(9.0, Deed.ALLOW_BUYS, ""),
        fates=(_LOST,),
    ),
    _scene(
        "end while a sale is out", _BUY, _SELL, Happening(3.3, Deed.END, "A-1"), fates=(Fate(), Fate(part=1))
    ),
    _scene(
        "two leaders, one purse",
        trade(0.0, 1, Side.BUY, "300"),
        trade(0.0, 2, Side.BUY, "300", leader=LEADERS[1]),
        follows=_TWO_LEADERS,
    ),
    _scene("two tokens", _BUY, trade(0.1, 3, Side.BUY, "60", token_id=TOKENS[1]), _SELL),
    _scene("moved away", _BUY, trade(2.0, 3, Side.SELL, "30", kind=TradeKind.TRANSFER), _SELL),
    replace(
        _scene(
            "flood",
            *(trade(number * 0.2, number, Side.BUY, "30") for number in range(1, 6)),
            trade(2.0, 6, Side.SELL, "60"),
            _again(trade(1.0, 5, Side.BUY, "30"), 4.0),
            trade(63.0, 7, Side.BUY, "30"),
            follows=_CROWD,
        ),
        buys_most=3,
    ),
    _scene("purchase taken back", _BUY, fates=(_FAILS,)),
    _scene("sale taken back, sold again", _BUY, _SELL, fates=(Fate(), _FAILS)),
    _scene("purchase taken back after its sale", _BUY, _SELL, fates=(Fate(fails=6.0),)),
    _scene("purchase shown after the exit", _BUY, _SELL, fates=(Fate(answers=None, listed=15.0),)),
    _scene(
        "bought by hand, sold by hand",
        Happening(0.2, Deed.BUY_BY_HAND, "M-1", b"7.5"),
        Happening(3.0, Deed.SELL_BY_HAND, "M-1", b"0.5"),
    ),
    _scene(
        "two by hand, one purse",
        Happening(0.2, Deed.BUY_BY_HAND, "M-1", b"60"),
        Happening(0.21, Deed.BUY_BY_HAND, "M-1", b"60"),
    ),
    _scene("sold by hand before the leader", _BUY, Happening(2.0, Deed.SELL_BY_HAND, "M-1", b"0.5"), _SELL),
    _scene("a smart trader trades", trade(0.0, 9, Side.BUY, "60", leader=SMART), _BUY),
)
"""Every scene is struck at each of its steps, by each blow."""


def struck(scene: Scenario, step: int, blow: Blow) -> Scenario:
    """The scene with one blow before one step."""
    return replace(scene, name=f"{scene.name}, {blow} at step {step}", faults=Faults(blows={step: blow}))
