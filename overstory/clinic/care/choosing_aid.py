"""The decision aid of one person: from the facts of now and the clinic's knowledge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from overstory.clinic.care.adopted import InForce
from overstory.clinic.care.choosing_reading import Said, said_of
from overstory.clinic.care.facts import gathered
from overstory.clinic.intake.comparing import told
from overstory.clinic.people.models import Person
from overstory.exchange.aid.html import aid_html
from overstory.exchange.aid.making import aid_input
from overstory.exchange.aid.page import AidInput, Page, page
from overstory.exchange.aid.pdf import aid_pdf
from overstory.pathway.choice import Option
from overstory.pathway.suitability import RuleAnswer

SUICIDE_FACTS = frozenset(
    {
        "phq9_item9",
        "cssrs_risk",
        "suicidal_ideation_active",
        "suicidal_intent",
        "suicide_attempt_within_3_months",
        "needs_inpatient_care",
    }
)
"""Answers about suicide and what follows from them: never on a page that a link opens."""


@dataclass(frozen=True, slots=True)
class Aid:
    """A person's aid: what it is made of, what they said before, and the page in one language."""

    ids: tuple[UUID, ...]
    given: AidInput
    said: Said
    page: Page

    @property
    def options(self) -> tuple[Option, ...]:
        """The options in their order."""
        return tuple(self.given.options)

    @property
    def is_danger(self) -> bool:
        """Whether the crisis path stands before everything else."""
        return self.given.assessment.safety.crisis_first


def aid_of(
    person: Person, *, at: datetime, force: InForce, language: str, by_link: bool = False
) -> Aid:
    """Return the aid of a person; by a link without anything about suicide but the crisis path."""
    found = gathered(person, at, force.knowledge)
    said = said_of(found.ids, knowledge=force.knowledge)
    given = aid_input(
        patient=person.shown_name,
        facts=found.facts,
        knowledge=force.knowledge,
        jurisdiction=person.clinic.jurisdiction,
        importance=said.importance,
    )
    if by_link:
        given = without_suicide(given)
    return Aid(found.ids, given, said, page(given, language=language))


def without_suicide(given: AidInput) -> AidInput:
    """Return the same without a word that rests on answers about suicide; verdicts stay."""
    return replace(given, options=tuple(_without(each) for each in given.options))


def pdf_of(aid: Aid, *, language: str, own: Sequence[tuple[str, Sequence[str]]] = ()) -> bytes:
    """
    Return the aid as a PDF, with what is the person's own.

    :raises PdfError: if it cannot be made here.
    """
    return _printed(aid_html(aid.given, language=language, own=own))


@lru_cache(maxsize=8)
def _printed(html: str) -> bytes:
    """The same page asked for again, as phones do, is not laid out again: that takes seconds."""
    return aid_pdf(html)


def shown_aid(aid: Aid, words: Any) -> dict[str, Any]:
    """Return what the template of an aid needs; `words` are those of the comparison of options."""
    return {
        "aid": aid,
        **told(aid.page),
        "compare": words,
        "values_lead": aid.page.words("values.lead", most=aid.page.policy.most_important),
        "numbers_text": aid.page.words("numbers.text", per=aid.page.policy.per),
        "sum_lead": aid.page.words("values.order_lead"),
    }


def _without(option: Option) -> Option:
    return replace(
        option,
        stops=tuple(each for each in option.stops if not _is_about_suicide(each)),
        cares=tuple(each for each in option.cares if not _is_about_suicide(each)),
        asks=tuple(each for each in option.asks if each not in SUICIDE_FACTS),
    )


def _is_about_suicide(answer: RuleAnswer) -> bool:
    names = {*answer.rule.fact_names, *(each.name for each in answer.because)}
    return bool(names & SUICIDE_FACTS)
