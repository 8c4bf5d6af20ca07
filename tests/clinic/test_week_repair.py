"""A day that is repaired: proposed, accepted whole or in part, against what was seen, never by half."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overstory.clinic.audit.models import Entry
from overstory.clinic.booking.actions import NotBookableError
from overstory.clinic.booking.models import Appointment, Occupancy, Outage, Resource
from overstory.clinic.booking.occupying import TakenError, occupy
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.models import Closure, DutyLeave, Shift
from overstory.clinic.people.permissions import Role
from overstory.clinic.week.models import Repair, RepairLine, Waiting
from overstory.clinic.week.repairing import proposed
from overstory.clinic.week.repairing_actions import Accepted, RepairChangedError, accept
from tests.clinic.conftest import make_person

NOW = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
"""Monday, 08:30 in New York."""
DAY = date(2026, 11, 24)


def at(hour: float, day: date = DAY) -> datetime:
    """A time by the clock of the site, in winter."""
    return datetime(day.year, day.month, day.day, 5, tzinfo=UTC) + timedelta(hours=hour)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def devices(site):
    return [
        Resource.objects.create(site=site, kind="tms-device", name=f"TMS {n}", treatments=["tms"])
        for n in (1, 2)
    ]


@pytest.fixture
def desk(staff):
    return staff(Role.COORDINATOR, name="Cora Desk")


def plan_of(person, by, days, *, gap=20, window=0) -> CarePlan:
    """A signed plan of TMS with a session on each day; each may be so many days later."""
    sessions = [
        {"n": n, "treatment": "tms", "date": day.isoformat(), "earliest": day.isoformat(),
         "latest": (day + timedelta(days=window)).isoformat(), "min_gap_hours": gap,
         "minutes": {"prepare": 10, "treat": 20, "observe": 0, "chair": 40}, "people": [],
         "needs": [], "holds": []}
        for n, day in enumerate(days, start=1)
    ]  # fmt: skip
    return CarePlan.objects.create(
        clinic=person.clinic, person=person, course=uuid4(), treatment="tms", starts_on=days[0],
        content={"sessions": sessions, "holds": [], "before_course": [], "conditions": []}, content_sha256="0" * 64, knowledge_version="0",
        knowledge_sha256="0" * 64, drafted_by=by, drafted_at=NOW,
    )  # fmt: skip


def session(plan, resource, starts, n=1, minutes=40) -> Appointment:
    site = resource.site
    local = starts.astimezone(site.zone)
    row = Appointment.objects.create(
        id=uuid4(), clinic=site.clinic, site=site, person=plan.person, plan=plan, n=n, kind="session",
        treatment="tms", starts=starts, minutes=minutes, wall_date=local.date(),
        wall_time=local.time(), zone=site.time_zone, made_at=NOW,
    )  # fmt: skip
    occupy(appointment=row, resource=resource)
    return row


def out(resource, first=0.0, last=24.0) -> Outage:
    return Outage.objects.create(resource=resource, starts=at(first), ends=at(last), why="coil")


def chosen(found) -> frozenset:
    from uuid import UUID

    return frozenset(UUID(each.visit.id) for each in found.lines)


def do(site, by, found, some=None, key=None) -> Repair:
    return accept(
        site=site,
        accepted=Accepted(key or uuid4(), DAY, found.seen, some or chosen(found)),
        by=by,
        at=NOW,
    )


def test_who_has_a_free_device_at_the_same_time_is_not_called(site, clinic, devices, desk):
    people = [make_person(clinic, site, legal_name=f"Person {n}") for n in range(3)]
    rows = [
        session(plan_of(each, desk, [DAY]), devices[0], at(9 + n)) for n, each in enumerate(people)
    ]
    out(devices[0])

    found = proposed(site, DAY, now=NOW)
    repair = do(site, desk, found)

    assert [each.why for each in found.trouble.hits] == ["TMS 1 is out: coil"] * 3
    now = Appointment.objects.filter(state="booked").order_by("starts")
    assert [each.starts for each in now] == [each.starts for each in rows]
    assert set(Occupancy.objects.values_list("resource__name", flat=True)) == {"TMS 2"}
    assert {each.was_id for each in repair.lines.all()} == {each.pk for each in rows}
    for each in rows:
        each.refresh_from_db()
        assert each.state == "moved"  # ended, and another row stands for it
        assert each.moved_to.get().instead_of_id == each.pk


def test_what_has_no_place_says_why_and_waits(site, person, devices, desk):
    row = session(plan_of(person, desk, [DAY]), devices[0], at(9))
    for each in devices:
        out(each)

    found = proposed(site, DAY, now=NOW)
    do(site, desk, found)

    assert [each.to for each in found.lines] == [None]
    row.refresh_from_db()
    assert row.state == "cancelled"
    waits = Waiting.objects.get()
    assert (waits.kind, waits.appointment_id, waits.n, waits.person) == ("lost", row.pk, 1, person)
    assert "The plan has it on Tue 24 Nov" in waits.reason
    assert not Occupancy.objects.exists()


def test_another_day_is_taken_where_the_plan_allows_it_and_the_gap_is_kept(
    site, person, devices, desk
):
    thursday = DAY + timedelta(days=2)  # Thanksgiving: closed
    plan = plan_of(person, desk, [DAY, DAY + timedelta(days=3)], gap=72, window=1)
    row = session(plan, devices[0], at(9))
    later = session(plan, devices[1], at(9, DAY + timedelta(days=4)), n=2)
    for each in devices:
        out(each)

    found = proposed(site, DAY, now=NOW)

    assert thursday.weekday() == 3
    to = found.lines[0].to
    assert to.starts.date() == DAY + timedelta(days=1)
    assert to.starts <= later.starts - timedelta(hours=72)
    do(site, desk, found)
    row.refresh_from_db()
    assert row.moved_to.get().wall_date == DAY + timedelta(days=1)


def test_an_old_proposal_changes_nothing(site, clinic, person, devices, desk):
    session(plan_of(person, desk, [DAY]), devices[0], at(9))
    out(devices[0])
    found = proposed(site, DAY, now=NOW)
    other = make_person(clinic, site, legal_name="Otto Quick")
    session(plan_of(other, desk, [DAY]), devices[1], at(9))
    before = list(Appointment.objects.values_list("pk", "state"))

    with pytest.raises(RepairChangedError):
        do(site, desk, found)

    assert list(Appointment.objects.values_list("pk", "state")) == before
    assert not Repair.objects.exists()


def test_a_form_sent_twice_is_one_repair_and_part_of_it_can_be_chosen(site, clinic, devices, desk):
    people = [make_person(clinic, site, legal_name=f"Person {n}") for n in range(2)]
    rows = [
        session(plan_of(each, desk, [DAY]), devices[0], at(9 + n)) for n, each in enumerate(people)
    ]
    out(devices[0])
    found, key = proposed(site, DAY, now=NOW), uuid4()

    first = do(site, desk, found, frozenset({rows[1].pk}), key)
    again = do(site, desk, found, frozenset({rows[1].pk}), key)

    assert first == again
    assert RepairLine.objects.get().was == rows[1]
    assert proposed(site, DAY, now=NOW).trouble.hits[0].coming.id == rows[0].pk


def test_a_day_that_closes_sends_all_to_other_days_or_the_list(site, person, devices, desk):
    session(plan_of(person, desk, [DAY], window=1), devices[0], at(9))
    Closure.objects.create(site=site, first_day=DAY, last_day=DAY, why="water damage")

    found = proposed(site, DAY, now=NOW)

    assert found.lines[0].to.starts == at(9, DAY + timedelta(days=1))


def test_a_clinician_on_leave_is_met_where_they_are_there(site, person, staff, desk):
    from overstory.clinic.booking.actions import resource_of

    doctor = staff(Role.PSYCHIATRIST, name="Dr. Ada Reed")
    for day in (DAY, DAY + timedelta(days=1)):
        Shift.objects.create(staff=doctor, site=site, starts=at(9, day), ends=at(12, day))
    row = Appointment.objects.create(
        id=uuid4(), clinic=site.clinic, site=site, person=person, kind="evaluation", clinician=doctor,
        starts=at(10), minutes=60, wall_date=DAY, wall_time=at(10).time(), zone=site.time_zone,
        made_at=NOW,
    )  # fmt: skip
    occupy(appointment=row, resource=resource_of(doctor, site))
    DutyLeave.objects.create(staff=doctor, starts=at(0), ends=at(24))

    found = proposed(site, DAY, now=NOW)
    do(site, desk, found)

    assert [each.why for each in found.trouble.hits] == ["Dr. Ada Reed is on leave"]
    row.refresh_from_db()
    assert row.moved_to.get().starts == at(10, DAY + timedelta(days=1))


@pytest.mark.django_db(transaction=True)
def test_of_two_coordinators_at_once_one_repairs_the_day(site, clinic, devices, staff):
    desks = [staff(Role.COORDINATOR), staff(Role.COORDINATOR)]
    people = [make_person(clinic, site, legal_name=f"Person {n}") for n in range(4)]
    for n, each in enumerate(people):
        session(plan_of(each, desks[0], [DAY]), devices[0], at(9 + n))
    out(devices[0])
    found = proposed(site, DAY, now=NOW)
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def press(by) -> None:
        try:
            ready.wait(timeout=20)
            do(site, by, found)
            outcomes.append("repaired")
        except (RepairChangedError, NotBookableError, TakenError):
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(each,)) for each in desks]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)

    assert sorted(outcomes) == ["refused", "repaired"]
    assert Appointment.objects.filter(state="booked").count() == 4
    assert Repair.objects.count() == 1


DAYS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 50), st.integers(0, 3), st.booleans()),
    min_size=1,
    max_size=9,
)
OUTS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(8, 17), st.integers(1, 9)), min_size=1, max_size=3
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(wanted=DAYS, outs=OUTS)
def test_after_any_repair_nobody_is_double_booked_and_every_plan_is_kept(
    clinic, site, desk, wanted, outs
):
    with transaction.atomic():
        a_day_goes_wrong(clinic, site, desk, wanted, outs)

        found = proposed(site, DAY, now=NOW)
        if found.lines:
            do(site, desk, found)

        for each in Appointment.objects.filter(state="booked").select_related("plan"):
            one = each.plan.content["sessions"][each.n - 1]
            assert one["earliest"] <= each.wall_date.isoformat() <= one["latest"]
            for other in each.plan.appointments.filter(state="booked").exclude(pk=each.pk):
                assert abs(each.starts - other.starts) >= timedelta(hours=one["min_gap_hours"])
            assert each.occupancies.count() == 8
        assert not proposed(site, DAY, now=NOW).trouble.hits
        lost = Appointment.objects.filter(state="cancelled").count()
        assert lost == Waiting.objects.count()
        transaction.set_rollback(True)


def a_day_goes_wrong(clinic, site, desk, wanted, outs) -> None:
    """Book what fits on two devices, each of which is then out for some hours."""
    devices = [
        Resource.objects.create(site=site, kind="tms-device", name=f"TMS {uuid4()}") for _ in "ab"
    ]
    for which, step, window, daily in wanted:
        days = [DAY, DAY + timedelta(days=1)] if daily else [DAY]
        plan = plan_of(make_person(clinic, site), desk, days, window=window)
        for n, day in enumerate(days, start=1):
            with contextlib.suppress(TakenError), transaction.atomic():
                session(plan, devices[which], at(8 + step / 6, day), n=n)
    for which, first, long in outs:
        out(devices[which], first, first + long)


def test_the_page_shows_it_and_accepts_it(site, person, devices, desk, signed_in):
    session(plan_of(person, desk, [DAY]), devices[0], at(9))
    client, page = signed_in(Role.TECHNICIAN), f"/calendar/repair/?site={site.slug}&day={DAY}"
    sent = {"id": str(uuid4()), "resource": devices[0].pk, "day": str(DAY), "starts_at": "08:00",
            "ends_at": "18:00", "why": "coil broke"}  # fmt: skip

    told = client.post(f"/calendar/out/?site={site.slug}", sent)
    shown = client.get(told.url)
    form = {"seen": shown.context["seen"], "key": str(shown.context["key"]),
            "line": [each.id for each in shown.context["lines"]]}  # fmt: skip
    old = client.post(page, form | {"seen": "0" * 64})
    done = client.post(page, form, follow=True)

    assert told.url == page
    assert "TMS 1 is out: coil broke: 1 appointment" in shown.content.decode()
    assert "same time" in shown.content.decode()
    assert old.status_code == 409
    assert "Nothing was moved." in old.content.decode()
    assert "Nobody has to be called: every time stayed." in done.content.decode()
    assert Entry.objects.filter(action="repaired a day").count() == 1


def test_a_site_of_another_clinic_is_not_repaired(
    site, person, devices, desk, other_site, signed_in
):
    session(plan_of(person, desk, [DAY]), devices[0], at(9))
    out(devices[0])
    client = signed_in(Role.COORDINATOR, of=other_site.clinic)

    page = client.get(f"/calendar/repair/?site={site.slug}&day={DAY}")

    assert b"Maya" not in page.content
    assert page.context["site"] == other_site
