"""Worklists: each has what waits and nothing else, the first due first, with an owner and an age."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from overstory.clinic.audit.models import Entry
from overstory.clinic.care import planning_actions
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.assessing import record_assessment
from overstory.clinic.care.models import (
    Adoption,
    CarePlan,
    Consent,
    ConsentWithdrawal,
    PlannedMeasure,
    StatedFact,
)
from overstory.clinic.intake.models import IntakeLink, Questionnaire
from overstory.clinic.people.actions.persons import merge
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.actions import raise_alert
from overstory.clinic.worklists.lists import list_named
from overstory.clinic.worklists.models import Owned
from tests.clinic.conftest import make_person
from tests.clinic.knowing import adopt_running, go_on, state, state_example

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday, 10:00 in New York."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def now():
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def doctor(staff, clinic):
    adopt_running(clinic, staff(Role.MEDICAL_DIRECTOR), AT)
    return staff(Role.PSYCHIATRIST, name="Dr. Ada Reed")


@pytest.fixture
def sam(person):
    state_example(person, AT, name="sam")
    return person


@pytest.fixture
def draft(now, sam, doctor):
    wish = planning_actions.Wish(id=uuid4(), treatment="esketamine", start=date(2026, 11, 30))
    return planning_actions.draft(person=sam, wish=wish, by=doctor, at=AT)


@pytest.fixture
def plan(draft, doctor):
    """Eight doses of esketamine in four weeks from Monday 30 November, signed."""
    go_on(draft.person, doctor, AT)
    seen = draft.content_sha256
    return planning_actions.sign(plan=draft, sha256_seen=seen, by=doctor, at=AT)


def signed(person, doctor, *, treatment="esketamine", starts=date(2026, 11, 30)) -> CarePlan:
    """A signed plan of which only the row matters."""
    return CarePlan.objects.create(
        clinic=person.clinic, person=person, course=uuid4(), treatment=treatment, starts_on=starts,
        content={"sessions": [], "alongside": []}, content_sha256="0" * 64, knowledge_version="0",
        knowledge_sha256="0" * 64, drafted_by=doctor, drafted_at=AT - DAY, signed_by=doctor,
        signed_at=AT, adoption=Adoption.objects.get(),
    )  # fmt: skip


def consent(person, doctor, at, treatment="esketamine") -> Consent:
    return Consent.objects.create(
        person=person, document="d", treatment=treatment, route="", jurisdiction="US", version="1",
        language="en", text={}, text_sha256="0" * 64, knowledge_version="0",
        knowledge_sha256="0" * 64, signer="self", typed_name="Maya Fields", authority="",
        meaning="I agree.", how_read="read", has_capacity=True, capacity_words="", teach_back="",
        copy_given=True, clinician=doctor, signed_at=at,
    )  # fmt: skip


def handed_in(person, pack, at) -> Questionnaire:
    return Questionnaire.objects.create(
        clinic=person.clinic, site=person.site, person=person, pack=pack, made_at=at,
        submitted_at=at,
    )  # fmt: skip


def kinds(clinic, name, at, **which) -> list[tuple[str, str]]:
    """What stands in a list: the kind and what more is said of each line."""
    return [(row[0], row[6].strip()) for row in list_named(name).rows(clinic, at, **which)]


def give(client, listed, row, **form):
    return client.post(reverse("worklist_give", args=(listed, row)), form, follow=True)


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-11-30T04:59:00Z", []),  # Sunday, 23:59 in New York
        ("2026-11-30T05:00:00Z", ["2026-12-07T05:00:00+00:00"]),
        ("2026-12-06T12:00:00Z", ["2026-12-07T05:00:00+00:00"]),
        ("2026-12-07T05:00:00Z", ["2026-12-14T05:00:00+00:00"]),  # the second week begins
    ],
)
def test_the_weekly_phq_9_of_a_plan_is_due_within_its_week(plan, clinic, at, due):
    moment = datetime.fromisoformat(at)

    found = [
        row[9].isoformat() for row in list_named("answers").rows(clinic, moment) if "phq9" in row[6]
    ]

    # the knowledge: "PHQ-9 or QIDS every week", by weeks from the first day of the plan
    assert found == due


def test_a_questionnaire_that_was_answered_in_its_week_is_not_due(plan, clinic):
    week_1, week_2 = (datetime(2026, 12, day, 15, 0, tzinfo=UTC) for day in (2, 9))
    handed_in(plan.person, "phq9", AT)  # before the week began
    assert ("measure", "phq9") in kinds(clinic, "answers", week_1)

    handed_in(plan.person, "phq9-gad7", week_1)

    assert ("measure", "phq9") not in kinds(clinic, "answers", week_1)
    assert ("measure", "phq9") in kinds(clinic, "answers", week_2)


def test_a_total_that_was_stated_in_its_week_answers_it_and_one_taken_back_does_not(plan, clinic):
    week_1 = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
    state(plan.person, week_1, phq9_total=12)
    assert ("measure", "phq9") not in kinds(clinic, "answers", week_1)

    told = StatedFact.objects.get(name="phq9_total", at=week_1)
    StatedFact.objects.create(
        person=plan.person, name="phq9_total", at=week_1, recorded_at=week_1, retracts=told,
        origin="a test",
    )  # fmt: skip

    assert ("measure", "phq9") in kinds(clinic, "answers", week_1)


def test_what_an_ended_plan_asked_for_is_not_due(plan, clinic):
    CarePlan.objects.filter(pk=plan.pk).update(ended_at=AT)

    assert kinds(clinic, "answers", datetime(2026, 12, 2, 15, 0, tzinfo=UTC)) == []


def test_what_was_sent_and_not_handed_in_waits_until_it_is(now, clinic, person, staff):
    by = staff(Role.NURSE)
    form = Questionnaire.objects.create(
        clinic=clinic,
        site=person.site,
        person=person,
        pack="phq9",
        made_at=AT - 20 * DAY,
        made_by=by,
    )
    IntakeLink.objects.create(
        questionnaire=form, token_hash=uuid4().hex, made_by=by, made_at=form.made_at,
        expires_at=AT - 6 * DAY,
    )  # fmt: skip
    assert kinds(clinic, "answers", AT) == [("sent", "phq9")]

    Questionnaire.objects.filter(pk=form.pk).update(submitted_at=AT)

    assert kinds(clinic, "answers", AT) == []


def test_a_draft_waits_to_be_signed_and_then_to_be_booked(draft, clinic, doctor):
    assert kinds(clinic, "to-sign", AT) == [("unsigned", "esketamine")]
    assert kinds(clinic, "to-sign", AT, of="mine", reader=doctor.pk) != []

    go_on(draft.person, doctor, AT)
    planning_actions.sign(plan=draft, sha256_seen=draft.content_sha256, by=doctor, at=AT)

    assert kinds(clinic, "to-sign", AT) == []
    assert kinds(clinic, "to-book", AT) == [("unbooked", "esketamine")]
    assert kinds(clinic, "to-book", AT, of="nobody") == [("unbooked", "esketamine")]


def test_who_was_evaluated_and_has_not_chosen_waits_until_they_choose_or_a_plan_is_drafted(
    now, sam, clinic, doctor, signed_in
):
    record_assessment(person=sam, key=uuid4(), force=in_force(clinic), by=doctor, at=AT - HOUR)
    record_assessment(person=sam, key=uuid4(), force=in_force(clinic), by=doctor, at=AT)

    assert kinds(clinic, "to-choose", AT) == [("unchosen", "")]
    assert "No choice recorded" in signed_in(Role.PSYCHIATRIST).get("/").content.decode()
    wish = planning_actions.Wish(id=uuid4(), treatment="esketamine", start=date(2026, 11, 30))
    planning_actions.draft(person=sam, wish=wish, by=doctor, at=AT)

    assert kinds(clinic, "to-choose", AT) == []


@pytest.mark.parametrize("is_merged", [False, True])
def test_a_line_says_that_an_alert_is_open_about_the_person(
    now, sam, clinic, site, doctor, signed_in, is_merged
):
    named = make_person(clinic, site, legal_name="Sam Once") if is_merged else sam
    record_assessment(person=sam, key=uuid4(), force=in_force(clinic), by=doctor, at=AT)
    pages = ("/", reverse("worklist", args=("to-choose",)))
    reader = signed_in(Role.PSYCHIATRIST)
    assert not any("open alert</span>" in reader.get(each).content.decode() for each in pages)

    raise_alert(
        person=named, site=sam.site, kind="cssrs", tier="high", source=f"answer:{uuid4()}",
        says="Question 5: yes", actor="link:1", at=AT,
    )  # fmt: skip
    if is_merged:
        merge(kept=sam, other=named, by=doctor, at=AT)

    assert all("open alert</span>" in reader.get(each).content.decode() for each in pages)


def test_the_first_to_start_stands_first(clinic, site, doctor):
    starts = [date(2026, 12, day) for day in (14, 1, 7)]
    for n, each in enumerate(starts):
        signed(make_person(clinic, site, legal_name=f"P {n}"), doctor, starts=each)

    found = [row[9].date() for row in list_named("to-book").rows(clinic, AT)]

    assert found == sorted(starts)


@pytest.mark.parametrize(
    ("signed_at", "listed"),
    [
        (datetime(2025, 12, 7, 14, 59, tzinfo=UTC), True),  # ends 7 December, in fourteen days
        (datetime(2025, 12, 8, 15, 1, tzinfo=UTC), False),
        (
            datetime(2025, 6, 1, 15, 0, tzinfo=UTC),
            True,
        ),  # ended in June: twelve months, site policy
    ],
)
def test_a_consent_is_listed_two_weeks_before_it_ends(
    now, clinic, person, doctor, signed_at, listed
):
    consent(person, doctor, signed_at)
    assert kinds(clinic, "expiring", AT) == []  # no treatment goes on

    signed(person, doctor)

    assert (("consent", "esketamine") in kinds(clinic, "expiring", AT)) is listed


def test_a_consent_given_again_or_withdrawn_does_not_expire(now, clinic, person, doctor):
    signed(person, doctor)
    old = consent(person, doctor, AT - 360 * DAY)
    assert kinds(clinic, "expiring", AT) == [("consent", "esketamine")]

    new = consent(person, doctor, AT - DAY)
    assert kinds(clinic, "expiring", AT) == []

    new.delete()
    ConsentWithdrawal.objects.create(consent=old, words="", by=doctor, at=AT)
    assert kinds(clinic, "expiring", AT) == []


def test_a_weight_for_infusions_is_listed_before_its_thirty_days_are_over(
    now, clinic, person, doctor
):
    # session need `weight`: thirty days, for infusions of ketamine
    signed(person, doctor, treatment="ketamine-iv")
    state(person, AT - 10 * DAY, weight_kg=80)
    assert kinds(clinic, "expiring", AT) == []
    assert kinds(clinic, "expiring", AT + 7 * DAY) == [("fact", "weight_kg")]

    state(person, AT - DAY, weight_kg=81)

    assert kinds(clinic, "expiring", AT + 7 * DAY) == []


def test_a_line_is_taken_by_one_press_and_handed_over(plan, clinic, staff, signed_in):
    nurse, other = staff(Role.NURSE, name="Nia"), staff(Role.NURSE, name="Omar")
    desk = signed_in(who=nurse)

    home = give(desk, "to-book", plan.pk, seen="", back="home")
    again = give(desk, "to-book", plan.pk, seen="")
    late = give(signed_in(who=other), "to-book", plan.pk, seen="").content.decode()

    assert home.redirect_chain == [("/", 302)]
    assert again.status_code == 200
    assert "Nia took this a moment ago" in late
    assert [(each.owner, each.until) for each in Owned.objects.all()] == [(nurse, None)]

    give(desk, "to-book", plan.pk, to=str(other.pk), seen=str(nurse.pk))

    now_held = Owned.objects.get(until=None)
    assert (now_held.owner, now_held.by) == (other, nurse)
    assert Owned.objects.count() == 2
    assert kinds(clinic, "to-book", AT, of="mine", reader=other.pk) == [("unbooked", "esketamine")]
    assert kinds(clinic, "to-book", AT, of="nobody") == []
    assert Entry.objects.filter(action="took a line").count() == 1
    assert Entry.objects.filter(action="handed a line over").count() == 1
    assert "handed over by Nia" in desk.get(f"/lists/to-book/{plan.pk}/").content.decode()


def test_a_list_tells_owner_age_and_when_it_is_due(plan, clinic, signed_in, now):
    now.move_to(AT + 3 * DAY)
    client = signed_in(Role.COORDINATOR)

    home = client.get("/").content.decode()
    whole = client.get("/lists/to-book/").content.decode()

    for page in (home, whole):
        assert "Maya Fields" in page
        assert "starts Mon 30 Nov 2026" in page
        assert "nobody yet" in page
        assert "signed 3 days ago" in page
    assert reverse("book_course", args=(plan.person_id, plan.pk)) in whole
    assert 'href="/lists/to-book/"' in client.get("/waiting/").content.decode()
    assert Entry.objects.filter(action="saw list to-book").count() == 2


def test_each_role_sees_its_own_lists_first(plan, signed_in):
    pages = {role: signed_in(role).get("/").content.decode() for role in Role}

    heads = {
        role: [
            name
            for name in ("answers", "to-choose", "to-sign", "to-book", "expiring")
            if f'id="list-{name}"' in page
        ]
        for role, page in pages.items()
    }
    assert heads[Role.PSYCHIATRIST] == ["answers", "to-choose", "to-sign", "to-book", "expiring"]
    assert heads[Role.NURSE] == heads[Role.COORDINATOR] == ["answers", "to-book", "expiring"]
    assert heads[Role.TECHNICIAN] == ["answers", "to-book"]
    assert heads[Role.THERAPIST] == ["answers"]
    assert heads[Role.MANAGER] == heads[Role.AUDITOR] == []
    assert '/lists/to-sign/">Plans not signed' in pages[Role.NURSE]
    assert "/lists/" not in pages[Role.AUDITOR]


def test_who_may_not_book_has_no_list_of_what_to_book(plan, signed_in):
    client = signed_in(Role.THERAPIST)

    assert client.get("/lists/to-book/").status_code == 404
    assert give(client, "to-book", plan.pk, seen="").status_code == 404
    assert client.get("/lists/nothing/").status_code == 404


def test_another_clinic_sees_and_takes_nothing(plan, clinic, other_site, signed_in, staff):
    moment = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
    stranger = signed_in(Role.MEDICAL_DIRECTOR, of=other_site.clinic)

    for name in ("answers", "to-sign", "to-book", "expiring"):
        assert kinds(other_site.clinic, name, moment) == []
    assert give(stranger, "to-book", plan.pk, seen="").status_code == 404
    assert stranger.get(f"/lists/to-book/{plan.pk}/").status_code == 404
    assert Owned.objects.count() == 0
    assert "Maya" not in stranger.get("/").content.decode()


@pytest.mark.parametrize("address", ["/", "/lists/answers/", "/lists/to-book/", "/lists/expiring/"])
def test_many_lines_ask_no_more_than_one(
    now, clinic, site, doctor, signed_in, address, django_assert_max_num_queries
):
    client = signed_in(Role.MEDICAL_DIRECTOR)
    for n in range(30):
        who = make_person(clinic, site, legal_name=f"P {n}")
        row = signed(who, doctor, treatment="ketamine-iv")
        consent(who, doctor, AT - 360 * DAY, "ketamine-iv")
        state(who, AT - 25 * DAY, weight_kg=80)
        PlannedMeasure.objects.create(
            clinic=clinic,
            plan=row,
            measure="m",
            scales=" phq9 ",
            opens_at=AT - DAY,
            due_at=AT + DAY,
        )
    client.get(address)

    with django_assert_max_num_queries(20):  # with the marks of transactions and the record
        page = client.get(address).content.decode()

    assert page.count("P 1") >= 1
