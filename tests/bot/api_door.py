"""A made-up API behind a real port, for a bot that really runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from aiohttp import web

from tests.bot.answers import World


@asynccontextmanager
async def api_of(world: World) -> AsyncIterator[str]:
    """The world's answers at the address this yields."""

    async def answer(request: web.Request) -> web.Response:
        asked = httpx.Request(
            request.method, str(request.url), headers=dict(request.headers), content=await request.read()
        )
        made = world.answer(asked)
        return web.Response(
            body=made.content,
            status=made.status_code,
            content_type=made.headers.get("content-type", "text/plain"),
        )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
