"""The seam: from rows to a person's facts. Everything that is said of someone goes through here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from overstory.clinic.care.models import StatedFact, StatedTrial
from overstory.clinic.care.stated import standing, taken_back
from overstory.clinic.intake.answers import Given, answers_until, given_in
from overstory.clinic.intake.filling import Answer
from overstory.clinic.people.models import Person
from overstory.engine.facts import Fact, Facts, FactType, FactValueError, Unknown
from overstory.exchange.records import NotUnderstood
from overstory.knowledge.load import Knowledge
from overstory.pathway.intake import person as person_facts
from overstory.pathway.ledger import Trial, TrialError, read_trial
from overstory.pathway.medicines import formulary
from overstory.pathway.pack_skips import inferred

AGE = "age_years"


@dataclass(frozen=True)
class KnownTrial:
    """A past trial with who said it; `row` is what staff recorded, none where it was answered."""

    trial: Trial
    origin: str
    row: StatedTrial | None = None


@dataclass(frozen=True)
class Gathered:
    """
    All that is known of a person at a moment, as the seam hands it on.

    `facts` has what was given and what follows from it. `rows` are the stated rows behind the facts
    that come from one, `stated` every row that stands. `replaced` are answered trials for which
    staff recorded their own. Without `trials_are_whole` there may be other trials than those known.
    `left_out` says what is on record and could not be used.
    """

    person: Person
    ids: tuple[UUID, ...]
    given: Mapping[str, Fact]
    known_trials: tuple[KnownTrial, ...]
    trials_are_whole: bool
    scores: tuple[Any, ...]
    facts: Facts
    rows: Mapping[str, StatedFact]
    stated: Mapping[str, StatedFact]
    replaced: tuple[KnownTrial, ...]
    left_out: tuple[NotUnderstood, ...]

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The ledger of past trials."""
        return tuple(each.trial for each in self.known_trials)


def facts_of(person: Person, at: datetime, knowledge: Knowledge) -> Facts:
    """Return the facts of a person at a moment: answered, stated, imported, and the age."""
    return gathered(person, at, knowledge).facts


def gathered(
    person: Person, at: datetime, knowledge: Knowledge, *, without: StatedFact | None = None
) -> Gathered:
    """
    Return all that is known of a person at a moment, with where it is from.

    Of several statements of a fact the one that was true last counts, then the one recorded last.
    What was true or written later than `at` is not used. `without` leaves one row out, to show what
    it changed.
    """
    ids = person.ids
    rows = RowsOf(
        answers_until(ids, at),
        StatedFact.objects.of(ids).known_at(at),
        StatedTrial.objects.of(ids).known_at(at),
    )
    return gathered_from(rows, person=person, ids=ids, at=at, knowledge=knowledge, without=without)


@dataclass(frozen=True, slots=True)
class RowsOf:
    """What is on record of one person until a moment, each kind in its order."""

    answers: Iterable[Answer]
    facts: Iterable[StatedFact]
    trials: Iterable[StatedTrial]


def rows_of_many(ids: Mapping[UUID, Sequence[UUID]], at: datetime) -> dict[UUID, RowsOf]:
    """Return what is on record of many, by person; `ids` has all rows of each. Three queries."""
    whose = {row: person for person, rows in ids.items() for row in rows}
    every = list(whose)
    found: dict[UUID, tuple[list[Any], list[Any], list[Any]]] = {each: ([], [], []) for each in ids}
    for answer in answers_until(every, at):
        found[whose[answer.questionnaire.person_id]][0].append(answer)
    for fact in StatedFact.objects.of(every).known_at(at):
        found[whose[fact.person_id]][1].append(fact)
    for trial in StatedTrial.objects.of(every).known_at(at):
        found[whose[trial.person_id]][2].append(trial)
    return {person: RowsOf(*rows) for person, rows in found.items()}


def gathered_from(
    rows_of: RowsOf, *, person: Person, ids: Sequence[UUID], at: datetime, knowledge: Knowledge,
    without: StatedFact | None = None,
) -> Gathered:  # fmt: skip
    """Return what rows say of a person at a moment, as `gathered` does."""
    answered = given_in(rows_of.answers, knowledge)
    left_out: list[NotUnderstood] = []
    rows = standing(row for row in rows_of.facts if without is None or row.pk != without.pk)
    known = dict(answered.facts)
    behind: dict[str, StatedFact] = {}
    for name, row in rows.items():
        if name not in knowledge.vocabulary:
            left_out.append(NotUnderstood(row.origin, f"no fact is named {name!r} any more"))
        elif name not in known or (known[name].at or row.at) <= row.at:
            known[name] = _fact(row, knowledge.vocabulary[name], left_out)
            behind[name] = row
    known.update(_age(person, at, knowledge))
    known |= inferred(known=known, skipped=answered.skipped, at=at, knowledge=knowledge)
    behind = {name: row for name, row in behind.items() if name != AGE or not person.birth_date}
    ledger = _ledger(answered, rows_of.trials, knowledge, left_out)
    facts = person_facts(
        given=known,
        trials=[each.trial for each in ledger.known],
        at=at,
        knowledge=knowledge,
        trials_are_whole=ledger.is_whole,
    )
    return Gathered(
        person=person,
        ids=tuple(ids),
        given=known,
        known_trials=ledger.known,
        trials_are_whole=ledger.is_whole,
        scores=answered.scores,
        facts=facts,
        rows=behind,
        stated=rows,
        replaced=ledger.replaced,
        left_out=tuple(left_out),
    )


def value_of(kind: FactType, held: object) -> Any:
    """Return a value as the vocabulary has it, from what JSON can hold."""
    if kind.kind == "date" and isinstance(held, str):
        return date.fromisoformat(held)
    return held


def held_value(value: object) -> Any:
    """Return a value as JSON can hold it."""
    return value.isoformat() if isinstance(value, date) else value


def _fact(row: StatedFact, kind: FactType, left_out: list[NotUnderstood]) -> Fact:
    """Return the fact of a row; one that this release does not take is unknown, and said."""
    if row.unknown:
        return Fact(unknown=Unknown(row.unknown), at=row.at, origin=row.origin)
    try:
        value = kind.check(value_of(kind, row.value))
    except (FactValueError, ValueError) as error:
        left_out.append(NotUnderstood(row.origin, str(error)))
        return Fact(unknown=Unknown.NOT_RECORDED, at=row.at, origin=row.origin)
    return Fact(value, at=row.at, origin=row.origin)


def _age(person: Person, at: datetime, knowledge: Knowledge) -> dict[str, Fact]:
    """Return the age in whole years on the day that it is at the site; nothing without a birth date."""
    years = person.age(at.astimezone(person.site.zone).date())
    if years is None or AGE not in knowledge.vocabulary:
        return {}
    try:
        knowledge.vocabulary[AGE].check(years)
    except FactValueError:
        why = f"the birth date {person.birth_date} cannot be right"
        return {AGE: Fact(unknown=Unknown.CONFLICTING, at=at, origin=why)}
    return {AGE: Fact(years, at=at, origin="from the birth date")}


@dataclass(frozen=True, slots=True)
class _Ledger:
    """The trials that count, those answered for which staff recorded their own, and if all are here."""

    known: tuple[KnownTrial, ...]
    replaced: tuple[KnownTrial, ...]
    is_whole: bool


def _ledger(
    answered: Given,
    trials: Iterable[StatedTrial],
    knowledge: Knowledge,
    left_out: list[NotUnderstood],
) -> _Ledger:
    rows = list(trials)
    gone = taken_back((row.pk, row.retracts_id) for row in rows)
    standing_rows = [row for row in rows if row.pk not in gone and row.trial is not None]
    stated = []
    is_read = True
    for row in standing_rows:
        try:
            trial = replace(read_trial(row.trial), source=row.origin)
        except TrialError as error:
            left_out.append(NotUnderstood(row.origin, str(error)))
            is_read = False
        else:
            stated.append(KnownTrial(trial, row.origin, row))
    own = {_key(each.trial, knowledge) for each in stated}
    theirs = [
        KnownTrial(each, each.source or "answered by the patient")
        for each in (*answered.trials, *answered.unfinished)
    ]
    return _Ledger(
        known=(*(each for each in theirs if _key(each.trial, knowledge) not in own), *stated),
        replaced=tuple(each for each in theirs if _key(each.trial, knowledge) in own),
        is_whole=is_read and (bool(answered.trials) or any(row.is_whole for row in standing_rows)),
    )


def _key(trial: Trial, knowledge: Knowledge) -> tuple[str, str]:
    """Return what makes two trials the same one: the medicine, by whatever name, and the episode."""
    found = formulary(knowledge).recognize(trial.medicine)
    names = sorted(each.medicine for each in found.medicines)
    return " + ".join(names) or trial.medicine.casefold().strip(), trial.episode or ""
