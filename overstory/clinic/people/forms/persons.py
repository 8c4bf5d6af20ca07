"""Forms about a person: who they are, how they are reached, who is near, who pays."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms

from overstory.clinic.people.actions.persons import PersonDetails
from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.people.forms.phones import PhoneField
from overstory.clinic.people.forms.shown import BesideForm
from overstory.clinic.people.persons import CHANNELS, CONTACT_KINDS, ChannelConsent

LANGUAGES = (("en", "English"), ("es", "Español"))
CHANNEL_WORDS = {
    "phone": "By phone",
    "text": "By text message",
    "email": "By e-mail",
    "post": "By post",
}
KINDS = [(each, each) for each in CONTACT_KINDS]


def day_input() -> forms.DateInput:
    """Return a field for a day that browsers help with."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class FindForm(forms.Form):
    """Looks for persons."""

    q = forms.CharField(
        label="Name, birth date, phone or e-mail",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class PersonForm(forms.Form):
    """Who someone is and how they are reached."""

    legal_name = forms.CharField(label="Legal name", max_length=120)
    called = forms.CharField(label="Called", max_length=60, required=False)
    birth_date = forms.DateField(label="Birth date", required=False, widget=day_input())
    phone = PhoneField(label="Phone", required=False)
    email = forms.EmailField(label="E-mail", required=False)
    language = forms.ChoiceField(label="Language", choices=LANGUAGES)
    site = forms.ModelChoiceField(label="Site", queryset=Site.objects.none())
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def __init__(self, *args: Any, clinic: Clinic, **more: Any) -> None:
        super().__init__(*args, **more)
        sites = clinic.sites.order_by("name")
        field = self.fields["site"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = sites
        if sites.count() == 1:
            field.initial = sites[0].pk

    def details(self) -> PersonDetails:
        """Return what was filled in."""
        given = self.cleaned_data
        return PersonDetails(
            legal_name=" ".join(given["legal_name"].split()),
            called=" ".join(given["called"].split()),
            birth_date=given["birth_date"],
            phone=given["phone"].strip(),
            email=given["email"].strip().lower(),
            language=given["language"],
        )


class NewPersonForm(PersonForm):
    """A new person; asks again where one like it is there already."""

    is_another = forms.BooleanField(
        label="None of these is the same person", required=False, widget=forms.HiddenInput
    )

    def ask_again(self) -> None:
        """Show the question whether it is somebody else."""
        self.fields["is_another"].widget = forms.CheckboxInput()


class ChannelsForm(BesideForm):
    """By which channels someone may be reached: each yes, no, or not asked."""

    def __init__(self, *args: Any, said: Mapping[str, ChannelConsent], **more: Any) -> None:
        super().__init__(*args, **more)
        for channel in CHANNELS:
            last = said.get(channel)
            asked = [("yes", "Yes"), ("no", "No")]
            self.fields[channel] = forms.ChoiceField(
                label=CHANNEL_WORDS[channel],
                choices=asked if last else [("", "Not asked"), *asked],
                initial="" if last is None else "yes" if last.is_given else "no",
                required=False,
            )

    def answers(self) -> dict[str, bool]:
        """Return what was said of each channel that was asked about."""
        given = self.cleaned_data
        return {each: given[each] == "yes" for each in CHANNELS if given[each]}


class ContactForm(BesideForm):
    """Someone near to a person."""

    kind = forms.ChoiceField(label="Who", choices=KINDS)
    name = forms.CharField(label="Name", max_length=200)
    phone = PhoneField(label="Phone", required=False)
    relation = forms.CharField(label="Relation", max_length=60, required=False)


class CoverForm(BesideForm):
    """An insurer with the number on the card."""

    insurer = forms.CharField(label="Insurer", max_length=120)
    member_id = forms.CharField(label="Member number", max_length=60, required=False)
