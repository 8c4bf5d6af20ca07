"""The suitability board: verdicts, answers in place, what is recorded, who may see it."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from overstory.clinic.care import actions
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.assessing import assess_person
from overstory.clinic.care.deciding import against, unsettled
from overstory.clinic.care.models import Assessment, StatedFact, WrittenReason
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.actions import raise_alert
from overstory.engine.facts import Unknown
from overstory.exchange.patient_file import read_patient_file
from overstory.knowledge.load import load_knowledge
from overstory.pathway.verdicts import PERMITTING, Verdict
from tests.clinic.knowing import state_example

KNOWLEDGE = load_knowledge()
EXAMPLES = Path(__file__).parents[2] / "examples" / "patients"


@pytest.fixture
def page(person):
    return f"/people/{person.pk}/board/"


def test_a_psychiatrist_sees_the_five_options(signed_in, page):
    answer = signed_in(Role.PSYCHIATRIST).get(page)

    assert answer.status_code == 200
    for name in ("Esketamine nasal spray", "TMS", "Ketamine, then TMS"):
        assert name in answer.content.decode()


def test_another_clinics_person_has_no_board_here(signed_in, stranger):
    answer = signed_in(Role.PSYCHIATRIST).get(f"/people/{stranger.pk}/board/")

    assert answer.status_code == 404
    assert b"Zeb" not in answer.content


def test_a_coordinator_sees_no_board(signed_in, page):
    assert signed_in(Role.COORDINATOR).get(page).status_code == 404


def test_an_answer_in_place_is_a_row_and_the_board_says_what_moved(signed_in, person, page):
    nurse = signed_in(Role.NURSE)

    answer = nurse.post(
        f"/people/{person.pk}/facts/aneurysmal_vascular_disease/state/",
        {"key": uuid4(), "seen": "", "back": "board", "answer": "true"},
        follow=True,
    )

    row = StatedFact.objects.get()
    assert (row.name, row.value) == ("aneurysmal_vascular_disease", True)
    assert "Contraindicated" in answer.content.decode()
    assert "and it moved" in answer.content.decode()


def test_a_recorded_assessment_is_made_again_byte_for_byte(signed_in, person, page):
    doctor = signed_in(Role.PSYCHIATRIST)
    key = uuid4()

    for _ in range(2):
        answer = doctor.post(f"{page}record/", {"key": key}, follow=True)

    assert Assessment.objects.count() == 1
    assert "byte for byte" in answer.content.decode()


def state(person, by, at, name, value=None, unknown=None):
    statement = actions.Statement(
        id=uuid4(), kind=KNOWLEDGE.vocabulary[name], value=value, unknown=unknown, at=at,
        origin="recorded by a nurse",
    )  # fmt: skip
    return actions.state_fact(person=person, statement=statement, by=by, at=at)


def test_at_high_risk_the_crisis_path_stands_before_everything_else(signed_in, staff, person, page):
    nurse = staff(Role.NURSE)
    state(person, nurse, timezone.now(), "cssrs_risk", "high")
    client = signed_in(Role.PSYCHIATRIST)

    for address in (page, f"/people/{person.pk}/"):
        words = client.get(address).content.decode()
        assert "988" in words
        first = words.index("the crisis path comes first")
        assert first < words.index("Not adopted.")
        assert first < words.index("Esketamine nasal spray")


def test_a_coordinator_sees_who_they_are_and_no_facts(signed_in, staff, person):
    state(person, staff(Role.NURSE), timezone.now(), "substance_use_disorder_active", True)

    words = signed_in(Role.COORDINATOR).get(f"/people/{person.pk}/").content.decode()

    assert "Maya Fields" in words
    assert "Facts on record" not in words
    assert "Suitability" not in words


def test_a_stale_fact_is_marked_and_does_not_count(signed_in, staff, person):
    old = timezone.now() - timedelta(days=400)
    state(person, staff(Role.NURSE), old, "systolic_bp", 128)

    words = signed_in(Role.NURSE).get(f"/people/{person.pk}/facts/").content.decode()

    assert "too old to rely on" in words
    assert "128 mmHg" in words


def post_fact(client, person, name, **fields):
    given = {"key": uuid4(), "seen": "", "back": "facts", **fields}
    return client.post(f"/people/{person.pk}/facts/{name}/state/", given)


def test_a_value_out_of_range_is_refused_with_what_would_be_right(signed_in, person):
    answer = post_fact(signed_in(Role.NURSE), person, "systolic_bp", answer="900")

    assert answer.status_code == 422
    assert "Systolic blood pressure is between 40 and 320" in answer.content.decode()


def test_nothing_said_is_not_an_answer(signed_in, person):
    answer = post_fact(signed_in(Role.NURSE), person, "pregnant")

    assert answer.status_code == 422
    assert StatedFact.objects.count() == 0


def test_asked_and_not_known_is_kept_as_that(signed_in, person):
    post_fact(signed_in(Role.NURSE), person, "pregnant", answer="unknown")

    row = StatedFact.objects.get()
    assert (row.value, row.unknown) == (None, "not-answered")


def test_a_time_is_read_in_the_zone_of_the_site(signed_in, person):
    post_fact(signed_in(Role.NURSE), person, "systolic_bp", answer="128", at="2026-07-01T09:40")

    assert StatedFact.objects.get().at.isoformat() == "2026-07-01T13:40:00+00:00"


def test_an_hour_that_the_clocks_skip_is_refused(signed_in, person):
    answer = post_fact(
        signed_in(Role.NURSE), person, "systolic_bp", answer="128", at="2026-03-08T02:30"
    )

    assert answer.status_code == 422
    assert "clocks skip" in answer.content.decode()


def test_two_who_state_a_fact_at_once_see_each_other(signed_in, person):
    first, second = signed_in(Role.NURSE), signed_in(Role.PSYCHIATRIST)
    post_fact(first, person, "weight_kg", answer="80")

    answer = post_fact(second, person, "weight_kg", answer="90")

    assert answer.status_code == 409
    assert "Someone else stated this" in answer.content.decode()
    assert StatedFact.objects.count() == 1


def test_a_coordinator_states_no_facts(signed_in, person):
    assert (
        post_fact(signed_in(Role.COORDINATOR), person, "pregnant", answer="true").status_code == 404
    )


def test_a_fact_is_taken_back_from_its_page(signed_in, staff, person):
    row = state(person, staff(Role.NURSE), timezone.now(), "weight_kg", 180)
    page = f"/people/{person.pk}/facts/weight_kg/"

    answer = signed_in(Role.NURSE).post(f"{page}{row.pk}/retract/", follow=True)

    assert "taken back" in answer.content.decode()
    assert StatedFact.objects.count() == 2


def off_label(person, by, at):
    """State what makes ketamine infusion be for depression, off its label."""
    for name, value in (("has_major_depression", True), ("failed_antidepressant_trials", 3)):
        state(person, by, at, name, value)


def reason(person, client, **fields):
    given = {
        "key": uuid4(),
        "treatment": "ketamine-iv",
        "rule": "ketamine-iv.off-label",
        "goes_on": "yes",
        "words": "Talked through the label and the alternatives.",
        **fields,
    }
    return client.post(f"/people/{person.pk}/board/reasons/", given)


@pytest.fixture
def doctor(signed_in, staff):
    """Return a psychiatrist who gave the second factor just now."""
    who = staff(Role.PSYCHIATRIST)
    client = signed_in(who=who)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
    session["account_authentication_methods_user"] = str(who.pk)
    session.save()
    return client


def test_a_written_reason_stands_on_the_board_and_moves_no_verdict(doctor, staff, person, page):
    off_label(person, staff(Role.NURSE), timezone.now())
    before = doctor.get(page).content.decode()

    answer = reason(person, doctor)

    after = doctor.get(page).content.decode()
    assert answer.status_code == 302
    assert "Talked through the label" in after
    assert before.count("Cannot say yet") == after.count("Cannot say yet")


def test_a_reason_written_on_other_facts_is_marked(doctor, staff, person, page):
    nurse = staff(Role.NURSE)
    off_label(person, nurse, timezone.now())
    reason(person, doctor)

    state(person, nurse, timezone.now(), "failed_antidepressant_trials", 4)

    assert "Written on other facts" in doctor.get(page).content.decode()


def test_a_reason_sent_twice_is_one(doctor, staff, person):
    off_label(person, staff(Role.NURSE), timezone.now())
    key = uuid4()
    for _ in range(2):
        reason(person, doctor, key=key)

    assert WrittenReason.objects.count() == 1


def test_there_is_no_reason_where_nothing_is_to_be_decided(doctor, person):
    assert reason(person, doctor).status_code == 409
    assert WrittenReason.objects.count() == 0


def test_a_reason_needs_the_second_factor(signed_in, staff, person):
    off_label(person, staff(Role.NURSE), timezone.now())

    assert reason(person, signed_in(Role.PSYCHIATRIST)).status_code == 403
    assert WrittenReason.objects.count() == 0


def test_a_nurse_writes_no_reasons(signed_in, person):
    assert reason(person, signed_in(Role.NURSE)).status_code == 404


def test_an_assessment_of_another_release_is_shown_and_not_made_again(signed_in, person, page):
    doctor = signed_in(Role.PSYCHIATRIST)
    doctor.post(f"{page}record/", {"key": uuid4()})
    Assessment.objects.update(knowledge_sha256="b" * 64)
    row = Assessment.objects.get()

    words = doctor.get(f"/people/{person.pk}/assessments/{row.pk}/").content.decode()

    assert "cannot be made again here" in words
    assert "Esketamine nasal spray" in words


def test_an_assessment_that_was_changed_does_not_come_out_the_same(signed_in, person, page):
    doctor = signed_in(Role.PSYCHIATRIST)
    doctor.post(f"{page}record/", {"key": uuid4()})
    Assessment.objects.update(answer_sha256="c" * 64)
    row = Assessment.objects.get()

    words = doctor.get(f"/people/{person.pk}/assessments/{row.pk}/").content.decode()

    assert "it says something else" in words


def many_facts(person, count):
    """Write `count` rows of facts, of one moment after another."""
    names = [name for name in KNOWLEDGE.vocabulary if KNOWLEDGE.vocabulary[name].kind == "bool"]
    now = timezone.now()
    StatedFact.objects.bulk_create(
        StatedFact(
            id=uuid4(), person=person, name=names[n % len(names)], value=bool(n % 2),
            at=now - timedelta(seconds=count - n), origin="x",
            recorded_at=now - timedelta(seconds=count - n),
        )
        for n in range(count)
    )  # fmt: skip


@pytest.mark.parametrize("part", ["", "board/", "facts/", "facts/pregnant/", "ledger/", "notes/"])
def test_a_page_asks_as_many_queries_for_ten_facts_as_for_a_thousand(signed_in, person, part):
    client = signed_in(Role.PSYCHIATRIST)
    address = f"/people/{person.pk}/{part}"
    client.get(address)
    many_facts(person, 10)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    many_facts(person, 1000)
    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert asked(few) == asked(many)
    assert asked(many) <= 15


def asked(captured):
    """Count what pages ask; the record of the read is written by a thread of its own, in one commit."""
    own = [
        each["sql"]
        for each in captured.captured_queries
        if "audit_" not in each["sql"] and "SAVEPOINT" not in each["sql"]
    ]
    return len(own)


def test_making_a_fact_unknown_never_makes_a_verdict_more_permissive(staff, person, clinic):
    """The law of the design, through the rows: each fact of a whole person, one after the other."""
    nurse, now = staff(Role.NURSE), timezone.now()
    record = read_patient_file(
        (EXAMPLES / "ruth.yaml").read_text(), name="ruth.yaml", knowledge=KNOWLEDGE
    )
    for name, fact in record.given.items():
        state(person, nurse, now - timedelta(hours=1), name, fact.value, fact.unknown)
    force = in_force(clinic)
    before = verdicts(person, now, force)

    for name in record.given:
        unsaid = state(person, nurse, now, name, unknown=Unknown.NOT_ANSWERED)
        after = verdicts(person, now, force)
        for treatment, verdict in after.items():
            was = before[treatment]
            assert not (verdict in PERMITTING and was not in PERMITTING), (name, treatment)
            assert not (verdict is Verdict.SUITABLE and was is not Verdict.SUITABLE), name
        actions.retract_fact(person=person, row=unsaid, key=uuid4(), by=nurse, at=now)

    assert verdicts(person, now, force) == before


def verdicts(person, at, force):
    assessment = assess_person(person, at=at, force=force).assessment
    return {each.treatment: each.verdict for each in assessment.treatments}


def all_known(person, by, at):
    """State a whole person for whom physicians decide whether any option goes on."""
    state_example(person, at, name="sam")


def no_to(person, client, treatment="esketamine", rule="safety.suicide-risk-high"):
    return reason(
        person, client, treatment=treatment, rule=rule, goes_on="no",
        words="Admitted to hospital first.",
    )  # fmt: skip


def test_a_written_no_stands_first_on_every_option_that_its_rule_is_asked_of(
    doctor, staff, person, page
):
    all_known(person, staff(Role.NURSE), timezone.now())
    before = doctor.get(page).content.decode()
    assert "stands against every option that this rule is asked of" in before

    no_to(person, doctor)

    after = doctor.get(page).content.decode()
    assert after.count("Physician: no") == 10  # in the table and on the card of each of five
    assert before.count("With conditions") == after.count("With conditions")
    card = after[after.index('id="title-tms"') :]
    assert card.index("A physician decided against it: ") < card.index("care-rule")
    assert "Physician: no" in doctor.get(f"/people/{person.pk}/").content.decode()


def test_a_no_ends_for_the_option_for_which_going_on_is_written(doctor, staff, person):
    all_known(person, staff(Role.NURSE), timezone.now())
    no_to(person, doctor)

    reason(person, doctor, treatment="tms", rule="safety.suicide-risk-high")

    now = timezone.now()
    assert against(person, "tms", now) == ()
    assert [each.row.goes_on for each in against(person, "esketamine", now)] == [False]


def test_a_no_stands_while_the_fact_under_its_rule_is_unknown_and_ends_when_it_no_longer_holds(
    doctor, staff, person
):
    all_known(person, staff(Role.NURSE), timezone.now())
    no_to(person, doctor, treatment="tms", rule="tms.other-care-first")
    facts = {each.name for each in decisions(person, "tms")["tms.other-care-first"].because}

    for name in facts:
        state(person, staff(Role.NURSE), timezone.now(), name, unknown=Unknown.NOT_ANSWERED)
    assert against(person, "tms", timezone.now())


def decisions(person, treatment):
    assessment = assess_person(person, at=timezone.now(), force=in_force(person.clinic)).assessment
    found = next(each for each in assessment.treatments if each.treatment == treatment)
    return {each.rule.id: each for each in found.rules if each.rule.kind == "physician-decision"}


def test_a_decision_is_unsettled_until_going_on_is_written_on_the_facts_of_now(
    doctor, staff, person
):
    all_known(person, staff(Role.NURSE), timezone.now())
    force = in_force(person.clinic)

    def open_now():
        at = timezone.now()
        assessment = assess_person(person, at=at, force=force).assessment
        return {each.rule: each.is_unknown for each in unsettled(person, "tms", assessment)}

    assert "tms.other-care-first" in open_now()
    reason(person, doctor, treatment="tms", rule="tms.other-care-first")
    assert "tms.other-care-first" not in open_now()
    state(person, staff(Role.NURSE), timezone.now(), "cssrs_risk", unknown=Unknown.NOT_ANSWERED)
    assert True in open_now().values()


def test_the_safety_block_has_a_button_for_the_screen_and_names_open_alerts(
    signed_in, staff, person, page
):
    nurse = staff(Role.NURSE, name="Hiro Sato")
    now = timezone.now()
    alert = raise_alert(
        person=person, site=person.site, kind="staff-raised", tier="moderate", source="seen today",
        says="Said that nothing matters.", at=now, actor=nurse.actor,
    )  # fmt: skip
    client = signed_in(who=nurse)

    for address in (page, f"/people/{person.pk}/"):
        words = client.get(address).content.decode()
        assert "Enter the C-SSRS" in words
        assert 'value="suicide-screen"' in words
        assert f"/alerts/{alert.pk}/" in words
        assert "Alert open since" in words
        assert "<strong>moderate</strong>" in words

    key = uuid4()
    sent = {"key": key, "pack": "suicide-screen", "way": "enter"}
    answer = client.post(f"/people/{person.pk}/questionnaires/", sent)
    assert answer.status_code == 302


def test_a_screen_that_is_done_is_shown_and_no_longer_asked_for(signed_in, staff, person, page):
    nurse, now = staff(Role.NURSE), timezone.now()
    state(person, nurse, now - timedelta(hours=2), "phq9_item9", 1)
    client = signed_in(Role.NURSE)
    assert "asks the C-SSRS the same day" in client.get(page).content.decode()

    state(person, nurse, now - timedelta(hours=1), "cssrs_risk", "low")

    words = client.get(page).content.decode()
    assert "asks the C-SSRS the same day" not in words
    assert "C-SSRS: <strong>low" in words


@pytest.mark.parametrize(
    "part",
    ["", "board/", "facts/", "facts/pregnant/", "ledger/", "notes/", "assessments/", "plans/"],
)
def test_every_page_says_whose_it_is(signed_in, person, part):
    person.called, person.birth_date = "May", date(1982, 3, 9)
    person.save()
    client = signed_in(Role.PSYCHIATRIST)

    with time_machine.travel("2026-11-22T15:00:00+00:00"):
        words = client.get(f"/people/{person.pk}/{part}").content.decode()

    assert f"May ({person.legal_name}), born 9 Mar 1982, 44" in words


def test_an_answer_in_place_leads_back_to_its_place_and_can_be_undone(signed_in, person, page):
    nurse = signed_in(Role.NURSE)
    sent = {"key": uuid4(), "seen": "", "back": "board", "answer": "true"}
    to = f"/people/{person.pk}/facts/aneurysmal_vascular_disease/state/"
    answer = nurse.post(to, sent)
    row = StatedFact.objects.get()
    assert answer["Location"] == f"{page}?answered={row.pk}#answered"
    words = nurse.get(answer["Location"].partition("#")[0]).content.decode()
    undo = f"/people/{person.pk}/facts/aneurysmal_vascular_disease/{row.pk}/retract/"
    assert 'id="answered"' in words
    assert undo in words

    back = nurse.post(undo, {"back": "board"})

    assert back["Location"].startswith(page)
    assert "Contraindicated" not in nurse.get(page).content.decode()


def test_diagnoses_trials_and_sex_are_asked_before_what_follows_from_them(signed_in, person, page):
    board = signed_in(Role.PSYCHIATRIST).get(page).context["board"]

    names = [each.fact.name for each in board.questions]
    first = min(names.index(each) for each in ("pregnant", "systolic_bp") if each in names)
    for name in ("has_major_depression", "failed_antidepressant_trials", "sex_at_birth"):
        assert names.index(name) < first, name
    assert "may settle pregnancy" in board.questions[names.index("sex_at_birth")].why_first


def test_two_answers_that_do_not_go_together_are_listed(signed_in, staff, person, page):
    nurse = staff(Role.NURSE)
    for name in ("has_major_depression", "has_bipolar_disorder"):
        assert "Check these two" not in signed_in(Role.NURSE).get(page).content.decode()
        state(person, nurse, timezone.now(), name, True)

    assert "Check these two" in signed_in(Role.NURSE).get(page).content.decode()


def test_who_cannot_come_every_weekday_is_a_note_beside_tms_and_no_verdict(
    signed_in, staff, person, page
):
    client = signed_in(Role.NURSE)
    before = verdicts(person, timezone.now(), in_force(person.clinic))

    state(person, staff(Role.NURSE), timezone.now(), "can_attend_daily", False)

    board = client.get(page).context["board"]
    noted = {each.treatment for each in board.options if each.practical}
    assert noted == {"tms", "ketamine-then-tms"}
    assert verdicts(person, timezone.now(), in_force(person.clinic)) == before


def test_pages_say_no_names_of_the_machine(signed_in, staff, person, page):
    nurse, now = staff(Role.NURSE), timezone.now()
    facts = {"weight_kg": 80, "height_cm": 187, "tms_response_before": "none",
             "has_major_depression": True}  # fmt: skip
    for name, value in facts.items():
        state(person, nurse, now, name, value)
    client = signed_in(Role.PSYCHIATRIST)
    recorded = client.post(f"{page}record/", {"key": uuid4()})["Location"]

    words = client.get(f"/people/{person.pk}/facts/").content.decode()
    assert "22.9 " in words
    assert "22.87" not in words
    assert "never had it, or it had no effect (not told apart)" in words
    seen = re.sub("<[^>]+>", " ", client.get(recorded).content.decode())
    for name in facts:
        assert name not in seen
