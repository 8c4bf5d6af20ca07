"""What must be there before a course and for each session, and what keeps a session from being ordered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from overstory.engine.evaluate import evaluate
from overstory.engine.facts import Facts
from overstory.engine.reading import read_condition
from overstory.engine.truth import Truth
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_surroundings import SessionNeed
from overstory.knowledge.shapes.shared import Cite, cites
from overstory.pathway.planning.placing import Placed
from overstory.pathway.planning.values import Hold, Need, Session
from overstory.pathway.protocols import Judged
from overstory.pathway.suitability import SUITABILITY_KINDS, RuleAnswer, TreatmentAssessment

OPEN_KINDS = frozenset({"contraindication", "defer", "requires"})
ASK_AGAIN = "known-again"
FRESHNESS = Cite(id="overstory-vocabulary", at="how long facts stay fresh")
NeedHere = tuple[SessionNeed, Need]


def needed_here(
    *, needs: Iterable[SessionNeed], facts: Facts, knowledge: Knowledge
) -> tuple[NeedHere, ...]:
    """Return the needs that are not known to be needless for this person."""
    found = ((each, _need(each, facts, knowledge)) for each in needs)
    return tuple((entry, need) for entry, need in found if need is not None)


def course_needs(needs: Iterable[NeedHere]) -> tuple[Need, ...]:
    """Return what is obtained before the course."""
    return tuple(need for entry, need in needs if entry.when == "before-course")


def session_needs(
    *, needs: Iterable[NeedHere], placed: Sequence[Placed | Session], at: int
) -> tuple[Need, ...]:
    """
    Return what the session at a place of a course needs; that of a day stands with its first session.

    What is repeated every so many weeks stands with the first session of such a week.
    """
    if placed[at].of_day > 1:
        return ()
    return tuple(need for entry, need in needs if _applies(entry, placed, at))


def known_again(
    *, treatment: str, placed: Placed, facts: Facts, knowledge: Knowledge
) -> tuple[Need, ...]:
    """Return the facts of a treatment's rules that are known now and too old at a session, as one need."""
    if placed.of_day > 1:
        return ()
    limits = fresh_limits(treatment=treatment, knowledge=knowledge)
    old = [name for name, limit in limits.items() if _too_old(name, placed.date, limit, facts)]
    if not old:
        return ()
    labels = ", ".join(facts.vocabulary[name].label for name in facts.vocabulary.in_order(old))
    return (
        Need(
            id=ASK_AGAIN,
            kind="fact",
            says=f"Known now and too old on that day: {labels}.",
            status="site-policy",
            facts=tuple(facts.vocabulary.in_order(old)),
            sources=(FRESHNESS,),
        ),
    )


def fresh_limits(*, treatment: str, knowledge: Knowledge) -> dict[str, timedelta]:
    """Return how long each fact of a treatment's rules stays fresh, those that age only."""
    found: dict[str, timedelta] = {}
    for rule in knowledge.rules:
        if rule.kind not in SUITABILITY_KINDS or treatment not in rule.words.applies_to:
            continue
        for name in rule.fact_names:
            for limit in (knowledge.vocabulary[name].fresh_for, rule.fresh_within):
                if limit is not None:
                    found[name] = min(limit, found.get(name, limit))
    return found


def unverified_holds(judged: Judged) -> tuple[Hold, ...]:
    """Return the unverified parts of a protocol as holds that a named clinician closes."""
    return tuple(
        Hold(
            id=f"{judged.protocol.id}.{each.path}",
            why="unverified",
            part=judged.protocol.id,
            says=_unverified(each.path, each.numbers, each.says),
            closes="A named clinician verifies it before the first order.",
            sources=each.sources,
        )
        for each in judged.holds
    )


def not_now_holds(assessed: TreatmentAssessment) -> tuple[Hold, ...]:
    """Return what has to be fixed, or is still open, before a draft can be signed."""
    return tuple(_rule_holds(assessed.rules))


def _rule_holds(rules: Iterable[RuleAnswer]) -> Iterator[Hold]:
    seen = set()
    for each in rules:
        if each.rule.id in seen or each.rule.kind not in OPEN_KINDS:
            continue
        true_defer = each.rule.kind == "defer" and each.answer is True
        if not true_defer and each.answer is not None:
            continue
        seen.add(each.rule.id)
        yield Hold(
            id=each.rule.id,
            why="not-now" if true_defer else "unknown",
            part=each.part or "",
            says=each.rule.words.says,
            closes="Fix it, and assess again."
            if true_defer
            else f"Ask: {', '.join(each.asks)}; and assess again.",
            sources=each.rule.sources,
        )


def _unverified(path: str, numbers: Sequence[tuple[str, float]], says: str) -> str:
    listed = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in numbers)
    where = re.sub(r"\bparts\.(\d+)", r"part \1", path).replace(".", ", ").replace("_", " ")
    return f"Unverified: {where} ({listed}). {says}".strip()


def _applies(need: SessionNeed, placed: Sequence[Placed | Session], at: int) -> bool:
    if need.when in {"every-session", "after-session"}:
        return True
    if at == 0:
        return need.when == "first-session"
    if need.repeat_weeks is None or placed[at].week == placed[at - 1].week:
        return False
    every = max(1, int(need.repeat_weeks.low))
    return (placed[at].week - 1) // every > (placed[at - 1].week - 1) // every


def _need(each: SessionNeed, facts: Facts, knowledge: Knowledge) -> Need | None:
    needed = _needed(each, facts, knowledge)
    if needed is False:
        return None
    return Need(
        id=each.id,
        kind=each.kind,
        says=each.says,
        status=each.status,
        facts=tuple(each.facts),
        gates=tuple(each.gates),
        fresh_days=each.fresh_days.value if each.fresh_days else None,
        certain=needed is True,
        blocks=each.blocks,
        within_days=each.within_days.value if each.within_days else None,
        sources=cites(each.source),
    )


def _needed(each: SessionNeed, facts: Facts, knowledge: Knowledge) -> Truth:
    if not each.only_if:
        return True
    return evaluate(read_condition(each.only_if, knowledge.vocabulary), facts).truth


def _too_old(name: str, day: date, limit: timedelta, facts: Facts) -> bool:
    fact = facts[name]
    return fact.is_known and fact.at is not None and day - fact.at.date() > limit
