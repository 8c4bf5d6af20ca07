"""Plans in the clinic: proposed from rows, refused for a reason, signed once, and booked whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from overstory.clinic.audit.models import Entry
from overstory.clinic.booking.actions import cancel
from overstory.clinic.booking.models import Appointment, Occupancy, Outage, Resource
from overstory.clinic.booking.moving import against_moving
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.models import Closure, Shift
from overstory.clinic.people.permissions import Role
from overstory.pathway.slots import instant
from tests.clinic.conftest import make_site
from tests.clinic.knowing import adopt_running, go_on, state, state_example
from tests.clinic.test_matrix import entered
from tests.clinic.test_queries import asked

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday, 10:00 in New York."""
NEVER_FREE = "days=6&begins=03:00&ends=03:10&prefer=09:00"
"""Wishes that no clinic can keep: ten minutes on Sunday night."""
QUIET = {"cssrs_risk": "none", "suicidal_ideation_active": False, "phq9_item9": 0}


@pytest.fixture
def now():
    with time_machine.travel(AT, tick=False):
        yield AT


@pytest.fixture
def sam(person):
    state_example(person, AT, name="sam")
    return person


@pytest.fixture
def doctor(staff, clinic):
    adopt_running(clinic, staff(Role.MEDICAL_DIRECTOR), AT)
    return staff(Role.PSYCHIATRIST, name="Dr. Ada Reed")


@pytest.fixture
def desk(doctor, signed_in):
    """A client of the psychiatrist, with a second factor given a moment ago."""
    client = signed_in(who=doctor)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": AT.timestamp()}]
    session["account_authentication_methods_user"] = str(doctor.pk)
    session.save()
    return client


def draft(client, person, treatment="esketamine", start="2026-11-30", **more):
    form = {"id": str(uuid4()), "treatment": treatment, "start": start, **more}
    return client.post(reverse("plan_draft", args=(person.pk,)), form, follow=True)


def sign(client, plan: CarePlan):
    go_on(plan.person, plan.drafted_by, timezone.now())
    form = {"sha256": plan.content_sha256}
    return client.post(reverse("plan_sign", args=(plan.person.pk, plan.pk)), form, follow=True)


def test_a_plan_is_proposed_read_and_signed(now, sam, desk, doctor):
    answer = draft(desk, sam)
    plan = CarePlan.objects.get()

    assert answer.status_code == 200
    assert "56 mg nasal" in answer.content.decode()
    assert not plan.signed_at

    sign(desk, plan)
    plan.refresh_from_db()
    assert (plan.signed_by, plan.signed_at) == (doctor, AT)
    assert Entry.objects.filter(action="signed a plan", subject=f"person:{sam.pk}").count() == 1


def test_the_crisis_path_stands_before_a_plan_of_someone_in_danger(now, sam, desk):
    page = desk.get(reverse("plans", args=(sam.pk,))).content.decode()

    assert page.index("Crisis path first") < page.index("Propose a plan")
    assert "988" in page


def test_a_refused_plan_says_which_rule_and_what_is_missing(now, person, desk):
    state(person, AT, age_years=44, has_major_depression=True)

    answer = draft(desk, person)

    assert answer.status_code == 422
    assert "No plan" in answer.content.decode()
    assert CarePlan.objects.count() == 0


def test_a_draft_sent_twice_is_one_row(now, sam, desk):
    key = str(uuid4())

    draft(desk, sam, id=key)
    draft(desk, sam, id=key)

    assert CarePlan.objects.count() == 1


def test_without_adopted_knowledge_no_plan_is_signed(now, sam, staff, signed_in):
    who = staff(Role.PSYCHIATRIST)
    client = signed_in(who=who)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": AT.timestamp()}]
    session["account_authentication_methods_user"] = str(who.pk)
    session.save()
    page = draft(client, sam).content.decode()
    plan = CarePlan.objects.get()

    sign(client, plan)

    plan.refresh_from_db()
    assert plan.signed_at is None
    assert "not adopted" in page


def test_signing_asks_for_the_second_factor_again(now, sam, doctor, desk, signed_in):
    draft(desk, sam)
    plan = CarePlan.objects.get()
    other = signed_in(who=doctor)

    sign(other, plan)

    plan.refresh_from_db()
    assert plan.signed_at is None


def test_another_text_than_the_one_seen_is_not_signed(now, sam, desk):
    draft(desk, sam)
    plan = CarePlan.objects.get()

    desk.post(reverse("plan_sign", args=(sam.pk, plan.pk)), {"sha256": "0" * 64})

    plan.refresh_from_db()
    assert plan.signed_at is None


def test_a_therapist_sees_a_plan_and_cannot_sign_it(now, sam, desk, staff, signed_in):
    draft(desk, sam)
    plan = CarePlan.objects.get()
    client = signed_in(Role.THERAPIST)

    assert client.get(reverse("plan", args=(sam.pk, plan.pk))).status_code == 200
    assert sign(client, plan).status_code == 404


def test_a_plan_of_another_clinic_is_not_there(now, sam, desk, other_clinic, signed_in):
    draft(desk, sam)
    plan = CarePlan.objects.get()

    answer = signed_in(Role.PSYCHIATRIST, of=other_clinic).get(
        reverse("plan", args=(sam.pk, plan.pk))
    )

    assert answer.status_code == 404
    assert b"Maya" not in answer.content


def test_the_sites_own_closed_days_are_kept_free(now, sam, desk, site):
    Closure.objects.create(
        site=site, first_day=date(2026, 12, 1), last_day=date(2026, 12, 4), why="painting"
    )

    draft(desk, sam, treatment="tms")

    days = {each["date"] for each in CarePlan.objects.get().content["sessions"]}
    assert not days & {f"2026-12-0{n}" for n in range(1, 5)}
    assert "2026-11-30" in days


@pytest.fixture
def signed(now, sam, desk, site):
    """A signed plan of 14 esketamine doses, and a chair at the site."""
    chair = Resource.objects.create(site=site, kind="chair", name="Chair 1")
    draft(desk, sam)
    plan = CarePlan.objects.get()
    sign(desk, plan)
    return plan, chair


def wanted(plan, chair, at="09:00"):
    return {"at": at, "esketamine": str(chair.pk)}


def book(client, plan, chair, at="09:00"):
    page = reverse("book_course", args=(plan.person.pk, plan.pk))
    shown = client.get(page, wanted(plan, chair, at))
    found = shown.context["found"]
    return client.post(page, {**wanted(plan, chair, at), "seen": found.fingerprint})


def test_a_course_is_booked_whole_at_one_time_of_day(signed, desk):
    plan, chair = signed

    answer = book(desk, plan, chair)

    assert answer.status_code == 302
    booked = Appointment.objects.order_by("n")
    assert [each.n for each in booked] == list(range(1, 15))
    assert {each.wall_time for each in booked} == {time(9)}
    assert [str(each.wall_date) for each in booked] == [
        each["date"] for each in plan.content["sessions"]
    ]
    held = Occupancy.objects.filter(resource=chair)
    assert held.count() == 14 * 140 // 5  # 20 minutes of preparation, 120 of watch

    page = desk.get(answer.url).content.decode()
    assert "14 sessions are held as tentative until" in page
    assert f'href="{reverse("holds", args=(plan.person.pk, plan.pk))}"' in page


def test_a_course_across_the_change_of_clocks_keeps_its_time_of_day(now, sam, desk, site):
    chair = Resource.objects.create(site=site, kind="chair", name="Chair 1")
    draft(desk, sam, start="2027-02-22")
    plan = CarePlan.objects.get()
    sign(desk, plan)

    book(desk, plan, chair)

    found = Appointment.objects.order_by("starts")
    clocks = {each.starts.astimezone(site.zone).utcoffset() for each in found}
    assert len(clocks) == 2
    assert {each.starts.astimezone(site.zone).time() for each in found} == {time(9)}


def test_a_taken_hour_is_moved_and_shown_before_anything_is_booked(signed, desk, site, person):
    plan, chair = signed
    first = date.fromisoformat(plan.content["sessions"][0]["date"])
    Outage.objects.create(
        resource=chair,
        starts=instant(on=first, at=time(8), zone=site.zone),
        ends=instant(on=first, at=time(10), zone=site.zone),
        why="service",
    )

    page = desk.get(
        reverse("book_course", args=(person.pk, plan.pk)), wanted(plan, chair)
    ).content.decode()

    assert "60 min" in page
    assert Appointment.objects.count() == 0


def test_times_that_changed_since_the_page_was_made_are_not_booked(signed, desk, site, person):
    plan, chair = signed
    page = reverse("book_course", args=(person.pk, plan.pk))
    seen = desk.get(page, wanted(plan, chair)).context["found"].fingerprint
    first = date.fromisoformat(plan.content["sessions"][0]["date"])
    Outage.objects.create(
        resource=chair,
        starts=instant(on=first, at=time(9), zone=site.zone),
        ends=instant(on=first, at=time(10), zone=site.zone),
        why="service",
    )

    answer = desk.post(page, {**wanted(plan, chair), "seen": seen})

    assert answer.status_code == 409
    assert Appointment.objects.count() == 0


def test_a_day_without_room_is_said_and_nothing_is_booked(signed, desk, site, person):
    plan, chair = signed
    first = date.fromisoformat(plan.content["sessions"][0]["date"])
    start = instant(on=first, at=time(0), zone=site.zone)
    Outage.objects.create(
        resource=chair, starts=start, ends=start + timedelta(days=1), why="broken"
    )

    page = desk.get(
        reverse("book_course", args=(person.pk, plan.pk)), wanted(plan, chair)
    ).content.decode()

    assert "Chair 1 has no 140 minutes free on this day" in page
    assert "Book all" not in page


def test_an_unsigned_plan_is_not_booked(now, sam, desk, site):
    chair = Resource.objects.create(site=site, kind="chair", name="Chair 1")
    draft(desk, sam)
    plan = CarePlan.objects.get()

    answer = book(desk, plan, chair)

    assert answer.status_code == 409
    assert Appointment.objects.count() == 0


def test_a_course_sent_twice_is_one_course(signed, desk):
    plan, chair = signed

    book(desk, plan, chair)
    page = reverse("book_course", args=(plan.person.pk, plan.pk))
    desk.post(page, {**wanted(plan, chair), "seen": "0" * 64})

    assert Appointment.objects.count() == 14


def test_only_places_of_the_persons_site_are_offered(signed, desk, clinic):
    plan, _ = signed
    elsewhere = make_site(clinic, slug="fern-west", time_zone="America/Denver")
    other = Resource.objects.create(site=elsewhere, kind="chair", name="Chair West")

    answer = desk.get(reverse("book_course", args=(plan.person.pk, plan.pk)), wanted(plan, other))

    assert answer.status_code == 422
    assert "Chair West" not in answer.content.decode()


def test_any_chair_takes_the_one_that_is_free_at_the_wanted_time(signed, desk, site, person):
    plan, chair = signed
    second = Resource.objects.create(site=site, kind="chair", name="Chair 2")
    first = date.fromisoformat(plan.content["sessions"][0]["date"])
    Outage.objects.create(
        resource=chair,
        starts=instant(on=first, at=time(8), zone=site.zone),
        ends=instant(on=first, at=time(17), zone=site.zone),
        why="service",
    )

    found = desk.get(
        reverse("book_course", args=(person.pk, plan.pk)), {"at": "09:00", "esketamine": ""}
    ).context["found"]

    assert found.placed[0].resource == second
    assert {each.moved_minutes for each in found.placed} == {0}


def test_a_signed_plan_that_is_not_booked_waits_on_the_page_of_today(signed, desk, person):
    plan, chair = signed

    assert "Signed, not booked" in desk.get("/").content.decode()
    assert str(plan.pk) in desk.get("/").content.decode()

    book(desk, plan, chair)
    assert str(plan.pk) not in desk.get("/").content.decode()


def test_a_session_is_not_moved_out_of_its_window_or_near_another(signed, desk, site):
    plan, chair = signed
    book(desk, plan, chair)
    second = Appointment.objects.get(n=2)
    form = {"day": "2026-12-01", "at": "09:00", "resource": str(chair.pk)}

    near = desk.post(reverse("appointment_move", args=(second.pk,)), form)
    far = desk.post(reverse("appointment_move", args=(second.pk,)), {**form, "day": "2026-12-15"})

    assert near.status_code == far.status_code == 409
    assert "hours from session 1" in near.content.decode()
    assert "between Mon 30 Nov 2026 and Sun 6 Dec 2026" in far.content.decode()


def test_the_page_that_moves_a_session_shows_its_window_and_times_that_can_be_had(
    signed, desk, site
):
    plan, chair = signed
    book(
        desk, plan, chair
    )  # session 1 on Mon 30 Nov and session 2 on Thu 3 Dec 2026, both at 09:00
    second, third = Appointment.objects.get(n=2), Appointment.objects.get(n=3)
    address = reverse("appointment_move", args=(second.pk,))

    page = desk.get(address, headers={"referer": "http://testserver/calendar/?day=2026-12-03"})

    shown = page.context["near"]
    assert shown.window == (date(2026, 11, 30), date(2026, 12, 6))
    assert [(each.n, each.hours) for each in (shown.before, shown.after)] == [(1, 48), (3, 48)]
    assert "of the plan, for a prescriber" in page.content.decode()
    assert 'href="/calendar/?day=2026-12-03"' in page.content.decode()
    free = {each.day: each for each in shown.days}
    assert not free[date(2026, 12, 1)].times  # 24 hours after session 1, not 48
    assert "48 hours from session 1" in free[date(2026, 12, 1)].why
    for each in free.values():
        for time_ in each.times[:1] + each.times[-1:]:
            asked = {"to": time_.starts, "resource": time_.resource, "now": AT}
            assert against_moving(second, **asked) == ()

    there = free[date(2026, 12, 4)].times[0]
    answer = desk.post(address, {"to": there.key, "back": "/calendar/?day=2026-12-03"})

    assert answer.url == "/calendar/?day=2026-12-03"
    assert Appointment.objects.get(n=2, state="booked").starts == there.starts
    assert third.state == "booked"
    for name in ("plan", "plan_print"):
        words = desk.get(reverse(name, args=(plan.person.pk, plan.pk))).content.decode()
        assert f"Fri 4 Dec 2026, {there.starts.astimezone(site.zone):%H:%M}" in words
        assert "moved from Thu 3 Dec" in words


def test_a_signed_plan_that_is_not_carried_on_is_ended_with_its_reason_and_its_appointments(
    signed, desk, doctor
):
    plan, chair = signed
    book(desk, plan, chair)
    page = reverse("plan_end", args=(plan.person.pk, plan.pk))
    shown = desk.get(page).context["form"].initial
    form = {"id": str(shown["id"]), "words": "She chose TMS instead."}

    unseen = desk.post(page, {**form, "seen": "0" * 64})
    without = desk.post(page, {**form, "seen": shown["seen"], "words": " "})
    assert (unseen.status_code, without.status_code) == (409, 422)
    assert Appointment.objects.filter(state="booked").count() == 14

    for _ in range(2):  # the same form sent twice ends it once
        answer = desk.post(page, {**form, "seen": shown["seen"]}, follow=True)

    plan.refresh_from_db()
    assert (plan.ended_at, plan.ending.by) == (AT, doctor)
    assert "Ended by Dr. Ada Reed" in answer.content.decode()
    assert "She chose TMS instead." in answer.content.decode()
    assert set(Appointment.objects.values_list("state", flat=True)) == {"cancelled"}
    assert not Occupancy.objects.filter(resource=chair).exists()
    assert Entry.objects.filter(action="ended a plan").count() == 1
    assert str(plan.pk) not in desk.get("/").content.decode()


def test_the_pages_from_a_signed_plan_to_a_moved_session_ask_little(signed, desk, clinic, doctor):
    plan, chair = signed
    span = {"starts": AT + timedelta(hours=22), "ends": AT + timedelta(hours=32)}
    Shift.objects.create(site=chair.site, staff=doctor, **span)
    client, of_plan = entered(clinic, *Role), (plan.person.pk, plan.pk)
    course, rebook = reverse("book_course", args=of_plan), reverse("rebook", args=of_plan)
    found = {"offers": asked(client, course), "none": asked(client, f"{course}?{NEVER_FREE}")}
    book(desk, plan, chair)
    second = Appointment.objects.get(n=2)
    found["move"] = asked(client, reverse("appointment_move", args=(second.pk,)))
    found["plan"] = asked(client, reverse("plan", args=of_plan))
    draft(desk, plan.person, treatment="tms")
    of_draft = (plan.person.pk, CarePlan.objects.get(signed_at=None).pk)
    found["draft"] = asked(client, reverse("plan", args=of_draft))
    cancel(appointment=second, state="cancelled", by=doctor, at=AT)
    found["rebook"] = asked(client, rebook)
    found["times"] = asked(client, f"{rebook}?at=09:00&esketamine=")

    assert {name: len(each) for name, each in found.items() if len(each) > 15} == {}


def test_a_course_whose_sessions_were_all_cancelled_waits_to_be_booked_again(signed, desk, doctor):
    plan, chair = signed
    book(desk, plan, chair)
    for each in Appointment.objects.filter(plan=plan, state="booked"):
        cancel(appointment=each, state="cancelled", by=doctor, at=AT)

    assert str(plan.pk) in desk.get("/").content.decode()


def test_a_gap_of_more_than_three_days_holds_against_a_move_too(signed, desk, site):
    plan, chair = signed
    book(desk, plan, chair)
    third = Appointment.objects.get(n=3)
    for each in plan.content["sessions"]:
        each["min_gap_hours"] = 120.0  # a site policy may ask for more than a protocol
        each["latest"] = "2027-03-31"
    plan.save()
    second = Appointment.objects.get(n=2)

    answer = desk.post(
        reverse("appointment_move", args=(third.pk,)),
        {
            "day": (second.wall_date + timedelta(days=4)).isoformat(),
            "at": "09:00",
            "resource": str(chair.pk),
        },
    )

    assert answer.status_code == 409
    assert "120 hours from session 2" in answer.content.decode()
