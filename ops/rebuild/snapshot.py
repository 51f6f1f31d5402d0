"""A snapshot: what the topics came to and up to where, in one file, taken before they forget (SAFETY R37).

Lines of JSON, compressed: the offsets, then a line per trade, position and ledger. A trade is kept as
the message of its role, from which its row is made again.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import orjson

from ops.rebuild.fold import MESSAGE_OF
from ops.rebuild.reading import Folded, fold_topics
from schemas.enums import AddressType
from schemas.money import plain
from streams.classify.burst import Burst
from streams.classify.ledger import Position
from streams.topology import TopicNames

FORMAT: Final = 2


class WrongSnapshot(Exception):
    """The file is no snapshot of ours, or not whole. One sentence."""


async def take(kafka: str, names: TopicNames, path: Path, former: Path | None = None) -> Folded:
    """Fold the topics, from a former snapshot on where there is one, and keep what they came to in ``path``.

    Raises Forgotten when the topics have lost what comes after the former one, WrongSnapshot, KafkaError.
    """
    known = Folded() if former is None else load(former, names.prefix)
    folded = await fold_topics(kafka, names, known)
    save(folded, names.prefix, path)
    return folded


def save(folded: Folded, prefix: str, path: Path) -> None:
    """Write it beside its place and rename: a file of that name is whole."""
    half = path.with_name(f"{path.name}.half")
    with gzip.open(half, "wb") as file:
        for line in _lines(folded, prefix):
            file.write(orjson.dumps(line) + b"\n")
    half.replace(path)


def load(path: Path, prefix: str) -> Folded:
    """Read it again; WrongSnapshot when it is of other topics, of another format, or cut short."""
    folded = Folded()
    with gzip.open(path, "rb") as file:
        lines = (orjson.loads(line) for line in file)
        head: dict[str, Any] = next(lines, {})
        if head.get("format") != FORMAT or head.get("prefix") != prefix:
            raise WrongSnapshot(f"{path.name} is no snapshot of the topics with the prefix {prefix!r}.")
        folded.offsets = {
            topic: {int(part): offset for part, offset in parts.items()}
            for topic, parts in head["offsets"].items()
        }
        last: dict[str, Any] = {}
        for last in lines:
            _take(folded, last)
    if last != {"end": True}:
        raise WrongSnapshot(f"{path.name} is not whole.")
    return folded


def _lines(folded: Folded, prefix: str) -> Iterator[dict[str, Any]]:
    tables = folded.tables
    yield {
        "format": FORMAT,
        "prefix": prefix,
        "offsets": {
            topic: {str(part): offset for part, offset in parts.items()}
            for topic, parts in folded.offsets.items()
        },
    }
    for row in tables.trades.values():
        for role, raw in (
            (AddressType.COPY_LEADER, row.leader_message),
            (AddressType.SMART_TRADER, row.smart_message),
        ):
            if raw is not None:
                yield {"trade": raw.decode(), "role": role}
    for key, (position, number) in tables.positions.items():
        yield {"position": _position(position), "of": key, "number": number}
    for (role, wallet), number in tables.last_number.items():
        yield {"ledger": wallet, "role": role, "last": number, "since": tables.since[role, wallet]}
    yield {"end": True}


def _take(folded: Folded, line: dict[str, Any]) -> None:
    tables = folded.tables
    if "trade" in line:
        role, raw = AddressType(line["role"]), line["trade"].encode()
        tables.keep_trade(role, MESSAGE_OF[role].decode(raw), raw)
    elif "position" in line:
        role_name, wallet, token_id = line["of"]
        key = (AddressType(role_name), wallet, token_id)
        tables.positions[key] = (_read_position(line["position"]), line["number"])
    elif "ledger" in line:
        of = (AddressType(line["role"]), line["ledger"])
        tables.last_number[of], tables.since[of] = line["last"], line["since"]


def _position(position: Position) -> dict[str, Any]:
    return {**asdict(position), "shares": plain(position.shares), "gap": plain(position.gap)}


def _read_position(row: dict[str, Any]) -> Position:
    return Position(
        Decimal(row["shares"]), Decimal(row["gap"]), row["unsure"], row["traded"],
        _read_burst(row["buys"]), _read_burst(row["sells"]),
    )  # fmt: skip


def _read_burst(row: dict[str, Any] | None) -> Burst | None:
    if row is None:
        return None
    started, latest = datetime.fromisoformat(row["started_at"]), datetime.fromisoformat(row["latest_at"])
    return Burst(started, latest, row["first_entry"])
