"""Prices of places and staff as a guide: who takes what others need more pays for it."""

from __future__ import annotations

import numpy as np

from overstory.pathway.timetable.choices import Choice, Choices, masks_of, table_of
from overstory.pathway.timetable.instance import MOST_TICKS
from overstory.pathway.timetable.occupancy import Occupancy
from overstory.pathway.timetable.planning import Desk
from overstory.pathway.timetable.pricing import Floats, Pricing

LOOKED_AT = 40
"""Rows that fit and are looked at, the cheapest first."""


class Guide:
    """The way of a course that costs least with a share of what it pays at given prices."""

    def __init__(self, desk: Desk, prices: Floats) -> None:
        pricing = Pricing(desk.choices, desk.grid)
        values = pricing.values(prices)
        self._number = {id(each): n for n, each in enumerate(desk.choices)}
        self._tables = [
            pricing.table(n, values) if len(each.stages) == 1 else None
            for n, each in enumerate(desk.choices)
        ]

    def knows(self, choices: Choices) -> bool:
        """Return whether it can guide a course: one of a single stage that was on the desk."""
        return id(choices) in self._number and self._tables[self._number[id(choices)]] is not None

    def way(self, choices: Choices, occupancy: Occupancy, share: float) -> Choice | None:
        """Return the way that fits and is cheapest with that share of the prices, or None."""
        table = self._tables[self._number[id(choices)]]
        assert table is not None
        masks = masks_of(choices.stages[0], table_of(choices, occupancy))
        rows = np.flatnonzero(masks)[:LOOKED_AT]
        if not len(rows):
            return None
        packed = masks[rows].view(np.uint8).reshape(len(rows), 8)
        fits = np.unpackbits(packed, axis=1, bitorder="little").view(bool)
        costs, paid = table
        place = int(np.where(fits, costs[rows] + share * paid[rows], np.inf).argmin())
        row, tick = int(rows[place // MOST_TICKS]), place % MOST_TICKS
        return Choice(int(costs[row, tick]), (row,), (tick,))
