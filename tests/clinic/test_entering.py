"""Who a session belongs to is kept for a moment, and never longer than what they may do stands."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from overstory.clinic.audit.record import Deed, record_all
from overstory.clinic.config import settings as as_served
from overstory.clinic.people import entering
from overstory.clinic.people.actions import staff as actions
from overstory.clinic.people.models import Staff, StaffRole
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety import watch

ENTRANCE = entering.StaffBackend()


@pytest.fixture(autouse=True)
def kept(settings):
    settings.WATCH_READ_AGAIN_S = 60
    for each in (entering._KEPT, watch._KEPT):
        each.clear()
    yield entering._KEPT
    for each in (entering._KEPT, watch._KEPT):
        each.clear()


@pytest.fixture
def nurse(clinic, staff, at):
    made = staff(Role.NURSE)
    record_all([Deed(clinic.pk, at, "system", "began")])
    return made


def entered(who: Staff) -> tuple[Staff | None, int]:
    with CaptureQueriesContext(connection) as found:
        known = ENTRANCE.get_user(who.pk)
    return known, len(found)


def test_who_was_read_is_read_again_by_one_small_question(nurse):
    first, _ = entered(nurse)
    again, asked = entered(nurse)

    assert asked == 1
    assert again is not first
    assert (again.pk, again.clinic.name, again.role_names) == (
        nurse.pk, "Fern Clinic", {"nurse"}
    )  # fmt: skip


def test_what_a_page_hangs_on_its_reader_is_not_the_next_ones(nurse):
    entered(nurse)
    first, _ = entered(nurse)
    first.called, first.clinic.ways["evaluation_minutes"] = "Somebody else", 5
    first.clinic.__dict__["_in_force"] = "kept"

    again, _ = entered(nurse)

    assert (again.called, again.clinic.ways) == (nurse.called, {})
    assert "_in_force" not in again.clinic.__dict__


def test_a_role_that_was_taken_away_is_gone_at_once(nurse, staff, signed_in):
    manager, client = staff(Role.MANAGER), signed_in(who=nurse)
    assert [client.get("/requests/").status_code for _ in range(2)] == [200, 200]

    actions.end_role(staff=nurse, role=Role.NURSE, by=manager, at=timezone.now())

    assert client.get("/requests/").status_code == 404


def test_who_left_is_out_at_once(nurse, staff, signed_in):
    manager, client = staff(Role.MANAGER), signed_in(who=nurse)
    client.get("/requests/")

    actions.deactivate(staff=nurse, by=manager, at=timezone.now())

    assert client.get("/requests/").status_code == 302
    assert entered(nurse)[0] is None


def test_what_was_written_without_a_record_counts_after_a_second(nurse, settings):
    settings.WATCH_READ_AGAIN_S = as_served.WATCH_READ_AGAIN_S
    entered(nurse)
    StaffRole.objects.filter(staff=nurse).update(role="auditor")
    kept = entering._KEPT[nurse.pk]
    entering._KEPT[nurse.pk] = replace(kept, until=kept.until - settings.WATCH_READ_AGAIN_S)

    known, _ = entered(nurse)

    assert settings.WATCH_READ_AGAIN_S <= 1
    assert known.role_names == {"auditor"}


def test_nobody_is_nobody(nurse):
    assert ENTRANCE.get_user(uuid4()) is None
