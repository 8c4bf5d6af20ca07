"""What holds of the sessions of any course; gaps and rhythms are written out, not taken from the planner."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from overstory.knowledge.shapes.protocols import Protocol
from overstory.pathway.planning.days_of_plan import Wanted, days_of_plan
from overstory.pathway.planning.open_days import OpenDays
from overstory.pathway.planning.placing import CannotPlaceError
from overstory.pathway.planning.values import Session

ZONES = {"US": ZoneInfo("America/New_York"), "EU": ZoneInfo("Europe/Brussels")}
WEEK = timedelta(days=7)
GAP_HOURS = {"esketamine": 48, "ketamine-iv": 40, "kap": 40, "tms": 16}
"""Section 2.1 of the clinical dossiers; a day between infusions, and a night between TMS days: site policy."""
GAP_OF = {"P-SC": 72, "SNT": 1}
"""EV-KADS: three days or more apart; SCH_SNT: one an hour, 50 minutes between end and start."""
OFFSETS = {1: [0], 2: [0, 3], 3: [0, 2, 4]}
"""Days of a week of the course, decision 0026: two a week stand on days 1 and 4."""


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


def check_gaps(protocol: Protocol, sessions: list[Session], jurisdiction: str) -> None:
    """Sessions on different days are as far apart as the dossiers say, and each says so."""
    least = GAP_OF.get(protocol.id, GAP_HOURS[protocol.treatment])
    assert {each.min_gap_hours for each in sessions} == {least}
    for before, after in pairwise(sessions):
        if before.date != after.date:
            assert hours(before, after, ZONES[jurisdiction]) >= least
            assert after.date > before.date


def check_counts(protocol: Protocol, sessions: list[Session], start: date, days: OpenDays) -> None:
    """Each phase has its sessions, in its order, in each of its weeks as many as it says."""
    names = [phase.name for phase in protocol.schedule]
    assert [names.index(each.phase) for each in sessions] == sorted(
        names.index(each.phase) for each in sessions
    )
    for phase in protocol.schedule:
        own = [each for each in sessions if each.phase == phase.name]
        if phase.sessions is not None:
            assert len(own) == phase.sessions
        if phase.days is not None:
            row = sorted({each.date for each in own})
            assert [(day - row[0]).days for day in row] == list(range(phase.days))
            assert set(Counter(each.date for each in own).values()) == {phase.per_day}
        elif phase.weekdays:
            _check_working_days(own, phase.name, start, days)
        elif phase.weeks:
            weeks = Counter((each.date - start) // WEEK for each in own)
            assert set(weeks.values()) == {phase.per_week}
            assert sorted(weeks) == list(range(min(weeks), min(weeks) + phase.weeks))
            assert all((each.earliest - start) // WEEK == each.week - 1 for each in own)
            assert all((each.latest - start) // WEEK == each.week - 1 for each in own)
        elif phase.every_weeks:
            weeks_of = [(each.date - start) // WEEK for each in own]
            assert {after - before for before, after in pairwise(weeks_of)} <= {
                phase.every_weeks[-1]
            }
            assert phase.times is None or len(own) == phase.times


def _check_working_days(own: list[Session], phase: str, start: date, days: OpenDays) -> None:
    assert all(each.date.weekday() < 5 for each in own)
    if phase != "acute":
        return
    expected, day = [], start
    while len(expected) < len(own):
        if day.weekday() < 5 and days.is_open(day):
            expected.append(day)
        day += timedelta(days=1)
    assert [each.date for each in own] == expected  # a daily course leaves no working day out


def check_rhythm(protocol: Protocol, sessions: list[Session], start: date) -> None:
    """Where every day is open, each session stands on the very day of its rhythm."""
    week = 0
    for phase in protocol.schedule:
        own = [each.date for each in sessions if each.phase == phase.name]
        if phase.weekdays or phase.days is not None:
            return
        if phase.weeks:
            assert isinstance(phase.per_week, int)
            assert own == [
                start + (week + at) * WEEK + timedelta(days=offset)
                for at in range(phase.weeks)
                for offset in OFFSETS[phase.per_week]
            ]
            week += phase.weeks
        else:
            every = phase.every_weeks[-1]
            assert own == [start + (week + at * every) * WEEK for at in range(len(own))]
            week += every * len(own)


def check_taper(protocol: Protocol, sessions: list[Session]) -> None:
    """A taper stands in the calendar weeks after the last daily session: three, two, one."""
    own = [each for each in sessions if each.phase == "taper"]
    if protocol.id in {"NS_10HZ_STD", "NS_10HZ_DASH", "ADOL_10HZ"}:  # SCH_36
        assert (len(sessions), len(own)) == (36, 6)
    if not own:
        return
    acute = [each for each in sessions if each.phase == "acute"]
    weeks = Counter((monday(each.date) - monday(acute[-1].date)) // WEEK for each in own)
    assert weeks == {1: 3, 2: 2, 3: 1}


def check_doses(protocol: Protocol, sessions: list[Session], weight_kg: float) -> None:
    """Each dose is one of the protocol, within its cap, and no more than 2 % below what it should be."""
    for each in sessions:
        assert (each.dose is None) != (each.stimulation is None)
        if each.dose is None:
            continue
        if each.dose.value is None:
            assert "prescriber-sets-dose" in {need.id for need in each.needs}
            continue
        assert 0 < each.dose.value <= protocol.dose.cap.mg
        if protocol.dose.mg_per_kg:
            wanted = protocol.dose.mg_per_kg * weight_kg
            assert float(each.dose.value) <= wanted + 1e-9
            assert float(each.dose.value) >= 0.98 * min(wanted, protocol.dose.cap.mg)
            assert 30 <= weight_kg <= 200  # section 5, guards
        if protocol.dose.mg:
            assert each.dose.value in {*protocol.dose.mg, *protocol.dose.reduce_to_mg}
            assert each.dose.value == protocol.dose.first_mg


def check_nearest(wanted: Wanted, nearest: date) -> None:
    """From the day before, the course does not fit, or it begins on the nearest start as well."""
    try:
        found = days_of_plan(wanted=wanted, start=nearest - timedelta(days=1))
    except CannotPlaceError:
        return
    assert found.start == nearest
