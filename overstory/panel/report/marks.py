"""What pictures are made of: colours and patterns by kind, marks of a legend, the words of a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from overstory.panel.report.words import Count

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


@dataclass(frozen=True, slots=True)
class Part:
    """So many people drawn as one part of a bar; `kind` is a key of `FILLS`."""

    kind: str
    people: Count


def swatch(kind: str, *, name: str) -> str:
    """Return the mark of a kind for a legend, which stands beside its words."""
    return (
        f'<svg class="swatch" width="16" height="16" aria-hidden="true">'
        f"{patterns(name, [Part(kind, None)])}"
        f'<rect x=".5" y=".5" width="15" height="15" fill="{filled(kind, name)}" stroke="{INK}"/></svg>'
    )


def filled(kind: str, name: str) -> str:
    """Return the fill of a kind in the picture of a name: a colour, or a pattern that it defines."""
    fill = FILLS[kind][0]
    return f"url(#{name}-{fill})" if fill in {HATCHED, HIDDEN} else fill


def patterns(name: str, parts: Iterable[Part]) -> str:
    """Return the patterns that the parts are filled with, for the picture of a name."""
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


def picture(shape: str, inside: str, *, name: str, title: str, told: str) -> str:
    """
    Return an SVG of a shape (its class and size) with its title, and in words what it shows.

    `name` is unique in the page.
    """
    return (
        f'<svg {shape} role="img" aria-labelledby="{name}-t" aria-describedby="{name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(told)}</desc>'
        f"{inside}</svg>"
    )
