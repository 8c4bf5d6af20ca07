"""One course is offered the best few standing slots beside all that is booked."""

from __future__ import annotations

from datetime import date, timedelta

from overstory.pathway.timetable.booking import fits, offers
from overstory.pathway.timetable.choices import put
from overstory.pathway.timetable.instance import Booked
from overstory.pathway.timetable.planning import desk_of
from tests.unit.timetable import clinics


def test_offers_begin_with_the_cheapest_and_differ_by_an_hour_or_a_week():
    desk = desk_of(clinics.instance(clinics.course("a", prefer=600)))

    found = offers(desk.choices[0], desk.base)

    assert [each.placement.stages[0].slot for each in found] == [600, 540, 660]
    assert [each.choice.cost for each in found] == [0, 6, 6]


def test_an_offer_says_how_many_slots_it_closes_to_the_next():
    # A device that is free for one visit at a time, and one start: the day has 60 steps of ten
    # minutes, of which 57 hold the 40 minutes. At eight o'clock the visit closes the first 4.
    one_day = clinics.clinic(last_day=clinics.MONDAY)
    course = clinics.course("a", clinics.stage("tms", 1), prefer=480)
    desk = desk_of(clinics.instance(course, clinic=one_day))

    found = offers(desk.choices[0], desk.base, most=1)

    assert found[0].closes == 4


def test_an_offer_says_what_it_costs_those_who_wait():
    same = clinics.course("b", prefer=540)
    desk = desk_of(clinics.instance(clinics.course("a", prefer=540), same))

    found = offers(desk.choices[0], desk.base, waiting=[desk.choices[1]])

    assert found[0].placement.stages[0].slot == 540
    assert found[0].costs_others == 4  # the other has to stand 40 minutes away
    assert found[1].costs_others == 0


def test_what_is_offered_takes_nothing_until_it_is_booked():
    desk = desk_of(clinics.instance(clinics.course("a")))
    before = desk.base.free.copy()

    offers(desk.choices[0], desk.base)

    assert (desk.base.free == before).all()


def test_a_full_clinic_has_no_offer():
    booked = tuple(
        Booked("old", "tms", date(2027, 3, 1) + timedelta(days=n), start)
        for n in range(89)
        if (date(2027, 3, 1) + timedelta(days=n)).weekday() < 5
        for start in range(480, 1060, 40)
    )
    desk = desk_of(clinics.instance(clinics.course("a"), booked=booked))

    assert offers(desk.choices[0], desk.base) == []


def test_a_course_of_two_stages_is_offered_both():
    both = clinics.course(
        "a",
        clinics.stage("infusion", 4, (0, 3), min_gap_days=2),
        clinics.stage("tms", 10, least_days=3, most_days=7, least_hours=24),
    )
    desk = desk_of(clinics.instance(both))

    found = offers(desk.choices[0], desk.base, most=1)

    first, second = found[0].placement.stages
    assert first.start == date(2027, 3, 1)
    assert second.start == date(2027, 3, 15)  # four days after Thursday, 11 March


def test_what_fitted_once_no_longer_fits_when_it_is_taken():
    desk = desk_of(clinics.instance(clinics.course("a"), clinics.course("b")))
    offer = offers(desk.choices[0], desk.base)[0]

    assert fits(desk.choices[1], offer.choice, desk.base)
    put(desk.choices[0], offer.choice, desk.base)

    assert not fits(desk.choices[1], offer.choice, desk.base)
