"""The record of who read and wrote what, for the auditor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.audit.entries import entries_of, subjects_of
from overstory.clinic.audit.models import Entry
from overstory.clinic.audit.reading import saw
from overstory.clinic.audit.verifying import verify
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.finding import find
from overstory.clinic.people.forms.record import RecordForm
from overstory.clinic.people.permissions import May
from overstory.clinic.people.times import zone_of
from overstory.clinic.ui.windows import window

MOST_PERSONS = 20
SIZE = 50


@require_GET
@may(May.SEE_AUDIT)
def audit(request: StaffRequest) -> HttpResponse:
    """Show the record, the newest first, as far as it was asked for."""
    form = RecordForm(request.GET, clinic=request.clinic)
    if not form.is_valid():
        return render(request, "people/audit.html", {"form": form}, status=422)
    given = form.cleaned_data
    subjects = _subjects(request.clinic, given["person"].strip())
    found = entries_of(
        request.clinic.pk,
        kind=form.kind_asked(),
        actor=given["staff"].actor if given["staff"] else "",
        subjects=subjects,
    )
    shown = window(request, found.none() if given["person"] and not subjects else found, size=SIZE)
    rows, persons = _named(request.clinic, shown.rows)
    saw(request, *(f"person:{each}" for each in persons), action="audit")
    return render(
        request,
        "people/audit.html",
        {"form": form, "window": shown, "rows": rows, "zone": zone_of(request.clinic).key},
    )


@require_POST
@may(May.SEE_AUDIT)
def audit_verify(request: StaffRequest) -> HttpResponse:
    """Read the clinic's record again and say whether it holds."""
    return render(request, "people/audit_verified.html", {"found": verify(request.clinic.pk)})


def _subjects(clinic: Clinic, text: str) -> list[str]:
    """Return whom a search means, as subjects of entries; with all rows of each person."""
    if not text:
        return []
    try:
        return [f"person:{UUID(text)}"]
    except ValueError:
        found = list(find(clinic, text)[:MOST_PERSONS])
    return [f"person:{each}" for person in found for each in person.ids]


def _named(clinic: Clinic, entries: Sequence[Entry]) -> tuple[list[dict[str, Any]], list[UUID]]:
    """Return the entries with names for ids, and the persons among them."""
    ids = {each for entry in entries for each in [entry.actor, *subjects_of(entry)]}
    staff = _names(clinic.staff.filter(pk__in=_of("staff", ids)).values_list("pk", "name"))
    persons = _names(
        clinic.persons.filter(pk__in=_of("person", ids)).values_list("pk", "legal_name")
    )
    names = {f"staff:{key}": name for key, name in staff.items()}
    names |= {f"person:{key}": name for key, name in persons.items()}
    rows = [
        {
            "entry": entry,
            "actor": names.get(entry.actor, entry.actor),
            "subjects": [names.get(each, each) for each in subjects_of(entry)],
            "more": {k: v for k, v in entry.more.items() if k != "subjects"},
        }
        for entry in entries
    ]
    return rows, list(persons)


def _names(rows: Any) -> dict[UUID, str]:
    return dict(rows)


def _of(kind: str, ids: set[str]) -> list[UUID]:
    found = []
    for each in ids:
        before, _, key = each.partition(":")
        if before == kind:
            try:
                found.append(UUID(key))
            except ValueError:
                continue
    return found
