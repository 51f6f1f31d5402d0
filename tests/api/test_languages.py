"""Sentences of the API come in the language of `Accept-Language`, else in the one its user has chosen (UX §1.11)."""

from __future__ import annotations

import pytest

from api import languages
from api.languages import Spoken
from tests.api.conftest import LEADER, SETTINGS, Face
from tests.copy_execution.world import World


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (None, "en"), ("", "en"), ("fr", "fr"), ("fr-CA,en;q=0.8", "fr"), ("en;q=0.5, FR;q=0.9", "fr"), ("de", "en"),
        ("fr;q=0", "en"), ("fr;q=much", "en"), ("*", "en"), (";;,,=", "en"),
    ],
)  # fmt: skip
def test_the_header_is_read_as_it_is_meant(header: str | None, found: str) -> None:
    """The best of several; regions count; what we have no texts in, or cannot be read, is English."""
    languages.wanted(header)
    said = Spoken()["s2.settings"]
    assert said == {"en": "Settings", "fr": "Réglages"}[found]
    languages.wanted(None)


async def test_a_user_hears_their_own_language_unless_the_request_wants_another(
    face: Face, world: World
) -> None:
    """The sentence of a following, and a refusal."""
    world.leader(LEADER)
    user = await face.new_user("Alice", telegram_id=7)
    mine = face.acting(user)
    profile = await face.http.get("/v1/me", headers=mine)
    changed = await face.http.patch(
        "/v1/me", json={"language": "fr"}, headers=mine | {"If-Match": profile.headers["etag"]}
    )
    assert changed.status_code == 200, changed.text
    asked = {"leader": LEADER, "settings": SETTINGS}

    said = {
        language: (
            await face.http.post(
                "/v1/allocations/check",
                json=asked,
                headers=face.acting(user) | ({"Accept-Language": language} if language else {}),
            )
        ).json()["sentence"]
        for language in ("", "en", "fr-FR")
    }

    assert said[""] == said["fr-FR"] != said["en"]
    assert said["en"].startswith("📄 PAPER. When ")
