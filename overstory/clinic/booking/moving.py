"""What stands against an appointment at another time: hours, the past, the person, the plan."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from overstory.clinic.booking.hours import is_there
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.occupying import out_of_use, stretch_of
from overstory.clinic.people.calendar import hours_of
from overstory.clinic.people.models import Site
from overstory.pathway.slots import Stretch

ONE_DAY = timedelta(days=1)


def against_moving(
    appointment: Appointment, *, to: datetime, resource: Resource, now: datetime
) -> tuple[str, ...]:
    """Return what stands against moving an appointment there, in words; nothing where it can be."""
    wanted = stretch_of(to, appointment.minutes)
    found = [*_of_the_site(appointment, wanted, now), *_of_the_resource(resource, wanted)]
    found += _of_the_clinician(resource, appointment.site, wanted)
    rows = list(_others(appointment, wanted))
    found += _of_the_person(rows, wanted)
    if appointment.plan is not None:
        found += _of_the_plan(appointment, rows, to)
    return tuple(found)


def _of_the_site(appointment: Appointment, wanted: Stretch, now: datetime) -> list[str]:
    site = appointment.site
    day = wanted.starts.astimezone(site.zone).date()
    hours = hours_of(site)
    opens = hours.opens(day)
    found = []
    if wanted.starts <= now:
        found.append("This time has passed.")
    if opens is None:
        found.append(f"{site.name} is closed on {day:%a %-d %b %Y}.")
    elif wanted.starts < opens or wanted.ends > hours.closes(day):
        first, last = (each.astimezone(site.zone) for each in (opens, hours.closes(day)))
        found.append(
            f"{site.name} is open from {first:%H:%M} to {last:%H:%M}; this takes "
            f"{appointment.minutes} minutes."
        )
    return found


def _of_the_resource(resource: Resource, wanted: Stretch) -> list[str]:
    outs = out_of_use([resource], wanted)[resource.pk]
    return [f"{resource} is out of use then."] if outs else []


def _of_the_clinician(resource: Resource, site: Site, wanted: Stretch) -> list[str]:
    """Who is booked themselves is there by a shift, as for the visits that are offered."""
    staff = resource.staff
    if staff is None or is_there(staff, site, wanted):
        return []
    return [f"{staff.name} has no shift at {site.name} then, or is on leave."]


def _others(appointment: Appointment, wanted: Stretch) -> Any:
    """The other appointments of the person: those of the same course, and all near that time."""
    person = appointment.whose
    if person is None:
        return ()
    near = Q(starts__lt=wanted.ends, starts__gt=wanted.starts - ONE_DAY)
    if appointment.plan is not None:
        near |= Q(plan__course=appointment.plan.course)
    rows = Appointment.objects.standing().of(person).filter(near).exclude(pk=appointment.pk)
    return rows.select_related("site", "plan").order_by("starts")


def _of_the_person(rows: list[Appointment], wanted: Stretch) -> list[str]:
    return [
        f"The person is booked then already ({_said(each)})."
        for each in rows
        if stretch_of(each.starts, each.minutes).meets(wanted)
    ]


def _of_the_plan(appointment: Appointment, rows: list[Appointment], to: datetime) -> list[str]:
    """The window of the session in its plan, and the gap to the sessions before and after it."""
    plan, n = appointment.plan, appointment.n
    if plan is None or n is None:
        return []
    sessions: dict[int, dict[str, Any]] = {each["n"]: each for each in plan.content["sessions"]}
    session = sessions[n]
    day = to.astimezone(appointment.site.zone).date().isoformat()
    found = []
    if not session["earliest"] <= day <= session["latest"]:
        found.append(
            f"The plan has session {n} between {session['earliest']} and {session['latest']}; "
            "another day is an event of the plan, for a prescriber."
        )
    for each in rows:
        if each.plan is None or each.plan.course != plan.course or each.n not in sessions:
            continue
        later = session if each.starts < to else sessions[each.n]
        if abs(to - each.starts) < timedelta(hours=later["min_gap_hours"]):
            found.append(
                f"It must be {later['min_gap_hours']:g} hours from session {each.n} ({_said(each)})."
            )
    return found


def _said(each: Appointment) -> str:
    local = each.starts.astimezone(each.site.zone)
    return f"{local:%a %-d %b, %H:%M}"
