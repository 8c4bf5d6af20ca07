"""Pictures of counts as SVG: bars of parts, a flow of steps, a curve and a histogram."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from overstory.panel.report.scales import Bin, nice_steps, widths
from overstory.panel.report.words import Count, number, share

INK, QUIET, LINE, PAPER = "#17313a", "#4a5b62", "#76868e", "#ffffff"
BLUE = "#1769aa"
HATCHED, HIDDEN = "hatched", "hidden"
FILLS: Mapping[str, tuple[str, str]] = {
    "contraindicated": ("#4a1029", PAPER),
    "not-indicated": ("#5f6b73", PAPER),
    "not-now": ("#b4540a", PAPER),
    "cannot-say-yet": (HATCHED, INK),
    "with-conditions": ("#a9d3f2", INK),
    "suitable": (BLUE, PAPER),
    "high": ("#8a1414", PAPER),
    "moderate": ("#b4540a", PAPER),
    "low": ("#f0c24b", INK),
    "unknown": (HATCHED, INK),
    "none": ("#e3eaed", INK),
    "left": (BLUE, PAPER),
    "now": (BLUE, PAPER),
    "if_every_answer_is_no": (HATCHED, INK),
    "at_best": ("#a9d3f2", INK),
    HIDDEN: (HIDDEN, INK),
}
"""What is drawn how: its colour (or pattern), and the colour of words on it."""
BAR, SLIM = 26, 16
LEAST_LABELLED = 13.0
STUB = 3.0
ROW = 46
ACROSS, TALL, LEFT, BELOW = 360, 210, 62, 34
SMALL_TALL = 130


@dataclass(frozen=True, slots=True)
class Part:
    """So many people drawn as one part of a bar; `kind` is a key of `FILLS`."""

    kind: str
    people: Count


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
    inside = "".join(pieces) + _outline(BAR)
    return _picture(name, title, told, inside, height=BAR, kinds=drawn)


def row_bar(part: Part, *, whole: int, name: str) -> str:
    """
    Return a bar that stands in the row of a table beside its number, and so is hidden from readers aloud.

    A part that is hidden is a stub, never nothing.
    """
    kind = HIDDEN if part.people is None else part.kind
    width = STUB if part.people is None else widths([part.people], whole)[0]
    drawn = _rect(kind, name, at=0, width=width, height=SLIM) if width else ""
    patterns = _patterns(name, [Part(kind, None)])
    return (
        f'<svg width="100%" height="{SLIM}" aria-hidden="true">'
        f"{patterns}{drawn}{_outline(SLIM)}</svg>"
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
    return _picture(
        name, title, told, "".join(pieces), height=len(steps) * ROW, kinds=kinds, kind="flow"
    )


def curve(points: Sequence[tuple[int, int]], *, most: int, name: str, title: str, told: str) -> str:
    """Return a rising line through points (questions asked, verdicts settled), of `most` at best."""
    last = max((asked for asked, _ in points), default=0)
    across, up = _Axis(LEFT, ACROSS - 12, last), _Axis(TALL - BELOW, 10, most)
    pieces = [_grid(up, across), _numbers_below(across, "questions asked of everybody")]
    placed = " ".join(f"{across(asked):g},{up(settled):.1f}" for asked, settled in points)
    if points:
        ends = f"{across(points[-1][0]):g},{up(0):g} {across(points[0][0]):g},{up(0):g}"
        pieces.append(f'<polygon points="{placed} {ends}" fill="{BLUE}" fill-opacity=".15"/>')
        pieces.append(
            f'<polyline points="{placed}" fill="none" stroke="{BLUE}" stroke-width="2.5"/>'
        )
    return _drawn(name, title, told, "".join(pieces), tall=TALL)


def histogram(bins: Sequence[Bin], *, most: int, name: str, title: str, told: str) -> str:
    """
    Return bars over bins, drawn on the scale of `most`.

    A bin that is hidden is a hatched stub, never nothing.
    """
    up = _Axis(SMALL_TALL - BELOW, 10, most)
    room = (ACROSS - LEFT - 12) / max(len(bins), 1)
    every = -(-len(bins) // 6) or 1
    pieces = [_grid(up, None)]
    for place, each in enumerate(bins):
        people = each.people
        x = LEFT + place * room
        if people is None or people:
            top = up(0) - 6 if people is None else min(up(people), up(0) - 1)
            fill = f"url(#{name}-{HIDDEN})" if people is None else BLUE
            pieces.append(
                f'<rect x="{x + 1:.1f}" y="{top:.1f}" width="{room - 2:.1f}" '
                f'height="{up(0) - top:.1f}" fill="{fill}"/>'
            )
        if place % every == 0:
            pieces.append(
                f'<text x="{x + room / 2:.1f}" y="{up(0) + 13:g}" text-anchor="middle">'
                f"{each.name}</text>"
            )
    pieces.append(_below("open questions", SMALL_TALL))
    hatch = _patterns(name, [Part(HIDDEN, None)])
    return _drawn(name, title, told, hatch + "".join(pieces), tall=SMALL_TALL)


def swatch(kind: str, *, name: str) -> str:
    """Return the mark of a kind for a legend, which stands beside its words."""
    return (
        f'<svg class="swatch" width="16" height="16" aria-hidden="true">'
        f"{_patterns(name, [Part(kind, None)])}"
        f'<rect x=".5" y=".5" width="15" height="15" fill="{_fill(kind, name)}" stroke="{INK}"/></svg>'
    )


class _Axis:
    """Where a value from 0 to `most` is drawn between two places."""

    def __init__(self, start: float, end: float, most: int) -> None:
        self.start, self.end = start, end
        self.steps = nice_steps(most)
        self.most = max(most, 1)

    def __call__(self, value: float) -> float:
        return self.start + (self.end - self.start) * value / self.most


def _flow_bar(step: Step, whole: int, name: str, top: int) -> str:
    if step.after is None or step.before is None or not whole:
        fill = _fill(HIDDEN, name) if whole else PAPER
        return f'<rect x="0" y="{top}" width="100%" height="16" fill="{fill}" stroke="{LINE}"/>'
    left, gone = 100 * step.after / whole, 100 * (step.before - step.after) / whole
    left = max(left, 0.4) if step.after else 0.0
    gone = max(gone, 0.4) if step.before > step.after else 0.0
    start = min(left, 100 - gone)
    frame = f'<rect x="0" y="{top}" width="100%" height="16" fill="none" stroke="{LINE}"/>'
    kept = f'<rect x="0" y="{top}" width="{left:.2f}%" height="16" fill="{BLUE}"/>' if left else ""
    if not gone:
        return frame + kept
    return (
        f'{frame}{kept}<rect x="{start:.2f}%" y="{top}" width="{gone:.2f}%" height="16" '
        f'fill="{_fill(step.kind, name)}" stroke="{INK}" stroke-width=".75"/>'
    )


def _fill(kind: str, name: str) -> str:
    fill = FILLS[kind][0]
    return f"url(#{name}-{fill})" if fill in {HATCHED, HIDDEN} else fill


def _rect(kind: str, name: str, *, at: float, width: float, height: int = BAR) -> str:
    """A part of a bar; a light one has a dark edge, so that it stands out from the paper."""
    edge = f'stroke="{INK}" stroke-width=".75"' if FILLS[kind][1] == INK else f'stroke="{PAPER}"'
    return (
        f'<rect x="{at:.2f}%" y="0" width="{width:.2f}%" height="{height}" '
        f'fill="{_fill(kind, name)}" {edge}/>'
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


def _patterns(name: str, parts: Iterable[Part]) -> str:
    """The patterns that the parts are filled with."""
    needed = {FILLS[part.kind][0] for part in parts}
    found = ""
    if HATCHED in needed:
        found += (
            f'<pattern id="{name}-{HATCHED}" width="7" height="7" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><rect width="7" height="7" fill="{PAPER}"/>'
            f'<rect width="2.5" height="7" fill="{LINE}"/></pattern>'
        )
    if HIDDEN in needed:
        found += (
            f'<pattern id="{name}-{HIDDEN}" width="5" height="5" patternUnits="userSpaceOnUse">'
            f'<rect width="5" height="5" fill="{PAPER}"/><circle cx="2.5" cy="2.5" r="1.2" '
            f'fill="{QUIET}"/></pattern>'
        )
    return f"<defs>{found}</defs>" if found else ""


def _picture(
    name: str, title: str, told: str, inside: str, *, height: int, kinds: Iterable[Part],
    kind: str = "bar",
) -> str:  # fmt: skip
    """A picture as wide as its place, whose words keep their size."""
    return (
        f'<svg class="{kind}" width="100%" height="{height}" {_named(name)}>{_told(name, title, told)}'
        f"{_patterns(name, kinds)}{inside}</svg>"
    )


def _drawn(name: str, title: str, told: str, inside: str, *, tall: int) -> str:
    """A picture that grows with its place, words and all."""
    return (
        f'<svg class="chart" viewBox="0 0 {ACROSS} {tall}" {_named(name)}>'
        f"{_told(name, title, told)}{inside}</svg>"
    )


def _named(name: str) -> str:
    return f'role="img" aria-labelledby="{name}-t" aria-describedby="{name}-d"'


def _told(name: str, title: str, told: str) -> str:
    return f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(told)}</desc>'


def _grid(up: _Axis, across: _Axis | None) -> str:
    """Lines across at round numbers, with the numbers."""
    end = across.end if across else ACROSS - 12
    lines = [
        f'<line x1="{LEFT}" x2="{end}" y1="{up(step):.1f}" y2="{up(step):.1f}" stroke="'
        f'{LINE if step == 0 else "#d5dde0"}"/><text x="{LEFT - 5}" y="{up(step) + 4:.1f}" '
        f'text-anchor="end">{number(step)}</text>'
        for step in up.steps
    ]
    return "".join(lines)


def _numbers_below(across: _Axis, words: str) -> str:
    numbers = [
        f'<text x="{across(step):.1f}" y="{TALL - BELOW + 14}" text-anchor="middle">{step}</text>'
        for step in across.steps
    ]
    return "".join(numbers) + _below(words, TALL)


def _below(words: str, tall: int) -> str:
    return (
        f'<text x="{(LEFT + ACROSS - 12) / 2:g}" y="{tall - 5}" text-anchor="middle">{words}</text>'
    )
