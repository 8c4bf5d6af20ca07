"""How far someone is on the way to a booked course, as the pages of the choice and the plan show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from overstory.clinic.booking.course_actions import book_course
from overstory.clinic.booking.models import Resource
from overstory.clinic.booking.proposing import Wanted, proposals
from overstory.clinic.care import choosing_actions, consenting_actions
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.assessing import record_assessment
from overstory.clinic.care.consenting import shown_text
from overstory.clinic.care.planning_actions import Wish, draft, sign
from overstory.clinic.care.steps import progress_of
from overstory.clinic.intake import links
from overstory.clinic.people.permissions import Role
from tests.clinic.knowing import adopt_running, go_on, state_example

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday, 10:00 in New York."""


@pytest.fixture
def now():
    with time_machine.travel(AT, tick=False):
        yield AT


@pytest.fixture
def sam(person, clinic, staff):
    adopt_running(clinic, staff(Role.MEDICAL_DIRECTOR), AT - timedelta(hours=2))
    state_example(person, AT - timedelta(hours=1), name="sam")
    return person


@pytest.fixture
def doctor(staff):
    return staff(Role.PSYCHIATRIST, name="Dr. Ada Reed")


def shown(person, by) -> dict[str, tuple[str, str]]:
    ids, force = person.ids, in_force(person.clinic)
    progress = progress_of(person, ids=ids, force=force, by=by, at=AT)
    return {each.name: (each.stage.value, each.says) for each in progress.steps}


def choose(person, by, option, **more):
    chosen = choosing_actions.Chosen(
        key=uuid4(), option=option, is_wish=False, present=(), staff_present=(),
        discussed="We talked.", seen_at=AT,
    )  # fmt: skip
    force = in_force(person.clinic)
    choosing_actions.record_choice(
        person=person, chosen=replace(chosen, **more), force=force, by=by, at=AT
    )


def consent_to(person, by, treatment):
    force = in_force(person.clinic)
    text = shown_text(person=person, treatment=treatment, language="en", knowledge=force.knowledge)
    signing = consenting_actions.Signing(
        key=uuid4(), treatment=treatment, route=text.document.routes[0], language="en",
        sha256=text.sha256, typed_name=person.legal_name, signer="self", how_read="read",
        has_capacity=True, capacity_words="Weighs it.", teach_back="Pulses, each working day.",
        dose_today=False, copy_given=True,
    )  # fmt: skip
    return consenting_actions.sign(person=person, signing=signing, force=force, by=by, at=AT)


def test_each_thing_done_makes_the_one_after_it_the_next(now, sam, doctor):
    assert [stage for stage, _ in shown(sam, doctor).values()] == ["next", *["later"] * 4]

    force = in_force(sam.clinic)
    record_assessment(person=sam, key=uuid4(), force=force, by=doctor, at=AT)
    assert shown(sam, doctor)["Choice"] == ("next", "nothing chosen yet")

    choose(sam, doctor, "tms")
    assert shown(sam, doctor)["Consent"] == ("next", "not signed for TMS")

    row = consent_to(sam, doctor, "tms")
    assert shown(sam, doctor)["Plan"] == ("next", "no plan yet")

    wish = Wish(id=uuid4(), treatment="tms", start=date(2026, 11, 30))
    plan = draft(person=sam, wish=wish, by=doctor, at=AT)
    assert shown(sam, doctor)["Plan"] == ("next", "version 1 waits for a signature")

    go_on(sam, doctor, AT)
    plan = sign(plan=plan, sha256_seen=plan.content_sha256, by=doctor, at=AT)
    assert shown(sam, doctor)["Course"] == ("next", "nothing is booked")

    device = Resource.objects.create(site=sam.site, kind="tms-device", name="TMS 1")
    wanted = Wanted(time(10), {"tms": device})
    seen = proposals(plan=plan, wanted=wanted, now=AT).fingerprint
    book_course(plan=plan, wanted=wanted, seen=seen, key=uuid4(), by=doctor, at=AT)
    found = shown(sam, doctor)
    assert found["Course"] == ("tentative", "36 sessions booked or done, tentative: a hold is open")
    assert "next" not in {stage for stage, _ in found.values()}

    consenting_actions.withdraw(consent=row, words="", by=doctor, at=AT)
    assert shown(sam, doctor)["Consent"] == ("next", "not signed for TMS")


def test_none_and_not_yet_leave_nothing_to_sign_plan_or_book(now, sam, doctor):
    choose(sam, doctor, "usual-care")
    found = shown(sam, doctor)

    assert found["Choice"] == ("done", "none of these treatments")
    assert {found[each][0] for each in ("Consent", "Plan", "Course")} == {"not-needed"}

    choose(sam, doctor, "not-yet", look_again_on=date(2027, 1, 11))

    assert shown(sam, doctor)["Choice"] == ("done", "not yet; look again on Mon 11 Jan 2027")


def test_a_plan_for_another_treatment_than_the_one_chosen_is_said(now, sam, doctor):
    choose(sam, doctor, "usual-care")
    wish = Wish(id=uuid4(), treatment="tms", start=date(2026, 11, 30))
    draft(person=sam, wish=wish, by=doctor, at=AT)

    assert shown(sam, doctor)["Choice"] == (
        "later", "none of these treatments; the plan is for TMS"
    )  # fmt: skip


def test_a_combination_needs_the_consent_of_each_part(now, person, clinic, staff, doctor):
    adopt_running(clinic, staff(Role.MEDICAL_DIRECTOR), AT - timedelta(hours=2))
    state_example(person, AT - timedelta(hours=1), name="sam")
    choose(person, doctor, "ketamine-then-tms")
    says = []

    for treatment in ("ketamine-then-tms", "esketamine", "tms"):
        says.append(shown(person, doctor)["Consent"][1])
        consent_to(person, doctor, treatment)

    assert says == [
        "not signed for Ketamine, then TMS",
        "not signed for Esketamine nasal spray or Ketamine infusion (IV)",
        "not signed for TMS",
    ]
    assert shown(person, doctor)["Consent"][0] == "done"


def test_the_form_of_a_plan_begins_with_what_was_chosen_and_offers_what_may_be_planned(
    now, sam, doctor, signed_in
):
    choose(sam, doctor, "tms")

    page = signed_in(who=doctor).get(reverse("plans", args=(sam.pk,)))

    form = page.context["form"]
    assert form["treatment"].value() == "tms"
    offered = dict(form.fields["protocol"].choices)
    assert ("NS_10HZ_STD", "Left prefrontal 10 Hz, standard") in offered["TMS"]
    assert "P-PO" not in str(offered)
    assert ("KETAMINE-IV-THEN-TMS", "Ketamine infusions, then a course of TMS") in offered[
        "Ketamine, then TMS"
    ]
    text = page.content.decode()
    assert 'aria-current="step"' in text
    assert reverse("board", args=(sam.pk,)) in text


def test_who_may_not_go_on_with_a_step_gets_no_address_for_it(now, sam, staff, signed_in):
    technician = staff(Role.TECHNICIAN)

    page = signed_in(who=technician).get(reverse("plans", args=(sam.pk,)))

    steps = {each.name: each.address for each in page.context["progress"].steps}
    assert steps["Choice"] == steps["Plan"] == ""


@pytest.mark.parametrize("name", ["person", "board", "facts", "ledger", "notes"])
def test_the_steps_stand_on_the_pages_of_the_person(now, sam, doctor, signed_in, name):
    page = signed_in(who=doctor).get(reverse(name, args=(sam.pk,))).content.decode()

    assert "no assessment is recorded" in page


@pytest.fixture
def desk(staff):
    return staff(Role.COORDINATOR)


def first_step(person, by, at=AT):
    ids, force = person.ids, in_force(person.clinic)
    return progress_of(person, ids=ids, force=force, by=by, at=at).steps[0]


def test_the_first_step_leads_to_the_questionnaire_that_is_to_be_sent(now, person, desk):
    step = first_step(person, desk)

    assert step.says == "no questionnaire was sent; no assessment is recorded"
    assert step.address == reverse("person_questionnaires", args=(person.pk,))


def test_the_first_step_says_how_far_the_questionnaire_is(now, person, desk, doctor, signed_in):
    new = links.begin_with_link(person=person, pack="phq9", by=desk, at=AT)
    form = new.link.questionnaire
    its_page = reverse("questionnaire", args=(person.pk, form.pk))

    sent = first_step(person, desk)
    ended = first_step(person, desk, AT + timedelta(days=60))
    page = signed_in(who=desk).get(reverse("person", args=(person.pk,))).content.decode()
    links.submit(questionnaire=form, by=desk, actor=desk.actor, at=AT)
    handed_in = first_step(person, doctor)

    assert sent.says.startswith("questionnaire sent Mon 23 Nov 2026, 10:00 EST, not opened")
    assert sent.address == its_page
    assert "the link to the questionnaire ended" in ended.says
    assert its_page in page
    assert handed_in.says.startswith("questionnaire handed in Mon 23 Nov 2026, 10:00 EST")
    assert handed_in.address == reverse("board", args=(person.pk,))


def test_who_has_facts_without_a_questionnaire_is_led_to_the_board(now, sam, doctor):
    assert first_step(sam, doctor).address == reverse("board", args=(sam.pk,))
