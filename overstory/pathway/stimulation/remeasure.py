"""When the motor threshold is measured again, and when a changed medicine needs a physician first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from overstory.engine.facts import Value
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_stimulation import Muscle
from overstory.knowledge.shapes.stimulation import (
    CoilKind,
    RemeasureEvent,
    RemeasureRule,
    ThresholdMethod,
)
from overstory.pathway.stimulation.thresholds import MotorThreshold, ThresholdError, change_percent

MEDICINE = ("takes_", "_mg_per_day")


@dataclass(frozen=True, slots=True)
class SessionDay:
    """
    What is known on the day of a session, beside the thresholds measured so far.

    `medicines_then` and `medicines_now` have the facts about medicines at the last threshold and today;
    None is unknown. `last_ketamine` is the newest dose of ketamine or esketamine, or that there never was
    one; None is unknown. `new_risk` (lost sleep, alcohol, drugs) and `unexplained_change` (of pain or
    response) are None where nobody asked. `muscle` is the one whose threshold the session goes by.
    """

    at: datetime
    coil: CoilKind
    method: ThresholdMethod
    weekdays_missed: int | None = None
    medicines_then: Mapping[str, Value | None] | None = None
    medicines_now: Mapping[str, Value | None] | None = None
    last_ketamine: datetime | Literal["never"] | None = None
    new_risk: bool | None = None
    unexplained_change: bool | None = None
    muscle: Muscle = "hand"


@dataclass(frozen=True, slots=True)
class Remeasure:
    """
    Whether to measure again: `reasons` that hold, `asks` what is not known and could be one.

    `physician` names what a physician signs before the session; `holds` the reasons to stop until then.
    """

    reasons: tuple[RemeasureRule, ...]
    asks: tuple[str, ...]
    physician: tuple[str, ...]
    holds: tuple[RemeasureRule, ...]

    @property
    def needed(self) -> bool:
        """Whether at least one reason holds."""
        return bool(self.reasons)


def remeasure(
    *, day: SessionDay, measured: Sequence[MotorThreshold], knowledge: Knowledge
) -> Remeasure:
    """
    Return why the threshold is measured again on the day of a session, and what is still to be asked.

    Any ketamine since the last threshold is a reason, however long ago: stricter than the days of CMB_08.
    Days are counted on the calendar of the session, so that an earlier hour does not make a week shorter.
    Source: `remeasure_rules` in the knowledge; which medicines bear on excitability, the rules on TMS.

    :raises ThresholdError: if a threshold or a dose is later than the session, or a count is below zero.
    """
    _check(day, measured)
    rules: dict[RemeasureEvent, RemeasureRule] = {
        each.event: each for each in knowledge.sections.get("remeasure_rules", ())
    }
    measured = [each for each in measured if each.muscle == day.muscle]
    last = max(measured, key=lambda each: each.at, default=None)
    if last is None:
        return Remeasure((rules["first-session"],), (), (), ())
    changed, unknown, strong = _medicines(day, knowledge)
    events = set(_events(day, last, rules))
    if changed:
        events.add("medicine-changed")
    if _moved(measured, rules["threshold-moved"]):
        events.add("threshold-moved")
    reasons = tuple(rule for event, rule in rules.items() if event in events)
    return Remeasure(
        reasons=tuple(each for each in reasons if not each.holds),
        asks=(*_asks(day), *unknown),
        physician=strong,
        holds=tuple(each for each in reasons if each.holds),
    )


def flagged_medicines(knowledge: Knowledge) -> Mapping[str, bool]:
    """Return the facts about medicines that a TMS rule names; true where it takes a physician."""
    found: dict[str, bool] = {}
    for rule in knowledge.rules:
        if not rule.id.startswith("tms."):
            continue
        for name in rule.fact_names:
            if name.startswith(MEDICINE[0]) or name.endswith(MEDICINE[1]):
                found[name] = found.get(name, False) or rule.kind == "physician-decision"
    return found


def _check(day: SessionDay, measured: Sequence[MotorThreshold]) -> None:
    if any(each.at > day.at for each in measured):
        raise ThresholdError("a threshold is later than the session")
    if isinstance(day.last_ketamine, datetime) and day.last_ketamine > day.at:
        raise ThresholdError("a dose of ketamine is later than the session")
    if day.weekdays_missed is not None and day.weekdays_missed < 0:
        raise ThresholdError("working days missed are not below zero")


def _events(
    day: SessionDay,
    last: MotorThreshold,
    rules: Mapping[RemeasureEvent, RemeasureRule],
) -> Iterator[RemeasureEvent]:
    weekly, missed = rules["days-passed"].limit, rules["weekdays-missed"].limit
    days = (day.at.date() - last.at.astimezone(day.at.tzinfo).date()).days
    if weekly is not None and days >= weekly:
        yield "days-passed"
    if missed is not None and day.weekdays_missed is not None and day.weekdays_missed > missed:
        yield "weekdays-missed"
    if day.coil != last.coil:
        yield "coil-changed"
    if day.method != last.method:
        yield "method-changed"
    if isinstance(day.last_ketamine, datetime) and day.last_ketamine > last.at:
        yield "ketamine-given"
    if day.new_risk:
        yield "new-risk"
    if day.unexplained_change:
        yield "unexplained-change"


def _medicines(
    day: SessionDay, knowledge: Knowledge
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the flagged medicines that changed, that are not known, and that need a physician."""
    if day.medicines_then is None or day.medicines_now is None:
        return (), ("medicines since the last threshold",), ()
    changed, unknown, strong = [], [], []
    for name, needs_physician in flagged_medicines(knowledge).items():
        then, now = day.medicines_then.get(name), day.medicines_now.get(name)
        if then is None or now is None:
            unknown.append(name)
        elif then != now:
            changed.append(name)
            if needs_physician and now:
                strong.append(name)
    return tuple(changed), tuple(unknown), tuple(strong)


def _asks(day: SessionDay) -> Iterator[str]:
    if day.new_risk is None:
        yield "sleep, alcohol and other substances since the last session"
    if day.unexplained_change is None:
        yield "pain and response since the last session"
    if day.weekdays_missed is None:
        yield "working days missed"
    if day.last_ketamine is None:
        yield "ketamine or esketamine since the last threshold"


def _moved(measured: Sequence[MotorThreshold], rule: RemeasureRule) -> bool:
    """Whether the two newest thresholds of one kind differ by more than the rule allows."""
    newest = sorted(measured, key=lambda each: each.at)[-2:]
    try:
        change = change_percent(thresholds=newest)
    except ThresholdError:
        return False
    return rule.limit is not None and abs(change) > rule.limit
