"""The form by which staff begin a questionnaire for a person."""

from __future__ import annotations

from typing import Any

from django import forms

from overstory.knowledge.load import load_knowledge
from overstory.pathway.packs import packs

WAYS = (
    ("show", "Show the link as a QR code, to scan or print"),
    ("message", "Send the link by e-mail"),
    ("enter", "Staff enter the answers"),
)


def _packs() -> list[tuple[str, list[tuple[str, str]]]]:
    knowledge = load_knowledge()
    return [
        (
            "For the patient",
            [(each.id, each.about) for each in packs(knowledge=knowledge, who="patient")],
        ),
        (
            "Asked by staff",
            [(each.id, each.about) for each in packs(knowledge=knowledge, who="staff")],
        ),
    ]


class SendForm(forms.Form):
    """Which questions, and how they reach the person."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    pack = forms.ChoiceField(label="Questions", choices=_packs)
    way = forms.ChoiceField(label="How", choices=WAYS, widget=forms.RadioSelect, initial="show")

    def clean(self) -> dict[str, Any]:
        """Refuse to send to a patient what only staff may ask."""
        held: dict[str, Any] = super().clean() or {}
        staff = {each.id for each in packs(knowledge=load_knowledge(), who="staff")}
        if held.get("pack") in staff and held.get("way") in ("show", "message"):
            self.add_error(
                "way", "These questions are asked by staff; choose that staff enter them."
            )
        return held
