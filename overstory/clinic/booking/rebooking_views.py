"""The appointments of a course beside the version of its plan in force, and closing its holds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.booking import rebooking_actions as actions
from overstory.clinic.booking.actions import NotBookableError
from overstory.clinic.booking.fitting import Fit, fit_now
from overstory.clinic.booking.forms import CourseForm, places_beside
from overstory.clinic.booking.occupying import TakenError
from overstory.clinic.booking.rebooking import fit_of, times_for, usual
from overstory.clinic.booking.telling import booked_words
from overstory.clinic.care.living_forms import CloseHoldForm
from overstory.clinic.care.living_holds import HoldError
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.reaching import plan_of
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.clinic.people.stepup import step_up


@may(May.BOOK)
@require_GET
def rebook(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Show which appointments stay, which are to be cancelled, and which sessions are to be booked."""
    person, plan = _of(request, person_id, plan_id)
    return render(request, "booking/rebook.html", _shown(request, person, plan))


@may(May.BOOK)
@require_POST
def cancel(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Cancel the appointments that no session stands for any more."""
    person, plan = _of(request, person_id, plan_id)
    seen = request.POST.get("seen", "")
    try:
        gone = actions.cancel_outdated(plan=plan, seen=seen, by=request.user, at=timezone.now())
    except NotBookableError as error:
        return _refused(request, person, plan, error)
    messages.success(request, f"{len(gone)} appointments are cancelled.")
    return redirect("rebook", person.pk, plan.pk)


@may(May.BOOK)
@require_POST
def book(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Book the sessions that have no appointment at the times that were shown."""
    person, plan = _of(request, person_id, plan_id)
    now = timezone.now()
    form = _form(plan, fit_of(plan, now=now), asked=request.POST)
    if not form.is_valid():
        shown = _shown(request, person, plan) | {"form": form}
        return render(request, "booking/rebook.html", shown, status=422)
    try:
        booked = actions.book_missing(
            plan=plan,
            wanted=form.wanted(),
            seen=request.POST.get("seen", ""),
            by=request.user,
            at=now,
        )
    except (NotBookableError, TakenError) as error:
        return _refused(request, person, plan, error)
    messages.success(request, booked_words(booked, at=now))
    return redirect("rebook", person.pk, plan.pk)


@may(May.BOOK)
@require_POST
def settle(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Confirm the appointments to come, or mark them as tentative, as the holds say."""
    person, plan = _of(request, person_id, plan_id)
    try:
        actions.settle(plan=plan, by=request.user, at=timezone.now())
    except NotBookableError as error:
        return _refused(request, person, plan, error)
    return redirect("rebook", person.pk, plan.pk)


@may(May.DECIDE)
@step_up
def close_hold(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Close a hold of a plan with the reason."""
    person, plan = _of(request, person_id, plan_id)
    if request.method != "POST":
        return redirect("plan", person.pk, plan.pk)
    numbers = [each["n"] for each in plan.content["sessions"]]
    form = CloseHoldForm(request.POST, sessions=numbers)
    if not form.is_valid():
        messages.error(request, "Nothing was closed: say why the hold is closed.")
        return _back(request, person, plan)
    try:
        actions.close_hold(plan=plan, closing=form.closing(), by=request.user, at=timezone.now())
    except HoldError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The hold is closed.")
    return _back(request, person, plan)


def _back(request: StaffRequest, person: Person, plan: CarePlan) -> HttpResponse:
    """Return to the page from which a hold was closed: its plan, or all its holds."""
    return redirect("holds" if "from_holds" in request.POST else "plan", person.pk, plan.pk)


def _of(request: StaffRequest, person_id: UUID, plan_id: UUID) -> tuple[Person, CarePlan]:
    plan = plan_of(request, person_id, plan_id)
    return plan.person, plan


def _form(plan: CarePlan, fit: Fit, *, asked: Any) -> CourseForm:
    places = places_beside(plan)
    return CourseForm(
        asked if "at" in asked else None,
        initial=usual(fit, places),
        site=plan.person.site,
        treatments=list(dict.fromkeys(each["treatment"] for each in fit.to_book)),
        places=places,
    )


def _shown(request: StaffRequest, person: Person, plan: CarePlan) -> dict[str, Any]:
    """What the page shows; while times are tried it says nothing of holds, which no time depends on."""
    now = timezone.now()
    is_tried = request.method == "GET" and "at" in request.GET
    fit = None
    if plan.is_in_force:
        fit = fit_now(plan, now=now) if is_tried else fit_of(plan, now=now)
    form, found = None, None
    if fit is not None and fit.to_book:
        form = _form(plan, fit, asked=request.GET)
        if _is_asked(form):
            found = times_for(plan, fit, wanted=form.wanted(), now=now)
    return {
        "person": person, "site": person.site, "zone": person.site.time_zone, "plan": plan,
        "fit": fit, "form": form, "found": found, "current": _in_force(request, plan),
        "is_tried": is_tried,
    }  # fmt: skip


def _in_force(request: StaffRequest, plan: CarePlan) -> CarePlan | None:
    """The version of the course that is in force, where this one is not."""
    if plan.is_in_force:
        return None
    rows = request.clinic.plans.filter(course=plan.course)
    return rows.filter(signed_at__isnull=False, ended_at=None).first()


def _is_asked(form: CourseForm) -> bool:
    return form.is_bound and form.is_valid() and not form.missing


def _refused(
    request: StaffRequest, person: Person, plan: CarePlan, error: ValueError
) -> HttpResponse:
    shown = _shown(request, person, plan) | {"refused": str(error)}
    return render(request, "booking/rebook.html", shown, status=409)
