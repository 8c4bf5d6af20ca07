"""Absolute chances: what one trial found of 100 people, or how many of 100 or 1,000 had a harm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.choices import AidPolicy, OptionEntry
from overstory.knowledge.shapes.evidence import Arm, Estimate, Evidence, EvidenceWords, Harm
from overstory.knowledge.shapes.shared import Cite, Text, cites

OUTCOMES = ("response", "remission")
"""Every option is shown with these, in this order, whether a trial gives a number or not."""


Finding = Literal["worse", "better", "better-untested", "no-worse", "not-shown", ""]
"""What a trial's own range says of the option, or nothing where nobody may tell from it."""


class FigureError(ValueError):
    """An entry that cannot be shown as people of a fixed group; the message names the entry."""


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One outcome of one trial, as people of `per`.

    `compared` is the comparison group's number; without one the number stands alone. `difference`
    is active minus control, `interval` its 95 % interval, both of `per` people and rounded to whole
    people; `finding` tells on which side of no difference the whole interval lies. `people` is how
    many were counted, `is_small` tells that the group itself was a small one or of unknown size.
    `is_verified` is false where a number is recalled.
    """

    id: str
    outcome: str
    words: EvidenceWords
    per: int
    number: int
    compared: int | None
    difference: int | None
    interval: tuple[int, int] | None
    finding: Finding
    people: int | None
    is_small: bool
    analysis: str
    scale: str
    verdict: str
    is_verified: bool
    sources: tuple[Cite, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """From the trial with the fewest people to the one with the most; `studies` is how many."""

    low: int
    high: int
    studies: int


@dataclass(frozen=True, slots=True)
class HarmFigure:
    """
    One harm of one option, as people of `per`; `number` is absent where nobody has given one.

    `range` is the least and the greatest where reports or devices differ, or the 95 % interval;
    `compared` the comparator's number. `is_below_one` marks a (least) number above zero that rounds
    to nobody of `per`. `is_seen` tells that it happens, counted or not; `is_as_parts` that the parts
    of the option have it and nobody counted it for the whole.
    """

    harm: str
    words: Text
    per: int
    number: int | None
    range: tuple[int, int] | None
    is_below_one: bool
    compared: int | None
    is_seen: bool
    is_as_parts: bool
    is_verified: bool
    sources: tuple[Cite, ...]


def figure(entry: Evidence, *, policy: AidPolicy) -> Figure:
    """
    Return what a trial found, as whole people of the usual group.

    :raises FigureError: if the entry has no words for patients, or no number in its active group.
    """
    per = policy.per
    active, control = _arm(entry, "active"), _arm(entry, "control")
    number = _people_of(active, per)
    estimate = _difference(entry, active)
    if entry.words is None or number is None:
        raise FigureError(f"{entry.id}: it is marked for choice without words or a number")
    compared = _people_of(control, per)
    return Figure(
        id=entry.id,
        outcome=entry.outcome,
        words=entry.words,
        per=per,
        number=number,
        compared=compared,
        difference=None if compared is None else number - compared,
        interval=_scaled_pair(estimate.interval, 100, per) if estimate and control else None,
        finding="" if compared is None else finding(entry.verdict, estimate),
        people=_counted(entry, (active, control)),
        is_small=_is_small(_people_in(entry, active), policy),
        analysis=entry.analysis,
        scale=entry.scale,
        verdict=entry.verdict,
        is_verified=_is_verified(entry, (active, control)),
        sources=_sources(entry, (active, control)),
    )


def control_figure(entry: Evidence, words: Text, *, policy: AidPolicy) -> Figure:
    """
    Return what a trial found in its comparison group alone, which had what `words` says.

    :raises FigureError: if the entry has no words for patients, or no number in that group.
    """
    per = policy.per
    control = _arm(entry, "control")
    number = _people_of(control, per)
    if entry.words is None or number is None or control is None:
        raise FigureError(f"{entry.id}: its comparison group has no number")
    told = EvidenceWords(
        who=entry.words.who,
        compared_with=words,
        outcome=entry.words.outcome,
        time_frame=entry.words.time_frame,
    )
    return Figure(
        id=entry.id,
        outcome=entry.outcome,
        words=told,
        per=per,
        number=number,
        compared=None,
        difference=None,
        interval=None,
        finding="",
        people=control.people,
        is_small=_is_small(control.people, policy),
        analysis=entry.analysis,
        scale=entry.scale,
        verdict="uncontrolled",
        is_verified=_is_verified(entry, (control,)),
        sources=_sources(entry, (control,)),
    )


def finding(verdict: str, estimate: Estimate | None) -> Finding:
    """
    Return what a trial found by the 95 % range of its difference, active minus control.

    A range wholly below zero is `worse`, whatever the trial set out to test; one that touches or
    crosses zero shows nothing. A range wholly above zero is `better` only where the trial tested
    for that: of a trial for non-inferiority it is `no-worse`. Without a range the verdict stands.
    Where nobody was randomised there is nothing to say.
    """
    if verdict == "uncontrolled":
        return ""
    if estimate is None or estimate.interval is None:
        return "not-shown" if verdict == "negative" else ""
    low, high = estimate.interval
    if high < 0:
        return "worse"
    if low <= 0:
        return "not-shown"
    if verdict != "positive":
        return "better-untested"
    return "no-worse" if "non-inferiority" in estimate.p else "better"


def spread(entries: Sequence[Evidence], *, policy: AidPolicy) -> Spread | None:
    """Return the fewest and the most people of the usual group over several trials, if any has one."""
    numbers = [
        number for entry in entries for number in _numbers(_arm(entry, "active"), policy.per)
    ]
    if not numbers:
        return None
    return Spread(min(numbers), max(numbers), len({entry.study for entry in entries}))


def harm_figures(
    option: OptionEntry, *, knowledge: Knowledge, policy: AidPolicy
) -> tuple[HarmFigure, ...]:
    """Return the harms that every option is told with, with this option's number or none."""
    harms: Sequence[Harm] = knowledge.sections.get("harms", ())
    shown = [each for each in harms if each.use_for_choice and each.unit == "people"]
    kinds = {kind: [each for each in shown if each.harm == kind] for kind in policy.harms}
    return tuple(_harm_of(option, each, policy) for each in kinds.values() if each)


def _harm_of(option: OptionEntry, harms: Sequence[Harm], policy: AidPolicy) -> HarmFigure:
    """One number stands as it is; of several, for several devices, the least and the greatest."""
    rare = all(_is_rare(harm, policy) for harm in harms)
    per = policy.rare_per if rare else policy.per
    own = [harm for harm in harms if option.id in harm.treatments]
    parts = {part for harm in harms for part in harm.treatments if part in option.parts}
    values = [harm.value for harm in own if harm.value is not None]
    one = own[0] if len(own) == 1 else None
    span = (one.range or one.interval) if one else (min(values), max(values)) if values else None
    number = _scaled(one.value, one.per, per) if one else None
    return HarmFigure(
        harm=harms[0].harm,
        words=harms[0].words,
        per=per,
        number=number,
        range=_scaled_pair(span, own[0].per, per) if own else None,
        is_below_one=_is_below_one(one.value if one else min(values, default=None), own, per),
        compared=_scaled(one.comparator_value, one.per, per) if one else None,
        is_seen=bool(own),
        is_as_parts=bool(parts) and not values,
        is_verified=all(harm.status != "recalled" for harm in own),
        sources=tuple(cite for harm in own for cite in cites(harm.source)),
    )


def _is_below_one(value: float | None, own: Sequence[Harm], per: int) -> bool:
    return bool(value) and _scaled(value, own[0].per, per) == 0


def _is_rare(harm: Harm, policy: AidPolicy) -> bool:
    """Whether fewer than one of the usual group had it, as far as a number is given."""
    top = harm.value if harm.value is not None else max(harm.range or (0,))
    return top / harm.per * policy.per < 1


def _arm(entry: Evidence, role: str) -> Arm | None:
    return next((arm for arm in entry.arms if arm.role == role), None)


def _people_of(arm: Arm | None, per: int) -> int | None:
    if arm is None:
        return None
    if arm.per_100 is not None:
        return _scaled(arm.per_100, 100, per)
    if arm.events is not None and arm.people:
        return _scaled(arm.events, arm.people, per)
    return None


def _numbers(arm: Arm | None, per: int) -> tuple[int, ...]:
    number = _people_of(arm, per)
    if number is not None:
        return (number,)
    return (_scaled_pair(arm.per_100_range, 100, per) or ()) if arm else ()


def _people_in(entry: Evidence, arm: Arm | None) -> int | None:
    """Return how many were in one group; where it is not told, an equal share of all."""
    if arm is not None and arm.people is not None:
        return arm.people
    whole = entry.sample.analysed or entry.sample.randomised
    return whole // len(entry.arms) if whole and entry.arms else None


def _is_small(people: int | None, policy: AidPolicy) -> bool:
    return people is None or people < policy.small_group


def _difference(entry: Evidence, active: Arm | None) -> Estimate | None:
    """Return the difference of the whole group, or of the dose that is drawn."""
    name = active.name if active is not None else ""
    for estimate in entry.estimates:
        of_drawn = not estimate.of or name.endswith(f" {estimate.of}")
        if estimate.measure == "difference-per-100" and of_drawn:
            return estimate
    return None


def _counted(entry: Evidence, arms: Iterable[Arm | None]) -> int | None:
    named = [arm.people for arm in arms if arm is not None]
    if named and None not in named:
        return sum(number for number in named if number is not None)
    return entry.sample.analysed or entry.sample.randomised


def _is_verified(entry: Evidence, arms: Iterable[Arm | None]) -> bool:
    stated = [arm.status or entry.status for arm in arms if arm is not None]
    return "recalled" not in (stated or [entry.status])


def _sources(entry: Evidence, arms: Iterable[Arm | None]) -> tuple[Cite, ...]:
    found = [*cites(entry.source), *(cite for arm in arms if arm for cite in cites(arm.source))]
    return tuple(dict.fromkeys(found))


def _scaled_pair(pair: tuple[float, float] | None, per: float, to: int) -> tuple[int, int] | None:
    if pair is None:
        return None
    low, high = (_scaled(each, per, to) for each in pair)
    return (low, high) if low is not None and high is not None else None


def _scaled(value: float | None, per: float, to: int) -> int | None:
    """Return `value` in `per` as whole people of `to`, halves away from zero."""
    if value is None:
        return None
    people = Decimal(str(value)) * to / Decimal(str(per))
    return int(people.quantize(Decimal(1), rounding=ROUND_HALF_UP))
