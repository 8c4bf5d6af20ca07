"""The waiting list, a wish to come sooner, and who could come at a time that has become free."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.audit.reading import saw
from overstory.clinic.booking.actions import NotBookableError, resource_of
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.occupying import TakenError
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.permissions import May
from overstory.clinic.ui.windows import window
from overstory.clinic.week import waiting_actions as actions
from overstory.clinic.week.models import Waiting
from overstory.clinic.week.sooner import Could, chosen, could_come
from overstory.clinic.week.waiting import open_waitings
from overstory.clinic.week.waiting_forms import SoonerForm


@may(May.BOOK)
@require_GET
def waiting(request: StaffRequest) -> HttpResponse:
    """Show who waits for a place or an earlier one."""
    now = timezone.now()
    rows = window(request, open_waitings(request.clinic, now=now))
    saw(request, *(f"person:{each.person_id}" for each in rows.rows if each.person_id))
    return render(request, "week/waiting.html", {"window": rows, "now": now})


@may(May.BOOK)
@require_POST
def waiting_take(request: StaffRequest, waiting_id: UUID) -> HttpResponse:
    """Take someone who waits into one's own care."""
    actions.take(waiting=_mine(request, waiting_id), by=request.user, at=timezone.now())
    return redirect("waiting")


@may(May.BOOK)
@require_POST
def waiting_end(request: StaffRequest, waiting_id: UUID) -> HttpResponse:
    """Take someone off the list who does not wait any more."""
    actions.withdraw(waiting=_mine(request, waiting_id), by=request.user, at=timezone.now())
    messages.success(request, "Taken off the list.")
    return redirect("waiting")


@may(May.BOOK)
def sooner(request: StaffRequest, appointment_id: UUID) -> HttpResponse:
    """Keep that someone would come sooner than they are booked."""
    found = _appointment(request, appointment_id)
    form = SoonerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.wish_sooner(
                appointment=found, wish=form.wish(), by=request.user, at=timezone.now()
            )
        except actions.WaitingError as error:
            form.add_error(None, str(error))
        else:
            return redirect("waiting")
    status = 422 if request.method == "POST" else 200
    return render(request, "week/sooner.html", {"form": form, "appointment": found}, status=status)


@may(May.BOOK)
def freed(request: StaffRequest, appointment_id: UUID) -> HttpResponse:
    """Show who could come at a time that was given up, and give it to the one who is chosen."""
    found = _appointment(request, appointment_id)
    if found.state not in {"cancelled", "moved"}:
        return redirect("appointment_move", found.pk)
    now = timezone.now()
    could = could_come(found, found.site, now=now) if found.starts > now else []
    refused = ""
    if request.method == "POST":
        try:
            return _give(request, could)
        except (NotBookableError, TakenError) as error:
            refused = f"Nothing was moved. {error}"
    saw(request, *sorted({f"person:{each.waiting.person_id}" for each in could}))
    shown = {
        "appointment": found, "could": could, "zone": found.site.time_zone, "refused": refused,
        "is_over": found.starts <= now,
    }  # fmt: skip
    return render(request, "week/freed.html", shown, status=409 if refused else 200)


def _give(request: StaffRequest, could: list[Could]) -> HttpResponse:
    """
    Give the time to the one who was chosen.

    :raises NotBookableError: if they cannot have it any more, or anything stands against it.
    :raises TakenError: if someone was quicker.
    """
    try:
        wanted = chosen(could, UUID(request.POST.get("waiting", "")))
    except ValueError:
        raise Http404 from None
    if wanted is None or wanted.spot.starts.isoformat() != request.POST.get("at"):
        raise NotBookableError("This time is not free for them any more; look again.")
    actions.give_place(
        waiting=wanted.waiting, starts=wanted.spot.starts, resource=_resource(wanted),
        by=request.user, at=timezone.now(),
    )  # fmt: skip
    messages.success(request, f"{wanted.coming.name} has the time. Tell them: no message was sent.")
    return redirect("waiting")


def _resource(wanted: Could) -> Resource:
    if wanted.spot.place:
        places = Resource.objects.filter(site=wanted.waiting.site)
        return places.get(pk=wanted.spot.place)
    appointment = wanted.waiting.appointment
    if appointment.clinician is None:
        raise NotBookableError("The visit has no clinician.")
    return resource_of(appointment.clinician, appointment.site)


def _mine(request: StaffRequest, waiting_id: UUID) -> Waiting:
    return get_object_or_404(Waiting.objects.filter(clinic=request.clinic), pk=waiting_id)


def _appointment(request: StaffRequest, appointment_id: UUID) -> Appointment:
    rows: Any = request.clinic.appointments.select_related(
        "site__clinic", "person", "care_request__person", "clinician", "plan"
    ).prefetch_related("site__hours", "site__closures")
    found: Appointment = get_object_or_404(rows, pk=appointment_id)
    saw(request, f"person:{found.whose.pk}" if found.whose else f"appointment:{found.pk}")
    return found
