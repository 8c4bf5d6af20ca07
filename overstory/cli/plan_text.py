"""A plan as a psychiatrist reads it in a terminal: sessions by week, what each needs, what holds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

import click

from overstory.cli.assessment_text import LEVELS, TREATMENT_NAMES, VERDICTS
from overstory.cli.wording import STATUS_WORDS, reasons_text, source_line, sources_text, wrapped
from overstory.engine.facts import Facts
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.shared import Cite, Status
from overstory.pathway.planning.refusals import PlanRefusedError
from overstory.pathway.planning.values import (
    Beside,
    Need,
    Plan,
    PlannedDose,
    PlannedStimulation,
    Review,
    Safety,
    Session,
)
from overstory.pathway.planning.watching import Leaving, Watched
from overstory.pathway.safety import SafetyAssessment, crisis, crisis_words

INDENT = 4
MOST_DAYS = 6
UNTIL = {
    "next-day-after-sleep": "until the next day, after sleep",
    "end-of-day": "until the end of the day",
    "leaves-steady": "until steady on the feet",
}


def plan_text(plan: Plan, *, knowledge: Knowledge) -> str:
    """Return a plan in words, safety and what stands in its way first."""
    parts = [
        _head(plan),
        crisis_text(
            plan.safety,
            jurisdiction=plan.jurisdiction,
            on=date.fromisoformat(plan.at[:10]),
            knowledge=knowledge,
        ),
        _section("HOLDS  closed by a named person before the first order", _holds(plan)),
        _section("CONDITIONS", _conditions(plan)),
        _section("TO KNOW", (wrapped(each, indent=INDENT, first="  –") for each in plan.notes)),
        _section("CHANGES", _changes(plan)),
        _section("BEFORE THE COURSE", (_need(each) for each in plan.before_course)),
        _sessions(plan),
        _section("NEEDED", _needs(plan.sessions, knowledge)),
        _section("WATCHED AT EVERY SESSION", _watched(plan.monitoring)),
        _section("BEFORE LEAVING", _watched(plan.leaving)),
        _section("REVIEWS", (_review(each) for each in plan.reviews)),
        _section("ALONGSIDE", (_beside(each) for each in plan.alongside)),
        _section("AFTERWARDS", _restrictions(plan)),
        _section("BETWEEN KETAMINE AND TMS", _constraints(plan)),
        _section(
            "SOURCES",
            (
                wrapped(source_line(each.id, knowledge), indent=INDENT, first="  –")
                for each in plan.sources
            ),
        ),
        _foot(plan),
    ]
    return "\n\n".join(each for each in parts if each)


def refusal_text(
    error: PlanRefusedError, *, facts: Facts, knowledge: Knowledge, jurisdiction: str
) -> str:
    """Return why a plan is refused, safety first: the verdict, each rule with facts and sources."""
    path = crisis_text(
        error.safety, jurisdiction=jurisdiction, on=facts.at.date(), knowledge=knowledge
    )
    lines = [path, error.says] if path else [error.says]
    for each in error.rules:
        rule = each.rule
        parts = error.parts[rule.id]
        of = f" (of {' and '.join(parts)})" if parts else ""
        said = f"{rule.id}{of}: {rule.words.says} {sources_text(rule)}"
        lines.append(wrapped(said, indent=INDENT, first="  –"))
        if each.because:
            because = f"because {reasons_text(each.because, facts)}"
            lines.append(wrapped(because, indent=6, first="      "))
        if each.asks:
            lines.append(wrapped(f"asks {', '.join(each.asks)}", indent=6, first="      "))
    adopts = dict.fromkeys(name for reason in error.reasons for name in reason.adopts)
    if adopts:
        said = f"a site policy would adopt: {', '.join(adopts)}"
        lines.append(wrapped(said, indent=INDENT, first="  –"))
    cited = dict.fromkeys(cite.id for reason in error.reasons for cite in reason.sources)
    lines += [wrapped(source_line(each, knowledge), indent=INDENT, first="  –") for each in cited]
    if error.asks:
        lines.append(wrapped(f"Ask: {', '.join(error.asks)}", indent=INDENT, first="  ?"))
    return "\n".join(lines)


def day_text(day: date) -> str:
    """Return a day with its weekday."""
    return day.strftime("%a %Y-%m-%d")


def _section(title: str, lines: Iterable[str]) -> str:
    shown = list(lines)
    return "\n".join([click.style(title, bold=True), *shown]) if shown else ""


def _head(plan: Plan) -> str:
    word, colour = VERDICTS[plan.verdict]
    name = TREATMENT_NAMES[plan.treatment]
    title = click.style(f"{plan.patient} · {name} · {plan.protocol}", bold=True)
    protocols = ", ".join(plan.protocols)
    lines = [
        f"{title}  {click.style(word, fg=colour, bold=True)}",
        f"Version {plan.version} · {protocols} · {plan.jurisdiction} · facts of {plan.at}",
    ]
    if plan.sessions:
        last = plan.sessions[-1].date
        lines.append(
            f"{len(plan.sessions)} sessions, {day_text(plan.sessions[0].date)} to {day_text(last)}; "
            f"closed: {plan.calendar.says}"
        )
    if not plan.signable:
        lines.append(
            click.style("DRAFT: it cannot be signed while its holds are open.", fg="yellow")
        )
    return "\n".join(lines)


def crisis_text(
    safety: SafetyAssessment | Safety | None,
    *,
    jurisdiction: str,
    on: date,
    knowledge: Knowledge,
) -> str:
    """Return the crisis path and what is done first; empty where nothing points to danger."""
    if safety is None or safety.level == "none":
        return ""
    path = crisis(country=jurisdiction, on=on, knowledge=knowledge)
    whom = crisis_words(path=path, knowledge=knowledge)
    title = click.style(f"SAFETY  {safety.level.upper()}", fg=LEVELS[safety.level], bold=True)
    lines = [wrapped(each, indent=INDENT, first="  ☎", weight="bold") for each in whom]
    lines += [wrapped(each, indent=INDENT, first="  →") for each in safety.actions]
    return "\n".join([title, *lines])


def _holds(plan: Plan) -> Iterator[str]:
    for each in plan.holds:
        part = f"{each.part}: " if each.part and each.why != "unverified" else ""
        said = f"{part}{each.says} {each.closes}{_cites(each.sources)}"
        yield wrapped(said, indent=INDENT, first="  !", colour="yellow")


def _conditions(plan: Plan) -> Iterator[str]:
    for each in plan.conditions:
        medicine = "medicine to review: " if each.medicine else ""
        said = f"{each.kind}: {medicine}{each.says} {each.closes}"
        yield wrapped(
            f"{said}{_standing(each.status)}{_cites(each.sources)}", indent=INDENT, first="  –"
        )


def _changes(plan: Plan) -> Iterator[str]:
    for each in plan.changes:
        said = f"version {each.version}, {day_text(each.on)}, {each.event}: {each.says}"
        yield wrapped(
            f"{said}{_standing(each.status)}{_cites(each.sources)}", indent=INDENT, first="  –"
        )


def _sessions(plan: Plan) -> str:
    lines = [click.style("SESSIONS", bold=True)]
    for (treatment, phase), group in groupby(
        plan.sessions, key=lambda each: (each.treatment, each.phase)
    ):
        within = list(group)
        lines += ["", f"  {click.style(f'{treatment}, {phase}', bold=True)}"]
        lines += [f"    {each}" for each in _kinds(within)]
        lines += list(_weeks(within))
    return "\n".join(lines)


def _kinds(sessions: Sequence[Session]) -> Iterator[str]:
    """What the sessions of a phase are, each kind once with the numbers of those it is of."""
    kinds: dict[str, list[int]] = {}
    for each in sessions:
        kinds.setdefault(_kind(each), []).append(each.n)
    for said, numbers in kinds.items():
        label = f"{_runs(numbers)}: " if len(kinds) > 1 else ""
        yield wrapped(label + said, indent=6, first="").lstrip()


def _kind(session: Session) -> str:
    minutes = session.minutes
    watched = f", watched {minutes.observe}" if minutes.observe else ""
    took = f"prepared in {minutes.prepare} min, treated {minutes.treat}{watched}, {minutes.chair} in all"
    if session.dose is not None:
        return f"{_dose(session.dose)}; {took}"
    if session.stimulation is not None:
        return f"{_stimulation(session.stimulation)}; {took}"
    return took


def _dose(dose: PlannedDose) -> str:
    said = f"{dose.value.normalize():f} mg" if dose.value is not None else "dose to be set"
    said += f" {dose.route}".rstrip()
    said += f" over {dose.over_minutes.normalize():f} min" if dose.over_minutes else ""
    cap = f", never above {dose.cap.normalize():f} mg" if dose.cap is not None else ""
    note = f" ({dose.says.rstrip('.')})" if dose.says else ""
    return f"{said}, provisional{cap}{note}" if dose.value is not None else f"{said}{cap}{note}"


def _stimulation(each: PlannedStimulation) -> str:
    adjusted = f", {each.adjusted}" if each.adjusted != "none" else ""
    parts = " then ".join(
        f"{part.kind} {part.hz:g} Hz {part.side}, {part.pulses} pulses" if part.hz else part.kind
        for part in each.parts
    )
    return (
        f"{each.coil} coil, {each.target}, {each.percent:g} % of the {each.of} threshold{adjusted}, "
        f"{parts}"
    )


def _weeks(sessions: Sequence[Session]) -> Iterator[str]:
    for week, group in groupby(sessions, key=lambda each: each.week):
        within = list(group)
        by_day: dict[date, int] = {}
        for each in within:
            by_day[each.date] = by_day.get(each.date, 0) + 1
        days = ", ".join(
            day_text(day) + (f" ×{count}" if count > 1 else "") for day, count in by_day.items()
        )
        label = f"    week {week:>2}  {_runs([each.n for each in within]):>7}"
        yield wrapped(days, indent=22, first=f"{label}  ")


def _needs(sessions: Sequence[Session], knowledge: Knowledge) -> Iterator[str]:
    """What sessions need, each once, with the numbers of the sessions unless it is all of them."""
    found: dict[tuple[str, str], tuple[Need, list[int]]] = {}
    for each in sessions:
        for need in each.needs:
            found.setdefault((need.id, need.says), (need, []))[1].append(each.n)
    days = [each.n for each in sessions if each.of_day == 1]
    for need, numbers in found.values():
        which = "every session" if numbers == days else f"session {_runs(numbers)}"
        stops = " ".join(knowledge.rule(each).words.says for each in need.gates)
        yield _need(need, label=f"{which}: ", stops=stops)


def _need(need: Need, *, label: str = "", stops: str = "") -> str:
    """A need in words; what stops a session at the door says it with its numbers, in its place."""
    fresh = ""
    if need.fresh_days is not None:
        old = "of that day" if need.fresh_days == 0 else f"at most {need.fresh_days:g} days old"
        fresh = f" ({old})"
    doubt = "" if need.certain else " Not known yet whether it is needed."
    due = f" Within {need.within_days:g} days." if need.within_days is not None else ""
    says = f"It stops the session: {stops}" if stops else f"{need.says}{_numbers(need.numbers)}"
    said = f"{label}{need.kind}: {says}{fresh}{due}{doubt}{_standing(need.status)}"
    return wrapped(f"{said}{_cites(need.sources)}", indent=INDENT, first="  –")


def _review(review: Review) -> str:
    latest = f", {review.latest_session} at the latest" if review.latest_session else ""
    said = (
        f"{day_text(review.date)}, after session {review.session} of the plan{latest} "
        f"({review.treatment}): {review.says}"
    )
    if review.least_change_percent is not None:
        low, high = review.least_change_percent
        change = f"{low:g} to {high:g} %" if high is not None else f"{low:g} %"
        status = _standing(review.change_status or review.status)
        said += f" Less than {change}{status}:"
    return wrapped(
        f"{said} {review.then}{_cites(review.sources)}".strip(), indent=INDENT, first="  –"
    )


def _beside(each: Beside) -> str:
    said = f"{each.kind} ({each.treatment}): {each.says}"
    if each.times is not None:
        said += f" {_span(each.times)} times."
    if each.minutes is not None:
        said += f" {_span(each.minutes)} minutes."
    if each.when:
        shown = [
            day_text(when.earliest)
            + (f" to {day_text(when.latest)}" if when.latest != when.earliest else "")
            for when in each.when[:MOST_DAYS]
        ]
        more = f" and {len(each.when) - MOST_DAYS} more" if len(each.when) > MOST_DAYS else ""
        said += f" {'; '.join(shown)}{more}."
    return wrapped(
        f"{said}{_standing(each.status)}{_cites(each.sources)}", indent=INDENT, first="  –"
    )


def _restrictions(plan: Plan) -> Iterator[str]:
    for each in plan.restrictions:
        said = f"{each.treatment}, {UNTIL[each.until]}: {each.en}"
        yield wrapped(
            f"{said}{_standing(each.status)}{_cites(each.sources)}", indent=INDENT, first="  –"
        )


def _constraints(plan: Plan) -> Iterator[str]:
    for each in plan.constraints:
        said = (
            f"{each.id}, {each.strength}, grade {each.grade}: {each.says}{_numbers(each.numbers)}"
        )
        note = f" {each.note}" if each.note else ""
        said += f"{note} Override: {each.override}.{_standing(each.status)}{_cites(each.sources)}"
        yield wrapped(said, indent=INDENT, first="  –")


def _watched(found: Sequence[Watched | Leaving]) -> Iterator[str]:
    """What is measured, or must hold, each once, with the treatments that it is of."""
    of: dict[tuple[str, str], list[str]] = {}
    for each in found:
        of.setdefault((each.id, each.says), []).append(each.treatment)
    for each in {(one.id, one.says): one for one in found}.values():
        numbers = _numbers(each.numbers) if isinstance(each, Leaving) else ""
        said = f"{' and '.join(of[each.id, each.says])}: {each.says}{numbers}"
        yield wrapped(
            f"{said}{_standing(each.status)}{_cites(each.sources)}", indent=INDENT, first="  –"
        )


def _numbers(numbers: Mapping[str, float]) -> str:
    said = "; ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in numbers.items())
    return f" ({said})" if said else ""


def _span(span: tuple[float, float | None]) -> str:
    low, high = span
    if high is None:
        return f"At least {low:g}"
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _runs(numbers: Sequence[int]) -> str:
    """Return numbers with those in a row joined, such as `1–5, 9`."""
    runs: list[list[int]] = []
    for each in numbers:
        if runs and each == runs[-1][-1] + 1:
            runs[-1].append(each)
        else:
            runs.append([each])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _standing(status: Status) -> str:
    return f" · {STATUS_WORDS[status]}" if STATUS_WORDS[status] else ""


def _cites(sources: Sequence[Cite]) -> str:
    said = "; ".join(f"{cite.id} {cite.at}".strip() for cite in sources)
    return f" [{said}]" if said else ""


def _foot(plan: Plan) -> str:
    return wrapped(
        f"Knowledge {plan.knowledge.version} ({plan.knowledge.sha256[:12]}). No clinician has reviewed "
        "it yet. Nothing here is an order: a clinician signs a plan, and each dose is ordered on its day.",
        indent=0,
        weight="dim",
    )
