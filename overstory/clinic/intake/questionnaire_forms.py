"""The form by which staff begin a questionnaire for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from overstory.clinic.intake.filling import Questionnaire
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.shapes.packs import Pack
from overstory.pathway.packs import packs

WAYS = (
    ("show", "Show the link as a QR code, to scan or print"),
    ("message", "Send the link by e-mail"),
    ("enter", "Staff enter the answers"),
)
AGREED = (
    "agreed",
    "They agreed to e-mail (which is not encrypted): record it and send",
)
BY_LINK = ("show", "message", "agreed")


def _packs() -> list[tuple[str, list[tuple[str, str]]]]:
    knowledge = load_knowledge()
    return [
        (
            "For the patient",
            [(each.id, pack_says(each)) for each in packs(knowledge=knowledge, who="patient")],
        ),
        (
            "Asked by staff",
            [(each.id, pack_says(each)) for each in packs(knowledge=knowledge, who="staff")],
        ),
    ]


def pack_says(pack: Pack) -> str:
    """Return the name of a pack, and what its `about` adds to it."""
    return pack.name if pack.about.startswith(pack.name) else f"{pack.name}. {pack.about}"


class SendForm(forms.Form):
    """
    Which questions, and how they reach the person.

    With `may_agree` staff may record here that the person agreed to e-mail. While the same questions
    are `going` they are not begun a second time, unless staff say so by `another`.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    pack = forms.ChoiceField(label="Questions", choices=_packs)
    way = forms.ChoiceField(label="How", choices=WAYS, widget=forms.RadioSelect, initial="show")

    another = forms.BooleanField(label="Begin a second one all the same", required=False)

    def __init__(
        self, *args: Any, going: Mapping[str, Questionnaire], may_agree: bool, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.going = going
        self.same: Questionnaire | None = None
        if may_agree:
            self.fields["way"].choices = [*WAYS[:2], AGREED, *WAYS[2:]]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse to send to a patient what only staff may ask."""
        held: dict[str, Any] = super().clean() or {}
        staff = {each.id for each in packs(knowledge=load_knowledge(), who="staff")}
        if held.get("pack") in staff:
            if held.get("way") in BY_LINK:
                self.add_error(
                    "way", "These questions are asked by staff; choose that staff enter them."
                )
            return held
        same = self.going.get(held.get("pack", ""))
        if same is not None and same.pk != held.get("key") and not held.get("another"):
            self.same = same
            self.add_error("pack", "The same questions are still open for this person.")
        return held
