"""The waiting list: who lost a place or would come sooner, and who could have a time that is free."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from overstory.clinic.booking import actions as booking
from overstory.clinic.booking.models import Appointment, Occupancy, Outage, Resource
from overstory.clinic.people.models import Shift
from overstory.clinic.people.permissions import Role
from overstory.clinic.week import waiting_actions as actions
from overstory.clinic.week.models import Waiting
from overstory.clinic.week.sooner import could_come
from overstory.clinic.week.waiting import open_waitings
from tests.clinic.conftest import make_person, make_site
from tests.clinic.test_queries import asked
from tests.clinic.test_week_repair import at, plan_of, session

NOW = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
"""Monday, 08:30 in New York."""
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def device(site):
    return Resource.objects.create(site=site, kind="tms-device", name="TMS 1", treatments=["tms"])


@pytest.fixture
def by(staff):
    return staff(Role.COORDINATOR, name="Cora Desk")


@pytest.fixture
def signed(by, adopted):
    """Make a signed plan of someone with a session on each day."""

    def make(person, days, **more):
        plan = plan_of(person, by, days, **more)
        plan.adoption, plan.signed_by, plan.signed_at = adopted, by, NOW
        plan.save()
        return plan

    return make


@pytest.fixture
def adopted(clinic, staff):
    from tests.clinic.knowing import adopt_running

    adopt_running(clinic, staff(Role.MEDICAL_DIRECTOR), NOW - timedelta(days=1))
    return clinic.adoptions.get()


def wish(row, by, urgency="soon", hours=0) -> Waiting:
    asked = actions.Wish(uuid4(), urgency, "work begins on Thursday")
    return actions.wish_sooner(appointment=row, wish=asked, by=by, at=NOW - timedelta(hours=hours))


def given_up(plan, device, by, starts, n=1) -> Appointment:
    row = session(plan, device, starts, n=n)
    return booking.cancel(appointment=row, state="cancelled", by=by, at=NOW)


def test_who_could_come_keeps_window_gap_and_kind(site, clinic, device, by, signed):
    early = [TUESDAY]

    def someone(name, *, days, window=0, gap=20, hour=9):
        plan = signed(make_person(clinic, site, legal_name=name), days, window=window, gap=gap)
        return session(plan, device, at(hour, WEDNESDAY), n=len(days))

    wish(someone("Ada Fits", days=early, window=1), by)
    wish(someone("Bo Outside", days=[WEDNESDAY], hour=10), by)
    near = signed(make_person(clinic, site, legal_name="Cy Near"), [date(2026, 11, 23), TUESDAY],
                  window=1, gap=20)  # fmt: skip
    session(near, device, at(17, date(2026, 11, 23)), n=1)
    wish(session(near, device, at(15, WEDNESDAY), n=2), by)
    freed = given_up(
        signed(make_person(clinic, site, legal_name="Zoe"), early), device, by, at(9, TUESDAY)
    )

    could = could_come(freed, site, now=NOW)

    assert [each.coming.name for each in could] == ["Ada Fits"]  # Cy would have 16 hours, of 20
    assert could[0].spot.starts == freed.starts
    assert could[0].sooner == timedelta(days=1)


def test_the_most_urgent_come_first_then_who_waits_longest(site, clinic, device, by, signed):
    for n, (urgency, hours) in enumerate([("routine", 9), ("urgent", 1), ("soon", 2), ("soon", 5)]):
        plan = signed(make_person(clinic, site, legal_name=f"Person {n}"), [TUESDAY], window=1)
        wish(session(plan, device, at(9 + n, WEDNESDAY)), by, urgency, hours)

    names = [each.person.legal_name for each in open_waitings(clinic, now=NOW)]

    assert names == ["Person 1", "Person 3", "Person 2", "Person 0"]


def test_one_press_moves_the_one_who_waits(site, clinic, person, device, by, signed, signed_in):
    row = session(signed(person, [TUESDAY], window=1), device, at(9, WEDNESDAY))
    wait = wish(row, by)
    other = signed(make_person(clinic, site, legal_name="Zoe Zest"), [TUESDAY])
    mine = session(other, device, at(10, TUESDAY))
    client = signed_in(Role.COORDINATOR)

    ended = client.post(reverse("appointment_end", args=(mine.pk, "cancelled")), follow=True)
    assert f'href="{reverse("freed", args=(mine.pk,))}"' in ended.content.decode()
    page = client.get(reverse("freed", args=(mine.pk,)))
    form = {"waiting": str(wait.pk), "at": at(10, TUESDAY).isoformat()}
    late = client.post(reverse("freed", args=(mine.pk,)), form | {"at": at(11).isoformat()})
    done = client.post(reverse("freed", args=(mine.pk,)), form)
    again = client.post(reverse("freed", args=(mine.pk,)), form)

    assert "Maya Fields" in page.content.decode()
    assert late.status_code == 409
    assert done.status_code == 302
    assert again.status_code == 409
    row.refresh_from_db()
    wait.refresh_from_db()
    assert row.moved_to.get().starts == at(10, TUESDAY)
    assert (wait.ended_as, wait.ended_at) == ("moved", NOW)
    assert Occupancy.objects.values("appointment").distinct().count() == 1


def test_who_lost_a_place_is_booked_again_and_waits_no_more(site, person, device, by, signed):
    plan = signed(person, [TUESDAY])
    lost = given_up(plan, device, by, at(9, TUESDAY))
    wait = Waiting.objects.create(
        clinic=site.clinic, site=site, person=person, appointment=lost, kind="lost", course=plan.course,
        n=1, urgency="soon", reason="coil", made_by=by, made_at=NOW,
    )  # fmt: skip
    freed = given_up(signed(make_person(site.clinic, site), [TUESDAY]), device, by, at(11, TUESDAY))

    could = could_come(freed, site, now=NOW)
    actions.give_place(waiting=wait, starts=could[0].spot.starts, resource=device, by=by, at=NOW)

    assert Appointment.objects.get(state="booked").starts == at(11, TUESDAY)
    assert not open_waitings(site.clinic, now=NOW).exists()


def test_a_session_that_was_booked_again_elsewhere_is_off_the_list(
    site, person, device, by, signed
):
    plan = signed(person, [TUESDAY])
    lost = given_up(plan, device, by, at(9, TUESDAY))
    Waiting.objects.create(
        clinic=site.clinic, site=site, person=person, appointment=lost, kind="lost", course=plan.course,
        n=1, urgency="soon", reason="coil", made_by=by, made_at=NOW,
    )  # fmt: skip
    before = open_waitings(site.clinic, now=NOW).count()

    session(plan, device, at(12, TUESDAY))

    assert (before, open_waitings(site.clinic, now=NOW).count()) == (1, 0)


def test_a_wish_follows_the_session_when_it_is_moved_and_ends_when_it_is_past(
    site, person, device, by, signed
):
    row = session(signed(person, [TUESDAY], window=1), device, at(9, WEDNESDAY))
    wish(row, by)
    moved = booking.move(appointment=row, to=at(11, WEDNESDAY), resource=device, by=by, at=NOW)

    assert open_waitings(site.clinic, now=NOW).get().stands == moved.pk
    assert not open_waitings(site.clinic, now=at(12, WEDNESDAY)).exists()


def test_a_wish_is_kept_once_and_needs_a_reason(person, device, by, signed, signed_in):
    row = session(signed(person, [TUESDAY]), device, at(9, TUESDAY))
    client, page = signed_in(Role.NURSE), reverse("sooner", args=(row.pk,))
    form = {"id": str(uuid4()), "urgency": "urgent", "reason": "worse since Friday"}

    bare = client.post(page, form | {"reason": ""})
    first = client.post(page, form)
    twice = client.post(page, form)
    other = client.post(page, form | {"id": str(uuid4())})

    assert (bare.status_code, first.status_code, twice.status_code) == (422, 302, 302)
    assert "on the waiting list already" in other.content.decode()
    assert Waiting.objects.get().reason == "worse since Friday"


@pytest.mark.parametrize("many", [1, 8])
def test_the_pages_ask_as_little_of_many_as_of_one(
    site, clinic, device, by, signed, staff, signed_in, many
):
    nurse = staff(Role.TECHNICIAN, name="Tam Tech")
    Shift.objects.create(staff=nurse, site=site, starts=at(8), ends=at(18))
    second = Resource.objects.create(site=site, kind="tms-device", name="TMS 2")
    freed = given_up(signed(make_person(clinic, site), [TUESDAY]), device, by, at(9, TUESDAY))
    for n in range(many):
        hit = signed(make_person(clinic, site, legal_name=f"Hit {n}"), [TUESDAY], window=1)
        session(hit, second, at(9 + n, TUESDAY))
        wish(
            session(
                signed(make_person(clinic, site), [TUESDAY], window=1), device, at(9 + n, WEDNESDAY)
            ),
            by,
        )
    Outage.objects.create(resource=second, starts=at(0), ends=at(24), why="coil")
    client = signed_in(Role.COORDINATOR)
    day = f"?site={site.slug}&day={TUESDAY}"

    found = {
        page: len(asked(client, page))
        for page in (f"/calendar/{day}", f"/calendar/{day}&view=week", f"/calendar/repair/{day}",
                     "/waiting/", reverse("freed", args=(freed.pk,)))
    }  # fmt: skip

    assert list(found.values()) == [11, 11, 15, 5, 15]


def test_the_list_of_another_clinic_is_its_own(person, device, by, signed, other_clinic, signed_in):
    wait = wish(session(signed(person, [TUESDAY]), device, at(9, TUESDAY)), by)
    make_site(other_clinic, slug="moss-east")
    client = signed_in(Role.COORDINATOR, of=other_clinic)

    assert b"Maya" not in client.get("/waiting/").content
    assert client.post(reverse("waiting_end", args=(wait.pk,))).status_code == 404
    wait.refresh_from_db()
    assert wait.ended_at is None
