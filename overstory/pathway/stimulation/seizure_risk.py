"""The risk of a seizure by the coil in use, in numbers and in words for consent."""

from __future__ import annotations

from dataclasses import dataclass

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.evidence import Harm
from overstory.knowledge.shapes.shared import Text
from overstory.knowledge.shapes.stimulation import CoilKind, SeizureGroup


class SeizureRiskError(ValueError):
    """A coil without a figure; the message names those that have one."""


@dataclass(frozen=True, slots=True)
class SeizureRisk:
    """How many in `per` people had a seizure with this kind of coil, with the interval, and the words."""

    coil: CoilKind
    group: str
    harm: Harm
    words: Text


def seizure_risk(*, coil: CoilKind, knowledge: Knowledge) -> SeizureRisk:
    """
    Return the figure of seizure risk for a coil, never that of another kind.

    A coil without a figure of its own has that of all coils, and says so.
    Source: `seizure_groups` and `harms` in the knowledge.

    :raises SeizureRiskError: if the coil is in no group.
    """
    groups: tuple[SeizureGroup, ...] = knowledge.sections.get("seizure_groups", ())
    harms: dict[str, Harm] = {each.id: each for each in knowledge.sections.get("harms", ())}
    for each in groups:
        if coil in each.coils:
            harm = harms[each.harm]
            return SeizureRisk(coil, each.id, harm, _words(harm, each))
    known = ", ".join(coil for each in groups for coil in each.coils)
    raise SeizureRiskError(f"no figure for the coil {coil!r}; there is one for {known}")


def _words(harm: Harm, group: SeizureGroup) -> Text:
    if harm.value is None or harm.interval is None:
        raise SeizureRiskError(f"{harm.id} has no number")
    low, high = harm.interval
    per = f"{harm.per:,}"
    return Text(
        en=(
            f"A seizure happened in about {harm.value:g} of every {per} people over a course "
            f"(likely range {low:g} to {high:g}). {group.to_patient.en}"
        ),
        es=(
            f"Ocurrió una convulsión en unas {harm.value:g} de cada {harm.per} personas durante un "
            f"ciclo (rango probable {low:g} a {high:g}). {group.to_patient.es}"
        ),
    )
