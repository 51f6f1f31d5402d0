"""What routes reach the outside by: settings, database, broker, metrics; one set per app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from api.broker import TradesTopic
from api.credentials import Credentials
from api.database import Database
from api.events.hub import Hub
from api.metrics import Metrics
from api.paces import Paces
from api.paging import Pager
from api.past_pictures import PastPictures
from api.pictured import Pictured
from api.profiles import Profiles
from api.quick_reads import QuickReads
from api.settings import Settings
from api.starts import Starts
from api.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Doors:
    """The app's doors. `under_way` holds the webhook ids that are being taken right now."""

    settings: Settings
    database: Database
    trades: TradesTopic
    metrics: Metrics
    pager: Pager
    credentials: Credentials
    paces: Paces
    texts: Mapping[str, str]
    profiles: Profiles
    lists: QuickReads
    hub: Hub
    starts: Starts
    past: PastPictures
    under_way: set[str] = field(default_factory=set)
    picture: Pictured = field(default_factory=Pictured)
    wishes: Wishes = field(default_factory=Wishes)


async def doors_of(request: Request) -> Doors:
    # async though it waits for nothing: FastAPI gives what is not to a thread, which costs more than a list does.
    doors = request.app.state.doors
    assert isinstance(doors, Doors)
    return doors


DoorsOf = Annotated[Doors, Depends(doors_of)]
