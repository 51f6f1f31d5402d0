"""Rotation: every data key wrapped anew, a batch at a time; the sealed keys themselves are neither opened nor changed.

It may stop anywhere and be begun again: what stands under the new key is left out. Until all do, the old key still
opens the rest, so it is taken away last (docs/operating.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from streams.keys.memory import wiped
from streams.keys.providers import KeyContext, KeyFault, KeyProvider, KeyRefused, KeyRing, KeysAway
from streams.tables import wrapping
from streams.tables.pool import Pool
from streams.tables.wrapping import Rewrapped, WrappedKey

# Rows per transaction: with a KMS some 60 ms of requests each way.
BATCH: Final = 100
# Named in the report; all are counted.
_NAMED_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a run did. ``refused`` names accounts whose data key does not open: their rows are as they were."""

    to: str
    rewrapped: int
    refused: tuple[str, ...]
    left: Mapping[str, int]

    @property
    def whole(self) -> bool:
        """Whether everything stands under the new key now."""
        return not self.left


async def left_under_others(pool: Pool, to: str) -> dict[str, int]:
    """How many data keys other keys than ``to`` have wrapped, by their names."""
    return {name: keys for name, keys in (await wrapping.counted(pool)).items() if name != to}


async def rotate(pool: Pool, ring: KeyRing, target: KeyProvider) -> Rotation:
    """Wrap all data keys by ``target``. Raises ``KeysAway`` and ``KeysDenied``: what was done until then stays done."""
    done, refused, after = 0, list[str](), ""
    while rows := await wrapping.not_under(pool, target.name, after, BATCH):
        made = await asyncio.gather(*(_rewrapped(row, ring, target) for row in rows), return_exceptions=True)
        ready = [each for each in made if isinstance(each, Rewrapped)]
        # What is ready is kept, whatever became of its neighbours.
        done += await wrapping.replace(pool, ready)
        for row, each in zip(rows, made, strict=True):
            if isinstance(each, KeyRefused):
                refused.append(row.account_id)
            elif isinstance(each, BaseException):
                raise each
        after = rows[-1].account_id
    return Rotation(
        target.name, done, tuple(refused[:_NAMED_MOST]), await left_under_others(pool, target.name)
    )


async def _rewrapped(row: WrappedKey, ring: KeyRing, target: KeyProvider) -> Rewrapped:
    context = KeyContext(row.user_id, row.wallet, row.version)
    with wiped(await ring.unwrap(row.provider, row.wrapped_data_key, context)) as data_key:
        wrapped = await target.wrap(data_key, context)
        # The old wrapping goes for good: the new one is tried before.
        with wiped(await target.unwrap(wrapped, context)) as again:
            if again != data_key:
                raise KeyRefused("the new wrapping gave another key back")
    return Rewrapped(row.account_id, target.name, row.wrapped_data_key, wrapped)


async def looked_at(ring: KeyRing) -> dict[str, str]:
    """Provider → "opens", or why it does not: each wraps and opens a data key of nobody's."""
    found: dict[str, str] = {}
    context = KeyContext("nobody", "0x", 0)
    for name in ring.names:
        provider = ring.named(name)
        assert provider is not None, "its own name"
        try:
            data_key, wrapped = await provider.new_data_key(context)
            with wiped(data_key), wiped(await provider.unwrap(wrapped, context)):
                found[name] = "opens"
        except KeysAway as fault:
            found[name] = f"away: {fault}"
        except KeyFault as fault:
            found[name] = f"denied: {fault}"
    return found
