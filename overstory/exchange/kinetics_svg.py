"""A picture of a drug level over time, as SVG: band or curve, dose and watch, and that it is no advice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log10
from typing import Literal

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.kinetics import LevelWords
from overstory.pathway.kinetics import Band, Curve

Language = Literal["en", "es"]
WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 64, 92
INK, GRID, FILL, WATCH, DOSE = "#1f2933", "#d5dbe1", "#9fc3e6", "#f3ecd8", "#3b6ea5"
STEPS = (1, 2, 2.5, 5, 10)
SPACINGS = (5, 10, 15, 30, 60, 120, 240)


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
    shapes = [
        sheet.area(band.minutes, band.low_ng_per_ml, band.high_ng_per_ml),
        *(sheet.line(each, INK, 0.8, dash="3 3") for each in band.curves),
        *_names(band.curves),
    ]
    return sheet.picture("racemic", ("never-a-dose", "band"), shapes)


def curve_svg(
    curve: Curve, *, window: Window, knowledge: Knowledge, language: Language = "en"
) -> str:
    """
    Return the picture of one curve of esketamine.

    :raises PictureError: if it has fewer than two minutes or no level above zero.
    """
    sheet = _Sheet(curve.minutes, max(curve.ng_per_ml), window, _words(knowledge, language))
    shapes = [sheet.line(curve, DOSE, 2.2), *_names((curve,))]
    return sheet.picture("esketamine", ("never-a-dose", "typical"), shapes)


def _words(knowledge: Knowledge, language: Language) -> Mapping[str, str]:
    words: tuple[LevelWords, ...] = knowledge.sections["level_words"]
    return {each.id: each.es if language == "es" else each.en for each in words}


def _names(curves: Sequence[Curve]) -> Iterator[str]:
    for place, each in enumerate(curves):
        yield (
            f'<text x="{WIDTH - RIGHT - 6}" y="{TOP + 16 + 15 * place}" text-anchor="end" '
            f'font-size="11" fill="{INK}">{escape(each.name)}: {round(each.peak[1])} ng/mL, '
            f"{round(each.peak[0])} min</text>"
        )


class _Sheet:
    """Scales and the frame of one picture."""

    def __init__(
        self,
        minutes: Sequence[float],
        highest: float,
        window: Window,
        words: Mapping[str, str],
    ) -> None:
        if len(minutes) < 2 or not highest > 0:
            raise PictureError("a picture has at least two minutes and a level above zero")
        self.end = max(minutes)
        self.step = _step(highest / 5)
        self.top = ceil(highest * 1.05 / self.step) * self.step
        self.window, self.words = window, words

    def x(self, minute: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(minute, 0.0), self.end) / self.end

    def y(self, level: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * level / self.top

    def line(self, curve: Curve, colour: str, width: float, dash: str = "") -> str:
        points = self._points(curve.minutes, curve.ng_per_ml)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        return (
            f'<polyline points="{points}" fill="none" stroke="{colour}" '
            f'stroke-width="{width}"{dashed}/>'
        )

    def area(self, minutes: Sequence[float], low: Sequence[float], high: Sequence[float]) -> str:
        there = self._points(minutes, high)
        back = self._points(minutes[::-1], low[::-1])
        return f'<polygon points="{there} {back}" fill="{FILL}" fill-opacity="0.6"/>'

    def picture(self, title: str, notes: tuple[str, ...], shapes: Sequence[str]) -> str:
        said = " ".join(self.words[each] for each in notes)
        parts = [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
                'aria-labelledby="level-title level-says" font-family="sans-serif">'
            ),
            f'<title id="{title}-title">{escape(self.words[title])}</title>',
            f'<desc id="{title}-says">{escape(said)}</desc>',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
            *self._windows(),
            *self._axes(),
            *shapes,
            (
                f'<text x="{LEFT}" y="24" font-size="16" font-weight="bold" fill="{INK}">'
                f"{escape(self.words[title])}</text>"
            ),
            *(
                f'<text x="{LEFT}" y="{HEIGHT - 26 + 15 * place}" font-size="11" fill="{INK}">'
                f"{escape(self.words[each])}</text>"
                for place, each in enumerate(notes)
            ),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _points(self, minutes: Sequence[float], levels: Sequence[float]) -> str:
        return " ".join(
            f"{self.x(minute):.1f},{self.y(level):.1f}"
            for minute, level in zip(minutes, levels, strict=True)
        )

    def _windows(self) -> Iterator[str]:
        start, end = (self.x(each) for each in self.window.watch_minutes)
        yield (
            f'<rect x="{start:.1f}" y="{TOP}" width="{end - start:.1f}" '
            f'height="{HEIGHT - TOP - BOTTOM}" fill="{WATCH}"/>'
        )
        yield self._label(start + 4, TOP - 6, self.words["watch"])
        for first, last in self.window.dose_minutes:
            width = max(self.x(last) - self.x(first), 3.0)
            yield (
                f'<rect x="{self.x(first):.1f}" y="{TOP - 22}" width="{width:.1f}" height="6" '
                f'fill="{DOSE}"/>'
            )
        first = self.window.dose_minutes[0][0] if self.window.dose_minutes else 0.0
        yield self._label(self.x(first), TOP - 26, self.words["dosing"])

    def _axes(self) -> Iterator[str]:
        bottom = HEIGHT - BOTTOM
        for place in range(round(self.top / self.step) + 1):
            level = place * self.step
            y = self.y(level)
            yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="{GRID}"/>'
            yield self._label(LEFT - 6, y + 4, f"{level:g}", anchor="end")
        spacing = _minutes_step(self.end)
        for place in range(int(self.end / spacing) + 1):
            minute = place * spacing
            yield self._label(self.x(minute), bottom + 16, f"{minute:g}", anchor="middle")
        middle = (LEFT + WIDTH - RIGHT) / 2
        yield self._label(middle, bottom + 34, self.words["minutes"], anchor="middle")
        yield (
            f'<text transform="translate(16 {(TOP + bottom) / 2}) rotate(-90)" font-size="11" '
            f'text-anchor="middle" fill="{INK}">{escape(self.words["level"])}</text>'
        )

    @staticmethod
    def _label(x: float, y: float, text: str, anchor: str = "start") -> str:
        return (
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" text-anchor="{anchor}" fill="{INK}">'
            f"{escape(text)}</text>"
        )


def _step(least: float) -> float:
    """Return a round number that is not below another."""
    size: float = 10.0 ** int(log10(least) // 1)
    return next(size * each for each in STEPS if size * each >= least * (1 - 1e-9))


def _minutes_step(end: float) -> float:
    """Return a spacing of minutes that people read easily, at most nine to a picture."""
    return next((each for each in SPACINGS if end / each <= 9), _step(end / 9))
