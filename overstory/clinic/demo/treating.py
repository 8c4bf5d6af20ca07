"""Stories of treatment: visits booked, plans drafted and signed, courses booked whole."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import product
from random import Random

from overstory.clinic.booking.actions import Visit, book_visit
from overstory.clinic.booking.course_actions import book_course
from overstory.clinic.booking.hours import visit_offers
from overstory.clinic.booking.models import Resource
from overstory.clinic.booking.needed import kind_for
from overstory.clinic.booking.proposing import Wanted, proposals
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.planning_actions import NotSignableError, Wish, draft, sign
from overstory.clinic.demo.world import World
from overstory.clinic.people.models import Person
from overstory.pathway.planning.placing import CannotPlaceError
from overstory.pathway.planning.refusals import PlanRefusedError, PlanWishError

TIMES = (
    time(9), time(10, 30), time(13), time(14, 30), time(11, 30), time(16), time(8), time(15, 20),
)  # fmt: skip


def visit(world: World, what: str, person: Person, *, at: datetime) -> None:
    """Book an evaluation visit within the next days."""
    offers = visit_offers(person.site, now=at)
    chosen = world.random("visit", what).choice(offers[: len(offers) // 2])
    asked = Visit(
        id=world.key("visit", what), site=person.site, clinician=chosen.clinician,
        starts=chosen.starts,
    )  # fmt: skip
    desk = world.at_site("coordinator", site=person.site)
    book_visit(visit=asked, person=person, care_request=None, at=at, actor=desk.actor)


def drafted(
    world: World,
    what: str,
    person: Person,
    treatment: str,
    *,
    start: int,
    at: datetime,
    protocol: str = "",
) -> CarePlan | None:
    """Draft a plan that begins so many days from the base; none where there can be none."""
    doctor = world.at_site("psychiatrist", site=person.site)
    wish = Wish(
        id=world.key("plan", what), treatment=treatment,
        start=(world.base + timedelta(days=start)).date(), protocol=protocol,
    )  # fmt: skip
    try:
        return draft(person=person, wish=wish, by=doctor, at=at)
    except (PlanRefusedError, CannotPlaceError, PlanWishError):
        return None


def signed(world: World, plan: CarePlan, *, at: datetime) -> bool:
    """Sign a plan; return whether that could be."""
    doctor = world.at_site("psychiatrist", site=plan.person.site)
    try:
        sign(plan=plan, sha256_seen=plan.content_sha256, by=doctor, at=at)
    except NotSignableError:
        return False
    return True


def course(
    world: World, what: str, plan: CarePlan, *, at: datetime, first: Wanted | None = None
) -> bool:
    """Book a signed plan whole, at a time and place at which all of it fits; `first` is tried first."""
    desk = world.at_site("coordinator", site=plan.person.site)
    tried = [first] if first else []
    for wanted in (*tried, *_wanted(plan, world.random("course", what))):
        found = proposals(plan=plan, wanted=wanted, now=at)
        if not found.unplaced:
            book_course(
                plan=plan, wanted=wanted, seen=found.fingerprint, key=world.key("course", what),
                by=desk, at=at,
            )  # fmt: skip
            return True
    return False


def treatments_of(plan: CarePlan) -> list[str]:
    """Return the treatments of which a plan has sessions, the first first."""
    return list(dict.fromkeys(each["treatment"] for each in plan.content["sessions"]))


def _wanted(plan: CarePlan, random: Random) -> list[Wanted]:
    """Return times and places to try, the times of day in a random order."""
    treatments = treatments_of(plan)
    by_treatment = [
        list(
            Resource.objects.filter(
                site=plan.person.site, kind=kind_for(each), retired_at=None
            ).order_by("name")
        )
        for each in treatments
    ]
    times = random.sample(TIMES, len(TIMES))
    return [
        Wanted(at, dict(zip(treatments, places, strict=True)))
        for at in times
        for places in product(*by_treatment)
    ]
