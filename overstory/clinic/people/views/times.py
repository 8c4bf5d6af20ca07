"""The roster: who is there, who is on call, who is away; and the hours that nobody answers for."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.people.actions import times as actions
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.duty import roster_of
from overstory.clinic.people.forms.times import LeaveForm, OnCallForm, ShiftForm, SpanForm
from overstory.clinic.people.permissions import May
from overstory.clinic.people.times import (
    DutyLeave,
    OnCall,
    Shift,
    leaves_of,
    shifts_of,
    zone_of,
)

AHEAD = timedelta(days=14)
NIGHT = time(2)
MOST = 100


@require_GET
@may(May.SEE_ROSTER)
def roster(request: StaffRequest) -> HttpResponse:
    """Show who answers now and tonight, the next 14 days, and what they lack."""
    return _roster(request)


@require_POST
@may(May.RUN_ROSTER)
def shift_add(request: StaffRequest) -> HttpResponse:
    """Add a shift; its wall times are those of its site."""
    key = _uuid(request.POST.get("site"))
    site = request.clinic.sites.filter(pk=key).first() if key else None
    zone = site.zone if site else zone_of(request.clinic)
    form = ShiftForm(request.POST, clinic=request.clinic, zone=zone)
    return _add(request, form, actions.add_shift, "shift_form")


@require_POST
@may(May.RUN_ROSTER)
def leave_add(request: StaffRequest) -> HttpResponse:
    """Add a leave."""
    form = LeaveForm(request.POST, clinic=request.clinic, zone=zone_of(request.clinic))
    return _add(request, form, actions.add_leave, "leave_form")


@require_POST
@may(May.RUN_ROSTER)
def on_call_add(request: StaffRequest) -> HttpResponse:
    """Add an on-call time."""
    form = OnCallForm(request.POST, clinic=request.clinic, zone=zone_of(request.clinic))
    return _add(request, form, actions.add_on_call, "on_call_form")


@require_POST
@may(May.RUN_ROSTER)
def shift_end(request: StaffRequest, shift_id: UUID) -> HttpResponse:
    """Take a shift back."""
    found = get_object_or_404(shifts_of(request.clinic), pk=shift_id)
    return _take_back(request, found)


@require_POST
@may(May.RUN_ROSTER)
def leave_end(request: StaffRequest, leave_id: UUID) -> HttpResponse:
    """Take a leave back."""
    return _take_back(request, get_object_or_404(leaves_of(request.clinic), pk=leave_id))


@require_POST
@may(May.RUN_ROSTER)
def on_call_end(request: StaffRequest, on_call_id: UUID) -> HttpResponse:
    """Take an on-call time back."""
    return _take_back(request, get_object_or_404(request.clinic.on_calls, pk=on_call_id))


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _add(request: StaffRequest, form: SpanForm, add: Any, name: str) -> HttpResponse:
    if not form.is_valid():
        return _roster(request, status=422, **{name: form})
    try:
        add(**form.cleaned_data, by=request.user, at=timezone.now())
    except actions.TimeError as error:
        form.add_error(None, str(error))
        return _roster(request, status=422, **{name: form})
    messages.success(request, "Saved.")
    return redirect("roster")


def _take_back(request: StaffRequest, span: Shift | DutyLeave | OnCall) -> HttpResponse:
    actions.take_back(span=span, clinic=request.clinic, by=request.user, at=timezone.now())
    messages.success(request, "Taken back.")
    return redirect("roster")


def _roster(request: StaffRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    clinic, now = request.clinic, timezone.now()
    zone, last = zone_of(clinic), now + AHEAD
    tonight = next_night(now, zone)
    found = roster_of(clinic, now, last)
    shown = {
        "zone": zone.key,
        "now": now,
        "tonight": tonight,
        "on_now": found.at(now),
        "on_tonight": found.at(tonight),
        "gaps": found.uncovered()[:10],
        "clashes": found.clashes()[:10],
        "shifts": found.shifts[:MOST],
        "leaves": found.leaves[:MOST],
        "calls": found.calls[:MOST],
        "shift_form": ShiftForm(clinic=clinic, zone=zone, prefix=None),
        "leave_form": LeaveForm(clinic=clinic, zone=zone),
        "on_call_form": OnCallForm(clinic=clinic, zone=zone),
        **forms,
    }
    return render(request, "people/roster.html", shown, status=status)


def next_night(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next 02:00 of a place, as an instant."""
    local = now.astimezone(zone)
    night = datetime.combine(local.date(), NIGHT, tzinfo=zone)
    if night <= local:
        night = datetime.combine(local.date() + timedelta(days=1), NIGHT, tzinfo=zone)
    return night
