"""What a site sets in courses: the protocols that it enables, and how long its visits take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import msgspec

from overstory.knowledge.load import Knowledge
from overstory.knowledge.protocol_standing import Standing, in_full, standings
from overstory.knowledge.shapes.protocol_parts import Amount, Observe
from overstory.knowledge.shapes.protocol_surroundings import Visit
from overstory.knowledge.shapes.protocols import Protocol
from overstory.knowledge.shapes.shared import Cite

SITE = Cite(id="overstory-site-policy", at="changed by the site")


class SiteCourseError(ValueError):
    """A protocol or visit that a site may not set so; the message says what would be allowed."""


@dataclass(frozen=True, slots=True)
class ProtocolChange:
    """
    A protocol that the site enables, with its reason.

    `adopts` names the unverified parts whose numbers the site takes as its own: every one that
    decides the course, and any other that needs no hold any more.
    """

    protocol: str
    reason: str
    adopts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitChange:
    """The minutes that one kind of visit takes at the site, with its reason; None leaves ours."""

    visit: str
    reason: str
    prepare_minutes: float | None = None
    observe_minutes: float | None = None


def with_site_courses(
    *, knowledge: Knowledge, protocols: Iterable[ProtocolChange], visits: Iterable[VisitChange]
) -> Mapping[str, tuple[Any, ...]]:
    """
    Return the sections of the knowledge with the site's visits, and what it enabled beside them.

    :raises SiteCourseError: for an unknown protocol or visit, one that is never planned, unverified
        numbers that the site does not adopt, or a watch shorter than a label's.
    """
    enabled = tuple(protocols)
    by_id = {each.id: each for each in knowledge.sections.get("protocols", ())}
    for change in enabled:
        if change.protocol not in by_id:
            raise SiteCourseError(
                f"no protocol is named {change.protocol}; see overstory protocols"
            )
        _enable(in_full(by_id[change.protocol], knowledge), change)
    return MappingProxyType(
        {
            **knowledge.sections,
            "visits": _site_visits(knowledge, tuple(visits)),
            "site_protocols": enabled,
        }
    )


def unverified(protocol: Protocol) -> tuple[Standing, ...]:
    """Return the parts of a whole protocol that are only recalled."""
    return tuple(each for each in standings(protocol) if each.path and each.status == "recalled")


def groups_of(parts: Iterable[Standing]) -> tuple[str, ...]:
    """Return the names under which a site adopts parts, each once, in reading order."""
    return tuple(dict.fromkeys(each.group for each in parts))


def _enable(protocol: Protocol, change: ProtocolChange) -> None:
    """Refuse to enable what may not be, or what would still rest on numbers nobody stands for."""
    if protocol.never:
        raise SiteCourseError(f"{protocol.id} is never planned: {protocol.never}")
    recalled = unverified(protocol)
    if not protocol.site_enabled and not recalled:
        raise SiteCourseError(f"{protocol.id} needs no site policy; it may be planned as it is")
    strange = sorted(set(change.adopts) - set(groups_of(recalled)))
    if strange:
        raise SiteCourseError(
            f"{protocol.id}: {', '.join(strange)} needs no adopting; what is unverified in it is "
            f"{', '.join(groups_of(recalled)) or 'nothing'}"
        )
    lacking = [
        each
        for each in groups_of(each for each in recalled if each.decides)
        if each not in change.adopts
    ]
    if lacking:
        raise SiteCourseError(
            f"{protocol.id}: a site that enables it adopts its unverified numbers by name; "
            f"adopts lacks {', '.join(lacking)}"
        )


def _site_visits(knowledge: Knowledge, changes: tuple[VisitChange, ...]) -> tuple[Visit, ...]:
    visits: dict[str, Visit] = {each.id: each for each in knowledge.sections.get("visits", ())}
    for change in changes:
        if change.visit not in visits:
            raise SiteCourseError(
                f"no visit is named {change.visit}; there is {', '.join(sorted(visits))}"
            )
        visits[change.visit] = _site_visit(visits[change.visit], change)
    return tuple(visits.values())


def _site_visit(visit: Visit, change: VisitChange) -> Visit:
    if change.prepare_minutes is not None:
        minutes = Amount(value=change.prepare_minutes, source=SITE, status="site-policy")
        visit = msgspec.structs.replace(visit, prepare_minutes=minutes)
    if change.observe_minutes is None:
        return visit
    ours = visit.observe
    if ours is None:
        raise SiteCourseError(f"{visit.id} has no watch to set")
    own = (ours.status or visit.status) == "site-policy"
    if change.observe_minutes < ours.minutes and not own:
        raise SiteCourseError(
            f"{visit.id}: a site may watch for longer than {ours.minutes:g} minutes, not for less; "
            "that is the label's"
        )
    watch = Observe(
        minutes=change.observe_minutes, starts=ours.starts, source=SITE, status="site-policy"
    )
    return msgspec.structs.replace(visit, observe=watch)
