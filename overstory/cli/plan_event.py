"""`overstory plan-event`: what happened to a plan, and the next version before anyone signs it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import orjson

from overstory.cli.input import (
    bad_input_ends,
    json_option,
    knowledge_with,
    policy_option,
    read_bytes,
    shown_name,
)
from overstory.cli.plan import Day, closed_option, open_days, refuse
from overstory.cli.plan_text import day_text
from overstory.cli.wording import STATUS_WORDS, wrapped
from overstory.exchange.plan_json import cannot_place_json, plan_json, read_plan
from overstory.exchange.records import InputError
from overstory.knowledge.shapes.rules import TREATMENT_IDS
from overstory.pathway.planning.events import Event, EventKind, after_event
from overstory.pathway.planning.placing import CannotPlaceError
from overstory.pathway.planning.revising import Difference, PlanEventError, difference
from overstory.pathway.planning.values import Plan, Session
from overstory.pathway.protocols import NoProtocolError


@click.command(
    name="plan-event",
    epilog="Examples: overstory plan-event plan.json missed --session 3   ·   "
    "overstory plan-event plan.json relapse --on 2027-06-01   ·   "
    "overstory plan-event plan.json pause --on 2027-01-11 --until 2027-01-15 --json > plan2.json",
)
@click.argument("plan_file", metavar="PLAN.json", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("event", type=click.Choice([each.value for each in EventKind]))
@click.option("--session", "sessions", type=int, multiple=True, help="The number of a session.")
@click.option(
    "--on", type=Day(), help="The day of the event; by default that of its last session or review."
)
@click.option("--until", type=Day(), help="The last day of a pause.")
@click.option("--worse/--not-worse", default=None, help="Whether depression has got worse.")
@click.option("--review", default="", metavar="ID", help="The review at which nothing had changed.")
@click.option("--mg", type=Decimal, help="The dose that was not tolerated, if not as planned.")
@click.option(
    "--treatment", default="", type=click.Choice(["", *TREATMENT_IDS]), help="Which part."
)
@policy_option
@closed_option
@json_option
def plan_event(
    plan_file: Path, event: str, policy: Path | None, *, as_json: bool, **said: Any
) -> None:
    """
    Show what an EVENT changes in a plan, or print its next version with --json.

    Nothing is signed by it: the next version is a proposal like the first.
    """
    with bad_input_ends():
        knowledge = knowledge_with(policy)
        before = read_plan(read_bytes(plan_file), name=shown_name(plan_file))
        days = open_days(said.pop("closed"), before.jurisdiction)
        on = said.pop("on") or _day_of(before, said["sessions"], said["review"])
        happened = Event(kind=EventKind(event), on=on, **said)
        try:
            after = after_event(plan=before, event=happened, knowledge=knowledge, days=days)
        except (PlanEventError, NoProtocolError) as error:
            raise InputError(str(error)) from None
        except OverflowError:
            raise InputError("the plan or the event has days beyond the calendar") from None
        except CannotPlaceError as error:
            told = f"the plan does not fit any more: {error.says}"
            refused = cannot_place_json(error, treatment=before.treatment)
            refuse(told, refused, as_json=as_json)
    if as_json:
        click.echo(orjson.dumps(plan_json(after)).decode())
    else:
        click.echo(_difference_text(after, difference(before=before, after=after)))


def _day_of(plan: Plan, sessions: tuple[int, ...], review: str) -> date:
    """The day of what the event names: its last session, its review, or the last session there is."""
    found = [each.date for each in plan.sessions if each.n in sessions]
    found += [each.date for each in plan.reviews if each.id == review]
    if found:
        return max(found)
    if not plan.sessions:
        raise InputError("the plan has no session")
    return plan.sessions[-1].date


def _difference_text(plan: Plan, changed: Difference) -> str:
    change = plan.changes[-1]
    status = f" · {STATUS_WORDS[change.status]}" if STATUS_WORDS[change.status] else ""
    cited = "; ".join(f"{each.id} {each.at}".strip() for each in change.sources)
    lines = [
        click.style(f"{plan.patient} · version {plan.version}, {change.event}", bold=True),
        wrapped(f"{change.says}{status}{f' [{cited}]' if cited else ''}", indent=0),
        *_lines(changed),
    ]
    if len(lines) == 2:
        lines.append("No session changes.")
    lines += ["", "A preview: nothing is signed. --json prints the new version."]
    return "\n".join(lines)


def _lines(changed: Difference) -> Iterator[str]:
    for title, sessions, mark in (
        ("Taken out", changed.removed, "-"),
        ("New", changed.added, "+"),
    ):
        if sessions:
            yield f"\n{title}: {len(sessions)}"
            yield from (f"  {mark} {_session(each)}" for each in sessions)
    for old, new in changed.doses:
        yield f"  ~ {day_text(new.date)}  {_mg(old)} becomes {_mg(new)}"
    for each in changed.holds:
        yield wrapped(f"hold: {each.says} {each.closes}", indent=4, first="  !", colour="yellow")


def _session(session: Session) -> str:
    return f"{day_text(session.date)}  {session.treatment}, {session.phase}"


def _mg(session: Session) -> str:
    if session.dose is None or session.dose.value is None:
        return "a dose to be set"
    return f"{session.dose.value.normalize():f} mg"
