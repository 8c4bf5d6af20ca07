"""Whole-course offers on the page that books a signed plan: shown, wished otherwise, and chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from overstory.clinic.booking.actions import NotBookableError
from overstory.clinic.booking.offering import (
    CourseOffer,
    Desk,
    desk_of,
    offers_of,
    waiting_beside,
)
from overstory.clinic.booking.offering_actions import book_offer
from overstory.clinic.booking.offering_forms import ComingForm, as_query, asked_in, said
from overstory.clinic.booking.offering_ways_out import NoPlace, no_place
from overstory.clinic.booking.staffing import named
from overstory.clinic.booking.wishing import Coming, coming_of, keep_coming
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.reaching import person_of
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page says of offers: the wishes, what they found, and what nobody knows yet."""

    coming: Coming
    is_tried: bool
    is_noted: bool
    offers: list[CourseOffer]
    no_place: NoPlace | None
    unknown: list[tuple[str, date | None]]
    query: str

    @property
    def anew(self) -> str:
        """The first day for which the course is to be planned anew, as YYYY-MM-DD; empty for none."""
        first = self.no_place.anew if self.no_place is not None else None
        return first.isoformat() if first is not None else ""


@may(May.BOOK)
@require_POST
def choose(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Book the whole course at the times of an offer."""
    person, plan = _of(request, person_id, plan_id)
    try:
        booked = book_offer(
            plan=plan,
            times=request.POST.get("times", ""),
            seen=request.POST.get("seen", ""),
            key=uuid4(),
            by=request.user,
            at=timezone.now(),
        )
    except NotBookableError as error:
        found = page(person, plan, coming=asked_in(request.GET, person.site))
        return render(request, "booking/course.html", {**found, "refused": str(error)}, status=409)
    messages.success(request, f"{len(booked)} sessions are booked.")
    return redirect("appointments", person.pk)


@may(May.BOOK)
@require_POST
def wishes(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Note when the person can come, and show the offers for it."""
    person, plan = _of(request, person_id, plan_id)
    form = ComingForm(request.POST, site=person.site)
    if not form.is_valid():
        found = {**page(person, plan, coming=None), "coming_form": form}
        return render(request, "booking/course.html", found, status=422)
    keep_coming(
        key=form.cleaned_data["key"], person=person, coming=form.coming(), by=request.user,
        at=timezone.now(),
    )  # fmt: skip
    return redirect("book_course", person.pk, plan.pk)


def page(person: Person, plan: CarePlan, *, coming: Coming | None) -> dict[str, Any]:
    """Return what the page of a plan that waits to be booked shows; `coming` is to be tried only."""
    noted = coming_of(person)
    wished = coming or noted or Coming()
    shown = None
    if plan.is_in_force:
        shown = _shown(plan, wished, is_tried=coming is not None and coming != noted, noted=noted)
    return {
        "person": person, "site": person.site, "zone": person.site.time_zone, "plan": plan,
        "shown": shown, "booked": plan.appointments.filter(state__in=["booked", "done"]).count(),
        "coming_form": ComingForm(initial=said(wished), site=person.site),
    }  # fmt: skip


def _shown(plan: CarePlan, coming: Coming, *, is_tried: bool, noted: Coming | None) -> Shown:
    now = timezone.now()
    waiting = [(each, Coming()) for each in waiting_beside(plan)]
    desk = desk_of(plan, coming=coming, now=now, waiting=waiting)
    found = offers_of(desk)
    return Shown(
        coming=coming,
        is_tried=is_tried,
        is_noted=noted is not None,
        offers=found,
        no_place=None if found else no_place(desk, now=now),
        unknown=_unknown(desk),
        query=as_query(coming) if is_tried else "",
    )


def _unknown(desk: Desk) -> list[tuple[str, date | None]]:
    """The roles of which nobody knows yet who is there on the last days, and until when it is known."""
    roles = {span.role for each in desk.grid.visits for span in each.needs.staff}
    last = desk.grid.days[-1] if desk.grid.days else None
    known = desk.gate.roster.known_until
    return [
        (named(role), known.get(role))
        for role in sorted(roles)
        if last is not None and not desk.gate.roster.knows(role, last)
    ]


def _of(request: StaffRequest, person_id: UUID, plan_id: UUID) -> tuple[Person, CarePlan]:
    person = person_of(request, person_id)
    plans = request.clinic.plans.filter(person__in=person.ids)
    return person, get_object_or_404(plans.select_related("person__site", "clinic"), pk=plan_id)
