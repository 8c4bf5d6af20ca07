"""The train validator: is a session covered by a clearance, inside the tables, beyond them, or refused?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.stimulation import (
    SafeTrainTable,
    ThresholdMethod,
    TrainLimits,
)
from overstory.pathway.stimulation.labels import Label, label_for
from overstory.pathway.stimulation.sessions import Run, SessionPlan
from overstory.pathway.stimulation.thresholds import EmgPercent, definition_of, emg_percent


class TrainsError(ValueError):
    """What cannot be judged; the message says what is missing."""


class Outcome(StrEnum):
    """What the validator says, from the best to the worst."""

    LABEL_OK = "LABEL_OK"
    WITHIN = "WITHIN"
    BEYOND_TESTED = "BEYOND_TESTED"
    EXCEEDS = "EXCEEDS"
    REFUSE = "REFUSE"


ORDER = tuple(Outcome)
SIGNATURES = {Outcome.WITHIN: 0, Outcome.BEYOND_TESTED: 1, Outcome.EXCEEDS: 2}
"""How many have to sign: a physician beyond what was tested, two where a limit is exceeded."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that the validator found, with what it amounts to."""

    outcome: Outcome
    says: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    What holds of a session: the worst of all that was found.

    `percent` is the intensity by electromyography; `worst_case` what the tables would say at the most
    that watching was ever off; `stricter` what the table beside says. `label` is the clearance that
    covers it. `adopted` tells that the site has adopted the table; `unverified` what of the label is
    only recalled.
    """

    outcome: Outcome
    found: tuple[Said, ...]
    percent: EmgPercent
    worst_case: Outcome | None
    stricter: Outcome | None
    label: Label | None
    adopted: bool
    unverified: tuple[str, ...]
    notes: tuple[str, ...]

    def may_plan(self, *, signatures: int = 0) -> bool:
        """Return whether it may be planned with so many signatures of physicians."""
        if self.outcome is Outcome.LABEL_OK:
            return not self.unverified
        if self.outcome is Outcome.REFUSE or not self.adopted:
            return False
        return signatures >= SIGNATURES[self.outcome]


def judge_trains(
    *,
    plan: SessionPlan,
    method: ThresholdMethod,
    knowledge: Knowledge,
    clearance: str | None = None,
    indication: str | None = None,
    risk_factors: Iterable[str] = (),
) -> Judgement:
    """
    Return what the clearances and the tables say of a session.

    What a clearance of the device covers needs no table. Else every stretch is looked up by the next
    frequency and intensity of the table, which is for thresholds by electromyography; one by watching
    is converted first. `risk_factors` are the rules on risk that are true for the person.
    Source: `safe_train_tables`, `train_limits` and `threshold_definitions` in the knowledge.

    :raises LabelError: if the clearance is unknown or not for the indication.
    """
    percent = emg_percent(
        percent=plan.percent, definition=definition_of(method=method, knowledge=knowledge)
    )
    limits: TrainLimits = knowledge.sections["train_limits"][0]
    table = deciding_table(knowledge)
    label = label_for(plan=plan, clearance=clearance, indication=indication, knowledge=knowledge)
    covered = label if label is not None and label.matches else None
    found = [_covered(covered)] if covered else list(_found(plan, percent, table, limits))
    notes = list(_recalled(covered, table, knowledge))
    notes += _notes(percent, found, tuple(risk_factors), limits)
    return Judgement(
        outcome=worst(each.outcome for each in found),
        found=tuple(found),
        percent=percent,
        worst_case=_at_worst(plan, percent, table, limits),
        stricter=_stricter(plan, percent, knowledge, limits),
        label=label,
        adopted=is_adopted(table.id, knowledge),
        unverified=covered.unverified if covered else (),
        notes=tuple(notes),
    )


def table_outcome(
    *, run: Run, percent: float, table: SafeTrainTable, limits: TrainLimits
) -> Outcome:
    """
    Return what a table says of one stretch at a percent of the threshold by electromyography.

    Theta burst is outside the tables: at most `BEYOND_TESTED`, within what is used in clinics. What is
    not made of bursts as they were tested, or nobody said how, is no theta burst whatever its name.
    """
    if run.burst:
        small = run.pulses <= limits.greatest_burst_pulses.value
        weak = percent <= limits.greatest_burst_percent.value
        fits = small and weak and tested_bursts(run, limits)
        return Outcome.BEYOND_TESTED if fits else Outcome.REFUSE
    if run.pulses_per_second > limits.greatest_hz.value or percent > limits.greatest_percent.value:
        return Outcome.REFUSE
    row = next((each for each in table.rows if each.hz >= run.pulses_per_second), None)
    column = next((i for i, each in enumerate(table.percents) if each >= percent), None)
    if row is None or column is None:
        return Outcome.REFUSE
    if run.seconds <= row.seconds[column]:
        return Outcome.WITHIN
    return Outcome.BEYOND_TESTED if row.tested_only[column] else Outcome.EXCEEDS


def tested_bursts(run: Run, limits: TrainLimits) -> bool:
    """Return whether a stretch is made of bursts no longer, faster or denser than were tested."""
    made = run.bursts
    return (
        made is not None
        and made.pulses <= limits.greatest_burst_length.value
        and made.hz <= limits.greatest_burst_hz.value
        and made.per_second <= limits.greatest_bursts_per_second.value
    )


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of several outcomes."""
    return max(outcomes, key=ORDER.index)


def deciding_table(knowledge: Knowledge) -> SafeTrainTable:
    """
    Return the table that decides.

    :raises TrainsError: if the knowledge has none.
    """
    tables: tuple[SafeTrainTable, ...] = knowledge.sections.get("safe_train_tables", ())
    for each in tables:
        if each.decides:
            return each
    raise TrainsError("the knowledge has no table of safe trains")


def is_adopted(table: str, knowledge: Knowledge) -> bool:
    """Return whether the site's policy has adopted a table by name."""
    return any(each.table == table for each in knowledge.sections.get("site_tables", ()))


def _covered(label: Label) -> Said:
    return Said(Outcome.LABEL_OK, f"{label.protocol} is the label's set of {label.clearance}.")


def _found(
    plan: SessionPlan, percent: EmgPercent, table: SafeTrainTable, limits: TrainLimits
) -> Iterator[Said]:
    yield from _bursts_together(plan, limits)
    for number, run in enumerate(plan.runs, 1):
        outcome = _of_run(run, plan.percent, percent.expected, table, limits)
        yield Said(outcome, f"Part {number}: {run_says(run, percent.expected, outcome)}")
        if _pause_too_short(run, percent.expected, limits):
            yield Said(
                Outcome.EXCEEDS,
                f"Part {number}: pauses of {run.pause_seconds:g} s are shorter than "
                f"{limits.least_pause_seconds.value:g} s above "
                f"{limits.least_pause_above_percent.value:g} % of the threshold.",
            )
    yield from _day(plan, limits)


def _bursts_together(plan: SessionPlan, limits: TrainLimits) -> Iterator[Said]:
    """Theta burst in several parts on one side is as much as in one."""
    for side in dict.fromkeys(each.side for each in plan.runs if each.burst):
        pulses = sum(each.pulses for each in plan.runs if each.burst and each.side == side)
        if pulses > limits.greatest_burst_pulses.value:
            yield Said(
                Outcome.REFUSE,
                f"{pulses} pulses of theta burst on one side are more than "
                f"{limits.greatest_burst_pulses.value:g}.",
            )


def _of_run(
    run: Run, nominal: float, expected: float, table: SafeTrainTable, limits: TrainLimits
) -> Outcome:
    """Look a stretch up; where only the conversion passes the last column, use that one, at best beyond."""
    if run.burst or nominal > limits.greatest_percent.value:
        return table_outcome(run=run, percent=nominal, table=table, limits=limits)
    end = limits.greatest_percent.value
    outcome = table_outcome(run=run, percent=min(expected, end), table=table, limits=limits)
    if expected <= end:
        return outcome
    return worst([outcome, Outcome.BEYOND_TESTED])


def _pause_too_short(run: Run, percent: float, limits: TrainLimits) -> bool:
    if run.burst or run.trains == 1:
        return False
    short = run.pause_seconds < limits.least_pause_seconds.value
    return short and percent > limits.least_pause_above_percent.value


def _day(plan: SessionPlan, limits: TrainLimits) -> Iterator[Said]:
    if plan.day_pulses > limits.greatest_day_pulses.value:
        most = limits.greatest_day_pulses.value
        yield Said(Outcome.REFUSE, f"{plan.day_pulses} pulses a day are more than {most:g}.")
    elif plan.day_pulses > limits.usual_day_pulses.value:
        usual = limits.usual_day_pulses.value
        yield Said(
            Outcome.BEYOND_TESTED, f"{plan.day_pulses} pulses a day are more than {usual:g}."
        )


def run_says(run: Run, percent: float, outcome: Outcome) -> str:
    """Return one stretch in words with what the tables say of it."""
    if run.burst:
        made = "not said how it is made"
        if run.bursts is not None:
            made = (
                f"{run.bursts.pulses} at {run.bursts.hz:g} Hz, {run.bursts.per_second:g} a second"
            )
        return f"theta burst, {run.pulses} pulses, {made}: outside the tables, {outcome}."
    return (
        f"{run.pulses_per_second:g} Hz for {run.seconds:g} s at {percent:.0f} % of the threshold by "
        f"electromyography: {outcome}."
    )


def _at_worst(
    plan: SessionPlan, percent: EmgPercent, table: SafeTrainTable, limits: TrainLimits
) -> Outcome | None:
    if not percent.converted:
        return None
    return worst(_of_run(each, plan.percent, percent.worst, table, limits) for each in plan.runs)


def _stricter(
    plan: SessionPlan, percent: EmgPercent, knowledge: Knowledge, limits: TrainLimits
) -> Outcome | None:
    others = [each for each in knowledge.sections["safe_train_tables"] if not each.decides]
    runs = [each for each in plan.runs if not each.burst]
    if not others or not runs:
        return None
    return worst(
        _of_run(run, plan.percent, percent.expected, table, limits)
        for table in others
        for run in runs
    )


def _recalled(covered: Label | None, table: SafeTrainTable, knowledge: Knowledge) -> Iterator[str]:
    """What is only recalled stays shown so, also where a site has adopted it."""
    if covered is not None and covered.recalled:
        yield f"UNVERIFIED: only recalled of this set: {', '.join(covered.recalled)}."
    elif covered is None and table.status == "recalled":
        adopted = (
            "the site has adopted it"
            if is_adopted(table.id, knowledge)
            else ("until a medical director adopts it, only a label's set may be planned")
        )
        yield f"UNVERIFIED: {table.id} is only recalled; {adopted}."


def _notes(
    percent: EmgPercent, found: list[Said], risk_factors: tuple[str, ...], limits: TrainLimits
) -> Iterator[str]:
    covered = found[0].outcome is Outcome.LABEL_OK
    if covered and not risk_factors:
        return
    if percent.converted:
        yield (
            f"The threshold was watched, not measured: this is about {percent.expected:.0f} % of one "
            f"by electromyography, at the most that was ever seen {percent.worst:.0f} %."
        )
    if percent.converted and (risk_factors or percent.expected > limits.greatest_percent.value):
        yield "Measure the threshold by electromyography."
    if covered:
        yield f"The label covers it, yet there are risk factors: {', '.join(risk_factors)}."
