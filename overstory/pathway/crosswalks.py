"""From one scale's total to another's: approximate, for groups, never for one person's change."""

from __future__ import annotations

from dataclasses import dataclass

from overstory.knowledge.shapes.scales import Crosswalk
from overstory.knowledge.shapes.shared import Cite, Status, cites


class NotInTableError(ValueError):
    """A total that the table has no row for; nothing is interpolated."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """The totals of the other scale that stand for one total, and how far they may be trusted."""

    scale: str
    least: float
    greatest: float
    label: str
    doubtful: str
    status: Status
    sources: tuple[Cite, ...]

    @property
    def unverified(self) -> bool:
        """Whether the row is recalled and was not read in its source."""
        return self.status == "recalled"


def cross(*, crosswalk: Crosswalk, value: float) -> Crossing:
    """
    Return what stands for a total (or an improvement) on the other scale.

    :raises NotInTableError: if no row has this value.
    """
    for row in crosswalk.rows:
        least, greatest = row.from_
        if least <= value <= greatest:
            return Crossing(
                scale=crosswalk.to,
                least=row.to[0],
                greatest=row.to[1],
                label=crosswalk.label,
                doubtful=row.doubtful,
                status=row.status or crosswalk.status,
                sources=cites(row.source or crosswalk.source),
            )
    raise NotInTableError(
        f"{crosswalk.id} has no row for {value:g}; it has "
        + ", ".join(f"{each.from_[0]:g}" for each in crosswalk.rows)
    )
