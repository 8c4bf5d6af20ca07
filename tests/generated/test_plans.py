"""Laws of plans: every course that may be planned, from any start, on any open days."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

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
from overstory.pathway.planning.values import Session
from overstory.pathway.protocols import judge
from tests.people import facts_of_vignette
from tests.planning import plannable, with_every_course

KNOWLEDGE = with_every_course()
COURSES = plannable(KNOWLEDGE)
ZONES = {"US": ZoneInfo("America/New_York"), "EU": ZoneInfo("Europe/Brussels")}
STARTS = st.dates(date(2026, 11, 23), date(2031, 12, 31))
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


def hours(first: Session, second: Session, zone: ZoneInfo) -> float:
    """Hours from one session to another at ten in the morning on both days, on a real clock."""
    start, end = (
        datetime(each.date.year, each.date.month, each.date.day, 10, tzinfo=zone)
        for each in (first, second)
    )
    return (end.timestamp() - start.timestamp()) / 3600


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def check_days(sessions: list[Session], days: OpenDays, jurisdiction: str) -> None:
    assert [each.n for each in sessions] == list(range(1, len(sessions) + 1))
    for each in sessions:
        assert days.is_open(each.date), f"{each.date} is closed"
        assert each.earliest <= each.date <= each.latest
    for before, after in pairwise(sessions):
        if before.date == after.date:
            assert after.of_day == before.of_day + 1
        else:
            assert hours(before, after, ZONES[jurisdiction]) >= after.min_gap_hours


def check_counts(protocol: Protocol, sessions: list[Session]) -> None:
    """Each phase has its sessions, in each of its weeks as many as it says."""
    for phase in protocol.schedule:
        own = [each for each in sessions if each.phase == phase.name]
        if phase.sessions is not None:
            assert len(own) == phase.sessions
        if phase.days is not None:
            row = sorted({each.date for each in own})
            assert [(day - row[0]).days for day in row] == list(range(phase.days))
            assert set(Counter(each.date for each in own).values()) == {phase.per_day}
        elif phase.weekdays:
            assert all(each.date.weekday() < 5 for each in own)
            assert max(Counter(monday(each.date) for each in own).values()) <= 5
        elif phase.weeks:
            start = sessions[0].earliest
            weeks = Counter((each.date - start) // WEEK for each in own)
            assert set(weeks.values()) == {phase.per_week}
            assert len(weeks) == phase.weeks


def check_taper(protocol: Protocol, sessions: list[Session]) -> None:
    """A taper stands in the calendar weeks after the last daily session: three, two, one."""
    own = [each for each in sessions if each.phase == "taper"]
    if not own:
        return
    acute = [each for each in sessions if each.phase == "acute"]
    weeks = Counter((monday(each.date) - monday(acute[-1].date)) // WEEK for each in own)
    assert weeks == {1: 3, 2: 2, 3: 1}


def check_doses(protocol: Protocol, sessions: list[Session], weight_kg: float) -> None:
    for each in sessions:
        assert (each.dose is None) != (each.stimulation is None)
        if each.dose is None:
            continue
        if each.dose.value is None:
            assert "prescriber-sets-dose" in {need.id for need in each.needs}
            continue
        assert 0 < each.dose.value <= protocol.dose.cap.mg
        if protocol.dose.mg_per_kg:
            assert float(each.dose.value) <= protocol.dose.mg_per_kg * weight_kg + 1e-9
        if protocol.dose.mg:
            assert each.dose.value in {*protocol.dose.mg, *protocol.dose.reduce_to_mg}


@pytest.mark.parametrize("protocol", COURSES, ids=lambda each: each.id)
@settings(max_examples=25, deadline=None)
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
        found = days_of_plan(wanted=wanted, start=nearest)
        assert found.start == nearest

    sessions = list(
        sessions_of(
            course=wanted.courses[0], placed=found.placed[0], facts=facts, knowledge=KNOWLEDGE
        )
    )
    assert found.start >= start
    check_days(sessions, days, jurisdiction)
    check_counts(protocol, sessions)
    check_taper(protocol, sessions)
    check_doses(protocol, sessions, weight)


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


@settings(max_examples=30, deadline=None)
@given(
    start=st.one_of(
        st.dates(date(2027, 3, 8), date(2027, 3, 16)),
        st.dates(date(2027, 11, 1), date(2027, 11, 9)),
    )
)
def test_48_hours_are_48_hours_where_clocks_change(start):
    days = every_day(jurisdiction="US")
    protocol = next(each for each in COURSES if each.id == "P-ESK-US-TRD")
    facts = facts_of_vignette()
    wanted = wanted_of(protocol, days, "US", facts)

    found = days_of_plan(wanted=wanted, start=start)

    sessions = sessions_of(
        course=wanted.courses[0], placed=found.placed[0], facts=facts, knowledge=KNOWLEDGE
    )
    for before, after in pairwise(sessions):
        assert hours(before, after, ZONES["US"]) >= 48


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
