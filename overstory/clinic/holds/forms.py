"""What is asked to close holds: an authorization, who pays, an enrolment, a check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms

from overstory.clinic.holds.actions import Approved, Checked, Enrolled, Words
from overstory.clinic.ui.templatetags.overstory import TREATMENTS

PARTS = [(code, name) for code, name in TREATMENTS.items() if code != "ketamine-then-tms"]
MOST_UNITS = 400
CLEAR = {"clear": True, "against": False}


def _day(label: str, hint: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=hint, widget=forms.DateInput(attrs={"type": "date"})
    )


class SaidForm(forms.Form):
    """What each form has: its own id, and the words of who writes."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    words = forms.CharField(
        label="Where it is from", max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        more["initial"] = {"id": uuid4(), **more.get("initial", {})}
        super().__init__(*args, **more)
        self.order_fields([name for name in self.fields if name != "words"] + ["words"])

    def said(self) -> Words:
        """Return the id of the form and the words."""
        return Words(self.cleaned_data["id"], self.cleaned_data["words"].strip())


class AuthorizationForm(SaidForm):
    """What a payer authorized, typed from its letter."""

    payer = forms.ChoiceField(label="Payer")
    treatment = forms.ChoiceField(label="Treatment", choices=PARTS)
    number = forms.CharField(
        label="Authorization number", max_length=60, help_text="As it stands in the payer's letter."
    )
    units = forms.IntegerField(label="Sessions authorized", min_value=1, max_value=MOST_UNITS)
    first_day = _day("From")
    last_day = _day("To", "Both days are included.")

    def __init__(self, *args: Any, payers: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["payer"].choices = [(each, each) for each in payers]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse one that ends before it begins."""
        given = self.cleaned_data
        first, last = given.get("first_day"), given.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "It ends before it begins.")
        return given

    def approved(self) -> Approved:
        """Return what was authorized."""
        given = self.cleaned_data
        return Approved(
            given["payer"], given["treatment"], given["number"], given["units"],
            given["first_day"], given["last_day"],
        )  # fmt: skip


class SelfPayForm(SaidForm):
    """That a person pays for a treatment themselves."""

    treatment = forms.ChoiceField(label="Treatment", choices=PARTS)


class NoneNeededForm(SaidForm):
    """That a payer needs no authorization for a treatment at a site."""

    payer = forms.CharField(
        label="Payer", max_length=120, required=False,
        help_text="As it is written for the persons. Left empty, it is for those who pay themselves.",
    )  # fmt: skip
    treatment = forms.ChoiceField(label="Treatment", choices=PARTS)


class EnrolmentForm(SaidForm):
    """An enrolment in the safety programme of a treatment."""

    treatment = forms.ChoiceField(label="Treatment")
    number = forms.CharField(label="Enrolment number", max_length=60)
    signed_on = _day("Signed on")

    def __init__(self, *args: Any, treatments: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [(each, TREATMENTS[each]) for each in treatments]
        self.fields["treatment"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["treatment"].widget = forms.HiddenInput()
            self.fields["treatment"].initial = choices[0][0]

    def enrolled(self) -> Enrolled:
        """Return the enrolment."""
        given = self.cleaned_data
        return Enrolled(given["treatment"], given["number"], given["signed_on"])


class CheckForm(SaidForm):
    """That something a plan needs was looked at, for a session or the course."""

    need = forms.CharField(max_length=80, widget=forms.HiddenInput)
    for_day = forms.DateField(required=False, widget=forms.HiddenInput)
    done_on = _day("Done on")
    outcome = forms.ChoiceField(
        label="What came out",
        choices=[
            ("clear", "nothing stands against the session"),
            ("against", "something stands against it: a prescriber looks at it"),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["words"].label = "What was done, and what was found"

    def checked(self) -> Checked:
        """Return what was looked at."""
        given = self.cleaned_data
        return Checked(given["need"], given["for_day"], given["done_on"], CLEAR[given["outcome"]])


class EscortForm(CheckForm):
    """Who comes along, or how they get home."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["words"].label = "Who comes, and how they can be reached"
        self.fields["done_on"].label = "Arranged on"
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            ("clear", "someone comes, or transport is arranged"),
            ("against", "nobody can come yet"),
        ]


class TakeBackForm(forms.Form):
    """Why a row is taken back."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    words = forms.CharField(label="Why it is taken back", max_length=500)

    def __init__(self, *args: Any, **more: Any) -> None:
        more["initial"] = {"id": uuid4(), **more.get("initial", {})}
        super().__init__(*args, **more)

    def said(self) -> Words:
        """Return the id of the form and the reason."""
        return Words(self.cleaned_data["id"], self.cleaned_data["words"].strip())


def check_form(kind: str, *, need: str, for_day: date | None, today: date) -> CheckForm:
    """Return the form by which a need of the plan is met."""
    found = EscortForm if kind == "escort" else CheckForm
    initial = {
        "need": need,
        "for_day": for_day.isoformat() if for_day else "",
        "done_on": today.isoformat(),
    }
    return found(initial=initial, auto_id=f"id_{need}_{for_day or 'course'}_%s")
