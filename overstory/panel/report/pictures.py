"""Bars of parts of a whole, and a flow of steps, as SVG as wide as their place; words keep their size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from overstory.panel.report.marks import (
    BLUE,
    FILLS,
    HATCHED,
    HIDDEN,
    INK,
    LINE,
    PAPER,
    Part,
    filled,
    patterns,
    picture,
)
from overstory.panel.report.scales import HAIR, widths
from overstory.panel.report.words import Count, number, share

BAR, SLIM = 26, 16
LEAST_LABELLED = 13.0
STUB = 3.0
ROW = 46


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a flow: who was there before, who left at it, and who stayed."""

    kind: str
    label: str
    before: Count
    removed: Count
    after: Count


def stacked_bar(parts: Sequence[Part], *, whole: int, name: str, title: str, told: str) -> str:
    """
    Return a bar as wide as its place, of parts of a whole; `told` says in words what it shows.

    A part that is not nothing is at least a hair wide. What hidden parts leave is drawn as hidden.
    """
    drawn = [part for part in parts if part.people]
    if any(part.people is None for part in parts):
        rest = whole - sum(part.people or 0 for part in parts)
        drawn.append(Part(HIDDEN, max(rest, 0)))
    pieces, at = [], 0.0
    for part, width in zip(drawn, widths([part.people or 0 for part in drawn], whole), strict=True):
        pieces.append(_rect(part.kind, name, at=at, width=width))
        if width >= LEAST_LABELLED:
            said = HIDDEN if part.kind == HIDDEN else share(part.people, whole)
            pieces.append(_words(part.kind, said, at=at + width / 2))
        at += width
    inside = patterns(name, drawn) + "".join(pieces) + _outline(BAR)
    return picture(_wide("bar", BAR), inside, name=name, title=title, told=told)


def row_bar(part: Part, *, whole: int, name: str) -> str:
    """
    Return a bar that stands in the row of a table beside its number, and so is hidden from readers aloud.

    A part that is hidden is a stub, never nothing.
    """
    kind = HIDDEN if part.people is None else part.kind
    width = STUB if part.people is None else widths([part.people], whole)[0]
    drawn = _rect(kind, name, at=0, width=width, height=SLIM) if width else ""
    defined = patterns(name, [Part(kind, None)])
    return (
        f'<svg width="100%" height="{SLIM}" aria-hidden="true">'
        f"{defined}{drawn}{_outline(SLIM)}</svg>"
    )


def flow(steps: Sequence[Step], *, whole: int, name: str, title: str, told: str) -> str:
    """Return steps under one another: how many are left after each, and how many it takes out."""
    pieces = []
    for place, step in enumerate(steps):
        top = place * ROW
        minus = f"  −{number(step.removed)}" if step.removed is None or step.removed else ""
        pieces.append(
            f'<text x="0" y="{top + 14}" font-weight="700">{escape(step.label)}'
            f'<tspan font-weight="400">{escape(minus)}</tspan></text>'
            f'<text x="100%" y="{top + 14}" text-anchor="end">{number(step.after)} left</text>'
        )
        pieces.append(_flow_bar(step, whole, name, top + 20))
    kinds = [Part(step.kind, step.removed) for step in steps] + [Part(HIDDEN, None)]
    inside = patterns(name, kinds) + "".join(pieces)
    shape = _wide("flow", len(steps) * ROW)
    return picture(shape, inside, name=name, title=title, told=told)


def _flow_bar(step: Step, whole: int, name: str, top: int) -> str:
    if step.after is None or step.before is None or not whole:
        fill = filled(HIDDEN, name) if whole else PAPER
        return f'<rect x="0" y="{top}" width="100%" height="16" fill="{fill}" stroke="{LINE}"/>'
    left, gone = 100 * step.after / whole, 100 * (step.before - step.after) / whole
    left = max(left, HAIR) if step.after else 0.0
    gone = max(gone, HAIR) if step.before > step.after else 0.0
    start = min(left, 100 - gone)
    frame = f'<rect x="0" y="{top}" width="100%" height="16" fill="none" stroke="{LINE}"/>'
    kept = f'<rect x="0" y="{top}" width="{left:.2f}%" height="16" fill="{BLUE}"/>' if left else ""
    if not gone:
        return frame + kept
    return (
        f'{frame}{kept}<rect x="{start:.2f}%" y="{top}" width="{gone:.2f}%" height="16" '
        f'fill="{filled(step.kind, name)}" stroke="{INK}" stroke-width=".75"/>'
    )


def _rect(kind: str, name: str, *, at: float, width: float, height: int = BAR) -> str:
    """A part of a bar; a light one has a dark edge, so that it stands out from the paper."""
    edge = f'stroke="{INK}" stroke-width=".75"' if FILLS[kind][1] == INK else f'stroke="{PAPER}"'
    return (
        f'<rect x="{at:.2f}%" y="0" width="{width:.2f}%" height="{height}" '
        f'fill="{filled(kind, name)}" {edge}/>'
    )


def _words(kind: str, words: str, *, at: float) -> str:
    """Words on a part; on a pattern they stand on a halo."""
    fill, ink = FILLS[kind]
    halo = f' stroke="{PAPER}" stroke-width="4" paint-order="stroke"'
    return (
        f'<text x="{at:.2f}%" y="{BAR - 8}" text-anchor="middle" fill="{ink}"'
        f"{halo if fill in {HATCHED, HIDDEN} else ''}>{escape(words)}</text>"
    )


def _outline(height: int) -> str:
    return f'<rect x="0" y="0" width="100%" height="{height}" fill="none" stroke="{LINE}"/>'


def _wide(kind: str, height: int) -> str:
    return f'class="{kind}" width="100%" height="{height}"'
