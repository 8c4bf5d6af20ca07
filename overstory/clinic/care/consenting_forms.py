"""What a person signs, and what the clinician notes with it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from overstory.clinic.care.consenting import Shown
from overstory.clinic.care.consenting_actions import Signing

YES_NO = [("yes", "Yes"), ("no", "No")]
ROUTES = {
    "nasal": "nasal spray",
    "IV": "into a vein (IV)",
    "SC": "under the skin (SC)",
    "IM": "into a muscle (IM)",
    "SL": "melt in the mouth (SL)",
    "coil": "by a magnetic coil on the head",
    "both": "each part as in its own consent",
}
AS_BOOL = {"yes": True, "no": False}


class SignConsentForm(forms.Form):
    """A signature with its witness, and capacity and teach-back as the clinician found them."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    language = forms.CharField(max_length=2, widget=forms.HiddenInput)
    route = forms.ChoiceField(label="How it is given", widget=forms.RadioSelect)
    how_read = forms.ChoiceField(
        label="How the text was read",
        choices=[
            ("read", "They read it themselves"),
            ("read-aloud", "It was read aloud"),
            ("interpreter", "With an interpreter"),
        ],
        widget=forms.RadioSelect,
    )
    has_capacity = forms.ChoiceField(
        label="Has capacity for this decision now",
        choices=[*YES_NO, ("unsure", "Not sure")],
        widget=forms.RadioSelect,
        help_text="Understands, weighs, and can say a choice. Judged by you, now.",
    )
    capacity_words = forms.CharField(
        label="How you judged it", max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    teach_back = forms.CharField(
        label="What they said back in their own words",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    dose_today = forms.ChoiceField(
        label="A sedating dose is given or due today",
        choices=YES_NO,
        widget=forms.RadioSelect,
        help_text="On the day of a dose nobody signs.",
    )
    copy_given = forms.BooleanField(label="They get a copy of this text as signed")
    signer = forms.ChoiceField(
        label="Who signs",
        choices=[("self", "The person"), ("representative", "A lawful representative")],
        widget=forms.RadioSelect,
        initial="self",
    )
    relation = forms.CharField(
        label="Relation of the representative", max_length=60, required=False
    )
    authority = forms.CharField(
        label="What gives them the right to sign",
        help_text="For example the court order or the power of attorney you saw.",
        max_length=500,
        required=False,
    )
    typed_name = forms.CharField(
        label="Signature: type the full name",
        help_text="As it is on record.",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    witness_name = forms.CharField(
        label="Witness: full name",
        help_text="Needed where it was read aloud, with an interpreter, or where a representative signs.",
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, shown: Shown, **more: Any) -> None:
        start = {
            "key": uuid4(),
            "sha256": shown.sha256,
            "language": shown.content["language"],
        }
        routes = shown.document.routes
        if len(routes) == 1:
            start["route"] = routes[0]
        more["initial"] = {**start, **more.get("initial", {})}
        super().__init__(*args, **more)
        field = self.fields["route"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each, ROUTES.get(each, each)) for each in routes]

    def signing(self, treatment: str) -> Signing:
        """Return the signature as it was given."""
        given = self.cleaned_data
        return Signing(
            key=given["key"],
            treatment=treatment,
            route=given["route"],
            language=given["language"],
            sha256=given["sha256"],
            typed_name=given["typed_name"],
            signer=given["signer"],
            how_read=given["how_read"],
            has_capacity=AS_BOOL.get(given["has_capacity"]),
            capacity_words=given["capacity_words"],
            teach_back=given["teach_back"],
            dose_today=AS_BOOL.get(given["dose_today"]),
            copy_given=given["copy_given"],
            relation=given["relation"],
            authority=given["authority"],
            witness_name=given["witness_name"],
        )


class WithdrawForm(forms.Form):
    """Why a consent is taken back, where the person says it."""

    words = forms.CharField(
        label="In their words",
        help_text="They need not say why.",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
