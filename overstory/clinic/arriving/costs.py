"""What a course may cost, as others reported it: with its date and source, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from overstory.clinic.intake.showing import in_language
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.ui.words import Words
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.shared import cites

UNDATED = "not dated"
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Price:
    """One reported price in words: the line, what it comes to for all visits, where it is from."""

    line: str
    total: str
    source: str
    is_old: bool


def prices_of(
    treatment: str, visits: int, knowledge: Knowledge, clinic: Clinic, at: datetime, say: Words
) -> tuple[Price, ...]:
    """
    Return the prices that were reported of a treatment where the clinic is; none where there is none.

    Reports that disagree stand beside one another. One by the visit is also told for so many `visits`.
    """
    found = [each for each in knowledge.sections["options"] if each.id == treatment]
    return tuple(
        _price(cost, visits, knowledge, at.date(), say)
        for option in found
        for cost in option.costs
        if cost.jurisdiction == clinic.jurisdiction
    )


def _price(cost: Any, visits: int, knowledge: Knowledge, today: date, say: Words) -> Price:
    line = say(
        "course.cost_line", what=in_language(cost.what, say.language), low=_money(cost.low, say),
        high=_money(cost.high, say), currency=cost.currency,
    )  # fmt: skip
    total = ""
    if cost.per == "visit" and visits > 1:
        total = say(
            "course.cost_total", n=visits, low=_money(cost.low * visits, say),
            high=_money(cost.high * visits, say), currency=cost.currency,
        )  # fmt: skip
    sources = [knowledge.sources[each.id] for each in cites(cost.source)]
    is_dated = cost.as_of != UNDATED
    as_of = say("course.cost_dated", day=cost.as_of) if is_dated else say("course.cost_undated")
    told = [
        say("course.cost_source", title=each.title, as_of=as_of, read_on=each.read_on)
        for each in sources
    ]
    is_old = any(date.fromisoformat(each.recheck_by) < today for each in sources)
    return Price(line, total, "; ".join(told), is_old)


def _money(amount: float, say: Words) -> str:
    """Return whole units with thousands parted, as they are written in the language."""
    text = f"{amount:,.0f}"
    return text.replace(",", NO_BREAK) if say.language == "es" else text
