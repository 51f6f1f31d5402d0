"""How fast a user may ask: bursts of a person go through, floods do not, and one user's flood is no other's."""

from __future__ import annotations

import contextlib

import pytest

from api.paces import Pace, Paces
from api.problems import Refused
from ops.stack.local import Stack
from tests.api.conftest import api_settings, serving

_OF_UX = {"api_looks_at_once": 40, "api_changes_at_once": 10}


class _Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_in_the_long_run_it_is_so_many_a_second() -> None:
    """An hour of asking as fast as one can: the burst, and then one change and ten looks a second."""
    clock = _Clock()
    paces = Paces(Pace(10.0, 40), Pace(1.0, 10), clock)
    taken = {True: 0, False: 0}
    for _ in range(3_600 * 16):
        for changing in taken:
            with contextlib.suppress(Refused):
                paces.take("U-1", changing=changing)
                taken[changing] += 1
        clock.now += 1 / 16
    assert abs(taken[True] - 3_610) <= 2
    assert abs(taken[False] - 36_040) <= 2


async def test_a_flood_is_told_to_wait_and_a_neighbour_is_not(
    stack: Stack, database_url: str, topic_prefix: str
) -> None:
    """Ten changes at once go through, the rest get 429 with Retry-After; another user and the operators go on."""
    async with serving(api_settings(database_url, stack.kafka, topic_prefix, **_OF_UX)) as face:
        alice, bob = await face.new_user("Alice"), await face.new_user("Bob")
        answers = [await face.http.delete("/v1/me/draft", headers=face.acting(alice)) for _ in range(30)]
        codes = [answer.status_code for answer in answers]
        refused = next(answer for answer in answers if answer.status_code == 429)

        assert codes[:10] == [204] * 10
        assert set(codes) == {204, 429}
        assert (refused.json()["code"], int(refused.headers["retry-after"]) >= 1) == ("too-many", True)
        assert (await face.http.delete("/v1/me/draft", headers=face.acting(bob))).status_code == 204
        assert (await face.get("/v1/me", user=alice)).status_code == 200
        for _ in range(60):
            assert (await face.get("/v1/users")).status_code == 200


@pytest.mark.parametrize("changing", [True, False])
def test_who_comes_back_has_a_full_bucket(changing: bool) -> None:
    """What was used is there again after a while, and never more than the burst."""
    clock = _Clock()
    paces = Paces(Pace(10.0, 3), Pace(1.0, 3), clock)
    for _ in range(2):
        for _ in range(3):
            paces.take("U-1", changing=changing)
        with pytest.raises(Refused):
            paces.take("U-1", changing=changing)
        clock.now += 3_000
