"""The claims of five clinic articles, read from their files, and how many are met, corrected or pending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from overstory.knowledge.strict_yaml import read_yaml_file

HERE = Path(__file__).parent
FILES = {
    "S0": "self-harm, esketamine, TMS and medication",
    "S1": "ketamine and TMS together",
    "S2": "ketamine-assisted psychotherapy and TMS",
    "S3": "ketamine and TMS for treatment-resistant depression",
    "S4": "ketamine infusion and TMS",
    "disagreements": "where the articles disagree",
}
KINDS = {"F": "statement of fact", "R": "what a clinic does or needs", "D": "decision or rule"}
ANSWERS = ("met", "corrected", "pending")


@dataclass(frozen=True, slots=True)
class Claim:
    """
    One claim and its answer.

    `by` points at what meets or corrects it: `rule:`, `section:`, `function:`, `command:` or `file:`.
    A pending claim names the later `step` that will meet it, and what exists so far.
    """

    id: str
    kind: str
    claim: str
    answer: str
    by: tuple[str, ...] = ()
    note: str = ""
    step: str = ""
    file: str = ""


def read_claims() -> list[Claim]:
    """Return every claim, in the order of the files; a field that no claim has is refused."""
    return [
        Claim(**{**row, "by": tuple(row.get("by", ())), "file": name})
        for name in FILES
        for row in read_yaml_file(HERE / f"{name.lower()}.yaml").content
    ]


def tally(claims: Sequence[Claim]) -> list[str]:
    """Return the lines of the tally: for each article and each kind, and for all of them."""
    lines = [_line("", (*ANSWERS, "all"))]
    for name, about in FILES.items():
        lines.append(_counted(f"{name}  {about}", (each for each in claims if each.file == name)))
    lines.append("")
    for kind, about in KINDS.items():
        lines.append(_counted(f"{kind}  {about}", (each for each in claims if each.kind == kind)))
    return [*lines, "", _counted("all", claims), *_steps(claims)]


def _counted(label: str, claims: Iterable[Claim]) -> str:
    counts = Counter(each.answer for each in claims)
    return _line(label, [*(counts[answer] for answer in ANSWERS), counts.total()])


def _steps(claims: Iterable[Claim]) -> list[str]:
    counts = Counter(each.step for each in claims if each.step)
    return ["", "Pending, by the later step that meets them:"] + [
        f"  {step:<22}{count:>4}" for step, count in sorted(counts.items())
    ]


def _line(label: str, cells: Iterable[object]) -> str:
    return f"{label:<58}" + "".join(f"{cell!s:>11}" for cell in cells)


if __name__ == "__main__":
    click.echo("\n".join(tally(read_claims())))
