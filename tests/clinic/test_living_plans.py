"""Living plans in the clinic: what happened is previewed, kept as a draft, signed, and booked again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from overstory.clinic.audit.models import Entry
from overstory.clinic.booking.models import Appointment, Occupancy, Resource
from overstory.clinic.booking.rebooking import fit_of
from overstory.clinic.care import living_actions
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.living_holds import consents_for, holds_open
from overstory.clinic.care.models import CarePlan
from overstory.clinic.care.planned import HoldClosed
from overstory.clinic.people.permissions import Role
from tests.clinic.holding import close_all
from tests.clinic.knowing import adopt_running, go_on, state, state_example, state_unknown

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday, 10:00 in New York."""


@pytest.fixture
def clock():
    with time_machine.travel(AT, tick=False) as found:
        yield found


@pytest.fixture
def sam(person):
    state_example(person, AT, name="sam")
    return person


@pytest.fixture
def doctor(staff, clinic):
    adopt_running(clinic, staff(Role.MEDICAL_DIRECTOR), AT)
    return staff(Role.PSYCHIATRIST, name="Dr. Ada Reed")


@pytest.fixture
def desk(clock, doctor, signed_in):
    return proven(signed_in(who=doctor), doctor, AT)


def proven(client, who, at: datetime):
    """A client whose second factor was given a moment ago."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": at.timestamp()}]
    session["account_authentication_methods_user"] = str(who.pk)
    session.save()
    return client


def go(clock, client, who, day: str, hour: int = 15):
    """Let it be that day, the second factor given a moment ago."""
    now = datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")
    clock.move_to(now)
    client.force_login(who)
    session = client.session
    session["second-factor"] = True
    session.save()
    proven(client, who, now)
    return now


def draft(client, person, treatment, start="2026-11-30", **more) -> CarePlan:
    form = {"id": str(uuid4()), "treatment": treatment, "start": start, **more}
    client.post(reverse("plan_draft", args=(person.pk,)), form)
    return CarePlan.objects.get(pk=form["id"])


def sign(client, plan: CarePlan):
    go_on(plan.person, plan.drafted_by, timezone.now())
    answer = client.post(of("plan_sign", plan), {"sha256": plan.content_sha256})
    plan.refresh_from_db()
    return answer


def of(route: str, plan: CarePlan, *more) -> str:
    return reverse(route, args=(plan.person.pk, plan.pk, *more))


def tell(client, plan: CarePlan, event: str, **said):
    """Fill the form of an event, and return the page that shows what would change."""
    return client.post(of("plan_event", plan, event), {"id": str(uuid4()), **said})


def keep(client, plan: CarePlan, event: str, **said) -> CarePlan:
    """Tell an event, read the preview, and keep it."""
    page = tell(client, plan, event, **said)
    assert page.status_code == 200, page.context["form"].errors
    preview = page.context["preview"]
    form = {"id": str(uuid4()), **said, "seen": preview.sha256}
    answer = client.post(of("plan_event", plan, event), form)
    assert answer.status_code == 302
    return CarePlan.objects.get(pk=form["id"])


def days(plan: CarePlan) -> list[str]:
    return [each["date"] for each in plan.content["sessions"]]


@pytest.fixture
def esketamine(desk, sam, site):
    plan = draft(desk, sam, "esketamine")
    sign(desk, plan)
    return plan


@pytest.fixture
def tms(desk, sam, site):
    plan = draft(desk, sam, "tms")
    sign(desk, plan)
    return plan


def test_a_missed_tms_session_is_appended_and_the_new_version_is_signed(clock, desk, doctor, tms):
    go(clock, desk, doctor, "2026-12-02")

    second = keep(desk, tms, "missed", sessions=["2"])

    assert (second.course, second.n, second.made_from) == (tms.course, 2, tms)
    assert second.signed_at is None
    assert "2026-12-01" in days(tms)
    assert "2026-12-01" not in days(second)
    assert len(days(second)) == len(days(tms)) == 36  # 30 and a taper of 3, 2 and 1: TMS_SCH_STD
    tms.refresh_from_db()
    assert tms.ended_at is None

    sign(desk, second)
    tms.refresh_from_db()
    assert second.signed_by == doctor
    assert tms.ended_at is not None


def test_the_preview_shows_the_rule_its_source_and_writes_nothing(clock, desk, doctor, tms):
    go(clock, desk, doctor, "2026-12-02")

    page = tell(desk, tms, "missed", sessions=["2"]).content.decode()

    assert "TMS was missed on 2026-12-01" in page
    assert "taken out" in page
    assert "Status: " in page
    assert CarePlan.objects.count() == 1


def test_a_missed_esketamine_dose_keeps_the_schedule(clock, desk, doctor, esketamine):
    go(clock, desk, doctor, "2026-12-04")

    second = keep(desk, esketamine, "missed", sessions=["2"])

    assert days(second) == [each for each in days(esketamine) if each != "2026-12-03"]


def test_after_week_four_a_rule_asks_whether_depression_is_worse(clock, desk, doctor, esketamine):
    go(clock, desk, doctor, "2027-01-06")

    asked = tell(desk, esketamine, "missed", sessions=["9", "10"])

    assert asked.status_code == 422
    assert "worse" in asked.context["form"].errors

    worse = keep(desk, esketamine, "missed", sessions=["9", "10"], worse="yes")
    assert len(days(worse)) > len(days(esketamine)) - 2


def test_a_pause_leaves_its_days_free(clock, desk, tms):
    second = keep(desk, tms, "pause", first="2026-12-07", last="2026-12-11")

    assert not [each for each in days(second) if "2026-12-07" <= each <= "2026-12-11"]
    assert len(days(second)) == 36


def test_a_pause_does_not_begin_in_the_past(desk, tms):
    page = tell(desk, tms, "pause", first="2026-11-20", last="2026-12-11")

    assert page.status_code == 422


def test_the_page_of_changes_lists_every_event_or_says_why_not(clock, desk, doctor, tms):
    go(clock, desk, doctor, "2026-12-22")

    page = desk.get(of("plan_change", tms)).context

    kinds = {each.kind.value: each.why_not for each in page["events"]}
    assert len(kinds) == 9
    assert kinds["extend"] == ""
    assert "esketamine" in kinds["step-back"]


@pytest.mark.parametrize(
    ("treatment", "on", "event", "said"),
    [
        ("esketamine", "2027-01-06", "early-response", {}),
        ("esketamine", "2026-12-28", "non-response", {"review": "end-of-week-4"}),
        ("esketamine", "2026-12-28", "intolerance", {"session": "8", "mg": "84"}),
        ("esketamine", "2027-01-20", "step-back", {}),
        ("esketamine", "2027-04-20", "relapse", {}),
        (
            "esketamine",
            "2026-12-28",
            "pause",
            {"first": "2026-12-29", "last": "2027-01-10", "worse": "no"},
        ),
        ("tms", "2026-12-28", "early-response", {}),
        ("tms", "2026-12-29", "non-response", {"review": "tms-session-20"}),
        ("tms", "2026-12-04", "intolerance", {"session": "3"}),
        ("tms", "2027-01-08", "extend", {}),
        ("tms", "2027-02-10", "booster", {"treatment": "tms"}),
    ],
)
def test_each_event_is_kept_and_signed_and_the_signed_row_before_it_stays_as_it_was(
    clock, desk, doctor, sam, site, treatment, on, event, said
):
    first = draft(desk, sam, treatment)
    sign(desk, first)
    before = row_of(first)
    now = go(clock, desk, doctor, on)
    state_example(sam, now, name="sam")

    second = keep(desk, first, event, **said)
    sign(desk, second)

    assert second.signed_at is not None, desk.get(of("plan", second)).context["against"]
    assert second.content["changes"][-1]["event"] == event
    assert row_of(first) == {**before, "ended_at": now}
    caps = {
        (each["dose"]["value"] or 0) <= each["dose"]["cap"]
        for each in second.content["sessions"]
        if each.get("dose")
    }
    assert False not in caps


def row_of(plan: CarePlan) -> dict:
    row = CarePlan.objects.get(pk=plan.pk)
    return {each.name: getattr(row, each.name) for each in CarePlan._meta.concrete_fields}


def test_the_same_form_twice_is_one_version(clock, desk, doctor, tms):
    go(clock, desk, doctor, "2026-12-02")
    seen = tell(desk, tms, "missed", sessions=["2"]).context["preview"].sha256
    form = {"id": str(uuid4()), "sessions": ["2"], "seen": seen}

    for _ in range(2):
        answer = desk.post(of("plan_event", tms, "missed"), form)
        assert answer.status_code == 302

    assert CarePlan.objects.count() == 2


def test_two_who_draft_at_once_are_told_apart(clock, desk, doctor, tms):
    go(clock, desk, doctor, "2026-12-02")
    seen = tell(desk, tms, "missed", sessions=["2"]).context["preview"].sha256
    keep(desk, tms, "pause", first="2026-12-07", last="2026-12-11")

    late = desk.post(
        of("plan_event", tms, "missed"), {"id": str(uuid4()), "sessions": ["2"], "seen": seen}
    )

    assert late.status_code == 409
    assert "Version 2 has been drafted from this one" in late.content.decode()
    assert CarePlan.objects.count() == 2


def test_an_outdated_version_is_not_changed(clock, desk, doctor, tms):
    go(clock, desk, doctor, "2026-12-02")
    seen = tell(desk, tms, "missed", sessions=["2"]).context["preview"].sha256
    sign(desk, keep(desk, tms, "pause", first="2026-12-07", last="2026-12-11"))

    late = desk.post(
        of("plan_event", tms, "missed"), {"id": str(uuid4()), "sessions": ["2"], "seen": seen}
    )

    assert late.status_code == 409
    assert "outdated" in late.content.decode()


def test_a_preview_that_changed_since_is_not_kept(clock, desk, doctor, tms):
    go(clock, desk, doctor, "2026-12-02")

    late = desk.post(
        of("plan_event", tms, "missed"), {"id": str(uuid4()), "sessions": ["2"], "seen": "0" * 64}
    )

    assert late.status_code == 409
    assert CarePlan.objects.count() == 1


def test_a_draft_is_discarded_and_the_signed_version_can_be_changed_again(desk, tms):
    second = keep(desk, tms, "pause", first="2026-12-07", last="2026-12-11")

    desk.post(of("plan_discard", second))
    third = keep(desk, tms, "pause", first="2026-12-08", last="2026-12-11")

    second.refresh_from_db()
    assert second.ended_at is not None
    assert (third.n, third.made_from) == (3, tms)
    assert sign(desk, second).status_code == 302
    assert second.signed_at is None


def test_a_signed_version_is_not_discarded(desk, tms):
    desk.post(of("plan_discard", tms))

    tms.refresh_from_db()
    assert tms.ended_at is None


def test_events_do_not_happen_to_a_draft(desk, sam, site):
    plan = draft(desk, sam, "tms")

    page = tell(desk, plan, "pause", first="2026-12-07", last="2026-12-11")

    assert page.status_code == 422
    assert "signed plan" in page.content.decode()


def test_treatment_that_is_added_is_not_signed_for_someone_in_whom_it_is_contraindicated(
    clock, desk, doctor, sam, tms
):
    now = go(clock, desk, doctor, "2027-01-08")
    second = keep(desk, tms, "extend")
    state(sam, now + timedelta(seconds=-1), metal_in_head_or_neck=True)

    sign(desk, second)

    assert second.signed_at is None


def edit(client, plan: CarePlan, n: int, **said):
    return client.post(of("plan_edit", plan, n), {"id": str(uuid4()), **said})


def keep_edit(client, plan: CarePlan, n: int, **said) -> CarePlan:
    page = edit(client, plan, n, **said)
    assert page.status_code == 200, page.context["form"].errors
    form = {"id": str(uuid4()), **said, "seen": page.context["preview"].sha256}
    assert client.post(of("plan_edit", plan, n), form).status_code == 302
    return CarePlan.objects.get(pk=form["id"])


def test_a_dose_among_the_choices_is_changed_from_a_session_on(desk, sam, site):
    plan = draft(desk, sam, "esketamine")

    second = keep_edit(desk, plan, 3, mg="84", onward="on")

    doses = [each["dose"]["value"] for each in second.content["sessions"]]
    assert doses == [56, 56] + [84] * 12  # 56 and 84 mg: spravato-label-us 2.2
    plan.refresh_from_db()
    assert plan.ended_at is not None
    assert "84 mg" in second.content["changes"][-1]["says"]


def test_the_first_dose_of_esketamine_is_not_open(desk, sam, site):
    plan = draft(desk, sam, "esketamine")

    page = edit(desk, plan, 1, mg="84")

    assert page.status_code == 422


def test_a_dose_that_is_no_choice_is_refused(desk, sam, site):
    plan = draft(desk, sam, "esketamine")

    for mg in ("70", "112", "-84", "NaN", "1e3"):
        assert edit(desk, plan, 3, mg=mg).status_code == 422
    assert CarePlan.objects.count() == 1


def test_a_day_moves_within_its_window_to_an_open_day_only(desk, sam, site):
    plan = draft(desk, sam, "esketamine")
    # session 2 stands on Thursday 2026-12-03, its window is the week; session 1 on Monday
    second = keep_edit(desk, plan, 2, day="2026-12-04")

    assert days(second)[:2] == ["2026-11-30", "2026-12-04"]
    for closed in ("2026-12-05", "2026-12-01", "2026-12-08"):
        assert edit(desk, second, 2, day=closed).status_code == 422


def test_a_dose_left_to_the_prescriber_is_set_by_a_weight_and_never_above_the_cap(
    desk, person, site
):
    # 120 kg at 170 cm is a body mass index of 41.5: the prescriber chooses the weight
    state_example(person, AT, name="sam", weight_kg=120.0, height_cm=170.0)
    plan = draft(desk, person, "ketamine-iv")
    assert plan.content["sessions"][0]["dose"]["value"] is None
    cap = plan.content["sessions"][0]["dose"]["cap"]

    second = keep_edit(desk, plan, 1, basis="ideal", onward="on")

    found = [each["dose"]["value"] for each in second.content["sessions"]]
    assert len(set(found)) == 1
    assert 0 < found[0] <= cap
    assert edit(desk, second, 1, mg=str(cap + 1)).status_code == 422


def test_an_edit_of_a_signed_plan_is_a_draft_beside_it(desk, esketamine):
    before = row_of(esketamine)

    second = keep_edit(desk, esketamine, 3, mg="84")

    assert row_of(esketamine) == before
    assert second.signed_at is None


def test_the_versions_are_listed_with_what_each_changed(desk, tms):
    second = keep(desk, tms, "pause", first="2026-12-07", last="2026-12-11")
    sign(desk, second)

    page = desk.get(of("plan_versions", tms)).content.decode()

    assert "Version 2" in page
    assert "The plan as it was proposed." in page
    assert "not in force any more" in page


def test_the_page_for_print_has_every_session_and_the_signature(desk, tms):
    page = desk.get(of("plan_print", tms)).content.decode()

    assert page.count("acute") + page.count("taper") >= 36
    assert "Signed by Dr. Ada Reed" in page
    assert tms.content_sha256 in page


@pytest.fixture
def device(site):
    return Resource.objects.create(site=site, kind="tms-device", name="Device 1")


def book(client, plan: CarePlan, resource: Resource):
    asked = {"at": "09:00", plan.treatment: str(resource.pk)}
    page = reverse("book_course", args=(plan.person.pk, plan.pk))
    seen = client.get(page, asked).context["found"].fingerprint
    assert client.post(page, {**asked, "seen": seen}).status_code == 302


def rebook(client, plan: CarePlan, resource: Resource):
    shown = client.get(of("rebook", plan)).context["fit"]
    client.post(of("rebook_cancel", plan), {"seen": shown.seen})
    asked = {"at": "09:00", plan.treatment: str(resource.pk)}
    found = client.get(of("rebook", plan), asked).context["found"]
    return client.post(of("rebook_book", plan), {**asked, "seen": found.fingerprint})


def test_a_missed_session_ends_with_a_calendar_that_fits_the_new_version(
    clock, desk, doctor, tms, device
):
    book(desk, tms, device)
    go(clock, desk, doctor, "2026-12-02", 21)
    missed = Appointment.objects.get(n=2)
    desk.post(reverse("appointment_end", args=(missed.pk, "no-show")))
    second = keep(desk, tms, "missed", sessions=["2"])

    answer = sign(desk, second)

    assert answer.url == of("rebook", second)
    shown = desk.get(answer.url).context["fit"]
    assert shown.to_book
    assert rebook(desk, second, device).status_code == 302
    now = datetime(2026, 12, 2, 21, tzinfo=UTC)
    assert fit_of(second, now=now).is_whole
    standing = Appointment.objects.filter(state="booked", starts__gt=now)
    coming = [each for each in days(second) if each > "2026-12-02"]
    assert sorted(str(each.wall_date) for each in standing) == coming
    assert Occupancy.objects.values("resource", "seat", "tick").distinct().count() == (
        Occupancy.objects.count()
    )


def test_bringing_the_calendar_in_line_twice_does_it_once(clock, desk, doctor, tms, device):
    book(desk, tms, device)
    second = keep(desk, tms, "pause", first="2026-12-07", last="2026-12-11")
    sign(desk, second)

    rebook(desk, second, device)
    count = Appointment.objects.count()
    desk.post(of("rebook_cancel", second), {"seen": "x"})
    desk.post(of("rebook_book", second), {"at": "09:00", "tms": str(device.pk), "seen": "x"})

    assert Appointment.objects.count() == count
    assert Appointment.objects.filter(state="booked").count() == 36


def test_an_appointment_moved_by_hand_within_its_window_stays(clock, desk, esketamine, site, sam):
    chair = Resource.objects.create(site=site, kind="chair", name="Chair 1")
    book(desk, esketamine, chair)
    row = Appointment.objects.get(n=2)
    desk.post(
        reverse("appointment_move", args=(row.pk,)),
        {"day": "2026-12-04", "at": "09:00", "resource": str(chair.pk)},
    )
    second = keep_edit(desk, esketamine, 5, mg="84")
    sign(desk, second)

    fit = fit_of(second, now=AT)

    assert [each.wall_date for each in fit.to_cancel] == []
    assert fit.is_whole


def test_a_course_is_not_booked_again_under_a_later_version(desk, tms, device):
    book(desk, tms, device)
    second = keep(desk, tms, "pause", first="2026-12-07", last="2026-12-11")
    sign(desk, second)

    asked = {"at": "09:00", "tms": str(device.pk)}
    page = reverse("book_course", args=(second.person.pk, second.pk))
    seen = desk.get(page, asked).context["found"].fingerprint
    answer = desk.post(page, {**asked, "seen": seen})

    assert answer.status_code == 409
    assert Appointment.objects.filter(state="booked").count() == 36


def test_appointments_of_a_version_that_is_not_in_force_are_left_alone(desk, tms, device):
    book(desk, tms, device)
    second = keep(desk, tms, "pause", first="2026-12-07", last="2026-12-11")

    answer = desk.post(of("rebook_cancel", second), {"seen": fit_of(second, now=AT).seen})

    assert answer.status_code == 409
    assert Appointment.objects.filter(state="booked").count() == 36


@pytest.fixture
def held(clock, desk, doctor, tms, device):
    """A signed second version: nothing had changed at session 20, and every later one is held."""
    book(desk, tms, device)
    now = go(clock, desk, doctor, "2026-12-29")
    second = keep(desk, tms, "non-response", review="tms-session-20")
    sign(desk, second)
    return second, now


def close(client, plan: CarePlan, hold: str, words="We go on to 30 sessions.", **more):
    form = {"id": str(uuid4()), "hold": hold, "words": words, **more}
    return client.post(of("hold_close", plan), form, follow=True)


def test_a_hold_is_closed_by_a_named_clinician_with_a_reason(held, desk, doctor):
    plan, now = held
    (hold,) = holds_open(plan)

    page = close(desk, plan, hold.id).content.decode()

    row = HoldClosed.objects.get()
    assert (row.by, row.at, row.n, row.words) == (doctor, now, None, "We go on to 30 sessions.")
    assert holds_open(plan) == ()
    assert "We go on to 30 sessions." in page
    assert Entry.objects.filter(action="closed a hold").count() == 1
    assert "30 sessions" not in str(Entry.objects.get(action="closed a hold").more)


def test_a_hold_is_not_closed_without_a_reason_or_by_a_coordinator(held, desk, signed_in):
    plan, _ = held
    (hold,) = holds_open(plan)

    close(desk, plan, hold.id, words="")
    refused = close(signed_in(Role.NURSE), plan, hold.id)

    assert refused.status_code == 404
    assert HoldClosed.objects.count() == 0


def test_closing_a_hold_asks_for_the_second_factor(held, doctor, signed_in):
    plan, _ = held
    (hold,) = holds_open(plan)

    close(signed_in(who=doctor), plan, hold.id)

    assert HoldClosed.objects.count() == 0


def test_a_hold_is_closed_for_one_session_and_stays_for_the_others(held, desk):
    plan, _ = held
    (hold,) = holds_open(plan)
    first = hold.open_for[0]

    close(desk, plan, hold.id, n=str(first))

    (still,) = holds_open(plan)
    assert first not in still.open_for
    assert len(still.open_for) == len(hold.open_for) - 1


def test_a_course_is_tentative_while_its_next_session_is_held_and_confirmed_when_it_closes(
    held, desk, doctor
):
    plan, now = held
    coming = Appointment.objects.filter(state="booked", starts__gt=now)
    close_all(plan, doctor, now)
    desk.post(of("rebook_settle", plan))
    assert not coming.filter(is_tentative=False).exists()

    (hold,) = holds_open(plan)
    close(desk, plan, hold.id)
    assert not coming.filter(is_tentative=True).exists()


def test_a_hold_that_was_closed_is_not_in_the_version_made_after_it(held, desk):
    plan, _ = held
    (hold,) = holds_open(plan)
    close(desk, plan, hold.id)

    third = keep(desk, plan, "pause", first="2027-01-04", last="2027-01-08")

    assert hold.id not in {each["id"] for each in third.content["holds"]}
    assert hold.id not in {each.id for each in holds_open(third)}


def test_a_plan_of_another_clinic_cannot_be_changed(desk, tms, other_clinic, signed_in):
    client = signed_in(Role.MEDICAL_DIRECTOR, of=other_clinic)

    for route, *more in (
        ("plan_change",), ("plan_event", "pause"), ("plan_edit", 30), ("plan_versions",),
        ("plan_print",), ("rebook",),
    ):  # fmt: skip
        answer = client.get(of(route, tms, *more))
        assert answer.status_code == 404
        assert b"Maya" not in answer.content


def test_a_nurse_reads_versions_and_changes_nothing(desk, tms, signed_in):
    client = signed_in(Role.NURSE)

    assert client.get(of("plan_versions", tms)).status_code == 200
    assert client.get(of("plan_change", tms)).status_code == 404
    page = tell(client, tms, "pause", first="2026-12-07", last="2026-12-11")
    assert page.status_code == 404
    assert CarePlan.objects.count() == 1


def test_no_edit_at_all_passes_a_cap_or_leaves_a_window(desk, sam, site):
    plan = draft(desk, sam, "esketamine")
    ground = living_actions.ground_of(plan, at=AT)
    kept = 0
    for n in (1, 2, 8, 14):
        for more in range(-10, 11):
            day = ground.revision.plan.sessions[n - 1].date + timedelta(days=more)
            kept += _holds_after(ground, living_actions.Edit(n=n, day=day))
        for mg in range(14, 200, 14):
            kept += _holds_after(ground, living_actions.Edit(n=n, mg=Decimal(mg), onward=True))
    assert kept > 10


def _holds_after(ground, change) -> bool:
    """Whether an edit was possible; where it was, doses, windows, gaps and open days hold."""
    try:
        found = living_actions.previewed(ground=ground, happened=change, at=AT).after
    except living_actions.ChangeError:
        return False
    earlier = date.min
    for each in found.sessions:
        assert each.earliest <= each.date <= each.latest
        assert ground.revision.days.is_open(each.date)
        assert each.dose.value <= each.dose.cap
        assert each.date >= earlier + timedelta(days=2) or earlier == date.min  # 48 hours
        earlier = each.date
    return True


def test_a_consent_that_a_plan_needs_is_shown_as_open(desk, tms):
    page = desk.get(of("plan", tms)).content.decode()

    assert "none that counts on Mon 30 Nov 2026" in page


def test_a_higher_dose_is_signed_only_where_the_facts_of_now_allow_the_treatment(
    clock, desk, doctor, sam, esketamine
):
    now = go(clock, desk, doctor, "2026-12-02")
    higher = keep_edit(desk, esketamine, 3, mg="84", onward="on")
    state(sam, now + timedelta(seconds=-1), aneurysmal_vascular_disease=True)

    sign(desk, higher)

    assert higher.signed_at is None
    assert "by what is known now: contraindicated" in desk.get(of("plan", higher)).content.decode()


def test_a_lower_dose_asks_for_no_new_assessment(clock, desk, doctor, sam, esketamine):
    now = go(clock, desk, doctor, "2026-12-02")
    state_example(sam, now - timedelta(seconds=1), name="sam")
    higher = keep_edit(desk, esketamine, 3, mg="84", onward="on")
    sign(desk, higher)
    state(sam, now, aneurysmal_vascular_disease=True)

    lower = keep_edit(desk, higher, 4, mg="56", onward="on")
    sign(desk, lower)

    assert higher.signed_at is not None
    assert lower.signed_at is not None


def test_a_course_is_not_signed_while_it_cannot_be_said_yet(clock, desk, sam):
    plan = draft(desk, sam, "tms")
    clock.shift(timedelta(minutes=1))
    state_unknown(sam, "metal_in_head_or_neck", timezone.now())

    sign(desk, plan)

    assert plan.signed_at is None
    assert "by what is known now: cannot say yet" in desk.get(of("plan", plan)).content.decode()


def test_the_two_in_sequence_ask_for_their_own_consent_and_that_of_each_part(desk, sam, site):
    plan = draft(desk, sam, "ketamine-then-tms")

    needed = consents_for(plan, force=in_force(plan.clinic), at=timezone.now())

    parts = {each["treatment"] for each in plan.content["sessions"]}
    assert {each.treatment for each in needed} == {"ketamine-then-tms", *parts}
    assert next(each for each in needed if each.treatment == "ketamine-then-tms").day == min(
        each.day for each in needed
    )
