"""The calendar of the staff: a day at a site, a course booked, an appointment moved or ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.audit.reading import saw
from overstory.clinic.booking import actions, course_actions, offering_views
from overstory.clinic.booking.forms import CourseForm, day_in, midnight, places_of
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.occupying import TakenError
from overstory.clinic.booking.offering_forms import asked_in
from overstory.clinic.booking.proposing import proposals
from overstory.clinic.booking.telling import booked_words
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.reaching import person_of
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.permissions import May

MOST_A_DAY = 400
ENDED = {
    "cancelled": "Cancelled. Its time is free again; tell the person, no message was sent.",
    "no-show": "Noted: nobody came. Call them; a session missed is an event of the plan.",
}


@may(May.SEE_CALENDAR)
@require_GET
def calendar(request: StaffRequest) -> HttpResponse:
    """Show one day of one site."""
    sites = list(request.clinic.sites.order_by("name"))
    asked = request.GET.get("site", "")
    site = next((each for each in sites if each.slug == asked), sites[0] if sites else None)
    if site is None:
        return render(request, "booking/calendar.html", {"sites": sites})
    on = day_in(request.GET.get("day", ""), timezone.now().astimezone(site.zone).date())
    one = timedelta(days=1)
    found = list(
        request.clinic.appointments.standing()
        .filter(site=site, starts__gte=midnight(on, site), starts__lt=midnight(on + one, site))
        .select_related("person", "care_request__person", "clinician")
        .order_by("starts", "pk")[:MOST_A_DAY]
    )
    saw(request, *(f"person:{each.whose.pk}" for each in found if each.whose))
    places = actions.places(found)
    rows = [(each, ", ".join(places.get(each.pk, []))) for each in found]
    shown = {
        "sites": sites, "site": site, "on": on, "before": on - one, "after": on + one, "rows": rows
    }  # fmt: skip
    return render(request, "booking/calendar.html", shown)


@may(May.BOOK)
def book_course(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Offer standing times for a whole plan, or show where its sessions stand at a wanted time."""
    plan = offering_views.plan_to_book(request, person_id, plan_id)
    person, site = plan.person, plan.person.site
    asked = request.POST if request.method == "POST" else request.GET
    if "at" not in asked:
        around = offering_views.page(person, plan, coming=asked_in(request.GET, site))
        shown = around["shown"]
        form = None if shown is None else _form(plan, None, shown.places)
        more = {"form": form, "missing": form.missing if form else []}
        return render(request, "booking/course.html", around | more)
    form = _form(plan, asked, places_of(site))
    around = {
        "person": person, "site": site, "zone": site.time_zone, "plan": plan,
        "form": form, "missing": form.missing, "booked": plan.__dict__["booked"] or 0,
    }  # fmt: skip
    if not form.is_valid() or form.missing:
        return render(request, "booking/course_by_hand.html", around, status=422)
    if request.method == "POST":
        return _book(request, plan, form, around)
    around["found"] = proposals(plan=plan, wanted=form.wanted(), now=timezone.now())
    return render(request, "booking/course_by_hand.html", around)


def _form(plan: CarePlan, asked: Any, places: Sequence[Resource]) -> CourseForm:
    treatments = list(dict.fromkeys(each["treatment"] for each in plan.content["sessions"]))
    return CourseForm(asked, site=plan.person.site, treatments=treatments, places=places)


def _book(
    request: StaffRequest, plan: CarePlan, form: CourseForm, around: dict[str, Any]
) -> HttpResponse:
    now = timezone.now()
    try:
        booked = course_actions.book_course(
            plan=plan,
            wanted=form.wanted(),
            seen=request.POST.get("seen", ""),
            key=uuid4(),
            by=request.user,
            at=now,
        )
    except (actions.NotBookableError, TakenError) as error:
        around["refused"] = str(error)
        around["found"] = proposals(plan=plan, wanted=form.wanted(), now=now)
        return render(request, "booking/course_by_hand.html", around, status=409)
    messages.success(request, booked_words(booked, at=now))
    offering_views.warn_of_days(request, plan, at=now)
    return redirect("appointments", plan.person_id)


@may(May.SEE_CALENDAR)
@require_GET
def appointments(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show all appointments of a person, those to come first."""
    person = person_of(request, person_id)
    found = list(
        Appointment.objects.filter(clinic=request.clinic)
        .of(person)
        .select_related("clinician", "site")
        .order_by("-starts", "pk")[:MOST_A_DAY]
    )
    places = actions.places(found)
    now = timezone.now()
    rows = [(each, ", ".join(places.get(each.pk, []))) for each in found]
    coming = [row for row in reversed(rows) if row[0].starts > now and row[0].state != "moved"]
    parts = [
        ("To come", coming),
        ("Earlier or moved, the last first", [row for row in rows if row not in coming]),
    ]
    waits = Counter(
        (each.plan_id, each.treatment)
        for each in found
        if each.is_tentative and each.state == "booked" and each.starts > now and each.plan_id
    )
    tentative = [(plan, treatment, count) for (plan, treatment), count in waits.items()]
    shown = {"person": person, "parts": parts, "now": now, "tentative": tentative}
    return render(request, "booking/appointments.html", shown | _told(request, found))


def _told(request: StaffRequest, found: Sequence[Appointment]) -> dict[str, Any]:
    """What is told of the one row to which a reader returns: there, where they look, and not above."""
    row = next((each.pk for each in found if str(each.pk) == request.GET.get("row")), None)
    if row is None:
        return {}
    return {"row": row, "told": list(messages.get_messages(request)), "messages": ()}


@may(May.BOOK)
@require_POST
def end(request: StaffRequest, appointment_id: UUID, state: str) -> HttpResponse:
    """Cancel an appointment, or say that nobody came."""
    found = mine(request, appointment_id)
    try:
        actions.cancel(appointment=found, state=state, by=request.user, at=timezone.now())
    except actions.NotBookableError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, ENDED[state])
        if found.whose is None and state == "cancelled" and found.starts > timezone.now():
            return redirect("freed", found.pk)
    return after(found)


@may(May.BOOK)
@require_POST
def came_after_all(request: StaffRequest, appointment_id: UUID) -> HttpResponse:
    """Take back that nobody came."""
    found = mine(request, appointment_id)
    try:
        actions.take_back_no_show(appointment=found, by=request.user, at=timezone.now())
    except actions.NotBookableError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Taken back: it stands as booked.")
    return after(found)


def after(found: Appointment) -> HttpResponse:
    """Go on to its row among the appointments of the person, or to the day of who has no record yet."""
    if found.whose is not None:
        page = reverse("appointments", args=(found.whose.pk,))
        return redirect(f"{page}?row={found.pk}#row-{found.pk}")
    return redirect(f"/calendar/?site={found.site.slug}&day={found.wall_date}")


def mine(request: StaffRequest, appointment_id: UUID) -> Appointment:
    """
    Return an appointment of the reader's clinic, and note that it was read.

    :raises django.http.Http404: if the clinic has no such appointment.
    """
    rows = request.clinic.appointments.marked_alone().select_related(
        "site", "person", "care_request__person", "clinician", "plan__signed_by"
    )
    found: Appointment = get_object_or_404(rows, pk=appointment_id)
    found.clinic = found.site.clinic = request.clinic
    if found.whose is not None:
        found.whose.__dict__["is_alone"] = found.__dict__["is_of_one_row"]
    saw(request, f"person:{found.whose.pk}" if found.whose else f"appointment:{found.pk}")
    return found
