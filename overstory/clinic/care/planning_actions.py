"""What is written about plans: a draft is kept, and a prescriber signs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import orjson
from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.care.adopted import InForce, in_force
from overstory.clinic.care.assessing import assessed_from
from overstory.clinic.care.deciding import stands_against
from overstory.clinic.care.facts import Gathered, facts_of, gathered
from overstory.clinic.care.measuring import keep_measures
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.calendar import hours_of
from overstory.clinic.people.models import Person, Site, Staff
from overstory.clinic.ui.templatetags.overstory import TREATMENTS, VERDICTS
from overstory.exchange.content_hash import content_sha256
from overstory.exchange.plan_json import plan_json, read_plan
from overstory.knowledge.shapes.rules import TreatmentId
from overstory.knowledge.shapes.shared import Jurisdiction
from overstory.pathway.plan import MOST_WEEKS, PlanWish, propose
from overstory.pathway.planning.open_days import SATURDAY, OpenDays, site_days
from overstory.pathway.planning.redosing import raises_dose
from overstory.pathway.planning.values import Plan
from overstory.pathway.verdicts import PERMITTING

ADDING = frozenset({"extend", "step-back", "booster", "relapse"})
"""The events whose plan has treatment that was not planned before."""
MEANING = "I have read this plan and order that it be carried out as written."


class NotSignableError(ValueError):
    """A plan that cannot be signed; the message says what stands against it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a clinician asks for; `id` is made by the form, so that the same draft is kept once."""

    id: UUID
    treatment: str
    start: date
    protocol: str = ""


def proposed(*, person: Person, wish: Wish, force: InForce, at: datetime) -> Plan:
    """
    Return the plan that the facts of now give, on the days that the site is open.

    :raises PlanWishError, PlanRefusedError, CannotPlaceError: as `pathway.plan.propose` does.
    """
    facts = facts_of(person, at, force.knowledge)
    jurisdiction = cast("Jurisdiction", person.clinic.jurisdiction)
    return propose(
        patient=str(person.pk),
        facts=facts,
        knowledge=force.knowledge,
        wish=PlanWish(
            treatment=cast("TreatmentId", wish.treatment),
            start=wish.start,
            jurisdiction=jurisdiction,
            protocols=(wish.protocol,) if wish.protocol else (),
            days=open_days(person.site, wish.start, jurisdiction),
        ),
    )


def open_days(
    site: Site, start: date, jurisdiction: Jurisdiction, *, until: date | None = None
) -> OpenDays:
    """Return the days on which a site is open, as far as a plan can reach from a day, or from another."""
    hours = hours_of(site)
    far = MOST_WEEKS * 7 + 7 + (max((until - start).days, 0) if until else 0)
    days = (start + timedelta(days=ahead) for ahead in range(far))
    closed = [day for day in days if day.weekday() < SATURDAY and not hours.is_business_day(day)]
    return site_days(jurisdiction=jurisdiction, closed=closed)


@transaction.atomic
def draft(*, person: Person, wish: Wish, by: Staff, at: datetime) -> CarePlan:
    """
    Keep the plan that is proposed now as a draft; sent twice, it is one row.

    :raises PlanWishError, PlanRefusedError, CannotPlaceError: where there is no plan.
    """
    kept = CarePlan.objects.filter(pk=wish.id, person=person).first()
    if kept is not None:
        return kept
    force = in_force(person.clinic)
    plan = proposed(person=person, wish=wish, force=force, at=at)
    content = plan_json(plan)
    row = CarePlan.objects.create(
        id=wish.id,
        clinic=person.clinic,
        person=person,
        course=wish.id,
        treatment=wish.treatment,
        starts_on=plan.sessions[0].date,
        content=content,
        content_sha256=content_sha256(content),
        knowledge_version=force.knowledge.version,
        knowledge_sha256=force.knowledge.sha256,
        adoption=force.adopted.adoption if force.adopted else None,
        drafted_by=by,
        drafted_at=at,
    )
    tell(row, "drafted a plan", by, at)
    return row


def plan_in(row: CarePlan) -> Plan:
    """
    Return the plan that a row holds.

    :raises InputError: if the row holds no such plan.
    """
    return read_plan(orjson.dumps(row.content), name=f"version {row.n}")


def against_signing(
    plan: CarePlan, *, at: datetime, force: InForce | None = None, known: Gathered | None = None
) -> tuple[str, ...]:
    """
    Return what stands against signing a draft now, in words; nothing where it can be signed.

    `known` is what is known of the person now, where it was read already.
    """
    force = force or in_force(plan.clinic)
    found = []
    if force.adopted is None:
        found.append("The knowledge is not adopted: the medical director adopts it first.")
    elif not force.may_sign:
        found.append(force.adopted.problem)
    if plan.knowledge_sha256 != force.knowledge.sha256:
        found.append("The knowledge has changed since this draft: propose it again.")
    if not plan.content.get("signable"):
        found += [hold["says"] for hold in plan.content["holds"]] or ["It is a draft only."]
    today = at.astimezone(plan.person.site.zone).date()
    signed = CarePlan.objects.filter(
        course=plan.course, signed_at__isnull=False, ended_at=None
    ).first()
    found += _late(plan, today) if signed is None else _outdated(plan, signed, today)
    if plan.ended_at is not None:
        found.append("It has ended: it was discarded, or another version stands for it.")
    elif not found and _adds(plan, signed):
        found += _assessed_again(plan, force, known or gathered(plan.person, at, force.knowledge))
    return tuple(found)


def _late(plan: CarePlan, today: date) -> list[str]:
    late = plan.starts_on < today
    return ["Its first day has passed: propose it again with a new start."] if late else []


def _outdated(plan: CarePlan, signed: CarePlan, today: date) -> list[str]:
    """What stands against a later version: another in force than the one it changes, or days gone by."""
    if signed.n > plan.n or signed.pk not in _behind(plan):
        return [f"Version {signed.n} is in force, and this one does not change that."]
    old = {_place(each) for each in signed.content["sessions"]}
    late = sorted(
        each["date"]
        for each in plan.content["sessions"]
        if each["date"] < today.isoformat() and _place(each) not in old
    )
    return [f"A session that it adds, on {late[0]}, has passed: draft it again."] if late else []


def _behind(plan: CarePlan) -> list[UUID]:
    """The versions that a version was made from, one from another."""
    rows = CarePlan.objects.filter(course=plan.course).values_list("pk", "made_from")
    before = dict(rows)
    found: list[UUID] = []
    at = before.get(plan.pk)
    while at is not None:
        found.append(at)
        at = before.get(at)
    return found


def _place(session: Mapping[str, Any]) -> tuple[str, str, int]:
    return session["treatment"], session["date"], session["of_day"]


def _adds(plan: CarePlan, signed: CarePlan | None) -> bool:
    """Whether a version orders treatment, or a higher dose, that the one in force does not have."""
    if signed is None:
        return True
    since = (each for each in plan.content["changes"] if each["version"] > signed.n)
    if any(each["event"] in ADDING for each in since):
        return True
    return raises_dose(before=plan_in(signed), after=plan_in(plan))


def _assessed_again(plan: CarePlan, force: InForce, known: Gathered) -> list[str]:
    """What the facts of now say against treatment that a plan would add."""
    assessed = assessed_from(known, force=force).assessment
    planned = dict.fromkeys(
        (plan.treatment, *(each["treatment"] for each in plan.content["sessions"]))
    )
    verdicts = {each.treatment: each.verdict for each in assessed.treatments}
    found = [
        f"{TREATMENTS[each]}, by what is known now: {VERDICTS[verdicts[each]][0].lower()}. See the board."
        for each in planned
        if verdicts[each] not in PERMITTING
    ]
    return found + stands_against(plan.person, tuple(planned), assessed)


@transaction.atomic
def sign(*, plan: CarePlan, sha256_seen: str, by: Staff, at: datetime) -> CarePlan:
    """
    Sign the text that was seen; who signs twice has signed once.

    :raises NotSignableError: if anything stands against it, or it is not the text that was seen.
    """
    course = CarePlan.objects.select_for_update().filter(course=plan.course)
    locked = next(each for each in course if each.pk == plan.pk)
    if locked.signed_at is not None:
        if locked.signed_by == by:
            return locked
        raise NotSignableError("Someone else signed this plan a moment ago.")
    against = against_signing(locked, at=at)
    if against:
        raise NotSignableError(" ".join(against))
    if not sha256_seen == locked.content_sha256 == content_sha256(locked.content):
        raise NotSignableError("This is not the text that you saw. Read it again.")
    _end_earlier(locked, at)
    force = in_force(locked.clinic)
    locked.adoption = force.adopted.adoption if force.adopted else None
    locked.signed_by, locked.signed_at, locked.meaning = by, at, MEANING
    locked.save(update_fields=["adoption", "signed_by", "signed_at", "meaning"])
    keep_measures(locked)
    tell(locked, "signed a plan", by, at)
    return locked


def _end_earlier(plan: CarePlan, at: datetime) -> None:
    """End what a version that is being signed stands for: the one in force, and older drafts."""
    CarePlan.objects.filter(course=plan.course, n__lt=plan.n, ended_at=None).update(ended_at=at)


def tell(row: CarePlan, action: str, by: Staff, at: datetime) -> None:
    """Record in the audit what was done with a version of a plan."""
    more = {"plan": str(row.pk), "n": row.n, "sha256": row.content_sha256}
    record(Deed(row.clinic.pk, at, f"staff:{by.pk}", action, f"person:{row.person.pk}", more))
