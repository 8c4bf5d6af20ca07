"""How the sessions of a plan are watched, and what must hold before the person leaves."""

from __future__ import annotations

from dataclasses import dataclass

from overstory.knowledge.shapes.protocol_surroundings import MonitoringSchedule
from overstory.knowledge.shapes.shared import Cite, Status, cites


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """
    What is measured at every session of one treatment, and when.

    `at_minutes` are counted from `counted_from`; `every_minutes` while treatment runs,
    `after_every_minutes` so many `after_times` once it has ended.
    """

    id: str
    treatment: str
    says: str
    status: Status
    sources: tuple[Cite, ...]
    facts: tuple[str, ...] = ()
    scales: tuple[str, ...] = ()
    counted_from: str = "start"
    before: bool = False
    before_leaving: bool = False
    continuous: bool = False
    at_minutes: tuple[float, ...] = ()
    every_minutes: float | None = None
    after_every_minutes: float | None = None
    after_times: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """One thing that must hold before a person leaves; `numbers` by a name that ends with the unit."""

    id: str
    treatment: str
    says: str
    status: Status
    sources: tuple[Cite, ...]
    numbers: dict[str, float]


def watched(*, schedule: MonitoringSchedule | None, treatment: str) -> tuple[Watched, ...]:
    """Return what is measured at each session of a treatment; nothing where it has no schedule."""
    if schedule is None:
        return ()
    return tuple(
        Watched(
            id=each.id,
            treatment=treatment,
            says=each.says,
            status=each.status or schedule.status,
            sources=cites(each.source or schedule.source),
            facts=tuple(each.facts),
            scales=tuple(each.scales),
            counted_from=each.counted_from,
            before=each.before,
            before_leaving=each.before_leaving,
            continuous=each.continuous,
            at_minutes=tuple(each.at_minutes),
            every_minutes=each.every_minutes,
            after_every_minutes=each.after_every_minutes,
            after_times=each.after_times,
        )
        for each in schedule.measuring
    )


def leaving(*, schedule: MonitoringSchedule | None, treatment: str) -> tuple[Leaving, ...]:
    """Return what must hold before the person leaves a session of a treatment."""
    if schedule is None:
        return ()
    return tuple(
        Leaving(
            id=each.id,
            treatment=treatment,
            says=each.says,
            status=each.status or schedule.status,
            sources=cites(each.source or schedule.source),
            numbers={name: amount.value for name, amount in each.numbers.items()},
        )
        for each in schedule.release
    )
