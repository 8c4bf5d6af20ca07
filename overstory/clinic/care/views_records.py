"""Records from elsewhere: receiving one, reviewing it beside what we have, taking facts from it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from overstory.clinic.care import importing
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.forms import RecordForm
from overstory.clinic.care.models import ImportedRecord
from overstory.clinic.care.reaching import around, person_of, with_steps
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.clinic.ui.windows import window

FHIR_KIND = "fhir"


@require_http_methods(["GET", "POST"])
@may(May.IMPORT_RECORDS)
def records(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """List the records of a person, and receive one more."""
    person = person_of(request, person_id)
    if request.method == "GET":
        return _list(request, person, RecordForm())
    form = RecordForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, person, form, status=422)
    file = form.cleaned_data["file"]
    return _received(request, person, form, importing.Document(file.name, file.read()))


@require_POST
@may(May.IMPORT_RECORDS)
def record_from_upload(request: StaffRequest, person_id: UUID, upload_id: UUID) -> HttpResponse:
    """Receive a record that came with a request or a referral."""
    person = person_of(request, person_id)
    row = get_object_or_404(_uploads(person), pk=upload_id)
    return _received(request, person, RecordForm(), importing.Document(row.name, row.content))


@require_http_methods(["GET", "POST"])
@may(May.IMPORT_RECORDS)
def imported_record(request: StaffRequest, person_id: UUID, record_id: UUID) -> HttpResponse:
    """Show a record beside what we have, and take the facts that were chosen."""
    person = person_of(request, person_id)
    row = get_object_or_404(ImportedRecord.objects.filter(person__in=person.ids), pk=record_id)
    if request.method == "GET":
        return _review(request, person, row, [])
    if "leave" in request.POST:
        return _left(request, person, row)
    return _accepted(request, person, row)


def _received(
    request: StaffRequest, person: Person, form: RecordForm, document: importing.Document
) -> HttpResponse:
    try:
        got = importing.receive(
            person=person,
            document=document,
            knowledge=in_force(request.clinic).knowledge,
            by=request.user,
            at=timezone.now(),
        )
    except importing.RecordRefusedError as error:
        return _list(request, person, form, problem=str(error), status=422)
    if got.is_again:
        messages.info(request, "This very document came before: here it is.")
    return redirect("imported_record", person_id=person.pk, record_id=got.row.pk)


def _accepted(request: StaffRequest, person: Person, row: ImportedRecord) -> HttpResponse:
    choices = _choices(request)
    if request.POST.get("same-person") != "yes" and not _fits(request, person, row):
        return _review(
            request, person, row, ["Say that it is the same person, or leave the record."], 422
        )
    try:
        count = importing.accept(
            row=row,
            choices=choices,
            knowledge=in_force(request.clinic).knowledge,
            by=request.user,
            at=timezone.now(),
        )
    except importing.ChoiceMissingError:
        return _review(request, person, row, ["Choose a side for every fact that differs."], 422)
    except importing.AgedChoiceError as error:
        facts = in_force(request.clinic).knowledge.facts
        names = ", ".join(facts[each].label for each in error.names)
        said = (
            f"Theirs is older than ours, and this goes out of date: {names}. Keep ours, or measure."
        )
        return _review(request, person, row, [said], 422)
    except importing.ReviewedAlreadyError as error:
        return _review(request, person, row, [f"{error}"], 409)
    messages.success(request, f"{count} facts were taken from the record.")
    return redirect("facts", person_id=person.pk)


def _left(request: StaffRequest, person: Person, row: ImportedRecord) -> HttpResponse:
    try:
        importing.leave(row=row, by=request.user, at=timezone.now())
    except importing.ReviewedAlreadyError as error:
        return _review(request, person, row, [f"{error}"], 409)
    return redirect("records", person_id=person.pk)


def _choices(request: StaffRequest) -> importing.Choices:
    sides = {
        name.removeprefix("side-"): value
        for name, value in request.POST.items()
        if name.startswith("side-")
    }
    return importing.Choices(
        taken=frozenset(name for name, side in sides.items() if side == "theirs"),
        left=frozenset(name for name, side in sides.items() if side == "ours"),
    )


def _fits(request: StaffRequest, person: Person, row: ImportedRecord) -> bool:
    return _shown(request, person, row).subject.fits


def _shown(request: StaffRequest, person: Person, row: ImportedRecord) -> importing.Review:
    knowledge = in_force(request.clinic).knowledge
    return importing.review(row=row, person=person, knowledge=knowledge, at=timezone.now())


def _uploads(person: Person) -> Any:
    about = Q(person__in=person.ids) | Q(care_request__person__in=person.ids)
    return person.clinic.uploads.filter(about, kind=FHIR_KIND)


def _list(
    request: StaffRequest,
    person: Person,
    form: RecordForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    rows = (
        ImportedRecord.objects.filter(person__in=person.ids).select_related("by").defer("content")
    )
    seen = set(
        ImportedRecord.objects.filter(person__in=person.ids).values_list("sha256", flat=True)
    )
    waiting = [
        each for each in _uploads(person).defer("content").order_by("-at")[:20]
        if each.sha256 not in seen
    ]  # fmt: skip
    more: dict[str, Any] = {
        "form": form,
        "window": window(request, rows.order_by("-at")),
        "waiting": waiting,
        "problem": problem,
    }
    context = with_steps(request, person, in_force(request.clinic), at=timezone.now(), **more)
    return render(request, "care/records.html", context, status=status)


def _review(
    request: StaffRequest, person: Person, row: ImportedRecord, errors: list[str], status: int = 200
) -> HttpResponse:
    more: dict[str, Any] = {"row": row, "errors": errors, "chosen": request.POST}
    try:
        more["review"] = _shown(request, person, row)
    except importing.RecordRefusedError as error:
        more["errors"] = [*errors, str(error)]
    context = around(request, person, in_force(request.clinic), **more)
    return render(request, "care/record.html", context, status=status)
