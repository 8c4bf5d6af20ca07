"""The auditor's page: who saw and did what, by person, by staff, by kind; and whether the record holds."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection

from overstory.clinic.audit.models import Entry
from overstory.clinic.audit.record import Deed, record_all
from overstory.clinic.people import actions
from overstory.clinic.people.permissions import Role
from tests.clinic.conftest import make_person


@pytest.fixture
def told(clinic, person, staff, at):
    """Ada saw Maya alone and in a list, edited a site; Ben signed in."""
    ada, ben = staff(Role.NURSE, name="Ada Reed"), staff(Role.MANAGER, name="Ben Stone")
    maya = f"person:{person.pk}"
    record_all(
        [
            Deed(clinic.pk, at, ada.actor, "saw person", maya),
            Deed(
                clinic.pk,
                at,
                ada.actor,
                "saw people",
                "",
                {"subjects": [maya, f"person:{uuid4()}"]},
            ),
            Deed(
                clinic.pk, at, ada.actor, "edited a site", f"site:{uuid4()}", {"fields": ["phone"]}
            ),
            Deed(clinic.pk, at, ben.actor, "signed in", ben.actor),
        ]
    )
    return ada, ben


def shown(client, **asked) -> str:
    answer = client.get("/audit/", asked)
    assert answer.status_code == 200
    return answer.content.decode()


def rows(page: str) -> int:
    return page.count('<td class="number"')


def test_the_newest_entry_stands_first_with_names_for_ids(signed_in, told):
    page = shown(signed_in(Role.AUDITOR))

    assert rows(page) == 4
    assert page.index("signed in</td>") < page.index("edited a site")
    assert "Ada Reed" in page
    assert "Maya Fields" in page


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"kind": "reads"}, 2),
        ({"kind": "changes"}, 1),
        ({"kind": "sign-ins"}, 1),
        ({"kind": "all"}, 4),
        ({"person": "maya"}, 2),
        ({"person": "1982-03-09"}, 2),
        ({"person": "nobody-here"}, 0),
        ({"person": "maya", "kind": "changes"}, 0),
    ],
)
def test_the_record_is_looked_through_by(signed_in, told, asked, count):
    assert rows(shown(signed_in(Role.AUDITOR), **asked)) == count


def test_the_record_is_looked_through_by_staff_and_by_id(signed_in, told, person):
    client = signed_in(Role.AUDITOR)

    assert rows(shown(client, staff=told[0].pk)) == 3
    assert rows(shown(client, person=str(person.pk))) == 3  # and the look at the page before


def test_a_person_merged_is_found_under_the_one_who_is_kept(
    signed_in, told, person, clinic, site, at
):
    other = make_person(clinic, site, legal_name="Otto Other", birth_date=None, phone="", email="")
    record_all([Deed(clinic.pk, at, "system", "saw other", f"person:{other.pk}")])
    actions.merge(kept=person, other=other, by=None, at=at)

    assert "saw other" in shown(signed_in(Role.AUDITOR), person="maya")


@pytest.mark.parametrize(
    "asked", [{"kind": "drop table"}, {"staff": str(uuid4())}, {"staff": "1' or 1"}]
)
def test_what_is_no_choice_is_refused(signed_in, told, asked):
    assert signed_in(Role.AUDITOR).get("/audit/", asked).status_code == 422


def test_entries_of_another_clinic_are_not_there(signed_in, told, other_clinic, stranger, at):
    record_all([Deed(other_clinic.pk, at, "system", "saw elsewhere", f"person:{stranger.pk}")])

    page = shown(signed_in(Role.AUDITOR))
    by_id = shown(signed_in(Role.AUDITOR), person=str(stranger.pk))

    assert "saw elsewhere" not in page + by_id
    assert "Quist" not in page + by_id


def test_looking_at_the_record_is_on_record(signed_in, told, person):
    shown(signed_in(Role.AUDITOR))

    assert Entry.objects.filter(action="saw audit", subject=f"person:{person.pk}").exists()


def test_a_button_says_whether_the_record_holds(signed_in, told):
    client = signed_in(Role.AUDITOR)
    assert "The record holds" in client.post("/audit/verify/").content.decode()

    with connection.cursor() as cursor:
        drop = "DROP TRIGGER audit_entry_no_UPDATE"
        if connection.vendor == "postgresql":
            drop = "DROP TRIGGER audit_entry_no_change ON audit_entry"
        cursor.execute(drop)
        cursor.execute("UPDATE audit_entry SET action = 'saw nothing' WHERE seq = 2")

    page = client.post("/audit/verify/").content.decode()
    assert "The record does not hold" in page
    assert "Entry 2 was changed" in page


def test_the_record_is_shown_in_windows_with_few_queries(
    signed_in, clinic, at, django_assert_max_num_queries
):
    record_all(Deed(clinic.pk, at, "system", f"did {n:03}") for n in range(120))
    client = signed_in(Role.AUDITOR)
    client.get("/audit/")

    with django_assert_max_num_queries(15):
        page = shown(client)

    assert rows(page) == 50
    assert "did 119" in page
    assert "did 000" in shown(client, page="3")
