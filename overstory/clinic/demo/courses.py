"""Stories of courses: chosen, consented to, planned, signed, booked at the times of the timetable, missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from overstory.clinic.booking import rebooking_actions
from overstory.clinic.booking.actions import cancel
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.needed import kind_for
from overstory.clinic.booking.proposing import Wanted
from overstory.clinic.booking.rebooking import fit_of, times_for
from overstory.clinic.booking.resource_actions import add_outage
from overstory.clinic.care import living_actions
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.demo import agreeing, coming, knowing, treating, waiting
from overstory.clinic.demo.choosing import Chosen
from overstory.clinic.demo.planning import Coming, Slot, can_be_planned, slots
from overstory.clinic.demo.world import Story, World
from overstory.clinic.people.models import Person
from overstory.pathway.planning.events import Event, EventKind

COURSES = {"ketamine-then-tms": 2, "esketamine": 8, "ketamine-iv": 5, "tms": 14}
"""So many courses of each are signed and booked; one more of each is drafted."""
BEGIN = (-32, -25, -20, -18, -13, -11, -6, -5, -4, -3, 1, 1, 2, 3)
"""On which days from the base courses would begin; the timetable may begin them later."""
BEGIN_KETAMINE = (-25, -11, -4, 2, -18, 1, -6, 3)
WAITING = frozenset({("tms", 12), ("esketamine", 7)})
"""Courses, by treatment and place, whose plan is signed and which nobody has booked yet."""
DRAFT_BEGINS = 9
READY = {"ketamine-then-tms": "Theo", "esketamine": "Ines"}
"""First names of those who are evaluated and have not chosen: the treatment would be possible."""
TO_VERIFY = "SBL_1_10"
"""A protocol of which a part is to be verified first: its course is booked tentatively."""
AGAIN = -1
PARTS = {"ketamine-then-tms": ("ketamine-then-tms", "esketamine", "tms")}
NO_SHOWS = {"tms": (1, 4, 6), "esketamine": (2, 5)}
"""Which courses of each had a session to which nobody came; the first of each is planned anew."""


@dataclass(frozen=True, slots=True)
class Going:
    """One who has a course: a word for them, what for, the which of its kind, how far, and when."""

    what: str
    treatment: str
    place: int
    is_draft: bool
    protocol: str
    begins: int
    slot: Slot | None

    @property
    def decided(self) -> int:
        """On which day from the base the choice was made and the plan signed."""
        return min(self.begins - 5, -2)


@dataclass(frozen=True, slots=True)
class Casting:
    """Who has a course of what, by their word; and who is ready to choose, with a first name."""

    going: Mapping[str, Going]
    ready: Mapping[str, str]


def casting(world: World, known: list[Chosen], words: list[str], sites: list[int]) -> Casting:
    """Return who has a course, with the times that the timetable gave, and who is ready for a choice."""
    found: dict[str, tuple[str, int]] = {}
    ready: dict[str, str] = {}
    for treatment, count in COURSES.items():
        name = READY.get(treatment, "")
        fits = (
            word for word, each in zip(words, known, strict=True)
            if each.may_have(treatment) and word not in found and word not in ready
            and (not name or can_be_planned(world, treatment, each))
        )  # fmt: skip
        some = list(islice(fits, count + 1 + bool(name)))
        if name:
            ready[some.pop()] = name
        found |= {word: (treatment, place) for place, word in enumerate(some)}
    coming = [
        Coming(word, treatment, _wish(world, treatment, place), world.sites[site])
        for word, site in zip(words, sites, strict=True)
        for treatment, place in [found.get(word, ("", 0))]
        if treatment and place < COURSES[treatment]
    ]
    given = slots(world, coming, dict(zip(words, known, strict=True)))
    going = {word: _going(world, word, *each, given.get(word)) for word, each in found.items()}
    return Casting(going, ready)


def _wish(world: World, treatment: str, place: int) -> int:
    days = BEGIN if treatment == "tms" else BEGIN_KETAMINE
    return world.working_day(days[place % len(days)])


def _going(world: World, word: str, treatment: str, place: int, slot: Slot | None) -> Going:
    is_draft = place == COURSES[treatment]
    begins = (slot.start - world.base.date()).days if slot else DRAFT_BEGINS
    to_verify = treatment == "tms" and COURSES["tms"] - 4 <= place < COURSES["tms"]
    return Going(word, treatment, place, is_draft, TO_VERIFY if to_verify else "", begins, slot)


def course(world: World, going: Going, person: Person, each: Chosen) -> Story:
    """Tell how someone chose, signed, and had a plan made, signed and booked."""
    days = world.working_day(going.decided)
    at = world.moment(person.site, days, 13 + going.place % 3, 5 + going.place)
    yield at
    agreeing.chooses(world, going.what, person, going.treatment, at=at)
    at += timedelta(minutes=30)
    yield at
    parts = PARTS.get(going.treatment, (going.treatment,))
    agreeing.consents(world, going.what, person, parts, at=at)
    at += timedelta(minutes=30)
    yield at
    plan = _drafted(world, going, person, at)
    at += timedelta(minutes=10)
    if plan and not going.is_draft:
        yield at
        is_signed = treating.signed(world, plan, at=at)
        if is_signed and (going.treatment, going.place) not in WAITING:
            at += timedelta(minutes=20)
            yield at
            plan.refresh_from_db()
            waiting.arranged(world, going.what, plan, parts, place=going.place, at=at)
            if treating.course(world, going.what, plan, at=at, first=_wanted(plan, going)):
                yield from _missed(world, going, plan)
    at = world.moment(person.site, AGAIN, 15, 20 + going.place)
    yield at
    knowing.ask_again(world, going.what, person, each.given, at=at)
    if plan and not going.is_draft:
        coming.before_visits(world, going.what, plan, at=at)


def outage(world: World) -> Story:
    """Tell that a device will be out for an afternoon of this week; what stands there is still to move."""
    site = world.sites[0]
    days = next(each for each in range(2, 9) if world.weekday(each) < 5)
    at = world.moment(site, AGAIN, 16)
    yield at
    add_outage(
        key=world.key("outage"), resource=Resource.objects.get(site=site, name="TMS 2"),
        starts=world.moment(site, days, 13), ends=world.moment(site, days, 18),
        why="The maker changes the coil cable.", by=world.at_site("coordinator", site=site), at=at,
    )  # fmt: skip


def _drafted(world: World, going: Going, person: Person, at: datetime) -> CarePlan | None:
    """Draft the plan by the protocol of the story, or by the default where that one is not for them."""
    for protocol in dict.fromkeys((going.protocol, "")):
        plan = treating.drafted(
            world, going.what, person, going.treatment, start=going.begins, at=at,
            protocol=protocol,
        )  # fmt: skip
        if plan is not None:
            return plan
    return None


def _wanted(plan: CarePlan, going: Going) -> Wanted | None:
    """Return the time and places of the timetable, with the other places beside them."""
    treatments = treating.treatments_of(plan)
    if going.slot is None or {kind_for(each) for each in treatments} - going.slot.units.keys():
        return None
    rows = list(Resource.objects.filter(site=plan.person.site, retired_at=None).order_by("name"))
    named = {
        treatment: next(row for row in rows if row.name == going.slot.units[kind_for(treatment)])
        for treatment in treatments
    }
    others = {
        treatment: tuple(row for row in rows if row.kind == one.kind and row != one)
        for treatment, one in named.items()
    }
    return Wanted(going.slot.at, named, others)


def _missed(world: World, going: Going, plan: CarePlan) -> Story:
    """Tell how nobody came to a session; for the first of its kind, how the plan was made anew."""
    which = NO_SHOWS.get(going.treatment, ())
    if going.place not in which:
        return
    until = world.moment(plan.person.site, world.working_day(-2), 18)
    row = plan.appointments.filter(state="booked", starts__lt=until).order_by("-starts").first()
    if row is None or row.n is None:
        return
    desk = world.at_site("coordinator", site=plan.person.site)
    at = row.starts + timedelta(minutes=40)
    yield at
    cancel(appointment=row, state="no-show", by=desk, at=at)
    if going.place == which[0]:
        at += timedelta(minutes=50)
        yield at
        _planned_anew(world, going, plan, row, at)


def _planned_anew(
    world: World, going: Going, plan: CarePlan, row: Appointment, at: datetime
) -> None:
    """Tell the plan of the missed session, sign what follows from it, and book that."""
    doctor = world.at_site("psychiatrist", site=plan.person.site)
    happened = Event(
        kind=EventKind.MISSED, on=at.astimezone(plan.person.site.zone).date(),
        sessions=(row.n or 0,), worse=False,
    )  # fmt: skip
    ground = living_actions.ground_of(plan, at=at)
    preview = living_actions.previewed(ground=ground, happened=happened, at=at)
    seen = living_actions.Seen(world.key("version", going.what), preview.sha256)
    kept = living_actions.keep(row=plan, happened=happened, seen=seen, by=doctor, at=at)
    if not treating.signed(world, kept, at=at + timedelta(minutes=5)):
        return
    kept.refresh_from_db()
    desk, now = world.at_site("coordinator", site=plan.person.site), at + timedelta(minutes=15)
    fit = fit_of(kept, now=now)
    rebooking_actions.cancel_outdated(plan=kept, seen=fit.seen, by=desk, at=now)
    fit, wanted = fit_of(kept, now=now), _wanted(kept, going)
    if fit.to_book and wanted is not None:
        found = times_for(kept, fit, wanted=wanted, now=now)
        if not found.unplaced:
            rebooking_actions.book_missing(
                plan=kept, wanted=wanted, seen=found.fingerprint, by=desk, at=now
            )
