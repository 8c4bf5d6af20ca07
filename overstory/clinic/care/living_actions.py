"""Living plans: what happened or is changed, previewed, and kept as the next version, a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from overstory.clinic.care.adopted import InForce, in_force
from overstory.clinic.care.facts import facts_of
from overstory.clinic.care.living_versions import against_changing, base_of, revision_of
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.planning_actions import tell
from overstory.clinic.people.models import Staff
from overstory.exchange.content_hash import content_sha256
from overstory.exchange.plan_json import plan_json
from overstory.pathway.planning.editing import Edit, edited
from overstory.pathway.planning.events import Event, EventKind, after_event
from overstory.pathway.planning.placing import CannotPlaceError
from overstory.pathway.planning.revising import AsksWorseError, PlanEventError, Revision
from overstory.pathway.planning.values import Plan, Session
from overstory.pathway.protocols import NoProtocolError


class ChangeError(ValueError):
    """A change of a plan that is not possible; the message says why."""


class OutdatedError(ChangeError):
    """A version that is not the one to change any more, or a preview that has changed since."""


class NeedsWorseError(ChangeError):
    """A rule asks whether depression has got worse, and nobody said."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a version is changed on: its row, what the change starts from, the next number, the knowledge."""

    row: CarePlan
    revision: Revision
    n: int
    force: InForce


@dataclass(frozen=True, slots=True)
class Preview:
    """What the next version would be; `sha256` is of its text."""

    before: Plan
    after: Plan
    content: dict[str, Any]
    sha256: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the reader keeps: the form's own id, and the hash of the preview that was read."""

    id: UUID
    sha256: str


def ground_of(row: CarePlan, *, at: datetime) -> Ground:
    """Return what a version is changed on now."""
    force = in_force(row.clinic)
    last = CarePlan.objects.filter(course=row.course).aggregate(last=Max("n"))["last"]
    plan = base_of(row, n=last + 1, force=force)
    return Ground(row, revision_of(row, plan=plan, force=force, at=at), last + 1, force)


def previewed(*, ground: Ground, happened: Event | Edit, at: datetime) -> Preview:
    """
    Return the next version of a plan after an event or an edit; nothing is written.

    :raises NeedsWorseError: if a rule asks whether depression has got worse.
    :raises ChangeError: if the plan does not allow it.
    """
    revision = ground.revision
    try:
        if isinstance(happened, Edit):
            facts = facts_of(ground.row.person, at, revision.knowledge)
            after = edited(revision=revision, edit=happened, facts=facts)
        else:
            _check(ground, happened)
            after = after_event(
                plan=revision.plan,
                event=happened,
                knowledge=revision.knowledge,
                days=revision.days,
            )
    except AsksWorseError as error:
        raise NeedsWorseError("Say whether depression has got worse: the rule asks it.") from error
    except (PlanEventError, NoProtocolError, CannotPlaceError) as error:
        raise ChangeError(_sentence(str(error))) from error
    _check_days(revision, after)
    content = plan_json(after)
    return Preview(revision.plan, after, content, content_sha256(content))


def _check(ground: Ground, event: Event) -> None:
    if ground.row.signed_at is None:
        raise ChangeError(
            "Events happen to a signed plan; this version is a draft. Edit it instead."
        )
    if event.kind is EventKind.PAUSE and event.on < ground.revision.on:
        raise ChangeError("A pause begins today or later; what was missed is told as missed.")


def _check_days(revision: Revision, after: Plan) -> None:
    """Refuse a version that would add a session on a day that has passed."""
    old = {_place(each) for each in revision.plan.sessions}
    late = [
        each.date for each in after.sessions if each.date < revision.on and _place(each) not in old
    ]
    if late:
        raise ChangeError(
            f"It would add a session on {late[0].isoformat()}, which has passed. "
            "Tell it by another event, or draft a new plan."
        )


def _place(session: Session) -> tuple[str, date, int]:
    return session.treatment, session.date, session.of_day


def _sentence(says: str) -> str:
    """What the planner says, as a sentence on a page."""
    return f"{says[:1].upper()}{says[1:].rstrip('.')}."


@transaction.atomic
def keep(*, row: CarePlan, happened: Event | Edit, seen: Seen, by: Staff, at: datetime) -> CarePlan:
    """
    Keep the next version, as it was previewed, as a draft; the same form sent twice is one row.

    A draft that it changes ends with it; a signed version stays in force until this one is signed.

    :raises OutdatedError: if the version is not the one to change any more, or the preview changed.
    :raises ChangeError: as `previewed` does.
    """
    kept = CarePlan.objects.filter(pk=seen.id, course=row.course).first()
    if kept is not None:
        return kept
    locked = _locked(row)
    against = against_changing(locked)
    if against:
        raise OutdatedError(against)
    ground = ground_of(locked, at=at)
    preview = previewed(ground=ground, happened=happened, at=at)
    if preview.sha256 != seen.sha256:
        raise OutdatedError("What would change is not what you saw. Look at it again.")
    if locked.signed_at is None:
        _discard([locked], at)
    made = _made(ground, preview, seen.id, by, at)
    tell(made, "drafted a version", by, at)
    return made


def _locked(row: CarePlan) -> CarePlan:
    course = CarePlan.objects.select_for_update().filter(course=row.course)
    return next(each for each in course if each.pk == row.pk)


def _made(ground: Ground, preview: Preview, key: UUID, by: Staff, at: datetime) -> CarePlan:
    row, force = ground.row, ground.force
    try:
        with transaction.atomic():
            return CarePlan.objects.create(
                id=key,
                clinic=row.clinic,
                person=row.person,
                course=row.course,
                n=ground.n,
                made_from=row,
                treatment=row.treatment,
                starts_on=preview.after.sessions[0].date,
                content=preview.content,
                content_sha256=preview.sha256,
                knowledge_version=force.knowledge.version,
                knowledge_sha256=force.knowledge.sha256,
                adoption=force.adopted.adoption if force.adopted else None,
                drafted_by=by,
                drafted_at=at,
            )
    except IntegrityError:
        raise OutdatedError("Someone else drafted the next version a moment ago.") from None


@transaction.atomic
def discard(*, row: CarePlan, by: Staff, at: datetime) -> CarePlan:
    """
    End a draft that nobody signs; who discards twice has discarded once.

    :raises ChangeError: if it is signed.
    """
    locked = _locked(row)
    if locked.signed_at is not None:
        raise ChangeError(
            "A signed version is not discarded; another one stands for it, or it ends."
        )
    if locked.ended_at is None:
        _discard([locked], at)
        tell(locked, "discarded a draft", by, at)
    return locked


def _discard(rows: Sequence[CarePlan], at: datetime) -> None:
    for each in rows:
        each.ended_at = at
        each.save(update_fields=["ended_at"])
