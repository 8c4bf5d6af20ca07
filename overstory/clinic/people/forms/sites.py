"""Forms about sites: what they say of themselves, their hours, their closures."""

from __future__ import annotations

import uuid
from datetime import time
from typing import Any
from zoneinfo import available_timezones

from django import forms

from overstory.clinic.people.actions.sites import SiteDetails
from overstory.clinic.people.clinics import Site, SiteHours
from overstory.clinic.people.forms.persons import day_input
from overstory.clinic.people.forms.shown import BesideForm

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
OFFERS = (
    ("esketamine", "Esketamine nasal spray"),
    ("ketamine-iv", "Ketamine infusion"),
    ("kap", "Ketamine-assisted psychotherapy"),
    ("tms", "TMS"),
    ("ketamine-then-tms", "Ketamine, then TMS"),
)


class SiteForm(BesideForm):
    """What a site says of itself."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)
    name = forms.CharField(label="Name", max_length=120)
    slug = forms.SlugField(
        label="Address of its public page", max_length=40, help_text="Small letters and hyphens."
    )
    time_zone = forms.CharField(
        label="Time zone", max_length=60, help_text="Such as America/New_York."
    )
    phone = forms.CharField(label="Phone", max_length=40)
    address = forms.CharField(label="Address", max_length=200)
    offers = forms.MultipleChoiceField(
        label="Offers", choices=OFFERS, widget=forms.CheckboxSelectMultiple, required=False
    )
    crisis_text = forms.CharField(
        label="What to do in a crisis, here", required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Shown on every public page, before the crisis lines of the country.",
    )  # fmt: skip

    def __init__(self, *args: Any, site: Site | None = None, **more: Any) -> None:
        self.site = site
        super().__init__(*args, **more)

    def clean_time_zone(self) -> str:
        """Refuse a zone that there is not."""
        zone: str = self.cleaned_data["time_zone"]
        if zone not in available_timezones():
            raise forms.ValidationError("There is no such time zone; write it as Europe/Berlin.")
        return zone

    def clean_slug(self) -> str:
        """Refuse an address that another site has."""
        slug: str = self.cleaned_data["slug"].lower()
        taken = Site.objects.filter(slug=slug)
        if self.site:
            taken = taken.exclude(pk=self.site.pk)
        elif self.cleaned_data.get("key"):
            taken = taken.exclude(pk=self.cleaned_data["key"])
        if taken.exists():
            raise forms.ValidationError("Another site has this address.")
        return slug

    def details(self) -> SiteDetails:
        """Return what was filled in."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        return SiteDetails(**given)


class HoursForm(BesideForm):
    """When a site is open on each day of the week; a day without times is closed."""

    def __init__(self, *args: Any, held: list[SiteHours], **more: Any) -> None:
        super().__init__(*args, **more)
        by_day = {each.weekday: each for each in held}
        for number, day in enumerate(DAYS):
            row = by_day.get(number)
            for name, word in (("opens", "opens"), ("closes", "closes")):
                self.fields[f"{name}_{number}"] = forms.TimeField(
                    label=f"{day} {word}",
                    required=False,
                    initial=getattr(row, name, None),
                    widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                )

    def days(self) -> list[tuple[str, Any, Any]]:
        """Return the two fields of each day, for a table."""
        return [(day, self[f"opens_{n}"], self[f"closes_{n}"]) for n, day in enumerate(DAYS)]

    def clean(self) -> dict[str, Any]:
        """Refuse half a day, and one that closes before it opens."""
        given: dict[str, Any] = super().clean() or {}
        for number, day in enumerate(DAYS):
            opens, closes = given.get(f"opens_{number}"), given.get(f"closes_{number}")
            if (opens is None) != (closes is None):
                self.add_error(f"closes_{number}", f"Give both times of {day}, or none.")
            elif opens and closes and not opens < closes:
                self.add_error(f"closes_{number}", f"{day} closes before it opens.")
        return given

    def hours(self) -> dict[int, tuple[time, time]]:
        """Return the days that are open."""
        given = self.cleaned_data
        return {
            n: (given[f"opens_{n}"], given[f"closes_{n}"])
            for n in range(len(DAYS))
            if given[f"opens_{n}"]
        }


class ClosureForm(BesideForm):
    """Days on which a site is closed."""

    first_day = forms.DateField(label="First day", widget=day_input())
    last_day = forms.DateField(label="Last day", widget=day_input())
    why = forms.CharField(label="Why", max_length=200)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean(self) -> dict[str, Any]:
        """Refuse a last day before the first."""
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("first_day"), given.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "It ends before it starts.")
        return given
