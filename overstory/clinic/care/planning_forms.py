"""What a clinician says to have a plan proposed, and to sign it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms

from overstory.clinic.care.planning_actions import Wish
from overstory.clinic.ui.templatetags.overstory import TREATMENTS


class WishForm(forms.Form):
    """Which treatment from when on; a protocol instead of the default."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    treatment = forms.ChoiceField(choices=list(TREATMENTS.items()), label="Treatment")
    start = forms.DateField(
        label="First day",
        help_text="A closed day moves to the next open one.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    protocol = forms.CharField(
        max_length=60,
        required=False,
        label="Protocol",
        help_text="Its id, where it is not the default: see the library of protocols.",
    )

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        more["initial"] = {"id": uuid4(), "start": today.isoformat(), **more.get("initial", {})}
        super().__init__(*args, **more)
        self.today = today

    def clean_start(self) -> date:
        """Refuse a day that has passed."""
        start: date = self.cleaned_data["start"]
        if start < self.today:
            raise forms.ValidationError("This day has passed.")
        return start

    def wish(self) -> Wish:
        """Return what was asked for."""
        given = self.cleaned_data
        return Wish(given["id"], given["treatment"], given["start"], given["protocol"].strip())


class SignForm(forms.Form):
    """The plan that was read, by the hash of its text."""

    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
