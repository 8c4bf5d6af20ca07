"""
Generated walks through what the screens can do; after each step the calendar is valid.

Valid is what the independent check of timetables says of places, people, hours and outages, and what each
signed plan says of windows and gaps.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, time, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import orjson
import pytest

from overstory.clinic.booking import actions, rebooking_actions
from overstory.clinic.booking.forms import resources_for
from overstory.clinic.booking.models import Appointment, Occupancy, Use
from overstory.clinic.booking.occupying import TakenError
from overstory.clinic.booking.offering import desk_of, offers_of
from overstory.clinic.booking.offering_actions import book_offer
from overstory.clinic.booking.proposing import Wanted
from overstory.clinic.booking.rebooking import fit_of, times_for
from overstory.clinic.booking.resource_actions import add_outage
from overstory.clinic.booking.wishing import Coming
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.models import DutyLeave, Shift
from overstory.clinic.people.permissions import Role
from overstory.exchange.plan_json import plan_json, read_plan
from overstory.pathway.planning.events import Event, EventKind, after_event
from overstory.pathway.slots import instant
from tests.clinic.conftest import make_person
from tests.clinic.site_as_timetable import faults
from tests.clinic.test_course_offers import AT, BEGIN, doctor, now, place, signed
from tests.people import KNOWLEDGE

__all__ = ["doctor", "now"]
FIRST, LAST = date(2027, 3, 29), date(2027, 8, 31)
KETAMINE_TO_TMS = timedelta(hours=24)
"""CMB_06, from the end of ketamine."""
DEEDS = ("course", "course", "move", "move", "move", "cancel", "no-show", "missed", "outage",
         "leave", "rebook")  # fmt: skip
STEPS = 10
LEAST_KINDS = 3
"""A walk in which nearly all is refused would show nothing."""


def rostered(staff, site, role: Role, *, hours: tuple[int, int], weeks: int = 3) -> Any:
    """Somebody of a role with the same hours on each working day of the first weeks."""
    who = staff(role, name=f"{role.value} {uuid4().hex[:4]}")
    days = (BEGIN + timedelta(days=n) for n in range(weeks * 7))
    Shift.objects.bulk_create(
        Shift(
            staff=who, site=site,
            starts=instant(on=day, at=time(hours[0]), zone=site.zone),
            ends=instant(on=day, at=time(hours[1]), zone=site.zone),
        )
        for day in days
        if day.weekday() < 5
    )  # fmt: skip
    return who


class Walker:
    """What coordinators do, each deed chosen by two numbers; a refusal is an answer as good as any."""

    def __init__(self, clinic, site, doctor, staff) -> None:
        self.clinic, self.site, self.by, self.staff = clinic, site, doctor, staff
        self.plans: list[CarePlan] = []
        self.done: list[str] = []
        self.nurses = [
            rostered(staff, site, Role.NURSE, hours=hours) for hours in ((8, 14), (10, 18))
        ]
        rostered(staff, site, Role.TECHNICIAN, hours=(8, 17))
        rostered(staff, site, Role.PSYCHIATRIST, hours=(8, 18))
        clinic.ways = {"patients_per_monitor": 2, "turnaround_minutes": 10}
        clinic.save()

    def do(self, what: str, one: int, two: int) -> None:
        try:
            getattr(self, f"_{what.replace('-', '_')}")(one, two)
        except (actions.NotBookableError, TakenError):
            return
        self.done.append(what)

    def _course(self, one: int, two: int) -> None:
        treatment = ("esketamine", "tms", "esketamine", "ketamine-then-tms")[one % 4]
        who = make_person(self.clinic, self.site, legal_name=f"Person {len(self.plans)}")
        plan = signed(who, self.by, treatment, BEGIN + timedelta(days=two % 10))
        found = self.offers(plan, Coming(prefer=time(8 + two % 9)))
        if found:
            offer = found[one % len(found)]
            book_offer(plan=plan, times=offer.times, seen=offer.found.fingerprint, key=uuid4(),
                       by=self.by, at=AT)  # fmt: skip
            self.plans.append(plan)

    def offers(self, plan: CarePlan, coming: Coming) -> list[Any]:
        return offers_of(desk_of(plan, coming=coming, now=AT))

    def _move(self, one: int, two: int) -> None:
        row = self._one(one)
        if row is None:
            return
        day = row.wall_date + timedelta(days=two % 5 - 2)
        to = instant(on=day, at=time(8 + two % 10, two % 12 * 5), zone=self.site.zone)
        places = list(resources_for(self.site, row.treatment))
        actions.move(appointment=row, to=to, resource=places[two % len(places)], by=self.by, at=AT)

    def _cancel(self, one: int, two: int) -> None:
        row = self._one(one)
        if row is not None:
            actions.cancel(appointment=row, state="cancelled", by=self.by, at=AT)

    def _no_show(self, one: int, two: int) -> None:
        row = self._one(one)
        if row is not None:
            actions.cancel(appointment=row, state="no-show", by=self.by, at=AT)

    def _missed(self, one: int, two: int) -> None:
        """A session is missed: another version of the plan, and the calendar brought in line with it."""
        row = self._one(one)
        if row is None or not row.plan.is_in_force:
            return
        before = read_plan(orjson.dumps(row.plan.content), name="plan")
        event = Event(kind=EventKind.MISSED, on=before.sessions[row.n - 1].date, sessions=(row.n,))
        after = after_event(plan=before, event=event, knowledge=KNOWLEDGE)
        CarePlan.objects.filter(pk=row.plan.pk).update(ended_at=AT)
        new = CarePlan.objects.get(pk=row.plan.pk)
        new.pk, new.n, new.made_from_id = uuid4(), new.n + 1, row.plan.pk
        new.content, new.ended_at = plan_json(after), None
        new.save(force_insert=True)
        self._in_line(new)

    def _rebook(self, one: int, two: int) -> None:
        row = self._one(one)
        if row is not None and row.plan.is_in_force:
            self._in_line(row.plan)

    def _in_line(self, plan: CarePlan) -> None:
        fit = fit_of(plan, now=AT)
        rebooking_actions.cancel_outdated(plan=plan, seen=fit.seen, by=self.by, at=AT)
        fit = fit_of(plan, now=AT)
        treatments = {each["treatment"] for each in fit.to_book}
        places = {each: list(resources_for(self.site, each)) for each in treatments}
        wanted = Wanted(time(9), {t: own[0] for t, own in places.items()},
                        {t: tuple(own[1:]) for t, own in places.items()})  # fmt: skip
        if fit.to_book:
            found = times_for(plan, fit, wanted=wanted, now=AT)
            rebooking_actions.book_missing(plan=plan, wanted=wanted, seen=found.fingerprint,
                                           by=self.by, at=AT)  # fmt: skip

    def _outage(self, one: int, two: int) -> None:
        """Something is out for some hours; what stood on it goes elsewhere, or is cancelled."""
        row = self._one(one)
        if row is None:
            return
        resource = row.occupancies.exclude(resource__kind="staff").first().resource
        add_outage(key=uuid4(), resource=resource, starts=row.starts, why="repair", by=self.by,
                   ends=row.starts + timedelta(hours=1 + two % 6), at=AT)  # fmt: skip
        ends = row.starts + timedelta(hours=1 + two % 6)
        self._clear(Use.objects.filter(resource=resource, starts__lt=ends, ends__gt=row.starts))

    def _leave(self, one: int, two: int) -> None:
        """A nurse is away for a day; the sessions that are short of one go elsewhere, or are cancelled."""
        day = BEGIN + timedelta(days=one % 20)
        starts = instant(on=day, at=time(0), zone=self.site.zone)
        DutyLeave.objects.create(
            staff=self.nurses[two % 2], starts=starts, ends=starts + timedelta(days=1)
        )
        self._clear(Use.objects.filter(resource__name="team:nurse", appointment__wall_date=day))

    def _clear(self, uses: Any) -> None:
        ids = list(uses.values_list("appointment", flat=True).distinct())
        for row in Appointment.objects.filter(pk__in=ids, state="booked").select_related("plan"):
            if not self._elsewhere(row):
                actions.cancel(appointment=row, state="cancelled", by=self.by, at=AT)

    def _elsewhere(self, row: Appointment) -> bool:
        for resource in resources_for(self.site, row.treatment):
            for hour in (8, 11, 14):
                to = instant(on=row.wall_date, at=time(hour), zone=self.site.zone)
                try:
                    actions.move(appointment=row, to=to, resource=resource, by=self.by, at=AT)
                except (actions.NotBookableError, TakenError):
                    continue
                return True
        return False

    def _one(self, number: int) -> Appointment | None:
        rows = Appointment.objects.filter(state="booked").order_by("starts", "wall_time", "n")
        rows = rows.select_related("plan", "site__clinic", "person")
        count = rows.count()
        return rows[number % count] if count else None


def wrong_in_plans() -> Iterator[str]:
    """Yield sessions outside their window, too near to one another, and TMS too soon after ketamine."""
    rows = list(
        Appointment.objects.filter(state__in=["booked", "done"])
        .prefetch_related("plan")
        .order_by("person", "starts")
    )
    for row in rows:
        session = row.plan.content["sessions"][row.n - 1]
        if not session["earliest"] <= str(row.wall_date) <= session["latest"]:
            yield f"session {row.n} on {row.wall_date} is outside of its window"
    for before, after in itertools.pairwise(rows):
        if before.person_id != after.person_id:
            continue
        ended = before.starts + timedelta(minutes=before.minutes)
        gap = after.plan.content["sessions"][after.n - 1]["min_gap_hours"]
        if before.plan_id == after.plan_id and after.starts - before.starts < timedelta(hours=gap):
            yield f"session {after.n} is too near to session {before.n}"
        is_crossing = before.treatment != "tms" and after.treatment == "tms"
        if is_crossing and after.starts - ended < KETAMINE_TO_TMS:
            yield f"TMS {after.starts - ended} after ketamine"


@pytest.mark.parametrize("seed", [1, 3])
def test_every_state_that_the_screens_can_reach_is_valid(now, clinic, site, doctor, staff, seed):
    for n in (1, 2):
        place(site, "chair", f"Chair {n}")
        place(site, "tms-device", f"Device {n}")
    walker = Walker(clinic, site, doctor, staff)
    random = Random(seed)  # noqa: S311
    for deed in ("course", "course", *random.choices(DEEDS, k=STEPS)):
        walker.do(deed, random.randrange(400), random.randrange(400))

        assert faults(site, first=FIRST, last=LAST) == [], deed
        assert list(wrong_in_plans()) == [], deed
        held = Occupancy.objects.values_list("appointment__state", flat=True).distinct()
        assert set(held) <= {"booked", "no-show"}, deed
    assert len(set(walker.done)) > LEAST_KINDS
