"""Which set of parameters a clearance covers, and whether a session is that set."""

from __future__ import annotations

from dataclasses import dataclass
from math import isclose

from overstory.knowledge.load import Knowledge
from overstory.knowledge.protocol_standing import in_full
from overstory.knowledge.shapes.clearances import Clearance
from overstory.knowledge.shapes.protocol_stimulation import Stimulation
from overstory.knowledge.shapes.protocols import Protocol
from overstory.pathway.site_courses import groups_of, unverified
from overstory.pathway.stimulation.sessions import Run, SessionPlan, session_of, sessions_a_day

STIMULATION_GROUPS = frozenset({"target", "intensity", "pulses", "trains", "coil"})


class LabelError(ValueError):
    """A clearance that is unknown or not for what is treated; the message names those that are."""


@dataclass(frozen=True, slots=True)
class Label:
    """
    The set of parameters of a clearance that is nearest to a session.

    `indications` are what the clearance is for. `matches` tells that the session is that set, at the
    label's intensity or below it; `differs` says why not. `recalled` names parts of the set that are
    only recalled, `unverified` those of them that no site has adopted.
    """

    clearance: str
    indications: tuple[str, ...]
    protocol: str
    matches: bool
    differs: tuple[str, ...]
    recalled: tuple[str, ...]
    unverified: tuple[str, ...]


def label_for(
    *, plan: SessionPlan, clearance: str | None, indication: str | None, knowledge: Knowledge
) -> Label | None:
    """
    Return the label's set that a session is, or the one with the fewest differences.

    None without a clearance, or if no protocol here has its parameters: then nothing is covered.

    :raises LabelError: if the clearance is unknown, or not for the indication.
    """
    if clearance is None:
        return None
    found: Clearance | None = next(
        (each for each in knowledge.sections.get("clearances", ()) if each.id == clearance), None
    )
    if found is None:
        raise LabelError(f"no clearance is named {clearance}; see overstory protocols show")
    if indication is not None and indication not in found.indications:
        raise LabelError(f"{clearance} is for {', '.join(found.indications)}, not {indication}")
    labels = [
        _label(plan, found, in_full(each, knowledge), knowledge)
        for each in knowledge.sections.get("protocols", ())
        if clearance in each.clearances and each.stimulation is not None
    ]
    return min(labels, key=lambda each: len(each.differs), default=None)


def _label(
    plan: SessionPlan, clearance: Clearance, protocol: Protocol, knowledge: Knowledge
) -> Label:
    stimulation = protocol.stimulation
    assert stimulation is not None
    differs = tuple(_differences(plan, stimulation, sessions_a_day(protocol.schedule)))
    adopted = {
        group
        for each in knowledge.sections.get("site_protocols", ())
        if each.protocol == protocol.id
        for group in each.adopts
    }
    groups = [each for each in groups_of(unverified(protocol)) if each in STIMULATION_GROUPS]
    if clearance.status == "recalled":
        groups.append("clearance")
    return Label(
        clearance=clearance.id,
        indications=tuple(clearance.indications),
        protocol=protocol.id,
        matches=not differs,
        differs=differs,
        recalled=tuple(groups),
        unverified=tuple(each for each in groups if each not in adopted),
    )


def _differences(plan: SessionPlan, stimulation: Stimulation, a_day: int) -> list[str]:
    label = session_of(stimulation, sessions_a_day=a_day)
    found = []
    if plan.coil != label.coil:
        found.append(f"another coil than {label.coil}")
    if plan.muscle != label.muscle:
        found.append(f"the threshold of another muscle than {label.muscle}")
    if plan.percent > label.percent:
        found.append(f"more than {label.percent:g} %")
    if plan.day_pulses > label.day_pulses:
        found.append(f"more than {label.day_pulses} pulses a day")
    if len(plan.runs) != len(label.runs):
        return [*found, "another number of parts"]
    for run, other, part in zip(plan.runs, label.runs, stimulation.parts, strict=True):
        found += _run_differences(run, other, part.trains and part.trains.pause_range_s)
    return found


def _run_differences(run: Run, label: Run, pauses: object) -> list[str]:
    found = []
    if run.side != label.side:
        found.append("another side")
    if run.kind != label.kind or not isclose(run.pulses_per_second, label.pulses_per_second):
        found.append("another pattern or frequency")
    if run.bursts != label.bursts:
        found.append("other bursts")
    if run.trains != label.trains or not isclose(run.seconds, label.seconds):
        found.append("other trains")
    low = getattr(pauses, "low", label.pause_seconds)
    high = getattr(pauses, "high", None)
    high = label.pause_seconds if high is None else high
    if not low <= run.pause_seconds <= high:
        found.append("another pause")
    return found
