"""A curve and a histogram as SVG that grows with its place, words and all."""

from __future__ import annotations

from collections.abc import Sequence

from overstory.panel.report.marks import BLUE, HIDDEN, LINE, Part, patterns, picture
from overstory.panel.report.scales import Bin, nice_steps
from overstory.panel.report.words import number

ACROSS, TALL, LEFT, BELOW = 360, 210, 62, 34
SMALL_TALL = 130


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
    return picture(_grown(TALL), "".join(pieces), name=name, title=title, told=told)


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
    inside = patterns(name, [Part(HIDDEN, None)]) + "".join(pieces)
    return picture(_grown(SMALL_TALL), inside, name=name, title=title, told=told)


class _Axis:
    """Where a value from 0 to `most` is drawn between two places."""

    def __init__(self, start: float, end: float, most: int) -> None:
        self.start, self.end = start, end
        self.steps = nice_steps(most)
        self.most = max(most, 1)

    def __call__(self, value: float) -> float:
        return self.start + (self.end - self.start) * value / self.most


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


def _grown(tall: int) -> str:
    return f'class="chart" viewBox="0 0 {ACROSS} {tall}"'
