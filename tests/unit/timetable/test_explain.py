"""What does not fit is told with its reason and the smallest changes that would make it fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from overstory.pathway.timetable.explain import reason
from overstory.pathway.timetable.instance import Booked
from tests.unit.timetable import clinics


def test_without_a_device_the_reason_is_the_device_and_so_is_the_way_out():
    asked = clinics.without(clinics.instance(), "device")

    found = reason(asked, clinics.course("a"))

    assert found.why == "there is no device"
    assert found.instead == ("with one device more: then from 2027-03-01 at 08:00",)


def test_a_person_free_one_day_a_week_cannot_have_a_daily_course_and_is_told_the_days():
    tuesday = clinics.course("a", free=clinics.free(480, 1080, 1))

    found = reason(clinics.instance(), tuesday)

    assert found.why == (
        "the person can come on Tuesday only, and a course like this needs 5 days a week"
    )
    assert found.instead == (
        "if the person can also come on Monday, Wednesday, Thursday, Friday: "
        "then from 2027-03-01 at 08:00",
    )


def test_one_missing_day_is_asked_for_before_all_of_them():
    most = clinics.course("a", free=clinics.free(480, 1080, 0, 1, 2, 3))

    found = reason(clinics.instance(), most)

    assert found.instead[0].startswith("if the person can also come on Fridays: then from")


def test_hours_too_short_for_a_visit_are_told_with_the_minutes():
    hurried = clinics.course("a", clinics.stage("infusion", 2, (0, 3)), free=clinics.free(600, 660))

    found = reason(clinics.instance(), hurried)

    assert "do not hold a visit of 120 minutes" in found.why
    assert found.instead[0].startswith("if the person can come up to 1 h earlier or later")


def test_a_closed_month_moves_the_start_to_the_month_after():
    closed = frozenset(date(2027, 3, 1) + timedelta(days=n) for n in range(31))
    asked = clinics.instance(clinics.course("a"), clinic=clinics.clinic(closed=closed))

    found = clinics.planned(asked)

    assert found.placements[0].stages[0].start == date(2027, 4, 1)


def test_a_timetable_that_is_closed_to_its_end_is_told_to_reach_further():
    closed = frozenset(date(2027, 3, 1) + timedelta(days=n) for n in range(89))
    asked = clinics.instance(clinics.course("a"), clinic=clinics.clinic(closed=closed))

    found = clinics.planned(asked)

    assert found.unplaced[0].why.startswith("the timetable ends on 2027-05-28")
    assert found.unplaced[0].instead == (
        "if the timetable reaches further than 2027-05-28: then from 2027-05-31 at 08:00",
    )


def test_a_full_clinic_is_told_as_full_with_other_hours_first_and_more_room_after():
    days = [date(2027, 3, 1) + timedelta(days=n) for n in range(89)]
    morning = tuple(
        Booked("old", "tms", day, start)
        for day in days
        if day.weekday() < 5
        for start in range(480, 720, 40)
    )
    course = clinics.course("a", free=clinics.free(480, 720))

    two = clinics.Role("technician", clinics.people("technician", 2))
    asked = clinics.instance(booked=morning)

    found = reason(replace(asked, roles=(two, asked.roles[1])), course)

    assert found.why.startswith("at the hours when the person can come, everything is taken")
    assert found.instead == (
        "if the person can come up to 1 h earlier or later on the same days: "
        "then from 2027-03-01 at 12:00",
        "with one device more: then from 2027-03-01 at 08:00",
    )


def test_where_no_single_change_is_enough_all_together_are_told():
    asked = clinics.without(clinics.instance(), "device")
    tuesday = clinics.course("a", free=clinics.free(480, 1080, 1))

    found = reason(asked, tuesday)

    assert found.why == "more than one thing is in the way, even where nothing is booked"
    assert len(found.instead) == 1
    assert "one more of each of: device, technician" in found.instead[0]


def test_a_visit_longer_than_a_day_is_told_to_be_shorter():
    endless = replace(clinics.TMS, minutes=700)
    asked = clinics.instance(visits=(endless, clinics.INFUSION))

    found = reason(asked, clinics.course("a"))

    assert found.instead
    assert "make it shorter, or open for longer" in found.instead[0]


def test_no_two_changes_come_to_the_same():
    days = clinics.course("a", free=clinics.free(480, 500))

    found = reason(clinics.instance(), days)

    assert len({each.split(": then from ")[1] for each in found.instead}) == len(found.instead)
