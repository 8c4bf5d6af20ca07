"""The forms about alerts; each holds a key, so that one sent twice is done once."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.people.staff import Staff
from overstory.clinic.safety.actions import Done
from overstory.clinic.safety.models import DISPOSITIONS, OUTCOMES

TIER_WORDS = {
    "imminent": "Imminent: harm may come within hours",
    "high": "High",
    "moderate": "Moderate",
    "low": "Low",
    "none": "None: no thoughts or acts reported",
}
_PICK = [("", "Choose")]


class ActForm(forms.Form):
    """Something done about an alert; `kind` says what."""

    kind = ""
    submit = "Save"
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("key", uuid.uuid4())
        kwargs["auto_id"] = f"{self.kind}-%s"
        super().__init__(*args, **kwargs)
        self.clinic = clinic

    def done(self) -> Done:
        """Return what was done, of a form that is valid."""
        found = self.cleaned_data
        return Done(
            kind=self.kind,
            key=found["key"],
            tier=found.get("tier", ""),
            outcome=found.get("outcome", ""),
            says=found.get("says", ""),
            to=found.get("to"),
        )


def _says(label: str, *, required: bool = False) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, required=required, max_length=4000, widget=area)


class AcknowledgeForm(ActForm):
    """I have it in hand."""

    kind = "acknowledged"
    submit = "I have it in hand"


class TriedForm(ActForm):
    """An attempt to reach the person."""

    kind = "contact-tried"
    submit = "Save the attempt"
    outcome = forms.ChoiceField(label="How it ended", choices=[*_PICK, *OUTCOMES.items()])
    says = _says("What was said")


class AssessForm(ActForm):
    """The tier that a full assessment or a screen found."""

    kind = "assessed"
    submit = "Save the assessment"
    tier = forms.ChoiceField(label="Tier found", choices=[*_PICK, *TIER_WORDS.items()])
    says = _says("On what it rests", required=True)


class HandOverForm(ActForm):
    """Giving the alert to a colleague, who must acknowledge it."""

    kind = "handed-over"
    submit = "Hand over"
    to = forms.ModelChoiceField(Staff.objects.none(), label="To", empty_label="Choose")
    says = _says("What they need to know")

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, clinic=clinic, **kwargs)
        field = self.fields["to"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = clinic.staff.filter(is_active=True).order_by("name")


class NoteForm(ActForm):
    """Words for the record of the alert."""

    kind = "note"
    submit = "Add the note"
    says = _says("Note", required=True)


class CloseForm(ActForm):
    """How it ended."""

    kind = "closed"
    submit = "Close the alert"
    outcome = forms.ChoiceField(label="How it ended", choices=[*_PICK, *DISPOSITIONS.items()])
    says = _says("What was agreed, and the next contact", required=True)


class FollowUpForm(TriedForm):
    """A contact after the alert."""

    kind = "followed-up"
    submit = "Save the contact"


class AppointedForm(ActForm):
    """The appointment after the alert is made."""

    kind = "appointed"
    submit = "The appointment is made"
    says = _says("When and with whom")


FORMS: dict[str, type[ActForm]] = {
    form.kind: form
    for form in (
        AcknowledgeForm, TriedForm, AssessForm, HandOverForm, NoteForm, CloseForm, FollowUpForm,
        AppointedForm,
    )
}  # fmt: skip
"""The form of each kind of act, by the last part of its address."""


class RaiseForm(forms.Form):
    """An alert that staff raise by hand."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    site = forms.ModelChoiceField(Site.objects.none(), label="Site", empty_label=None)
    strand = forms.ChoiceField(
        label="What about",
        choices=[("staff-raised", "Thoughts or acts of suicide"), ("self-injury", "Self-injury")],
        widget=forms.RadioSelect,
        initial="staff-raised",
    )
    tier = forms.ChoiceField(
        label="How urgent",
        choices=[("unscreened", "Not known yet: nobody has screened"), *TIER_WORDS.items()][:-1],
        widget=forms.RadioSelect,
        initial="unscreened",
        help_text="When in doubt, choose the more urgent.",
    )
    on_site = forms.BooleanField(label="The person is here now", required=False)
    says = _says("What was seen or said", required=True)
    phone = forms.CharField(label="Phone number now", required=False, max_length=40)
    place = forms.CharField(label="Where the person is now", required=False, max_length=200)

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("key", uuid.uuid4())
        super().__init__(*args, **kwargs)
        field = self.fields["site"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = clinic.sites.order_by("name")
