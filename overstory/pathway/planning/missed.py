"""Missed sessions and pauses: the published rules as written, or a decision where nobody published one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from overstory.knowledge.shapes.protocol_parts import Phase, Span
from overstory.knowledge.shapes.protocol_surroundings import MissedRule
from overstory.knowledge.shapes.shared import cites
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
from overstory.pathway.planning.numbers import planning_number
from overstory.pathway.planning.open_days import ONE_DAY
from overstory.pathway.planning.placing import Placed, Slot, place
from overstory.pathway.planning.revising import (
    PlanEventError,
    Revision,
    further,
    held,
    working_days,
)
from overstory.pathway.planning.values import Change, Hold, Need, Session
from overstory.pathway.protocols import protocol_named

LATER_PHASES = ("optimisation", "maintenance")
EXTENSION = "extension"
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

    @property
    def days(self) -> int:
        """How many days of treatment were missed."""
        return len({each.date for each in self.sessions})


def after_missed(*, revision: Revision, gone: Gone) -> tuple[list[Session], Change]:
    """
    Return the sessions of the component as they go on after what was missed, and what follows why.

    :raises PlanEventError: if a rule asks whether depression is worse and nobody said.
    :raises CannotPlaceError: if what is appended does not fit on open days.
    """
    own = revision.of(gone.treatment)
    lost = {each.n for each in gone.sessions}
    before = [each for each in own if each.n not in lost and each.date < gone.sessions[0].date]
    later = [each for each in own if each.n not in lost and each not in before]
    rules = _rules(revision, gone, before, later)
    steps = {step for rule in rules for step in rule.do}
    if "append" in steps and all(each.of_day == 1 for each in own):
        later = appended(revision=revision, gone=gone.sessions, later=later, after=gone.until)
    if "previous-frequency" in steps:
        later = more_often(revision=revision, treatment=gone.treatment, after=gone.until)
    need = _remeasure(rules) if REMEASURE in steps else None
    later = held(later, hold=_hold(rules, gone), need=need)
    return [*before, *later], _change(revision, gone, rules)


def appended(
    *, revision: Revision, gone: Sequence[Session], later: Sequence[Session], after: date
) -> list[Session]:
    """
    Return the later sessions of a course by working days, with the missed ones appended.

    Missed daily sessions are made up on the next working days, and what follows them moves, what was
    missed of that included; a missed session of a taper is appended in the week after the last.
    """
    phase = gone[0].phase
    if _is_daily(revision, gone[0]):
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
    return further(usual=revision.usual("tms"), placed=placed)


def moved_rest(*, revision: Revision, after: date) -> list[Session]:
    """Return the phases of a TMS course after the daily one, in the calendar weeks after a day."""
    start = next(each.date for each in revision.of("tms"))
    rest = _phases(revision, "tms")[1:]
    if not rest:
        return []
    monday = monday_of(after) + WEEK
    found = lay_out(
        phases=rest, start=monday, days=revision.days, rhythm=_rhythm(revision), before=after
    ).placed
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
    return further(usual=revision.usual("tms"), placed=placed)


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
    slots = _denser(phase, begin, range(week, last), revision.usual(treatment).min_gap_hours)
    placed = place(slots=slots, days=revision.days, before=before)
    rest = [each for each in later if each.phase != phase and each.date >= first]
    return [*kept, *further(usual=revision.usual(treatment), placed=placed), *rest]


def _denser(phase: str, begin: date, weeks: range, gap_hours: float) -> list[Slot]:
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
    phase = gone.sessions[0].phase
    found = []
    for rule in own:
        if rule.phases and phase not in rule.phases:
            continue
        if rule.missed is not None and not _within(gone.days, rule.missed):
            continue
        if rule.gap_days is not None:
            if before and later and _within((later[0].date - before[-1].date).days, rule.gap_days):
                found.append(rule)
            continue
        if _asks_worse(own, phase):
            if gone.worse is None:
                raise PlanEventError(
                    "whether depression has got worse decides what follows: say --worse or --not-worse"
                )
            if rule.only_if_worse != gone.worse:
                continue
        found.append(rule)
    return found


def _asks_worse(rules: Sequence[MissedRule], phase: str) -> bool:
    return any(each.only_if_worse and phase in each.phases for each in rules)


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
        says=f"{gone.treatment} was missed on {days}. {says}",
        rules=tuple(each.id for each in rules),
        status=rules[0].status if rules else "site-policy",
        sources=tuple(cite for each in rules for cite in cites(each.source)),
    )


def _moved(revision: Revision, rest: Sequence[Session], after: date) -> list[Session]:
    """What stands after daily sessions that moved: an extension, then the phases by calendar weeks."""
    longer = [each for each in rest if each.phase == EXTENSION]
    named = {each.name for each in _phases(revision, "tms")[1:]}
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
    return further(usual=revision.usual(like.treatment), placed=placed)


def _is_daily(revision: Revision, session: Session) -> bool:
    for each in _phases(revision, session.treatment):
        if each.name == session.phase:
            most = max(each.per_week) if isinstance(each.per_week, list) else each.per_week
            return each.weekdays and most == WORKING_DAYS
    return session.phase == EXTENSION


def _phases(revision: Revision, treatment: str) -> list[Phase]:
    for name in revision.plan.protocols:
        protocol = protocol_named(protocol_id=name, knowledge=revision.knowledge)
        if protocol.treatment == treatment:
            return list(protocol.schedule)
    return []


def _rhythm(revision: Revision) -> Rhythm:
    return Rhythm(
        gap_hours=planning_number(revision.knowledge, "tms-least-hours-between-days"),
        greatest_pause=int(planning_number(revision.knowledge, "daily-greatest-pause-weekdays")),
    )


def _week(day: date, start: date) -> int:
    return (monday_of(day) - monday_of(start)).days // WEEK_DAYS + 1
