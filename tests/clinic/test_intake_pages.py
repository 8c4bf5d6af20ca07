"""A patient fills a pack on a phone: opened with a birth date, one question a page, handed in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import given as given_
from hypothesis import strategies as st

from overstory.clinic.intake.answers import given
from overstory.clinic.intake.filling import Answer, IntakeLink, Questionnaire
from overstory.clinic.intake.giving import Giver, give
from overstory.clinic.intake.links import begin, make_link, open_link, submit, withdraw
from overstory.clinic.people.models import ChannelConsent
from overstory.clinic.people.permissions import Role
from overstory.knowledge.load import load_knowledge
from overstory.pathway.pack_facts import Filled, Told, gather
from overstory.pathway.pack_replies import read_reply
from overstory.pathway.pack_values import Reply
from overstory.pathway.packs import read_pack
from tests.clinic.conftest import make_person
from tests.clinic.test_packs import fields_of


@pytest.fixture
def sent(person, staff, at):
    """Make a link for a person and return it with its token."""

    def make(pack: str = "phq9", of=None):
        nurse = staff(Role.NURSE)
        return make_link(
            questionnaire=begin(person=of or person, pack=pack, by=nurse, at=at), by=nurse, at=at
        )

    return make


@pytest.fixture
def phone(sent, time_machine, at):
    """A browser that opened a link of a pack: the client, and the start of its addresses."""
    time_machine.move_to(at, tick=False)

    def open_it(pack: str = "phq9", made=None):
        made = made or sent(pack)
        client = Client()
        answer = client.post(f"/q/{made.token}/", {"day": "9", "month": "3", "year": "1982"})
        assert answer.status_code == 302, answer.content.decode()
        return client, f"/q/at/{made.link.pk}/"

    return open_it


def test_a_patient_fills_the_phq9_and_hands_it_in(phone, person, at):
    client, start = phone()
    page = client.get(start).url

    for number in range(1, 10):
        assert page == f"{start}page/phq9.{number}/"
        assert client.get(page).status_code == 200
        page = client.post(page, {"answer": "0" if number == 9 else "2", "seen": "0"}).url
    assert page == f"{start}check/"
    assert client.get(page).status_code == 200
    done = client.post(page)

    assert done.url == f"{start}done/"
    assert "Thank you" in client.get(done.url).content.decode()
    found = given([person.pk], at, load_knowledge())
    assert found.facts["phq9_total"].value == 16  # eight items of 2
    assert found.facts["phq9_total"].origin == "PHQ-9 by the patient, 2026-11-23"
    assert found.facts["phq9_item9"].value == 0


def test_an_item_9_above_zero_is_an_alert_before_the_next_page(phone, person, clinic):
    client, start = phone()

    answer = client.post(f"{start}page/phq9.9/", {"answer": "1", "seen": "0"})

    assert answer.url == f"{start}help/"
    alert = clinic.alerts.get()
    assert (alert.kind, alert.tier, alert.person) == ("item-9", "unscreened", person)
    shown = client.get(answer.url).content.decode()
    assert "988" in shown
    assert "Nobody watches this form" in shown
    client.post(answer.url, {"phone": "+1 555 0199", "place": "at home", "key": ""})
    told = alert.acts.get(kind="told-where")
    assert (told.phone, told.place) == ("+1 555 0199", "at home")


def test_staff_make_a_link_that_is_shown_once_with_its_qr_code(signed_in, person):
    client = signed_in(Role.NURSE)
    page = client.get(f"/people/{person.pk}/questionnaires/")
    key = re.search(r'name="key" value="([^"]+)"', page.content.decode()).group(1)

    made = client.post(
        f"/people/{person.pk}/questionnaires/", {"key": key, "pack": "phq9", "way": "show"}
    )

    token = re.search(r"/q/([\w-]+)/", made.content.decode()).group(1)
    assert "data:image/svg+xml" in made.content.decode()
    assert Client().get(f"/q/{token}/").status_code == 200
    assert client.get("/questionnaires/").status_code == 200
    assert Answer.objects.count() == 0


def test_an_answer_put_in_wrong_is_shown_again_with_what_is_wrong(phone):
    client, start = phone("depression")

    page = client.post(f"{start}page/fact.current_episode_weeks/", {"answer": "many"})

    shown = page.content.decode()
    assert page.status_code == 422
    assert "This was not saved yet" in shown
    assert 'value="many"' in shown
    assert 'href="#q-answer"' in shown
    assert Answer.objects.count() == 0


def test_enter_in_a_number_saves_it_and_never_says_not_sure(phone):
    client, start = phone("depression")

    page = client.get(f"{start}page/fact.current_episode_weeks/").content.decode()

    form = page[page.index('name="seen"') :]
    first = re.search(r"<button[^>]*>", form).group(0)
    assert "name=" not in first


def test_a_page_that_is_no_longer_asked_leads_on(phone):
    client, start = phone("before-tms")
    client.post(f"{start}page/own.agrees-to-questions/", {"answer": "yes"})
    client.post(f"{start}page/fact.sex_at_birth/", {"answer": "male"})

    assert client.get(f"{start}page/fact.pregnant/").status_code == 302
    assert client.post(f"{start}page/fact.pregnant/", {"answer": "yes"}).status_code == 302
    assert client.get(f"{start}page/no.such/").status_code == 302


def test_two_tabs_keep_both_answers_and_the_later_holds(phone, person, at):
    client, start = phone()
    page = f"{start}page/phq9.1/"
    client.get(page)
    client.get(page)

    client.post(page, {"answer": "1", "seen": "0"})
    client.post(page, {"answer": "3", "seen": "0"})

    assert [row.value for row in Answer.objects.order_by("number")] == [{"value": 1}, {"value": 3}]
    assert "checked" in client.get(page).content.decode()


def test_the_time_of_the_last_save_is_shown_only_once_something_is_saved(phone):
    client, start = phone()
    page = f"{start}page/phq9.1/"
    assert "Last saved" not in client.get(page).content.decode()

    client.post(page, {"answer": "1"})

    assert "Last saved: Monday 23 November 2026, 10:00 EST" in client.get(page).content.decode()


def test_the_pages_speak_spanish_once_chosen_and_say_what_stays_english(phone):
    client, start = phone("phq9-gad7")

    client.post(f"{start}language/", {"language": "es", "back": f"{start}page/phq9.9/"})

    phq9 = client.get(f"{start}page/phq9.9/").content.decode()
    gad7 = client.get(f"{start}page/gad7.1/").content.decode()
    assert '<html lang="es">' in phq9
    assert "Pensamientos de que estaría mejor muerto(a)" in phq9
    assert "988 en español" in re.sub(r"<[^>]+>", "", phq9)
    assert '<h1 lang="en">Feeling nervous' in gad7
    assert "se muestra en inglés" in gad7


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/people/", ""])
def test_the_language_form_leads_nowhere_else(phone, back):
    client, start = phone()

    assert client.post(f"{start}language/", {"language": "es", "back": back}).url == start


def test_a_browser_that_lost_its_cookies_is_told_what_to_do_with_the_crisis_lines(phone):
    client, start = phone()
    client.post(f"{start}page/phq9.1/", {"answer": "2"})

    lost = Client(enforce_csrf_checks=True)
    page = lost.post(f"{start}page/phq9.9/", {"answer": "3"})

    shown = page.content.decode()
    assert page.status_code == 403
    assert "was not saved" in shown
    assert "988" in shown
    assert Answer.objects.count() == 1


def test_a_form_of_another_origin_saves_nothing(phone):
    client, start = phone()

    page = client.post(
        f"{start}page/phq9.1/", {"answer": "2"}, headers={"Origin": "https://evil.example"}
    )

    assert page.status_code == 403
    assert Answer.objects.count() == 0


def test_handing_in_after_an_alert_shows_the_crisis_card_before_the_thanks(phone):
    client, start = phone()
    client.post(f"{start}page/phq9.9/", {"answer": "1"})

    after = client.post(f"{start}check/")

    assert after.url == f"{start}help/"
    shown = client.get(after.url).content.decode()
    assert "988" in shown
    assert f"{start}done/" in shown


def test_the_crisis_page_asks_for_one_of_phone_and_place(phone):
    client, start = phone()
    client.post(f"{start}page/phq9.9/", {"answer": "1"})

    page = client.post(f"{start}help/", {"phone": " ", "place": ""})

    assert page.status_code == 422
    assert "Give a phone number or a place" in page.content.decode()


def test_a_form_on_the_crisis_page_sent_twice_is_kept_once(phone, clinic):
    client, start = phone()
    client.post(f"{start}page/phq9.9/", {"answer": "1"})
    key = re.search(r'name="key" value="([^"]+)"', client.get(f"{start}help/").content.decode())
    sent = {"phone": "+1 555 0199", "place": "", "key": key.group(1)}

    client.post(f"{start}help/", sent)
    client.post(f"{start}help/", sent)

    assert clinic.alerts.get().acts.filter(kind="told-where").count() == 1


def test_every_page_of_a_link_has_the_crisis_line_and_no_name(phone, sent):
    client, start = phone("depression")
    client.post(f"{start}page/own.agrees-to-questions/", {"answer": "yes"})
    client.post(f"{start}page/trials.any/", {"answer": "yes"})
    kinds = ["phq9.1", "fact.pregnant", "fact.current_episode_weeks", "trials.1", "medicines.now"]
    kinds += ["own.drugs-last-year", "own.anything-else"]

    for address in [*(f"{start}page/{key}/" for key in kinds), f"{start}check/"]:
        page = client.get(address)
        assert page.status_code == 200, address
        shown = page.content.decode()
        assert "988" in shown
        assert "Maya" not in shown
        assert "no-store" in page["Cache-Control"]


def test_a_long_pack_asks_few_queries_a_page_however_much_is_answered(
    phone, django_assert_max_num_queries
):
    client, start = phone("depression")
    client.post(f"{start}page/own.agrees-to-questions/", {"answer": "yes"})
    with django_assert_max_num_queries(5):
        client.get(f"{start}page/phq9.1/")

    for number in range(1, 9):
        client.post(f"{start}page/phq9.{number}/", {"answer": "1"})
    for number in range(1, 8):
        client.post(f"{start}page/gad7.{number}/", {"answer": "1"})

    with django_assert_max_num_queries(5):
        client.get(f"{start}page/phq9.9/")
    with django_assert_max_num_queries(15):
        client.get(f"{start}check/")
    with django_assert_max_num_queries(15):
        client.post(f"{start}page/fact.ect_tried/", {"answer": "yes"})


def begin_by_form(client, person, pack: str, way: str, key: str = ""):
    key = key or str(uuid4())
    address = f"/people/{person.pk}/questionnaires/"
    return client.post(address, {"key": key, "pack": pack, "way": way})


def test_staff_enter_a_cssrs_and_its_level_is_a_fact(signed_in, person, clinic):
    client = signed_in(Role.NURSE)
    start = begin_by_form(client, person, "suicide-screen", "enter").url

    following = f"{start}page/cssrs_screen.q1/"
    for value in ("1", "1", "0", "1"):
        following = client.post(following, {"answer": value}).url

    alert = clinic.alerts.get()
    assert (alert.kind, alert.tier) == ("cssrs", "high")  # question 4 is a yes
    assert following == f"{start}page/cssrs_screen.q5/"  # the screen goes on
    assert "An alert was raised" in client.get(following).content.decode()
    assert "An alert is open" in client.get(start).content.decode()
    found = given([person.pk], datetime(2030, 1, 1, tzinfo=UTC), load_knowledge())
    assert found.facts["cssrs_risk"].value == "high"
    assert found.facts["suicidal_intent"].value is True


def test_staff_who_enter_an_item_9_above_zero_are_told_to_screen_now(signed_in, person, clinic):
    client = signed_in(Role.NURSE)
    start = begin_by_form(client, person, "phq9", "enter").url

    after = client.post(f"{start}page/phq9.9/", {"answer": "1", "here": "yes"})

    assert after.url == start
    shown = client.get(start).content.decode()
    assert "Do the C-SSRS now, before the person leaves" in shown
    assert "Enter the C-SSRS" in shown
    assert clinic.alerts.get().on_site


def test_a_staff_screen_is_handed_in_with_its_last_answer(signed_in, person):
    client = signed_in(Role.NURSE)
    start = begin_by_form(client, person, "suicide-screen", "enter").url

    following = f"{start}page/cssrs_screen.q1/"
    for _ in range(3):
        following = client.post(following, {"answer": "0"}).url

    assert following == start
    assert Questionnaire.objects.get().submitted_at is not None


def test_what_staff_alone_ask_is_never_sent_as_a_link(signed_in, person):
    page = begin_by_form(signed_in(Role.NURSE), person, "suicide-screen", "show")

    assert page.status_code == 422
    assert IntakeLink.objects.count() == 0


def test_a_form_to_begin_sent_twice_begins_one_questionnaire(signed_in, person):
    client, key = signed_in(Role.NURSE), str(uuid4())

    begin_by_form(client, person, "phq9", "show", key)
    begin_by_form(client, person, "phq9", "show", key)

    assert Questionnaire.objects.count() == 1
    assert IntakeLink.objects.filter(revoked_at=None).count() == 1


def test_a_link_for_a_person_without_a_birth_date_is_refused_with_the_reason(signed_in, person):
    person.birth_date = None
    person.save()

    page = begin_by_form(signed_in(Role.NURSE), person, "phq9", "show")

    assert page.status_code == 422
    assert "birth date" in page.content.decode()
    assert IntakeLink.objects.count() == 0


def test_a_link_goes_out_in_neutral_words_with_consent_and_is_withheld_without(
    signed_in, person, at
):
    client = signed_in(Role.NURSE)
    withheld = begin_by_form(client, person, "depression", "message").content.decode()
    assert "no consent to e-mail" in withheld
    ChannelConsent.objects.create(person=person, channel="email", is_given=True, at=at)

    sent = begin_by_form(client, person, "pain", "message").content.decode()

    assert "on its way to maya@example.org" in sent
    message = person.messages.latest("made_at")
    assert message.withheld == ""
    assert "depress" not in (message.subject + message.body).lower()
    assert re.search(r"/q/([\w-]+)/", message.body)
    form = Questionnaire.objects.get(pack="pain")
    own = client.get(f"/people/{person.pk}/questionnaires/{form.pk}/").content.decode()
    assert "On its way to maya@example.org since " in own
    assert "The link works until " in own


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (True, "Agreed to e-mail"),
        (False, "Does not want e-mail"),
        (None, "Not asked about e-mail yet"),
    ],
)
def test_the_form_says_what_the_person_said_of_email(signed_in, person, at, said, shown):
    if said is not None:
        ChannelConsent.objects.create(person=person, channel="email", is_given=said, at=at)

    page = signed_in(Role.NURSE).get(f"/people/{person.pk}/questionnaires/").content.decode()

    assert shown in page


def test_a_correction_shows_both_answers_with_who_gave_them(signed_in, phone, person, staff):
    client, start = phone()
    client.post(f"{start}page/phq9.1/", {"answer": "3"})
    form = Questionnaire.objects.get()
    nurse = signed_in(who=staff(Role.NURSE, name="N. Nurse"))
    address = f"/people/{person.pk}/questionnaires/{form.pk}/"

    nurse.post(f"{address}page/phq9.1/", {"answer": "1"})

    shown = nurse.get(address).content.decode()
    assert "corrected by N. Nurse for the patient" in shown
    assert "before: Nearly every day, by the patient" in shown
    assert "The clinic entered this answer" in client.get(f"{start}page/phq9.1/").content.decode()


def staff_pages(person, form) -> list[str]:
    start = f"/people/{person.pk}/questionnaires/"
    return [start, f"{start}{form.pk}/", f"{start}{form.pk}/page/phq9.1/"]


def test_another_clinics_questionnaire_is_no_page_and_shows_no_byte_of_it(
    signed_in, stranger, staff, at, person
):
    doctor = staff(Role.NURSE, of=stranger.clinic)
    form = begin(person=stranger, pack="phq9", by=doctor, at=at)
    client = signed_in(Role.MEDICAL_DIRECTOR)
    mixed = f"/people/{person.pk}/questionnaires/{form.pk}/"

    for address in [*staff_pages(stranger, form), mixed, f"{mixed}page/phq9.1/"]:
        page = client.get(address)
        assert page.status_code == 404, address
        assert b"Quist" not in page.content
    for address in (f"{mixed}link/", f"{mixed}end/", f"{mixed}page/phq9.1/"):
        assert client.post(address, {"answer": "1", "what": "withdraw"}).status_code == 404
    assert b"Zeb" not in client.get("/questionnaires/").content


@pytest.mark.parametrize("role", list(Role))
def test_who_may_see_send_and_enter_questionnaires(role, signed_in, person, staff, at):
    nurse = staff(Role.NURSE)
    form = begin(person=person, pack="phq9", by=nurse, at=at)
    client = signed_in(role)
    may_work = role not in (Role.MANAGER, Role.AUDITOR)

    statuses = {client.get(address).status_code for address in staff_pages(person, form)}
    statuses.add(client.get("/questionnaires/").status_code)

    assert statuses == ({200} if may_work else {404})


def test_the_worklist_tells_how_far_each_is(
    signed_in, person, clinic, site, staff, at, time_machine
):
    time_machine.move_to(at, tick=False)
    nurse = staff(Role.NURSE)
    forms = {
        state: begin(person=person, pack="phq9", by=nurse, at=at)
        for state in (
            "sent",
            "made",
            "opened",
            "half-done",
            "locked",
            "submitted",
            "withdrawn",
            "staff",
        )
    }
    forms["expired"] = begin(person=person, pack="phq9", by=nurse, at=at)
    for state, form in forms.items():
        if state == "staff":
            continue
        when = at - timedelta(days=20) if state == "expired" else at
        link = make_link(questionnaire=form, by=nurse, at=when).link
        if state in ("opened", "half-done"):
            open_link(link=link, birth_date=person.birth_date, at=at)
        if state == "half-done":
            give(
                questionnaire=form,
                question="phq9.1",
                reply=Reply(1),
                giver=Giver("link:x"),
                at=at,
            )
        if state == "made":
            IntakeLink.objects.filter(pk=link.pk).update(withheld="no consent to e-mail")
        if state == "locked":
            IntakeLink.objects.filter(pk=link.pk).update(locked_at=at)
    submit(questionnaire=forms["submitted"], by=None, actor="link:x", at=at)
    withdraw(questionnaire=forms["withdrawn"], by=nurse, at=at)
    client = signed_in(Role.NURSE)

    for state, form in forms.items():
        shown = client.get(f"/questionnaires/?state={state}").content.decode()
        assert re.findall(r"questionnaires/([0-9a-f-]{36})/", shown) == [str(form.pk)], state
        listed = clinic.questionnaires.listed().get(pk=form.pk)
        assert listed.state(at) == state
    assert client.get("/questionnaires/?state=nonsense").status_code == 200


def test_the_worklist_asks_the_same_queries_for_one_and_for_many(
    signed_in, clinic, site, staff, at, django_assert_max_num_queries
):
    nurse, client = staff(Role.NURSE), signed_in(Role.NURSE)
    for number in range(25):
        form = begin(
            person=make_person(clinic, site, legal_name=f"Person {number}"),
            pack="phq9",
            by=nurse,
            at=at,
        )
        make_link(questionnaire=form, by=nurse, at=at)
    client.get("/questionnaires/")

    with django_assert_max_num_queries(15):
        page = client.get("/questionnaires/")

    assert page.content.decode().count("<tr>") == 21  # a head, and a window of 20
    with django_assert_max_num_queries(15):
        client.get(f"/people/{form.person_id}/questionnaires/{form.pk}/")


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given_(walk=st.randoms(use_true_random=False))
def test_a_walk_over_the_pages_ends_in_the_facts_of_its_last_answers(walk, phone, sent, at, person):
    name = walk.choice(["before-tms", "phq9-gad7", "before-ketamine"])
    made = sent(name)
    client, start = phone(made=made)
    form, pack = made.link.questionnaire, read_pack(name, load_knowledge())
    last: dict[str, Reply] = {}
    page = client.get(start).url
    for _ in range(30):
        key = page.removeprefix(f"{start}page/").strip("/") if "/page/" in page else None
        move = walk.randrange(8)
        if move == 0:
            client.post(f"{start}language/", {"language": walk.choice(["en", "es"]), "back": page})
            continue
        if move == 1 or key is None:
            key = walk.choice(pack.questions(last)).key
            page = f"{start}page/{key}/"
        if move == 2:
            page = client.get(start).url
            continue
        shown = client.get(page).content.decode()
        seen = re.search(r'name="seen" value="(\d+)"', shown).group(1)
        fields = fields_of(pack.question(key, last), walk.randrange)
        last[key] = read_reply(pack.question(key, last), fields)
        for _ in range(walk.randrange(1, 3)):
            after = client.post(page, {**fields, "seen": seen})
            assert after.status_code == 302
        page = after.url if "/page/" in after.url else client.get(start).url

    told = {key: Told(reply, at.astimezone(form.site.zone)) for key, reply in last.items()}
    expected = gather(filled=[Filled(str(form.pk), name, told)], knowledge=load_knowledge())
    assert given([person.pk], at, load_knowledge()) == expected
    withdraw(questionnaire=form, by=form.made_by, at=at)
