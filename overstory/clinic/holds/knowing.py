"""All that holds are worked out from, for several courses at once and in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from overstory.clinic.care.adopted import InForce
from overstory.clinic.care.assessing import Assessed, assessed_from
from overstory.clinic.care.consenting_rows import Consent
from overstory.clinic.care.deciding import reasons_until
from overstory.clinic.care.facts import gathered_from, rows_of_many
from overstory.clinic.care.living_holds import Closings
from overstory.clinic.care.models import WrittenReason
from overstory.clinic.care.planned import CarePlan, HoldClosed
from overstory.clinic.holds.models import (
    AUTHORIZATION,
    CHECK,
    ENROLMENT,
    NONE_NEEDED,
    SELF_PAY,
    HoldRow,
    of_kind,
    standing,
)
from overstory.clinic.holds.values import Course
from overstory.clinic.people.models import Cover, Person


@dataclass(frozen=True)
class Known:
    """What is known of one person and the site of their plan."""

    assessed: Assessed
    reasons: tuple[WrittenReason, ...] = ()
    consents: tuple[Consent, ...] = ()
    authorizations: tuple[HoldRow, ...] = ()
    self_pays: tuple[HoldRow, ...] = ()
    insurers: tuple[str, ...] = ()
    enrolments: tuple[HoldRow, ...] = ()
    of_site: tuple[HoldRow, ...] = ()
    none_needed: tuple[HoldRow, ...] = ()
    checks: tuple[HoldRow, ...] = ()
    closings: Mapping[UUID, Closings] = field(default_factory=dict)


def plain(payer: str) -> str:
    """Return a payer's name as names are compared: without case and doubled spaces."""
    return " ".join(payer.casefold().split())


def known_of(courses: Sequence[Course], *, force: InForce, at: datetime) -> dict[UUID, Known]:
    """Return what is known of the person of each course, by that person."""
    persons = {each.plan.person.pk: each.plan.person for each in courses}
    ids = {each.plan.person.pk: each.person_ids for each in courses}
    rows = rows_of_many(ids, at)
    found = _Rows(ids, courses, at)
    closings = _closings(courses)
    return {
        pk: Known(
            assessed=assessed_from(
                gathered_from(
                    rows[pk], person=person, ids=ids[pk], at=at, knowledge=force.knowledge
                ),
                force=force,
            ),
            reasons=found.of(pk, found.reasons),
            consents=found.of(pk, found.consents),
            authorizations=found.of(pk, found.authorizations),
            self_pays=found.of(pk, found.self_pays),
            insurers=tuple(dict.fromkeys(plain(each.insurer) for each in found.of(pk, found.covers))),
            enrolments=found.of(pk, found.enrolments),
            of_site=tuple(each for each in found.enrolments if each.site_id == person.site_id),
            none_needed=tuple(each for each in found.none_needed if each.site_id == person.site_id),
            checks=found.of(pk, found.checks),
            closings=closings,
        )
        for pk, person in persons.items()
    }  # fmt: skip


def all_ids(persons: Collection[Person]) -> dict[UUID, list[UUID]]:
    """Return the ids of all rows of each human, by the row that stands for them."""
    found = {each.pk: [each.pk] for each in persons}
    whose = {each: each for each in found}
    last = [each.pk for each in persons if not each.__dict__.get("is_alone")]
    while last:
        merged = list(Person.objects.filter(merged_into__in=last).only("pk", "merged_into"))
        for each in merged:
            if each.merged_into_id is not None:
                whose[each.pk] = whose[each.merged_into_id]
                found[whose[each.pk]].append(each.pk)
        last = [each.pk for each in merged]
    return found


class _Rows:
    """The rows of some persons and their sites, each kind in one query."""

    def __init__(
        self, ids: Mapping[UUID, Sequence[UUID]], courses: Sequence[Course], at: datetime
    ) -> None:
        self.whose = {row: person for person, rows in ids.items() for row in rows}
        every = list(self.whose)
        sites = {each.plan.person.site_id for each in courses}
        self.reasons = reasons_until(every, at)
        self.consents = list(Consent.objects.of(every))
        self.covers = list(Cover.objects.filter(person__in=every, until=None).order_by("since"))
        rows = standing(HoldRow.objects.of(every, sites))
        self.authorizations = of_kind(rows, AUTHORIZATION)
        self.self_pays = of_kind(rows, SELF_PAY)
        self.enrolments = of_kind(rows, ENROLMENT)
        self.none_needed = of_kind(rows, NONE_NEEDED)
        self.checks = of_kind(rows, CHECK)

    def of(self, person: UUID, rows: Iterable[Any]) -> tuple[Any, ...]:
        """Return those rows that are of one human."""
        return tuple(each for each in rows if self.whose.get(each.person_id) == person)


def _closings(courses: Sequence[Course]) -> dict[UUID, Closings]:
    found: dict[UUID, list[HoldClosed]] = {each.plan.pk: [] for each in courses}
    held = [each.plan.pk for each in courses if _has_holds(each.plan)]
    rows = HoldClosed.objects.filter(plan__in=held).select_related("by").order_by("at")
    for row in rows:
        found[row.plan_id].append(row)
    return {pk: Closings(tuple(each)) for pk, each in found.items()}


def _has_holds(plan: CarePlan) -> bool:
    """Whether a plan holds anything by itself; only such can have been closed."""
    content = plan.content
    return bool(content["holds"]) or any(each["holds"] for each in content["sessions"])
