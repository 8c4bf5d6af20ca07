"""The figures of a population, and what a change of rules would change, as read in a terminal."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from overstory.panel.report.words import (
    JURISDICTIONS,
    LEVELS,
    WAYS,
    hidden_below,
    moment,
    number,
    share,
    small,
    waiting,
    with_share,
)

NARROW, WIDE = 80, 120
MOST_RULES = 4
MOST_FACTS = 10
COLOURS = {"high": "bold red", "moderate": "yellow", "low": "yellow", "unknown": "cyan"}
HEADS = {
    "contraindicated": "contra-\nindicated",
    "not-indicated": "not\nindicated",
    "not-now": "not\nnow",
    "cannot-say-yet": "cannot\nsay yet",
    "with-conditions": "condi-\ntions",
    "suitable": "suitable",
}
"""Verdicts as heads of narrow columns."""
STOPPING = {"contraindicated": "never", "not-now": "not now"}
"""The steps whose rules are listed; what cannot be said yet is told by the missing facts."""


def population_text(figures: Mapping[str, Any], *, color: bool) -> str:
    """Return the figures of a population in one or two screens, safety first."""
    parts = [
        _head(figures),
        _safety(figures),
        _verdicts(figures),
        _would_qualify(figures),
        _attrition(figures),
        _missing(figures),
        _foot(figures),
    ]
    return _rendered(parts, color=color)


def changes_text(changes: Mapping[str, Any], *, color: bool) -> str:
    """Return which rules are not the same, and whose verdict moves from what to what by which rule."""
    people, changed = changes["people"], changes["changed"]
    parts: list[RenderableType] = [
        Text(f"{number(changed)} of {number(people)} people change a verdict "
             f"({share(changed, people)})", style="bold"),
        Text(f"Rules that are not the same: {', '.join(changes['rules']) or 'none'}"),
        *_moves(changes),
        Text(_between(changes), style="dim"),
    ]  # fmt: skip
    return _rendered(parts, color=color)


def _rendered(parts: Iterable[RenderableType], *, color: bool) -> str:
    """Return the parts as text as wide as the terminal, within what reads well."""
    columns = shutil.get_terminal_size((NARROW, 24)).columns
    out = io.StringIO()
    console = Console(
        file=out,
        width=max(NARROW, min(columns, WIDE)),
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for part in parts:
        console.print(part)
        if isinstance(part, Table):
            console.print()
    lines = out.getvalue().splitlines()
    return "\n".join(line.rstrip() for line in lines).rstrip()


def _given(text: str) -> str:
    """Text that came with the table, without characters that steer a terminal."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


def _table(title: str, columns: Sequence[str]) -> Table:
    """A table whose first column is words and whose others are numbers."""
    table = Table(
        box=SIMPLE_HEAD,
        title=title,
        title_justify="left",
        title_style="bold",
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        header_style="",
    )
    table.add_column(columns[0], overflow="fold", vertical="bottom")
    for name in columns[1:]:
        table.add_column(name, justify="right", no_wrap=True, vertical="bottom")
    return table


def _head(figures: Mapping[str, Any]) -> Text:
    source = figures["source"]
    text = Text()
    if figures["invented"]:
        text.append("INVENTED PEOPLE. No number here is about anybody.\n", style="bold magenta")
    text.append(f"{number(figures['people'])} people", style="bold")
    place = JURISDICTIONS.get(figures["jurisdiction"], figures["jurisdiction"])
    text.append(f" · {_given(source['name'])} · {moment(figures['at'])} · {place}\n")
    if source["where"]:
        text.append(
            f"Only where {_given(source['where'])}: {number(source['left_out'])} left out, and "
            f"{number(source['left_out_unknown'])} for whom it is unknown\n"
        )
    return text


def _safety(figures: Mapping[str, Any]) -> Text:
    """The safety levels in one line, and what comes first."""
    levels = figures["safety"]
    text = Text("SAFETY  ", style="bold")
    for place, (level, name) in enumerate(LEVELS.items()):
        text.append(" · " if place else "")
        text.append(f"{name} {number(levels[level])}", style=COLOURS.get(level, ""))
    text.append(
        "\nHigh risk: the crisis path before any treatment. Unknown is not none: screen today. "
        "List them: --out FILE --with-safety\n"
    )
    return text


def _verdicts(figures: Mapping[str, Any]) -> Table:
    table = _table("VERDICTS", ["people", *HEADS.values()])
    for each in figures["treatments"]:
        table.add_row(each["treatment"], *(number(each["verdicts"][verdict]) for verdict in HEADS))
    return table


def _would_qualify(figures: Mapping[str, Any]) -> Table:
    table = _table("WOULD QUALIFY", ["people", *(words.lower() for words in WAYS.values())])
    people = figures["people"]
    for each in figures["treatments"]:
        counts = (each["would_qualify"][way] for way in WAYS)
        table.add_row(each["treatment"], *(with_share(count, people) for count in counts))
    table.caption = (
        "“If open answers were no” is a fiction, and an answer about nobody: a consent that is not on "
        "record counts as refused."
    )
    table.caption_justify = "left"
    return table


def _attrition(figures: Mapping[str, Any]) -> Table:
    """The rules that stop most people, for each treatment."""
    table = _table("WHAT STOPS MOST PEOPLE", ["", "holds for", "it alone"])
    for each in figures["treatments"]:
        steps = {step["step"]: step for step in each["attrition"]}
        table.add_row(Text(each["treatment"], style="bold"))
        table.add_row(
            "  not indicated: nothing it is for", number(steps["not-indicated"]["removed"])
        )
        found = [(step, rule) for step in STOPPING for rule in steps[step]["rules"]]
        found.sort(key=lambda pair: -(pair[1]["held"] or 0))
        for step, rule in found[:MOST_RULES]:
            counts = (number(rule[name]) for name in ("held", "alone"))
            mark = " (UNVERIFIED)" if rule["status"] == "recalled" else ""
            table.add_row(f"  {STOPPING[step]:<8} {rule['id']}{mark}", *counts)
    return table


def _missing(figures: Mapping[str, Any]) -> RenderableType:
    """The unknown facts that hold most verdicts back."""
    facts = figures["missing_facts"]
    if not facts:
        return Text("No verdict waits for a fact.\n")
    below = hidden_below(figures)
    table = _table(
        f"MISSING FACTS  {min(MOST_FACTS, len(facts))} of {len(facts)}; "
        f"{number(waiting(figures))} verdicts wait",
        ["fact", "settles alone", "holds back", "asked of"],
    )
    for each in facts[:MOST_FACTS]:
        counts = (small(each[name], below=below) for name in ("settles", "blocks"))
        table.add_row(each["fact"], *counts, each["ask"]["who"])
    return table


def _foot(figures: Mapping[str, Any]) -> Text:
    text = Text()
    if hidden_below(figures):
        text.append(
            "“hidden” is a count too small to show, or one that would tell such a count; never zero.\n"
        )
    for warning in figures["warnings"]:
        text.append(f"! {_given(warning)}\n", style="yellow")
    knowledge = figures["knowledge"]
    text.append(
        f"Knowledge {knowledge['version']} ({knowledge['sha256'][:12]}). No clinician has reviewed it "
        "yet. Figures say where to look; people decide about people. Unknown is not “no”.",
        style="dim",
    )
    return text


def _moves(changes: Mapping[str, Any]) -> Iterable[RenderableType]:
    for each in changes["treatments"]:
        if not each["moves"]:
            continue
        table = _table(each["treatment"], ["from → to, by which rule", "people"])
        for move in each["moves"]:
            table.add_row(f"{move['from']} → {move['to']}", number(move["people"]))
            for rule in move["rules"]:
                table.add_row(f"    {rule['id']}", number(rule["people"]))
        yield table


def _between(changes: Mapping[str, Any]) -> str:
    old, new = (
        f"{changes[name]['version']} ({changes[name]['sha256'][:12]})" for name in ("old", "new")
    )
    place = JURISDICTIONS.get(changes["jurisdiction"], changes["jurisdiction"])
    between = f"{old}, with the rules above edited" if old == new else f"{old} → {new}"
    counted = "People are counted under each of these rules that answers otherwise for them."
    return f"{counted}\nKnowledge {between} · {moment(changes['at'])} · {place}"
