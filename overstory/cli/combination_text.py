"""A combination of treatments for people: what comes first, what then, and what holds between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from overstory.cli.wording import STATUS_WORDS, source_line, wrapped
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocols import Combination, Constraint
from overstory.knowledge.shapes.shared import Cites, Status, cites

INDENT = 4


def combination_text(
    combination: Combination, constraints: Iterable[Constraint], *, knowledge: Knowledge
) -> str:
    """Return a combination whole, each constraint with its strength, certainty and source."""
    found = list(constraints)
    parts = f"{' and '.join(combination.phases)} of {combination.first}, then {combination.then}"
    lines = [
        click.style(f"{combination.id}  {combination.name}", bold=True),
        f"{combination.treatment} · {parts}",
        _cited(combination.source, combination.status),
    ]
    if (on := combination.continuing) is not None:
        rhythm = f"{on.ketamine_per_week} a week, TMS on {on.tms_days_per_week} days"
        lines += [f"Where ketamine goes on: {rhythm}."]
    lines += ["", click.style("Constraints", bold=True), *_constraints(found)]
    if combination.note:
        lines += ["", wrapped(combination.note, indent=0)]
    sources = [combination.source, *(each.source for each in found)]
    cited = dict.fromkeys(cite.id for source in sources for cite in cites(source))
    lines += ["", click.style("Sources", bold=True)]
    lines += [wrapped(source_line(each, knowledge), indent=INDENT, first="  ") for each in cited]
    return "\n".join(lines)


def _constraints(found: Iterable[Constraint]) -> Iterator[str]:
    for each in found:
        numbers = "; ".join(
            f"{name.replace('_', ' ')} {amount.value:g}" for name, amount in each.numbers.items()
        )
        said = " ".join(part for part in (each.says, f"({numbers})" if numbers else "") if part)
        yield wrapped(f"{each.id}  {said}", indent=INDENT, first="  ·")
        yield wrapped(
            f"{each.strength}; certainty {each.grade}; override: {each.override}. {each.note}".strip(),
            indent=INDENT + 2,
        )
        yield _cited(each.source, each.status)


def _cited(source: Cites, status: Status) -> str:
    power = STATUS_WORDS[status]
    where = "; ".join(f"{cite.id} {cite.at}".strip() for cite in cites(source))
    return wrapped(f"[{where}]" + (f" · {power}" if power else ""), indent=INDENT + 2, weight="dim")
