"""Icon arrays: a fixed group of people as a picture, by colour and by shape, with words for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

ACROSS = 10
CELL = 10
RADIUS = 3.8
STROKE = 1.3

INK, ACCENT, HARM, FAINT = "#0b5563", "#b4540a", "#7a2e4d", "#6a7680"


class IconCountError(ValueError):
    """Groups that do not add up to the whole that the picture shows."""


@dataclass(frozen=True, slots=True)
class Group:
    """
    So many people drawn alike.

    `kind` is `same` (so in both groups), `extra` (so with this option besides), `fewer` (so only in
    the other group), `harm` or `none`.
    """

    kind: str
    people: int


def icon_array(*, name: str, title: str, groups: Sequence[Group], per: int) -> str:
    """
    Return an SVG of `per` people; `title` is its text alternative, `name` its id in the page.

    Each group differs by shape as well as by colour, so that it reads in black and white.

    :raises IconCountError: if the groups do not add up to `per`.
    """
    if sum(group.people for group in groups) != per or any(group.people < 0 for group in groups):
        raise IconCountError(f"{name}: the groups are not {per} people")
    side = ACROSS * CELL
    height = per // ACROSS * CELL
    drawn, place = [], 0
    for group in groups:
        drawn.append(_group(group, place))
        place += group.people
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="icons" viewBox="0 0 {side} {height}" '
        f'role="img" aria-labelledby="{name}"><title id="{name}">{escape(title)}</title>'
        f"{''.join(drawn)}</svg>"
    )


def sample(kind: str, *, title: str) -> str:
    """Return one icon for the legend, hidden from screen readers since its title stands beside it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="icon" viewBox="0 0 {CELL} {CELL}" '
        f'aria-hidden="true"><title>{escape(title)}</title>{_group(Group(kind, 1), 0)}</svg>'
    )


def _group(group: Group, start: int) -> str:
    if not group.people:
        return ""
    cells = [_centre(start + number) for number in range(group.people)]
    return DRAWINGS[group.kind](cells)


def _centre(place: int) -> tuple[float, float]:
    row, column = divmod(place, ACROSS)
    return column * CELL + CELL / 2, row * CELL + CELL / 2


def _circles(cells: Sequence[tuple[float, float]], radius: float) -> str:
    across = f"{2 * radius:g}"
    return "".join(
        f"M{x - radius:g} {y:g}a{radius:g} {radius:g} 0 1 0 {across} 0"
        f"a{radius:g} {radius:g} 0 1 0 -{across} 0"
        for x, y in cells
    )


def _squares(cells: Sequence[tuple[float, float]], half: float) -> str:
    side = f"{2 * half:g}"
    return "".join(f"M{x - half:g} {y - half:g}h{side}v{side}h-{side}z" for x, y in cells)


def _slashes(cells: Sequence[tuple[float, float]], half: float) -> str:
    return "".join(f"M{x - half:g} {y + half:g}l{2 * half:g} -{2 * half:g}" for x, y in cells)


def _filled(path: str, colour: str) -> str:
    return f'<path d="{path}" fill="{colour}"/>'


def _outlined(path: str, colour: str) -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{STROKE:g}"/>'


def _same(cells: Sequence[tuple[float, float]]) -> str:
    return _filled(_circles(cells, RADIUS), INK)


def _extra(cells: Sequence[tuple[float, float]]) -> str:
    return _filled(_squares(cells, RADIUS), ACCENT) + _outlined(_slashes(cells, RADIUS / 2), "#fff")


def _fewer(cells: Sequence[tuple[float, float]]) -> str:
    half = RADIUS - STROKE / 2
    return _outlined(_squares(cells, half) + _slashes(cells, half), ACCENT)


def _harm(cells: Sequence[tuple[float, float]]) -> str:
    return "".join(
        _filled(f"M{x:g} {y - RADIUS:g}l{RADIUS:g} {2 * RADIUS:g}h-{2 * RADIUS:g}z", HARM)
        for x, y in cells
    )


def _none(cells: Sequence[tuple[float, float]]) -> str:
    return _outlined(_circles(cells, RADIUS - 1), FAINT)


DRAWINGS = {"same": _same, "extra": _extra, "fewer": _fewer, "harm": _harm, "none": _none}
