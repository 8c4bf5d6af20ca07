"""What is asked when a room, chair or device drops out for some hours of a day."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms

from overstory.clinic.booking.models import Resource
from overstory.clinic.people.models import Site
from overstory.clinic.ui.zones import zone_words
from overstory.pathway.slots import WallTimeError, instant


class OutForm(forms.Form):
    """What is out, on which day, from when until when, and why; wall times of the site."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    resource = forms.ModelChoiceField(
        queryset=Resource.objects.none(), label="What is out", empty_label=None
    )
    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    starts_at = forms.TimeField(
        label="From", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    ends_at = forms.TimeField(
        label="Until", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    why = forms.CharField(max_length=200, label="Why")

    def __init__(self, *args: Any, site: Site, on: date, resource: str, **more: Any) -> None:
        weekday = {each.weekday: each for each in site.hours.all()}.get(on.weekday())
        more.setdefault(
            "initial",
            {
                "id": uuid4(), "day": on.isoformat(), "resource": resource,
                "starts_at": weekday.opens if weekday else "08:00",
                "ends_at": weekday.closes if weekday else "18:00",
            },
        )  # fmt: skip
        super().__init__(*args, **more)
        self.site = site
        zone = zone_words(site.time_zone)
        self.fields["starts_at"].help_text = f"As clocks show it at {site.name} ({zone})."
        self.fields["resource"].queryset = (  # type: ignore[attr-defined]
            Resource.objects.filter(site=site, retired_at=None)
            .exclude(kind="staff")
            .select_related("staff")
            .order_by("kind", "name")
        )

    def clean(self) -> dict[str, Any]:
        """Turn wall times into instants."""
        given = self.cleaned_data
        for name in ("starts", "ends"):
            if "day" in given and f"{name}_at" in given:
                try:
                    given[name] = instant(
                        on=given["day"], at=given[f"{name}_at"], zone=self.site.zone
                    )
                except WallTimeError as error:
                    self.add_error(f"{name}_at", str(error))
        return given
