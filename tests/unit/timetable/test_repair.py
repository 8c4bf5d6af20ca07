"""A day is repaired with as few changes as can be, and the least is proven."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import date

import pytest

from overstory.pathway.timetable.instance import Out, Session
from overstory.pathway.timetable.repair import RepairError, repair_day
from overstory.pathway.timetable.repair_model import Limit
from tests.unit.timetable import clinics

DAY = clinics.MONDAY


def tms(*starts: int) -> list[Session]:
    return [Session(f"c{n}", 1, 0, "tms", DAY, start) for n, start in enumerate(starts)]


def with_out(asked: clinics.Instance, name: str, begins: int, ends: int) -> clinics.Instance:
    out = Out(DAY, begins, ends)
    return replace(
        asked,
        places=tuple(
            replace(
                place,
                units=tuple(
                    replace(each, outs=(out,)) if each.id == name else each for each in place.units
                ),
            )
            for place in asked.places
        ),
        roles=tuple(
            replace(
                role,
                people=tuple(
                    replace(each, outs=(out,)) if each.id == name else each for each in role.people
                ),
            )
            for role in asked.roles
        ),
    )


def test_a_day_with_nothing_wrong_is_left_alone():
    found = repair_day(instance=clinics.instance(), sessions=tms(480, 520), on=DAY)

    assert found.moves == ()
    assert (found.count, found.least) == (0, 0)


def test_when_one_of_two_devices_fails_one_of_two_patients_moves():
    asked = with_out(clinics.instance(devices=2), "device-2", 0, 1440)

    found = repair_day(instance=asked, sessions=tms(540, 540), on=DAY)

    assert (found.count, found.least) == (1, 1)
    assert abs(found.moves[0].start - 540) == 40


def test_a_patient_moves_by_as_little_as_can_be():
    asked = with_out(clinics.instance(devices=2), "device-2", 0, 1440)

    found = repair_day(instance=asked, sessions=tms(540, 540, 580), on=DAY)

    assert [each.start for each in found.moves] == [500]


def test_a_device_that_is_not_needed_may_fail_without_a_change():
    asked = with_out(clinics.instance(devices=2), "device-2", 600, 1080)

    found = repair_day(instance=asked, sessions=tms(480, 480, 620), on=DAY)

    assert found.moves == ()


def test_a_nurse_who_is_ill_leaves_the_other_with_those_she_can_watch():
    # A nurse watches two at a time; the set-up takes her whole, from 10 minutes before.
    asked = with_out(clinics.instance(), "nurse-2", 0, 1440)
    sessions = [
        Session("a", 1, 0, "infusion", DAY, 490),
        Session("b", 1, 0, "infusion", DAY, 520),
    ]

    found = repair_day(instance=asked, sessions=sessions, on=DAY)

    # One whole nurse is set up with the second while the first is watched: not both at once.
    assert (found.count, found.least) == (1, 1)


def test_where_the_day_is_full_the_session_gets_another_day_and_counts_three():
    asked = with_out(clinics.instance(devices=2), "device-2", 0, 1440)
    full = tms(*range(480, 1080, 40), 540)

    found = repair_day(instance=asked, sessions=full, on=DAY)

    assert (found.count, found.least) == (3, 3)
    assert [each.start for each in found.moves] == [None]
    assert found.moves[0].instead == (date(2027, 3, 2), found.moves[0].session.start)


def test_nothing_is_moved_to_a_time_that_is_past():
    asked = with_out(clinics.instance(devices=2), "device-2", 840, 1440)

    found = repair_day(instance=asked, sessions=tms(860, 860), on=DAY, now=840)

    assert found.moves[0].start == 900


def test_a_person_is_not_moved_to_hours_when_she_cannot_come():
    asked = with_out(
        clinics.instance(
            clinics.course("c0", free=clinics.free(540, 580)),
            clinics.course("c1", free=clinics.free(540, 1080)),
            devices=2,
        ),
        "device-2",
        0,
        1440,
    )

    found = repair_day(instance=asked, sessions=tms(540, 540), on=DAY)

    assert [(each.session.course, each.start) for each in found.moves] == [("c1", 580)]


def test_a_cancellation_moves_nobody():
    sessions = tms(480, 520, 560)

    found = repair_day(instance=clinics.instance(), sessions=sessions[1:], on=DAY)

    assert found.moves == ()
    assert len(found.sessions) == 2


def test_the_proven_least_is_what_trying_everything_finds():
    # Two devices until noon and one after: every set of starts of four patients is tried.
    asked = with_out(clinics.instance(devices=2), "device-2", 720, 1440)
    starts = (700, 700, 720, 1040)
    steps = range(480, 1050, 10)

    found = repair_day(instance=asked, sessions=tms(*starts), on=DAY)

    assert found.count == found.least == _least_by_trying(starts, steps)


def _least_by_trying(starts: tuple[int, ...], steps: range) -> int:
    for count in range(len(starts) + 1):
        for who in itertools.combinations(range(len(starts)), count):
            for new in itertools.product(steps, repeat=count):
                at = list(starts)
                for n, start in zip(who, new, strict=True):
                    at[n] = start
                if _fits(at):
                    return count
    raise AssertionError("nothing fits")


def _fits(starts: list[int]) -> bool:
    for minute in range(480, 1080, 10):
        needed = sum(start <= minute < start + 40 for start in starts)
        if needed > (2 if minute < 720 else 1):
            return False
    return all(start + 40 <= 1080 for start in starts)


def test_a_closed_day_cannot_be_repaired():
    with pytest.raises(RepairError, match="2027-03-06: the clinic is closed"):
        repair_day(instance=clinics.instance(), sessions=[], on=date(2027, 3, 6))


def test_two_sessions_that_wait_for_another_day_do_not_get_one_chair_at_one_time():
    asked = with_out(clinics.instance(), "device-1", 0, 1440)

    found = repair_day(instance=asked, sessions=tms(540, 580), on=DAY)

    later = [each.instead for each in found.moves]
    assert later == [(date(2027, 3, 2), 540), (date(2027, 3, 2), 580)]


def combined(**second: object) -> clinics.Course:
    return clinics.course(
        "a",
        clinics.stage("infusion", 2, (0, 3), min_gap_days=2),
        clinics.stage("tms", 5, **second),
        prefer=600,
    )


def test_a_dose_that_waits_for_another_day_stays_before_the_stage_after_it():
    # CMB_03 of the clinical dossiers: ketamine first, then TMS.
    asked = clinics.instance(combined(least_days=3, most_days=14))
    sessions = clinics.planned(asked).sessions
    on = sessions[1].on
    asked = replace(
        asked, places=tuple(replace(each, units=tuple(
            replace(unit, outs=(Out(on),)) for unit in each.units)) for each in asked.places)
    )  # fmt: skip

    found = repair_day(instance=asked, sessions=sessions, on=on)

    first_tms = min(each.on for each in sessions if each.stage == 1)
    (move,) = found.moves
    assert move.instead is None or (first_tms - move.instead[0]).days >= 3


def test_a_repair_keeps_the_hours_between_a_dose_and_the_stimulation_after_it():
    # CMB_06 of the clinical dossiers: at least 24 hours from ketamine to TMS.
    asked = clinics.instance(
        combined(least_days=1, least_hours=24),
        clinics.course("b", clinics.stage("tms", 1), prefer=800),
        places=(clinics.place("device", 1), clinics.place("chair", 2)),
    )
    dose = Session("a", 2, 0, "infusion", DAY, 600)
    ended = 600 + 120
    next_day = date(2027, 3, 2)
    first = Session("a", 3, 1, "tms", next_day, ended)
    asked = replace(
        asked,
        places=(
            replace(
                asked.places[0],
                units=(
                    replace(asked.places[0].units[0], outs=(Out(next_day, ended, ended + 40),)),
                ),
            ),
            asked.places[1],
        ),
    )

    found = repair_day(instance=asked, sessions=[dose, first], on=next_day)

    assert found.moves[0].start == ended + 40


def test_a_day_beyond_the_end_of_the_timetable_is_refused():
    with pytest.raises(RepairError, match="the clinic is closed"):
        repair_day(instance=clinics.instance(), sessions=tms(540), on=date(2031, 3, 3))


def test_no_session_is_moved_to_where_its_set_up_would_be_before_opening():
    # One nurse and one chair from 08:00; the set-up takes 10 minutes: the first is at 08:10.
    nurse = clinics.Role("nurse", clinics.people("nurse", 1))
    asked = clinics.instance(places=(clinics.place("device", 1), clinics.place("chair", 1)))
    asked = replace(asked, roles=(asked.roles[0], nurse))
    session = Session("a", 1, 0, "infusion", DAY, 600)

    until_10_20, until_10_10 = (
        repair_day(instance=with_out(asked, "chair-1", out, 1080), sessions=[session], on=DAY)
        for out in (620, 610)
    )

    assert [each.start for each in until_10_20.moves] == [490]
    assert [each.start for each in until_10_10.moves] == [None]


def test_one_session_makes_room_for_another_where_that_saves_a_day():
    # One device is left at nine; "x" can come only then, "y" whenever it likes.
    bound_to_nine = clinics.course("x", free=clinics.free(540, 570))
    asked = with_out(clinics.instance(bound_to_nine, devices=2), "device-2", 0, 1440)
    sessions = [
        Session("x", 1, 0, "tms", DAY, 540),
        Session("y", 1, 0, "tms", DAY, 540),
    ]

    found = repair_day(instance=asked, sessions=sessions, on=DAY)

    assert (found.count, found.least) == (1, 1)
    assert [each.session.course for each in found.moves] == ["y"]


def test_with_no_time_for_the_exact_search_the_repair_is_valid_and_the_proven_least_is_none():
    asked = with_out(clinics.instance(devices=2), "device-2", 0, 1440)
    full = tms(540, 540, 580)

    found = repair_day(instance=asked, sessions=full, on=DAY, effort=0.0, seconds=0.0)

    assert found.least <= 1 <= found.count
    assert len({each.start for each in found.sessions if each.on == DAY}) == len(
        [each for each in found.sessions if each.on == DAY]
    )


def test_a_repair_ends_by_its_effort_and_looks_at_a_clock_only_where_it_is_given_seconds():
    asked = with_out(clinics.instance(devices=2), "device-2", 0, 1440)
    full = tms(*range(480, 1080, 40), 540)

    usual, endless, at_once = (
        repair_day(instance=asked, sessions=full, on=DAY, **more)
        for more in ({}, {"seconds": math.inf}, {"seconds": 0.0})
    )

    assert usual == endless
    assert Limit(effort=1.0).seconds == math.inf
    assert (usual.least, at_once.least) == (3, 0)
