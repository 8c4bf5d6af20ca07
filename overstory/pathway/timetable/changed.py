"""A timetable after a booking or a repair: what changed, and everything else as it was."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date

from overstory.pathway.timetable.booking import Offer
from overstory.pathway.timetable.choices import Choices, unplaced_cost
from overstory.pathway.timetable.explain import waits
from overstory.pathway.timetable.instance import (
    LATE_AFTER,
    Booked,
    Course,
    Instance,
    Session,
    Timetable,
)
from overstory.pathway.timetable.occupancy import Grid
from overstory.pathway.timetable.repair import Repair
from overstory.pathway.timetable.sessions import sessions_of, with_units


def around(instance: Instance, timetable: Timetable | None, course: Course) -> Instance:
    """Return the instance in which all but one course stands as the timetable has it."""
    booked = instance.booked
    if timetable is not None:
        booked = tuple(each for each in _standing(instance, timetable) if each.course != course.id)
    return replace(instance, courses=(course,), booked=booked)


def with_waiting(timetable: Timetable, instance: Instance) -> Timetable:
    """
    Return a timetable that tells of every course without a place why, as it is now, and counts its cost.

    There is no bound any more where it tells of courses that it did not tell of before.
    """
    placed = {each.course for each in timetable.placements}
    told = {each.course for each in timetable.unplaced}
    waiting = [each for each in instance.courses if each.id not in placed]
    others = told - {each.id for each in instance.courses}
    new = [each for each in waiting if each.id not in told]
    full = replace(instance, courses=(), booked=tuple(_standing(instance, timetable)))
    return replace(
        timetable,
        unplaced=(
            *(each for each in timetable.unplaced if each.course in others),
            *waits(full, waiting),
        ),
        cost=timetable.cost + sum(unplaced_cost(each) for each in new),
        bound=None if new else timetable.bound,
    )


def _standing(instance: Instance, timetable: Timetable) -> Iterator[Booked]:
    """What stands in a timetable, with whose it is."""
    whose = {each.course: each.person for each in instance.booked}
    whose |= {each.id: each.person for each in instance.courses}
    for each in (*timetable.booked, *timetable.sessions):
        yield Booked(each.course, each.visit, each.on, each.start, whose.get(each.course, ""))


def with_offer(
    timetable: Timetable, offer: Offer, choices: Choices, instance: Instance, grid: Grid
) -> Timetable:
    """
    Return a timetable in which a course stands as offered; a place that it had before is given up.

    The bound stays where the course was among those planned; else there is none any more.
    """
    course = choices.course
    was = [each.cost for each in timetable.placements if each.course == course.id]
    if any(each.course == course.id for each in timetable.unplaced):
        was.append(unplaced_cost(course))
    own = sessions_of(choices, offer.choice, grid)
    rest = [each for each in timetable.sessions if each.course != course.id]
    late = {each for each in timetable.late if each != course.id}
    if offer.placement.delay_days > LATE_AFTER[course.urgency]:
        late.add(course.id)
    placements = [each for each in timetable.placements if each.course != course.id]
    placements.append(offer.placement)
    found = replace(
        timetable,
        placements=tuple(placements),
        unplaced=tuple(each for each in timetable.unplaced if each.course != course.id),
        sessions=(*rest, *own),
        cost=timetable.cost - sum(was) + offer.choice.cost,
        bound=timetable.bound if was else None,
        late=tuple(each.course for each in placements if each.course in late),
        cancelled=tuple(each for each in timetable.cancelled if each.course != course.id),
    )
    return _named(found, instance, {each.on for each in own})


def after_repair(
    timetable: Timetable,
    repair: Repair,
    instance: Instance,
    *,
    on: date,
    cancelled: Sequence[Session] = (),
) -> Timetable:
    """
    Return a timetable after the repair of a day; the units of that day are given anew.

    A session that was cancelled, or for which no other day was found, is listed as `cancelled`: it is
    still to be booked.
    """
    gone = [each.session for each in repair.moves if each.start is None and each.instead is None]
    found = replace(
        timetable,
        sessions=tuple(each for each in repair.sessions if each.n),
        booked=tuple(each for each in repair.sessions if not each.n),
        cancelled=(*timetable.cancelled, *cancelled, *gone),
    )
    days = {on}
    days |= {each.instead[0] for each in repair.moves if each.instead is not None}
    return _named(found, instance, days)


def _named(timetable: Timetable, instance: Instance, days: Collection[date]) -> Timetable:
    """The timetable with the units of some days given anew."""
    every = (*timetable.booked, *timetable.sessions)
    again = iter(with_units([each for each in every if each.on in days], instance))
    named = [next(again) if each.on in days else each for each in every]
    count = len(timetable.booked)
    return replace(timetable, booked=tuple(named[:count]), sessions=tuple(named[count:]))
