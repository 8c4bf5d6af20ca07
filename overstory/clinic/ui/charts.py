"""Pictures drawn as SVG, the same on screen, in print and in tests; each has its words beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 560, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 16, 26, 30
INK, SOFT, LINE, POINT = "#1d2b2a", "#52605e", "#8a9794", "#0b6b57"
MOST_DATES = 6
NEAR = 12
"""Labels of lines that are nearer than this many pixels are moved apart."""


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """One total at a moment; `is_sure` is false for one that was prorated."""

    at: datetime
    total: float
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class ScoreAxis:
    """What is drawn: the scale's name, its range, which way is better, and lines with their words."""

    title: str
    least: float
    greatest: float
    better: str
    lines: Sequence[tuple[float, str]]
    zone: str


def score_chart(*, axis: ScoreAxis, points: Sequence[ScorePoint], says: str) -> SafeString:
    """
    Return a picture of totals over time, oldest first; `says` is what a screen reader hears.

    The direction that is better is written out. Points that were prorated are hollow.
    """
    place = _Place(axis, points)
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}" '
        'font-family="inherit" font-size="12">{}{}{}{}{}</svg>',
        WIDTH,
        HEIGHT,
        says,
        _direction(axis),
        _frame(axis, place),
        _lines(axis, place),
        _dates(axis, points, place),
        _points(points, place),
    )


class _Place:
    """Where a total and a moment stand in the picture."""

    def __init__(self, axis: ScoreAxis, points: Sequence[ScorePoint]) -> None:
        self.axis = axis
        self.first = points[0].at.timestamp()
        self.span = points[-1].at.timestamp() - self.first

    def x(self, at: datetime) -> float:
        """Return pixels from the left; a single moment stands in the middle."""
        wide = WIDTH - LEFT - RIGHT - 24
        share = (at.timestamp() - self.first) / self.span if self.span else 0.5
        return round(LEFT + 12 + wide * share, 1)

    def y(self, total: float) -> float:
        """Return pixels from the top."""
        share = (total - self.axis.least) / ((self.axis.greatest - self.axis.least) or 1)
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)


def _direction(axis: ScoreAxis) -> SafeString:
    words = {"lower": "lower is better ↓", "higher": "higher is better ↑"}.get(axis.better, "")
    return format_html(
        '<text x="{}" y="14" fill="{}" font-weight="600">{}</text>'
        '<text x="{}" y="14" fill="{}" text-anchor="end">{}</text>',
        LEFT,
        INK,
        axis.title,
        WIDTH - RIGHT,
        SOFT,
        words,
    )


def _frame(axis: ScoreAxis, place: _Place) -> SafeString:
    marks = [axis.least, (axis.least + axis.greatest) / 2, axis.greatest]
    return format_html_join(
        "",
        '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}" stroke-opacity="0.35"/>'
        '<text x="{}" y="{}" fill="{}" text-anchor="end">{}</text>',
        (
            (LEFT, WIDTH - RIGHT, place.y(each), place.y(each), LINE, LEFT - 6,
             place.y(each) + 4, SOFT, f"{each:g}")
            for each in marks
        ),
    )  # fmt: skip


def _lines(axis: ScoreAxis, place: _Place) -> SafeString:
    drawn = []
    last = float("-inf")
    for total, words in sorted(axis.lines, key=lambda each: -each[0]):
        y = place.y(total)
        label = max(y - 4, last + NEAR)
        last = label
        drawn.append((LEFT, WIDTH - RIGHT, y, y, POINT, LEFT + 4, label, POINT, words))
    return format_html_join(
        "",
        '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}" stroke-dasharray="5 4"/>'
        '<text x="{}" y="{}" fill="{}" font-size="11">{}</text>',
        drawn,
    )


def _dates(axis: ScoreAxis, points: Sequence[ScorePoint], place: _Place) -> SafeString:
    every = max(1, -(-len(points) // MOST_DATES))
    shown = [points[index] for index in range(0, len(points), every)]
    zone = ZoneInfo(axis.zone)
    words = []
    edge = float("-inf")
    for each in shown:
        x = place.x(each.at)
        if x - edge >= 64:
            words.append((x, HEIGHT - 10, SOFT, each.at.astimezone(zone).strftime("%-d %b %y")))
            edge = x
    return format_html_join(
        "", '<text x="{}" y="{}" fill="{}" text-anchor="middle">{}</text>', words
    )


def _points(points: Sequence[ScorePoint], place: _Place) -> SafeString:
    path = " ".join(f"{place.x(each.at)},{place.y(each.total)}" for each in points)
    dots = format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="5" stroke="{}" stroke-width="2" fill="{}"/>'
        '<text x="{}" y="{}" fill="{}" text-anchor="middle" font-weight="600">{}</text>',
        (
            (place.x(each.at), place.y(each.total), POINT, POINT if each.is_sure else "#ffffff",
             place.x(each.at), place.y(each.total) - 10, INK, f"{each.total:g}")
            for each in points[-30:]
        ),
    )  # fmt: skip
    line = format_html(
        '<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>', path, POINT
    )
    return format_html("{}{}", line, dots)
