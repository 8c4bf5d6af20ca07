"""
The calendar of a site as the two documents that the independent check of timetables reads.

What each session holds is read from the seats that it occupies; what it needs, from its signed plan; who
is there, from the shifts and leaves. Minutes are those of the clock on the wall.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from overstory.clinic.booking.models import Appointment, Occupancy, Outage, Resource
from overstory.clinic.people.calendar import hours_of
from overstory.clinic.people.models import DutyLeave, Shift, Site
from overstory.pathway.timetable.checker import Violation, violations

WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
KIND = {"tms": "tms-device", "kap": "room"}
ROLES = {"technician": {"tms-technician"}, "nurse": {"nurse"}, "therapist": {"therapist"},
         "prescriber": {"psychiatrist", "medical-director"}}  # fmt: skip
MANY = 60
WHOLE_DAY = [{"weekdays": WEEK, "from": "00:00", "until": "24:00"}]


def faults(site: Site, *, first: date, last: date) -> list[Violation]:
    """Return what the independent check finds wrong in the calendar of a site; nothing where it is valid."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rows = list(
        Appointment.objects.filter(
            site=site, state__in=["booked", "done"], wall_date__range=(first, last)
        ).prefetch_related("plan")
    )
    needed = [_visit(site, row) for row in rows]
    booked = [
        {"course": str(row.plan.course), "visit": name, "on": str(row.wall_date),
         "start": f"{row.wall_time:%H:%M}", "person": str(row.plan.person_id)}
        for row, (name, _) in zip(rows, needed, strict=True)
    ]  # fmt: skip
    held = _held(rows)
    sessions = [
        {**{key: each[key] for key in ("course", "visit", "on", "start")}, "n": 0, "stage": 0,
         "units": held[row.pk], "moved": False}
        for each, row in zip(booked, rows, strict=True)
    ]  # fmt: skip
    visits = dict(needed)
    of = sorted({need["of"] for visit in visits.values() for need in visit["needs"]})
    instance = {
        "clinic": _clinic(site, days),
        "places": list(_places(site, days)),
        "roles": [_role(site, name, days) for name in of if name.split()[0] in ROLES],
        "visits": list(visits.values()),
        "courses": [],
        "booked": booked,
    }
    timetable = {"courses": [], "unplaced": [], "sessions": [], "booked": sessions, "cost": 0}
    return violations(instance, timetable)


def _clinic(site: Site, days: Sequence[date]) -> dict[str, Any]:
    hours = hours_of(site)
    walls = [(hours.opens(day), hours.closes(day)) for day in days if hours.opens(day)]
    return {
        "zone": site.time_zone, "first_day": str(days[0]), "last_day": str(days[-1]),
        "opens": min(f"{a.astimezone(site.zone):%H:%M}" for a, _ in walls),
        "closes": max(f"{b.astimezone(site.zone):%H:%M}" for _, b in walls),
        "weekdays": WEEK, "closed": [str(day) for day in days if not hours.opens(day)],
    }  # fmt: skip


def _visit(site: Site, row: Appointment) -> tuple[str, dict[str, Any]]:
    """What a session needs by its plan: set-up and treatment have a person whole, the watch a share."""
    session = next(each for each in row.plan.content["sessions"] if each["n"] == row.n)
    prepare, treat, watch, chair = (
        session["minutes"][each] for each in ("prepare", "treat", "observe", "chair")
    )
    until = chair + site.clinic.ways.get("turnaround_minutes", 0)
    needs = [{"of": KIND.get(row.treatment, "chair"), "from": 0, "until": until}]
    for who in session["people"]:
        busy = prepare + treat if "prepare" in who["during"] else 0
        if who["where"] == "in-room":
            needs.append({"of": who["role"], "from": 0, "until": busy})
            if "observe" in who["during"]:
                needs.append({"of": who["role"], "from": max(busy, chair - watch), "until": chair,
                              "how": "watch"})  # fmt: skip
        else:
            begins = 0 if "prepare" in who["during"] else prepare
            ends = chair if "observe" in who["during"] else prepare + treat
            needs.append({"of": f"{who['role']} there", "from": begins, "until": ends,
                          "how": "watch"})  # fmt: skip
    name = f"{row.treatment} {prepare}+{treat}+{watch}={chair}"
    return name, {"id": name, "minutes": chair, "needs": needs}


def _held(rows: Sequence[Appointment]) -> dict[Any, list[str]]:
    """The seats of places that each occupies, whatever was meant."""
    found: dict[Any, list[str]] = {row.pk: [] for row in rows}
    seats = (
        Occupancy.objects.filter(appointment__in=rows)
        .exclude(resource__kind="staff")
        .values_list("appointment", "resource__name", "seat")
        .distinct()
    )
    for appointment, name, seat in seats:
        found[appointment].append(f"{name} seat {seat}")
    return found


def _places(site: Site, days: Sequence[date]) -> Iterator[dict[str, Any]]:
    outs: dict[Any, list[dict[str, str]]] = {}
    for out in Outage.objects.filter(resource__site=site, withdrawn_at=None):
        outs.setdefault(out.resource_id, []).extend(_parts(site, out.starts, out.ends, days))
    resources = list(Resource.objects.filter(site=site).exclude(kind="staff"))
    for kind in sorted({each.kind for each in resources}):
        yield {
            "id": kind,
            "units": [
                {"id": f"{each.name} seat {seat}", "outs": outs.get(each.pk, [])}
                for each in resources
                if each.kind == kind
                for seat in range(1, each.seats + 1)
            ],
        }


def _role(site: Site, name: str, days: Sequence[date]) -> dict[str, Any]:
    """The people of a role as one each; on days after the last shift of the role there are many."""
    roles = ROLES[name.split(maxsplit=1)[0]]
    shifts = Shift.objects.filter(site=site, withdrawn_at=None, staff__roles__role__in=roles)
    works: dict[Any, list[dict[str, str]]] = {}
    for row in shifts:
        works.setdefault(row.staff_id, []).extend(_parts(site, row.starts, row.ends, days))
    known = max((span["on"] for own in works.values() for span in own), default="")
    people = [
        {"id": f"{name} {staff}", "shifts": WHOLE_DAY,
         "outs": _rest(own, days) + _leave(site, staff, days)}
        for staff, own in works.items()
    ]  # fmt: skip
    rostered = [
        {"on": str(day), "from": "00:00", "until": "24:00"} for day in days if str(day) <= known
    ]
    people += [{"id": f"{name} {n}", "shifts": WHOLE_DAY, "outs": rostered} for n in range(MANY)]
    watching = MANY if name.endswith(" there") else site.clinic.ways.get("patients_per_monitor", 1)
    return {"id": name, "patients_per_monitor": watching, "people": people}


def _leave(site: Site, staff: Any, days: Sequence[date]) -> list[dict[str, str]]:
    rows = DutyLeave.objects.filter(staff=staff, withdrawn_at=None)
    return [part for row in rows for part in _parts(site, row.starts, row.ends, days)]


def _parts(
    site: Site, starts: datetime, ends: datetime, days: Sequence[date]
) -> Iterator[dict[str, str]]:
    """A span of instants as the parts of days that it touches."""
    begins, until = starts.astimezone(site.zone), ends.astimezone(site.zone)
    for day in days:
        if begins.date() <= day <= until.date():
            first = f"{begins:%H:%M}" if begins.date() == day else "00:00"
            last = f"{until:%H:%M}" if until.date() == day else "24:00"
            if first < last:
                yield {"on": str(day), "from": first, "until": last}


def _rest(works: Sequence[dict[str, str]], days: Sequence[date]) -> list[dict[str, str]]:
    """When someone with these hours is not at work."""
    found = []
    for day in map(str, days):
        at = "00:00"
        for span in sorted((w for w in works if w["on"] == day), key=lambda w: w["from"]):
            if at < span["from"]:
                found.append({"on": day, "from": at, "until": span["from"]})
            at = max(at, span["until"])
        if at < "24:00":
            found.append({"on": day, "from": at, "until": "24:00"})
    return found
