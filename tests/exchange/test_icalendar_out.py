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


def written(
    *sessions: Session, secret: bytes = SECRET, before: bytes = b"", **clinic: object
) -> bytes:
    return calendar(
        sessions,
        clinic=clinics.clinic(**clinic),
        minutes={"infusion": 120},
        secret=secret,
        at=AT,
        before=before,
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

    assert set(event) == {
        "UID", "SUMMARY", "DTSTAMP", "DTSTART", "DURATION", "CLASS", "SEQUENCE", "STATUS",
    }  # fmt: skip
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


def by_day(content: bytes) -> dict[date, tuple[int, str]]:
    return {
        each["dtstart"].dt.date(): (each["sequence"], each["status"]) for each in events(content)
    }


FRIDAY, MONDAY, TUESDAY = date(2027, 3, 12), date(2027, 3, 15), date(2027, 3, 16)


def test_a_session_that_moved_counts_up_and_one_that_stayed_does_not():
    first = written(session(1, FRIDAY), session(2, MONDAY))

    again = written(session(1, FRIDAY), session(2, TUESDAY), before=first)

    assert by_day(first) == {FRIDAY: (0, "CONFIRMED"), MONDAY: (0, "CONFIRMED")}
    assert by_day(again) == {FRIDAY: (0, "CONFIRMED"), TUESDAY: (1, "CONFIRMED")}


def test_a_session_that_is_gone_is_told_as_cancelled_and_may_come_back():
    first = written(session(1, FRIDAY), session(2, MONDAY))

    gone = written(session(1, FRIDAY), before=first)
    still = written(session(1, FRIDAY), before=gone)
    back = written(session(1, FRIDAY), session(2, TUESDAY), before=still)

    assert by_day(gone) == {FRIDAY: (0, "CONFIRMED"), MONDAY: (1, "CANCELLED")}
    assert by_day(still) == by_day(gone)
    assert by_day(back) == {FRIDAY: (0, "CONFIRMED"), TUESDAY: (2, "CONFIRMED")}


def test_a_calendar_that_is_written_again_without_a_change_is_the_same():
    first = written(session(1, FRIDAY), session(2, MONDAY))

    assert written(session(1, FRIDAY), session(2, MONDAY), before=first) == first


@pytest.mark.parametrize(
    "before",
    [
        b"nothing",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "caf\u00e9".encode("latin-1"),
    ],
)
def test_what_is_no_calendar_of_ours_is_refused_as_the_one_before(before):
    with pytest.raises(CalendarError, match="not one that was written here"):
        written(session(1, FRIDAY), before=before)


# IANA time zone database, 2027: Lord Howe Island is at UTC+11 in summer and +10:30 from 4 April;
# Kolkata is at +05:30 always; Berlin goes back from +2 to +1 on 31 October.
@pytest.mark.parametrize(
    ("zone", "on", "utc"),
    [
        ("Australia/Lord_Howe", date(2027, 4, 3), datetime(2027, 4, 2, 22, 0, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2027, 4, 5), datetime(2027, 4, 4, 22, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2027, 10, 4), datetime(2027, 10, 3, 22, 0, tzinfo=UTC)),
        ("Asia/Kolkata", date(2027, 4, 5), datetime(2027, 4, 5, 3, 30, tzinfo=UTC)),
        ("Europe/Berlin", date(2027, 10, 31), datetime(2027, 10, 31, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_reader_that_knows_only_the_calendar_finds_the_same_moment(zone, on, utc):
    content = written(session(1, on), zone=zone)
    # A name that no database has: only the VTIMEZONE of the calendar can tell the moment.
    unknown = content.replace(zone.encode(), f"X-{zone}-{on}".encode())

    (event,) = events(content)
    (strange,) = events(unknown)

    assert event["dtstart"].dt.astimezone(UTC) == utc
    assert strange["dtstart"].dt.astimezone(UTC) == utc


def test_lines_are_folded_and_end_as_the_standard_says():
    # RFC 5545, 3.1: lines end with CRLF and are no longer than 75 octets.
    content = written(
        session(1, FRIDAY), session(2, MONDAY), zone="America/Argentina/ComodRivadavia"
    )

    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
