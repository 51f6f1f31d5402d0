"""S11 [Chart]: the net result of 30 days, as a picture below the panel."""

from __future__ import annotations

from typing import Final

from bot import verbs
from bot.callbacks import Tap
from bot.picture import Chart, drawn, whole_days
from bot.registry import Actions
from bot.screens.figures import signed, venue
from bot.screens.screen import Button, Screen
from bot.visit import Visit
from bot.words import Html
from schemas.enums import Venue
from schemas.market_views import PnlView
from schemas.money import ZERO

actions = Actions()
DAYS: Final = 30
LIVE_ARG: Final = "l"


@actions.look(verbs.CHART, step=True)
async def show_chart(visit: Visit) -> Screen:
    """The sum in words; the picture where anything was realised."""
    words = visit.words
    which = Venue.POLYMARKET if visit.tap.arg.startswith(LIVE_ARG) else Venue.PAPER
    found = await visit.api.look(PnlView, "/v1/pnl", window=f"{DAYS}d", venue=which.value)
    days = whole_days([(each.day, each.net_usdc) for each in found.by_day], found.as_of.date(), DAYS)
    back = Tap(verbs.POSITIONS)
    rows = ((Button(words.label("s2.positions"), back),),)
    total = sum((result for _, result in days), ZERO)
    if not any(result for _, result in days):
        return Screen(Html(f"{venue(which)}. {words.say('chart.nothing', days=DAYS)}"), rows, back=back)
    said = words.say("chart.said", venue=venue(which), days=DAYS, total=signed(total))
    name = words.text(f"chart.venue.{which.value}")
    picture = await drawn(
        Chart(
            words.text("chart.title").format(venue=name, days=DAYS),
            days,
            words.text("chart.bars"),
            words.text("chart.line"),
        )
    )
    return Screen(said, rows, back=back, picture=picture)
