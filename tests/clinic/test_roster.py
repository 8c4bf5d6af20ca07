"""The roster: who answers, in which order, when nobody does; its pages and forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from overstory.clinic.people.actions.times import TimeError, add_on_call
from overstory.clinic.people.duty import clashes, on_duty, uncovered, without
from overstory.clinic.people.forms.times import WallTimeField
from overstory.clinic.people.models import Closure, DutyLeave, OnCall, Shift, SiteHours
from overstory.clinic.people.permissions import Role
from overstory.clinic.people.views.times import next_night
from tests.clinic.conftest import make_site

HOUR = timedelta(hours=1)


@pytest.fixture
def named(staff):
    def make(name, *roles):
        who = staff(*(roles or (Role.NURSE,)), name=name)
        who.phone = "+1 555 0140"
        who.save()
        return who

    return make


def call(who, starts, ends, rung=1) -> OnCall:
    return OnCall.objects.create(clinic=who.clinic, staff=who, starts=starts, ends=ends, rung=rung)


def test_those_on_shift_come_before_those_on_call_and_those_by_rung(clinic, site, named, at):
    second, first, here = named("Abe"), named("Zoe", Role.PSYCHIATRIST), named("Mia")
    call(second, at - HOUR, at + HOUR, rung=2)
    call(first, at - HOUR, at + HOUR, rung=1)
    Shift.objects.create(staff=here, site=site, starts=at, ends=at + HOUR)

    found = on_duty(clinic, site, at)

    assert [(x.name, x.way, x.rung) for x in found] == [
        ("Mia", "shift", 0), ("Zoe", "on-call", 1), ("Abe", "on-call", 2)
    ]  # fmt: skip
    assert found[1].roles == {"psychiatrist"}
    assert found[1].phone == "+1 555 0140"


def test_those_on_leave_gone_taken_back_elsewhere_or_over_are_left_out(clinic, site, named, at):
    away, gone, undone, over, elsewhere = (named(name) for name in "abcde")
    for who in (away, gone, undone):
        call(who, at - HOUR, at + HOUR)
    DutyLeave.objects.create(staff=away, starts=at, ends=at + HOUR)
    gone.is_active = False
    gone.save()
    OnCall.objects.filter(staff=undone).update(withdrawn_at=at)
    call(over, at - HOUR, at)
    Shift.objects.create(
        staff=elsewhere, site=make_site(clinic, slug="fern-south"), starts=at, ends=at + HOUR
    )

    assert on_duty(clinic, site, at) == ()
    assert [x.name for x in on_duty(clinic, None, at)] == ["e"]
    assert [x.name for x in on_duty(clinic, None, at + HOUR)] == []


def test_nobody_of_another_clinic_is_on_duty(clinic, other_clinic, staff, at):
    call(staff(Role.NURSE, of=other_clinic), at - HOUR, at + HOUR)

    assert on_duty(clinic, None, at) == ()


def test_the_hours_that_nobody_answers_for(clinic, named, at):
    who, other = named("a"), named("b")
    call(who, at, at + 10 * HOUR)
    call(other, at + 12 * HOUR, at + 20 * HOUR)
    DutyLeave.objects.create(staff=who, starts=at + 3 * HOUR, ends=at + 4 * HOUR)

    assert uncovered(clinic, at, at + 24 * HOUR) == [
        (at + 3 * HOUR, at + 4 * HOUR),
        (at + 10 * HOUR, at + 12 * HOUR),
        (at + 20 * HOUR, at + 24 * HOUR),
    ]


def test_an_empty_roster_covers_nothing_and_a_full_one_all(clinic, named, at):
    assert uncovered(clinic, at, at + HOUR) == [(at, at + HOUR)]

    call(named("a"), at - HOUR, at + HOUR)

    assert uncovered(clinic, at, at + HOUR) == []


def test_two_who_are_called_first_at_once_clash(clinic, named, at):
    one = call(named("a"), at, at + 2 * HOUR)
    two = call(named("b"), at + HOUR, at + 3 * HOUR)
    call(named("c"), at, at + 3 * HOUR, rung=2)
    call(named("d"), at + 3 * HOUR, at + 4 * HOUR)

    assert clashes(clinic, at, at + 24 * HOUR) == [(one, two)]


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], [(0, 10)]),
        ([(0, 10)], []),
        ([(-5, 3), (7, 20)], [(3, 7)]),
        ([(2, 4), (3, 5)], [(0, 2), (5, 10)]),
        ([(4, 4)], [(0, 4), (4, 10)]),
        ([(20, 30)], [(0, 10)]),
    ],
)
def test_spans_are_taken_off(taken, left):
    assert without((0, 10), taken) == left


def test_two_in_the_night_is_the_next_one_there(at):
    zone = ZoneInfo("America/New_York")

    assert next_night(datetime(2026, 11, 23, 15, tzinfo=UTC), zone) == datetime(
        2026, 11, 24, 7, tzinfo=UTC
    )
    assert next_night(datetime(2026, 11, 23, 6, 59, tzinfo=UTC), zone) == datetime(
        2026, 11, 23, 7, tzinfo=UTC
    )
    assert next_night(datetime(2026, 11, 23, 7, tzinfo=UTC), zone) == datetime(
        2026, 11, 24, 7, tzinfo=UTC
    )


def test_someone_without_a_phone_is_not_put_on_call(staff, at):
    with pytest.raises(TimeError, match="no phone"):
        add_on_call(
            key=uuid4(), staff=staff(Role.NURSE), starts=at, ends=at + HOUR, rung=1,
            by=staff(Role.MANAGER), at=at,
        )  # fmt: skip


def test_the_page_says_who_answers_and_who_does_not(signed_in, named, site, at):
    call(named("Zoe Zimmer"), at - HOUR, at + HOUR)

    with time_machine.travel(at, tick=False):
        page = signed_in(Role.NURSE).get("/roster/").content.decode()

    assert "Zoe Zimmer" in page
    assert "Nobody is on call from Mon 23 Nov 2026, 11:00 EST" in page
    assert "Put someone on call" not in page


def test_a_manager_adds_and_takes_back(signed_in, named, site, at):
    who = named("Zoe Zimmer")
    with time_machine.travel(at, tick=False):
        client = signed_in(Role.MANAGER)
        span = {"staff": who.pk, "starts": "2026-11-24T08:00", "ends": "2026-11-24T20:00"}
        keys = [str(uuid4()) for _ in range(3)]
        for _ in range(2):  # each form sent twice
            client.post(reverse("on_call_add"), span | {"rung": 1, "key": keys[0]})
            client.post(reverse("shift_add"), span | {"site": site.pk, "key": keys[1]})
            client.post(reverse("leave_add"), span | {"why": "holiday", "key": keys[2]})

        held = OnCall.objects.get()
        assert held.starts == datetime(2026, 11, 24, 13, tzinfo=UTC)
        assert (Shift.objects.count(), DutyLeave.objects.count()) == (1, 1)

        client.post(reverse("on_call_end", args=[keys[0]]))
        client.post(reverse("shift_end", args=[keys[1]]))
        client.post(reverse("leave_end", args=[keys[2]]))

    for model in (OnCall, Shift, DutyLeave):
        assert model.objects.get().withdrawn_at == at


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends": "2026-11-24T08:00"},
        {"starts": "2026-03-08T02:30"},  # the clocks skip it in New York
        {"starts": "tomorrow"},
        {"staff": str(uuid4())},
        {"rung": "9"},
    ],
)
def test_a_time_that_cannot_be_is_refused(signed_in, named, site, wrong):
    who = named("Zoe")
    form = {"staff": who.pk, "starts": "2026-11-24T08:00", "ends": "2026-11-24T20:00",
            "rung": 1, "key": str(uuid4())}  # fmt: skip

    answer = signed_in(Role.MANAGER).post(reverse("on_call_add"), form | wrong)

    assert answer.status_code == 422
    assert not OnCall.objects.exists()


def test_an_hour_that_comes_twice_is_the_first_of_them():
    field = WallTimeField()
    field.zone = ZoneInfo("America/New_York")

    assert field.clean("2026-11-01T01:30") == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_staff_of_another_clinic_are_no_choice(signed_in, staff, other_clinic, site):
    form = {"staff": staff(Role.NURSE, of=other_clinic).pk, "starts": "2026-11-24T08:00",
            "ends": "2026-11-24T20:00", "rung": 1, "key": str(uuid4())}  # fmt: skip

    assert signed_in(Role.MANAGER).post(reverse("on_call_add"), form).status_code == 422


@pytest.mark.parametrize("count", [1, 40])
def test_the_roster_asks_few_queries(
    signed_in, named, site, at, count, django_assert_max_num_queries
):
    for number in range(count):
        who = named(f"Nurse {number}")
        call(who, at, at + HOUR, rung=1 + number % 5)
        Shift.objects.create(staff=who, site=site, starts=at, ends=at + HOUR)
    with time_machine.travel(at, tick=False):
        client = signed_in(Role.MANAGER)
        client.get("/roster/")
        with django_assert_max_num_queries(16):
            assert client.get("/roster/").status_code == 200


def test_a_site_gets_hours_and_closures_by_forms(signed_in, site):
    client = signed_in(Role.MANAGER)
    client.post(reverse("site_hours", args=[site.pk]), {"opens_5": "09:00", "closes_5": "12:00"})
    sent = {
        "first_day": "2026-12-24",
        "last_day": "2026-12-26",
        "why": "winter",
        "key": str(uuid4()),
    }
    for _ in range(2):
        client.post(reverse("closure_add", args=[site.pk]), sent)

    assert [(x.weekday, x.opens.hour) for x in SiteHours.objects.filter(site=site)] == [(5, 9)]
    assert Closure.objects.count() == 1

    client.post(reverse("closure_end", args=[site.pk, Closure.objects.get().pk]))
    assert Closure.objects.get().ended_at is not None


@pytest.mark.parametrize(
    "wrong",
    [{"opens_0": "09:00"}, {"opens_0": "12:00", "closes_0": "09:00"}, {"opens_0": "nine"}],
)
def test_half_a_day_is_refused(signed_in, site, wrong):
    answer = signed_in(Role.MANAGER).post(reverse("site_hours", args=[site.pk]), wrong)

    assert answer.status_code == 422
    assert SiteHours.objects.filter(site=site).count() == 5


def test_a_site_is_added_once_and_edited(signed_in, site):
    client = signed_in(Role.MANAGER)
    sent = {"name": "Fern South", "slug": "fern-south", "time_zone": "America/Chicago",
            "phone": "+1 555 0199", "address": "2 Invented Street", "offers": ["tms"],
            "key": str(uuid4())}  # fmt: skip

    added = [client.post(reverse("site_new"), sent).status_code for _ in range(2)]
    taken = client.post(reverse("site_new"), sent | {"key": str(uuid4())})
    nowhere = client.post(
        reverse("site_edit", args=[site.pk]),
        sent | {"slug": "fern-north", "time_zone": "Mars/Base"},
    )
    edited = client.post(reverse("site_edit", args=[site.pk]), sent | {"slug": "fern-north"})

    assert added == [302, 302]
    assert (taken.status_code, nowhere.status_code, edited.status_code) == (422, 422, 302)
    site.refresh_from_db()
    assert (site.name, site.time_zone) == ("Fern South", "America/Chicago")
