"""Persons: registered once, found, edited on record, merged without losing a row; their pages."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from overstory.clinic.audit.models import Entry
from overstory.clinic.people import actions
from overstory.clinic.people.actions import PersonDetails
from overstory.clinic.people.actions.persons import MergeError
from overstory.clinic.people.finding import doubles_of, find, likely_same
from overstory.clinic.people.models import ChannelConsent, Contact, Cover, Person
from overstory.clinic.people.permissions import Role
from tests.clinic.conftest import make_person

MAYA = PersonDetails(
    legal_name="Maya Fields", called="Maya", birth_date=date(1982, 3, 9), phone="+1 555 0123"
)


def form(site, **more) -> dict:
    return {
        "legal_name": "Nora Woods", "called": "", "birth_date": "1990-01-31", "phone": "",
        "email": "", "language": "en", "site": str(site.pk), "key": str(uuid4()), **more,
    }  # fmt: skip


def test_a_person_registered_twice_by_one_form_is_one(clinic, site, at):
    key = uuid4()

    first = actions.register_person(clinic=clinic, site=site, details=MAYA, by=None, at=at, key=key)
    second = actions.register_person(
        clinic=clinic, site=site, details=MAYA, by=None, at=at, key=key
    )

    assert first.pk == second.pk == key
    assert Entry.objects.filter(action="registered a person").count() == 1


def test_the_same_form_with_another_content_is_refused(clinic, site, other_clinic, other_site, at):
    key = uuid4()
    actions.register_person(clinic=clinic, site=site, details=MAYA, by=None, at=at, key=key)

    for where, place, said in (
        (clinic, site, PersonDetails(legal_name="Somebody Else")),
        (other_clinic, other_site, MAYA),
    ):
        with pytest.raises(actions.SentBeforeError):
            actions.register_person(clinic=where, site=place, details=said, by=None, at=at, key=key)


def test_an_edit_names_the_fields_and_not_what_they_hold(person, site, staff, at):
    changed = actions.edit_person(
        person=person,
        details=PersonDetails(legal_name="Maya Meadows", called="Maya", birth_date=person.birth_date,
                              phone="+1 555 0999", email="maya@example.org"),
        site=site, by=staff(Role.COORDINATOR), at=at,
    )  # fmt: skip

    entry = Entry.objects.get(action="edited a person")
    assert changed == ["legal_name", "phone"]
    assert entry.more == {"fields": ["legal_name", "phone"]}
    assert "Meadows" not in str(entry.more)


@pytest.mark.parametrize(
    "text",
    ["maya", "FIELDS", "fields maya", "1982-03-09", "9 Mar 1982", "03/09/1982", "09.03.1982",
     "555 0123", "(555) 0123", "5550123", "maya@example"],
)  # fmt: skip
def test_a_person_is_found_by(person, clinic, text):
    assert list(find(clinic, text)) == [person]


@pytest.mark.parametrize("text", ["zeb", "quist", "1999-01-01", "999 9999", "maya quist", "%", "_"])
def test_nobody_is_found_by(person, stranger, clinic, text):
    assert not find(clinic, text).exists()


def test_without_words_everyone_present_is_listed_by_name(person, clinic, site, at):
    other = make_person(clinic, site, legal_name="Abe Aster")
    merged = make_person(clinic, site, legal_name="Maja Fields")
    actions.merge(kept=person, other=merged, by=None, at=at)

    assert list(find(clinic, "  ")) == [other, person]


@pytest.mark.parametrize(
    ("same", "details"),
    [
        (True, {"legal_name": "Maya Fields", "birth_date": date(1982, 3, 9)}),
        (True, {"legal_name": "Máya FIELDS", "birth_date": date(1982, 3, 9)}),
        (True, {"legal_name": "Fields, Maya", "birth_date": date(1982, 3, 9)}),
        (True, {"legal_name": "Maya Feilds", "birth_date": date(1982, 3, 9)}),
        (True, {"legal_name": "Maya Ann Fields", "birth_date": date(1982, 3, 9)}),
        (True, {"legal_name": "M. Grove", "called": "Maya", "birth_date": date(1982, 3, 9)}),
        (False, {"legal_name": "Tom Oakley", "birth_date": date(1982, 3, 9)}),
        (False, {"legal_name": "Maya Fields", "birth_date": date(1982, 3, 10)}),
        (False, {"legal_name": "Maya Fields"}),
        (True, {"legal_name": "Tom Oakley", "phone": "555-0123"}),
        (True, {"legal_name": "Tom Oakley", "phone": "0015550123"}),
        (False, {"legal_name": "Tom Oakley", "phone": "0123"}),
        (True, {"legal_name": "Tom Oakley", "email": "MAYA@example.org"}),
    ],
)
def test_who_may_be_the_same(person, clinic, same, details):
    assert likely_same(clinic, PersonDetails(**details)) == ([person] if same else [])


def test_nobody_of_another_clinic_is_likely_the_same(stranger, clinic):
    details = PersonDetails(
        legal_name=stranger.legal_name, birth_date=stranger.birth_date, phone=stranger.phone
    )

    assert likely_same(clinic, details) == []


def test_merging_loses_no_row_and_is_taken_back_whole(person, clinic, site, at):
    other = make_person(clinic, site, legal_name="Maya Feilds")
    third = make_person(clinic, site, legal_name="Maja Fields")
    contact = actions.add_contact(
        person=third, kind="guardian", name="Gil", phone="", relation="", by=None, at=at
    )

    actions.merge(kept=other, other=third, by=None, at=at)
    actions.merge(kept=person, other=other, by=None, at=at)

    assert set(person.ids) == {person.pk, other.pk, third.pk}
    assert list(person.contacts_now()) == [contact]
    assert Person.objects.get(pk=third.pk).kept == person
    assert doubles_of(person) == []

    actions.unmerge(other=other, by=None, at=at)

    assert person.ids == [person.pk]
    assert set(other.ids) == {other.pk, third.pk}
    assert Person.objects.count() == 3


def test_what_cannot_be_merged(person, stranger, clinic, site, at):
    other, third = make_person(clinic, site), make_person(clinic, site)
    actions.merge(kept=person, other=other, by=None, at=at)

    for kept, again in ((person, person), (person, stranger), (third, other), (other, third)):
        with pytest.raises(MergeError):
            actions.merge(kept=kept, other=again, by=None, at=at)
    with pytest.raises(MergeError):
        actions.unmerge(other=person, by=None, at=at)


def test_a_channel_keeps_what_was_said_before(person, at):
    for given in (True, True, False):
        actions.say_channel(person=person, channel="email", is_given=given, by=None, at=at)
        at += timedelta(minutes=1)

    assert list(ChannelConsent.objects.order_by("at").values_list("is_given", flat=True)) == [
        True,
        False,
    ]
    assert person.channels_said()["email"].is_given is False
    assert "phone" not in person.channels_said()


def test_contacts_and_covers_end_and_stay(person, at):
    contact = actions.add_contact(
        person=person, kind="emergency", name="Ada", phone="1", relation="sister", by=None, at=at
    )
    again = actions.add_contact(
        person=person, kind="emergency", name="Ada", phone="1", relation="sister", by=None, at=at
    )
    cover = actions.add_cover(person=person, insurer="Mutual", member_id="X1", by=None, at=at)
    same = actions.add_cover(person=person, insurer="Mutual", member_id="X1", by=None, at=at)

    actions.end_contact(contact=contact, by=None, at=at)
    actions.end_cover(cover=cover, by=None, at=at)

    assert (contact.pk, cover.pk) == (again.pk, same.pk)
    assert not person.contacts_now().exists()
    assert not person.covers_now().exists()
    assert (Contact.objects.count(), Cover.objects.count()) == (1, 1)


def test_a_coordinator_registers_someone_and_reads_the_details(signed_in, site):
    client = signed_in(Role.COORDINATOR)

    answer = client.post(reverse("person_new"), form(site), follow=True)

    assert answer.redirect_chain[-1][0] == reverse("person_details", args=[Person.objects.get().pk])
    assert "Nora Woods" in answer.content.decode()
    assert "not asked" in answer.content.decode()


def test_a_form_sent_twice_registers_once(signed_in, site):
    client, sent = signed_in(Role.COORDINATOR), form(site)

    answers = [client.post(reverse("person_new"), sent).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert Person.objects.count() == 1


def test_someone_who_may_be_here_is_asked_about_first(signed_in, person, site):
    client = signed_in(Role.COORDINATOR)
    sent = form(site, legal_name="Maya Feilds", birth_date="1982-03-09")

    asked = client.post(reverse("person_new"), sent)
    saved = client.post(reverse("person_new"), sent | {"is_another": "on"})

    assert "Is it one of these?" in asked.content.decode()
    assert Entry.objects.filter(action="saw likely doubles", subject=f"person:{person.pk}").exists()
    assert saved.status_code == 302
    assert Person.objects.count() == 2


def test_a_person_without_a_name_is_not_saved(signed_in, site):
    answer = signed_in(Role.COORDINATOR).post(reverse("person_new"), form(site, legal_name=" "))

    assert answer.status_code == 422
    assert not Person.objects.exists()


def test_a_site_of_another_clinic_is_no_choice(signed_in, site, other_site):
    answer = signed_in(Role.COORDINATOR).post(reverse("person_new"), form(other_site))

    assert answer.status_code == 422


def test_the_page_of_a_merged_row_leads_to_the_one_that_is_kept(
    signed_in, person, clinic, site, at
):
    other = make_person(clinic, site)
    actions.merge(kept=person, other=other, by=None, at=at)

    answer = signed_in(Role.NURSE).get(reverse("person_details", args=[other.pk]))

    assert answer.url == reverse("person_details", args=[person.pk])


def test_doubles_are_merged_and_taken_back_by_forms(signed_in, person, clinic, site):
    other = make_person(clinic, site, legal_name="Maya Feilds")
    client = signed_in(Role.COORDINATOR)
    page = reverse("doubles", args=[person.pk])
    assert "Maya Feilds" in client.get(page).content.decode()

    client.post(reverse("merge", args=[person.pk, other.pk]))
    assert Person.objects.get(pk=other.pk).merged_into == person

    client.post(reverse("unmerge", args=[person.pk, other.pk]))
    assert Person.objects.get(pk=other.pk).merged_into is None


def test_details_are_changed_by_forms(signed_in, person, site):
    client = signed_in(Role.COORDINATOR)
    client.post(reverse("person_channels", args=[person.pk]), {"email": "yes", "text": "yes"})
    client.post(
        reverse("contact_add", args=[person.pk]), {"kind": "emergency", "name": "Ada Fields"}
    )
    client.post(
        reverse("cover_add", args=[person.pk]), {"insurer": "Invented Mutual", "member_id": "M-7"}
    )
    client.post(reverse("person_edit", args=[person.pk]), form(site, legal_name="Maya Meadows"))

    page = client.get(reverse("person_details", args=[person.pk])).content.decode()

    for said in ("Ada Fields", "Invented Mutual", "M-7", "Maya Meadows"):
        assert said in page


def test_nobody_is_born_unknown_and_none_years_old(signed_in, clinic, site):
    unborn = make_person(clinic, site, birth_date=None)

    page = signed_in(Role.NURSE).get(reverse("person_details", args=[unborn.pk])).content.decode()

    assert "unknown" in page
    assert "None" not in page


def test_what_was_written_is_shown_as_text(signed_in, clinic, site):
    hostile = make_person(clinic, site, legal_name="<script>alert(1)</script>")

    page = signed_in(Role.NURSE).get(reverse("person_details", args=[hostile.pk])).content.decode()

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("count", [1, 60])
def test_a_list_asks_the_same_few_queries_for_one_and_for_many(
    signed_in, clinic, site, count, django_assert_max_num_queries
):
    for number in range(count):
        make_person(clinic, site, legal_name=f"Person {number:02}")
    client = signed_in(Role.NURSE)
    client.get("/people/")

    with django_assert_max_num_queries(15) as asked:
        answer = client.get("/people/?q=person")

    assert answer.content.decode().count("<tr>") == 1 + min(count, 20)
    assert len(asked) <= 15


def test_the_second_window_holds_the_rest(signed_in, clinic, site):
    for number in range(25):
        make_person(clinic, site, legal_name=f"Person {number:02}")

    page = signed_in(Role.NURSE).get("/people/?page=2").content.decode()

    assert "Person 19" not in page
    assert "Person 24" in page


def test_a_channel_that_was_not_asked_about_stays_so(signed_in, person):
    client = signed_in(Role.COORDINATOR)

    client.post(
        reverse("person_channels", args=[person.pk]),
        {"phone": "yes", "text": "", "email": "no", "post": ""},
    )

    said = person.channels_said()
    assert {name: each.is_given for name, each in said.items()} == {"phone": True, "email": False}
    page = client.get(reverse("person_details", args=[person.pk])).content.decode()
    assert page.count(">not asked<") == 2


@pytest.mark.parametrize(
    ("legal", "called", "listed"),
    [
        ("Maya Fields", "Maya", "Maya Fields"),
        ("Maya Fields", "", "Maya Fields"),
        ("Maya Fields", "Max", "Max (Maya Fields)"),
        ("Maya Ann Fields", "ann", "Maya Ann Fields"),
    ],
)
def test_the_name_in_lists_is_whole(legal, called, listed):
    assert Person(legal_name=legal, called=called).listed_name == listed


def test_two_rows_are_compared_and_either_may_be_kept(signed_in, person, clinic, site):
    other = make_person(clinic, site, legal_name="Maya Feilds", phone="+1 555 0123 77", email="")
    client = signed_in(Role.COORDINATOR)

    page = client.get(reverse("doubles", args=[person.pk])).content.decode()
    answer = client.post(reverse("merge", args=[other.pk, person.pk]), follow=True)

    assert page.count(">differs<") == 3
    assert "+1 555 0123 77" in page
    assert "Keep the other row, Maya Feilds" in page
    assert "Merged." in answer.content.decode()
    assert Person.objects.get(pk=person.pk).merged_into == other


def test_an_old_name_finds_the_row_that_was_kept(signed_in, person, clinic, site, at):
    middle = make_person(clinic, site, legal_name="Maja Meadow", called="", email="")
    oldest = make_person(clinic, site, legal_name="Petra Quarry", called="", email="")
    actions.merge(kept=middle, other=oldest, by=None, at=at)
    actions.merge(kept=person, other=middle, by=None, at=at)

    assert list(find(clinic, "quarry")) == [person]
    page = signed_in(Role.NURSE).get("/people/?q=quarry").content.decode()
    assert "found as Petra Quarry, merged into this person" in page


@pytest.mark.parametrize("number", ["123", "unknown"])
def test_a_number_too_short_to_dial_is_no_phone_number(signed_in, site, number):
    answer = signed_in(Role.COORDINATOR).post(reverse("person_new"), form(site, phone=number))

    assert answer.status_code == 422
    assert "too short for a phone number" in answer.content.decode()


@pytest.mark.parametrize(
    "page", ["person_details", "person_edit", "doubles", "person_questionnaires"]
)
def test_pages_of_a_person_lead_to_all_others(signed_in, person, page):
    shown = signed_in(Role.MEDICAL_DIRECTOR).get(reverse(page, args=[person.pk])).content.decode()

    for name in ("person", "person_details", "person_questionnaires", "choice", "consents", "plans",
                 "appointments"):  # fmt: skip
        assert f'href="{reverse(name, args=[person.pk])}"' in shown, name
