"""What does not fit is told with its reason and the smallest changes that would make it fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from overstory.pathway.timetable.explain import reason
from overstory.pathway.timetable.instance import Booked, Out, Role
from tests.unit.timetable import clinics


def test_without_a_device_the_reason_is_the_device_and_so_is_the_way_out():
    asked = clinics.without(clinics.instance(), "device")

    found = reason(asked, clinics.course("a"))

    assert found.why == "there is no device"
    assert found.instead == ("if there is one device more: then from Mon 2027-03-01 at 08:00",)


def test_a_person_free_one_day_a_week_cannot_have_a_daily_course_and_is_told_the_days():
    tuesday = clinics.course("a", free=clinics.free(480, 1080, 1))

    found = reason(clinics.instance(), tuesday)

    assert found.why == (
        "the person can come on Tuesday only, and a course like this needs 5 days a week"
    )
    assert found.instead == (
        "if the person can also come on Monday, Wednesday, Thursday, Friday: "
        "then from Mon 2027-03-01 at 08:00",
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
        "if the timetable reaches further than 2027-05-28: then from Mon 2027-05-31 at 08:00",
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
        "then from Mon 2027-03-01 at 12:00",
        "if there is one device more: then from Mon 2027-03-01 at 08:00",
    )


def test_where_no_single_change_is_enough_all_together_are_told():
    asked = clinics.without(clinics.instance(), "device")
    tuesday = clinics.course("a", free=clinics.free(480, 1080, 1))

    found = reason(asked, tuesday)

    assert found.why == (
        "more than one thing is in the way, even where nothing is booked: the person can come on "
        "Tuesday only, and a course like this needs 5 days a week; there is no device"
    )
    assert found.instead == (
        "if the person can come on every day of the pattern at any hour, and there is one device more: "
        "then from Mon 2027-03-01 at 08:00",
    )


def test_a_visit_longer_than_a_day_is_told_to_be_shorter():
    endless = replace(clinics.TMS, minutes=700)
    asked = clinics.instance(visits=(endless, clinics.INFUSION))

    found = reason(asked, clinics.course("a"))

    assert found.why == "tms takes longer than the clinic is open"
    assert found.instead == (
        "if tms takes no more than 600 minutes, set-up and turnaround included: "
        "then from Mon 2027-03-01 at 08:00",
    )


def test_no_two_changes_come_to_the_same():
    days = clinics.course("a", free=clinics.free(480, 500))

    found = reason(clinics.instance(), days)

    assert len({each.split(": then from ")[1] for each in found.instead}) == len(found.instead)


WEEKS = tuple(Out(date(2027, 3, 1) + timedelta(days=n)) for n in range(89))


def test_a_device_that_is_out_for_all_the_weeks_is_named():
    asked = clinics.instance()
    unit = replace(asked.places[0].units[0], outs=WEEKS)
    asked = replace(asked, places=(replace(asked.places[0], units=(unit,)), asked.places[1]))

    found = reason(asked, clinics.course("a"))

    assert found.why == "device-1 is out on days that it needs"
    assert found.instead[0] == "if device-1 is not out: then from Mon 2027-03-01 at 08:00"


def test_all_nurses_on_leave_are_told_and_the_first_whose_return_is_enough():
    asked = clinics.instance()
    away = tuple(replace(each, outs=WEEKS) for each in asked.roles[1].people)
    asked = replace(asked, roles=(asked.roles[0], replace(asked.roles[1], people=away)))

    found = reason(asked, clinics.course("a", clinics.stage("infusion", 2, (0, 3))))

    assert found.why == "every nurse is out on days that the course needs"
    assert found.instead[0] == "if nurse-1 is not out: then from Mon 2027-03-01 at 08:10"


def test_a_visit_that_needs_more_watching_than_there_are_nurses_is_told_how_many_more():
    need = clinics.Need("nurse", 0, 120)
    crowd = clinics.Visit("crowd", 120, (need, need, need, need))
    asked = clinics.instance(visits=(clinics.TMS, clinics.INFUSION, crowd))

    found = reason(asked, clinics.course("a", clinics.stage("crowd", 2, (0, 3))))

    assert found.why == "too few of nurse are at work when they are needed"
    assert found.instead == ("if there are 2 nurse more: then from Mon 2027-03-01 at 08:00",)


def test_a_combined_course_whose_gap_cannot_be_kept_is_told_the_gap_that_could():
    # CMB_06 of the clinical dossiers: at least 24 hours from ketamine to TMS; most_days of 1 and an open
    # day of ten hours leave no start that keeps them whatever the slots.
    two = (
        clinics.stage("infusion", 2, (0, 3), min_gap_days=3),
        clinics.stage("tms", 5, most_days=1, least_hours=24),
    )

    found = reason(clinics.instance(), clinics.course("a", *two))

    assert found.why == (
        "no day for stage 2 lies 1 to 1 days and at least 24 hours after the stage before"
    )
    assert found.instead == (
        "if up to 4 days may lie between stages 1 and 2: "
        "then from Mon 2027-03-01 at 08:10, and Mon 2027-03-08 at 08:00",
    )


def test_a_wish_after_the_end_of_the_timetable_is_told_so():
    found = reason(clinics.instance(), clinics.course("a", wish=date(2029, 1, 1)))

    assert found.why == "the wish, 2029-01-01, is after the timetable ends on 2027-05-28"
    assert found.instead == (
        "if the timetable reaches further than 2027-05-28: then from Mon 2029-01-01 at 08:00",
    )


def test_a_pattern_on_a_day_on_which_the_clinic_never_opens_is_told_so():
    asked = clinics.course("a", clinics.stage("tms", 3, (5,)))

    found = reason(clinics.instance(), asked)

    assert found.why == "the clinic is never open on Saturday, a day of the pattern"
    assert found.instead == (
        "if the clinic also opens on Saturday, with staff, and the person can come: "
        "then from Sat 2027-03-06 at 08:00",
    )


def test_a_set_up_that_holds_a_room_all_day_is_told_to_need_another():
    # The set-up holds the only chair from half an hour before to the end of the day.
    long = clinics.Visit("long", 120, (clinics.Need("chair", -30, 570),))
    days = [date(2027, 3, 1) + timedelta(days=n) for n in range(89)]
    booked = tuple(Booked("old", "long", day, 510) for day in days if day.weekday() < 5)
    one = (clinics.place("device", 1), clinics.place("chair", 1))
    asked = clinics.instance(visits=(clinics.TMS, long), places=one, booked=booked)

    found = reason(asked, clinics.course("a", clinics.stage("long", 2, (0, 3))))

    assert found.why.startswith("at the hours when the person can come, everything is taken")
    assert found.instead[-1] == "if there is one chair more: then from Mon 2027-03-01 at 08:30"


def test_a_role_without_people_is_not_there():
    asked = clinics.instance()
    asked = replace(asked, roles=(Role("technician", ()), asked.roles[1]))

    assert reason(asked, clinics.course("a")).why == "there is no technician"
