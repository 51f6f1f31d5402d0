"""A local server that speaks the Telegram Bot API's protocol: for tests, `polycool bench notices`, and operators who
try the bot without Telegram (`python -m ops.telegram`).

It refuses what Telegram refuses (HTML that does not parse, texts too long, buttons too large, edits that change
nothing, people who blocked the bot, floods) and misbehaves on demand (``faults``). A person's side of every chat is
there in Python (``person``) and over HTTP (``person_routes``).

The way of a call: ``server`` (token, method, parameters) → ``faults`` and ``limits`` → ``methods_*`` → ``chats``; the
way of an update: ``person`` → ``updates`` (long poll) or ``webhook``.
"""
