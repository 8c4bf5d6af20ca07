"""What is asked when someone would come sooner."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from overstory.clinic.week.models import URGENCIES
from overstory.clinic.week.waiting_actions import Wish


class SoonerForm(forms.Form):
    """How urgent it is, and why."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    urgency = forms.ChoiceField(
        label="How urgent",
        choices=[(each, each.capitalize()) for each in URGENCIES],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        max_length=400, label="Why", widget=forms.Textarea,
        help_text="For the staff who look for an earlier time. If someone is in danger, use the alerts.",
    )  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        more.setdefault("initial", {"id": uuid4(), "urgency": "soon"})
        super().__init__(*args, **more)

    def wish(self) -> Wish:
        """Return what was asked for."""
        given = self.cleaned_data
        return Wish(given["id"], given["urgency"], given["reason"])
