"""The independent check accepts a valid timetable and finds every kind of planted fault."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from overstory.pathway.timetable.checker import violations
from overstory.pathway.timetable.instance import Booked
from tests.unit.timetable import clinics

Document = dict[str, Any]


@pytest.fixture(scope="module")
def valid() -> tuple[Document, Document]:
    """Two TMS courses and one of infusions, with a holiday and a session that is booked."""
    asked = clinics.instance(
        clinics.course("a"),
        clinics.course("b", prefer=14 * 60),
        clinics.course(
            "c", clinics.stage("infusion", 4, (0, 3), (1, 4), min_gap_days=2), urgency=2
        ),
        clinics.course(
            "d",
            clinics.stage("infusion", 2, (0, 3), min_gap_days=2),
            clinics.stage("tms", 5, least_days=3, most_days=7, least_hours=24),
        ),
        devices=2,
        clinic=clinics.clinic(closed=frozenset({date(2027, 3, 8)})),
        booked=(Booked("old", "tms", date(2027, 3, 2), 8 * 60),),
    )
    return clinics.documents(asked, clinics.planned(asked))


def session(timetable: Document, course: str, n: int = 1) -> Document:
    return next(
        each for each in timetable["sessions"] if each["course"] == course and each["n"] == n
    )


def place(timetable: Document, course: str) -> Document:
    return next(each for each in timetable["courses"] if each["course"] == course)


def test_a_valid_timetable_has_nothing_wrong(valid):
    assert violations(*valid) == []


def _move(name: str, n: int, **change: Any) -> Callable[[Document, Document], None]:
    return lambda _, timetable: session(timetable, name, n).update(change)


def _drop_session(_: Document, timetable: Document) -> None:
    timetable["sessions"].remove(session(timetable, "a", 10))


def _claim(**change: Any) -> Callable[[Document, Document], None]:
    return lambda _, timetable: timetable.update(change)


def _course(course: str, **change: Any) -> Callable[[Document, Document], None]:
    return lambda _, timetable: place(timetable, course).update(change)


def _same_unit(_: Document, timetable: Document) -> None:
    for one in timetable["sessions"]:
        one["units"] = [each[:-1] + "1" for each in one["units"]]
        if one["course"] == "b":
            one["start"] = session(timetable, "a")["start"]


def _unit_out(instance: Document, timetable: Document) -> None:
    first = session(timetable, "a")
    for place in instance["places"]:
        for unit in place["units"]:
            if unit["id"] in first["units"]:
                unit["outs"] = [{"on": first["on"], "from": "00:00", "until": "24:00"}]


def _ill(instance: Document, timetable: Document) -> None:
    first = session(timetable, "c")
    for person in instance["roles"][1]["people"]:
        person["outs"] = [{"on": first["on"], "from": "00:00", "until": "24:00"}]


def _end_of_shift(instance: Document, _: Document) -> None:
    for person in instance["roles"][1]["people"]:
        person["shifts"] = [{"weekdays": ["mon", "tue", "wed", "thu", "fri"],
                             "from": "08:00", "until": "09:30"}]  # fmt: skip


def _away(instance: Document, timetable: Document) -> None:
    instance["courses"][0]["away"] = [session(timetable, "a", 3)["on"]]


def _closed(instance: Document, timetable: Document) -> None:
    instance["clinic"]["closed"].append(session(timetable, "a", 3)["on"])


def _later_wish(instance: Document, _: Document) -> None:
    instance["courses"][0]["wish"] = "2027-03-04"


def _no_hours(instance: Document, _: Document) -> None:
    for window in instance["courses"][0]["free"]:
        window["until"] = "09:10"


def _travel(instance: Document, _: Document) -> None:
    for window in instance["courses"][0]["free"]:
        window["until"] = "09:40"
    instance["courses"][0]["travel_minutes"] = 20


def _skipped(_: Document, timetable: Document) -> None:
    own = [each for each in timetable["sessions"] if each["course"] == "a"]
    own[-1]["on"] = "2027-03-22"


def _off_pattern(_: Document, timetable: Document) -> None:
    own = [each for each in timetable["sessions"] if each["course"] == "c"]
    own[-1]["on"] = "2027-03-19"


def _too_close(instance: Document, _: Document) -> None:
    instance["courses"][2]["stages"][0]["min_gap_days"] = 4


def _gap_of_stages(instance: Document, _: Document) -> None:
    instance["courses"][3]["stages"][1].update(least_days=8, most_days=9)


def _hours_of_stages(instance: Document, _: Document) -> None:
    instance["courses"][3]["stages"][1].update(least_hours=24 * 8)


def _unplaced(_: Document, timetable: Document) -> None:
    timetable["courses"].remove(place(timetable, "b"))
    timetable["sessions"] = [each for each in timetable["sessions"] if each["course"] != "b"]


def _silent(_: Document, timetable: Document) -> None:
    _unplaced(_, timetable)
    timetable["unplaced"].append({"course": "b", "why": "", "instead": []})


def _booked_moved(_: Document, timetable: Document) -> None:
    timetable["booked"][0]["start"] = "16:00"


def _monitors(instance: Document, _: Document) -> None:
    instance["roles"][1]["people"] = instance["roles"][1]["people"][:1]
    instance["roles"][1]["patients_per_monitor"] = 1
    for visit in instance["visits"]:
        if visit["id"] == "infusion":
            visit["needs"].append({"of": "nurse", "from": 20, "until": 120, "how": "watch"})


@pytest.mark.parametrize(
    ("kind", "plant"),
    [
        ("closed-day", _closed),
        ("closed-day", _move("a", 1, on="2027-02-26")),
        ("away", _away),
        ("before-wish", _later_wish),
        ("order", _move("a", 2, on="2027-03-01")),
        ("not-free", _no_hours),
        ("not-free", _travel),
        ("hours", _move("a", 4, start="17:50")),
        ("hours", _move("c", 1, start="08:00")),
        ("unit", _move("a", 1, units=["chair-1"])),
        ("unit", _move("a", 1, units=[])),
        ("unit-out", _unit_out),
        ("double", _same_unit),
        ("staff", _ill),
        ("staff", _end_of_shift),
        ("staff", _monitors),
        ("sessions", _drop_session),
        ("sessions", _move("a", 2, visit="infusion")),
        ("slot", _move("a", 5, start="15:00")),
        ("start", _course("a", stages=[{"start": "2027-03-02", "pattern": 0, "slot": "09:00"}])),
        ("pattern", _skipped),
        ("pattern", _off_pattern),
        ("gap", _too_close),
        ("stage-gap", _gap_of_stages),
        ("stage-gap", _hours_of_stages),
        ("unplaced", _unplaced),
        ("silent", _silent),
        ("booked", _booked_moved),
        ("cost", _claim(cost=3)),
        ("cost", _course("a", cost=7)),
        ("delay", _course("a", delay_days=2)),
        ("late", _course("a", late=True)),
        ("bound", _claim(bound=10_000.0)),
        ("unknown", _move("a", 1, course="nobody")),
    ],
)
def test_a_planted_fault_is_found(valid, kind, plant):
    instance, timetable = copy.deepcopy(valid)

    plant(instance, timetable)

    assert kind in {each.kind for each in violations(instance, timetable)}


def at_night(zone: str, day: str, start: str) -> set[str]:
    """The kinds of fault of one short visit on a Sunday night."""
    asked = clinics.instance(
        clinics.course("a", clinics.stage("talk", 1, (6,)), wish=date(2027, 3, 1)),
        visits=(clinics.Visit("talk", 20, ()),),
        clinic=clinics.clinic(
            zone=zone, opens=0, closes=10 * 60, weekdays=(6,), last_day=date(2027, 12, 31)
        ),
    )
    placed = {"start": day, "pattern": 0, "slot": start}
    timetable = {
        "courses": [{"course": "a", "delay_days": 0, "cost": 0, "late": False, "stages": [placed]}],
        "sessions": [{"course": "a", "n": 1, "stage": 0, "visit": "talk", "on": day,
                      "start": start, "units": [], "moved": False}],
        "unplaced": [], "booked": [], "cost": 0,
    }  # fmt: skip
    return {each.kind for each in violations(clinics.instance_json(asked), timetable)}


# IANA time zone database, 2027: New York 14 March 02:00 to 03:00 and 7 November 02:00 to 01:00;
# Berlin 28 March 02:00 to 03:00 and 31 October 03:00 to 02:00; Lord Howe moves by half an hour, on
# 3 October 02:00 to 02:30 and on 4 April 02:00 to 01:30; Kolkata never.
@pytest.mark.parametrize(
    ("zone", "day", "start", "wrong"),
    [
        ("America/New_York", "2027-03-14", "01:30", False),
        ("America/New_York", "2027-03-14", "01:50", True),
        ("America/New_York", "2027-03-14", "02:30", True),
        ("America/New_York", "2027-03-14", "03:00", False),
        ("America/New_York", "2027-11-07", "01:30", True),
        ("America/New_York", "2027-11-07", "02:00", False),
        ("America/New_York", "2027-11-07", "00:40", False),
        ("Europe/Berlin", "2027-03-28", "02:10", True),
        ("Europe/Berlin", "2027-10-31", "02:10", True),
        ("Europe/Berlin", "2027-10-31", "03:00", False),
        ("Australia/Lord_Howe", "2027-10-03", "02:10", True),
        ("Australia/Lord_Howe", "2027-10-03", "02:30", False),
        ("Australia/Lord_Howe", "2027-04-04", "01:40", True),
        ("Asia/Kolkata", "2027-03-14", "02:30", False),
    ],
)
def test_a_visit_that_the_clocks_skip_or_double_is_found(zone, day, start, wrong):
    assert ("no-such-time" in at_night(zone, day, start)) is wrong
