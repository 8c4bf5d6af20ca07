"""Laws of plans: every course that may be planned, from any start, on any open days."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.knowledge.shapes.protocols import Protocol
from overstory.pathway.plan import PlanWish, propose
from overstory.pathway.planning.courses import course_of, sessions_of
from overstory.pathway.planning.days_of_plan import Wanted, days_of_plan, nearest_start
from overstory.pathway.planning.events import Event, EventKind, after_event
from overstory.pathway.planning.layout import first_day
from overstory.pathway.planning.open_days import OpenDays, every_day, site_days, usual_days
from overstory.pathway.planning.placing import CannotPlaceError
from overstory.pathway.planning.revising import PlanEventError
from overstory.pathway.protocols import judge
from tests.generated.plans import (
    ZONES,
    check_counts,
    check_days,
    check_doses,
    check_gaps,
    check_nearest,
    check_rhythm,
    check_taper,
    hours,
    monday,
)
from tests.people import facts_of_vignette
from tests.planning import plannable, with_every_course

KNOWLEDGE = with_every_course()
COURSES = plannable(KNOWLEDGE)
HARD = [
    *(date(2026, 11, 25) + timedelta(days=ahead) for ahead in range(4)),  # Thanksgiving
    *(date(2026, 12, 21) + timedelta(days=ahead) for ahead in range(14)),  # Christmas, New Year
    *(date(2027, 3, 8) + timedelta(days=ahead) for ahead in range(24)),  # clocks, US and EU; Easter
    *(
        date(2027, 6, 28) + timedelta(days=ahead) for ahead in range(9)
    ),  # 4 July, observed on the 5th
    *(date(2027, 10, 25) + timedelta(days=ahead) for ahead in range(16)),  # clocks, EU and US
    date(2028, 2, 29),
]
STARTS = st.one_of(st.dates(date(2026, 11, 23), date(2031, 12, 31)), st.sampled_from(HARD))
WEEK = timedelta(days=7)


@st.composite
def calendars(draw, jurisdiction: str, start: date) -> OpenDays:
    """Draw the usual calendar, one without closed days, or closed days of the clinic's own."""
    kind = draw(st.sampled_from(["usual", "usual", "none", "own"]))
    if kind == "usual":
        return usual_days(jurisdiction=jurisdiction, start=start)
    if kind == "none":
        return every_day(jurisdiction=jurisdiction)
    ahead = st.integers(0, 120).map(lambda days: start + timedelta(days=days))
    return site_days(jurisdiction=jurisdiction, closed=draw(st.sets(ahead, max_size=12)))


def wanted_of(protocol: Protocol, days: OpenDays, jurisdiction: str, facts) -> Wanted:
    course = course_of(
        judged=judge(protocol=protocol, knowledge=KNOWLEDGE),
        phases=protocol.schedule,
        facts=facts,
        knowledge=KNOWLEDGE,
        jurisdiction=jurisdiction,
    )
    return Wanted(courses=(course,), days=days, knowledge=KNOWLEDGE)


@pytest.mark.parametrize("protocol", COURSES, ids=lambda each: each.id)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_course_keeps_its_counts_gaps_order_windows_taper_and_caps(protocol, data):
    jurisdiction = data.draw(st.sampled_from(protocol.jurisdictions))
    start = data.draw(STARTS)
    days = data.draw(calendars(jurisdiction, start))
    weight = data.draw(st.integers(25, 210).map(float))
    facts = facts_of_vignette(weight_kg=weight, height_cm=240.0)
    wanted = wanted_of(protocol, days, jurisdiction, facts)

    try:
        found = days_of_plan(wanted=wanted, start=start)
    except CannotPlaceError:
        nearest = nearest_start(wanted=wanted, after=start)
        assert nearest is not None
        assert nearest > start
        check_nearest(wanted, nearest)
        found = days_of_plan(wanted=wanted, start=nearest)
        assert found.start == nearest

    sessions = list(
        sessions_of(
            course=wanted.courses[0], placed=found.placed[0], facts=facts, knowledge=KNOWLEDGE
        )
    )
    assert start <= found.start
    check_days(sessions, days, jurisdiction)
    check_gaps(protocol, sessions, jurisdiction)
    check_counts(protocol, sessions, found.start, days)
    check_taper(protocol, sessions)
    check_doses(protocol, sessions, weight)
    if not days.weekends_closed and protocol.id != "P-SC":  # 72 hours are less where clocks change
        check_rhythm(protocol, sessions, found.start)


@pytest.mark.parametrize(
    "treatment", ["esketamine", "ketamine-iv", "kap", "tms", "ketamine-then-tms"]
)
@pytest.mark.parametrize("jurisdiction", ["US", "EU"])
@settings(max_examples=15, deadline=None)
@given(start=STARTS)
def test_on_the_usual_days_every_default_fits_from_every_start(treatment, jurisdiction, start):
    wish = PlanWish(treatment=treatment, start=start, jurisdiction=jurisdiction)

    plan = propose(patient="somebody", facts=facts_of_vignette(), knowledge=KNOWLEDGE, wish=wish)

    days = usual_days(jurisdiction=jurisdiction, start=start)
    check_days(list(plan.sessions), days, jurisdiction)
    assert (plan.start - start).days <= 5
    doses = [each for each in plan.sessions if each.treatment == "esketamine"]
    for before, after in pairwise(doses):
        assert hours(before, after, ZONES[jurisdiction]) >= 48  # section 2.1, dose-change rule


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_the_combination_keeps_its_dates_apart_and_its_gap(data):
    start = data.draw(STARTS)
    days = data.draw(calendars("US", start))
    more = data.draw(st.booleans())
    wish = PlanWish(treatment="ketamine-then-tms", start=start, days=days, continue_ketamine=more)

    try:
        plan = propose(
            patient="somebody", facts=facts_of_vignette(), knowledge=KNOWLEDGE, wish=wish
        )
    except CannotPlaceError:
        return

    check_days(list(plan.sessions), days, "US")
    ketamine = {each.date for each in plan.sessions if each.treatment == "esketamine"}
    tms = [each.date for each in plan.sessions if each.treatment == "tms"]
    induction = [each.date for each in plan.sessions if each.phase == "induction"]
    assert not ketamine & set(tms)
    assert (len(induction), len(tms)) == (8, 36)
    assert 1 <= (tms[0] - induction[-1]).days <= 14  # CMB_04
    assert more or ketamine == set(induction)
    course_weeks = Counter((day - plan.start) // WEEK for day in ketamine)
    assert max(course_weeks.values()) <= 2  # CMB_10
    for week in {monday(day) for day in ketamine if monday(day) > monday(tms[0])}:
        assert sum(monday(day) == week for day in ketamine) == 1
        assert sum(monday(day) == week for day in tms) <= 4


CLOCKS_GO_FORWARD = {"US": date(2027, 3, 14), "EU": date(2027, 3, 28)}
CLOCKS_GO_BACK = {"US": date(2026, 11, 1), "EU": date(2026, 10, 25)}


@pytest.mark.parametrize("jurisdiction", ["US", "EU"])
@pytest.mark.parametrize("change", [CLOCKS_GO_FORWARD, CLOCKS_GO_BACK], ids=["forward", "back"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_48_hours_are_48_hours_where_clocks_change(jurisdiction, change, data):
    near = st.integers(-7, 7).map(lambda days: change[jurisdiction] + timedelta(days=days))
    closed = dict.fromkeys(data.draw(st.sets(near, max_size=7)), "closed")
    days = replace(every_day(jurisdiction=jurisdiction), closed=closed)
    name = {"US": "P-ESK-US-TRD", "EU": "P-ESK-EU-UNDER-65"}[jurisdiction]
    protocol = next(each for each in COURSES if each.id == name)
    facts = facts_of_vignette()
    wanted = wanted_of(protocol, days, jurisdiction, facts)

    try:
        found = days_of_plan(wanted=wanted, start=data.draw(near))
    except CannotPlaceError:
        return

    sessions = sessions_of(
        course=wanted.courses[0], placed=found.placed[0], facts=facts, knowledge=KNOWLEDGE
    )
    for before, after in pairwise(sessions):
        assert hours(before, after, ZONES[jurisdiction]) >= 48


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_a_new_version_keeps_the_past_the_open_days_and_the_gaps(data):
    treatment = data.draw(st.sampled_from(["esketamine", "ketamine-iv", "kap", "tms"]))
    start = data.draw(STARTS)
    wish = PlanWish(treatment=treatment, start=start)
    plan = propose(patient="somebody", facts=facts_of_vignette(), knowledge=KNOWLEDGE, wish=wish)
    first = data.draw(st.integers(1, len(plan.sessions)))
    last = min(first + data.draw(st.integers(0, 4)), len(plan.sessions))
    kind = data.draw(st.sampled_from(["missed", "pause", "extend", "step-back", "booster"]))
    event = Event(
        kind=EventKind(kind),
        on=plan.sessions[first - 1].date,
        sessions=tuple(range(first, last + 1)),
        until=plan.sessions[last - 1].date,
        worse=data.draw(st.booleans()),
    )

    try:
        again = after_event(plan=plan, event=event, knowledge=KNOWLEDGE)
    except (PlanEventError, CannotPlaceError):
        return

    days = usual_days(jurisdiction="US", start=start)
    check_days(list(again.sessions), days, "US")
    past = [each for each in plan.sessions if each.date < event.on]
    assert list(again.sessions[: len(past)]) == past
    assert again.version == plan.version + 1
    assert again.changes[-1].says
    missed = last - first + 1
    if kind == "missed" and treatment == "tms":
        assert len(again.sessions) == len(plan.sessions)  # at most five: all are appended
        assert len(again.holds) == 1 or last == len(plan.sessions)
    if kind in {"missed", "pause"} and treatment in {"ketamine-iv", "kap"}:
        assert len(again.sessions) == len(plan.sessions) - missed
    if kind == "extend":
        assert len(again.sessions) == len(plan.sessions) + 10


def test_the_first_day_of_five_days_in_a_row_is_a_monday_without_a_holiday():
    protocol = next(each for each in COURSES if each.id == "SNT")
    start = date(2027, 1, 14)

    found = first_day(
        phases=protocol.schedule,
        start=start,
        days=usual_days(jurisdiction="US", start=start),
    )

    assert found == date(2027, 1, 25)  # 18 January is the day of Martin Luther King


@pytest.mark.parametrize("name", ["P-ESK-US-TRD", "P-IV-STD", "KAP-STRUCTURE"])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_one_closed_day_moves_one_session_to_the_next_open_day_or_the_one_before(name, data):
    # A closed planned day moves to the nearest open day; no clock changes from May to November.
    start = data.draw(st.dates(date(2027, 5, 1), date(2027, 8, 1)))
    protocol = next(each for each in COURSES if each.id == name)
    facts = facts_of_vignette()
    open_ = every_day(jurisdiction="US")
    usual = days_of_plan(wanted=wanted_of(protocol, open_, "US", facts), start=start).placed[0]
    gone = data.draw(st.integers(1, len(usual) - 1))
    shut = replace(open_, closed={usual[gone].date: "closed"})

    moved = days_of_plan(wanted=wanted_of(protocol, shut, "US", facts), start=start).placed[0]

    shift = [abs((new.date - old.date).days) for new, old in zip(moved, usual, strict=True)]
    assert shift == [int(number == gone) for number in range(len(usual))]
