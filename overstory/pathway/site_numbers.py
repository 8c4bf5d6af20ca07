"""Numbers of courses, visits and doses that are a site's to set, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import msgspec

from overstory.knowledge.check_protocols import course_problems, protocol_problems
from overstory.knowledge.protocol_standing import whole_protocol

SETTABLE = ("protocols", "courses", "visits", "dosing_numbers", "combination_constraints",
            "decision_points", "session_needs", "alongside", "course_rules", "remeasure_rules",
            "planning_numbers", "reminders", "arriving_numbers")  # fmt: skip


class SiteNumberError(ValueError):
    """A number that a site may not set, or not so; the message says why."""


@dataclass(frozen=True, slots=True)
class NumberChange:
    """
    A number of the knowledge that the site sets, with its reason.

    `number` is `section/entry` or `section/entry/way.to.it`, such as `protocols/P-IV-STD/dose.cap.mg`.
    """

    number: str
    value: float
    reason: str


def with_site_numbers(
    *, sections: Mapping[str, tuple[Any, ...]], numbers: Iterable[NumberChange]
) -> dict[str, tuple[Any, ...]]:
    """
    Return the sections with the site's numbers.

    :raises SiteNumberError: for a number that does not exist or is not of status site-policy, and
        for one with which a protocol contradicts itself.
    """
    found = dict(sections)
    changes = tuple(numbers)
    for change in changes:
        section, entry_id, way = _parts(change.number)
        if entry_id not in {each.id for each in found.get(section, ())}:
            raise SiteNumberError(f"{change.number}: {section} has no entry {entry_id}")
        found[section] = tuple(
            _changed(each, way, change) if each.id == entry_id else each for each in found[section]
        )
    if changes:
        for why in _contradictions(found):
            raise SiteNumberError(f"with the site's numbers, {why}")
    return found


def _parts(number: str) -> tuple[str, str, list[str]]:
    section, _, rest = number.partition("/")
    entry_id, _, way = rest.partition("/")
    if section not in SETTABLE or not entry_id:
        raise SiteNumberError(
            f"{number}: a number is named as section/entry/way; the sections are "
            f"{', '.join(SETTABLE)}"
        )
    return section, entry_id, [step for step in way.split(".") if step]


def _changed(entry: Any, way: list[str], change: NumberChange) -> Any:
    built: dict[str, Any] = msgspec.to_builtins(entry)
    holder, name, status = _find(built, way, change.number)
    if status != "site-policy":
        raise SiteNumberError(
            f"{change.number}: its status is {status}; a site may set only numbers of status "
            "site-policy"
        )
    if not isfinite(change.value):
        raise SiteNumberError(f"{change.number}: {change.value} is no number to set")
    whole = isinstance(holder[name], int) and change.value.is_integer()
    holder[name] = int(change.value) if whole else change.value
    if "note" in built:
        built["note"] = f"Set by the site: {change.reason}"
    try:
        return msgspec.convert(built, type(entry), strict=True)
    except msgspec.ValidationError as error:
        raise SiteNumberError(f"{change.number}: {error}") from None


def _find(built: dict[str, Any], way: list[str], number: str) -> tuple[dict[str, Any], str, str]:
    """Return the mapping that holds the number, its name there, and the standing around it."""
    here: Any = built
    status: str = built["status"]
    holder, name = built, "value"
    for step in way:
        holder, name = here, step
        here = _step(here, step)
        status = (here.get("status") if isinstance(here, dict) else None) or status
    if isinstance(here, dict) and "value" in here:
        holder, name = here, "value"
        here = here["value"]
    if isinstance(here, bool) or not isinstance(here, int | float) or not isinstance(holder, dict):
        raise SiteNumberError(
            f"{number}: no number stands there; overstory protocols show has them"
        )
    return holder, name, status


def _step(here: Any, step: str) -> Any:
    if isinstance(here, dict):
        return here.get(step)
    if isinstance(here, list):
        for place, each in enumerate(here, 1):
            names = {str(place)}
            if isinstance(each, dict):
                names |= {each.get("id", ""), each.get("name", "")}
            if step in names:
                return each
    return None


def _contradictions(sections: Mapping[str, tuple[Any, ...]]) -> Iterator[str]:
    protocols = {each.id: each for each in sections.get("protocols", ())}
    courses = {each.id: each for each in sections.get("courses", ())}
    for course in courses.values():
        for why in course_problems(course):
            yield f"{course.id}: {why}"
    for protocol in protocols.values():
        for why in protocol_problems(whole_protocol(protocol, protocols, courses)):
            yield f"{protocol.id}: {why}"
