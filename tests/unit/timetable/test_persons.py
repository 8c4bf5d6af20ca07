"""Two courses of one person: never on one day."""

from __future__ import annotations

from datetime import date

import pytest

from overstory.pathway.timetable.checker import violations
from overstory.pathway.timetable.instance import Booked, InstanceError
from overstory.pathway.timetable.planning import desk_of
from tests.unit.timetable import clinics


def test_two_courses_of_one_person_are_not_planned_in_one_go():
    asked = clinics.instance(clinics.course("a"), clinics.course("b", person="person-a"), devices=2)

    with pytest.raises(InstanceError, match="courses a and b are both of person-a"):
        desk_of(asked)


def test_a_course_keeps_off_the_days_on_which_its_person_has_another():
    other = Booked("talks", "tms", date(2027, 3, 3), 480, person="person-a")
    asked = clinics.instance(clinics.course("a"), devices=2, booked=(other,))

    found = clinics.planned(asked)

    assert date(2027, 3, 3) not in {each.on for each in found.sessions}
    assert violations(*clinics.documents(asked, found)) == []
