"""Whatever is wrong in a document of a timetable is told with its JSON path, and never ends in a traceback."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.exchange.records import InputError
from overstory.exchange.timetable_json import instance_json, read_instance
from overstory.exchange.timetable_result import read_timetable, timetable_json
from overstory.pathway.timetable.checker import violations
from overstory.pathway.timetable.instance import Booked, Out
from tests.unit.timetable import clinics

ASKED = clinics.instance(
    clinics.course("a", away=frozenset({date(2027, 3, 3)})),
    clinics.course(
        "b",
        clinics.stage("infusion", 2, (0, 3), min_gap_days=2),
        clinics.stage("tms", 3, least_days=3, most_days=7, least_hours=24),
    ),
    booked=(Booked("old", "tms", date(2027, 3, 2), 480, "someone"),),
)
INSTANCE = instance_json(ASKED)
TIMETABLE = timetable_json(clinics.planned(ASKED, bound=0.0))


def changed(document: Any, path: tuple[str | int, ...], value: object) -> Any:
    document = copy.deepcopy(document)
    part = document
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return document


OUT = [{"on": "2027-03-01", "from": "12:00", "until": "11:00"}]
CHAIR = {"of": "chair", "from": 0, "until": 10, "how": "whole"}


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("clinic", "zone"), "America/Overstory", "no time zone is named .* at `$.clinic.zone`"),
        (("clinic", "opens"), "8 am", "no time of day.* at `$.clinic.opens`"),
        (("clinic", "opens"), 8, "no time of day.* at `$.clinic.opens`"),
        (("clinic", "opens"), "19:00", "opens before it closes.* at `$.clinic.opens`"),
        (("clinic", "grid_minutes"), 7, "grid steps.* at `$.clinic.grid_minutes`"),
        (("clinic", "grid_minutes"), -10, "grid steps.* at `$.clinic.grid_minutes`"),
        (("clinic", "grid_minutes"), 5, "coarser grid.* at `$.clinic.grid_minutes`"),
        (("clinic", "last_day"), "2027-02-01", "before the first.* at `$.clinic.last_day`"),
        (("clinic", "last_day"), "2199-01-01", "at most 1500 days.* at `$.clinic.last_day`"),
        (("clinic", "last_day"), "9999-12-31", "lies in the years"),
        (("clinic", "weekdays"), [], "at least one weekday.* at `$.clinic.weekdays`"),
        (("clinic", "closed", 0), "2027-02-30", "at `$.clinic.closed"),
        (("places", 0, "id"), "chair", "'chair' stands twice - at `$.places"),
        (("places", 0, "id"), "nurse", "'nurse' stands twice"),
        (("places", 0, "id"), " ", "a name that is not empty"),
        (("places", 1, "units", 0, "id"), "chair-2", "'chair-2' stands twice"),
        (("places", 1, "units", 0, "id"), "nurse-1", "'nurse-1' stands twice"),
        (
            ("places", 1, "units", 0, "outs"),
            OUT,
            "out begins before.* `$.places.1..units.0..outs.0.",
        ),
        (("roles", 1, "patients_per_monitor"), 0, "at `$.roles.1..patients_per_monitor`"),
        (
            ("roles", 1, "people", 0, "shifts", 0, "until"),
            "07:00",
            "`$.roles.1..people.0..shifts.0.",
        ),
        (("roles", 1, "people", 1, "outs"), OUT, "`$.roles.1..people.1..outs.0."),
        (("visits", 1, "id"), "tms", "visit 'tms' stands twice - at `$.visits.1..id`"),
        (("visits", 0, "minutes"), -30, "minutes is 1 to 1440 - at `$.visits.0..minutes`"),
        (("visits", 0, "minutes"), 30.5, "`$.visits.0..minutes`"),
        (("visits", 0, "needs", 0, "of"), "moon", "no place or role.* `$.visits.0..needs.0..of`"),
        (("visits", 0, "needs", 0, "until"), -5, "ends after it begins - at `$.visits.0..needs.0."),
        (("visits", 0, "needs", 0, "how"), "watch", "cannot watch - at `$.visits.0..needs.0..how`"),
        (("visits", 1, "needs", 1), dict(CHAIR, **{"from": 130, "until": 140}), "are one need"),
        (("courses", 1, "id"), "a", "course 'a' stands twice - at `$.courses.1..id`"),
        (("courses", 1, "urgency"), 3, "urgency is one of 1, 2, 4 - at `$.courses.1..urgency`"),
        (("courses", 0, "urgency"), True, "`$.courses.0..urgency`"),
        (("courses", 0, "travel_minutes"), -1, "`$.courses.0..travel_minutes`"),
        (("courses", 0, "free", 2, "until"), "07:00", "`$.courses.0..free.2.`"),
        (("courses", 0, "wish"), "0001-01-01", "`$.courses.0..wish`"),
        (("courses", 0, "stages"), [], "at least one stage - at `$.courses.0..stages`"),
        (
            ("courses", 0, "stages", 0, "blocks", 0, "sessions"),
            0,
            "`$.courses.0..stages.0..blocks.0.`",
        ),
        (("courses", 0, "stages", 0, "blocks", 0, "sessions"), 10**9, "at most 500 sessions"),
        (
            ("courses", 0, "stages", 0, "blocks", 0, "visits"),
            ["x"],
            "no visit is named 'x'.*blocks.0.",
        ),
        (("courses", 0, "stages", 0, "patterns", 0), [], "weekdays of each block.*patterns.0."),
        (("courses", 1, "stages", 1, "least_hours"), -1, "`$.courses.1..stages.1..least_hours`"),
        (
            ("courses", 1, "stages", 1, "least_days"),
            9,
            "least_days <= most_days - at `$.courses.1.",
        ),
        (("courses", 0, "colour"), "blue", "unknown field `colour` - at `$.courses.0.`"),
        (("booked", 0, "visit"), "x", "no visit is named 'x' - at `$.booked.0..visit`"),
        (("booked", 0, "start"), "24:01", "no time of day.* at `$.booked.0..start`"),
    ],
)
def test_what_is_wrong_in_an_instance_is_told_with_its_path(path, value, says):
    document = changed(INSTANCE, path, value) if path[-1] != 0 or path[1] != "closed" else None
    if document is None:
        document = changed(INSTANCE, path[:-1], [value])

    with pytest.raises(InputError, match=says.replace("$", r"\$")) as refused:
        read_instance(json.dumps(document), name="clinic.json")

    assert str(refused.value).startswith("clinic.json: ")


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("cost",), "0", "at `$.cost`"),
        (("bound",), "none", "at `$.bound`"),
        (("sessions", 0, "start"), "9:00", "at `$.sessions.0..start`"),
        (("sessions", 0, "on"), "2027-02-30", "at `$.sessions.0..on`"),
        (("sessions", 0, "colour"), "blue", "unknown field `colour` - at `$.sessions.0.`"),
        (("courses", 0, "stages", 0, "slot"), None, "at `$.courses.0..stages.0..slot`"),
        (("unplaced",), None, "at `$.unplaced`"),
        (("schema",), "overstory.timetable/2", "at `$.schema`"),
        (("colour",), 1, "unknown field `colour`"),
    ],
)
def test_what_is_wrong_in_a_timetable_is_told_with_its_path(path, value, says):
    document = changed(TIMETABLE, path, value)

    with pytest.raises(InputError, match=says.replace("$", r"\$")):
        read_timetable(json.dumps(document), name="plan.json")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"schema":' * 100_000,
    ],
)
def test_what_is_no_document_at_all_is_refused(content):
    for read in (read_instance, read_timetable):
        with pytest.raises(InputError, match=r"x\.json: "):
            read(content, name="x.json")


def test_a_clinic_that_is_open_while_the_clocks_change_is_told_to_close():
    # New York, 14 March 2027, 02:00 to 03:00 (IANA time zone database): a Sunday.
    night = dict(INSTANCE["clinic"], opens="01:00", closes="11:00", weekdays=["sun", "mon"])

    with pytest.raises(InputError, match=r"the clocks change on 2027-03-14 .*`\$\.clinic\.closed`"):
        read_instance(json.dumps(dict(INSTANCE, clinic=night)), name="x")

    night["closed"] = ["2027-03-14"]
    assert read_instance(json.dumps(dict(INSTANCE, clinic=night)), name="x").clinic.opens == 60


VALUES = st.sampled_from(
    [None, True, -1, 0, 10**12, 1e308, "", "x", "24:00", "00:00", "1999-01-01", "9999-12-31", [], {},
     [[]], "\x00", "mon", ["mon"]]
)  # fmt: skip


def paths(document: Any) -> list[tuple[str | int, ...]]:
    found: list[tuple[str | int, ...]] = []
    inside = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in inside:
        found.append((key,))
        if isinstance(value, dict | list):
            found += [(key, *rest) for rest in paths(value)]
    return found


@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from(paths(INSTANCE)), value=VALUES)
def test_any_part_of_an_instance_may_be_anything_and_is_read_or_refused(path, value):
    try:
        found = read_instance(json.dumps(changed(INSTANCE, path, value)), name="x")
    except InputError:
        return

    again = read_instance(json.dumps(instance_json(found)), name="x")
    assert again == found


@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from(paths(TIMETABLE)), value=VALUES)
def test_any_part_of_a_timetable_may_be_anything_and_is_refused_or_checked(path, value):
    document = changed(TIMETABLE, path, value)
    try:
        read_timetable(json.dumps(document), name="x")
    except InputError:
        return

    told = violations(INSTANCE, document)
    # Another wording, a lower bound, and a mark that a session was moved are no faults.
    free = {"units", "why", "instead", "bound", "gap", "moved", "cancelled"}
    assert told or document == TIMETABLE or free & set(path)


@settings(max_examples=100, deadline=None)
@given(cut=st.integers(0, 4000))
def test_a_document_that_was_cut_off_is_refused(cut):
    content = json.dumps(INSTANCE)

    with pytest.raises(InputError):
        read_instance(content[: cut % len(content)], name="x")


def test_an_out_without_hours_is_the_whole_day():
    unit = {"id": "chair-1", "outs": [{"on": "2027-03-01"}]}

    found = read_instance(json.dumps(changed(INSTANCE, ("places", 1, "units", 0), unit)), name="x")

    assert found.places[1].units[0].outs == (Out(date(2027, 3, 1), 0, 1440),)
