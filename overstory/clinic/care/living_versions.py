"""Versions of a plan: which can be changed, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from overstory.clinic.care.adopted import InForce
from overstory.clinic.care.living_holds import closings
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.planning_actions import open_days, plan_in
from overstory.knowledge.shapes.shared import Jurisdiction
from overstory.pathway.planning.open_days import ONE_DAY
from overstory.pathway.planning.revising import FURTHEST_DAYS, Revision, with_pauses
from overstory.pathway.planning.values import Change, Plan, Release, Session

DIFFERS = ("gone", "new", "changed")


@dataclass(frozen=True, slots=True)
class Line:
    """One session in two versions; `what` is same, gone, new or changed."""

    day: date
    before: Session | None
    after: Session | None
    what: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version in the list: its row, what it changed and why, and the sessions that differ."""

    row: CarePlan
    change: Change | None
    lines: tuple[Line, ...]


def base_of(row: CarePlan, *, n: int, force: InForce) -> Plan:
    """
    Return the plan that the next version, numbered `n`, is made from.

    What was closed of its holds is not in it; what it adds follows the knowledge of now, and a note
    says so where that is another than the plan's.
    """
    plan = plan_in(row)
    closed = closings(row)
    sessions = tuple(
        replace(each, holds=tuple(hold for hold in each.holds if not closed.has(hold.id, each.n)))
        for each in plan.sessions
    )
    still = {hold.id for each in sessions for hold in each.holds}
    on_some = {hold.id for each in plan.sessions for hold in each.holds}
    release = Release(version=force.knowledge.version, sha256=force.knowledge.sha256)
    return replace(
        plan,
        version=n - 1,
        sessions=sessions,
        holds=tuple(
            each
            for each in plan.holds
            if each.id in still or (each.id not in on_some and not closed.has(each.id, 0))
        ),
        knowledge=release,
        notes=_notes(plan, release),
    )


def _notes(plan: Plan, release: Release) -> tuple[str, ...]:
    if plan.knowledge == release:
        return plan.notes
    says = (
        f"Up to version {plan.version} it was planned with knowledge {plan.knowledge.version} "
        f"({plan.knowledge.sha256[:12]}); what is changed from there on follows {release.version}."
    )
    return (*plan.notes, says)


def revision_of(row: CarePlan, *, plan: Plan, force: InForce, at: datetime) -> Revision:
    """Return what a plan is changed with: the day of now at its site, and the site's open days."""
    site = row.person.site
    first = plan.sessions[0].date
    days = open_days(
        site,
        first,
        cast("Jurisdiction", row.clinic.jurisdiction),
        until=plan.sessions[-1].date + FURTHEST_DAYS * ONE_DAY,
    )
    on = at.astimezone(site.zone).date()
    return Revision(plan, on, force.knowledge, with_pauses(plan=plan, days=days))


def against_changing(row: CarePlan) -> str:
    """Return why a version cannot be changed now; empty if it can."""
    if row.ended_at is not None:
        return f"Version {row.n} is outdated: change the one that is in force."
    later = CarePlan.objects.filter(course=row.course, n__gt=row.n, ended_at=None).first()
    if later is not None:
        return (
            f"Version {later.n} has been drafted from this one. "
            "Sign it, change it or discard it first."
        )
    return ""


def compared(*, before: Plan, after: Plan) -> tuple[Line, ...]:
    """Return every session of two versions by day, those of the same treatment and day together."""
    old = {(each.date, each.treatment, each.of_day): each for each in before.sessions}
    new = {(each.date, each.treatment, each.of_day): each for each in after.sessions}
    keys = sorted({*old, *new})
    return tuple(
        Line(key[0], old.get(key), new.get(key), _what(old.get(key), new.get(key))) for key in keys
    )


def _what(before: Session | None, after: Session | None) -> str:
    if before is None:
        return "new"
    if after is None:
        return "gone"
    same = (before.dose, before.minutes, before.stimulation, before.holds)
    return (
        "same" if same == (after.dose, after.minutes, after.stimulation, after.holds) else "changed"
    )


def versions(rows: Sequence[CarePlan]) -> list[Version]:
    """Return the versions of a course with what each changed, the newest first."""
    plans = {row.pk: plan_in(row) for row in rows}
    found = []
    for row in rows:
        plan = plans[row.pk]
        made_from = plans.get(row.made_from_id) if row.made_from_id else None
        change = plan.changes[-1] if plan.changes else None
        lines = compared(before=made_from, after=plan) if made_from else ()
        differ = tuple(each for each in lines if each.what in DIFFERS)
        found.append(Version(row, change, differ))
    return sorted(found, key=lambda each: -each.row.n)
