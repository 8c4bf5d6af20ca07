"""The next step of a dose where there was no response: proposed to the prescriber, never above the cap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from overstory.knowledge.shapes.protocol_parts import Dose
from overstory.pathway.planning.revising import Revision
from overstory.pathway.planning.values import PlannedDose, Session
from overstory.pathway.protocols import protocol_named


@dataclass(frozen=True, slots=True)
class Raised:
    """Later sessions as they would be after a step, and what is said of it; nothing where none follows."""

    sessions: tuple[Session, ...]
    says: str = ""


def raised(
    *, revision: Revision, before: Sequence[Session], later: Sequence[Session], treatment: str
) -> Raised:
    """
    Return later sessions with the next step of their dose, where the protocol has steps.

    One step a session: what was proposed and not given yet is not raised again. The prescriber decides.
    """
    own = [each for each in later if each.treatment == treatment]
    given = [each for each in before if each.treatment == treatment]
    dose = _with_steps(revision, own)
    if dose is None or dose.steps is None or not given:
        return Raised(tuple(later))
    after = dose.steps.after_sessions
    if after is not None and len(given) < after.low:
        return Raised(tuple(later), f"The first step comes after {after.low:g} sessions.")
    now, last = own[0].dose, given[-1].dose
    listed = " → ".join(f"{each:g}" for each in dose.steps.mg_per_kg)
    if now is None or now.value is None or last is None or last.value is None:
        return Raised(tuple(later), f"The prescriber sets the next step of {listed} mg/kg.")
    if last.value < now.value:
        return Raised(tuple(later), "The step that was proposed before has not been given yet.")
    step = min((each for each in now.choices if each > now.value), default=None)
    if step is None:
        return Raised(tuple(later), f"The last step was reached. {dose.note}".strip())
    says = (
        f"The next step of {listed} mg/kg is {_mg(step)} mg after {_mg(now.value)} mg; "
        "the prescriber decides on it."
    )
    return Raised(tuple(_at(each, treatment, dose, step) for each in later), says)


def _with_steps(revision: Revision, own: Sequence[Session]) -> Dose | None:
    if not own:
        return None
    found = protocol_named(protocol_id=own[0].protocol, knowledge=revision.knowledge)
    return found.dose


def _at(session: Session, treatment: str, dose: Dose, step: Decimal) -> Session:
    """A session at a step; how much that is by weight is said where every step has its own mg."""
    planned = session.dose
    if session.treatment != treatment or not isinstance(planned, PlannedDose):
        return session
    steps = dose.steps.mg_per_kg if dose.steps else []
    whole = len(steps) == len(planned.choices)
    per_kg = Decimal(str(steps[planned.choices.index(step)])) if whole else None
    says = "a step without response, of the weight on record; the prescriber decides on it"
    return replace(session, dose=replace(planned, value=step, per_kg=per_kg, says=says))


def _mg(value: Decimal) -> str:
    return f"{value.normalize():f}"
