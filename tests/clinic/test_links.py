"""Links to questionnaires: opened once with a birth date, bound to one browser, locked, replaced."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from overstory.clinic.audit.models import Entry
from overstory.clinic.intake import links
from overstory.clinic.intake.filling import IntakeLink, Questionnaire
from overstory.clinic.people.permissions import Role

BORN = date(1982, 3, 9)
RIGHT = {"day": "9", "month": "3", "year": "1982"}
WRONG = {"day": "10", "month": "3", "year": "1982"}


@pytest.fixture
def nurse(staff):
    return staff(Role.NURSE)


@pytest.fixture
def questionnaire(person, nurse, at) -> Questionnaire:
    return links.begin(person=person, pack="phq9", by=nurse, at=at)


@pytest.fixture
def made(questionnaire, nurse, at) -> links.NewLink:
    return links.make_link(questionnaire=questionnaire, by=nurse, at=at)


@pytest.fixture
def now(time_machine, at):
    time_machine.move_to(at, tick=False)
    return time_machine


def test_only_the_hash_of_a_token_is_kept(made):
    row = IntakeLink.objects.values().get()

    assert made.token not in str(row)
    assert len(made.token) >= 32


def test_opening_the_address_shows_a_button_and_consumes_nothing(made, now, client):
    page = client.get(f"/q/{made.token}/")

    assert page.status_code == 200
    assert "988" in page.content.decode()
    assert "Maya" not in page.content.decode()
    made.link.refresh_from_db()
    assert made.link.consumed_at is None


def test_the_birth_date_opens_the_link_for_this_browser_alone(made, now):
    phone, other = Client(), Client()

    opened = phone.post(f"/q/{made.token}/", RIGHT)

    start = f"/q/at/{made.link.pk}/"
    assert opened.url == start
    cookie = opened.cookies[f"q-{made.link.pk.hex[:12]}"]
    assert cookie["httponly"]
    assert cookie["path"] == "/q/"
    assert cookie["samesite"] == "Lax"
    assert phone.get(start).status_code == 302
    assert phone.get(f"/q/{made.token}/").url == start
    for address in (start, f"{start}page/phq9.1/", f"{start}check/", f"/q/{made.token}/"):
        assert other.get(address).status_code == 403, address
    assert other.post(f"/q/{made.token}/", RIGHT).status_code == 403


def test_a_cookie_that_was_changed_opens_nothing(made, now):
    phone = Client()
    phone.post(f"/q/{made.token}/", RIGHT)
    name = f"q-{made.link.pk.hex[:12]}"
    phone.cookies[name] = phone.cookies[name].value[:-2] + "xx"

    assert phone.get(f"/q/at/{made.link.pk}/page/phq9.1/").status_code == 403


def test_the_key_of_one_link_opens_no_other(made, now, questionnaire, stranger, staff, at):
    phone = Client()
    phone.post(f"/q/{made.token}/", RIGHT)
    other = links.make_link(
        questionnaire=links.begin(
            person=stranger, pack="phq9", by=staff(Role.NURSE, of=stranger.clinic), at=at
        ),
        by=staff(Role.NURSE, of=stranger.clinic),
        at=at,
    )
    phone.cookies[f"q-{other.link.pk.hex[:12]}"] = phone.cookies[f"q-{made.link.pk.hex[:12]}"].value

    answer = phone.get(f"/q/at/{other.link.pk}/page/phq9.1/")

    assert answer.status_code == 403
    assert b"Quist" not in answer.content
    assert b"Zeb" not in answer.content


def test_five_wrong_birth_dates_lock_the_link_and_tell_who_made_it(made, now, nurse):
    browser = Client()

    statuses = [browser.post(f"/q/{made.token}/", WRONG).status_code for _ in range(5)]

    assert statuses == [422, 422, 422, 422, 410]
    assert browser.post(f"/q/{made.token}/", RIGHT).status_code == 410
    made.link.refresh_from_db()
    assert made.link.locked_at is not None
    assert made.link.consumed_at is None
    assert nurse.messages.get().subject == "A link to a questionnaire is locked"


def test_what_is_no_date_is_not_counted_as_a_try(made, now, client):
    for fields in ({}, {"day": "31", "month": "2", "year": "1982"}, {"day": "x", "month": "3"}):
        assert client.post(f"/q/{made.token}/", fields).status_code == 422

    made.link.refresh_from_db()
    assert made.link.wrong_birth_dates == 0


def test_trying_tokens_finds_nothing(made, now, client):
    for token in ("a", made.token[:-1], made.token + "a", made.token.swapcase(), "at"):
        assert client.get(f"/q/{token}/").status_code == 404


def test_a_new_link_revokes_the_one_before_and_keeps_the_answers(
    made, now, questionnaire, nurse, at
):
    old = Client()
    old.post(f"/q/{made.token}/", RIGHT)
    old.post(f"/q/at/{made.link.pk}/page/phq9.1/", {"answer": "2"})

    newer = links.make_link(questionnaire=questionnaire, by=nurse, at=at + timedelta(minutes=1))

    assert old.get(f"/q/at/{made.link.pk}/").status_code == 410
    late = old.post(f"/q/at/{made.link.pk}/page/phq9.2/", {"answer": "1"})
    assert late.status_code == 410
    assert "was not saved" in late.content.decode()
    phone = Client()
    phone.post(f"/q/{newer.token}/", RIGHT)
    assert phone.get(f"/q/at/{newer.link.pk}/").url.endswith("/page/phq9.2/")


def test_a_link_ends_after_its_days(made, now, at):
    phone = Client()
    phone.post(f"/q/{made.token}/", RIGHT)

    now.move_to(at + timedelta(days=14), tick=False)

    assert phone.get(f"/q/at/{made.link.pk}/page/phq9.1/").status_code == 410
    assert Client().get(f"/q/{made.token}/").status_code == 410


def test_a_clinic_sets_how_many_days_a_link_works(questionnaire, nurse, clinic, at):
    clinic.ways = {"link_days": 3}
    clinic.save()
    questionnaire.refresh_from_db()

    made = links.make_link(questionnaire=questionnaire, by=nurse, at=at)

    assert made.link.expires_at == at + timedelta(days=3)


def test_without_a_birth_date_there_is_no_link(questionnaire, person, nurse, at):
    person.birth_date = None
    person.save()
    questionnaire.refresh_from_db()

    with pytest.raises(links.NoBirthDateError):
        links.make_link(questionnaire=questionnaire, by=nurse, at=at)


def test_a_person_whose_birth_date_was_taken_away_opens_nothing(made, now, person):
    person.birth_date = None
    person.save()

    assert Client().post(f"/q/{made.token}/", RIGHT).status_code == 422


def test_a_questionnaire_begun_twice_by_one_form_is_one(person, nurse, at, questionnaire):
    again = links.begin(person=person, pack="phq9", by=nurse, at=at, key=questionnaire.pk)

    assert again == questionnaire
    with pytest.raises(links.LinkError):
        links.begin(person=person, pack="pcl5", by=nurse, at=at, key=questionnaire.pk)
    with pytest.raises(links.LinkError):
        links.begin(person=person, pack="no-such-pack", by=nurse, at=at)


def test_the_database_keeps_one_link_at_a_time(questionnaire, made, at):
    with pytest.raises(IntegrityError), transaction.atomic():
        IntakeLink.objects.create(
            questionnaire=questionnaire,
            token_hash="0" * 64,
            made_at=at,
            expires_at=at + timedelta(days=1),
        )


def test_every_step_of_a_link_is_on_record_without_what_was_answered(made, now, clinic):
    phone = Client()
    phone.post(f"/q/{made.token}/", WRONG)
    phone.post(f"/q/{made.token}/", RIGHT)
    phone.post(f"/q/at/{made.link.pk}/page/phq9.1/", {"answer": "2"})

    entries = Entry.objects.filter(clinic=clinic.pk).order_by("seq")

    assert [each.action for each in entries] == [
        "began a questionnaire",
        "made a link",
        "gave a wrong birth date",
        "opened a link",
        "answered",
    ]
    assert entries.last().actor == f"link:{made.link.pk}"
    assert set(entries.last().more) == {"questionnaire", "question", "answer"}


def test_handing_in_twice_is_once_and_closes_the_pages(made, now, questionnaire):
    phone = Client()
    phone.post(f"/q/{made.token}/", RIGHT)
    start = f"/q/at/{made.link.pk}/"

    assert phone.post(f"{start}check/").url == f"{start}done/"
    first = Questionnaire.objects.get().submitted_at
    assert phone.post(f"{start}check/").status_code == 410
    assert phone.get(start).url == f"{start}done/"
    assert phone.get(f"{start}page/phq9.1/").url == f"{start}done/"
    late = phone.post(f"{start}page/phq9.1/", {"answer": "1"})
    assert late.status_code == 410
    assert "was not saved" in late.content.decode()
    assert Questionnaire.objects.get().submitted_at == first
    assert questionnaire.answers.count() == 0


def opened(made) -> tuple[Client, str]:
    phone = Client()
    phone.post(f"/q/{made.token}/", RIGHT)
    return phone, f"/q/at/{made.link.pk}/"


def test_after_half_an_hour_of_rest_no_page_is_shown_without_the_birth_date(made, now, at):
    """`Ways.link_idle_minutes` is 30."""
    phone, start = opened(made)
    phone.post(f"{start}page/phq9.1/", {"answer": "2"})
    now.move_to(at + timedelta(minutes=29), tick=False)
    assert phone.get(f"{start}page/phq9.1/").status_code == 200
    now.move_to(at + timedelta(minutes=60), tick=False)  # 31 after the page before

    for address in (start, f"{start}page/phq9.1/", f"{start}check/"):
        asked = phone.get(address)
        assert asked.url.startswith(f"{start}again/?back="), address
    page = phone.get(asked.url).content.decode()
    assert "Your date of birth once more" in page
    assert "988" in page
    wrong = phone.post(f"{start}again/", {**WRONG, "back": f"{start}check/"})
    assert wrong.status_code == 422
    assert phone.get(f"{start}check/").status_code == 302

    back = phone.post(f"{start}again/", {**RIGHT, "back": f"{start}check/"})

    assert back.url == f"{start}check/"
    assert phone.get(f"{start}check/").status_code == 200
    made.link.refresh_from_db()
    assert made.link.wrong_birth_dates == 1


def test_wrong_birth_dates_after_a_rest_lock_the_link(made, now, at, nurse):
    phone, start = opened(made)
    now.move_to(at + timedelta(hours=1), tick=False)

    statuses = [phone.post(f"{start}again/", WRONG).status_code for _ in range(5)]

    assert statuses == [422, 422, 422, 422, 410]
    assert phone.post(f"{start}again/", RIGHT).status_code == 410
    assert nurse.messages.get().subject == "A link to a questionnaire is locked"


def test_what_is_sent_from_a_page_that_lay_open_is_saved_and_its_alarm_is_raised(
    made, now, at, clinic, questionnaire
):
    phone, start = opened(made)
    now.move_to(at + timedelta(hours=2), tick=False)

    after = phone.post(f"{start}page/phq9.9/", {"answer": "1"})

    assert questionnaire.answers.get().value == {"value": 1}
    assert clinic.alerts.get().kind == "item-9"
    assert after.url == f"{start}help/"
    assert "988" in phone.get(after.url).content.decode()
    assert "again" in phone.get(f"{start}page/phq9.1/").url


def test_another_browser_is_never_asked_for_the_birth_date_again(made, now):
    opened(made)

    other = Client()

    assert other.get(f"/q/at/{made.link.pk}/again/").status_code == 403
    assert other.post(f"/q/at/{made.link.pk}/again/", RIGHT).status_code == 403


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/people/", ""])
def test_the_birth_date_once_more_leads_nowhere_else(made, now, back):
    phone, start = opened(made)

    assert phone.post(f"{start}again/", {**RIGHT, "back": back}).url == start


def test_a_clinic_sets_after_how_long_a_link_asks_again(made, now, at, clinic):
    clinic.ways = {"link_idle_minutes": 5}
    clinic.save()
    phone, start = opened(made)

    now.move_to(at + timedelta(minutes=6), tick=False)

    assert "again" in phone.get(f"{start}page/phq9.1/").url
