"""The foundation holds: sealed columns, the chained record, doors that ask."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import URLPattern, get_resolver

from overstory.clinic.audit.models import Entry
from overstory.clinic.audit.record import Deed, record, record_all
from overstory.clinic.audit.verifying import verify
from overstory.clinic.config.sealed import SealBrokenError
from overstory.clinic.people.doors import door_of
from overstory.clinic.people.models import Cover
from overstory.clinic.people.permissions import Role


def test_a_sealed_column_is_read_back_and_nowhere_in_the_database(person, at):
    cover = Cover.objects.create(
        person=person, insurer="Invented Mutual", member_id="XK-4471", since=at
    )

    assert Cover.objects.get(pk=cover.pk).member_id == "XK-4471"
    with connection.cursor() as cursor:
        cursor.execute("SELECT member_id FROM people_cover")
        assert b"XK-4471" not in bytes(cursor.fetchone()[0])


def test_a_sealed_column_moved_to_another_row_does_not_open(person, at):
    first = Cover.objects.create(person=person, insurer="A", member_id="one", since=at)
    second = Cover.objects.create(person=person, insurer="B", member_id="two", since=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT member_id FROM people_cover WHERE insurer='A'")
        cursor.execute(
            "UPDATE people_cover SET member_id = %s WHERE insurer='B'", [cursor.fetchone()[0]]
        )

    with pytest.raises(SealBrokenError):
        str(Cover.objects.get(pk=second.pk).member_id)
    assert Cover.objects.get(pk=first.pk).member_id == "one"


def test_a_chain_holds_until_an_entry_is_changed(clinic, at):
    record_all(Deed(clinic.pk, at, "system", f"did {n}") for n in range(3))
    assert verify(clinic.pk).holds

    with connection.cursor() as cursor:
        drop = "DROP TRIGGER audit_entry_no_UPDATE"
        if connection.vendor == "postgresql":
            drop = "DROP TRIGGER audit_entry_no_change ON audit_entry"
        cursor.execute(drop)
        cursor.execute("UPDATE audit_entry SET actor = 'staff:x' WHERE seq = 2")

    assert verify(clinic.pk).wrong == "entry 2 was changed"


def test_the_database_refuses_to_change_an_entry(clinic, at):
    record_all([Deed(clinic.pk, at, "system", "did")])

    with pytest.raises(DatabaseError, match="only ever longer"), transaction.atomic():
        Entry.objects.filter(clinic=clinic.pk).update(actor="nobody")


def test_a_cut_tail_shows_against_the_head(clinic, at):
    record_all(Deed(clinic.pk, at, "system", f"did {n}") for n in range(3))

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER audit_entry_no_change ON audit_entry")
        cursor.execute("DELETE FROM audit_entry WHERE seq = 3")

    assert verify(clinic.pk).wrong == "the record ends at 2, not at 3"


@pytest.mark.django_db(transaction=True)
def test_a_deed_without_a_transaction_is_refused(clinic, at):
    with pytest.raises(RuntimeError):
        record(Deed(clinic.pk, at, "system", "did"))


def test_every_page_says_who_may_enter():
    def patterns(found, before=""):
        for each in found:
            if isinstance(each, URLPattern):
                yield before, each
            else:
                yield from patterns(each.url_patterns, before)

    for _, each in patterns(get_resolver().url_patterns):
        assert door_of(each.name, each.callback)


def test_a_stranger_is_sent_to_sign_in(client, db):
    answer = client.get("/")

    assert answer.status_code == 302
    assert answer.url == "/sign-in/?next=/"


def test_staff_without_a_second_factor_are_sent_to_get_one(client, staff):
    client.force_login(staff(Role.NURSE))

    assert client.get("/").url == "/account/second-factor/"


def test_staff_arrive_in_their_clinic(signed_in):
    assert "Fern Clinic" in signed_in(Role.NURSE).get("/").content.decode()
