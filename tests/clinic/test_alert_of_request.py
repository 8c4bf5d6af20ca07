"""An alert of a request shows what the request said about reaching its writer."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from django.urls import reverse

from overstory.clinic.intake.asking_actions import Asked, ask
from overstory.clinic.people.permissions import Role

SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def test_an_alert_of_a_request_shows_whom_to_call_and_where_the_writer_is(
    clinic, site, signed_in, time_machine
):
    time_machine.move_to(SUNDAY, tick=False)
    asked = Asked(
        id=uuid4(), asker="self", reason="self-harm", name="Sam Reed", phone="+1 555 0160",
        place="Elm St 4, Ithaca", emergency_contact="Jo Reed, +1 555 0161",
    )  # fmt: skip
    ask(site=site, asked=asked, at=SUNDAY)

    page = signed_in(Role.NURSE).get(reverse("alert", args=[clinic.alerts.get().pk]))

    shown = page.content.decode()
    assert "Jo Reed, +1 555 0161" in shown
    assert "Elm St 4, Ithaca" in shown
    assert "Emergency contact</dt><dd><span" not in shown
