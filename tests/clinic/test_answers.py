"""Answers are rows that only grow: who gave them, which holds, and what they raise in the same breath."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overstory.clinic.intake import answers, giving, links
from overstory.clinic.intake.filling import Answer
from overstory.clinic.people.models import ChannelConsent
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.models import Alert
from overstory.engine.facts import Unknown
from overstory.knowledge.load import load_knowledge
from overstory.pathway.pack_facts import Filled, Told, gather
from overstory.pathway.pack_values import Reply
from overstory.pathway.packs import read_pack
from tests.clinic.test_packs import fields_of

KNOWLEDGE = load_knowledge()
PATIENT = giving.Giver("link:invented")
REFUSED = Reply(declined="rather-not-say")


@pytest.fixture
def nurse(staff):
    return staff(Role.NURSE, name="N. Nurse")


@pytest.fixture
def form(person, nurse, at):
    return links.begin(person=person, pack="phq9-gad7", by=nurse, at=at)


@pytest.fixture
def give(form, at):
    """Save an answer some minutes after the start."""

    def save(key, value, *, giver=PATIENT, minutes=0, seen=None, of=None):
        reply = value if isinstance(value, Reply) else Reply(value)
        return giving.give(
            questionnaire=of or form,
            question=key,
            reply=reply,
            giver=giver,
            at=at + timedelta(minutes=minutes),
            seen=seen,
        )

    return save


@pytest.fixture
def facts(person, at):
    def found(minutes=60, ids=None):
        moment = at + timedelta(minutes=minutes)
        return answers.given(ids or person.ids, moment, KNOWLEDGE)

    return found


def by(nurse) -> giving.Giver:
    return giving.Giver(nurse.actor, nurse)


def test_the_same_answer_twice_is_one_row_and_one_alert(give, form):
    first = give("phq9.9", 2)
    again = give("phq9.9", 2, minutes=1)

    assert first.is_new
    assert not again.is_new
    assert form.answers.count() == 1
    assert Alert.objects.get().acts.count() == 1


def test_a_later_answer_holds_and_the_earlier_one_stays(give, form, facts):
    give("phq9.9", 2)
    give("phq9.9", 0, minutes=1)

    assert [row.value for row in form.answers.order_by("number")] == [{"value": 2}, {"value": 0}]
    assert facts().facts["phq9_item9"].value == 0
    assert Alert.objects.get().closed_at is None


def test_an_answer_is_sealed_in_the_database(give):
    give("own.anything-else", "a private sentence")

    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM intake_answer")
        assert b"private" not in bytes(cursor.fetchone()[0])


def test_an_alert_that_cannot_be_raised_leaves_no_answer(give, form, monkeypatch):
    def broken(**_):
        raise RuntimeError("the alert could not be written")

    monkeypatch.setattr(giving, "raise_alert", broken)

    with pytest.raises(RuntimeError):
        give("phq9.9", 1)
    assert form.answers.count() == 0


def test_staff_entries_have_their_origin_and_raise_the_same_alert(give, nurse, facts):
    give("phq9.9", 3, giver=by(nurse))

    alert = Alert.objects.get()
    assert (alert.kind, alert.any_hour) == ("item-9", True)
    assert alert.raised_by == nurse.actor
    assert facts().facts["phq9_item9"].origin == (
        "PHQ-9 entered by N. Nurse for the patient, 2026-11-23"
    )


def test_a_correction_by_staff_holds_against_a_stale_page_of_the_patient(give, nurse, facts):
    give("phq9.9", 2)
    corrected = give("phq9.9", 1, giver=by(nurse), minutes=5)

    give("phq9.9", 2, minutes=6, seen=1)

    assert corrected.answer.is_correction
    assert facts().facts["phq9_item9"].value == 1
    assert facts().facts["phq9_item9"].origin == (
        "PHQ-9 corrected by N. Nurse for the patient, 2026-11-23"
    )


def test_a_patient_who_saw_the_correction_may_answer_anew(give, nurse, facts):
    give("phq9.9", 2)
    give("phq9.9", 1, giver=by(nurse), minutes=5)

    give("phq9.9", 2, minutes=6, seen=2)

    assert facts().facts["phq9_item9"].value == 2


def test_another_answer_on_a_stale_page_is_not_lost(give, nurse, form):
    give("phq9.9", 2)
    give("phq9.9", 1, giver=by(nurse), minutes=5)

    give("phq9.9", 3, minutes=6, seen=1)

    assert form.answers.order_by("-number").first().value == {"value": 3}


def test_what_was_answered_later_is_not_known_before(give, facts):
    give("phq9.9", 1, minutes=30)

    assert "phq9_item9" not in facts(minutes=29).facts
    assert facts(minutes=30).facts["phq9_item9"].value == 1


def test_answers_of_a_withdrawn_questionnaire_say_nothing(give, form, nurse, facts, at):
    give("phq9.9", 1)

    links.withdraw(questionnaire=form, by=nurse, at=at)

    assert facts().facts == {}
    with pytest.raises(links.NotOpenError):
        give("phq9.8", 1)


def test_a_submitted_questionnaire_takes_answers_of_staff_alone(give, form, nurse, at):
    links.submit(questionnaire=form, by=None, actor="link:invented", at=at)

    with pytest.raises(links.NotOpenError):
        give("phq9.8", 1)
    assert give("phq9.8", 1, giver=by(nurse)).is_new


def test_answers_of_both_rows_of_a_merged_person_count(
    give, facts, person, clinic, site, nurse, at, other_person
):
    other = links.begin(person=other_person, pack="phq9", by=nurse, at=at)
    give("phq9.9", 0)
    give("phq9.9", 1, of=other, minutes=5)

    assert facts(ids=[person.pk, other_person.pk]).facts["phq9_item9"].value == 1


@pytest.fixture
def other_person(clinic, site):
    from tests.clinic.conftest import make_person

    return make_person(clinic, site, legal_name="M. Fields")


def test_another_persons_answers_are_never_given(give, stranger, facts):
    give("phq9.9", 1)

    assert facts(ids=[stranger.pk]).facts == {}


def test_an_open_answer_is_unknown_because_not_answered(give, facts):
    give("phq9.9", REFUSED)

    assert facts().facts["phq9_item9"].unknown is Unknown.NOT_ANSWERED
    assert Alert.objects.count() == 0


def test_the_ways_to_be_reached_are_kept_as_consent(give, person, nurse, at):
    form = links.begin(person=person, pack="depression", by=nurse, at=at)

    give("own.ways-to-reach", ["phone", "email"], of=form)

    said = {row.channel: row.is_given for row in ChannelConsent.objects.filter(person=person)}
    assert said == {"phone": True, "text": False, "email": True, "post": False}
    give("own.ways-to-reach", REFUSED, of=form, minutes=1)
    assert ChannelConsent.objects.count() == 4


def test_a_self_injury_answer_is_an_alert_of_its_own_kind(give):
    give("phq9.9", 1)
    give("fact.self_injury_within_3_months", True, minutes=1)

    assert sorted(Alert.objects.values_list("kind", flat=True)) == ["item-9", "self-injury"]


def test_a_repeat_within_a_day_is_one_alert_and_a_worse_answer_wakes_it(give):
    give("phq9.9", 1)
    give("phq9.9", 3, minutes=10)

    alert = Alert.objects.get()
    assert list(alert.acts.order_by("at").values_list("kind", flat=True)) == [
        "raised",
        "raised-tier",
    ]


def test_reading_answers_takes_one_query(give, person, at, django_assert_num_queries):
    for number in range(1, 10):
        give(f"phq9.{number}", 1)

    with django_assert_num_queries(1):
        answers.given([person.pk], at + timedelta(hours=1), KNOWLEDGE)


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(walk=st.randoms(use_true_random=False))
def test_rows_given_in_any_order_say_what_the_last_replies_say(walk, person, nurse, at):
    from overstory.pathway.pack_replies import read_reply

    Answer.objects.all().delete()
    name = walk.choice(["depression", "before-tms", "before-ketamine", "phq9-gad7"])
    form, pack = links.begin(person=person, pack=name, by=nurse, at=at), read_pack(name, KNOWLEDGE)
    last: dict[str, Told] = {}
    for step in range(40):
        replies = {key: told.reply for key, told in last.items()}
        question = walk.choice(pack.questions(replies))
        reply = read_reply(question, fields_of(question, walk.randrange))
        moment = at + timedelta(seconds=step)
        for _ in range(walk.randrange(1, 3)):
            giving.give(
                questionnaire=form, question=question.key, reply=reply, giver=PATIENT, at=moment
            )
        if question.key not in last or last[question.key].reply != reply:
            last[question.key] = Told(reply, moment.astimezone(form.site.zone))

    found = answers.given([person.pk], at + timedelta(hours=1), KNOWLEDGE)

    expected = gather(filled=[Filled(str(form.pk), name, last)], knowledge=KNOWLEDGE)
    assert found == expected
    links.withdraw(questionnaire=form, by=nurse, at=at)
