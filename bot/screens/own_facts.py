"""S15 [My data] what is kept of a person, and [Delete me…]."""

from __future__ import annotations

from bot import verbs
from bot.callbacks import Tap
from bot.registry import STOPPING_SECONDS, Actions
from bot.screens.figures import had
from bot.screens.screen import Button, Screen, Style
from bot.screens.settings import ME_PATH
from bot.screens.wallet import ACCOUNTS_PATH
from bot.visit import Visit
from bot.words import lines
from schemas.enums import AllocationState
from schemas.views import AccountView, AllocationView, CopySummary

actions = Actions()
FOLLOWINGS_MOST = 100


@actions.look(verbs.MY_DATA)
async def show_own_facts(visit: Visit) -> Screen:
    """What we keep, in words; all of it stands on the web page and in the API."""
    words, user = visit.words, visit.user
    accounts = await visit.api.look(tuple[AccountView, ...], ACCOUNTS_PATH)
    followings = await visit.api.listed(AllocationView, "/v1/allocations", FOLLOWINGS_MOST)
    copies = await visit.api.look(CopySummary, "/v1/copy-orders/summary")
    text = lines(
        words.say("data.head"),
        words.say("data.you", name=user.label, telegram_id=user.telegram_id, day=words.day(user.created_at)),
        words.say("data.settings", language=user.language, zone=user.time_zone),
        words.say(
            "data.followings",
            living=sum(each.state is not AllocationState.ENDED for each in followings),
            ended=sum(each.state is AllocationState.ENDED for each in followings),
            copies=copies.total,
        ),
        *(
            words.say("data.account", venue=words.text(f"venue.{each.venue.value}"), cash=had(each.cash_usdc))
            for each in accounts
        ),
        words.say("data.not"),
    )
    whole = Button(words.label("s15.web"), Tap(verbs.WEB))
    return Screen(text, ((whole,),), back=Tap(verbs.SETTINGS))


@actions.look(verbs.DELETE_ME, step=True)
async def ask_to_delete(visit: Visit) -> Screen:
    """What goes, what stays."""
    words = visit.words
    sure = Button(words.label("delete.sure"), Tap(verbs.DELETE_ME_NOW), style=Style.DANGER)
    leave = Button(words.label("bot.cancel"), Tap(verbs.SETTINGS))
    return Screen(words.say("delete.ask"), ((sure, leave),), back=Tap(verbs.SETTINGS))


@actions.deed(verbs.DELETE_ME_NOW, fresh=verbs.DELETE_ME, lives_seconds=STOPPING_SECONDS)
async def delete(visit: Visit) -> Screen:
    """Refused by the API, with its reason, while live money or positions remain."""
    await visit.api.delete(ME_PATH)
    visit.forget_me()
    return Screen(visit.words.say("delete.done"), bare=True)
