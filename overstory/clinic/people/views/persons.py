"""Pages about persons: finding, registering, their details, those who stand there twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.audit.reading import saw
from overstory.clinic.people import actions
from overstory.clinic.people.actions.persons import MergeError, PersonDetails, details_of
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.finding import doubles_of, find, found_before, likely_same, why_same
from overstory.clinic.people.forms.persons import (
    ChannelsForm,
    ContactForm,
    CoverForm,
    FindForm,
    NewPersonForm,
    PersonForm,
)
from overstory.clinic.people.permissions import May
from overstory.clinic.people.persons import CHANNELS, Person
from overstory.clinic.ui.windows import window


@require_GET
@may(May.FIND_PERSONS)
def people(request: StaffRequest) -> HttpResponse:
    """List the clinic's persons, or those whom a search finds."""
    form = FindForm(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    shown = window(request, find(request.clinic, text).select_related("site"))
    saw(request, *(f"person:{each.pk}" for each in shown.rows), action="people")
    before = found_before(request.clinic, text)
    for each in shown.rows:
        each.before = before.get(each.pk, [])
    return render(request, "people/people.html", {"form": form, "window": shown, "text": text})


@may(May.EDIT_PERSON)
def person_new(request: StaffRequest) -> HttpResponse:
    """Register a person; where one like it is there, ask first whether it is another."""
    form = NewPersonForm(request.POST or None, clinic=request.clinic)
    if request.method != "POST":
        return render(request, "people/person_new.html", {"form": form})
    if not form.is_valid():
        return render(request, "people/person_new.html", {"form": form}, status=422)
    key = form.cleaned_data["key"]
    same = [each for each in likely_same(request.clinic, form.details()) if each.pk != key]
    if same and not form.cleaned_data["is_another"]:
        form.ask_again()
        saw(request, *(f"person:{each.pk}" for each in same), action="likely doubles")
        return render(request, "people/person_new.html", {"form": form, "same": same})
    try:
        person = actions.register_person(
            clinic=request.clinic,
            site=form.cleaned_data["site"],
            details=form.details(),
            by=request.user,
            at=timezone.now(),
            key=key,
        )
    except actions.SentBeforeError as error:
        form.add_error(None, f"Not saved: {error}.")
        return render(request, "people/person_new.html", {"form": form}, status=409)
    return redirect("person_details", person_id=person.pk)


@require_GET
@may(May.SEE_PERSON)
def person_details(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show who someone is, how they are reached, who is near, who pays."""
    person = _person(request, person_id)
    if person.merged_into_id:
        return redirect("person_details", person_id=person.kept.pk)
    return _details(request, person)


@may(May.EDIT_PERSON)
def person_edit(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Change who someone is."""
    person = _person(request, person_id)
    filled = {each: getattr(details_of(person), each) for each in _FIELDS}
    form = PersonForm(
        request.POST or None, clinic=request.clinic, initial={**filled, "site": person.site_id}
    )
    if request.method == "POST" and form.is_valid():
        actions.edit_person(
            person=person,
            details=form.details(),
            site=form.cleaned_data["site"],
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, "Saved.")
        return redirect("person_details", person_id=person.pk)
    status = 422 if form.is_bound else 200
    return render(
        request, "people/person_edit.html", {"form": form, "person": person}, status=status
    )


LANGUAGES = {"en": "English", "es": "Español"}
_FIELDS = {
    "legal_name": "Legal name",
    "called": "Called",
    "birth_date": "Birth date",
    "phone": "Phone",
    "email": "E-mail",
    "language": "Language",
}


@require_POST
@may(May.EDIT_PERSON)
def person_channels(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Note by which channels someone may be reached."""
    person = _person(request, person_id)
    form = ChannelsForm(request.POST, said=person.channels_said())
    if not form.is_valid():
        return _details(request, person, status=422, channels_form=form)
    at = timezone.now()
    for channel, given in form.answers().items():
        actions.say_channel(person=person, channel=channel, is_given=given, by=request.user, at=at)
    return _saved(request, person)


@require_POST
@may(May.EDIT_PERSON)
def contact_add(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Add someone near to a person."""
    person = _person(request, person_id)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _details(request, person, status=422, contact_form=form)
    actions.add_contact(person=person, **form.cleaned_data, by=request.user, at=timezone.now())
    return _saved(request, person)


@require_POST
@may(May.EDIT_PERSON)
def contact_end(request: StaffRequest, person_id: UUID, contact_id: UUID) -> HttpResponse:
    """End that someone is a contact."""
    person = _person(request, person_id)
    contact = get_object_or_404(person.contacts_now(), pk=contact_id)
    actions.end_contact(contact=contact, by=request.user, at=timezone.now())
    return _saved(request, person)


@require_POST
@may(May.EDIT_PERSON)
def cover_add(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Add an insurer."""
    person = _person(request, person_id)
    form = CoverForm(request.POST)
    if not form.is_valid():
        return _details(request, person, status=422, cover_form=form)
    actions.add_cover(person=person, **form.cleaned_data, by=request.user, at=timezone.now())
    return _saved(request, person)


@require_POST
@may(May.EDIT_PERSON)
def cover_end(request: StaffRequest, person_id: UUID, cover_id: UUID) -> HttpResponse:
    """End a cover."""
    person = _person(request, person_id)
    cover = get_object_or_404(person.covers_now(), pk=cover_id)
    actions.end_cover(cover=cover, by=request.user, at=timezone.now())
    return _saved(request, person)


@require_GET
@may(May.MERGE_PERSONS)
def doubles(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show who may be this person once more, and who was merged into it."""
    person = _person(request, person_id)
    return _doubles(request, person)


@require_POST
@may(May.MERGE_PERSONS)
def merge(request: StaffRequest, person_id: UUID, other_id: UUID) -> HttpResponse:
    """Say that two rows are one person."""
    return _of_two(request, person_id, other_id, _merge)


@require_POST
@may(May.MERGE_PERSONS)
def unmerge(request: StaffRequest, person_id: UUID, other_id: UUID) -> HttpResponse:
    """Take a merge back."""
    return _of_two(request, person_id, other_id, _unmerge)


def _of_two(
    request: StaffRequest, person_id: UUID, other_id: UUID, do: Callable[..., None]
) -> HttpResponse:
    person, other = _person(request, person_id), _person(request, other_id)
    saw(request, f"person:{other.pk}")
    try:
        do(person, other, by=request.user, at=timezone.now())
    except MergeError as error:
        return _doubles(request, person, status=409, refused=f"Not merged: {error}.")
    messages.success(request, "Merged." if do is _merge else "The merge is taken back.")
    return redirect("doubles", person_id=person.pk)


def _merge(person: Person, other: Person, **by_at: Any) -> None:
    actions.merge(kept=person, other=other, **by_at)


def _unmerge(person: Person, other: Person, **by_at: Any) -> None:
    if other.merged_into_id != person.pk:
        raise MergeError("it is not merged into this person")
    actions.unmerge(other=other, **by_at)


def _doubles(
    request: StaffRequest, person: Person, *, status: int = 200, **more: Any
) -> HttpResponse:
    same, merged = doubles_of(person), list(person.merged.order_by("legal_name"))
    saw(request, *(f"person:{each.pk}" for each in [*same, *merged]), action="doubles")
    ours = details_of(person)
    pairs = [(each, why_same(each, ours), _beside(ours, details_of(each))) for each in same]
    shown = {"person": person, "same": pairs, "merged": merged, **more}
    return render(request, "people/doubles.html", shown, status=status)


def _beside(one: PersonDetails, other: PersonDetails) -> list[tuple[str, object, object, bool]]:
    """Return the details of two rows side by side, and whether they differ."""
    found: list[tuple[str, object, object, bool]] = []
    for name, label in _FIELDS.items():
        here, there = getattr(one, name), getattr(other, name)
        shown = [
            LANGUAGES.get(each, each) if name == "language" else each for each in (here, there)
        ]
        found.append((label, shown[0], shown[1], here != there))
    return found


def _person(request: StaffRequest, person_id: UUID) -> Person:
    return get_object_or_404(
        request.clinic.persons.select_related("site", "merged_into"), pk=person_id
    )


def _saved(request: HttpRequest, person: Person) -> HttpResponse:
    messages.success(request, "Saved.")
    return redirect("person_details", person_id=person.pk)


def _details(
    request: StaffRequest, person: Person, *, status: int = 200, **forms: Any
) -> HttpResponse:
    said = person.channels_said()
    shown = {
        "person": person,
        "said": [(name, said.get(name)) for name in CHANNELS],
        "contacts": person.contacts_now(),
        "covers": person.covers_now(),
        "merged_count": person.merged.count(),
        "age": person.age(timezone.now().astimezone(person.site.zone).date()),
        "channels_form": ChannelsForm(said=said),
        "contact_form": ContactForm(),
        "cover_form": CoverForm(),
        **forms,
    }
    return render(request, "people/person_details.html", shown, status=status)
