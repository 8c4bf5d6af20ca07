"""Notes: the list, one with what each sentence rests on, editing, signing."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.care import notes as writing
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.forms import NoteForm
from overstory.clinic.care.models import Note, NoteVersion
from overstory.clinic.care.reaching import around, person_of, with_steps
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person, Staff
from overstory.clinic.people.permissions import May
from overstory.clinic.people.stepup import step_up
from overstory.clinic.ui.windows import window


@require_GET
@may(May.SEE_BOARD)
def notes(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """List the notes of a person."""
    person = person_of(request, person_id)
    rows = Note.objects.filter(person__in=person.ids).select_related("by")
    shown = window(request, rows.prefetch_related("versions__by").order_by("-at").defer("draft"))
    more: dict[str, Any] = {"window": shown, "key": uuid.uuid4()}
    context = with_steps(request, person, in_force(request.clinic), at=timezone.now(), **more)
    return render(request, "care/notes.html", context)


@require_POST
@may(May.WRITE_NOTES)
def note_new(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Write a note from the facts, to be edited."""
    person = person_of(request, person_id)
    form = NoteForm(request.POST)
    form.fields["words"].required = False
    key = form.cleaned_data["key"] if form.is_valid() else uuid.uuid4()
    row = writing.draft(
        person=person, key=key, force=in_force(request.clinic), by=request.user, at=timezone.now()
    )
    return redirect("note", person_id=person.pk, note_id=row.pk)


@require_GET
@may(May.SEE_BOARD)
def note(request: StaffRequest, person_id: UUID, note_id: UUID) -> HttpResponse:
    """Show a note: its words, what each sentence of the draft rests on, its versions."""
    person = person_of(request, person_id)
    row = _note(person, note_id)
    newest = row.versions.order_by("-number")[0]
    form = NoteForm(initial={"words": newest.words, "seen": newest.number})
    return _page(request, person, row, form)


@require_POST
@may(May.WRITE_NOTES)
def note_save(request: StaffRequest, person_id: UUID, note_id: UUID) -> HttpResponse:
    """Keep the words as the note's next version."""
    person = person_of(request, person_id)
    row = _note(person, note_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, person, row, form, status=422)
    try:
        writing.save(row=row, edit=form.edit(), by=request.user, at=timezone.now())
    except writing.ChangedMeanwhileError as error:
        return _changed(request, person, row, form, error)
    return redirect("note", person_id=person.pk, note_id=row.pk)


@require_POST
@may(May.WRITE_NOTES)
@step_up
def note_sign(
    request: StaffRequest, person_id: UUID, note_id: UUID, version_id: UUID
) -> HttpResponse:
    """Keep the words as they stand in the box, and sign them; only who wrote them does."""
    person = person_of(request, person_id)
    row = _note(person, note_id)
    get_object_or_404(row.versions, pk=version_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, person, row, form, status=422)
    at, edit = timezone.now(), form.edit(is_signing=True)
    try:
        version = _kept(row, edit, by=request.user, at=at)
        writing.sign(version=version, by=request.user, at=at)
    except writing.ChangedMeanwhileError as error:
        return _changed(request, person, row, form, error)
    except (writing.NotReadyError, writing.NotTheAuthorError) as error:
        newest = row.versions.order_by("-number")[0]
        again = NoteForm(initial={"words": newest.words, "seen": newest.number})
        problem = f"{error} What you wrote is kept as version {newest.number}, not signed."
        return _page(request, person, row, again, status=422, problem=problem)
    return redirect("note", person_id=person.pk, note_id=row.pk)


def _kept(row: Note, edit: writing.Edit, *, by: Staff, at: datetime) -> NoteVersion:
    """Return the version that has these words: the newest where nothing was typed, or the next."""
    newest = row.versions.order_by("-number")[0]
    same = newest.words.strip() == edit.words.strip() and newest.by_id == by.pk
    if same and newest.number == edit.seen:
        return newest
    return writing.save(row=row, edit=edit, by=by, at=at)


def _changed(
    request: StaffRequest,
    person: Person,
    row: Note,
    form: NoteForm,
    error: writing.ChangedMeanwhileError,
) -> HttpResponse:
    form.add_error(
        None,
        f"{error.newest.by.name} saved version {error.newest.number} since you opened it. "
        "It stands below: bring the two together, and save again.",
    )
    again = request.POST.copy()
    again["seen"], again["key"] = str(error.newest.number), str(uuid.uuid4())
    form.data = again
    return _page(request, person, row, form, status=409)


def _note(person: Person, note_id: UUID) -> Note:
    found: Note = get_object_or_404(Note.objects.filter(person__in=person.ids), pk=note_id)
    return found


def _page(
    request: StaffRequest,
    person: Person,
    row: Note,
    form: NoteForm,
    *,
    status: int = 200,
    problem: str = "",
) -> HttpResponse:
    versions = list(row.versions.select_related("by").order_by("-number"))
    more = {
        "note": row,
        "form": form,
        "newest": versions[0],
        "versions": versions,
        "problem": problem,
        "unscreened": writing.is_unscreened(person, timezone.now()),
        "screen_key": uuid.uuid4(),
    }
    context = around(request, person, in_force(request.clinic), **more)
    return render(request, "care/note.html", context, status=status)
