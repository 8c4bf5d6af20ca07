"""How a score is shown on a terminal: what comes first, the total, what is missing, the sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from overstory.cli.wording import STATUS_WORDS, wrapped
from overstory.engine.truth import Truth
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.scales import Finding, Scale
from overstory.knowledge.shapes.shared import Cite, Status, cites
from overstory.pathway.change import Change
from overstory.pathway.scoring import Score

INDENT = 4


def score_text(
    score: Score, *, scale: Scale, knowledge: Knowledge, change: Change | None = None
) -> str:
    """Return the score in words; what needs somebody today stands first."""
    lines = [
        click.style(f"{scale.short}", bold=True) + f" · {scale.title} · {scale.recall.words}",
        *_critical(score, scale),
        *_total(score, scale),
        *_missing(score, scale),
        *_rest(score, scale),
        *(_change(change) if change is not None else ()),
        *_sources(score, scale, knowledge, change),
    ]
    return "\n".join(lines)


def _critical(score: Score, scale: Scale) -> Iterator[str]:
    for each in score.critical:
        yield wrapped(
            f"{each.says} {each.do}", indent=INDENT, first="  ! ", colour="red", weight="bold"
        )
    for each in score.critical_unknown:
        yield wrapped(
            f"Cannot be ruled out, its answer is missing: {_plain(each.says)}. Ask today.",
            indent=INDENT,
            first="  ? ",
            colour="yellow",
        )
    quiet = {each.id for each in (*score.critical, *score.critical_unknown)}
    for each in scale.findings:
        if each.otherwise and each.id not in quiet:
            yield f"    {each.otherwise}"


def _total(score: Score, scale: Scale) -> Iterator[str]:
    if scale.scoring.method == "none":
        yield "    No total: the answers are read one by one."
        return
    if score.total is None:
        yield "    No total: the form is not complete, and an unanswered item is never zero."
        return
    least, greatest = scale.scoring.range or (0, 0)
    way = {
        "lower": "lower is better",
        "higher": "higher is better",
        "neither": "no better or worse",
    }
    band = click.style(f": {score.band}", bold=True) if score.band else ""
    yield f"    Total {score.total:g} of {least:g} to {greatest:g}{band} ({way[scale.better]})"
    if score.prorated:
        yield (
            "    PRORATED: missing items were made up for. "
            "Never used for eligibility, authorization or remission."
        )
    if score.raw is not None and score.raw != score.total:
        yield f"    Raw score {score.raw:g}"
    for name, label in list(score.bands.items())[1:]:
        yield f"    On another published set of bands ({name}): {label}"


def _missing(score: Score, scale: Scale) -> Iterator[str]:
    if score.missing:
        items = {each.id: each for each in scale.items}
        said = "; ".join(
            f"{each} ({items[each].text or items[each].topic})" for each in score.missing
        )
        yield wrapped(f"Not answered: {said}", indent=INDENT, first="    ")


def _rest(score: Score, scale: Scale) -> Iterator[str]:
    for each in scale.subscores:
        value = score.subscores[each.id]
        if value is not None:
            yield f"    {each.label} {value:g} of {each.range[0]:g} to {each.range[1]:g}"
    for finding in scale.findings:
        answer = score.flags.get(finding.id, False)
        if answer is not False:
            yield wrapped(_flag(finding, answer), indent=INDENT, first="    ")
    for warning in score.warnings:
        yield wrapped(f"Note: {warning}", indent=INDENT, first="    ", colour="yellow")


def _flag(finding: Finding, answer: Truth) -> str:
    known = "" if answer else "Unknown while answers are missing: "
    return f"{known}{finding.says}{_power(finding.status)}"


def _change(change: Change) -> Iterator[str]:
    percent = "" if change.percent is None else f", {change.percent:.0f} %"
    moved = "better" if change.better > 0 else "worse" if change.better < 0 else "no change"
    size = f"{abs(change.better):g} points {moved}" if change.better else moved
    state = (change.state or "not known").replace("-", " ")
    yield f"    From {change.before:g} to {change.after:g}: {size}{percent}. State: {state}."
    for each in change.marks:
        if each.answer is not False:
            known = "" if each.answer else "unknown: "
            more = f" ({each.also} as well?)" if each.also else ""
            who = f", in {each.population}" if each.population else ""
            yield f"      {known}{each.kind} [{each.id}]{more}{who}{_power(each.status)}"
    if change.deteriorated:
        yield click.style("  ! Worse than the first rating by a mark of deterioration.", fg="red")


def _sources(
    score: Score, scale: Scale, knowledge: Knowledge, change: Change | None
) -> Iterator[str]:
    shown = [*cites(scale.source), *(cite for each in scale.bands for cite in cites(each.source))]
    for finding in scale.findings:
        if finding in score.critical or score.flags.get(finding.id, False) is not False:
            shown += cites(finding.source)
    if change is not None:
        shown += [
            cite for each in change.marks if each.answer is not False for cite in each.sources
        ]
    yield "    Sources:"
    for line in dict.fromkeys(_source_lines(shown, knowledge)):
        yield wrapped(line, indent=8, first="      - ")


def _source_lines(shown: Iterable[Cite], knowledge: Knowledge) -> Iterator[str]:
    for each in shown:
        source = knowledge.sources[each.id]
        yield f"{source.title}{f', {each.at}' if each.at else ''} [{each.id}]"


def _power(status: Status) -> str:
    return f" · {STATUS_WORDS[status]}" if STATUS_WORDS[status] else ""


def _plain(sentence: str) -> str:
    return sentence.rstrip(".")
