"""The pages about alerts: who sees them, what they show, and what cannot be done."""

from __future__ import annotations

import uuid
from datetime import timedelta

import time_machine

from overstory.clinic.people.models import OnCall
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.actions import raise_alert


def make_alert(site, person, at, **more):
    known = {
        "kind": "item-9",
        "tier": "unscreened",
        "source": f"answer:{uuid.uuid4()}",
        "says": "Answered item 9: several days",
        "actor": "public",
    }
    return raise_alert(person=person, site=site, at=at, **{**known, **more})


def test_the_list_shows_who_must_act_and_how_long_is_left(signed_in, staff, site, person, at):
    dana = staff(Role.PSYCHIATRIST, name="Dana Ruiz")
    OnCall.objects.create(
        clinic=site.clinic, staff=dana, starts=at - timedelta(hours=1), ends=at + timedelta(days=1)
    )
    make_alert(site, person, at, tier="high", kind="cssrs")

    with time_machine.travel(at + timedelta(minutes=4), tick=False):
        page = signed_in(Role.NURSE).get("/alerts/").content.decode()

    assert "Maya" in page
    assert "Dana Ruiz" in page
    # high, remote: 30 minutes (escalation ladder of the clinical dossiers)
    assert "26 min left" in page
