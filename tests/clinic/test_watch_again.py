"""The watch of pages reads its rows again when, and only when, something was done since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from overstory.clinic.audit.record import Deed, record_all
from overstory.clinic.config import settings as as_served
from overstory.clinic.people.actions import times
from overstory.clinic.people.models import DutyLeave, OnCall, Staff
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety import watch
from overstory.clinic.safety.actions import Told
from overstory.clinic.safety.models import WorkerBeat
from tests.clinic.test_alerts import make


@pytest.fixture(autouse=True)
def kept(settings):
    settings.WATCH_READ_AGAIN_S = 10
    watch._KEPT.clear()
    yield watch._KEPT
    watch._KEPT.clear()


@pytest.fixture
def begun(clinic, at):
    """A clinic with an entry on record."""
    record_all([Deed(clinic.pk, at, "system", "began")])


def asked(clinic, now):
    with CaptureQueriesContext(connection) as found:
        seen = watch.look_again(clinic, now)
    return seen, len(found)


def test_what_nobody_changed_is_not_read_again(begun, clinic, at):
    first, many = asked(clinic, at)

    again, few = asked(clinic, at + timedelta(seconds=2))

    assert (many > 1, few) == (True, 1)
    assert again.dues == watch.look(clinic, at + timedelta(seconds=2)).dues
    assert first.nobody_on_call


def test_reads_change_nothing(begun, clinic, at):
    asked(clinic, at)
    record_all([Deed(clinic.pk, at, "staff:x", "saw person")], are_reads=True)

    assert asked(clinic, at + timedelta(seconds=1))[1] == 1


def test_an_alert_raised_in_another_process_is_seen_at_once(begun, clinic, site, person, at):
    before, _ = asked(clinic, at)

    make(site, person, at)
    after, _ = asked(clinic, at + timedelta(seconds=1))

    assert (len(before.open), len(after.open)) == (0, 1)


def test_who_goes_on_call_is_seen_at_once(begun, clinic, staff, at):
    doctor = staff(Role.PSYCHIATRIST)
    Staff.objects.filter(pk=doctor.pk).update(phone="+1 555 0199")
    doctor.refresh_from_db()
    before, _ = asked(clinic, at)

    times.add_on_call(
        key=uuid4(), staff=doctor, starts=at, ends=at + timedelta(hours=8), rung=1, by=doctor, at=at
    )
    after, _ = asked(clinic, at + timedelta(seconds=1))

    assert (before.nobody_on_call, after.nobody_on_call) == (True, False)


def test_a_duty_begins_while_the_rows_are_kept(begun, clinic, staff, at):
    soon = at + timedelta(seconds=5)
    OnCall.objects.create(
        clinic=clinic, staff=staff(Role.PSYCHIATRIST), rung=1, starts=soon,
        ends=soon + timedelta(hours=8),
    )  # fmt: skip

    found = [asked(clinic, at + timedelta(seconds=n)) for n in (0, 4, 5)]

    assert [seen.nobody_on_call for seen, _ in found] == [True, True, False]
    assert found[2][1] == 1


def test_a_row_written_without_a_record_is_seen_after_a_second(begun, clinic, staff, at, settings):
    settings.WATCH_READ_AGAIN_S = as_served.WATCH_READ_AGAIN_S
    asked(clinic, at)
    OnCall.objects.create(
        clinic=clinic, staff=staff(Role.PSYCHIATRIST), rung=1, starts=at,
        ends=at + timedelta(hours=8),
    )  # fmt: skip

    late, queries = asked(clinic, at + timedelta(seconds=1))

    assert queries > 1
    assert not late.nobody_on_call


def test_the_pulse_of_the_worker_is_never_an_old_one(begun, clinic, at):
    before, _ = asked(clinic, at)

    WorkerBeat.objects.create(worker="w", at=at)
    after, _ = asked(clinic, at + timedelta(seconds=1))

    assert (before.is_silent, after.is_silent) == (True, False)


def test_silence_begins_while_the_rows_are_kept(begun, clinic, at):
    WorkerBeat.objects.create(worker="w", at=at - timedelta(seconds=118))

    lives, silent = (asked(clinic, at + timedelta(seconds=n))[0] for n in (0, 3))

    # silent after two minutes without a beat (the clinic's setting)
    assert (lives.is_silent, silent.is_silent) == (False, True)


def test_a_beat_of_a_clock_that_ran_ahead_hides_no_silence(begun, clinic, at):
    WorkerBeat.objects.create(worker="ahead", at=at + timedelta(hours=1))
    alone, _ = asked(clinic, at)
    by_worker = watch.look(clinic, at)

    WorkerBeat.objects.create(worker="lives", at=at)
    beside, _ = asked(clinic, at)

    assert (alone.is_silent, by_worker.is_silent, beside.is_silent) == (True, True, False)


def test_leave_that_begins_while_the_rows_are_kept_takes_the_last_one_off_call(
    begun, clinic, staff, at
):
    doctor, soon = staff(Role.PSYCHIATRIST), at + timedelta(seconds=5)
    OnCall.objects.create(
        clinic=clinic, staff=doctor, rung=1, starts=at, ends=at + timedelta(hours=8)
    )
    DutyLeave.objects.create(staff=doctor, starts=soon, ends=at + timedelta(hours=8))

    found = [asked(clinic, at + timedelta(seconds=n))[0].nobody_on_call for n in (0, 4, 5)]

    assert found == [False, False, True]


def test_midnight_passes_while_the_rows_are_kept(begun, clinic, site, person, staff, at):
    midnight = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    before = midnight - timedelta(seconds=4)
    made = {"kind": "item-9", "tier": "unscreened", "told": Told(item_9=1)}
    make(site, person, midnight - timedelta(hours=9), **made)

    late = [
        any(
            due.overdue for due in asked(clinic, before + timedelta(seconds=n))[0].dues if due.alert
        )
        for n in (0, 5)
    ]

    assert late == [False, True]


def test_one_clinic_is_not_told_of_another(begun, clinic, site, person, other_clinic, at):
    record_all([Deed(other_clinic.pk, at, "system", "began")])
    make(site, person, at)

    here, there = (asked(each, at)[0] for each in (clinic, other_clinic))

    assert (len(here.open), len(there.open)) == (1, 0)
