"""Where the calendar asks for holds: is a course tentative, and bringing its appointments in line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.booking.fitting import Fit, fit_from
from overstory.clinic.booking.models import Appointment
from overstory.clinic.booking.proposing import day_of
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.standing import STANDING
from overstory.clinic.holds.knowing import all_ids
from overstory.clinic.holds.listing import holds_of_courses
from overstory.clinic.holds.values import Coming, Course, CourseHolds, Visited

TAKES_A_UNIT = ("booked", "done")
GIVEN = "done"
Ids = Mapping[UUID, Sequence[UUID]]
"""All rows of each human, by the row that stands for them."""


def courses_of(
    plans: Sequence[CarePlan], *, at: datetime, ids: Ids | None = None
) -> tuple[Course, ...]:
    """
    Return plans with their sessions to come and the visits of their persons.

    `ids` has all rows of each human where they are known already: else a query, and one for each step
    by which rows were merged.
    """
    known = ids or all_ids([each.person for each in plans])
    rows = _appointments(known)
    found = []
    for each in plans:
        own = rows[each.person.pk]
        fit = fit_from(each, _of_course(each, own), now=at)
        found.append(_course(each, fit, own, known, at))
    return tuple(found)


def holds_of_plans(
    plans: Sequence[CarePlan], *, at: datetime, ids: Ids | None = None
) -> dict[UUID, CourseHolds]:
    """Return the holds of plans of one clinic, by plan; `ids` as for `courses_of`."""
    if not plans:
        return {}
    clinic = plans[0].clinic
    force = in_force(clinic)
    for each in plans:  # so that what was adopted is read once for all, and of the whole human
        each.person = each.person.kept
        each.person.clinic = clinic
    return holds_of_courses(courses_of(plans, at=at, ids=ids), force=force, at=at)


def holds_of_plan(plan: CarePlan, *, at: datetime, ids: Ids | None = None) -> CourseHolds:
    """Return the holds of one plan; `ids` as for `courses_of`."""
    return holds_of_plans([plan], at=at, ids=ids)[plan.pk]


def fit_with_holds(plan: CarePlan, *, at: datetime) -> Fit:
    """Return how appointments fit a version of its plan, and whether a hold keeps it tentative."""
    plan.person = plan.person.kept
    ids = all_ids([plan.person])
    rows = _appointments(ids)[plan.person.pk]
    fit = fit_from(plan, _of_course(plan, rows), now=at)
    course = _course(plan, fit, rows, ids, at)
    found = holds_of_courses([course], force=in_force(plan.clinic), at=at)
    return replace(fit, tentative=found[plan.pk].is_tentative)


def visits_of(person_ids: Iterable[UUID]) -> tuple[Visited, ...]:
    """Return the sessions of one human, booked or done, that take units."""
    rows = Appointment.objects.filter(
        person__in=list(person_ids), kind="session", state__in=TAKES_A_UNIT
    )
    return tuple(
        Visited(each.pk, each.treatment, each.wall_date) for each in rows.order_by("starts", "pk")
    )


@transaction.atomic
def settle_course(plan: CarePlan, *, actor: str, at: datetime) -> int:
    """
    Confirm the appointments to come of a course, or mark them as tentative, as its holds say now.

    Return how many were changed.
    """
    locked = CarePlan.objects.select_for_update().get(pk=plan.pk)
    if not locked.is_in_force:
        return 0
    found = holds_of_plan(locked, at=at)
    mine = [each.appointment for each in found.course.coming if each.appointment is not None]
    rows = Appointment.objects.filter(pk__in=mine, state="booked").exclude(
        is_tentative=found.is_tentative
    )
    changed = rows.update(is_tentative=found.is_tentative)
    if changed:
        action = "marked a course as tentative" if found.is_tentative else "confirmed a course"
        holds = [each.id for each in found.keeping]
        more = {"plan": str(locked.pk), "sessions": changed, "holds": holds}
        record(Deed(locked.clinic_id, at, actor, action, f"person:{locked.person_id}", more))
    return changed


def settle_courses(plans: Iterable[CarePlan], *, actor: str, at: datetime) -> int:
    """Settle several courses, each by itself; return how many appointments were changed."""
    return sum(settle_course(each, actor=actor, at=at) for each in plans)


def in_force_of(person_ids: Iterable[UUID]) -> list[CarePlan]:
    """Return the versions in force of a human's courses."""
    rows = CarePlan.objects.filter(
        person__in=list(person_ids), signed_at__isnull=False, ended_at=None
    )
    return list(rows.order_by("signed_at", "pk"))


def _appointments(ids: Ids) -> dict[UUID, list[Appointment]]:
    """The session appointments of each human, in order."""
    whose = {row: person for person, rows in ids.items() for row in rows}
    found: dict[UUID, list[Appointment]] = {each: [] for each in ids}
    rows = (
        Appointment.objects.filter(person__in=list(whose), kind="session", state__in=STANDING)
        .select_related("site", "plan")
        .defer("plan__content")
        .order_by("starts", "pk")
    )
    for row in rows:
        if row.person_id is not None:
            found[whose[row.person_id]].append(row)
    return found


def _of_course(plan: CarePlan, rows: Iterable[Appointment]) -> list[Appointment]:
    return [each for each in rows if each.plan is not None and each.plan.course == plan.course]


def _course(
    plan: CarePlan, fit: Fit, rows: Sequence[Appointment], ids: Ids, at: datetime
) -> Course:
    own = {session["n"]: row for session, row in fit.kept}
    sessions: Sequence[Mapping[str, Any]] = plan.content["sessions"]
    coming = [_coming(each, own.get(each["n"])) for each in sessions if each["n"] in fit.coming]
    return Course(
        plan=plan,
        coming=tuple(sorted(coming, key=lambda each: (each.day, each.n))),
        begun=any(
            row.state == GIVEN or (row.state == "booked" and row.starts < at)
            for row in _of_course(plan, rows)
        ),
        visits=tuple(
            Visited(each.pk, each.treatment, each.wall_date)
            for each in rows
            if each.state in TAKES_A_UNIT
        ),
        person_ids=tuple(ids[plan.person.pk]),
    )


def _coming(session: Mapping[str, Any], row: Appointment | None) -> Coming:
    if row is None:
        return Coming(session, day_of(session))
    return Coming(session, row.wall_date, row.starts, row.pk)
