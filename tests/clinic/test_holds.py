"""Holds: what keeps a session from being confirmed, worked out from rows, facts and now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overstory.clinic.audit.models import Entry
from overstory.clinic.booking import actions as booking
from overstory.clinic.booking.holding import holds_of_plan, settle_course
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.sweeping import Sweep
from overstory.clinic.care.consenting_actions import withdraw
from overstory.clinic.holds import actions
from overstory.clinic.holds.models import HoldRow
from overstory.clinic.holds.units import Allowance, paid_from, units_left
from overstory.clinic.people.models import Cover
from overstory.clinic.people.permissions import Role
from tests.clinic.holding import (
    authorize,
    check,
    close_all,
    consent,
    enrol,
    insure,
    kept_by,
    said,
)
from tests.clinic.knowing import adopt_running, go_on, state, state_example, state_unknown
from tests.clinic.test_living_plans import book, draft, of, proven, sign

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday, 10:00 in New York."""
FIRST = date(2026, 11, 30)
DAYS = st.integers(1, 12).map(lambda number: date(2026, 11, number))
SLOW = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
"""The machine that runs the tests may be busy."""


@st.composite
def allowances(draw):
    made = []
    for number in range(draw(st.integers(0, 3))):
        first = draw(DAYS)
        last = first + timedelta(days=draw(st.integers(0, 6)))
        made.append(Allowance(UUID(int=number), draw(st.integers(1, 3)), first, last))
    return made


@SLOW
@given(st.lists(DAYS, max_size=5), allowances())
def test_a_session_takes_one_unit_of_one_authorization_and_none_goes_below_zero(days, allowed):
    wanted = list(enumerate(days))

    paid, left = paid_from(wanted, allowed), units_left(wanted, allowed)

    for key, allowance in paid.items():
        assert allowance.covers(days[key])
    assert all(number >= 0 for number in left.values())
    assert sum(each.units for each in allowed) - sum(left.values()) == len(paid)
    assert len(paid) == _most(days, allowed)  # against every way of paying


def _most(days, allowed) -> int:
    """The most sessions that can be paid at all: every choice of an authorization for each is tried."""
    best = 0
    for choice in product([None, *allowed], repeat=len(days)):
        fits = all(each is None or each.covers(day) for each, day in zip(choice, days, strict=True))
        if fits and all(choice.count(each) <= each.units for each in allowed):
            best = max(best, len(days) - choice.count(None))
    return best


@SLOW
@given(st.lists(DAYS, min_size=1, max_size=6), allowances())
def test_a_session_that_is_cancelled_gives_its_unit_back(days, allowed):
    wanted = list(enumerate(days))

    before, after = units_left(wanted, allowed), units_left(wanted[1:], allowed)

    given_back = sum(after.values()) - sum(before.values())
    assert given_back in {0, 1}
    assert (given_back == 1) or len(paid_from(wanted[1:], allowed)) == len(
        paid_from(wanted, allowed)
    )


@pytest.fixture
def clock():
    with time_machine.travel(AT, tick=False) as found:
        yield found


@pytest.fixture
def doctor(staff, clinic):
    adopt_running(clinic, staff(Role.MEDICAL_DIRECTOR), AT)
    return staff(Role.PSYCHIATRIST, name="Dr. Ada Reed")


@pytest.fixture
def desk(clock, doctor, signed_in):
    return proven(signed_in(who=doctor), doctor, AT)


@pytest.fixture
def plan(desk, doctor, person, site):
    """A signed course of esketamine that begins on 30 November."""
    state_example(person, AT, name="sam")
    made = draft(desk, person, "esketamine")
    sign(desk, made)
    return made


@pytest.fixture
def booked(desk, plan, site):
    book(desk, plan, Resource.objects.create(site=site, kind="chair", name="Chair 1"))
    return plan


def tentative(plan) -> set[bool]:
    rows = Appointment.objects.filter(plan=plan, state="booked")
    return set(rows.values_list("is_tentative", flat=True))


def test_a_course_is_booked_tentatively_and_confirmed_when_its_last_hold_closes(
    booked, desk, doctor
):
    """The holds of a first dose in the US: the clinical dossier on ketamine, 3.2 (WU-04), 4.1 and 4.6."""
    assert kept_by(holds_of_plan(booked, at=AT)) == {
        "authorization.esketamine", "enrol-person.esketamine", "enrol-site.esketamine",
        "consent.esketamine", "need.prescription-monitoring", "need.escort",
    }  # fmt: skip
    assert tentative(booked) == {True}

    close_all(booked, doctor, AT)
    assert tentative(booked) == {False}
    assert Entry.objects.filter(action="confirmed a course").count() == 1

    HoldRow.objects.get(kind="check", need="escort")
    page = reverse("hold_row_end", args=(booked.person.pk, HoldRow.objects.get(need="escort").pk))
    desk.post(page, {"id": str(uuid4()), "words": "She cannot come."})
    assert kept_by(holds_of_plan(booked, at=AT)) == {"need.escort"}
    assert tentative(booked) == {True}
    assert Entry.objects.filter(action="marked a course as tentative").count() == 1


def test_a_fact_made_unknown_closes_no_hold(plan, doctor, person):
    close_all(plan, doctor, AT)
    now = AT + timedelta(minutes=1)
    state(person, now, aneurysmal_vascular_disease=True)
    before = {each.id for each in holds_of_plan(plan, at=now).next.holds if each.is_open}
    assert "suitability.esketamine" in before

    names = ("aneurysmal_vascular_disease", "can_become_pregnant", "has_escort_home",
             "hypertension_uncontrolled", "cssrs_risk", "spo2")  # fmt: skip
    for n, name in enumerate(names, start=1):
        state_unknown(person, name, now + timedelta(seconds=n))
        found = holds_of_plan(plan, at=now + timedelta(seconds=n))
        after = {each.id for each in found.next.holds if each.is_open}
        assert before <= after, name
        before = after


def test_an_unknown_payer_is_open_and_only_a_statement_says_that_none_is_needed(
    plan, doctor, person, site
):
    def is_open(at=AT) -> bool:
        return "authorization.esketamine" in kept_by(holds_of_plan(plan, at=at))

    authorize(person, doctor, AT, payer="Former Insurer")
    assert is_open()  # of a payer who is none of theirs
    insure(person, AT, "  invented MUTUAL ")
    assert is_open()
    stated = actions.needs_none(
        site=site, payer="Invented Mutual", treatment="esketamine", said=said(), by=doctor, at=AT
    )
    assert not is_open()
    insure(person, AT, "Second Payer")
    assert is_open()  # nothing is stated of the second
    Cover.objects.filter(insurer="Second Payer").update(until=AT)
    actions.pays_self(person=person, treatment="esketamine", said=said(), by=doctor, at=AT)
    assert is_open()  # self-pay was not stated by the site
    actions.needs_none(site=site, payer="", treatment="esketamine", said=said(), by=doctor, at=AT)
    assert not is_open()
    actions.take_back(row=stated, said=said(), by=doctor, at=AT)
    assert not is_open()


def test_units_are_counted_down_by_what_is_booked_and_given_back_by_what_is_cancelled(
    booked, doctor, person, desk
):
    insure(person, AT)
    authorize(person, doctor, AT, units=5, last_day=date(2026, 12, 31))

    found = holds_of_plan(booked, at=AT)
    held = [s.coming.n for s in found.sessions
            if any(h.id == "authorization.esketamine" for h in s.keeping)]  # fmt: skip
    assert held == list(range(6, len(found.sessions) + 1))
    assert "0 of 5 sessions left (5 booked or done)" in desk.get(
        reverse("payers", args=(person.pk,))
    ).content.decode().replace("\n", " ")

    first = Appointment.objects.get(plan=booked, n=1)
    booking.cancel(appointment=first, state="cancelled", by=doctor, at=AT)
    found = holds_of_plan(booked, at=AT)
    paid = {s.coming.n for s in found.sessions
            if not any(h.id == "authorization.esketamine" for h in s.keeping)}  # fmt: skip
    assert len(paid) == 5  # session 1 waits to be booked again and is counted where it is planned


def test_days_are_the_days_of_the_site(plan, doctor, person):
    """Just before and after midnight in New York, which is five hours behind UTC in November."""
    insure(person, AT)
    authorize(person, doctor, AT, first_day=FIRST, last_day=FIRST)
    first, second = holds_of_plan(plan, at=AT).sessions[:2]
    assert "authorization.esketamine" not in {each.id for each in first.keeping}
    assert "authorization.esketamine" in {each.id for each in second.keeping}

    evening = datetime(2026, 11, 30, 4, 59, tzinfo=UTC)
    state(person, evening, has_escort_home=True)
    assert "need.escort" in kept_by(holds_of_plan(plan, at=evening))
    morning = datetime(2026, 11, 30, 5, 1, tzinfo=UTC)
    state(person, morning, has_escort_home=True)
    assert "need.escort" not in kept_by(holds_of_plan(plan, at=morning))


def test_what_was_found_against_a_session_is_cleared_by_a_prescriber_alone(
    plan, doctor, staff, signed_in
):
    nurse = staff(Role.NURSE)
    against = check(plan, "prescription-monitoring", nurse, AT, clear=False)

    with pytest.raises(actions.HoldRowError):
        check(plan, "prescription-monitoring", nurse, AT + timedelta(minutes=1))
    with pytest.raises(actions.HoldRowError):
        actions.take_back(row=against, said=said(), by=nurse, at=AT)
    assert "need.prescription-monitoring" in kept_by(holds_of_plan(plan, at=AT))

    check(plan, "prescription-monitoring", doctor, AT + timedelta(minutes=2), decide=True)
    assert "need.prescription-monitoring" not in kept_by(holds_of_plan(plan, at=AT))


def test_a_query_of_the_monitoring_programme_counts_for_four_weeks(plan, doctor, clock):
    """Then monthly: the clinical dossier on ketamine, WU-04 and AB-02."""
    check(plan, "prescription-monitoring", doctor, AT)

    again = [
        each.coming.n
        for each in holds_of_plan(plan, at=AT).sessions
        if any(hold.id == "need.prescription-monitoring" for hold in each.holds)
    ]
    held = [
        each.coming.day - AT.date()
        for each in holds_of_plan(plan, at=AT).sessions
        if any(hold.id == "need.prescription-monitoring" for hold in each.keeping)
    ]
    assert again[0] == 1
    assert held
    assert all(each >= timedelta(days=28) for each in held)


def test_what_grows_too_old_is_asked_on_the_day_and_a_new_unknown_is_asked_before_it(
    booked, doctor, person
):
    """A plan lists what is known and too old on a day with that day's session: `known-again`."""
    close_all(booked, doctor, AT)
    later = AT + timedelta(days=3)
    found = holds_of_plan(booked, at=later)
    assert "suitability.esketamine" in {each.id for each in found.next.on_the_day}
    assert kept_by(found) == set()

    state_unknown(person, "in_withdrawal", later)
    assert kept_by(holds_of_plan(booked, at=later)) == {"suitability.esketamine"}


def test_a_consent_that_is_withdrawn_makes_the_course_tentative_at_the_next_round(
    booked, clinic, doctor, person
):
    close_all(booked, doctor, AT)
    assert tentative(booked) == {False}
    later = AT + timedelta(hours=1)
    withdraw(consent=person.consents.get(), words="", by=doctor, at=later)

    assert Sweep()(clinic, later) == Appointment.objects.filter(plan=booked, state="booked").count()
    assert tentative(booked) == {True}
    assert Sweep()(clinic, later) == 0
    entry = Entry.objects.get(action="marked a course as tentative")
    assert (entry.actor, entry.more["holds"]) == ("system:holds", ["consent.esketamine"])


def test_the_same_form_is_one_row_and_other_content_is_refused(plan, doctor, person):
    insure(person, AT)
    words = said()
    approved = actions.Approved("Invented Mutual", "tms", "1", 36, FIRST, FIRST)
    given = {"person": person, "said": words, "by": doctor, "at": AT}
    first = actions.authorize(approved=approved, **given)

    assert actions.authorize(approved=approved, **given) == first
    with pytest.raises(actions.HoldRowError):
        actions.authorize(
            approved=actions.Approved("Invented Mutual", "tms", "1", 360, FIRST, FIRST), **given
        )
    assert HoldRow.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        HoldRow.objects.create(
            kind="authorization", person=person, payer="x", treatment="tms", number="1", units=0,
            first_day=FIRST, last_day=FIRST, words="x", by=doctor, at=AT,
        )  # fmt: skip


def test_a_decision_written_against_it_opens_a_hold_of_the_course(plan, doctor, person):
    now = AT + timedelta(minutes=1)
    assert "need.pregnancy-test" not in kept_by(holds_of_plan(plan, at=AT))
    state(person, now, pregnant=True, can_become_pregnant=True, sex_at_birth="female")
    found = kept_by(holds_of_plan(plan, at=now))
    assert {"decision.esketamine.shared.pregnancy", "need.pregnancy-test"} <= found

    later = now + timedelta(minutes=1)
    go_on(person, doctor, later)
    found = holds_of_plan(plan, at=later)
    assert "decision.esketamine.shared.pregnancy" not in kept_by(found)


def test_the_page_closes_an_escort_in_place_and_the_list_shows_who_waits(
    booked, desk, doctor, signed_in
):
    page = desk.get(of("holds", booked)).content.decode()
    assert "A responsible adult or transport home." in page
    form = {
        "id": str(uuid4()), "need": "escort", "for_day": "2026-11-30", "done_on": "2026-11-23",
        "outcome": "clear", "words": "Her sister Ines drives.", "n": "1",
    }  # fmt: skip
    desk.post(of("hold_escort", booked), form)
    assert "Her sister Ines drives." in desk.get(of("holds", booked)).content.decode()
    assert desk.post(of("hold_check", booked), {**form, "id": str(uuid4())}).status_code == 404
    assert "Ines" not in str(list(Entry.objects.values_list("more", flat=True)))

    listed = desk.get(reverse("hold_list")).content.decode()
    assert "Mon 30 Nov 2026" in listed
    assert "prescription monitoring" in listed
    assert "A responsible adult" not in listed
    assert signed_in(Role.MANAGER).get(reverse("hold_list")).status_code == 404


def test_a_course_across_the_change_of_clocks_keeps_its_days(clock, desk, doctor, person, site):
    """Clocks go forward on 14 March 2027: the session of that Monday is paid and fresh by its own day."""
    now = datetime(2027, 3, 8, 15, 0, tzinfo=UTC)
    clock.move_to(now)
    desk.force_login(doctor)
    session = desk.session
    session["second-factor"] = True
    session.save()
    proven(desk, doctor, now)
    state_example(person, now, name="sam")
    plan = draft(desk, person, "esketamine", start="2027-03-12")
    sign(desk, plan)
    days = [each["date"] for each in plan.content["sessions"][:2]]
    assert days == ["2027-03-12", "2027-03-15"]
    book(desk, plan, Resource.objects.create(site=site, kind="chair", name="Chair 1"))
    insure(person, now)
    authorize(person, doctor, now, units=2, first_day=date(2027, 3, 12), last_day=date(2027, 3, 15))
    check(plan, "escort", doctor, now, day=date(2027, 3, 15))

    first, second, third = holds_of_plan(plan, at=now).sessions[:3]

    ids = [{each.id for each in s.keeping} for s in (first, second, third)]
    assert ["authorization.esketamine" in each for each in ids] == [False, False, True]
    assert ["need.escort" in each for each in ids] == [True, False, True]
    assert first.coming.starts.hour - second.coming.starts.hour == 1  # the same time on the wall


def test_consent_and_enrolment_count_by_the_day_of_the_session(plan, doctor, person, site):
    consent(person, "esketamine", doctor, AT)
    enrol(site, doctor, AT)
    row = enrol(person, doctor, AT)
    assert not kept_by(holds_of_plan(plan, at=AT)) & {
        "consent.esketamine", "enrol-person.esketamine", "enrol-site.esketamine"
    }  # fmt: skip

    actions.take_back(row=row, said=said(), by=doctor, at=AT)
    assert "enrol-person.esketamine" in kept_by(holds_of_plan(plan, at=AT))
    assert settle_course(plan, actor="system", at=AT) == 0
    with pytest.raises(actions.HoldRowError):
        enrol(person, doctor, AT, on=date(2026, 11, 24))
