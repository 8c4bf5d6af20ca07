"""First contact: a site's public pages, the queue of requests, letters in and out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from overstory.clinic.audit.models import Entry
from overstory.clinic.intake import asking_actions
from overstory.clinic.intake.asking import CareRequest
from overstory.clinic.intake.asking_actions import Asked
from overstory.clinic.people import actions
from overstory.clinic.people.forms.phones import lacks_area_code
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.models import Alert
from tests.clinic.conftest import make_person

MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""10:00 in New York, three days before Thanksgiving."""


def told(**more) -> dict:
    return {
        "id": str(uuid4()),
        "asker": "self",
        "name": "Maya Fields",
        "phone": "+1 555 0123",
        "prefers": "phone",
        "speak": "en",
        "reason": "depression",
        **more,
    }


@pytest.fixture
def asked(site, client):
    """Ask for care on that Monday; returns the request."""

    def ask(**more) -> CareRequest:
        form = told(**more)
        with time_machine.travel(MONDAY, tick=False):
            answer = client.post(f"/en/at/{site.slug}/ask/", form)
        assert answer.status_code == 302, answer.content.decode()
        return CareRequest.objects.get(pk=form["id"])

    return ask


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("page", ["", "compare/", "ask/", "refer/"])
def test_every_public_page_has_the_crisis_line(site, client, lang, page):
    answer = client.get(f"/{lang}/at/{site.slug}/{page}")

    assert answer.status_code == 200
    assert "988" in answer.content.decode()
    assert f'lang="{lang}"' in answer.content.decode()


def test_a_request_is_due_at_the_close_of_the_next_business_day_and_late_after_the_second(asked):
    found = asked()

    assert found.due_at == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)  # Tuesday, 18:00 in New York
    assert found.late_at == datetime(2026, 11, 25, 23, 0, tzinfo=UTC)


def test_thanksgiving_and_the_weekend_are_no_business_days(site, client):
    with time_machine.travel(datetime(2026, 11, 25, 23, 30, tzinfo=UTC), tick=False):
        client.post(f"/en/at/{site.slug}/ask/", told())
    found = CareRequest.objects.get()

    assert found.due_at == datetime(2026, 11, 27, 23, 0, tzinfo=UTC)  # Friday after the holiday
    assert found.late_at == datetime(2026, 11, 30, 23, 0, tzinfo=UTC)


def test_a_form_sent_twice_is_one_request(site, client):
    form = told()

    client.post(f"/en/at/{site.slug}/ask/", form)
    client.post(f"/en/at/{site.slug}/ask/", form)

    assert CareRequest.objects.count() == 1


def test_what_was_written_is_sealed(asked):
    found = asked(words="I have not slept for a week")

    assert CareRequest.objects.get(pk=found.pk).words == "I have not slept for a week"
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM intake_carerequest")
        assert b"slept" not in bytes(cursor.fetchone()[0])


def test_the_page_after_names_the_hour_and_offers_a_visit(site, client):
    with time_machine.travel(MONDAY, tick=False):
        answer = client.post(f"/en/at/{site.slug}/ask/", told(), follow=True)

    page = answer.content.decode()
    assert "Tuesday 24 November 2026, 18:00 EST" in page
    assert f"/en/at/{site.slug}/visit/" in page


def test_who_names_self_harm_meets_the_crisis_line_and_raises_an_alert(site, client):
    with time_machine.travel(MONDAY, tick=False):
        answer = client.post(f"/en/at/{site.slug}/ask/", told(reason="self-harm"), follow=True)

    found = Alert.objects.get()
    assert found.tier == "unscreened"
    page = answer.content.decode()
    assert page.index("988") < page.index("<h1>Thank you")


def test_without_a_way_to_answer_the_form_is_not_taken(site, client):
    answer = client.post(f"/en/at/{site.slug}/ask/", told(phone=""))

    assert answer.status_code == 422
    assert CareRequest.objects.count() == 0


def test_who_asks_for_another_says_who_they_are(site, client):
    answer = client.post(f"/es/at/{site.slug}/ask/", told(asker="relative"))

    assert answer.status_code == 422
    assert "Su nombre" in answer.content.decode()
    assert CareRequest.objects.count() == 0


def test_another_browser_does_not_see_the_thanks(site, asked):
    asked()

    answer = Client().get(f"/en/at/{site.slug}/thanks/")

    assert answer.status_code == 302


def referral(**more) -> dict:
    return {
        "id": str(uuid4()),
        "referrer": "Dr. Invented, Elm Practice",
        "referrer_phone": "+1 555 0199",
        "person_name": "Sam Rivers",
        "birth_date": "1975-05-05",
        "phone": "+1 555 0142",
        "reason": "depression",
        "knows": "on",
        **more,
    }


PDF = b"%PDF-1.4 an invented letter"


def test_a_letter_is_kept_sealed_and_leaves_as_an_attachment(site, client, signed_in):
    letter = SimpleUploadedFile("../../Brief <b>.pdf", PDF, content_type="text/html")
    answer = client.post(f"/en/at/{site.slug}/refer/", referral(files=[letter]))
    assert answer.status_code == 302, answer.content.decode()
    kept = CareRequest.objects.get().uploads.get()

    answer = signed_in(Role.COORDINATOR).get(f"/uploads/{kept.pk}/")

    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/pdf"
    assert "<" not in answer["Content-Disposition"]
    assert "/" not in answer["Content-Disposition"].split("filename=")[1]
    assert Entry.objects.filter(action="saw upload").count() == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"MZ\x90\x00", b"<html><script>", b'{"resourceType": "Patient"}', b"[" * 90_000],
)
def test_what_is_no_letter_is_refused(site, client, content):
    file = SimpleUploadedFile("letter.pdf", content)

    answer = client.post(f"/en/at/{site.slug}/refer/", referral(files=[file]))

    assert answer.status_code in {302, 422}
    assert not [each for request in CareRequest.objects.all() for each in request.uploads.all()]
    if content:
        assert answer.status_code == 422


def test_the_queue_shows_the_first_due_first_and_says_what_is_late(asked, signed_in):
    asked(name="Second Later", id=str(uuid4()))
    with time_machine.travel(datetime(2026, 11, 30, 15, 0, tzinfo=UTC), tick=False):
        page = signed_in(Role.COORDINATOR).get("/requests/").content.decode()

    assert "Second Later" in page
    assert ">late<" in page


def test_taking_writing_and_registering_a_request(asked, signed_in, staff):
    found = asked()
    who = staff(Role.COORDINATOR)
    client = signed_in(who=who)

    client.post(reverse("request_act", args=(found.pk, "take")))
    client.post(
        reverse("request_act", args=(found.pk, "step")), {"what": "tried", "words": "no answer"}
    )
    told = client.get(reverse("request", args=(found.pk,))).content.decode()
    client.post(reverse("request_register", args=(found.pk,)))

    found.refresh_from_db()
    assert "Nobody with this name is registered; no birth date was told." in told
    assert f"Taken</strong> {who.name}" not in told
    person = client.get(reverse("person", args=(found.person.pk,))).content.decode()
    assert "Request: taken" in person
    assert "Request: registered" in person
    assert found.owner == who
    assert [each.what for each in found.steps.order_by("at", "pk")].count("tried") == 1
    assert found.outcome == "registered"
    assert found.person.legal_name == "Maya Fields"


def test_who_has_only_the_name_or_the_birth_date_is_named_beside_the_button(
    asked, clinic, site, signed_in
):
    make_person(clinic, site, legal_name="Tom Oakley", called="", birth_date=date(1982, 3, 9))
    found = asked(birth_date="1982-03-09", phone="+1 555 0456")

    page = signed_in(Role.COORDINATOR).get(reverse("request", args=(found.pk,))).content.decode()

    assert "Only the name or the birth date is the same of:" in page
    assert "Tom Oakley" in page
    assert "Register as a new person" in page


def test_someone_known_is_recognised_and_not_registered_twice(asked, person, signed_in):
    found = asked(birth_date="1982-03-09")
    client = signed_in(Role.COORDINATOR)

    assert str(person.pk) in client.get(reverse("request", args=(found.pk,))).content.decode()
    register, chosen = reverse("request_register", args=(found.pk,)), {"existing": str(person.pk)}
    side_by_side = client.post(register, chosen).content.decode()
    found.refresh_from_db()
    assert found.person is None
    assert "Nothing is saved yet" in side_by_side
    answer = client.post(register, chosen | {"sure": "on"}, follow=True)

    found.refresh_from_db()
    assert found.person == person
    assert "The request is attached to Maya Fields." in answer.content.decode()


def test_a_closed_request_stays_as_it_was_closed(asked, signed_in):
    found = asked()
    client = signed_in(Role.COORDINATOR)
    client.post(reverse("request_act", args=(found.pk, "close")), {"outcome": "withdrew"})

    client.post(reverse("request_act", args=(found.pk, "close")), {"outcome": "duplicate"})

    found.refresh_from_db()
    assert found.outcome == "withdrew"


def test_another_clinics_request_is_not_there(asked, other_clinic, signed_in):
    found = asked()

    answer = signed_in(Role.COORDINATOR, of=other_clinic).get(reverse("request", args=(found.pk,)))

    assert answer.status_code == 404
    assert b"Maya" not in answer.content


def test_a_person_of_another_clinic_is_not_recognised(asked, stranger, signed_in):
    found = asked()

    answer = signed_in(Role.COORDINATOR).post(
        reverse("request_register", args=(found.pk,)), {"existing": str(stranger.pk)}
    )

    assert answer.status_code == 404


def test_a_letter_out_is_kept_as_it_was_sent(person, signed_in):
    client = signed_in(Role.PSYCHIATRIST)
    form = {"id": str(uuid4()), "to": "Dr. Other", "subject": "Referral", "text": "Dear colleague"}

    answer = client.post(reverse("refer_out", args=(person.pk,)), form, follow=True)
    client.post(reverse("refer_out", args=(person.pk,)), form)

    assert "Dear colleague" in answer.content.decode()
    assert person.letters.count() == 1


def test_the_queue_asks_no_more_for_many(asked, signed_in, django_assert_max_num_queries):
    for n in range(30):
        asked(name=f"Person {n}", id=str(uuid4()))
    client = signed_in(Role.COORDINATOR)
    client.get("/requests/")

    with django_assert_max_num_queries(15):
        page = client.get("/requests/").content.decode()

    assert page.count("<tr") == 21
    assert "Next" in page


@pytest.fixture
def registered(site, staff):
    """Ask and register, or recognise someone; returns the person and the request."""

    def register(*, existing: Person | None = None, **more) -> tuple[Person, CareRequest]:
        told = {"asker": "self", "reason": "depression", "name": "Maya Fields", **more}
        request = asking_actions.ask(site=site, asked=Asked(id=uuid4(), **told), at=MONDAY)
        person = asking_actions.register(
            care_request=request,
            existing=existing,
            by=staff(Role.COORDINATOR),
            at=MONDAY + timedelta(hours=1),
        )
        request.refresh_from_db()
        return Person.objects.get(pk=person.pk), request

    return register


def test_the_emergency_contact_of_a_visit_becomes_the_persons(registered, signed_in):
    person, request = registered(
        phone="+1 555 0123", emergency_contact="Ada Fields, +1 555 0177", place="7 Elm Lane"
    )

    near = person.contacts_now().get()
    assert (near.kind, near.name) == ("emergency", "Ada Fields, +1 555 0177")
    assert near.phone == "+1 555 0177"
    page = signed_in(Role.COORDINATOR).get(reverse("request", args=(request.pk,)))
    assert "Ada Fields, +1 555 0177" in page.content.decode()
    assert "7 Elm Lane" in page.content.decode()


def test_a_relative_who_asked_is_called_first_and_their_e_mail_stays_theirs(registered, signed_in):
    person, request = registered(
        asker="relative", asker_name="Gil Fields", asker_phone="+1 555 0188",
        asker_relation="brother", email="gil@example.org", prefers="email",
    )  # fmt: skip

    near = person.contacts_now().get()
    assert (near.kind, near.name, near.relation, near.call_first) == (
        "relative", "Gil Fields", "brother", True,
    )  # fmt: skip
    assert person.email == ""
    assert person.channels_said() == {}
    client = signed_in(Role.COORDINATOR)
    for page in (
        reverse("request", args=(request.pk,)),
        reverse("person", args=(person.pk,)),
        reverse("person_details", args=(person.pk,)),
    ):
        assert "call them first" in client.get(page).content.decode().lower()


def test_who_referred_becomes_a_contact_but_no_relative(registered):
    person, _ = registered(
        asker="professional", asker_name="Dr. Invented", asker_phone="+1 555 0199", is_agreed=True
    )

    near = person.contacts_now().get()
    assert (near.kind, near.call_first) == ("referrer", False)


def test_what_is_missing_is_filled_in_and_nothing_is_overwritten(registered, person, signed_in):
    Person.objects.filter(pk=person.pk).update(email="", called="")

    kept, request = registered(
        existing=Person.objects.get(pk=person.pk), called="May", phone="+1 555 0666",
        email="may@example.org", birth_date=date(1982, 3, 9),
    )  # fmt: skip

    assert (kept.phone, kept.email, kept.called) == ("+1 555 0123", "may@example.org", "May")
    page = signed_in(Role.COORDINATOR).get(reverse("request", args=(request.pk,))).content.decode()
    assert "Told otherwise than on record" in page
    assert page.count("+1 555 0666") == 2


@pytest.mark.parametrize(
    ("told", "channels"),
    [
        ({"phone": "+1 555 0123"}, {"phone"}),
        ({"phone": "+1 555 0123", "prefers": "text"}, {"phone", "text"}),
        ({"email": "maya@example.org", "prefers": "email"}, {"email"}),
        ({"email": "maya@example.org", "phone": "+1 555 0123"}, {"phone"}),
    ],
)
def test_how_someone_wants_to_be_reached_counts_and_the_rest_is_not_asked(
    registered, told, channels
):
    person, _ = registered(**told)

    said = person.channels_said()
    assert set(said) == channels
    assert all(each.is_given for each in said.values())
    assert all(each.origin == "asked for care on 2026-11-23" for each in said.values())


def test_a_yes_for_one_address_is_none_for_another(registered, person):
    kept, _ = registered(existing=person, email="other@example.org", prefers="email")

    assert kept.channels_said() == {}


def test_a_no_that_was_said_after_the_request_holds(registered, person):
    actions.say_channel(
        person=person, channel="phone", is_given=False, by=None, at=MONDAY + timedelta(minutes=9)
    )

    kept, _ = registered(existing=person, phone="+1 555 0123")

    assert kept.channels_said()["phone"].is_given is False


def test_a_step_that_nobody_of_the_staff_did_is_shown_as_theirs(asked, signed_in):
    found = asked()
    asking_actions.note_visit(care_request=found, words="Monday at nine", at=MONDAY)

    page = signed_in(Role.COORDINATOR).get(reverse("request", args=(found.pk,))).content.decode()

    assert "Visit booked" in page
    assert "by the person" in page
    assert "None" not in page


def test_the_page_says_why_someone_may_be_here_already(asked, clinic, site, signed_in):
    make_person(clinic, site, legal_name="Tom Oakley", called="", birth_date=date(1970, 1, 1))
    make_person(clinic, site, legal_name="Maja Fields", called="", phone="+1 555 0999")
    found = asked(birth_date="1982-03-09")

    page = signed_in(Role.COORDINATOR).get(reverse("request", args=(found.pk,))).content.decode()

    assert "Same phone, other birth date, other name" in page
    assert "Same birth date, similar name" in page
    assert "+1 555 0999" in page
    assert "This is Tom Oakley: attach the request" in page
    assert page.count("Thu 1 Jan 1970") == 1


def test_someone_new_beside_likely_doubles_is_confirmed_first(asked, person, signed_in):
    found = asked()
    client, register = signed_in(Role.COORDINATOR), reverse("request_register", args=(found.pk,))

    first = client.post(register).content.decode()
    count = Person.objects.count()
    client.post(register, {"sure": "on"})

    assert "Register Maya Fields as someone new" in first
    assert count == 1
    assert Person.objects.count() == 2


def test_another_open_request_that_looks_the_same_is_shown(asked, signed_in):
    found = asked(name="Maya Fields", phone="(555) 0123 - 12")
    asked(name="M. Fields", phone="555 0123 12")
    asked(name="Somebody Else", phone="555 7777 77")
    closed = asked(name="Closed Fields", phone="555 0123 12")
    client = signed_in(Role.COORDINATOR)
    client.post(reverse("request_act", args=(closed.pk, "close")), {"outcome": "duplicate"})

    page = client.get(reverse("request", args=(found.pk,))).content.decode()

    assert "Another open request looks the same" in page
    assert "M. Fields" in page
    assert "Somebody Else" not in page
    assert "Closed Fields" not in page


def test_letters_of_a_request_stay_within_reach(site, client, signed_in):
    letter = SimpleUploadedFile("Brief.pdf", PDF)
    client.post(f"/en/at/{site.slug}/refer/", referral(files=[letter]))
    found, desk = CareRequest.objects.get(), signed_in(Role.COORDINATOR)
    assert ">letter<" in desk.get("/requests/").content.decode()

    desk.post(reverse("request_register", args=(found.pk,)))

    found.refresh_from_db()
    page = desk.get(reverse("person", args=(found.person.pk,))).content.decode()
    kept = found.uploads.get()
    assert f"/uploads/{kept.pk}/" in page
    assert "Brief.pdf" in page
    assert reverse("request", args=(found.pk,)) in page
    assert ">letter<" in desk.get("/requests/?of=closed").content.decode()


def test_closed_requests_are_listed_the_last_closed_first(asked, signed_in):
    first, second, still = (
        asked(name="First Fern"),
        asked(name="Second Fern"),
        asked(name="Open Fern"),
    )
    client = signed_in(Role.COORDINATOR)
    for each in (second, first):
        client.post(reverse("request_act", args=(each.pk, "close")), {"outcome": "not-reached"})

    page = client.get("/requests/?of=closed").content.decode()

    assert page.index("First Fern") < page.index("Second Fern")
    assert still.name not in page
    assert "Could not be reached" in page


def test_the_queue_speaks_in_words_and_shows_the_standing_second(asked, signed_in, site):
    asked(reason="self-harm")

    page = signed_in(Role.COORDINATOR).get("/requests/").content.decode()

    assert "Self-harm or thoughts of suicide" in page
    assert ">The person<" in page
    assert site.name in page
    assert page.index(">Standing<") < page.index(">Reason<")
    assert "Late: past the close of the second" in page


def test_nothing_is_chosen_beforehand_when_a_request_is_closed(asked, signed_in):
    found = asked()
    client = signed_in(Role.COORDINATOR)

    page = client.get(reverse("request", args=(found.pk,))).content.decode()
    answer = client.post(reverse("request_act", args=(found.pk, "close")), {})

    assert "checked" not in page
    assert answer.status_code == 422
    found.refresh_from_db()
    assert found.closed_at is None


def test_a_closed_request_is_opened_again_and_due_anew(asked, signed_in):
    found = asked()
    client = signed_in(Role.COORDINATOR)
    client.post(reverse("request_act", args=(found.pk, "close")), {"outcome": "not-reached"})

    with time_machine.travel(datetime(2026, 11, 30, 15, 0, tzinfo=UTC), tick=False):
        client = signed_in(Role.COORDINATOR)
        client.post(reverse("request_act", args=(found.pk, "open")), {"words": "They called back"})

    found.refresh_from_db()
    assert (found.closed_at, found.outcome) == (None, "")
    assert found.due_at == datetime(2026, 12, 1, 23, 0, tzinfo=UTC)  # Tuesday, 18:00 in New York
    page = client.get(reverse("request", args=(found.pk,))).content.decode()
    assert "Opened again" in page
    assert "They called back" in page


def test_a_request_that_became_a_person_is_not_opened_again(asked, signed_in):
    found = asked()
    client = signed_in(Role.COORDINATOR)
    client.post(reverse("request_register", args=(found.pk,)))

    client.post(reverse("request_act", args=(found.pk, "open")), {})

    found.refresh_from_db()
    assert found.outcome == "registered"


@pytest.mark.parametrize("number", ["1", "call me", "+1 555"])
def test_a_phone_number_that_cannot_be_dialled_is_refused(site, client, number):
    english = client.post(f"/en/at/{site.slug}/ask/", told(phone=number))
    spanish = client.post(f"/es/at/{site.slug}/ask/", told(phone=number))

    assert (english.status_code, spanish.status_code) == (422, 422)
    assert "too short for a phone number" in english.content.decode()
    assert "demasiado corto" in spanish.content.decode()
    assert not CareRequest.objects.exists()


def test_a_spanish_form_says_nothing_in_english(site, client):
    for path in ("ask/", "ask/?for=relative", "refer/", "visit/"):
        page = client.get(f"/es/at/{site.slug}/{path}").content.decode()
        assert "(optional)" not in page, path
    for path, form in (("ask/", told(name="", birth_date="x", email="y")), ("refer/", {})):
        page = client.post(f"/es/at/{site.slug}/{path}", form).content.decode()
        assert "Todavía no se envió" in page
        for english in ("not saved", "is required", "Enter a valid", "optional)"):
            assert english not in page, (path, english)


def test_one_of_phone_and_e_mail_is_not_called_optional(site, client):
    page = client.get(f"/en/at/{site.slug}/ask/").content.decode()

    assert page.count("(one of the two)") == 2
    assert "1982" not in page


def test_a_relative_is_not_asked_for_papers_or_sent_to_book(site, client):
    form = client.get(f"/en/at/{site.slug}/ask/?for=relative").content.decode()
    told_of = told(asker="relative", asker_name="Gil", asker_phone="+1 555 0188")
    with time_machine.travel(MONDAY, tick=False):
        thanks = client.post(f"/en/at/{site.slug}/ask/", told_of, follow=True).content.decode()

    assert "papers" not in form
    assert "Thank you" in thanks
    assert "We call you, at the latest on Tuesday 24 November 2026, 18:00 EST." in thanks
    assert "You can also call us: +1 555 0100, open until 18:00 EST." in thanks
    assert "evaluation visit" not in thanks


def test_a_short_number_is_kept_and_asked_about_and_nothing_is_promised_by_a_machine(site, client):
    told_of = told(phone="555 0147", prefers="text")
    with time_machine.travel(MONDAY, tick=False):
        form = client.get(f"/en/at/{site.slug}/ask/").content.decode()
        thanks = client.post(f"/en/at/{site.slug}/ask/", told_of, follow=True).content.decode()

    assert "With the area code" in form
    assert "You need it to open your questions" in form
    assert "You wrote 555 0147. Is the area code missing?" in thanks
    assert "Someone from the clinic texts or calls you" in thanks
    assert "e-mail" not in thanks
    assert CareRequest.objects.get(pk=told_of["id"]).phone == "555 0147"


@pytest.mark.parametrize(
    ("phone", "country", "lacks"),
    [
        # North American Numbering Plan: an area code of three digits and seven, after an optional 1
        ("555 0147", "US", True),
        ("1 555 0147", "US", True),
        ("+1 555 0147", "US", True),
        ("(212) 555-0147", "US", False),
        ("+1 212 555 0147", "US", False),
        ("+47 21 23 45 67", "US", False),
        ("21 23 45 67", "NO", False),
        ("", "US", False),
    ],
)
def test_only_a_number_of_the_us_is_asked_for_its_area_code(phone, country, lacks):
    assert lacks_area_code(phone, country) is lacks


def test_who_refers_reads_which_letters_were_received_and_that_consent_is_kept(
    site, client, signed_in
):
    letter = SimpleUploadedFile("Brief.pdf", PDF)
    answer = client.post(f"/en/at/{site.slug}/refer/", referral(files=[letter]), follow=True)

    assert "Brief.pdf" in answer.content.decode()
    assert "evaluation visit" not in answer.content.decode()
    found = CareRequest.objects.get()
    page = signed_in(Role.COORDINATOR).get(reverse("request", args=(found.pk,))).content.decode()
    assert found.is_agreed is True
    assert "Agreed to the referral" in page


def test_another_language_keeps_what_was_asked_for(site, client):
    page = client.get(f"/en/at/{site.slug}/ask/?for=relative").content.decode()

    assert f"/es/at/{site.slug}/ask/?for=relative" in page


def test_the_page_of_a_request_asks_few_queries(
    asked, clinic, site, signed_in, django_assert_max_num_queries
):
    found = asked(birth_date="1982-03-09")
    for n in range(12):
        make_person(clinic, site, legal_name=f"Maya Fields {n}")
        asked(name=f"Maya Fields {n}", id=str(uuid4()))
    client = signed_in(Role.COORDINATOR)
    client.get(reverse("request", args=(found.pk,)))

    with django_assert_max_num_queries(16):  # with the savepoint of a test around the record
        client.get(reverse("request", args=(found.pk,)))
