"""Instances and timetables go to JSON and back; what is wrong in a document is told with its path."""

from __future__ import annotations

import json
from datetime import date

import pytest

from overstory.exchange.records import InputError
from overstory.exchange.timetable_json import instance_json, read_instance
from overstory.exchange.timetable_result import read_timetable, timetable_json
from overstory.pathway.timetable.instance import Booked
from tests.unit.timetable import clinics


def whole() -> clinics.Instance:
    return clinics.instance(
        clinics.course("a", away=frozenset({date(2027, 3, 3)}), travel_minutes=20),
        clinics.course(
            "b",
            clinics.stage("infusion", 4, (0, 3), (1, 4), min_gap_days=2),
            clinics.stage("tms", 10, least_days=3, most_days=7, least_hours=24),
        ),
        clinics.course("c", free=clinics.free(480, 490)),
        clinic=clinics.clinic(closed=frozenset({date(2027, 3, 8)})),
        booked=(Booked("old", "tms", date(2027, 3, 2), 480),),
    )


def test_an_instance_comes_back_as_it_was():
    asked = whole()

    assert read_instance(json.dumps(instance_json(asked)), name="x") == asked


def test_a_timetable_comes_back_as_it_was():
    found = clinics.planned(whole(), bound=0.0)

    back = read_timetable(json.dumps(timetable_json(found)), name="x")

    assert found.unplaced
    assert back == found


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("clinic", "opens"), "8 am", "'8 am' is no time of day; write it as 09:30"),
        (("clinic", "first_day"), "1 March", r"\$\.clinic\.first_day"),
        (("visits", 0, "minutes"), "30", r"\$\.visits\[0\]\.minutes"),
        (("visits", 0, "needs", 0, "how"), "half", r"Invalid enum value 'half'"),
        (("courses", 0, "free", 0, "weekday"), "lundi", r"Invalid enum value 'lundi'"),
        (("courses", 0, "urgency"), 3, "course a: urgency is one of 1, 2, 4"),
        (("schema",), "overstory.timetable-instance/9", "schema"),
        (("colour",), "blue", "colour"),
    ],
)
def test_a_document_that_is_wrong_is_refused_with_its_place(path, value, says):
    document = instance_json(whole())
    part = document
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value

    with pytest.raises(InputError, match=says) as refused:
        read_instance(json.dumps(document), name="clinic.json")

    assert str(refused.value).startswith("clinic.json: ")


def test_what_is_no_json_is_refused():
    with pytest.raises(InputError, match=r"clinic\.json: JSON is malformed"):
        read_instance("courses: []", name="clinic.json")
    with pytest.raises(InputError, match=r"plan\.json: "):
        read_timetable("{}", name="plan.json")
