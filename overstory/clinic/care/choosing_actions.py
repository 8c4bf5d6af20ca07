"""What is written of a choice: what matters, how sure, what is asked, and what was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.care.adopted import InForce
from overstory.clinic.care.assessing import assess_person
from overstory.clinic.care.choosing_links import locked_open
from overstory.clinic.care.choosing_rows import (
    MOMENTS,
    QUESTION,
    VALUES,
    Choice,
    ChoiceLink,
    ChoiceSaid,
    RowT,
    newest,
)
from overstory.clinic.people.models import Person, Staff
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.choices import AidPolicy
from overstory.pathway.choice import Option, options
from overstory.pathway.sure import sure
from overstory.pathway.verdicts import SETTLED, Verdict

NOT_YET = "not-yet"
MOST_LETTERS = 2000
SAYS = {
    VALUES: "said what matters",
    "before": "took a SURE test before",
    "after": "took a SURE test after",
    QUESTION: "asked before choosing",
}


class SaidError(ValueError):
    """Something said that cannot be kept; the message says what would be right."""


class ChangedMeanwhileError(ValueError):
    """Somebody else recorded a choice since the page was opened."""


class ChoiceRefusedError(ValueError):
    """An option that cannot be chosen now; `reasons` say why, a wish can be noted instead."""

    def __init__(self, option: str, verdict: str, reasons: tuple[str, ...]) -> None:
        self.option, self.verdict, self.reasons = option, verdict, reasons
        super().__init__(f"{option} cannot be chosen: {verdict}")


@dataclass(frozen=True, slots=True)
class Giver:
    """Who says it: staff with the person, or the person by their link."""

    staff: Staff | None = None
    link: ChoiceLink | None = None

    def __post_init__(self) -> None:
        if (self.staff is None) == (self.link is None):
            raise SaidError("either staff or the person's link says it")

    @property
    def actor(self) -> str:
        """Who this is in the record."""
        return self.staff.actor if self.staff is not None else f"link:{self.link.pk}"  # type: ignore[union-attr] # one of both

    def held(self, at: datetime) -> None:
        """Refuse a link that is over, and hold it until all is written."""
        if self.link is not None:
            locked_open(self.link, at)


@dataclass(frozen=True, slots=True)
class Saying:
    """Who says something when; `key` is made by the form, so that sent twice it is one row."""

    key: UUID
    giver: Giver
    at: datetime


@dataclass(frozen=True, slots=True)
class Chosen:
    """
    What was chosen or wished for, with whom, and what was talked about.

    `seen_at` is when the page was opened: a choice recorded after it was not seen. `look_again_on` is
    the day on which one looks again, for *not yet* alone.
    """

    key: UUID
    option: str
    is_wish: bool
    present: tuple[tuple[str, str], ...]
    staff_present: tuple[Staff, ...]
    discussed: str
    look_again_on: date | None = None
    seen_at: datetime | None = None


@transaction.atomic
def say_values(
    *, person: Person, said: Saying, importance: Mapping[str, int], knowledge: Knowledge
) -> ChoiceSaid:
    """
    Keep how much each value matters; sent twice, it is one row.

    :raises SaidError: for a value that is not known or a number out of range.
    :raises NotOpenError: if the link is over.
    """
    policy: AidPolicy = knowledge.sections["aid"][0]
    known = {each.id for each in knowledge.sections["choice_values"]}
    for name, number in importance.items():
        if name not in known or type(number) is not int or not 0 <= number <= policy.most_important:
            raise SaidError(f"a number from 0 to {policy.most_important} for each value")
    return _say(person, said, VALUES, dict(importance))


@transaction.atomic
def take_sure(
    *,
    person: Person,
    said: Saying,
    moment: str,
    answers: Mapping[str, bool | None],
    knowledge: Knowledge,
) -> ChoiceSaid:
    """
    Keep the answers of a SURE test; a question without one stays open.

    :raises SaidError: if nothing was answered, or the moment is none of the two.
    :raises SureAnswerError: for an answer to another question.
    :raises NotOpenError: if the link is over.
    """
    sure(answers=answers, knowledge=knowledge)
    if moment not in MOMENTS or all(each is None for each in answers.values()):
        raise SaidError("answer at least one of the four questions")
    return _say(person, said, moment, dict(answers))


@transaction.atomic
def ask(*, person: Person, said: Saying, words: str) -> ChoiceSaid:
    """
    Keep a question of the person; sent twice, it is one row.

    :raises SaidError: if it is empty or too long.
    :raises NotOpenError: if the link is over.
    """
    asked = words.strip()
    if not asked or len(asked) > MOST_LETTERS:
        raise SaidError(f"write a question of at most {MOST_LETTERS} letters")
    return _say(person, said, QUESTION, {"words": asked})


def _say(person: Person, said: Saying, kind: str, content: dict[str, Any]) -> ChoiceSaid:
    said.giver.held(said.at)
    again = _again(ChoiceSaid, person, said.key)
    if again is not None:
        return again
    row = ChoiceSaid.objects.create(
        id=said.key,
        person=person,
        kind=kind,
        content=content,
        by=said.giver.staff,
        link=said.giver.link,
        at=said.at,
    )
    _note(person, SAYS[kind], said.giver.actor, said.at, said=str(row.pk))
    return row


@transaction.atomic
def record_choice(
    *, person: Person, chosen: Chosen, force: InForce, by: Staff, at: datetime
) -> Choice:
    """
    Keep a choice, or a wish; a later choice supersedes the one before. Sent twice, it is one row.

    :raises ChoiceRefusedError: if the option chosen is contraindicated or not indicated now.
    :raises ChangedMeanwhileError: if a choice was recorded after the page was opened.
    :raises SaidError: for an unknown option, a missing or needless day, or nothing discussed.
    """
    held = _held(person)
    again = _again(Choice, held, chosen.key)
    if again is not None:
        return again
    option = _checked(held, chosen, force, at)
    before = standing_choice(held)
    if not chosen.is_wish and before is not None and _is_unseen(before, chosen):
        raise ChangedMeanwhileError("somebody recorded a choice since this page was opened")
    row = Choice.objects.create(
        id=chosen.key,
        person=held,
        is_wish=chosen.is_wish,
        option=chosen.option,
        look_again_on=chosen.look_again_on,
        verdict=str(option.verdict) if option.verdict else "",
        present=[{"name": name, "relation": relation} for name, relation in chosen.present],
        staff_present=[{"id": str(each.pk), "name": each.name} for each in chosen.staff_present],
        discussed=chosen.discussed.strip(),
        importance=importance_of(
            newest(ChoiceSaid, held.ids).filter(kind=VALUES).first(), force.knowledge
        ),
        knowledge_version=force.knowledge.version,
        knowledge_sha256=force.knowledge.sha256,
        supersedes=None if chosen.is_wish else before,
        by=by,
        at=at,
    )
    action = "noted a wish" if chosen.is_wish else "recorded a choice"
    _note(held, action, by.actor, at, choice=str(row.pk))
    return row


def standing_choice(person: Person) -> Choice | None:
    """Return the choice that stands: the one that no later one supersedes; wishes are none."""
    rows = newest(Choice, person.ids).filter(is_wish=False, superseded_by=None)
    return rows.first()


def importance_of(row: ChoiceSaid | None, knowledge: Knowledge) -> dict[str, int]:
    """Return what the person said last of each value that there is; nothing said is nothing."""
    known = {each.id for each in knowledge.sections["choice_values"]}
    given: Mapping[str, int] = row.content if row is not None else {}
    return {name: number for name, number in given.items() if name in known}


def reasons_against(option: Option) -> tuple[str, ...]:
    """Return why an option cannot be chosen, in words for staff; nothing where it can."""
    if option.verdict is Verdict.CONTRAINDICATED:
        return tuple(
            each.rule.words.says for each in option.stops if each.rule.kind == "contraindication"
        )
    if option.verdict is Verdict.NOT_INDICATED:
        return ("It is not for any problem on this person's record.",)
    return ()


def _is_unseen(before: Choice, chosen: Chosen) -> bool:
    return chosen.seen_at is None or before.at > chosen.seen_at


def _checked(person: Person, chosen: Chosen, force: InForce, at: datetime) -> Option:
    assessed = assess_person(person, at=at, force=force)
    shown = options(
        assessment=assessed.assessment, facts=assessed.gathered.facts, knowledge=force.knowledge
    )
    option = next((each for each in shown if each.id == chosen.option), None)
    if option is None:
        raise SaidError("choose one of the options")
    if not chosen.discussed.strip():
        raise SaidError("write what was talked about")
    if (chosen.option == NOT_YET) != (chosen.look_again_on is not None):
        raise SaidError("a day to look again goes with “not yet”, and only with it")
    today = at.astimezone(person.site.zone).date()
    if chosen.look_again_on is not None and chosen.look_again_on <= today:
        raise SaidError("the day to look again is still to come")
    if not chosen.is_wish and option.verdict in SETTLED:
        raise ChoiceRefusedError(option.id, str(option.verdict), reasons_against(option))
    return option


def _again(model: type[RowT], person: Person, key: UUID) -> RowT | None:
    """
    Return the row that was written with this key before, if there is one.

    :raises SaidError: if the key is another person's.
    """
    found = model._default_manager.filter(pk=key).first()
    if found is not None and getattr(found, "person_id", None) != person.pk:
        raise SaidError("this form was sent before, for something else")
    return found


def _held(person: Person) -> Person:
    """Return the person, about whom nobody else writes until this is done."""
    rows = Person.objects.select_for_update(of=("self",)).select_related("clinic", "site")
    return rows.get(pk=person.pk)


def _note(person: Person, action: str, actor: str, at: datetime, **more: str) -> None:
    record(Deed(person.clinic_id, at, actor, action, f"person:{person.pk}", more))
