"""The bot: its token is one that Telegram knows, and how updates come to it."""

from __future__ import annotations

from typing import Final

import httpx

from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import ANSWER_SECONDS, Patient

TOKEN: Final = "POLYCOOL_TELEGRAM_TOKEN"  # noqa: S105 (its name)


async def look(patient: Patient) -> list[Finding]:
    """Asks Telegram who the token is, and whether its webhook is as set. The token is in no sentence."""
    notes = Notes("bot")
    token = patient.setting(TOKEN)
    if not token:
        notes.note(f"{TOKEN} is not set: there is no chat", "get one from @BotFather and set it")
        return notes.all("not set up here")[1:]
    url = patient.setting("POLYCOOL_TELEGRAM_URL", "https://api.telegram.org").rstrip("/")
    try:
        answer = await patient.http.post(f"{url}/bot{token}/getMe", timeout=ANSWER_SECONDS)
        webhook = await patient.http.post(f"{url}/bot{token}/getWebhookInfo", timeout=ANSWER_SECONDS)
        me, hook = answer.json(), webhook.json()
    except (httpx.HTTPError, ValueError) as error:
        notes.wrong(
            f"Telegram at {url} does not answer ({type(error).__name__}): nobody is told anything",
            "look at the way out to it",
        )
        return notes.all("")
    if not me.get("ok"):
        notes.wrong(
            f"Telegram does not know the token in {TOKEN} ({answer.status_code})",
            f"ask @BotFather for it and set {TOKEN}",
        )
        return notes.all("")
    wanted = patient.setting("POLYCOOL_TELEGRAM_WEBHOOK_URL")
    there = str((hook.get("result") or {}).get("url") or "")
    if bool(wanted) != bool(there) or (wanted and not there.startswith(wanted.rstrip("/"))):
        notes.wrong(
            f"Telegram posts updates to {there or 'nobody'}, this bot "
            f"{f'waits for them at {wanted}' if wanted else 'asks for them'}: taps stay unanswered",
            "start polycool bot again: it tells Telegram its address",
        )
    fault = (hook.get("result") or {}).get("last_error_message")
    if wanted and fault:
        notes.note(
            f"Telegram could not post an update lately: {fault}", "look at the proxy in front of the bot"
        )
    return notes.all(f"@{me['result'].get('username')}, {'webhook' if wanted else 'polling'}")
