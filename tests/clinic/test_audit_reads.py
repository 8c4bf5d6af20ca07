"""Reads are on record before a page leaves: many in one commit, none without its entry, no page without it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test import Client

from overstory.clinic.audit import reading
from overstory.clinic.audit.models import Entry
from overstory.clinic.audit.reading import ReadNotRecordedError, Writer
from overstory.clinic.audit.record import Deed, record_all
from overstory.clinic.audit.verifying import verify
from overstory.clinic.people.permissions import Role
from tests.clinic.conftest import make_person

THREADS = 20
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shared_commits(settings):
    settings.AUDIT_READS_SHARE_A_COMMIT = True
    yield
    reading._WRITER.close()


def test_twenty_readers_at_once_leave_one_entry_for_each_page(clinic, site, signed_in):
    persons = [make_person(clinic, site, legal_name=f"Person {n}") for n in range(THREADS)]
    clients = [signed_in(Role.NURSE) for _ in persons]
    together = threading.Barrier(THREADS)

    def read(n):
        together.wait()
        try:
            return [
                clients[n].get(f"/people/{persons[n].pk}/details/").status_code for _ in range(3)
            ]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(read, range(THREADS)))

    assert answers == [[200, 200, 200]] * THREADS
    for person in persons:
        seen = Entry.objects.filter(action="saw person_details", subject=f"person:{person.pk}")
        assert seen.count() == 3
    found = verify(clinic.pk)
    assert found.holds
    assert found.entries == 3 * THREADS


def test_a_page_whose_read_cannot_be_recorded_does_not_leave(person, signed_in):
    client = signed_in(Role.NURSE)
    client.raise_request_exception = False
    page = f"/people/{person.pk}/details/"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry RENAME TO audit_entry_away")
    try:
        refused = client.get(page)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_entry_away RENAME TO audit_entry")

    assert refused.status_code == 500
    assert b"Maya" not in refused.content
    assert client.get(page).status_code == 200
    assert Entry.objects.filter(action="saw person_details").count() == 1


def test_one_request_that_cannot_be_recorded_does_not_take_others_with_it(clinic, at):
    writer = Writer()
    good = [Deed(clinic.pk, at, "staff:a", f"saw {n}") for n in range(5)]
    bad = Deed(clinic.pk, at, "staff:b", "saw", more={"odd": object()})
    done = {n: reading.Future() for n in range(6)}
    batch = [([deed], done[n]) for n, deed in enumerate([*good, bad])]
    for each in done.values():
        each.set_running_or_notify_cancel()

    writer._keep(batch)

    assert [done[n].exception() for n in range(5)] == [None] * 5
    assert isinstance(done[5].exception(), TypeError)
    assert Entry.objects.filter(clinic=clinic.pk).count() == 5
    assert verify(clinic.pk).holds


def test_a_write_that_takes_too_long_is_refused_and_not_made_later(clinic, at, monkeypatch):
    writer = Writer()
    monkeypatch.setattr(reading, "LONGEST_WAIT_S", 0.05)
    monkeypatch.setattr(writer, "_start", lambda: None)

    with pytest.raises(ReadNotRecordedError):
        writer.write([Deed(clinic.pk, at, "staff:a", "saw late")])

    monkeypatch.undo()
    writer.write([Deed(clinic.pk, at, "staff:a", "saw in time")])
    writer.close()
    assert list(Entry.objects.values_list("action", flat=True)) == ["saw in time"]


def test_a_writer_whose_connection_was_cut_records_the_next_read(clinic, at):
    writer = Writer()
    writer.write([Deed(clinic.pk, at, "staff:a", "saw 1")])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )

    writer.write([Deed(clinic.pk, at, "staff:a", "saw 2")])

    writer.close()
    assert Entry.objects.count() == 2
    assert verify(clinic.pk).holds


def test_a_closed_writer_begins_again(clinic, at):
    writer = Writer()
    for n in range(3):
        writer.write([Deed(clinic.pk, at, "staff:a", f"saw {n}")])
        writer.close()

    assert Entry.objects.count() == 3


def test_what_a_database_gives_back_has_the_hash_of_what_was_recorded(clinic, at):
    odd = {
        "é": "ü",
        "n": 1.5,
        "list": (1, 2),
        "keys": {2: "b", 10: "a"},
        "none": None,
        "big": 10**12,
    }
    record_all([Deed(clinic.pk, at, "staff:a", "did", more=odd)])

    assert verify(clinic.pk).holds


FORKED = """
    import os, sys, threading
    from datetime import UTC, datetime
    from uuid import UUID
    from overstory.clinic.config.opening import make_tables, open_clinic
    open_clinic(make=True)
    make_tables()
    from django.db import connections
    from overstory.clinic.audit import reading
    from overstory.clinic.audit.record import Deed
    from overstory.clinic.audit.verifying import verify
    clinic = UUID(int=7)
    def saw(who):
        reading._WRITER.write([Deed(clinic, datetime.now(UTC), who, "saw")])
    saw("staff:parent")
    connections.close_all()
    child = os.fork()
    if child == 0:
        saw("staff:child")
        reading._WRITER.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    saw("staff:parent")
    reading._WRITER.close()
    found = verify(clinic)
    print(found.entries, found.holds)
"""


def test_a_forked_process_records_with_a_writer_of_its_own(tmp_path):
    env = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FORKED)],
        env={**env, "OVERSTORY_HOME": str(tmp_path)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.stdout.strip() == "3 True", done.stderr


def test_a_form_that_is_shown_again_was_seen(person, signed_in):
    client = signed_in(Role.COORDINATOR)

    answer = client.post(f"/people/{person.pk}/details/contacts/", {"kind": "nobody"})

    assert answer.status_code == 422
    assert Entry.objects.filter(action="saw contact_add", subject=f"person:{person.pk}").exists()


def test_a_list_names_all_whom_it_shows_in_one_entry(person, clinic, site, signed_in):
    second = make_person(clinic, site, legal_name="Nora Woods")

    signed_in(Role.NURSE).get("/people/")

    entry = Entry.objects.get(action="saw people")
    assert entry.subject == ""
    assert entry.more == {"subjects": [f"person:{person.pk}", f"person:{second.pk}"]}


def test_a_refused_page_was_not_seen(stranger, signed_in, clinic):
    answer = signed_in(Role.NURSE).get(f"/people/{stranger.pk}/details/")

    assert answer.status_code == 404
    assert not Entry.objects.filter(action__startswith="saw").exists()


def test_a_stranger_leaves_no_entry(person):
    assert Client().get(f"/people/{person.pk}/details/").status_code == 302
    assert not Entry.objects.exists()
