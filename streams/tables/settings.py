"""Settings of allocations, read once per version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cachetools import LRUCache

from schemas.allocations import AllocationSettings
from streams.tables.arrays import array
from streams.tables.asking import Connection, ask

# A version is some 200 bytes here; followers with equal settings share one object of some 3 kB.
VERSIONS_KEPT: Final = 50_000
SETTINGS_KEPT: Final = 2_000


class SettingsKept:
    """A process' memory of settings. A version never changes, so what was read once stays true."""

    def __init__(self) -> None:
        self._by_version: dict[tuple[str, int], AllocationSettings] = {}
        self._by_text: LRUCache[str, AllocationSettings] = LRUCache(SETTINGS_KEPT)

    async def of(self, connection: Connection, versions: Mapping[str, int]) -> dict[str, AllocationSettings]:
        """The settings of these allocations at these versions; the caller has locked their rows."""
        found: dict[str, AllocationSettings] = {}
        missing: list[str] = []
        for allocation_id, version in versions.items():
            known = self._by_version.get((allocation_id, version))
            if known is None:
                missing.append(allocation_id)
            else:
                found[allocation_id] = known
        if missing:
            if len(self._by_version) + len(missing) > VERSIONS_KEPT:
                self._by_version.clear()
            name = "decision/settings_of_allocations"
            rows = (await ask(connection, [(name, {"allocations": array(missing)})]))[name]
            for allocation_id, version, text in rows:
                found[allocation_id] = self._by_version[allocation_id, version] = self._parsed(text)
        return found

    def _parsed(self, text: str) -> AllocationSettings:
        known = self._by_text.get(text)
        if known is None:
            known = self._by_text[text] = AllocationSettings.model_validate_json(text)
        return known
