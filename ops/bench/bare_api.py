"""The floor under `bench api`: the same framework and server with one route that answers given bytes. `python -m`."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.responses import Response


def bare(body: bytes) -> FastAPI:
    """An app that knows nothing."""
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.get("/bare")
    async def answer() -> Response:
        return Response(body, media_type="application/json")

    return app


if __name__ == "__main__":
    uvicorn.run(
        bare(Path(sys.argv[2]).read_bytes()),
        host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning", loop="uvloop",
    )  # fmt: skip
