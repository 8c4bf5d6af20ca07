"""What is refused of a protocol: counts, doses, caps, weights, pulses and minutes that disagree."""

from __future__ import annotations

from collections.abc import Iterator

from overstory.knowledge.check_stimulation import stimulation_problems
from overstory.knowledge.protocol_standing import standings
from overstory.knowledge.shapes.protocol_parts import Dose, Phase
from overstory.knowledge.shapes.protocols import Course, Protocol


def protocol_problems(protocol: Protocol) -> Iterator[str]:
    """Yield what is wrong with a protocol by itself, its course template filled in."""
    yield from schedule_problems(protocol.schedule, protocol.sessions)
    if protocol.dose is not None:
        yield from _dose_problems(protocol.dose)
    if protocol.stimulation is not None:
        yield from stimulation_problems(protocol)
    if not (
        protocol.dose or protocol.stimulation or protocol.prescriber_sets_dose or protocol.never
    ):
        yield "it has neither a dose nor a stimulation, and no prescriber who sets it"
    if protocol.site_enabled and protocol.never:
        yield "what is never planned cannot be enabled by a site"
    yield from _recalled(protocol)
    for each in standings(protocol):
        for name, number in each.numbers:
            if number < 0:
                yield f"{each.path or protocol.id}: {name} is below zero"


def course_problems(course: Course) -> Iterator[str]:
    """Yield what is wrong with a course template."""
    yield from schedule_problems(course.phases, course.sessions)


def schedule_problems(phases: list[Phase], sessions: int) -> Iterator[str]:
    """Yield where phases contradict themselves or the number of sessions."""
    for phase in phases:
        yield from _phase_problems(phase)
    planned = sum(phase.sessions or 0 for phase in phases)
    if planned != sessions:
        yield f"its schedule has {planned} sessions, not {sessions}"


def _phase_problems(phase: Phase) -> Iterator[str]:
    weekly = phase.weeks is not None and phase.per_week is not None
    daily = phase.days is not None and phase.per_day is not None
    if [weekly, daily, bool(phase.every_weeks)].count(True) != 1:
        yield f"phase {phase.name} has one rhythm: weeks and per_week, days and per_day, or every_weeks"
    if isinstance(phase.per_week, list) and len(phase.per_week) != phase.weeks:
        yield f"phase {phase.name} lists {len(phase.per_week)} weeks and has {phase.weeks}"
    if phase.least_weeks is not None and phase.least_weeks > (phase.weeks or 0):
        yield f"phase {phase.name} may end after {phase.least_weeks} weeks and has {phase.weeks}"


def _dose_problems(dose: Dose) -> Iterator[str]:
    by_weight = dose.mg_per_kg is not None or dose.range_mg_per_kg is not None
    ways = (dose.mg, dose.mg_per_kg, dose.range_mg, dose.range_mg_per_kg)
    if sum(bool(each) for each in ways) != 1:
        yield "a dose is either mg or mg_per_kg"
    if dose.cap is None:
        yield "a dose has a cap in mg"
    elif any(mg > dose.cap.mg for mg in _fixed(dose)):
        yield f"its dose is above its cap of {dose.cap.mg:g} mg"
    if by_weight:
        if dose.weights is None:
            yield "a dose by weight names the least and greatest weight in kg"
        elif not 0 < dose.weights.least_kg < dose.weights.greatest_kg:
            yield "its least weight is not below its greatest"
    if dose.steps is not None:
        steps = dose.steps.mg_per_kg
        if steps != sorted(set(steps)) or steps[0] != dose.mg_per_kg:
            yield "its steps rise from the dose it starts with"
    if dose.mg and dose.first_mg is not None and dose.first_mg not in dose.mg:
        yield "its first dose is one of its doses"


def _fixed(dose: Dose) -> Iterator[float]:
    yield from dose.mg
    yield from dose.reduce_to_mg
    if dose.range_mg is not None:
        yield dose.range_mg.high if dose.range_mg.high is not None else dose.range_mg.low


def _recalled(protocol: Protocol) -> Iterator[str]:
    """What is only recalled decides nothing, unless a site has to enable the protocol first."""
    if protocol.site_enabled or protocol.never:
        return
    for each in standings(protocol):
        if each.decides and each.status == "recalled":
            what = "dose" if each.path.startswith("dose") else "course"
            yield f"a recalled number sets no {what} ({each.path}); mark it site_enabled"
