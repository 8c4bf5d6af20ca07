"""What is refused of a protocol: counts, doses, caps and weights that do not agree."""

from __future__ import annotations

from collections.abc import Iterator

from overstory.knowledge.shapes.protocols import Dose, Protocol


def protocol_problems(protocol: Protocol) -> Iterator[str]:
    """Yield what is wrong with a protocol."""
    for phase in protocol.schedule:
        if isinstance(phase.per_week, list) and len(phase.per_week) != phase.weeks:
            yield f"phase {phase.name} lists {len(phase.per_week)} weeks and has {phase.weeks}"
    planned = sum(phase.sessions for phase in protocol.schedule)
    if planned != protocol.sessions:
        yield f"its schedule has {planned} sessions, not {protocol.sessions}"
    if protocol.dose is not None:
        yield from _dose_problems(protocol.dose)


def _dose_problems(dose: Dose) -> Iterator[str]:
    if dose.status == "recalled":
        yield "a recalled number sets no dose"
    if bool(dose.mg) == (dose.mg_per_kg is not None):
        yield "a dose is either mg or mg_per_kg"
    if dose.cap_mg is None:
        yield "a dose has a cap in mg"
    elif any(mg > dose.cap_mg for mg in dose.mg):
        yield f"its dose is above its cap of {dose.cap_mg:g} mg"
    if dose.mg_per_kg is not None:
        if dose.least_kg is None or dose.greatest_kg is None:
            yield "a dose by weight names the least and greatest weight in kg"
        elif not 0 < dose.least_kg < dose.greatest_kg:
            yield "its least weight is not below its greatest"
