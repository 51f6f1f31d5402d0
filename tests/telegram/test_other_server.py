"""python-telegram-bot works against telegram-test-api as it does against our own server."""

from __future__ import annotations

from tests.telegram.other import OtherPerson, OtherTelegram
from tests.telegram.speaking_bot import TOKEN, polling


async def test_a_bot_of_the_library_works_with_it(other_telegram: OtherTelegram) -> None:
    """Command, button, edit, text."""
    person = OtherPerson(other_telegram, TOKEN)
    try:
        async with polling(other_telegram.url):
            await person.send("/start")
            await person.until_said("Sure?")
            assert [row[0]["text"] for row in (await person.shown())[-1]["rows"]] == ["Yes"]
            await person.press("Yes")
            await person.until_said("You said yes.")
            await person.send("hello")
            await person.until_said("Heard: hello")
    finally:
        await person.close()
