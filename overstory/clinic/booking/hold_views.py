"""The holds of a plan's sessions, closed in place, and the list of all that wait, by first day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.audit.reading import saw
from overstory.clinic.booking.hold_lists import courses_by_first_day, waiting
from overstory.clinic.booking.holding import holds_of_plan, settle_course
from overstory.clinic.care.living_forms import CloseHoldForm
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.reaching import plan_of
from overstory.clinic.holds import actions
from overstory.clinic.holds.forms import CheckForm, EscortForm, check_form
from overstory.clinic.holds.values import Hold, Kind, Way
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May, allowed
from overstory.clinic.ui.windows import window

ESCORT = "escort"


@dataclass(frozen=True, slots=True)
class ShownHold:
    """A hold with the form that closes it in place, and where that is sent; none where it has none."""

    hold: Hold
    form: Any = None
    to: str = ""


@may(May.SEE_PLAN)
@require_GET
def hold_list(request: StaffRequest) -> HttpResponse:
    """List the courses with a session to come by its day, each with what it waits for."""
    now = timezone.now()
    found = window(request, courses_by_first_day(request.clinic, at=now))
    for each in found.rows:
        each.clinic = request.clinic
    rows = waiting(found.rows, at=now)
    saw(request, *(f"person:{each.plan.person_id}" for each in rows))
    return render(request, "booking/hold_list.html", {"window": found, "rows": rows, "now": now})


@may(May.SEE_PLAN)
@require_GET
def holds(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Show what each session to come waits for, and one of them with the forms that close it."""
    person, plan = _of(request, person_id, plan_id)
    return render(request, "booking/holds.html", _shown(request, person, plan))


@may(May.RECORD_CHECKS)
@require_POST
def check(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Write down that something a plan needs was looked at."""
    return _checked(request, person_id, plan_id, is_escort=False)


@may(May.WORK_HOLDS)
@require_POST
def escort(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Write down who comes along, or how the person gets home."""
    return _checked(request, person_id, plan_id, is_escort=True)


def _checked(
    request: StaffRequest, person_id: UUID, plan_id: UUID, *, is_escort: bool
) -> HttpResponse:
    person, plan = _of(request, person_id, plan_id)
    form = (EscortForm if is_escort else CheckForm)(request.POST)
    if not form.is_valid():
        refused = "Nothing was kept: say what was done, when, and what came out."
        return _again(request, person, plan, refused, status=422)
    checked, now = form.checked(), timezone.now()
    if (actions.needs_of(plan).get(checked.need) == ESCORT) is not is_escort:
        raise Http404
    can = allowed(request.user.role_names)
    try:
        actions.check(
            plan=plan, checked=checked, said=form.said(), may_decide=May.DECIDE in can,
            by=request.user, at=now,
        )  # fmt: skip
    except actions.HoldRowError as error:
        return _again(request, person, plan, str(error), status=409)
    settle_course(plan, actor=request.actor, at=now)
    messages.success(request, "Kept.")
    return redirect(_address(person, plan, request.POST.get("n", "")))


def _address(person: Person, plan: CarePlan, n: str) -> str:
    more = f"?n={n}" if n.isascii() and n.isdigit() else ""
    return f"{reverse('holds', args=(person.pk, plan.pk))}{more}"


def _again(
    request: StaffRequest, person: Person, plan: CarePlan, refused: str, *, status: int
) -> HttpResponse:
    shown = _shown(request, person, plan) | {"refused": refused}
    return render(request, "booking/holds.html", shown, status=status)


def _of(request: StaffRequest, person_id: UUID, plan_id: UUID) -> tuple[Person, CarePlan]:
    plan = plan_of(request, person_id, plan_id)
    return plan.person, plan


def _shown(request: StaffRequest, person: Person, plan: CarePlan) -> dict[str, Any]:
    now = timezone.now()
    found = holds_of_plan(plan, at=now)
    asked = request.GET.get("n") or request.POST.get("n") or ""
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 0
    here = found.at(number) or found.next
    today = now.astimezone(person.site.zone).date()
    return {
        "person": person, "site": person.site, "zone": person.site.time_zone, "plan": plan,
        "course": found, "here": here, "is_next": here is found.next,
        "keeping": [_form(each, today) for each in here.keeping] if here else [],
        "on_the_day": [_form(each, today) for each in here.on_the_day] if here else [],
        "booked": any(each.coming.appointment for each in found.sessions),
    }  # fmt: skip


def _form(hold: Hold, today: date) -> ShownHold:
    """A hold with the form that closes it here, where one does."""
    if hold.way is Way.CLOSE:
        closing = CloseHoldForm(initial={"hold": hold.need}, auto_id=f"id_{hold.need}_%s")
        return ShownHold(hold, closing, "hold_close")
    if hold.way is not Way.CHECK:
        return ShownHold(hold)
    is_escort = hold.kind is Kind.ESCORT
    if hold.for_day is not None and hold.for_day > today and not is_escort:
        return ShownHold(hold)  # what is of the day is written down on the day
    kind = ESCORT if is_escort else ""
    form = check_form(kind, need=hold.need, for_day=hold.for_day, today=today)
    return ShownHold(hold, form, "hold_escort" if is_escort else "hold_check")
