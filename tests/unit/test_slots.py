"""When something could begin: instants on a grid, never twice, never in a stretch that is taken."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overstory.pathway.slots import (
    TICK,
    Stretch,
    WallTimeError,
    free,
    instant,
    merged,
    ticks,
    within,
    without,
)

NEW_YORK = ZoneInfo("America/New_York")
NINE = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
"""Monday, 09:00 in New York."""


def hours(first: float, last: float) -> Stretch:
    return Stretch(NINE + timedelta(hours=first), NINE + timedelta(hours=last))


def test_a_visit_fits_before_and_after_what_is_taken():
    found = free(
        open_=[hours(0, 4)], taken=[hours(1, 2)], minutes=60, step=timedelta(minutes=30), after=NINE
    )

    assert found == tuple(NINE + timedelta(minutes=each) for each in (120, 150, 180))


def test_what_begins_now_is_too_late():
    assert free(open_=[hours(0, 1)], taken=[], minutes=60, step=TICK, after=NINE) == ()


def test_a_leave_cuts_a_shift_in_two():
    assert without([hours(0, 8)], [hours(3, 4)]) == (hours(0, 3), hours(4, 8))


def test_a_shift_counts_only_while_the_site_is_open():
    assert within([hours(-2, 3)], [hours(0, 8)]) == (hours(0, 3),)


def test_an_hour_that_clocks_skip_is_refused():
    with pytest.raises(WallTimeError, match="03:30 exists"):
        instant(on=date(2027, 3, 14), at=time(2, 30), zone=NEW_YORK)


def test_nine_in_the_morning_is_nine_on_both_sides_of_a_change_of_clocks():
    before = instant(on=date(2026, 10, 31), at=time(9), zone=NEW_YORK)
    after = instant(on=date(2026, 11, 1), at=time(9), zone=NEW_YORK)

    assert after - before == timedelta(hours=25)
    assert {each.astimezone(NEW_YORK).time() for each in (before, after)} == {time(9)}


def test_a_stretch_that_touches_a_step_takes_it():
    odd = Stretch(NINE + timedelta(minutes=3), NINE + timedelta(minutes=11))

    assert [each.minute for each in ticks(odd)] == [0, 5, 10]


SPANS = st.tuples(st.integers(0, 95), st.integers(1, 24)).map(
    lambda pair: Stretch(NINE + pair[0] * TICK, NINE + (pair[0] + pair[1]) * TICK)
)


@given(
    open_=st.lists(SPANS, max_size=6), taken=st.lists(SPANS, max_size=8), length=st.integers(1, 12)
)
def test_what_is_offered_is_open_and_not_taken(open_, taken, length):
    minutes = 5 * length

    for starts in free(open_=open_, taken=taken, minutes=minutes, step=TICK, after=NINE - TICK):
        wanted = Stretch(starts, starts + timedelta(minutes=minutes))
        assert not any(wanted.meets(each) for each in taken)
        assert any(
            each.starts <= wanted.starts and wanted.ends <= each.ends for each in merged(open_)
        )


@given(open_=st.lists(SPANS, max_size=5), taken=st.lists(SPANS, max_size=5))
def test_nothing_that_fits_is_kept_back(open_, taken):
    offered = set(free(open_=open_, taken=taken, minutes=5, step=TICK, after=NINE - TICK))

    for at in {step for each in open_ for step in ticks(each)}:
        is_taken = any(each.starts <= at < each.ends for each in taken)
        assert (at in offered) is not is_taken
