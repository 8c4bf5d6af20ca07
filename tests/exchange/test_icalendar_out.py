"""A calendar says when, at the clinic's wall time, and nothing of what, why or for whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from overstory.exchange.icalendar_out import CalendarError, calendar
from overstory.pathway.timetable.instance import Session
from tests.unit.timetable import clinics

SECRET = b"sixteen bytes and more"
AT = datetime(2027, 2, 1, 12, tzinfo=UTC)


def session(n: int, on: date) -> Session:
    return Session("course-maya-esketamine", n, 0, "infusion", on, 9 * 60, ("chair-7",))


def written(*sessions: Session, secret: bytes = SECRET, **clinic: object) -> bytes:
    return calendar(
        sessions,
        clinic=clinics.clinic(**clinic),
        minutes={"infusion": 120},
        secret=secret,
        at=AT,
    )


def events(content: bytes) -> list[object]:
    return list(Calendar.from_ical(content).walk("VEVENT"))


# United States: the clocks go forward on 14 March and back on 7 November 2027 (second Sunday of March,
# first Sunday of November); New York is at UTC-5 in winter and UTC-4 in summer.
@pytest.mark.parametrize(
    ("on", "utc_hour"),
    [
        (date(2027, 3, 12), 14),
        (date(2027, 3, 14), 13),
        (date(2027, 3, 15), 13),
        (date(2027, 11, 5), 13),
        (date(2027, 11, 7), 14),
        (date(2027, 11, 8), 14),
    ],
)
def test_nine_o_clock_stays_nine_o_clock_when_the_clocks_change(on, utc_hour):
    (event,) = events(written(session(1, on)))

    start = event["dtstart"].dt

    assert (start.hour, start.minute) == (9, 0)
    assert start.astimezone(UTC).hour == utc_hour
    assert event["duration"].dt == timedelta(hours=2)


def test_the_time_zone_is_in_the_calendar_with_both_changes_of_the_clocks():
    content = written(session(1, date(2027, 3, 12)))

    (zone,) = Calendar.from_ical(content).walk("VTIMEZONE")

    assert zone["tzid"] == "America/New_York"
    assert {each.name for each in zone.subcomponents} == {"STANDARD", "DAYLIGHT"}


def test_europe_changes_on_its_own_days():
    # European Union: forward on 28 March 2027, the last Sunday of March.
    content = written(
        session(1, date(2027, 3, 26)), session(2, date(2027, 3, 29)), zone="Europe/Berlin"
    )

    starts = [each["dtstart"].dt.astimezone(UTC).hour for each in events(content)]

    assert starts == [8, 7]


@pytest.mark.parametrize("word", [b"maya", b"esketamine", b"infusion", b"chair", b"course"])
def test_nothing_of_health_or_person_is_in_the_calendar(word):
    content = written(session(1, date(2027, 3, 12)))

    assert word not in content.lower()


def test_an_event_has_no_more_than_it_needs():
    (event,) = events(written(session(1, date(2027, 3, 12))))

    assert set(event) == {"UID", "SUMMARY", "DTSTAMP", "DTSTART", "DURATION", "CLASS"}
    assert event["summary"] == "Appointment"


def test_an_identifier_stays_the_same_and_differs_by_session_and_by_secret():
    one = events(written(session(1, date(2027, 3, 12))))[0]["uid"]
    moved = events(written(session(1, date(2027, 3, 15))))[0]["uid"]
    other = events(written(session(2, date(2027, 3, 12))))[0]["uid"]
    elsewhere = events(written(session(1, date(2027, 3, 12)), secret=b"another secret, long"))

    assert one == moved
    assert len({one, other, elsewhere[0]["uid"]}) == 3


def test_a_short_secret_is_refused():
    with pytest.raises(CalendarError, match="at least 16 bytes"):
        written(session(1, date(2027, 3, 12)), secret=b"short")


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(CalendarError, match="has a zone"):
        calendar([], clinic=clinics.clinic(), minutes={}, secret=SECRET, at=AT.replace(tzinfo=None))
