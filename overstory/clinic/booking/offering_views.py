"""Whole-course offers on the page that books a signed plan: shown, wished otherwise, and chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from overstory.clinic.booking.actions import NotBookableError
from overstory.clinic.booking.models import Appointment, ComingWish, Resource
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
from overstory.clinic.booking.telling import booked_words
from overstory.clinic.booking.wishing import (
    Coming,
    coming_of,
    from_record,
    keep_coming,
    record_words,
)
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.reaching import plan_of
from overstory.clinic.care.rhythm import DAYS, coming_facts, coming_words
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May


@dataclass(frozen=True, slots=True)
class Shown:
    """
    What a page says of offers: the wishes, what they found, and what nobody knows yet.

    `said` is what the record has of coming, where no wish was noted, and `too_few` in words that the plan
    has more days a week than that; `places` are those of the site.
    """

    coming: Coming
    is_tried: bool
    is_noted: bool
    said: str
    too_few: str
    offers: list[CourseOffer]
    no_place: NoPlace | None
    unknown: list[tuple[str, date | None]]
    query: str
    places: tuple[Resource, ...]

    @property
    def anew(self) -> str:
        """The first day for which the course is to be planned anew, as YYYY-MM-DD; empty for none."""
        first = self.no_place.anew if self.no_place is not None else None
        return first.isoformat() if first is not None else ""


@may(May.BOOK)
@require_POST
def choose(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Book the whole course at the times of an offer."""
    plan = plan_to_book(request, person_id, plan_id)
    person = plan.person
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
    messages.success(request, booked_words(booked, at=timezone.now()))
    warn_of_days(request, plan, at=timezone.now())
    return redirect("appointments", person.pk)


def warn_of_days(request: StaffRequest, plan: CarePlan, *, at: datetime) -> None:
    """Say once more, after booking, that a plan has more days a week than the person said they can come."""
    if plan.__dict__["wished"]:
        return  # the days were noted, and what was booked is on those
    knowledge = in_force(plan.clinic).knowledge
    words = coming_words(plan.content, coming_facts(plan.person, at, knowledge))
    if words:
        messages.warning(request, f"{words} Ask them before they are told these times.")


@may(May.BOOK)
@require_POST
def wishes(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Note when the person can come, and show the offers for it."""
    plan = plan_to_book(request, person_id, plan_id)
    person = plan.person
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
    wish = _wish(person, plan)
    wished = coming or wish.coming
    shown = None
    if plan.is_in_force and not plan.__dict__["booked"]:
        shown = _shown(plan, wished, wish, is_tried=coming is not None and coming != wish.coming)
    return {
        "person": person, "site": person.site, "zone": person.site.time_zone, "plan": plan,
        "shown": shown, "booked": plan.__dict__["booked"] or 0,
        "coming_form": ComingForm(initial=said(wished), site=person.site),
    }  # fmt: skip


def plan_to_book(request: StaffRequest, person_id: UUID, plan_id: UUID) -> CarePlan:
    """
    Return a plan with its person, how many of its sessions are booked, and whether a wish was noted.

    :raises django.http.Http404: if the clinic has no such plan of that person.
    """
    taken = Appointment.objects.filter(plan=OuterRef("pk"), state__in=["booked", "done"])
    count = taken.order_by().values("plan").annotate(found=Count("pk")).values("found")
    return plan_of(
        request,
        person_id,
        plan_id,
        booked=Subquery(count),
        wished=Exists(ComingWish.objects.filter(person=OuterRef("person"))),
    )


@dataclass(frozen=True, slots=True)
class _Wish:
    """When a person can come: as it was noted, else as their record has it, in words too."""

    coming: Coming
    is_noted: bool = False
    said: str = ""
    too_few: str = ""


def _wish(person: Person, plan: CarePlan) -> _Wish:
    is_alone = person.__dict__.get("is_alone", False)
    noted = coming_of(person) if plan.__dict__["wished"] or not is_alone else None
    if noted is not None:
        return _Wish(noted, is_noted=True)
    now, knowledge = timezone.now(), in_force(plan.clinic).knowledge
    facts = coming_facts(person, now, knowledge)
    return _Wish(
        from_record(facts[DAYS].value),
        said=record_words(facts[DAYS].value),
        too_few=coming_words(plan.content, facts),
    )


def _shown(plan: CarePlan, coming: Coming, wish: _Wish, *, is_tried: bool) -> Shown:
    now = timezone.now()
    waiting = [(each, Coming()) for each in waiting_beside(plan)]
    desk = desk_of(plan, coming=coming, now=now, waiting=waiting)
    found = offers_of(desk)
    return Shown(
        coming=coming,
        is_tried=is_tried,
        is_noted=wish.is_noted,
        said=wish.said,
        too_few=wish.too_few,
        offers=found,
        no_place=None if found else no_place(desk, now=now),
        unknown=_unknown(desk),
        query=as_query(coming) if is_tried else "",
        places=desk.rows.resources,
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
