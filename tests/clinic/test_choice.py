"""Choosing with the person: the aid on screen, what matters, how sure, questions, the recorded choice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from pypdf import PdfReader

from overstory.clinic.audit.models import Entry
from overstory.clinic.care import choosing_actions as actions
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.choosing_reading import said_of
from overstory.clinic.care.choosing_rows import Choice, ChoiceSaid
from overstory.clinic.people.permissions import Role
from tests.clinic.knowing import state, state_example

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday, 10:00 in New York."""
MATTERS = {
    "no-drug": 0, "clear-mind": 2, "fast-relief": 5, "few-visits": 1, "not-daily": 0, "drive": 3,
    "low-cost": 4, "strong-proof": 5, "talking": 0, "no-needle": 1,
}  # fmt: skip
ALL_YES = {"sure": "yes", "understand": "yes", "matters": "yes", "support": "yes"}
OF_THE_RECORD = 5
"""A savepoint, its release, and the three that put the read on record; the rest is the page's own."""
DANGER = {"cssrs_risk": "high", "suicidal_intent": True}


@pytest.fixture
def now():
    with time_machine.travel(AT, tick=False):
        yield AT


@pytest.fixture
def sam(person):
    state_example(person, AT - timedelta(hours=1), name="sam")
    return person


@pytest.fixture
def nurse(staff):
    return staff(Role.NURSE, name="Nora Nurse")


@pytest.fixture
def desk(signed_in, nurse):
    return signed_in(who=nurse)


def address(name, person, *more):
    return reverse(name, args=(person.pk, *more))


def page_of(client, name, person, *more, **query):
    answer = client.get(address(name, person, *more), query)
    assert answer.status_code == 200
    return answer.content.decode()


def say(client, person, **more):
    form = {"key": str(uuid4()), **MATTERS, **more}
    return client.post(address("choice_values", person), form)


def form_of(option="tms", **more):
    return {
        "key": str(uuid4()), "seen_at": AT.isoformat(), "kind": "choice", "option": option, "relatives": "Rosa Fields, sister",
        "discussed": "She wants to keep driving to work.", **more,
    }  # fmt: skip


def record(client, person, **more):
    return client.post(address("choice_record", person), form_of(**more))


def chosen(option="tms", **more) -> actions.Chosen:
    known = {
        "key": uuid4(), "option": option, "is_wish": False, "present": (), "staff_present": (),
        "discussed": "We talked.", "seen_at": AT + timedelta(days=1),
    }  # fmt: skip
    return actions.Chosen(**{**known, **more})


def test_the_aid_is_made_from_the_facts_of_now(now, sam, desk):
    page = page_of(desk, "choice", sam)

    assert "What your record says about each option" in page
    assert "It can be an option for you" in page

    state(sam, AT, aneurysmal_vascular_disease=True)

    assert "It cannot be given to you" in page_of(desk, "choice", sam)


def test_the_aid_speaks_the_persons_language_or_the_one_asked_for(now, sam, desk):
    sam.language = "es"
    sam.save()

    assert "Lo que dice su historia sobre cada opción" in page_of(desk, "choice", sam)
    assert "What your record says" in page_of(desk, "choice", sam, language="en")
    assert 'lang="es"' in page_of(desk, "choice", sam)


def test_nothing_known_shows_no_verdict_but_that_it_cannot_be_told(now, person, desk):
    page = page_of(desk, "choice", person)

    assert page.count("We cannot tell yet") == 5
    assert "Nothing on your record stands in its way" not in page


def test_the_crisis_path_stands_before_the_options_of_someone_in_danger(now, sam, desk):
    state(sam, AT, **DANGER)

    page = page_of(desk, "choice", sam)

    assert page.index("If you might hurt yourself, get help first") < page.index("The choice")
    assert "988" in page


def test_the_aid_is_given_as_a_file_to_keep(now, sam, desk):
    answer = desk.get(address("choice_pdf", sam), {"language": "es"})

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="options-es.pdf"'
    text = PdfReader(BytesIO(answer.content)).pages[0].extract_text()
    assert "Todavía no ha elegido" in text
    assert sam.site.phone in text


def test_what_matters_puts_the_options_in_order_and_gives_no_advice(now, sam, desk, nurse):
    answer = say(desk, sam)

    assert answer.status_code == 302
    row = ChoiceSaid.objects.get()
    assert (row.content, row.by, row.link) == (MATTERS, nurse, None)
    page = page_of(desk, "choice", sam)
    assert "It is not advice." in page
    assert "5×" in page


def test_what_matters_said_again_is_a_new_row_and_sent_twice_is_one(now, sam, desk):
    key = str(uuid4())
    say(desk, sam, key=key)
    say(desk, sam, key=key)
    with time_machine.travel(AT + timedelta(minutes=5), tick=False):
        say(desk, sam, drive=0)

    assert ChoiceSaid.objects.count() == 2
    assert said_of(sam.ids, knowledge=in_force(sam.clinic).knowledge).importance["drive"] == 0


@pytest.mark.parametrize("wrong", ["6", "-1", "x", ""])
def test_a_number_out_of_range_is_refused(now, sam, desk, wrong):
    answer = say(desk, sam, drive=wrong)

    assert answer.status_code == 422
    assert not ChoiceSaid.objects.exists()


def test_a_sure_test_needs_four_yes_and_what_is_open_is_no_no(now, sam, desk):
    """Three or fewer is decisional conflict (Légaré 2010); an open question decides nothing yet."""

    def take(moment, **answers):
        form = {f"{moment}-key": str(uuid4())}
        form |= {f"{moment}-{name}": value for name, value in answers.items()}
        return desk.post(address("choice_sure", sam, moment), form)

    take("before", **{**ALL_YES, "support": "no"})
    assert "decisional conflict" in page_of(desk, "choice_history", sam)

    take("after", **{**ALL_YES, "support": ""})
    page = page_of(desk, "choice_history", sam)
    assert "not all answered" in page

    with time_machine.travel(AT + timedelta(minutes=5), tick=False):
        take("after", **ALL_YES)
        assert "4 of 4 yes" in page_of(desk, "choice_history", sam)
    assert ChoiceSaid.objects.count() == 3


def test_an_empty_sure_test_is_not_kept(now, sam, desk):
    desk.post(address("choice_sure", sam, "before"), {"before-key": str(uuid4())})

    assert not ChoiceSaid.objects.exists()


def test_a_question_is_kept_sealed_and_said_again(now, sam, desk, django_db_blocker):
    form = {"key": str(uuid4()), "words": "Can I still drive to Tucson?"}

    desk.post(address("choice_ask", sam), form)
    desk.post(address("choice_ask", sam), form)

    row = ChoiceSaid.objects.get()
    assert row.content["words"] == "Can I still drive to Tucson?"
    assert "Can I still drive to Tucson?" in page_of(desk, "choice", sam)
    raw = ChoiceSaid.objects.values_list("content", flat=True).get()
    assert b"Tucson" not in bytes(getattr(raw, "bytes", b"") or b"")
    assert not Entry.objects.filter(more__icontains="Tucson").exists()


def test_a_choice_is_recorded_with_who_was_there(now, sam, desk, nurse, staff):
    doctor = staff(Role.PSYCHIATRIST, name="Dr. Ada Reed")

    answer = record(desk, sam, staff_present=[str(doctor.pk)])

    assert answer.status_code == 302
    row = Choice.objects.get()
    assert (row.option, row.is_wish, row.by, row.at) == ("tms", False, nurse, AT)
    assert row.verdict in {"suitable", "with-conditions"}
    assert row.present == [{"name": "Rosa Fields", "relation": "sister"}]
    assert row.staff_present == [{"id": str(doctor.pk), "name": "Dr. Ada Reed"}]
    assert row.discussed == "She wants to keep driving to work."
    assert Entry.objects.filter(action="recorded a choice", subject=f"person:{sam.pk}").count() == 1


def test_none_of_these_and_not_yet_are_choices(now, sam, desk):
    first = record(desk, sam, option="usual-care")
    standing = Choice.objects.get()
    with time_machine.travel(AT + timedelta(minutes=5), tick=False):
        second = record(
            desk, sam, option="not-yet", look_again_on="2026-12-21",
            seen_at=(AT + timedelta(minutes=4)).isoformat(),
        )  # fmt: skip

    assert (first.status_code, second.status_code) == (302, 302)
    newest = actions.standing_choice(sam)
    assert (newest.option, newest.look_again_on) == ("not-yet", date(2026, 12, 21))
    assert newest.supersedes == standing
    assert "superseded" in page_of(desk, "choice_history", sam)


@pytest.mark.parametrize(
    ("option", "day"),
    [("not-yet", ""), ("not-yet", "2026-11-23"), ("not-yet", "2026-11-01"), ("tms", "2026-12-21")],
)
def test_a_day_to_look_again_goes_with_not_yet_alone_and_is_to_come(now, sam, desk, option, day):
    answer = record(desk, sam, option=option, look_again_on=day)

    assert answer.status_code == 422
    assert not Choice.objects.exists()


def test_what_cannot_be_given_cannot_be_chosen_and_can_be_wished_for(now, sam, desk):
    state(sam, AT, aneurysmal_vascular_disease=True)

    refused = record(desk, sam, option="esketamine")

    assert refused.status_code == 422
    assert "This cannot be chosen now" in refused.content.decode()
    assert "neurysm" in refused.content.decode()
    assert not Choice.objects.exists()

    wish = record(desk, sam, option="esketamine", kind="wish")

    assert wish.status_code == 302
    row = Choice.objects.get()
    assert (row.is_wish, row.verdict) == (True, "contraindicated")
    assert actions.standing_choice(sam) is None


def test_what_is_not_for_any_problem_on_record_cannot_be_chosen(now, person, nurse, desk):
    state_example(
        person, AT, name="sam", has_major_depression=False, bipolar_depressive_episode=False
    )
    force = in_force(person.clinic)
    given = {
        each.option: each
        for each in (
            _tried(person, option, force, nurse) for option in ("esketamine", "tms", "ketamine-iv")
        )
        if each is not None
    }

    assert given
    assert all(each.verdict == "not-indicated" for each in given.values())
    assert all(each.reasons for each in given.values())


def _tried(person, option, force, by):
    try:
        actions.record_choice(person=person, chosen=chosen(option), force=force, by=by, at=AT)
    except actions.ChoiceRefusedError as error:
        return error
    return None


def test_a_wish_supersedes_no_choice(now, sam, desk):
    record(desk, sam, option="tms")
    record(desk, sam, option="kap", kind="wish")

    assert actions.standing_choice(sam).option == "tms"


def test_a_choice_sent_twice_is_one(now, sam, desk):
    form = form_of()

    answers = [desk.post(address("choice_record", sam), form) for _ in range(2)]

    assert [each.status_code for each in answers] == [302, 302]
    assert Choice.objects.count() == 1


def test_a_choice_that_somebody_else_recorded_meanwhile_is_seen_first(now, sam, desk):
    with time_machine.travel(AT + timedelta(minutes=2), tick=False):
        record(desk, sam, option="tms")
    with time_machine.travel(AT + timedelta(minutes=5), tick=False):
        late = record(desk, sam, option="usual-care")

    assert late.status_code == 422
    assert "since this page was opened" in late.content.decode()
    assert actions.standing_choice(sam).option == "tms"


def test_the_database_keeps_one_first_choice_and_a_day_for_not_yet(now, sam, nurse):
    def make(**more):
        known = {
            "person": sam, "option": "tms", "present": [], "staff_present": [], "discussed": "x",
            "importance": {}, "knowledge_version": "1", "knowledge_sha256": "0", "by": nurse, "at": AT,
        }  # fmt: skip
        with transaction.atomic():
            return Choice.objects.create(**{**known, **more})

    make()
    for wrong in (
        {},
        {"option": "not-yet", "is_wish": True},
        {"look_again_on": date(2026, 12, 1), "is_wish": True},
    ):
        with pytest.raises(IntegrityError):
            make(**wrong)


def test_relatives_are_named_with_their_relation(now, sam, desk):
    answer = record(desk, sam, relatives="Rosa Fields")

    assert answer.status_code == 422
    assert "how they are related" in answer.content.decode()


def test_a_choice_names_no_staff_of_another_clinic(now, sam, desk, staff, other_clinic):
    stranger = staff(Role.PSYCHIATRIST, of=other_clinic)

    answer = record(desk, sam, staff_present=[str(stranger.pk)])

    assert answer.status_code == 422
    assert not Choice.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PSYCHIATRIST, 200), (Role.MEDICAL_DIRECTOR, 200), (Role.NURSE, 200),
        (Role.THERAPIST, 200), (Role.COORDINATOR, 200), (Role.TECHNICIAN, 404),
        (Role.MANAGER, 404), (Role.AUDITOR, 404),
    ],
)  # fmt: skip
def test_who_may_record_a_choice(now, sam, signed_in, role, status):
    client = signed_in(role)

    for name in ("choice", "choice_record"):
        assert client.get(address(name, sam)).status_code == status
    assert client.post(address("choice_record", sam), {}).status_code == (
        422 if status == 200 else 404
    )


def test_another_clinics_person_is_not_there(now, stranger, desk):
    for name in ("choice", "choice_record", "choice_pdf", "consents"):
        answer = desk.get(address(name, stranger))
        assert answer.status_code == 404
        assert b"Quist" not in answer.content
    for name in ("choice_values", "choice_ask", "choice_link"):
        assert desk.post(address(name, stranger), {}).status_code == 404


def test_the_key_of_another_persons_choice_changes_nothing(now, sam, stranger, staff, nurse):
    key = uuid4()
    force = in_force(stranger.clinic)
    actions.record_choice(
        person=stranger, chosen=chosen("usual-care", key=key), force=force,
        by=staff(Role.NURSE, of=stranger.clinic), at=AT,
    )  # fmt: skip

    with pytest.raises(actions.SaidError):
        actions.record_choice(
            person=sam, chosen=chosen("usual-care", key=key), force=in_force(sam.clinic), by=nurse,
            at=AT,
        )  # fmt: skip


def test_what_was_said_on_a_merged_row_is_read_too(now, sam, clinic, site, nurse):
    from tests.clinic.conftest import make_person

    other = make_person(clinic, site)
    actions.record_choice(
        person=other, chosen=chosen("usual-care"), force=in_force(clinic), by=nurse, at=AT
    )
    other.merged_into = sam
    other.save()

    assert actions.standing_choice(sam).option == "usual-care"


def test_the_pages_ask_little_of_many_as_of_one(
    now, sam, desk, nurse, django_assert_max_num_queries
):
    force = in_force(sam.clinic)
    for n in range(12):
        moment = AT + timedelta(minutes=n)
        actions.record_choice(
            person=sam, chosen=chosen("usual-care"), force=force, by=nurse, at=moment
        )
        said = actions.Saying(uuid4(), actions.Giver(staff=nurse), moment)
        actions.ask(person=sam, said=said, words="?")

    desk.get(address("choice", sam))
    for name in ("choice", "choice_record", "choice_history", "consents"):
        with django_assert_max_num_queries(15 + OF_THE_RECORD):
            assert desk.get(address(name, sam)).status_code == 200


def test_what_was_recorded_meanwhile_is_shown_and_sent_again_it_is_recorded(now, sam, desk):
    with time_machine.travel(AT + timedelta(minutes=2), tick=False):
        record(desk, sam)
    with time_machine.travel(AT + timedelta(minutes=5), tick=False):
        page = record(desk, sam, option="esketamine")

    form = page.context["form"]
    again = {"key": form["key"].value(), "seen_at": form["seen_at"].value()}
    with time_machine.travel(AT + timedelta(minutes=6), tick=False):
        again = record(desk, sam, option="esketamine", **again)

    assert page.status_code == 422
    assert again.status_code == 302
    assert actions.standing_choice(sam).option == "esketamine"
