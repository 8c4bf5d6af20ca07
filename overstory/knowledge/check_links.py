"""What is refused of the names in protocols and around them: what they name must exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from overstory.engine.reading import ConditionError, read_condition
from overstory.knowledge.check_protocols import course_problems, protocol_problems
from overstory.knowledge.load import Knowledge
from overstory.knowledge.protocol_standing import UnknownPartError, standings, whole_protocol
from overstory.knowledge.shapes.arriving import Preparation, ReadinessQuestion, ReminderRule
from overstory.knowledge.shapes.protocol_surroundings import (
    DecisionPoint,
    MissedRule,
    MonitoringSchedule,
    Restriction,
    SessionNeed,
)
from overstory.knowledge.shapes.protocols import Combination, Course, Protocol
from overstory.knowledge.shapes.shared import Cites, Status, cites

PRIMARY_KINDS = frozenset({"label", "clearance", "trial", "guideline", "regulation"})
OWN_KINDS = frozenset({"recall", "site-policy"})


def linked_problems(entry: Any, knowledge: Knowledge) -> Iterator[str]:
    """Yield what is wrong with an entry of a section of protocols, with all the knowledge at hand."""
    yield from _standing_problems(entry, knowledge)
    for kind, problems in CHECKS.items():
        if isinstance(entry, kind):
            yield from problems(entry, knowledge)


def _protocol(protocol: Protocol, knowledge: Knowledge) -> Iterator[str]:
    if protocol.course and protocol.schedule:
        yield "its phases stand in schedule or in the course it names, not in both"
        return
    protocols = _by_id(knowledge, "protocols")
    others = [*protocol.follows, *([protocol.dose_as] if protocol.dose_as else [])]
    yield from _missing("protocol", others, protocols)
    try:
        whole = whole_protocol(protocol, protocols, _by_id(knowledge, "courses"))
    except UnknownPartError as error:
        yield str(error)
        return
    yield from protocol_problems(whole)
    yield from _missing("clearance", protocol.clearances, _by_id(knowledge, "clearances"))
    yield from _missing("product", protocol.products, _by_id(knowledge, "products"))
    for section, named in (
        ("monitoring_schedules", protocol.monitoring),
        ("visits", protocol.visit),
    ):
        yield from _missing(section[:-1], [named] if named else [], _by_id(knowledge, section))
    yield from _missing("indication", protocol.indications, _indications(knowledge))
    for decision in whole.decisions:
        yield from _missing("fact", decision.measures, knowledge.facts)


def _course(course: Course, knowledge: Knowledge) -> Iterator[str]:
    yield from course_problems(course)
    for decision in course.decisions:
        yield from _missing("fact", decision.measures, knowledge.facts)


def _decision_point(point: DecisionPoint, knowledge: Knowledge) -> Iterator[str]:
    yield from _missing("fact", point.measures, knowledge.facts)


def _combination(combination: Combination, knowledge: Knowledge) -> Iterator[str]:
    known = _by_id(knowledge, "combination_constraints")
    yield from _missing("constraint", combination.constraints, known)
    names = {
        phase.name
        for each in knowledge.sections.get("protocols", ())
        if each.treatment == combination.first
        for phase in each.schedule
    }
    yield from _missing(f"phase of {combination.first}", combination.phases, names)


def _monitoring(schedule: MonitoringSchedule, knowledge: Knowledge) -> Iterator[str]:
    for each in schedule.measuring:
        yield from _missing("fact", each.facts, knowledge.facts)
        yield from _missing("scale", each.scales, _by_id(knowledge, "scales"))


def _need(need: SessionNeed, knowledge: Knowledge) -> Iterator[str]:
    yield from _missing("fact", need.facts, knowledge.facts)
    yield from _missing("rule", need.gates, {rule.id for rule in knowledge.rules})
    if need.only_if:
        try:
            read_condition(need.only_if, knowledge.vocabulary)
        except ConditionError as error:
            yield str(error)
    if need.status == "recalled" and need.blocks:
        yield "a recalled need blocks nothing"


def _missed(rule: MissedRule, _: Knowledge) -> Iterator[str]:
    if not rule.missed and not rule.gap_days and not rule.phases:
        yield "it says for which phases, how many missed sessions or what gap it holds"


def _restriction(restriction: Restriction, _: Knowledge) -> Iterator[str]:
    if restriction.status == "recalled":
        yield "a recalled number restricts nobody"


def _preparation(preparation: Preparation, knowledge: Knowledge) -> Iterator[str]:
    yield from _missing("need of a session", preparation.needs, _by_id(knowledge, "session_needs"))
    if preparation.status == "recalled":
        yield "a recalled row tells patients nothing"


def _readiness(question: ReadinessQuestion, knowledge: Knowledge) -> Iterator[str]:
    yield from _missing("need of a session", question.needs, _by_id(knowledge, "session_needs"))
    yield from _missing("rule", question.rules, {rule.id for rule in knowledge.rules})
    yield from _missing("fact", question.facts, knowledge.facts)


def _reminder(rule: ReminderRule, _: Knowledge) -> Iterator[str]:
    if rule.days_before < 0 or rule.at_hour not in range(24):
        yield "a reminder is due on a day before or on the day, at an hour from 0 to 23"


def _standing_problems(entry: Any, knowledge: Knowledge) -> Iterator[str]:
    if isinstance(entry, Protocol):
        for each in standings(entry):
            yield from _power(each.status, each.sources, knowledge, each.path)
        return
    yield from _power(entry.status, entry.source, knowledge, "")


def _power(
    status: Status, source: Iterable[Any] | Cites, knowledge: Knowledge, path: str
) -> Iterator[str]:
    found = source if isinstance(source, tuple) else cites(source)  # type: ignore[arg-type]  # both are citations
    kinds = {knowledge.sources[cite.id].kind for cite in found if cite.id in knowledge.sources}
    where = f"{path}: " if path else ""
    if status == "primary" and not kinds & PRIMARY_KINDS:
        yield f"{where}primary needs a label, clearance, trial, guideline or regulation, not {sorted(kinds)}"
    if status == "secondary" and kinds <= OWN_KINDS:
        yield f"{where}secondary needs a document of somebody else"


def _missing(what: str, named: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    known = set(known)
    for each in named:
        if each not in known:
            yield f"no {what} is named {each!r}"


def _by_id(knowledge: Knowledge, section: str) -> Mapping[str, Any]:
    return {each.id: each for each in knowledge.sections.get(section, ())}


def _indications(knowledge: Knowledge) -> set[str]:
    return {rule.words.indication for rule in knowledge.rules if rule.words.indication}


CHECKS: dict[type, Callable[[Any, Knowledge], Iterator[str]]] = {
    Protocol: _protocol,
    Course: _course,
    DecisionPoint: _decision_point,
    Combination: _combination,
    MonitoringSchedule: _monitoring,
    SessionNeed: _need,
    MissedRule: _missed,
    Restriction: _restriction,
    Preparation: _preparation,
    ReadinessQuestion: _readiness,
    ReminderRule: _reminder,
}
