"""The queue of requests, one request, and what staff do about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.audit.reading import saw
from overstory.clinic.intake import asking_actions as actions
from overstory.clinic.intake.asking import CareRequest
from overstory.clinic.intake.asking_forms import (
    CloseForm,
    GiveForm,
    OpenForm,
    RegisterForm,
    StepForm,
)
from overstory.clinic.intake.asking_recognising import (
    LABELS,
    details_told,
    differences,
    same_open,
)
from overstory.clinic.intake.asking_rows import drawn, queue_of, standing_of, visits_of
from overstory.clinic.people.actions.persons import details_of
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.finding import likely_same, named_or_born, why_same
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.clinic.ui.windows import window

WHICH = frozenset({"all", "nobody", "mine", "closed"})
TOO_LATE = "Someone closed this request a moment ago; nothing was changed."


@may(May.WORK_REQUESTS)
@require_GET
def requests_queue(request: StaffRequest) -> HttpResponse:
    """Show the open requests, the first due first; or the closed ones, the last closed first."""
    asked = request.GET.get("of", "all")
    which = asked if asked in WHICH else "all"
    shown = window(request, queue_of(request.clinic.pk, which, request.user.pk))
    saw(request, *(f"request:{each['pk']}" for each in shown.rows))
    now = timezone.now()
    rows = drawn(shown.rows, now, are_closed=which == "closed", visits=visits_of(shown.rows))
    context = {"window": shown, "rows": rows, "which": which}
    return render(request, "intake/requests.html", context)


@may(May.WORK_REQUESTS)
@require_GET
def request_page(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """Show one request, who it could be, and what was done."""
    found = _mine(request, request_id)
    return render(request, "intake/request.html", _shown(request, found))


@may(May.WORK_REQUESTS)
@require_POST
def request_act(request: StaffRequest, request_id: UUID, what: str) -> HttpResponse:
    """Take, give, write down, close a request, or open it again."""
    found = _mine(request, request_id)
    forms: dict[str, Any] = {
        "give": GiveForm(request.POST, clinic=request.clinic),
        "step": StepForm(request.POST),
        "close": CloseForm(request.POST),
        "open": OpenForm(request.POST),
    }
    form = forms.get(what)
    if form is not None and not form.is_valid():
        again = {**_shown(request, found), f"{what}_form": form}
        return render(request, "intake/request.html", again, status=422)
    doing: dict[str, Any] = {"care_request": found, "by": request.user, "at": timezone.now()}
    does: dict[str, Any] = {
        "close": actions.close,
        "open": actions.open_again,
        "step": actions.note,
    }
    try:
        if what == "take":
            actions.give(to=request.user, **doing)
        elif what == "give":
            actions.give(to=forms["give"].cleaned_data["to"], **doing)
        else:
            does[what](**forms[what].cleaned_data, **doing)
    except actions.RequestClosedError:
        messages.info(request, TOO_LATE)
    return redirect("request", found.pk)


@may(May.EDIT_PERSON)
@require_POST
def request_register(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """
    Make the one who asked a person in care, or recognise one who is.

    Before a request is attached, or somebody registered beside those who may be the same, both
    are shown side by side.
    """
    found = _mine(request, request_id)
    form = RegisterForm(request.POST)
    if not form.is_valid():
        raise Http404
    existing = None
    if form.cleaned_data["existing"]:
        rows = request.clinic.persons.present()
        existing = get_object_or_404(rows, pk=form.cleaned_data["existing"])
    if found.closed_at is None and not form.cleaned_data["sure"]:
        told = details_told(found)
        beside = [existing] if existing else likely_same(request.clinic, told)
        if beside:
            return _side_by_side(request, found, existing, beside)
    try:
        person = actions.register(
            care_request=found, existing=existing, by=request.user, at=timezone.now()
        )
    except actions.RequestClosedError:
        messages.info(request, TOO_LATE)
        return redirect("request", found.pk)
    if existing:
        messages.success(request, f"The request is attached to {person.legal_name}.")
        _say_differences(request, found, person)
    else:
        messages.success(request, f"{person.legal_name} is registered.")
    return redirect(_person_page(person))


def _side_by_side(
    request: StaffRequest, found: CareRequest, existing: Person | None, beside: list[Person]
) -> HttpResponse:
    saw(request, *(f"person:{each.pk}" for each in beside), action="likely doubles")
    told, held = details_told(found), [details_of(each) for each in beside]
    rows = [
        (label, getattr(told, name), [getattr(each, name) for each in held])
        for name, label in LABELS.items()
    ]
    shown = {
        "found": found,
        "existing": existing,
        "beside": [(each, why_same(each, told)) for each in beside],
        "rows": rows,
        "differs": differences(found, existing) if existing else [],
    }
    return render(request, "intake/request_confirm.html", shown)


def _say_differences(request: StaffRequest, found: CareRequest, person: Person) -> None:
    labels = [each.label.lower() for each in differences(found, person)]
    if labels:
        said = f"Told otherwise than on record, and not changed: {', '.join(labels)}."
        messages.warning(request, said)


def _person_page(person: Person) -> str:
    try:
        return reverse("person", args=(person.pk,))
    except NoReverseMatch:
        return reverse("requests")


def _mine(request: StaffRequest, request_id: UUID) -> CareRequest:
    try:
        found = request.clinic.care_requests.select_related("owner", "site", "person", "clinic")
        return get_object_or_404(found, pk=request_id)
    except ValidationError:
        raise Http404 from None


def _shown(request: StaffRequest, found: CareRequest) -> dict[str, Any]:
    told, is_open = details_told(found), found.closed_at is None
    alike = likely_same(request.clinic, told) if is_open else []
    same = same_open(found) if is_open else []
    near = named_or_born(request.clinic, told) if is_open and not alike else []
    saw(
        request,
        *(f"request:{each.pk}" for each in [found, *same]),
        *(f"person:{each.pk}" for each in [*alike, *near]),
    )
    return {
        "found": found,
        "standing": standing_of(found, timezone.now()),
        "steps": found.steps.select_related("by", "to").order_by("at"),
        "uploads": found.uploads.defer("content").order_by("at", "pk"),
        "alike": [(each, why_same(each, told)) for each in alike],
        "near": near,
        "same": same,
        "differs": differences(found, found.person.kept) if found.person else [],
        "give_form": GiveForm(clinic=request.clinic),
        "step_form": StepForm(),
        "close_form": CloseForm(),
        "open_form": OpenForm(),
    }
