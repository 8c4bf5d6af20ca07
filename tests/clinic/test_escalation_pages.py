"""The alert through its ladder on the pages, with the clock moved and no worker at all."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from overstory.clinic.people.models import Closure, Contact, DutyLeave, OnCall, Shift
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.actions import Told, raise_alert
from overstory.clinic.safety.crisis import crisis_for, emergency_words
from overstory.clinic.safety.reading import open_hours
from overstory.clinic.safety.watch import look
from tests.clinic.conftest import make_site

TWO_AT_NIGHT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
"""02:00 in New York on a Tuesday."""


def make(site, person, at, **more):
    known = {
        "kind": "item-9",
        "tier": "high",
        "source": f"answer:{uuid.uuid4()}",
        "says": "Question 5: yes",
        "actor": "link:1",
    }
    return raise_alert(person=person, site=site, at=at, **{**known, **more})


def put_on_call(staff, *, starts, ends, rung=1):
    return OnCall.objects.create(
        clinic=staff.clinic, staff=staff, rung=rung, starts=starts, ends=ends
    )


def named(clinic, now, what="answer"):
    watched = look(clinic, now)
    due = next(each for each in watched.dues if each.what == what)
    return [watched.names[each] for each in due.who]


def test_at_two_at_night_the_page_names_who_is_on_call_and_the_next(site, person, staff):
    dana, omar = staff(Role.PSYCHIATRIST, name="Dana"), staff(Role.PSYCHIATRIST, name="Omar")
    staff(Role.PSYCHIATRIST, name="Asleep")
    night = {"starts": TWO_AT_NIGHT - timedelta(hours=8), "ends": TWO_AT_NIGHT + timedelta(hours=6)}
    put_on_call(dana, **night)
    put_on_call(omar, rung=2, **night)
    make(site, person, TWO_AT_NIGHT)

    assert named(site.clinic, TWO_AT_NIGHT) == ["Dana (psychiatrist)"]
    assert named(site.clinic, TWO_AT_NIGHT + timedelta(minutes=10)) == [
        "Dana (psychiatrist)",
        "Omar (psychiatrist)",
    ]


def test_leave_shifts_and_taken_back_duties_are_heeded(site, person, staff, at):
    away, here = staff(Role.PSYCHIATRIST, name="Away"), staff(Role.PSYCHIATRIST, name="Here")
    gone, late = staff(Role.PSYCHIATRIST, name="Gone"), staff(Role.PSYCHIATRIST, name="Late")
    span = {"starts": at - timedelta(hours=1), "ends": at + timedelta(hours=1)}
    put_on_call(away, **span)
    DutyLeave.objects.create(staff=away, **span)
    Shift.objects.create(staff=here, site=site, **span)
    Shift.objects.create(staff=late, site=site, starts=span["ends"], ends=at + timedelta(hours=9))
    taken = put_on_call(gone, **span)
    taken.withdrawn_at = at
    taken.save()
    make(site, person, at)

    assert named(site.clinic, at) == ["Here (psychiatrist)"]


def test_a_former_colleague_is_never_named(site, person, staff, at):
    dana = staff(Role.PSYCHIATRIST)
    staff(Role.MEDICAL_DIRECTOR, name="Mei")
    put_on_call(dana, starts=at, ends=at + timedelta(hours=9))
    dana.is_active = False
    dana.save()
    make(site, person, at)

    assert named(site.clinic, at) == ["Mei (medical director)"]
    assert look(site.clinic, at).nobody_on_call


def test_nobody_on_call_is_on_every_page(signed_in, site, at):
    with time_machine.travel(at, tick=False):
        page = signed_in(Role.AUDITOR).get("/").content.decode()

    assert "Nobody is on call now" in page


def test_business_hours_skip_the_weekend_a_holiday_and_a_closure(site):
    # Wednesday 25 November 2026, 17:00 in New York; Thursday is Thanksgiving, Friday closed
    Closure.objects.create(
        site=site, first_day="2026-11-27", last_day="2026-11-27", why="bridge day"
    )
    wednesday = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)

    hours = open_hours(site.clinic, wednesday)[str(site.pk)]

    # two open hours: 17–18, then Monday 8–9
    assert hours.after(wednesday, 120) == datetime(2026, 11, 30, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "morning",
    [
        datetime(2026, 11, 22, 10, 0, tzinfo=UTC),  # Sunday, 05:00 in New York
        datetime(2026, 11, 26, 15, 0, tzinfo=UTC),  # Thanksgiving
        datetime(2026, 11, 27, 15, 0, tzinfo=UTC),  # closed
    ],
)
def test_an_item_9_of_one_on_a_day_without_open_hours_goes_to_who_is_on_call_for_that_day(
    site, person, staff, morning
):
    staff(Role.NURSE, name="Kai")
    dana = staff(Role.PSYCHIATRIST, name="Dana")
    put_on_call(dana, starts=morning, ends=morning + timedelta(hours=24))
    Closure.objects.create(site=site, first_day="2026-11-27", last_day="2026-11-27", why="bridge")
    make(site, person, morning, tier="unscreened", told=Told(item_9=1))

    due = next(each for each in look(site.clinic, morning).dues if each.alert)

    # every positive: the C-SSRS on the same day (measures 2.5 of the clinical dossiers)
    assert due.by == datetime(morning.year, morning.month, morning.day + 1, 5, 0, tzinfo=UTC)
    assert named(site.clinic, morning) == ["Dana (psychiatrist)"]


def test_at_a_site_that_gave_no_hours_the_day_ends_too(site, person, staff):
    dana = staff(Role.PSYCHIATRIST, name="Dana")
    late = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 23:00 in New York
    put_on_call(dana, starts=late, ends=late + timedelta(hours=24))
    site.hours.all().delete()
    make(site, person, late, tier="unscreened", told=Told(item_9=1))

    due = next(each for each in look(site.clinic, late).dues if each.alert)

    assert due.by == late + timedelta(hours=1)
    assert named(site.clinic, late) == ["Dana (psychiatrist)"]


def test_item_9_of_three_at_night_does_not_wait_for_the_morning(site, person, staff):
    dana = staff(Role.PSYCHIATRIST, name="Dana")
    put_on_call(dana, starts=TWO_AT_NIGHT, ends=TWO_AT_NIGHT + timedelta(hours=9))
    staff(Role.NURSE, name="Kai")
    make(site, person, TWO_AT_NIGHT, tier="unscreened", told=Told(item_9=3))

    assert named(site.clinic, TWO_AT_NIGHT) == ["Dana (psychiatrist)"]


@pytest.mark.parametrize(
    ("slug", "zone", "night"),
    [
        ("fern-east", "America/New_York", "2026-11-01T05:45:00+00:00"),
        ("fern-east", "America/New_York", "2027-03-14T06:45:00+00:00"),
        ("fern-east", "Europe/Berlin", "2026-10-25T00:45:00+00:00"),
        ("fern-east", "Europe/Berlin", "2027-03-28T00:45:00+00:00"),
    ],
)
def test_on_nights_on_which_clocks_change_half_an_hour_is_half_an_hour(
    clinic, signed_in, staff, slug, zone, night
):
    site, at = make_site(clinic, slug=slug, time_zone=zone), datetime.fromisoformat(night)
    alert = make(site, None, at)

    with time_machine.travel(at + timedelta(minutes=10), tick=False):
        page = signed_in(Role.NURSE).get(reverse("alert", args=[alert.pk])).content.decode()

    assert "20 min left" in page


def test_the_page_says_what_was_answered_whom_to_reach_and_what_to_do(
    signed_in, staff, site, person, at
):
    Contact.objects.create(
        person=person, kind="emergency", name="Ola Fields", phone="+1 555 0999", since=at
    )
    alert = make(site, person, at, told=Told({"q5": True}, phone="+1 555 0777", place="Pier 4"))

    with time_machine.travel(at, tick=False):
        page = signed_in(Role.NURSE).get(reverse("alert", args=[alert.pk])).content.decode()

    for words in ("Question 5: yes", "+1 555 0777", "Pier 4", "Ola Fields", "+1 555 0999"):
        assert words in page
    assert "Full C-SSRS and SAFE-T" in page
    assert "0 of 3" in page
    # with nobody on call the emergency number stands on the page (US: 911)
    assert "Call 911." in page


def test_what_is_not_on_record_is_said_so(signed_in, site, at):
    alert = make(site, None, at)

    with time_machine.travel(at, tick=False):
        page = signed_in(Role.NURSE).get(reverse("alert", args=[alert.pk])).content.decode()

    assert "Writer not known" in page
    assert "Not on record" in page


# Crisis information


def test_the_sites_own_words_stand_before_the_lines(site):
    site.crisis_text = "Dr. Ruiz answers at +1 555 0100.\n\nThe door is open until 18:00."

    found = crisis_for(site, "en", datetime(2026, 11, 24, tzinfo=UTC).date())

    assert found[:2] == ("Dr. Ruiz answers at +1 555 0100.", "The door is open until 18:00.")
    assert found[2] == "Emergency: call 911."
    assert any("988" in each for each in found[3:])


def test_in_spanish_the_line_that_answers_in_spanish_stands_first(site):
    found = crisis_for(site, "es", datetime(2026, 11, 24, tzinfo=UTC).date())

    assert found[0] == "Emergencia: llame al 911."
    assert found[1].startswith("Línea 988 en español")


def test_lines_that_expired_give_way_to_the_emergency_number_and_a_general_way(site):
    # the lines of the US were verified on 2026-11-22 and hold for 180 days
    found = crisis_for(site, "en", datetime(2027, 6, 1, tzinfo=UTC).date())

    assert found[0] == "Emergency: call 911."
    assert "findahelpline.com" in found[1]
    assert not any("988" in each for each in found)


def test_another_country_has_its_own_number(other_site, other_clinic):
    day = datetime(2026, 11, 24, tzinfo=UTC).date()

    assert crisis_for(other_site, "en", day)[0] == "Emergency: call 112."
    assert emergency_words(other_clinic, day) == "Call 112."


def test_a_country_without_lines_still_has_words(other_clinic, other_site):
    other_clinic.country = "ZZ"
    other_site.clinic = other_clinic
    day = datetime(2026, 11, 24, tzinfo=UTC).date()

    assert "findahelpline.com" in crisis_for(other_site, "en", day)[0]
    assert emergency_words(other_clinic, day) == "Call the local emergency number."
