"""`overstory timetable`: plan a clinic, book one course, repair a day, check, and write a calendar."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import click
import orjson

from overstory.cli.input import BAD_INPUT, printable, read_bytes, shown_name
from overstory.cli.stopping import STOPPED, stopped_by_hand
from overstory.cli.timetable_input import Seconds, but_cancelled, minute, with_outs
from overstory.cli.timetable_text import (
    check_text,
    offers_text,
    plan_text,
    repair_text,
)
from overstory.exchange.clock_times import clock
from overstory.exchange.records import InputError
from overstory.exchange.timetable_json import instance_json, read_instance
from overstory.exchange.timetable_result import read_timetable, session_json, timetable_json
from overstory.pathway.timetable.instance import (
    Course,
    Instance,
    InstanceError,
    Session,
    Timetable,
)

if TYPE_CHECKING:  # it loads numpy, which a command does only when it needs it
    from overstory.pathway.timetable.booking import Offer
    from overstory.pathway.timetable.choices import Choices
    from overstory.pathway.timetable.planning import Desk

NO_PLACE = 3
INVALID = 1
OFFERS = "overstory.timetable-offers/1"

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
instance_argument = click.argument("instance", type=click.Path(path_type=Path, allow_dash=True))
timetable_argument = click.argument("timetable", type=click.Path(path_type=Path))


@click.group(
    epilog="Examples: overstory timetable plan clinic.json --json   ·   "
    "overstory timetable check clinic.json plan.json   ·   "
    "overstory timetable repair clinic.json plan.json --on 2027-03-02 --out tms-1"
)
def timetable() -> None:
    """Courses, people, places and staff to a timetable with standing slots, with a proven bound."""
    # The matrices are small: threads of the linear algebra cost more than they save. numpy reads
    # this when it is loaded, which no command has done yet.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@timetable.command()
@instance_argument
@click.option(
    "--seconds", type=Seconds(), default=10.0, show_default=True, help="Time for the plan."
)
@click.option("--bound-seconds", type=Seconds(), default=10.0, show_default=True,
              help="Time for the bound; 0: none.")  # fmt: skip
@click.option("--seed", default=0, show_default=True, help="Of the random choices.")
@json_option
def plan(instance: Path, *, seconds: float, bound_seconds: float, seed: int, as_json: bool) -> None:
    """
    Plan every course of an INSTANCE (JSON), and say how near the plan is to the best possible.

    It stops on time, or at Ctrl-C, and gives the best valid plan it has. A course without a place
    has the reason, and the smallest changes that would give it one.
    """
    with _bad_input_ends():
        asked = _instance(instance)
        with stopped_by_hand() as stopped:
            found = _planned(asked, (seconds, bound_seconds), seed, stopped)
    _echo(timetable_json(found), plan_text(found, asked), as_json=as_json)
    if stopped():
        click.echo("overstory: stopped; this is the best plan found so far", err=True)
        sys.exit(STOPPED)


@timetable.command()
@instance_argument
@click.option("--course", "name", help="Which course; by default the only one without a place.")
@click.option(
    "--timetable", "stands", type=click.Path(path_type=Path), help="What is booked (JSON)."
)
@click.option("--most", type=click.IntRange(1, 50), default=3, show_default=True,
              help="How many offers.")  # fmt: skip
@click.option(
    "--take", type=click.IntRange(1, 50), help="Print the timetable (JSON) with this offer."
)
@json_option
def book(
    instance: Path, *, name: str | None, stands: Path | None, most: int, take: int | None,
    as_json: bool,
) -> None:  # fmt: skip
    """
    Offer the best few standing slots for one course beside all that is booked.

    Nothing that is booked moves. Ends with 3, the reason and the nearest ways out where nothing fits.
    """
    from overstory.pathway.timetable.booking import offers
    from overstory.pathway.timetable.changed import around, with_offer, with_waiting
    from overstory.pathway.timetable.explain import reason
    from overstory.pathway.timetable.planning import desk_of

    with _bad_input_ends():
        asked = _instance(instance)
        standing = _timetable(stands) if stands is not None else None
        course = _course(asked, standing, name)
        full = around(asked, standing, course)
        desk = desk_of(full)
        waiting = _waiting(desk, asked, standing, course)
        found = offers(desk.choices[0], desk.base, most=max(most, take or 1), waiting=waiting)
        if take and found:
            if take > len(found):
                raise InputError(f"--take {take}: there are {len(found)} offers")
            empty = Timetable((), (), (), _bookings(asked), cost=0)
            taken = with_offer(
                standing or empty, found[take - 1], desk.choices[0], asked, desk.grid
            )
            click.echo(orjson.dumps(timetable_json(with_waiting(taken, asked))))
            return
    content: dict[str, Any] = {"schema": OFFERS, "course": course.id}
    if not found:
        told = reason(replace(full, courses=()), course)
        content |= {"offers": [], "why": told.why, "instead": list(told.instead)}
        lines = [
            f"{course.id} does not fit: {told.why}.",
            *(f"  - {each}" for each in told.instead),
        ]
        _echo(content, "\n".join(lines), as_json=as_json)
        sys.exit(NO_PLACE)
    content["offers"] = [_offer_json(each) for each in found]
    _echo(content, offers_text(found, course, bool(waiting)), as_json=as_json)


@timetable.command()
@instance_argument
@timetable_argument
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day.")
@click.option("--out", "outs", multiple=True, metavar="NAME[@FROM-UNTIL]",
              help="A unit or person that is out, such as tms-device-2@11:00-18:00.")  # fmt: skip
@click.option("--cancel", "cancelled", multiple=True, metavar="COURSE", help="Who does not come.")
@click.option(
    "--now", default="00:00", show_default=True, help="Nothing moves to before this time."
)
@click.option(
    "--seconds", type=Seconds(), default=0.4, show_default=True, help="Most time for the proof."
)
@click.option("--take", is_flag=True, help="Print the timetable (JSON) after the repair.")
@json_option
def repair(
    instance: Path, timetable: Path, *, on: datetime, take: bool, as_json: bool, **asked: Any
) -> None:
    """Repair one day of a TIMETABLE: move as few sessions as possible, with the proven least."""
    from overstory.pathway.timetable.changed import after_repair
    from overstory.pathway.timetable.repair import repair_day
    from overstory.pathway.timetable.sessions import with_units

    with _bad_input_ends():
        day = on.date()
        clinic = with_outs(_instance(instance), day, asked["outs"])
        standing = _timetable(timetable)
        sessions, gone = but_cancelled(standing, day, asked["cancelled"])
        now, seconds = minute(asked["now"]), asked["seconds"]
        found = repair_day(instance=clinic, sessions=sessions, on=day, now=now, seconds=seconds)
        if take:
            changed = after_repair(standing, found, clinic, on=day, cancelled=gone)
            click.echo(orjson.dumps(timetable_json(changed)))
            return
    content = {
        "schema": "overstory.timetable-repair/1",
        "on": day.isoformat(),
        "count": found.count,
        "least": found.least,
        "cancelled": [session_json(each) for each in gone],
        "moves": [
            {
                "session": session_json(each.session),
                "start": None if each.start is None else clock(each.start),
                "instead": None
                if each.instead is None
                else {"on": each.instead[0].isoformat(), "start": clock(each.instead[1])},
            }
            for each in found.moves
        ],
        "day": [
            session_json(each)
            for each in with_units([one for one in found.sessions if one.on == day], clinic)
        ],
    }
    _echo(content, repair_text(found, day, gone), as_json=as_json)


@timetable.command()
@instance_argument
@timetable_argument
@json_option
def check(instance: Path, timetable: Path, *, as_json: bool) -> None:
    """Check a TIMETABLE against its INSTANCE, independently of how it was made; 1 where it is wrong."""
    from overstory.pathway.timetable.checker import violations

    with _bad_input_ends():
        asked = instance_json(_instance(instance))
        _timetable(timetable)  # refuses what has another shape
        found = violations(asked, orjson.loads(read_bytes(timetable)))
    content = {
        "schema": "overstory.timetable-check/1",
        "valid": not found,
        "violations": [
            {"kind": each.kind, "course": each.course, "says": each.says} for each in found
        ],
    }
    _echo(content, check_text(found), as_json=as_json)
    if found:
        sys.exit(INVALID)


@timetable.command()
@instance_argument
@timetable_argument
@click.option("--course", required=True, help="Whose calendar.")
@click.option("--secret", required=True, type=click.Path(path_type=Path),
              help="A file with the clinic's secret, from which identifiers are made.")  # fmt: skip
@click.option("--before", type=click.Path(path_type=Path),
              help="The calendar that was written last: what moved or is gone since is told.")  # fmt: skip
def calendar(
    instance: Path, timetable: Path, *, course: str, secret: Path, before: Path | None
) -> None:
    """Write the sessions of one course as iCalendar: when, and nothing of what or why."""
    from overstory.exchange.icalendar_out import CalendarError
    from overstory.exchange.icalendar_out import calendar as written

    with _bad_input_ends():
        asked = _instance(instance)
        own = [each for each in _timetable(timetable).sessions if each.course == course]
        if not own and before is None:
            raise InputError(f"{shown_name(timetable)}: no session of a course named {course!r}")
        try:
            content = written(
                own,
                clinic=asked.clinic,
                minutes={each.id: each.minutes for each in asked.visits},
                secret=read_bytes(secret).strip(),
                at=datetime.now().astimezone(),
                before=read_bytes(before) if before is not None else b"",
            )
        except CalendarError as error:
            raise InputError(str(error)) from None
    click.echo(content, nl=False)


def _offer_json(offer: Offer) -> dict[str, Any]:
    return {
        "cost": offer.choice.cost,
        "delay_days": offer.placement.delay_days,
        "closes": offer.closes,
        "costs_others": offer.costs_others,
        "stages": [
            {"start": one.start.isoformat(), "pattern": one.pattern, "slot": clock(one.slot)}
            for one in offer.placement.stages
        ],
    }


@contextmanager
def _bad_input_ends() -> Iterator[None]:
    try:
        yield
    except (InputError, InstanceError) as error:
        click.echo(f"overstory: {printable(str(error))}", err=True)
        sys.exit(BAD_INPUT)


def _planned(
    asked: Instance, times: tuple[float, float], seed: int, stopped: Callable[[], bool]
) -> Timetable:
    from overstory.pathway.timetable.bound import lower_bound
    from overstory.pathway.timetable.explain import reasons
    from overstory.pathway.timetable.planning import desk_of, timetable_of
    from overstory.pathway.timetable.solving import solve

    began = time.monotonic()
    desk = desk_of(asked)

    def part(since: float, of: float) -> float:
        return (time.monotonic() - since) / of if of > 0 and not stopped() else 1.0

    rng = Random(seed)  # noqa: S311  (to plan, not to hide)
    solved = solve(desk, rng=rng, part=lambda: part(began, times[0]))
    proven = None
    if times[1] > 0:
        since = time.monotonic()
        stop = lambda: part(since, times[1]) >= 1  # noqa: E731
        bound = lower_bound(desk, plan=solved.plan, stop=stop)
        proven = max(bound.cost, solved.bound.cost)
    return timetable_of(desk, solved.plan, unplaced=reasons(desk, solved.plan), bound=proven)


def _instance(path: Path) -> Instance:
    return read_instance(read_bytes(path), name=shown_name(path))


def _timetable(path: Path) -> Timetable:
    return read_timetable(read_bytes(path), name=shown_name(path))


def _course(asked: Instance, standing: Timetable | None, name: str | None) -> Course:
    placed = {each.course for each in standing.placements} if standing else set()
    open_ones = [each for each in asked.courses if each.id not in placed]
    if name is None and len(open_ones) == 1:
        return open_ones[0]
    for course in asked.courses:
        if course.id == name:
            return course
    waiting = ", ".join(each.id for each in open_ones[:8]) or "none"
    raise InputError(f"name the course to book with --course; without a place: {waiting}")


def _bookings(asked: Instance) -> tuple[Session, ...]:
    """What is booked, with the units that it uses."""
    from overstory.pathway.timetable.sessions import with_units

    booked = [Session(each.course, 0, 0, each.visit, each.on, each.start) for each in asked.booked]
    return tuple(with_units(booked, asked))


def _waiting(
    desk: Desk, asked: Instance, standing: Timetable | None, course: Course
) -> list[Choices]:
    """The courses that have no place in the timetable, to be told what a booking costs them."""
    from overstory.pathway.timetable.choices import choices_of
    from overstory.pathway.timetable.persons import kept_apart

    if standing is None:
        return []
    placed = {course.id, *(each.course for each in standing.placements)}
    return [
        choices_of(
            course=kept_apart(each, desk.instance),
            instance=desk.instance,
            templates=desk.templates,
            base=desk.base,
        )
        for each in asked.courses
        if each.id not in placed
    ]


def _echo(content: dict[str, Any], text: str, *, as_json: bool) -> None:
    click.echo(orjson.dumps(content).decode() if as_json else text)
