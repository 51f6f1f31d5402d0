"""Which part of a window is decided again, and with which settings changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import ValidationError

from schemas.allocations import AllocationSettings
from schemas.enums import AddressType


class WrongChoice(Exception):
    """A filter or a setting that is none. One sentence."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Empty filters take everything. ``leaders`` holds wallets, ``followers`` wallets or allocations; ``settings``
    stand in every allocation's place."""

    leaders: frozenset[str] = frozenset()
    followers: frozenset[str] = frozenset()
    tokens: frozenset[str] = frozenset()
    roles: frozenset[AddressType] = frozenset(AddressType)
    settings: Mapping[str, str] = field(default_factory=dict)

    def wallet(self, wallet: str) -> bool:
        """Whether this wallet's messages are looked at."""
        return not self.leaders or wallet in self.leaders

    def message(self, role: AddressType, token_id: str) -> bool:
        """Whether what is said about this token in this role is kept."""
        return role in self.roles and (not self.tokens or token_id in self.tokens)

    def follower(self, wallet: str | None, allocation_id: str) -> bool:
        """Whether this follower's decisions are made again."""
        return not self.followers or wallet in self.followers or allocation_id in self.followers

    def as_json(self) -> dict[str, Any]:
        """The same every time, for the manifest and the plan's name."""
        return {
            "leaders": sorted(self.leaders),
            "followers": sorted(self.followers),
            "tokens": sorted(self.tokens),
            "roles": sorted(self.roles),
            "settings": dict(sorted(self.settings.items())),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Choice:
        """Read a manifest's choice again."""
        return cls(
            frozenset(kept["leaders"]),
            frozenset(kept["followers"]),
            frozenset(kept["tokens"]),
            frozenset(map(AddressType, kept["roles"])),
            kept["settings"],
        )


def settings_of(texts: list[str]) -> dict[str, str]:
    """``NAME=VALUE`` words as settings; WrongChoice for a name that no allocation has."""
    found = {}
    for text in texts:
        name, is_there, value = text.partition("=")
        if not is_there or name not in AllocationSettings.model_fields:
            raise WrongChoice(f"{text} is no setting: NAME=VALUE with a name of an allocation's settings")
        found[name] = value
    return found


class SettingsThen:
    """The settings of allocations as their versions have them, read once each; with the choice's own in their place."""

    def __init__(self, changed: Mapping[str, str]) -> None:
        self._changed = changed
        self._known: dict[str, AllocationSettings] = {}

    def of(self, text: str) -> AllocationSettings:
        """The settings of this JSON; WrongChoice when a changed one does not fit to the others."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._read(text)
        return known

    def _read(self, text: str) -> AllocationSettings:
        if not self._changed:
            return AllocationSettings.model_validate_json(text)
        try:
            return AllocationSettings.model_validate_json(orjson.dumps(orjson.loads(text) | self._changed))
        except ValidationError as fault:
            raise WrongChoice(f"a changed setting does not fit: {fault.errors()[0]['msg']}") from fault
