"""Who carries a high risk on record while no alert about them is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from overstory.clinic.care.measuring import packs_with
from overstory.clinic.care.models import StatedFact
from overstory.clinic.care.stated import standing
from overstory.clinic.intake.models import Questionnaire
from overstory.clinic.people.models import Clinic, Person
from overstory.clinic.safety.models import Alert
from overstory.clinic.worklists.expiring import scales_that_fill
from overstory.engine.facts import Fact, Facts, FactValueError
from overstory.knowledge.answering import answer_of
from overstory.knowledge.load import Knowledge
from overstory.pathway.safety import HIGH_RULE


@dataclass(frozen=True, slots=True)
class Unwatched:
    """One person, since when the newest of what makes the risk high is on record, and what that is."""

    person: UUID
    name: str
    zone: str
    since: datetime
    because: tuple[str, ...]


def unwatched(clinic: Clinic, now: datetime, knowledge: Knowledge) -> list[Unwatched]:
    """
    Return who is at high risk by what staff recorded, with no open alert, the newest first.

    What a person answers in a questionnaire raises its alert by itself; a newer answer to the same
    counts instead of what staff recorded. One question to the database.
    """
    of: dict[UUID, list[StatedFact]] = {}
    for row in _rows(clinic, now, knowledge):
        of.setdefault(row.person.merged_into_id or row.person_id, []).append(row)
    found = [line for rows in of.values() if (line := _line(rows, now, knowledge))]
    return sorted(found, key=lambda each: each.since, reverse=True)


def _line(rows: list[StatedFact], now: datetime, knowledge: Knowledge) -> Unwatched | None:
    known = dict(_facts(standing(rows).values(), knowledge))
    facts = Facts(vocabulary=knowledge.vocabulary, at=now, given=known)
    answer = answer_of(knowledge.rule(HIGH_RULE), facts)
    if not answer.truth:
        return None
    person: Person = next(
        (each.person for each in rows if not each.person.merged_into_id), rows[0].person
    )
    names = [each.name for each in answer.because]
    return Unwatched(
        person=person.merged_into_id or person.pk,
        name=person.listed_name,
        zone=person.site.time_zone,
        since=max(each.at for each in rows if each.name in names),
        because=tuple(knowledge.facts[each].label for each in names),
    )


def _facts(rows: Iterable[StatedFact], knowledge: Knowledge) -> Iterable[tuple[str, Fact]]:
    """Yield what was recorded and this release takes; the person's page says what it does not take."""
    for row in rows:
        if row.unknown:
            continue
        try:
            value = knowledge.vocabulary[row.name].check(row.value)
        except FactValueError:
            continue
        yield row.name, Fact(value, at=row.at, origin=row.origin)


def _rows(clinic: Clinic, now: datetime, knowledge: Knowledge) -> QuerySet[StatedFact]:
    """Return what may make a risk high, is still fresh, and is not answered since, in its order."""
    names = knowledge.rule(HIGH_RULE).fact_names
    fresh = Q(pk__in=[])
    for name in sorted(names):
        kept = Q(name=name)
        if days := knowledge.vocabulary[name].fresh_for:
            kept &= Q(at__gte=now - days)
        packs = [pack for scale in scales_that_fill(name) for pack in packs_with(scale)]
        since = Questionnaire.objects.filter(
            person=OuterRef("person"), pack__in=packs, submitted_at__gt=OuterRef("at")
        )
        fresh |= kept & ~Q(Exists(since)) if packs else kept
    root = OuterRef("person__merged_into")
    about = (
        Q(person=OuterRef("person")) | Q(person__merged_into=OuterRef("person"))
        | Q(person=root) | Q(person__merged_into=root)
    )  # fmt: skip
    return (
        StatedFact.objects.filter(fresh, person__clinic=clinic)
        .exclude(Exists(Alert.objects.filter(about, closed_at=None)))
        .known_at(now)
        .select_related("person__site")
    )
