"""What a page of a questionnaire keeps and tells: ticks, medicines, the language, how far it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.facts import facts_of
from overstory.clinic.intake.filling import Answer, Questionnaire
from overstory.clinic.intake.links import begin, make_link
from overstory.clinic.people.models import ChannelConsent
from overstory.clinic.people.permissions import Role
from overstory.knowledge.load import load_knowledge
from tests.clinic.test_intake_pages import phone, sent  # noqa: F401  (fixtures)

VISIT = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
"""10:00 in New York, on a Wednesday."""


def trial_page(client: Client, start: str) -> str:
    client.post(f"{start}page/own.agrees-to-questions/", {"answer": "yes"})
    client.post(f"{start}page/trials.any/", {"answer": "yes"})
    return f"{start}page/trials.1/"


def test_an_empty_page_of_a_medicine_offers_no_more_and_a_filled_one_does_not(phone):  # noqa: F811
    client, start = phone("depression")
    page = trial_page(client, start)

    assert "No more medicines" in client.get(page).content.decode()
    client.post(page, {"medicine": "sertraline", "more": "yes"})

    filled = client.get(page).content.decode()
    assert "Save and add another" in filled
    assert "Save: that was the last one" in filled
    assert "No more medicines" not in filled
    assert "No more medicines" in client.get(f"{start}page/trials.2/").content.decode()


def test_a_filled_page_sent_by_no_more_medicines_is_saved(phone):  # noqa: F811
    client, start = phone("depression")

    client.post(trial_page(client, start), {"medicine": "venlafaxine", "end": "yes"})

    row = Answer.objects.get(question="trials.1")
    assert row.value == {"value": {"medicine": "venlafaxine", "more": False}}


def test_a_wrong_number_on_the_page_of_a_medicine_names_its_field(phone):  # noqa: F811
    client, start = phone("depression")

    page = client.post(
        trial_page(client, start), {"medicine": "sertraline", "dose_mg": "about 150", "more": "yes"}
    )

    shown = page.content.decode()
    assert page.status_code == 422
    assert "Highest dose in a day, in mg: Write a number, such as 12." in shown
    assert 'href="#q-dose_mg"' in shown
    assert 'value="about 150"' in shown


def test_the_language_button_keeps_the_question_and_what_is_not_saved_yet(phone):  # noqa: F811
    client, start = phone("phq9-gad7")
    address = f"{start}page/phq9.2/"

    page = client.post(address, {"answer": "2", "language": "es", "seen": "0"})

    shown = page.content.decode()
    assert page.status_code == 200
    assert '<html lang="es">' in shown
    assert re.search(r'value="2"[^>]* checked', shown)
    assert Answer.objects.count() == 0
    assert '<html lang="es">' in client.get(f"{start}page/phq9.3/").content.decode()
    back = client.post(address, {"answer": "2", "language": "en"}).content.decode()
    assert '<html lang="en">' in back
    assert re.search(r'value="2"[^>]* checked', back)


def test_the_language_button_keeps_a_half_written_medicine(phone):  # noqa: F811
    client, start = phone("depression")

    shown = client.post(
        trial_page(client, start), {"medicine": "sertra", "weeks": "about 8", "language": "es"}
    ).content.decode()

    assert 'value="sertra"' in shown
    assert 'value="about 8"' in shown
    assert "Esto todavía no se guardó" not in shown


def test_enter_saves_and_never_changes_the_language(phone):  # noqa: F811
    client, start = phone()

    shown = client.get(f"{start}page/phq9.1/").content.decode()

    # a browser presses the first button of the form, wherever on the page that stands
    owned = [each for each in re.findall(r"<button[^>]*>", shown) if 'form="answer"' in each]
    assert "name=" not in owned[0]
    assert 'name="language"' in owned[1]


def test_the_opening_page_says_how_long_it_takes_and_no_page_how_many_questions(phone, sent):  # noqa: F811
    made = sent("depression")
    opening = Client().get(f"/q/{made.token}/").content.decode()
    client, start = phone(made=made)

    # 94 questions at 6 a minute
    assert "About 16 minutes in all. You can stop at any time and go on later" in opening
    first = client.get(f"{start}page/own.agrees-to-questions/").content.decode()
    assert "Part 1 of 18 · Before we start" in first
    assert "94" not in first
    client.post(f"{start}page/own.agrees-to-questions/", {"answer": "yes"})
    assert "Part 2 of 18 · Your mood" in client.get(f"{start}page/phq9.5/").content.decode()
    only = phone("phq9")
    assert "Part 1" not in only[0].get(f"{only[1]}page/phq9.1/").content.decode()


def test_a_clinic_sets_how_many_questions_are_answered_in_a_minute(sent, clinic):  # noqa: F811
    clinic.ways = {"questions_a_minute": 3}
    clinic.save()

    opening = Client().get(f"/q/{sent('phq9').token}/").content.decode()

    assert "About 3 minutes in all" in opening


def test_a_length_in_months_is_kept_in_weeks(phone):  # noqa: F811
    client, start = phone("depression")
    client.post(f"{start}page/own.agrees-to-questions/", {"answer": "yes"})
    page = f"{start}page/fact.current_episode_weeks/"
    assert "How long has this low period lasted?" in client.get(page).content.decode()

    wrong = client.post(page, {"answer": "long", "unit": "months"}).content.decode()
    client.post(page, {"answer": "18", "unit": "months"})

    assert '<option value="months" selected>' in wrong
    assert Answer.objects.get(question="fact.current_episode_weeks").value == {"value": 78}
    assert "78 weeks" in client.get(f"{start}check/").content.decode()


def test_the_list_of_answers_sends_from_the_top_and_folds_its_parts(phone):  # noqa: F811
    client, start = phone("depression")
    client.post(f"{start}page/own.agrees-to-questions/", {"answer": "yes"})
    long = client.get(f"{start}check/").content.decode()
    client, start = phone("phq9")
    short = client.get(f"{start}check/").content.decode()

    assert long.index("Send my answers") < long.index("<details")
    assert long.count("Send my answers") == 2
    assert "1 of 1 answered" in long
    assert "Some questions are not answered yet" in long
    assert "93" not in re.sub(r"<head>.*</head>|<[^>]+>", " ", long, flags=re.DOTALL)
    assert long.count("<h2>Medicines you take now</h2>") == 1
    assert "<details" not in short
    assert short.count("Send my answers") == 1


def test_what_was_not_said_is_not_counted_as_answered(phone):  # noqa: F811
    client, start = phone("depression")
    client.post(f"{start}page/own.agrees-to-questions/", {"answer": "yes"})
    before = client.get(f"{start}check/").content.decode()
    client.post(f"{start}page/phq9.1/", {"answer": "1"})
    client.post(f"{start}page/phq9.2/", {"decline": "rather-not-say"})
    client.post(f"{start}page/phq9.3/", {"decline": "rather-not-say"})

    assert "not said</span>" not in before
    assert re.search(
        r"1 of \d+ answered, 2 not said", client.get(f"{start}check/").content.decode()
    )


def test_the_last_page_names_the_next_visit_and_the_first_one_nothing_of_it(
    sent,  # noqa: F811
    phone,  # noqa: F811
    person,
    staff,
    site,
):
    client, start = phone()
    made, doctor = sent("depression"), staff(Role.PSYCHIATRIST, name="Noor Hale")
    Appointment.objects.create(
        clinic=site.clinic, site=site, person=person, clinician=doctor, kind="evaluation",
        starts=VISIT, minutes=60, wall_date=VISIT.date(), wall_time=VISIT.time(),
        zone=site.time_zone, made_at=timezone.now(),
    )  # fmt: skip

    opening = Client().get(f"/q/{made.token}/").content.decode()
    last = client.get(client.post(f"{start}check/").url).content.decode()

    assert "25 November" not in opening
    assert "Noor Hale" not in opening
    assert "Your next visit: Wednesday 25 November 2026, 10:00 EST, with Noor Hale." in last


def test_who_chose_no_way_to_be_reached_is_told_what_that_means_before_sending(phone):  # noqa: F811
    client, start = phone("depression")
    client.post(f"{start}page/own.agrees-to-questions/", {"answer": "yes"})
    page = f"{start}page/own.ways-to-reach/"

    client.post(page, {"answer": "none"})
    told = client.get(f"{start}check/").content.decode()
    client.post(page, {"answer": "phone"})

    assert "You chose none of the ways to reach you" in told
    assert f'href="{page}">Choose a way' in told
    assert "You chose none" not in client.get(f"{start}check/").content.decode()


def test_after_sending_the_first_line_says_that_the_answers_were_sent(phone):  # noqa: F811
    client, start = phone()

    shown = client.get(client.post(f"{start}check/").url).content.decode()

    assert re.search(r"<h1[^>]*>Your answers were sent</h1>", shown)


def test_what_a_no_made_needless_is_known_where_the_rules_read_it(phone, person, at):  # noqa: F811
    client, start = phone("before-tms")
    client.post(f"{start}page/own.agrees-to-questions/", {"answer": "yes"})
    client.post(f"{start}page/fact.seizure_ever/", {"answer": "no"})

    facts = facts_of(person, at, load_knowledge())

    assert facts["tms_induced_seizure_ever"].value is False
    assert facts["epilepsy"].value is False
    assert facts["epilepsy"].origin == "follows from seizure_ever"
    client.post(f"{start}page/fact.seizure_ever/", {"answer": "not-sure"})
    assert not facts_of(person, at, load_knowledge())["epilepsy"].is_known


def begin_by_form(client: Client, person, **more: str):
    page = client.get(f"/people/{person.pk}/questionnaires/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page).group(1)
    return client.post(f"/people/{person.pk}/questionnaires/", {"key": key, **more})


def test_a_link_that_was_withheld_is_made_and_not_sent(signed_in, person, clinic, at):
    client = signed_in(Role.NURSE)

    page = begin_by_form(client, person, pack="phq9", way="message").content.decode()

    assert "Not sent: no consent to e-mail" in page
    listed = clinic.questionnaires.listed().get()
    assert listed.state(listed.made_at) == "made"
    assert "Made, not sent yet" in client.get("/questionnaires/?state=made").content.decode()
    assert str(listed.pk) not in client.get("/questionnaires/?state=sent").content.decode()


def test_staff_record_a_consent_that_was_told_and_send_in_one_step(signed_in, person, clinic):
    client = signed_in(Role.NURSE)
    start = client.get(f"/people/{person.pk}/questionnaires/").content.decode()
    assert "They agreed to e-mail (which is not encrypted): record it and send" in start

    page = begin_by_form(client, person, pack="phq9", way="agreed").content.decode()

    assert "on its way to maya@example.org" in page
    assert person.messages.get().withheld == ""
    consent = ChannelConsent.objects.get(person=person)
    assert (consent.channel, consent.is_given) == ("email", True)
    assert consent.by is not None
    again = client.get(f"/people/{person.pk}/questionnaires/").content.decode()
    assert "They agreed to e-mail" not in again


def test_a_withheld_link_is_sent_from_its_own_page_after_consent(signed_in, person, clinic):
    client = signed_in(Role.NURSE)
    page = begin_by_form(client, person, pack="phq9", way="message").content.decode()
    form = Questionnaire.objects.get()
    assert f'action="/people/{person.pk}/questionnaires/{form.pk}/link/"' in page

    client.post(f"/people/{person.pk}/questionnaires/{form.pk}/link/", {"way": "agreed"})

    listed = clinic.questionnaires.listed().get()
    assert listed.state(listed.made_at) == "sent"


def test_the_same_questions_are_not_begun_twice_but_get_a_new_link(signed_in, person):
    client = signed_in(Role.NURSE)
    begin_by_form(client, person, pack="phq9", way="show")

    page = begin_by_form(client, person, pack="phq9", way="show")

    shown, form = page.content.decode(), Questionnaire.objects.get()
    assert page.status_code == 422
    assert "These questions are open already" in shown
    assert f"{form.pk}/link/" in shown
    assert begin_by_form(client, person, pack="pcl5", way="show").status_code == 200
    begin_by_form(client, person, pack="phq9", way="show", another="on")
    assert Questionnaire.objects.filter(pack="phq9").count() == 2


@pytest.mark.parametrize("ended", ["submitted_at", "withdrawn_at"])
def test_after_the_first_is_over_the_same_questions_are_begun_without_a_word(
    signed_in, person, ended, at
):
    client = signed_in(Role.NURSE)
    begin_by_form(client, person, pack="phq9", way="show")
    Questionnaire.objects.update(made_at=at, **{ended: at + timedelta(hours=1)})

    assert begin_by_form(client, person, pack="phq9", way="show").status_code == 200


def test_a_screen_by_staff_may_be_repeated_at_any_time(signed_in, person):
    client = signed_in(Role.NURSE)

    for _ in range(2):
        assert begin_by_form(client, person, pack="suicide-screen", way="enter").status_code == 302


def test_where_no_link_can_be_made_nothing_is_begun(signed_in, person):
    person.birth_date = None
    person.save()

    begin_by_form(signed_in(Role.NURSE), person, pack="phq9", way="show")

    assert Questionnaire.objects.count() == 0


def test_a_link_before_this_one_is_named_only_where_there_was_one(signed_in, person):
    client = signed_in(Role.NURSE)

    first = begin_by_form(client, person, pack="phq9", way="show").content.decode()
    form = Questionnaire.objects.get()
    address = f"/people/{person.pk}/questionnaires/{form.pk}/link/"
    second = client.post(address, {"way": "show"}).content.decode()

    assert "no longer works" not in first
    assert "The link before this one no longer works" in second


def test_staff_pages_name_the_questions_and_show_no_code(signed_in, person, staff, at):
    nurse = staff(Role.NURSE)
    form = begin(person=person, pack="phq9-gad7", by=nurse, at=at)
    make_link(questionnaire=form, by=nurse, at=at)
    client = signed_in(Role.NURSE)

    assert form.title == "PHQ-9 and GAD-7"
    for address in ("/questionnaires/", f"/people/{person.pk}/questionnaires/{form.pk}/"):
        shown = client.get(address).content.decode()
        assert "PHQ-9 and GAD-7" in shown
        assert "phq9-gad7" not in shown
    form.pack = "gone"
    assert form.title == "gone"
