"""Missed sessions and pauses: the published rules as written, or a decision where nobody published one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from overstory.knowledge.shapes.protocol_parts import Phase, Span
from overstory.knowledge.shapes.protocol_surroundings import MissedRule
from overstory.knowledge.shapes.shared import cites
from overstory.pathway.noting import TREATMENT_WORDS
from overstory.pathway.planning.layout import (
    OFFSETS,
    WEEK,
    WEEK_DAYS,
    WORKING_DAYS,
    Rhythm,
    friday_of,
    lay_out,
    monday_of,
)
from overstory.pathway.planning.missed_days import (
    EXTENSION,
    days_in_a_row,
    is_daily,
    schedule_of,
)
from overstory.pathway.planning.numbers import planning_number
from overstory.pathway.planning.open_days import ONE_DAY
from overstory.pathway.planning.placing import CannotPlaceError, Placed, Slot, place
from overstory.pathway.planning.repeating import as_first
from overstory.pathway.planning.revising import (
    AsksWorseError,
    PlanEventError,
    Revision,
    further,
    held,
    working_days,
)
from overstory.pathway.planning.values import Change, Hold, Need, Session

LATER_PHASES = ("optimisation", "maintenance")
REMEASURE = "remeasure-threshold"
NO_RULE = "No published rule says what follows; the prescriber decides whether it is made up."


@dataclass(frozen=True, slots=True)
class Gone:
    """
    Sessions of one component that were missed, in a row.

    `until` is the last day of the stretch; `worse` tells whether depression has got worse, None where
    nobody said.
    """

    sessions: tuple[Session, ...]
    until: date
    worse: bool | None

    @property
    def treatment(self) -> str:
        """The component."""
        return self.sessions[0].treatment


def after_missed(*, revision: Revision, gone: Gone) -> tuple[list[Session], Change]:
    """
    Return the sessions of the component as they go on after what was missed, and what follows why.

    :raises PlanEventError: if a rule asks whether depression is worse and nobody said.
    :raises CannotPlaceError: if what is appended does not fit on open days.
    """
    own = revision.of(gone.treatment)
    lost = {each.n for each in gone.sessions}
    before = [each for each in own if each.n not in lost and each.date < gone.sessions[0].date]
    rest = [each for each in own if each.n not in lost and each not in before]
    rules = _rules(revision, gone, before, rest)
    steps = {step for rule in rules for step in rule.do}
    days = {each.date for each in gone.sessions}
    done = [each for each in rest if each.date <= revision.on and each.date not in days]
    later = [each for each in rest if each not in done]
    after = max(gone.until, revision.on) if done else gone.until
    if "append" in steps:
        later = appended(revision=revision, gone=gone.sessions, later=later, after=after)
    if "previous-frequency" in steps and gone.sessions[-1].phase in LATER_PHASES:
        later = more_often(revision=revision, treatment=gone.treatment, after=after)
    need = _remeasure(rules) if REMEASURE in steps else None
    later = held(later, hold=_hold(rules, gone), need=need)
    if not before and not done and later:
        later[0] = as_first(first=own[0], now=later[0])
    return [*before, *done, *later], _change(revision, gone, rules)


def appended(
    *, revision: Revision, gone: Sequence[Session], later: Sequence[Session], after: date
) -> list[Session]:
    """
    Return the later sessions of a course by working days, with the missed ones appended.

    Missed daily sessions are made up on the next working days, and what follows them moves, what was
    missed of that included; a missed session of a taper is appended in the week after the last.
    """
    phase = gone[0].phase
    if is_daily(revision=revision, session=gone[0]):
        due = sorted([*gone, *later], key=lambda each: each.n)
        rest = [each for each in due if each.phase != phase]
        count = len(due) - len(rest)
        made_up = daily(revision=revision, phase=phase, count=count, after=after)
        return [*made_up, *_moved(revision, rest, made_up[-1].date)]
    last = max([each.date for each in later] + [after])
    return [*later, *_one_a_week(revision, gone[0], last, len(gone))]


def daily(*, revision: Revision, phase: str, count: int, after: date) -> list[Session]:
    """Return so many TMS sessions on the next working days after a day, beside ketamine or alone."""
    ketamine = {each.date for each in revision.plan.sessions if each.treatment != "tms"}
    start = next(each.date for each in revision.of("tms"))
    found = working_days(
        revision=revision, after=after, count=count, taken=ketamine, per_week=WORKING_DAYS - 1
    )
    gap = planning_number(revision.knowledge, "tms-least-hours-between-days")
    placed = [
        Placed(
            phase=phase,
            week=_week(day, start),
            date=day,
            earliest=day if ketamine else max(after + ONE_DAY, monday_of(day)),
            latest=day if ketamine else friday_of(day),
            min_gap_hours=gap,
        )
        for day in found
    ]
    return further(revision=revision, usual=revision.usual("tms"), placed=placed)


def moved_rest(*, revision: Revision, after: date) -> list[Session]:
    """Return the phases of a TMS course after the daily one, in the calendar weeks after a day."""
    start = next(each.date for each in revision.of("tms"))
    rest = schedule_of(revision=revision, treatment="tms")[1:]
    if not rest:
        return []
    found, monday = _after_pauses(revision, rest, after)
    placed = [
        Placed(
            phase=each.phase,
            week=each.week + (monday - monday_of(start)).days // WEEK_DAYS,
            date=each.date,
            earliest=each.earliest,
            latest=each.latest,
            min_gap_hours=each.min_gap_hours,
        )
        for each in found
    ]
    return further(revision=revision, usual=revision.usual("tms"), placed=placed)


def _after_pauses(
    revision: Revision, phases: Sequence[Phase], after: date
) -> tuple[tuple[Placed, ...], date]:
    """The days of phases by calendar weeks from the week after a day, later only where the plan pauses."""
    monday = monday_of(after) + WEEK
    while True:
        try:
            laid = lay_out(
                phases=phases,
                start=monday,
                days=revision.days,
                rhythm=_rhythm(revision),
                before=after,
            )
        except CannotPlaceError:
            if not any(day >= monday for day in revision.days.paused):
                raise
            monday += WEEK
            continue
        return laid.placed, monday


def more_often(*, revision: Revision, treatment: str, after: date) -> list[Session]:
    """
    Return the sessions after a day on the schedule before: weekly becomes twice a week, two weeks one.

    It begins with the next week of the course and holds to the end of the phase that stands then; what
    comes after that phase stays.

    :raises PlanEventError: if there is no more frequent schedule to go back to.
    """
    own = revision.of(treatment)
    later = [each for each in own if each.date > after]
    phase = (later or own)[0 if later else -1].phase
    if phase not in LATER_PHASES:
        raise PlanEventError("there is no more frequent schedule to go back to")
    begin = own[0].earliest
    week = (after - begin).days // WEEK_DAYS + 1
    first = begin + week * WEEK
    last = max(each.week for each in own if each.phase == phase)
    last += phase == LATER_PHASES[1]
    kept = [each for each in later if each.date < first]
    before = max(each.date for each in own if each.date < first)
    weeks = [each for each in range(week, last) if not _pauses(revision, begin + each * WEEK)]
    slots = _denser(phase, begin, weeks, revision.usual(treatment).min_gap_hours)
    placed = place(slots=slots, days=revision.days, before=before)
    rest = [each for each in later if each.phase != phase and each.date >= first]
    return [
        *kept,
        *further(revision=revision, usual=revision.usual(treatment), placed=placed),
        *rest,
    ]


def _pauses(revision: Revision, first: date) -> bool:
    """Whether the plan pauses for a whole week of the course."""
    days = [first + ahead * ONE_DAY for ahead in range(WEEK_DAYS)]
    return any(day in revision.days.paused for day in days) and not any(
        revision.days.is_open(day) for day in days
    )


def _denser(phase: str, begin: date, weeks: Sequence[int], gap_hours: float) -> list[Slot]:
    per_week = 2 if phase == LATER_PHASES[0] else 1
    return [
        Slot(
            phase=phase,
            week=week + 1,
            nominal=begin + week * WEEK + offset * ONE_DAY,
            earliest=begin + week * WEEK,
            latest=begin + (week + 1) * WEEK - ONE_DAY,
            min_gap_hours=gap_hours,
        )
        for week in weeks
        for offset in OFFSETS[per_week]
    ]


def _rules(
    revision: Revision, gone: Gone, before: Sequence[Session], later: Sequence[Session]
) -> list[MissedRule]:
    every: tuple[MissedRule, ...] = revision.knowledge.sections.get("missed_sessions", ())
    own = [each for each in every if gone.treatment in each.applies_to]
    phases = {each.phase for each in gone.sessions}
    several = any(each.of_day > 1 for each in revision.of(gone.treatment))
    missed = days_in_a_row(revision=revision, gone=gone.sessions)
    found = []
    for rule in own:
        if rule.phases and not phases & set(rule.phases):
            continue
        if rule.missed is not None and (several or not _within(missed, rule.missed)):
            continue
        if rule.gap_days is not None:
            if before and later and _within((later[0].date - before[-1].date).days, rule.gap_days):
                found.append(rule)
            continue
        if _asks_worse(own, phases & set(rule.phases)):
            if gone.worse is None:
                raise AsksWorseError(
                    "whether depression has got worse decides what follows: say --worse or --not-worse"
                )
            if rule.only_if_worse != gone.worse:
                continue
        found.append(rule)
    return found


def _asks_worse(rules: Sequence[MissedRule], phases: set[str]) -> bool:
    return any(each.only_if_worse and phases & set(each.phases) for each in rules)


def _within(count: int, span: Span) -> bool:
    return span.low <= count and (span.high is None or count <= span.high)


def _hold(rules: Sequence[MissedRule], gone: Gone) -> Hold | None:
    """A decision that somebody has to take before the next session, or a rule nobody has verified."""
    if not rules:
        return Hold(
            id=f"missed.{gone.treatment}",
            why="decision",
            says=NO_RULE,
            closes="The prescriber decides and records it.",
            part=gone.treatment,
        )
    for rule in rules:
        if set(rule.do) & {"prescriber-decides", "physician-review", "previous-frequency"}:
            return Hold(
                id=rule.id,
                why="decision",
                says=rule.says,
                closes="A physician decides and records it.",
                part=gone.treatment,
                sources=cites(rule.source),
            )
    recalled = [each for each in rules if each.status == "recalled"]
    if recalled:
        return Hold(
            id=recalled[0].id,
            why="unverified",
            says=recalled[0].says,
            closes="A named clinician confirms it before the next session.",
            part=gone.treatment,
            sources=cites(recalled[0].source),
        )
    return None


def _remeasure(rules: Sequence[MissedRule]) -> Need:
    rule = next(each for each in rules if REMEASURE in each.do)
    return Need(
        id=REMEASURE,
        kind="check",
        says="The motor threshold is measured again.",
        status=rule.status,
        sources=cites(rule.source),
    )


def _change(revision: Revision, gone: Gone, rules: Sequence[MissedRule]) -> Change:
    days = ", ".join(each.isoformat() for each in sorted({one.date for one in gone.sessions}))
    says = " ".join(each.says for each in rules) or NO_RULE
    return Change(
        version=0,
        on=revision.on,
        event="missed",
        says=f"{TREATMENT_WORDS[gone.treatment]} was missed on {days}. {says}",
        rules=tuple(each.id for each in rules),
        status=rules[0].status if rules else "site-policy",
        sources=tuple(cite for each in rules for cite in cites(each.source)),
    )


def _moved(revision: Revision, rest: Sequence[Session], after: date) -> list[Session]:
    """What stands after daily sessions that moved: an extension, then the phases by calendar weeks."""
    longer = [each for each in rest if each.phase == EXTENSION]
    named = {each.name for each in schedule_of(revision=revision, treatment="tms")[1:]}
    found: list[Session] = []
    if longer:
        found = held(
            daily(revision=revision, phase=EXTENSION, count=len(longer), after=after),
            hold=longer[0].holds[-1],
        )
        after = found[-1].date
    if any(each.phase in named for each in rest):
        found += moved_rest(revision=revision, after=after)
    return [*found, *(each for each in rest if each.phase not in {*named, EXTENSION})]


def _one_a_week(revision: Revision, like: Session, last: date, count: int) -> list[Session]:
    start = next(each.date for each in revision.of(like.treatment))
    slots = []
    for ahead in range(1, count + 1):
        monday = monday_of(last) + ahead * WEEK
        slots.append(
            Slot(
                phase=like.phase,
                week=_week(monday, start),
                nominal=monday + like.date.weekday() * ONE_DAY,
                earliest=monday,
                latest=friday_of(monday),
                min_gap_hours=like.min_gap_hours,
                weekdays=True,
            )
        )
    placed = place(slots=slots, days=revision.days, before=last)
    return further(revision=revision, usual=revision.usual(like.treatment), placed=placed)


def _rhythm(revision: Revision) -> Rhythm:
    return Rhythm(
        gap_hours=planning_number(revision.knowledge, "tms-least-hours-between-days"),
        greatest_pause=int(planning_number(revision.knowledge, "daily-greatest-pause-weekdays")),
    )


def _week(day: date, start: date) -> int:
    return (monday_of(day) - monday_of(start)).days // WEEK_DAYS + 1
