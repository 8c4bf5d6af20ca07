"""A protocol for people: its sessions, dose or stimulation, each number with its source and standing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

import click

from overstory.cli.wording import STATUS_WORDS, source_line, wrapped
from overstory.knowledge.load import Knowledge
from overstory.knowledge.protocol_standing import Standing, standings
from overstory.knowledge.shapes.protocol_parts import Dose, Phase, Span
from overstory.knowledge.shapes.protocol_stimulation import Stimulation, StimulationPart
from overstory.knowledge.shapes.protocol_surroundings import Visit
from overstory.knowledge.shapes.protocols import Combination, Protocol
from overstory.knowledge.shapes.shared import Cite, Status, cites
from overstory.pathway.protocols import Judged, Why

INDENT = 4
Line = tuple[str, Status, tuple[Cite, ...]]


def protocols_text(found: Iterable[Judged], combinations: Iterable[Combination]) -> str:
    """Return one line a protocol, by treatment; `*` marks what is planned where nobody names one."""
    lines: list[str] = []
    treatment = ""
    for each in found:
        if each.protocol.treatment != treatment:
            treatment = each.protocol.treatment
            lines += ["", click.style(treatment, bold=True)]
        lines += [_row(each)]
    for combination in combinations:
        if combination.treatment != treatment:
            treatment = combination.treatment
            lines += ["", click.style(treatment, bold=True)]
        lines += [f"   {combination.id:<20} {combination.name}"]
    return "\n".join(lines).lstrip("\n")


def protocol_text(judged: Judged, *, knowledge: Knowledge) -> str:
    """Return one protocol whole."""
    protocol = judged.protocol
    where = " and ".join(protocol.jurisdictions)
    lines = [
        click.style(f"{protocol.id}  {protocol.name}", bold=True),
        f"{protocol.treatment} · {where} · {protocol.sessions} sessions · version {protocol.version}",
        *_judgement(judged),
    ]
    by_path = {each.path: each for each in standings(protocol)}
    for title, section in (
        ("Schedule", _schedule(protocol, by_path)),
        ("Dose", _dose(protocol, by_path)),
        ("Stimulation", _stimulation(protocol, by_path)),
        ("Visit", _visit(protocol, knowledge)),
        ("Reviews", _decisions(protocol, by_path)),
        ("To know", _figures(protocol, by_path)),
    ):
        shown = list(_shown(section))
        if shown:
            lines += ["", click.style(title, bold=True), *shown]
    if protocol.clearances:
        lines += ["", click.style("Cleared devices", bold=True)]
        lines += [f"  {each}" for each in _clearances(protocol, knowledge)]
    if protocol.note:
        lines += ["", wrapped(protocol.note, indent=0)]
    cited = dict.fromkeys(cite.id for each in by_path.values() for cite in each.sources)
    lines += ["", click.style("Sources", bold=True)]
    lines += [wrapped(source_line(each, knowledge), indent=INDENT, first="  ") for each in cited]
    return "\n".join(lines)


def _row(judged: Judged) -> str:
    protocol = judged.protocol
    sessions = f"{protocol.sessions} sessions" if protocol.sessions else ""
    where = "/".join(protocol.jurisdictions)
    mark = "*" if protocol.default else " "
    return f" {mark} {protocol.id:<17} {sessions:<11} {where:<5} {_verdict(judged):<29} {protocol.name}"


def _verdict(judged: Judged) -> str:
    reasons = {each.why for each in judged.refusals}
    if Why.NEVER in reasons:
        return "never planned"
    if Why.ELSEWHERE in reasons:
        return "not in this jurisdiction"
    if Why.UNVERIFIED in reasons:
        return "needs site policy; unverified"
    if Why.SITE_POLICY in reasons:
        return "needs site policy"
    said = "may be planned"
    if judged.enabled is not None:
        said += ", by site policy"
    return f"{said}, {len(judged.holds)} to verify" if judged.holds else said


def _judgement(judged: Judged) -> Iterator[str]:
    if judged.plannable:
        default = " It is a default." if judged.protocol.default else ""
        yield click.style(f"It may be planned.{default}", fg="green")
    else:
        yield click.style("It may not be planned here:", fg="red")
        for refusal in judged.refusals:
            yield wrapped(refusal.says, indent=INDENT, first="  -")
        adopts = next((each.adopts for each in judged.refusals if each.adopts), ())
        if any(each.why is Why.SITE_POLICY for each in judged.refusals):
            yield f"    A site policy enables it: protocols: {{{judged.protocol.id}: {_entry(adopts)}}}"
    if judged.enabled is not None:
        yield wrapped(f"Enabled by the site: {judged.enabled.reason}", indent=0)
    for hold in judged.holds:
        numbers = ", ".join(f"{name} {value:g}" for name, value in hold.numbers)
        yield wrapped(
            f"Hold, unverified: {hold.path} ({numbers}). A named clinician verifies it before an order.",
            indent=INDENT,
            first="  !",
            colour="yellow",
        )


def _entry(adopts: tuple[str, ...]) -> str:
    adopted = f"adopts: [{', '.join(adopts)}], " if adopts else ""
    return f"{{{adopted}reason: …}}"


def _schedule(protocol: Protocol, by_path: dict[str, Standing]) -> Iterator[Line]:
    for phase in protocol.schedule:
        found = by_path[f"schedule.{phase.name}"]
        yield f"{phase.name}: {_rhythm(phase)}. {phase.says}".strip(), found.status, found.sources
        for name, unit in (("min_gap_hours", "hours"), ("pitch_minutes", "minutes")):
            if (amount := getattr(phase, name)) is not None:
                found = by_path[f"schedule.{phase.name}.{name}"]
                said = f"{phase.name}: at least {amount.value:g} {unit} from start to start"
                yield said, found.status, found.sources
    if protocol.horizon_weeks is not None:
        found = by_path["horizon_weeks"]
        yield f"planned to week {protocol.horizon_weeks.value:g}", found.status, found.sources


def _rhythm(phase: Phase) -> str:
    if phase.days is not None:
        return f"{phase.per_day} a day for {phase.days} days"
    if phase.weeks is not None:
        each = phase.per_week
        if isinstance(each, list):
            return f"{', '.join(str(one) for one in each)} sessions in {phase.weeks} weeks"
        least = f", at least {phase.least_weeks}" if phase.least_weeks else ""
        return f"{each} a week for {phase.weeks} weeks{least}"
    every = " or ".join(str(one) for one in phase.every_weeks)
    times = f", {phase.times} times" if phase.times else ", open-ended"
    return f"every {every} weeks{times}"


def _dose(protocol: Protocol, by_path: dict[str, Standing]) -> Iterator[Line]:
    if protocol.prescriber_sets_dose:
        found = by_path[""]
        yield "the prescriber sets the dose of every session", found.status, found.sources
    dose = protocol.dose
    if dose is None:
        return
    found = by_path["dose"]
    yield _dose_words(dose), found.status, found.sources
    for path, text in _limits(dose):
        yield text, by_path[path].status, by_path[path].sources


def _dose_words(dose: Dose) -> str:
    if dose.mg:
        said = f"{_or(dose.mg)} mg, {dose.route}"
        said += f"; first {dose.first_mg:g} mg" if dose.first_mg else ""
        said += f"; may be lowered to {_or(dose.reduce_to_mg)} mg" if dose.reduce_to_mg else ""
        said += f"; steps of {dose.step_mg:g} mg" if dose.step_mg else ""
    elif dose.mg_per_kg is not None:
        said = f"{dose.mg_per_kg:g} mg/kg, {dose.route}"
        said += f", over {dose.over_minutes:g} minutes" if dose.over_minutes else ""
    else:
        said = f"{dose.route}; the prescriber sets it within the range"
    return f"{said}. {dose.note}".strip()


def _limits(dose: Dose) -> Iterator[tuple[str, str]]:
    if dose.range_mg is not None:
        yield "dose.range_mg", f"range {_span(dose.range_mg)} mg"
    if dose.range_mg_per_kg is not None:
        yield "dose.range_mg_per_kg", f"range {_span(dose.range_mg_per_kg)} mg/kg"
    if dose.steps is not None:
        steps = " → ".join(f"{each:g}" for each in dose.steps.mg_per_kg)
        yield "dose.steps", f"without response {steps} mg/kg, one step a session"
        if dose.steps.after_sessions is not None:
            after = _span(dose.steps.after_sessions)
            yield "dose.steps.after_sessions", f"first step after {after} sessions"
    if dose.cap is not None:
        flag = dose.cap.flag_above_mg
        more = f"; a second look above {flag:g} mg" if flag is not None else ""
        yield "dose.cap", f"never more than {dose.cap.mg:g} mg a session{more}"
    if dose.weights is not None:
        low, high = dose.weights.least_kg, dose.weights.greatest_kg
        yield "dose.weights", f"for weights of {low:g} to {high:g} kg"


def _stimulation(protocol: Protocol, by_path: dict[str, Standing]) -> Iterator[Line]:
    stimulation = protocol.stimulation
    if stimulation is None:
        return
    for path, text in _stimulation_words(stimulation):
        found = by_path[f"stimulation.{path}"]
        yield text, found.status, found.sources


def _stimulation_words(stimulation: Stimulation) -> Iterator[tuple[str, str]]:
    coil, target, location = stimulation.coil, stimulation.target, stimulation.location
    yield "coil", f"coil: {coil.kind}. {coil.says}".strip()
    yield "target", f"target: {target.site}. {target.says}".strip()
    if location is not None:
        forward = f", {location.anterior_cm:g} cm forward" if location.anterior_cm else ""
        of = f" of the {location.muscle} hot spot" if location.muscle else ""
        yield "location", f"found by: {location.method}{forward}{of}. {location.says}".strip()
    strength = stimulation.intensity
    adjusted = ", adjusted for coil-to-cortex distance" if strength.adjusted != "none" else ""
    yield (
        "intensity",
        f"intensity: {strength.percent:g} % of the {strength.of} motor threshold{adjusted}",
    )
    for number, part in enumerate(stimulation.parts, 1):
        yield from _part_words(number, part)
    yield "pulses", f"{stimulation.pulses.value:g} pulses a session"
    if stimulation.day_pulses is not None:
        yield "day_pulses", f"{stimulation.day_pulses.value:g} pulses a day"
    if stimulation.course_pulses is not None:
        yield "course_pulses", f"{stimulation.course_pulses.value:g} pulses a course"
    yield "minutes", f"{stimulation.minutes.value:g} minutes, with the pause after the last train"


def _part_words(number: int, part: StimulationPart) -> Iterator[tuple[str, str]]:
    name = f"{part.side} side, {part.kind}"
    yield f"parts.{number}.pulses", f"{name}: {part.pulses.value:g} pulses"
    if part.hz is not None:
        yield f"parts.{number}.hz", f"{name}: {part.hz.value:g} Hz"
    if part.bursts is not None:
        burst = part.bursts
        yield (
            f"parts.{number}.bursts",
            f"{name}: bursts of {burst.pulses} at {burst.hz:g} Hz, {burst.per_second:g} a second",
        )
    if part.trains is not None:
        train = part.trains
        each = f"{train.count} trains of {train.pulses_each} pulses in {train.seconds:g} s"
        yield (
            f"parts.{number}.trains",
            f"{name}: {each}, {train.pause_seconds:g} s apart",
        )
        if train.pause_range_s is not None:
            allowed = _span(train.pause_range_s)
            yield (
                f"parts.{number}.trains.pause_range_s",
                f"{name}: pauses of {allowed} s are cleared",
            )


def _visit(protocol: Protocol, knowledge: Knowledge) -> Iterator[Line]:
    visits: dict[str, Visit] = {each.id: each for each in knowledge.sections.get("visits", ())}
    visit = visits.get(protocol.visit)
    if visit is None:
        return
    own = visit.status, cites(visit.source)
    prepare = visit.prepare_minutes
    yield (
        f"prepare {prepare.value:g} minutes",
        prepare.status or own[0],
        cites(prepare.source) or own[1],
    )
    if visit.first_minutes is not None:
        yield f"{visit.first_minutes.value:g} minutes more at session 1", *own
    if visit.observe is not None:
        watch = visit.observe
        start = "the first device" if watch.starts == "first-device" else "the end of treatment"
        yield (
            f"watch {watch.minutes:g} minutes from {start}",
            watch.status or own[0],
            cites(watch.source) or own[1],
        )
    if visit.min_gap_hours is not None:
        gap = visit.min_gap_hours
        yield (
            f"at least {gap.value:g} hours from start to start",
            gap.status or own[0],
            cites(gap.source) or own[1],
        )


def _decisions(protocol: Protocol, by_path: dict[str, Standing]) -> Iterator[Line]:
    for decision in protocol.decisions:
        found = by_path[f"decisions.{decision.id}"]
        when = f"week {decision.after_weeks}" if decision.after_weeks else ""
        if decision.after_sessions:
            latest = f" to {decision.latest_sessions}" if decision.latest_sessions else ""
            when = f"session {decision.after_sessions}{latest}"
        yield f"{when}: {decision.says} {decision.then}".strip(), found.status, found.sources
        if decision.least_change_percent is not None:
            found = by_path[f"decisions.{decision.id}.least_change_percent"]
            change = _span(decision.least_change_percent)
            yield f"{when}: less than {change} % change", found.status, found.sources


def _figures(protocol: Protocol, by_path: dict[str, Standing]) -> Iterator[Line]:
    for figure in protocol.figures:
        found = by_path[f"figures.{figure.id}"]
        high = f" to {figure.high:g}" if figure.high is not None else ""
        yield f"{figure.value:g}{high} {figure.unit}: {figure.says}", found.status, found.sources


def _clearances(protocol: Protocol, knowledge: Knowledge) -> Iterator[str]:
    for each in knowledge.sections.get("clearances", ()):
        if each.id in protocol.clearances:
            number = f"{each.number.value}, " if each.number else ""
            unread = ", unverified" if each.number and each.number.status == "recalled" else ""
            yield f"{each.device} ({number}{each.jurisdiction}{unread})"


def _shown(section: Iterable[Line]) -> Iterator[str]:
    """Lines with their sources; lines that follow each other and share them name them once."""
    lines = list(section)
    for line, following in zip_longest(lines, lines[1:]):
        text, status, sources = line
        unread = status == "recalled"
        first, colour = ("  !", "yellow") if unread else ("  ·", None)
        yield wrapped(text, indent=INDENT, first=first, colour=colour)
        if following is None or following[1:] != line[1:]:
            power = STATUS_WORDS[status]
            cited = "; ".join(f"{cite.id} {cite.at}".strip() for cite in sources)
            where = f"[{cited}]" + (f" · {power}" if power else "")
            yield wrapped(where, indent=INDENT + 2, weight="dim")


def _span(span: Span) -> str:
    if span.high is None:
        return f"{span.low:g} or more"
    return f"{span.low:g}" if span.high == span.low else f"{span.low:g} to {span.high:g}"


def _or(numbers: list[float]) -> str:
    return " or ".join(f"{each:g}" for each in numbers)
