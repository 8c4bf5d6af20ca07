"""Forms about times: shifts, leave, on call; in wall time of the place, turned into instants."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.people.forms.shown import BesideForm
from overstory.clinic.people.staff import Staff

WALL = "%Y-%m-%dT%H:%M"
MOST_RUNGS = 5


class WallTimeField(forms.Field):
    """A wall time of a place; the value is the instant, in UTC. Of an hour that comes twice, the first."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WALL)

    def __init__(self, **more: Any) -> None:
        self.zone = ZoneInfo("UTC")
        super().__init__(**more)

    def to_python(self, value: Any) -> datetime | None:
        """Return the instant of a wall time; refuse one that the clocks skip."""
        if value in self.empty_values:
            return None
        try:
            wall = datetime.strptime(str(value)[:16], WALL)  # noqa: DTZ007 - the zone comes next
        except ValueError:
            raise forms.ValidationError("Write it as 2026-11-24T08:00.") from None
        instant = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if instant.astimezone(self.zone).replace(tzinfo=None) != wall:
            raise forms.ValidationError("The clocks skip this hour on that night.")
        return instant


class SpanForm(BesideForm):
    """From when until when, for whom."""

    staff = forms.ModelChoiceField(label="Who", queryset=Staff.objects.none())
    starts = WallTimeField(label="From")
    ends = WallTimeField(label="Until")
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, clinic: Clinic, zone: ZoneInfo, **more: Any) -> None:
        super().__init__(*args, **more)
        choices = {
            "staff": clinic.staff.working().order_by("name"),
            "site": clinic.sites.order_by("name"),
        }
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = choices[name]
            if isinstance(field, WallTimeField):
                field.zone = zone

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the start."""
        given: dict[str, Any] = super().clean() or {}
        starts, ends = given.get("starts"), given.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", "It ends before it starts.")
        return given


class ShiftForm(SpanForm):
    """Someone works at a site; the wall times are the site's."""

    site = forms.ModelChoiceField(label="Site", queryset=Site.objects.none())
    field_order = ("staff", "site", "starts", "ends", "key")


class LeaveForm(SpanForm):
    """Someone is away."""

    why = forms.CharField(
        label="Why", max_length=60, required=False, help_text="Such as: holiday. No health data."
    )
    field_order = ("staff", "starts", "ends", "why", "key")


class OnCallForm(SpanForm):
    """Someone answers at any hour."""

    rung = forms.TypedChoiceField(
        label="Called", coerce=int,
        choices=[(n, "first" if n == 1 else f"as number {n}") for n in range(1, MOST_RUNGS + 1)],
    )  # fmt: skip
    field_order = ("staff", "rung", "starts", "ends", "key")
