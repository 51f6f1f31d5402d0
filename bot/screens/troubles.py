"""What is shown when something did not work: the API away, refusals, things nobody understood (UX §4). Pure."""

from __future__ import annotations

from bot import verbs
from bot.callbacks import Tap
from bot.client.errors import ApiError, NoAnswer, NotSent, Refused
from bot.screens.screen import MENU, Button, Screen
from bot.words import Html, Words, foreign, lines

# Problems of the API that read better in our own words; the others are told in theirs.
_OWN_WORDS = frozenset({"not-found", "version-changed", "quote-expired", "not-allowed", "internal"})


def trouble(words: Words, error: ApiError, tap: Tap) -> Screen:
    """The sentence for what came of asking the API, and the way on; the same deed keeps its key."""
    match error:
        case Refused():
            return Screen(_refusal(words, error))
        case NoAnswer():
            again = Button(words.label("bot.check"), tap)
            return Screen(words.say("bot.down.no_answer"), ((again,),))
        case NotSent():
            again = Button(words.label("bot.try_again"), tap)
            return Screen(words.say("bot.down.not_sent"), ((again,),))
        case _:
            again = Button(words.label("bot.try_again"), tap)
            return Screen(words.say("bot.down.looking"), ((again,),))


def _refusal(words: Words, refused: Refused) -> Html:
    first = (
        words.say(f"bot.refused.{refused.code}")
        if refused.code in _OWN_WORDS
        else foreign(refused.detail, 300)
    )
    named = [
        foreign(f"{each.field.removeprefix('settings.')}: {each.message}", 200) for each in refused.errors[:4]
    ]
    return lines(first, *named)


def fault(words: Words) -> Screen:
    """Something failed in us."""
    return Screen(words.say("bot.fault"))


def not_understood(words: Words, *, forgot: bool = False) -> Screen:
    """Other text. ``forgot``: nothing was shown in this chat since the start, so it may answer a question of before."""
    helping = Button(words.label("bot.help"), Tap(verbs.HELP))
    said = words.say("bot.not_understood")
    text = lines(said, words.say("bot.question_lost")) if forgot else said
    return Screen(text, ((Button(words.label("bot.menu"), MENU), helping),), bare=True)


def stopped_waiting(words: Words, asked_at: Tap) -> Screen:
    """Nobody answered a question in time."""
    going_on = Button(words.label("bot.go_on"), asked_at)
    return Screen(
        words.say("bot.stopped_waiting"), ((going_on, Button(words.label("bot.menu"), MENU)),), bare=True
    )


def secret_deleted(words: Words) -> Screen:
    """What looked like a key is gone."""
    return Screen(words.say("bot.secret_deleted"), ((Button(words.label("bot.menu"), MENU),),), bare=True)
