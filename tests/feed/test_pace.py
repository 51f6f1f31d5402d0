"""When rows are due."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ops.feed.pace import SEGMENT_MICROS, SEGMENT_ROWS, Pace, schedule, segments
from ops.feed.trade_rows import CsvTrades, Row
from tests.feed.rows import HEADER, line


def rows(times: list[int]) -> list[Row]:
    """Rows traded at these seconds."""
    reader = CsvTrades(HEADER)
    read = [
        reader.read(n, line(n, ts=str(1_761_680_000 + second))) for n, second in enumerate(times, start=2)
    ]
    return [row for row in read if isinstance(row, Row)]


def test_a_rate_spaces_rows_evenly() -> None:
    """100 a second: one each 10 ms, whatever their recorded times."""
    assert [due.micros for due in schedule(rows([9, 5, 7]), Pace(per_second=100))] == [0, 10_000, 20_000]


def test_a_speed_keeps_the_recorded_gaps_and_never_goes_back() -> None:
    """Ten times as fast: a gap of 20 s is 2 s; a row recorded out of order does not wait, nor come earlier."""
    assert [due.micros for due in schedule(rows([0, 20, 10, 30]), Pace(speed=10))] == [
        0,
        2_000_000,
        2_000_000,
        3_000_000,
    ]


def test_without_a_pace_nothing_waits() -> None:
    """As fast as it goes."""
    assert {due.micros for due in schedule(rows([0, 50, 900]), Pace())} == {0}


@given(
    st.lists(st.integers(0, 100), max_size=40), st.sampled_from([Pace(speed=1), Pace(per_second=3), Pace()])
)
def test_segments_lose_nothing_and_stay_small(times: list[int], pace: Pace) -> None:
    """Every row is in exactly one segment, in order; a segment is short in rows and in time."""
    dues = list(schedule(rows(times), pace))
    groups = list(segments(iter(dues)))
    assert [due for group in groups for due in group] == dues
    assert all(len(group) <= SEGMENT_ROWS for group in groups)
    assert all(group[-1].micros - group[0].micros < SEGMENT_MICROS for group in groups)
