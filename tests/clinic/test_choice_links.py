"""The patient's own link to their options: opened with a birth date, bound, locked, and what it never says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from overstory.clinic.care import choosing_links as links
from overstory.clinic.care.choosing_rows import ChoiceLink, ChoiceSaid
from overstory.clinic.people.permissions import Role
from tests.clinic.knowing import state, state_example

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday, 10:00 in New York."""
RIGHT = {"day": "9", "month": "3", "year": "1982"}
WRONG = {"day": "10", "month": "3", "year": "1982"}
MATTERS = {
    "no-drug": 0, "clear-mind": 2, "fast-relief": 5, "few-visits": 1, "not-daily": 0, "drive": 3,
    "low-cost": 4, "strong-proof": 5, "talking": 0, "no-needle": 1,
}  # fmt: skip
SUICIDE = {
    "cssrs_risk": "moderate", "suicidal_ideation_active": True, "phq9_item9": 2,
    "suicidal_intent": False, "suicide_attempt_within_3_months": True,
}  # fmt: skip
PAGES = ("choice_home", "choice_own_aid", "choice_own_values", "choice_questions", "choice_own_pdf")


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
    return staff(Role.NURSE)


@pytest.fixture
def made(sam, nurse) -> links.NewChoiceLink:
    return links.make_link(person=sam, by=nurse, at=AT)


@pytest.fixture
def phone(made, now) -> Client:
    """The browser that opened the link."""
    client = Client()
    assert client.post(reverse("choice_open", args=(made.token,)), RIGHT).status_code == 302
    return client


def own(name, made, *more):
    return reverse(name, args=(made.link.pk, *more))


def test_only_the_hash_of_a_token_is_kept(made):
    row = ChoiceLink.objects.values().get()

    assert made.token not in str(row)
    assert len(made.token) >= 32


def test_the_address_shows_a_button_and_names_nobody(made, now, client):
    page = client.get(reverse("choice_open", args=(made.token,))).content.decode()

    assert "Open my options" in page
    assert "988" in page
    for word in ("Maya", "Fields", "ketamine", "TMS", "depress"):
        assert word not in page
    made.link.refresh_from_db()
    assert made.link.consumed_at is None


def test_the_birth_date_opens_it_for_one_browser(made, phone, django_assert_max_num_queries):
    other = Client()

    for name in PAGES:
        with django_assert_max_num_queries(15):
            assert phone.get(own(name, made)).status_code == 200, name
        refused = other.get(own(name, made))
        assert refused.status_code == 403, name
        assert b"Maya" not in refused.content
    assert other.post(reverse("choice_open", args=(made.token,)), RIGHT).status_code == 403
    assert other.post(own("choice_own_values", made), MATTERS).status_code == 403
    assert not ChoiceSaid.objects.exists()


def test_five_wrong_birth_dates_lock_it_and_tell_who_made_it(made, now, nurse, client):
    address = reverse("choice_open", args=(made.token,))

    statuses = [client.post(address, WRONG).status_code for _ in range(5)]

    assert statuses == [422, 422, 422, 422, 410]
    assert client.post(address, RIGHT).status_code == 410
    assert nurse.messages.get().subject == "A link to the options is locked"


def test_a_form_from_elsewhere_opens_nothing(made, now, client):
    address = reverse("choice_open", args=(made.token,))

    client.post(address, RIGHT, HTTP_ORIGIN="https://evil.example")

    made.link.refresh_from_db()
    assert made.link.consumed_at is None


def test_a_newer_link_ends_the_one_before(made, phone, sam, nurse):
    newer = links.make_link(person=sam, by=nurse, at=AT + timedelta(minutes=1))

    assert phone.get(own("choice_home", made)).status_code == 410
    late = phone.post(own("choice_own_values", made), {"key": str(uuid4()), **MATTERS})
    assert late.status_code == 410
    assert "was not saved" in late.content.decode()
    assert newer.token != made.token


def test_a_link_ends_after_its_days(made, phone):
    """`Ways.link_days` is 14."""
    with time_machine.travel(AT + timedelta(days=14), tick=False):
        assert phone.get(own("choice_home", made)).status_code in {403, 410}
        said = Client().get(reverse("choice_open", args=(made.token,)))

    assert said.status_code == 410
    assert "too old" in said.content.decode()
    assert "988" in said.content.decode()


def test_the_database_keeps_one_open_link_a_person(made, sam, nurse):
    with pytest.raises(IntegrityError), transaction.atomic():
        ChoiceLink.objects.create(
            person=sam,
            token_hash=made.link.token_hash[::-1],
            made_at=AT,
            expires_at=AT + timedelta(days=1),
        )


def test_without_a_birth_date_there_is_no_link(now, sam, signed_in):
    sam.birth_date = None
    sam.save()

    page = signed_in(Role.NURSE).post(reverse("choice_link", args=(sam.pk,)), follow=True)

    assert "set the birth date first" in page.content.decode()
    assert not ChoiceLink.objects.exists()


def test_the_message_with_a_link_tells_nothing_of_the_treatment(now, sam, signed_in):
    from overstory.clinic.people.actions.persons import say_channel

    say_channel(person=sam, channel="email", is_given=True, by=None, at=AT)

    signed_in(Role.NURSE).post(reverse("choice_link", args=(sam.pk,)), {"what": "message"})

    message = sam.messages.get()
    for word in ("ketamine", "TMS", "Spravato", "psychiat", "depress", "option", "Maya"):
        assert word.casefold() not in f"{message.subject} {message.body}".casefold()


@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_of_suicide_answers_or_notes_stands_on_it(made, phone, sam, nurse, language):
    from overstory.clinic.care.adopted import in_force
    from overstory.clinic.care.choosing_actions import Chosen, record_choice

    state(sam, AT, **SUICIDE)
    record_choice(
        person=sam, force=in_force(sam.clinic), by=nurse, at=AT,
        chosen=Chosen(
            key=uuid4(), option="usual-care", is_wish=False, present=(("Rosa", "sister"),),
            staff_present=(), discussed="A private remark.", seen_at=AT,
        ),
    )  # fmt: skip
    phone.post(own("choice_language", made), {"language": language})

    pages = [phone.get(own(name, made)).content.decode() for name in PAGES[:-1]]

    chose = (
        "el lunes 23 de noviembre" if language == "es" else "on monday 23 november 2026 you chose"
    )
    assert chose in pages[1].lower()
    for page in pages:
        main = page[page.index("<main") : page.index("</main>")]
        for word in (
            "C-SSRS",
            "attempt",
            "moderate",
            "intento de suicidio",
            "A private remark",
            "Rosa",
        ):
            assert word not in main


def test_a_rule_on_suicide_is_told_to_staff_and_not_by_the_link(made, phone, sam, signed_in):
    """The rule on young adults asks about thoughts of suicide and rests on age alone: it stays."""
    state(sam, AT, **SUICIDE)
    staff_page = signed_in(Role.NURSE).get(reverse("choice", args=(sam.pk,))).content.decode()
    own_page = phone.get(own("choice_own_aid", made)).content.decode()

    staff_cares = staff_page[staff_page.index("Points to talk through") :]
    assert "suicid" in staff_cares.split("</ul>")[0] or "safe" in staff_cares.split("</ul>")[0]
    if "Points to talk through" in own_page:
        own_cares = own_page[own_page.index("Points to talk through") :].split("</ul>")[0]
        assert "suicid" not in own_cares


def test_someone_in_danger_meets_the_crisis_lines_first(made, phone, sam):
    state(sam, AT, cssrs_risk="high", suicidal_intent=True)

    page = phone.get(own("choice_home", made)).content.decode()

    assert page.index("First, your safety") < page.index("How sure are you now?")
    assert page.index("988") < page.index("How sure are you now?")
    aid = phone.get(own("choice_own_aid", made)).content.decode()
    assert aid.index("get help first") < aid.index("The options at a glance")


def test_the_crisis_block_stands_on_every_page(made, phone):
    addresses = [own(name, made) for name in PAGES[:-1]]
    addresses += [own("choice_own_sure", made, "before"), own("choice_own_text", made, "tms")]

    for address in addresses:
        page = phone.get(address).content.decode()
        assert "988" in page[page.index('<aside class="crisis"') :]


def test_what_matters_sure_and_questions_are_kept_as_said_by_the_link(made, phone):
    key = str(uuid4())
    phone.post(own("choice_own_values", made), {"key": key, **MATTERS})
    phone.post(own("choice_own_values", made), {"key": key, **MATTERS})
    phone.post(
        own("choice_own_sure", made, "before"),
        {"key": str(uuid4()), "sure": "yes", "understand": "no"},
    )
    phone.post(own("choice_questions", made), {"key": str(uuid4()), "words": "Does it hurt?"})

    rows = list(ChoiceSaid.objects.order_by("kind"))
    assert [row.kind for row in rows] == ["before", "question", "values"]
    assert all(row.by is None and row.link == made.link for row in rows)
    assert rows[0].content == {"sure": True, "understand": False, "matters": None, "support": None}
    page = phone.get(own("choice_own_sure", made, "before")).content.decode()
    assert "not sure yet, and that is fine" in page
    assert "Does it hurt?" in phone.get(own("choice_questions", made)).content.decode()
    home = phone.get(own("choice_own_aid", made)).content.decode()
    for taken_home in (
        "Does it hurt?", "Feeling better fast: 5", "You have not chosen yet", "choose there",
        f'href="tel:{made.link.person.site.phone.replace(" ", "")}"',
    ):  # fmt: skip
        assert taken_home in home


def test_wrong_answers_are_said_in_the_language_of_the_page(made, phone, sam):
    phone.post(own("choice_language", made), {"language": "es"})

    answers = {
        "choice_own_values": "Elija un número en cada línea.",
        "choice_questions": "Escriba una pregunta de no más de 2000 letras.",
    }
    for name, said in answers.items():
        page = phone.post(own(name, made), {"key": str(uuid4())})
        assert page.status_code == 422
        assert said in page.content.decode()
        assert '<html lang="es"' in page.content.decode()


def test_the_pages_are_in_the_persons_language(made, phone, sam):
    sam.language = "es"
    sam.save()

    page = phone.get(own("choice_own_aid", made)).content.decode()

    assert "Las opciones" in page
    assert "Lo que dice su historia" in page


def test_a_consent_text_is_read_by_the_link_and_not_signed(made, phone):
    page = phone.get(own("choice_own_text", made, "esketamine"))

    assert page.status_code == 200
    assert "You sign this at the clinic" in page.content.decode()
    assert "typed_name" not in page.content.decode()
    assert phone.get(own("choice_own_text", made, "nothing")).status_code == 404
    assert phone.post(own("choice_own_text", made, "tms")).status_code == 405


def test_the_key_of_one_link_opens_no_other(made, phone, stranger, staff):
    theirs = links.make_link(person=stranger, by=staff(Role.NURSE, of=stranger.clinic), at=AT)
    phone.cookies[f"q-{theirs.link.pk.hex[:12]}"] = phone.cookies[
        f"q-{made.link.pk.hex[:12]}"
    ].value

    answer = phone.get(own("choice_home", theirs))

    assert answer.status_code == 403
    assert b"Quist" not in answer.content


def test_the_link_of_a_merged_row_is_over(made, phone, sam, clinic, site):
    from tests.clinic.conftest import make_person

    sam.merged_into = make_person(clinic, site)
    sam.save()

    assert phone.get(own("choice_home", made)).status_code == 410


def test_the_own_pages_ask_little(made, phone, django_assert_max_num_queries):
    for name in PAGES:
        with django_assert_max_num_queries(17):
            phone.get(own(name, made))
