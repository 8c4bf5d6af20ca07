"""What is asked about when a person can come: days, hours, the best time, and when they are away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms

from overstory.clinic.booking.wishing import DAY_END, EVERY_DAY, MIDNIGHT, Coming
from overstory.clinic.people.models import Site
from overstory.clinic.ui.zones import zone_words

NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FIELDS = ("days", "begins", "ends", "prefer", "away_from", "away_until")


class ComingForm(forms.Form):
    """When a person can come; an hour that is left empty is no limit."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    days = forms.TypedMultipleChoiceField(
        label="Days on which they can come",
        coerce=int,
        choices=[(str(each), NAMES[each]) for each in EVERY_DAY],
        widget=forms.CheckboxSelectMultiple,
    )
    begins = forms.TimeField(label="Not before", required=False)
    ends = forms.TimeField(label="Home by", required=False)
    prefer = forms.TimeField(label="Would like to begin at")
    away_from = forms.DateField(label="Away from", required=False)
    away_until = forms.DateField(label="Away until", required=False)

    def __init__(self, *args: Any, site: Site, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("begins", "ends", "prefer"):
            self.fields[name].widget = forms.TimeInput(
                attrs={"type": "time", "step": "600"}, format="%H:%M"
            )
        for name in ("away_from", "away_until"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        zone = zone_words(site.time_zone)
        self.fields["prefer"].help_text = f"As clocks show it at {site.name} ({zone})."

    def clean(self) -> dict[str, Any]:
        """Refuse hours and days that end before they begin."""
        given = self.cleaned_data
        begins, ends = given.get("begins"), given.get("ends")
        if begins and ends and ends <= begins:
            self.add_error("ends", "They have to be home after they can leave.")
        first, last = given.get("away_from"), given.get("away_until")
        if bool(first) != bool(last):
            self.add_error("away_until", "Say both, the first and the last day away, or neither.")
        elif first and last and last < first:
            self.add_error("away_until", "The last day away is not before the first.")
        return given

    def coming(self) -> Coming:
        """Return what was said."""
        given = self.cleaned_data
        first, last = given["away_from"], given["away_until"]
        return Coming(
            weekdays=tuple(sorted(given["days"])),
            begins=given["begins"] or MIDNIGHT,
            ends=given["ends"] or DAY_END,
            prefer=given["prefer"],
            away=((first, last),) if first else (),
        )


def said(coming: Coming) -> dict[str, Any]:
    """Return wishes as the form begins with them."""
    first, last = coming.away[0] if coming.away else ("", "")
    return {
        "key": uuid4(),
        "days": [str(each) for each in coming.weekdays],
        "begins": _hour(coming.begins, MIDNIGHT),
        "ends": _hour(coming.ends, DAY_END),
        "prefer": f"{coming.prefer:%H:%M}",
        "away_from": _date(first),
        "away_until": _date(last),
    }


def asked_in(address: Mapping[str, Any], site: Site) -> Coming | None:
    """Return the wishes that an address asks to try; none where it asks for nothing or cannot be read."""
    if "prefer" not in address:
        return None
    given = {name: address.get(name, "") for name in FIELDS if name != "days"}
    days = address.getlist("days") if hasattr(address, "getlist") else address.get("days", [])
    form = ComingForm({**given, "days": days, "key": str(uuid4())}, site=site)
    return form.coming() if form.is_valid() else None


def as_query(coming: Coming) -> str:
    """Return wishes as the end of an address, so that a link sets the form."""
    given = {name: value for name, value in said(coming).items() if name in FIELDS}
    return urlencode(given, doseq=True)


def _hour(at: time, none: time) -> str:
    return "" if at == none else f"{at:%H:%M}"


def _date(day: date | str) -> str:
    return day if isinstance(day, str) else day.isoformat()
