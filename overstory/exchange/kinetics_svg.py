"""A picture of a drug level over time, as SVG: band or curve, dose and watch, and that it is no advice."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, isfinite, log10
from typing import Literal

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.kinetics import LevelWords
from overstory.pathway.kinetics import Band, Curve

Language = Literal["en", "es"]
WIDTH, PLOT = 440, 230
"""Narrow, so that the letters can be read on a phone: the picture is as wide as its screen."""
LEFT, RIGHT, TOP = 52, 14, 84
UNDER, LINE, SIZE = 46, 17, 13
"""What the axis takes below the plot, the height of a line of text, and the size of letters."""
LETTERS = 58
"""How many letters a line of text has."""
INK, GRID, FILL, WATCH, DOSE = "#1f2933", "#d5dbe1", "#9fc3e6", "#f3ecd8", "#3b6ea5"
DASHES = ("", "6 3", "2 2", "9 3 2 3")
STEPS = (1, 2, 2.5, 5, 10)
SPACINGS = (5, 10, 15, 30, 60, 120, 240, 480)
MOST_MINUTES = 7
"""How many minutes are written along the axis."""


class PictureError(ValueError):
    """A picture that cannot be drawn; the message says why."""


@dataclass(frozen=True, slots=True)
class Window:
    """Stretches under the picture, in minutes from the start: the dose, and the watch."""

    dose_minutes: Sequence[tuple[float, float]]
    watch_minutes: tuple[float, float]


def band_svg(band: Band, *, window: Window, knowledge: Knowledge, language: Language = "en") -> str:
    """
    Return the picture of a band of racemic ketamine with each model in it.

    :raises PictureError: if it has fewer than two minutes or no level above zero.
    """
    sheet = _Sheet(band.minutes, max(band.high_ng_per_ml), window, _words(knowledge, language))
    lines = list(zip(band.curves, DASHES * len(band.curves), strict=False))
    shapes = [
        sheet.area(band.minutes, band.low_ng_per_ml, band.high_ng_per_ml),
        *(sheet.line(each, INK, 1.2, dash) for each, dash in lines),
    ]
    return sheet.picture("racemic", ("never-a-dose", "band"), shapes, lines)


def curve_svg(
    curve: Curve, *, window: Window, knowledge: Knowledge, language: Language = "en"
) -> str:
    """
    Return the picture of one curve of esketamine.

    :raises PictureError: if it has fewer than two minutes or no level above zero.
    """
    sheet = _Sheet(curve.minutes, max(curve.ng_per_ml), window, _words(knowledge, language))
    shapes = [sheet.line(curve, INK, 2.2)]
    return sheet.picture("esketamine", ("never-a-dose", "typical"), shapes, [(curve, "")])


def _words(knowledge: Knowledge, language: Language) -> Mapping[str, str]:
    words: tuple[LevelWords, ...] = knowledge.sections["level_words"]
    return {each.id: each.es if language == "es" else each.en for each in words}


class _Sheet:
    """Scales and the frame of one picture."""

    def __init__(
        self,
        minutes: Sequence[float],
        highest: float,
        window: Window,
        words: Mapping[str, str],
    ) -> None:
        if len(minutes) < 2 or not (highest > 0 and isfinite(highest)):
            raise PictureError("a picture has at least two minutes and a level above zero")
        self.end = max(minutes)
        self.step = _step(highest / 5)
        self.top = ceil(highest * 1.05 / self.step) * self.step
        self.window, self.words = window, words

    def x(self, minute: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(minute, 0.0), self.end) / self.end

    def y(self, level: float) -> float:
        return TOP + PLOT - PLOT * level / self.top

    def line(self, curve: Curve, colour: str, width: float, dash: str = "") -> str:
        points = self._points(curve.minutes, curve.ng_per_ml)
        return (
            f'<polyline points="{points}" fill="none" stroke="{colour}" '
            f'stroke-width="{width}"{_dashed(dash)}/>'
        )

    def area(self, minutes: Sequence[float], low: Sequence[float], high: Sequence[float]) -> str:
        there = self._points(minutes, high)
        back = self._points(minutes[::-1], low[::-1])
        return f'<polygon points="{there} {back}" fill="{FILL}" fill-opacity="0.6"/>'

    def picture(
        self,
        title: str,
        notes: tuple[str, ...],
        shapes: Sequence[str],
        curves: Sequence[tuple[Curve, str]],
    ) -> str:
        said = " ".join(self.words[each] for each in notes)
        names, below = _names(curves, self.words)
        told = [line for each in notes for line in textwrap.wrap(self.words[each], LETTERS)]
        height = below + LINE * len(told) + LINE // 2
        return "\n".join([
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
                f'aria-labelledby="{title}-title {title}-says" font-family="sans-serif">'
            ),
            f'<title id="{title}-title">{escape(self.words[title])}</title>',
            f'<desc id="{title}-says">{escape(said)}</desc>',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            _text(LEFT, 22, self.words[title], size=17, weight="bold"),
            *self._windows(),
            *self._axes(),
            *shapes,
            *names,
            *(_text(LEFT - 38, below + LINE * place, each) for place, each in enumerate(told, 1)),
            "</svg>\n",
        ])  # fmt: skip

    def _points(self, minutes: Sequence[float], levels: Sequence[float]) -> str:
        return " ".join(
            f"{self.x(minute):.1f},{self.y(level):.1f}"
            for minute, level in zip(minutes, levels, strict=True)
        )

    def _windows(self) -> Iterator[str]:
        first, last = self.window.watch_minutes
        start, end = self.x(first), self.x(last)
        yield (
            f'<rect x="{start:.1f}" y="{TOP}" width="{end - start:.1f}" height="{PLOT}" '
            f'fill="{WATCH}"/>'
        )
        key, words = WIDTH - RIGHT - 254, self.words["watch-after" if first > 0 else "watch"]
        yield (
            f'<rect x="{key}" y="{TOP - 52}" width="12" height="12" fill="{WATCH}" stroke="{INK}" '
            'stroke-width="0.5"/>'
        )
        yield _text(key + 18, TOP - 41, f"{words}: {first:g}–{last:g} min")
        yield _text(LEFT, TOP - 41, self.words["dosing"])
        for first, last in self.window.dose_minutes:
            width = max(self.x(last) - self.x(first), 3.0)
            yield (
                f'<rect x="{self.x(first):.1f}" y="{TOP - 32}" width="{width:.1f}" height="7" '
                f'fill="{DOSE}"/>'
            )

    def _axes(self) -> Iterator[str]:
        bottom = TOP + PLOT
        yield _text(LEFT - 38, TOP - 9, self.words["level"])
        for place in range(round(self.top / self.step) + 1):
            level = place * self.step
            y = self.y(level)
            yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="{GRID}"/>'
            yield _text(LEFT - 6, y + 4, f"{level:g}", anchor="end")
        spacing = _minutes_step(self.end)
        for place in range(int(self.end / spacing) + 1):
            minute = place * spacing
            anchor = "end" if self.x(minute) > WIDTH - RIGHT - 12 else "middle"
            yield _text(self.x(minute), bottom + 18, f"{minute:g}", anchor=anchor)
        middle = (LEFT + WIDTH - RIGHT) / 2
        yield _text(middle, bottom + 36, self.words["minutes"], anchor="middle")


def _names(
    curves: Sequence[tuple[Curve, str]], words: Mapping[str, str]
) -> tuple[list[str], float]:
    """Return each model with the dash of its line and its highest level, and where they end."""
    at = TOP + PLOT + UNDER + LINE
    shown = [_text(LEFT - 38, at, words["highest"], weight="bold")]
    for curve, dash in curves:
        name = words.get(f"model-{curve.model}", curve.name)
        minute, level = curve.peak
        said = f"{name}: {round(level)} ng/mL, {round(minute)} min"
        shown.append(
            f'<line x1="{LEFT - 38}" y1="{at + LINE - 4}" x2="{LEFT - 8}" y2="{at + LINE - 4}" '
            f'stroke="{INK}" stroke-width="1.6"{_dashed(dash)}/>'
        )
        for line in textwrap.wrap(said, LETTERS - 6):
            at += LINE
            shown.append(_text(LEFT, at, line))
    return shown, at + LINE // 2


def _dashed(dash: str) -> str:
    return f' stroke-dasharray="{dash}"' if dash else ""


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = SIZE, weight: str = ""
) -> str:
    bold = f' font-weight="{weight}"' if weight else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{INK}"{bold}>'
        f"{escape(text)}</text>"
    )


def _step(least: float) -> float:
    """Return a round number that is not below another."""
    size: float = 10.0 ** int(log10(least) // 1)
    return next(size * each for each in STEPS if size * each >= least * (1 - 1e-9))


def _minutes_step(end: float) -> float:
    """Return a spacing of minutes that people read easily, at most so many to a picture."""
    return next(
        (each for each in SPACINGS if end / each <= MOST_MINUTES), _step(end / MOST_MINUTES)
    )
