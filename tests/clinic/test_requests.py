"""First contact: a site's public pages, the queue of requests, letters in and out."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from overstory.clinic.audit.models import Entry
from overstory.clinic.intake.asking import CareRequest
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.models import Alert

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
        with time_machine.travel(MONDAY, tick=False):
            answer = client.post(f"/en/at/{site.slug}/ask/", told(**more))
        assert answer.status_code == 302, answer.content.decode()
        return CareRequest.objects.order_by("-received_at", "-pk").first()

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
    client.post(reverse("request_register", args=(found.pk,)))

    found.refresh_from_db()
    assert found.owner == who
    assert [each.what for each in found.steps.order_by("at", "pk")].count("tried") == 1
    assert found.outcome == "registered"
    assert found.person.legal_name == "Maya Fields"


def test_someone_known_is_recognised_and_not_registered_twice(asked, person, signed_in):
    found = asked(birth_date="1982-03-09")
    client = signed_in(Role.COORDINATOR)

    assert str(person.pk) in client.get(reverse("request", args=(found.pk,))).content.decode()
    client.post(reverse("request_register", args=(found.pk,)), {"existing": str(person.pk)})

    found.refresh_from_db()
    assert found.person == person


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
