"""How a run is cut for its chart: few parts, round hours of the place."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.run_times import MOST_PARTS, cut

BOGOTA = ZoneInfo("America/Bogota")
START = datetime(2026, 3, 2, 15, 3, 20, tzinfo=UTC)  # 10:03:20 there


@pytest.mark.parametrize(
    ("lasts", "step"),
    [
        (timedelta(0), timedelta(seconds=10)),
        (timedelta(minutes=9), timedelta(seconds=10)),
        (timedelta(minutes=50), timedelta(minutes=1)),
        (timedelta(hours=4), timedelta(minutes=5)),
        (timedelta(days=2), timedelta(hours=1)),
        (timedelta(days=40), timedelta(days=1)),
    ],
)
def test_the_finest_steps_that_give_few_parts(lasts, step):
    assert cut(START, START + lasts, BOGOTA).step == step


def test_parts_begin_at_round_hours_of_the_place():
    parts = cut(START, START + timedelta(days=10), ZoneInfo("Asia/Kathmandu"))  # 45 minutes beside the others
    assert parts.step == timedelta(hours=6)
    assert {edge.astimezone(ZoneInfo("Asia/Kathmandu")).strftime("%H:%M") for edge in parts.edges} == {
        "00:00",
        "06:00",
        "12:00",
        "18:00",
    }


def test_a_moment_outside_belongs_to_the_nearest_part():
    parts = cut(START, START + timedelta(minutes=5), BOGOTA)
    last = len(parts.edges) - 2
    assert parts.index_of(START - timedelta(hours=1)) == 0
    assert parts.index_of(START + timedelta(hours=9)) == last
    assert parts.index_of(START + timedelta(minutes=5)) == last


@given(
    st.timedeltas(timedelta(0), timedelta(days=1000)).map(lambda later: datetime(2024, 1, 1, tzinfo=UTC) + later),
    st.timedeltas(timedelta(0), timedelta(days=3000)),
    st.sampled_from(["America/Bogota", "Europe/Madrid", "America/Santiago", "Asia/Kathmandu"]),
)
def test_every_run_lies_within_its_parts(first, lasts, zone):
    parts = cut(first, first + lasts, ZoneInfo(zone))
    assert parts.edges[0] <= first
    assert parts.edges[-1] > first + lasts
    assert len(parts.edges) <= MOST_PARTS + 1
    assert {b - a for a, b in pairwise(parts.edges)} == {parts.step}
