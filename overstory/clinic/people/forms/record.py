"""The form that looks through the record of who did what."""

from __future__ import annotations

from typing import Any

from django import forms

from overstory.clinic.audit.entries import Kind
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.staff import Staff

KINDS = (
    (Kind.ALL.value, "Everything"),
    (Kind.READS.value, "What was seen"),
    (Kind.CHANGES.value, "What was done"),
    (Kind.SIGN_INS.value, "Who signed in"),
)


class RecordForm(forms.Form):
    """Looks through the record."""

    kind = forms.ChoiceField(label="What", choices=KINDS, required=False)
    staff = forms.ModelChoiceField(
        label="By whom", queryset=Staff.objects.none(), required=False, empty_label="anybody"
    )
    person = forms.CharField(
        label="On which person", required=False, max_length=120,
        help_text="A name, birth date, phone number, or the id.",
    )  # fmt: skip

    def __init__(self, *args: Any, clinic: Clinic, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["staff"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = clinic.staff.order_by("name")

    def kind_asked(self) -> Kind:
        """Return the kind asked for; without one, all."""
        return Kind(self.cleaned_data["kind"] or Kind.ALL)
