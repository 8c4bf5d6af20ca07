"""What a clinician says to have a plan proposed, and to sign it."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeAlias
from uuid import uuid4

from django import forms

from overstory.clinic.care.planning_actions import Wish
from overstory.clinic.ui.templatetags.overstory import TREATMENTS
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.shared import Jurisdiction
from overstory.pathway.protocols import judge, protocols_of

Choices: TypeAlias = list[tuple[str, list[tuple[str, str]]]]
"""What a list offers, by group."""


def protocol_choices(*, knowledge: Knowledge, jurisdiction: Jurisdiction) -> Choices:
    """Return the protocols that may be planned in a jurisdiction, by the treatment that they are of."""
    found: dict[str, list[tuple[str, str]]] = {each: [] for each in TREATMENTS}
    for protocol in protocols_of(knowledge=knowledge, jurisdiction=jurisdiction):
        judged = judge(protocol=protocol, knowledge=knowledge, jurisdiction=jurisdiction)
        if judged.plannable:
            verify = f" ({len(judged.holds)} to verify)" if judged.holds else ""
            found[protocol.treatment].append((protocol.id, f"{protocol.name}{verify}"))
    for each in knowledge.sections.get("combinations", ()):
        found[each.treatment].append((each.id, each.name))
    return [(TREATMENTS[treatment], offers) for treatment, offers in found.items() if offers]


class WishForm(forms.Form):
    """Which treatment from when on; a protocol instead of the default."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    treatment = forms.ChoiceField(choices=list(TREATMENTS.items()), label="Treatment")
    start = forms.DateField(
        label="First day",
        help_text="A closed day moves to the next open one.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    protocol = forms.ChoiceField(
        required=False,
        label="Protocol",
        help_text="One that may be planned here; the default follows what it is for.",
    )

    def __init__(self, *args: Any, today: date, protocols: Choices, **more: Any) -> None:
        more["initial"] = {"id": uuid4(), "start": today.isoformat(), **more.get("initial", {})}
        super().__init__(*args, **more)
        self.today = today
        field = self.fields["protocol"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "the default"), *protocols]

    def clean_start(self) -> date:
        """Refuse a day that has passed."""
        start: date = self.cleaned_data["start"]
        if start < self.today:
            raise forms.ValidationError("This day has passed.")
        return start

    def wish(self) -> Wish:
        """Return what was asked for."""
        given = self.cleaned_data
        return Wish(given["id"], given["treatment"], given["start"], given["protocol"])


class SignForm(forms.Form):
    """The plan that was read, by the hash of its text."""

    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
