"""A timetable that is kept up day by day: new requests, room held for urgent ones, few moves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from random import Random

from overstory.pathway.timetable.booking import fits
from overstory.pathway.timetable.choices import Choice, Choices, lift, put
from overstory.pathway.timetable.occupancy import Occupancy
from overstory.pathway.timetable.planning import Desk
from overstory.pathway.timetable.ruin import Improver, Plan, improve
from overstory.pathway.timetable.search import cheapest

URGENT = 4


@dataclass(frozen=True, slots=True)
class Manner:
    """
    How a timetable is kept up.

    `steps` of improvement a day; a promised start or slot is changed only where that gains more than
    `move_cost` points, and never within `notice` open days of the start. Room is held for the urgent
    requests expected within `held` open days.
    """

    steps: int = 300
    move_cost: int = 15
    notice: int = 2
    held: int = 10


@dataclass(slots=True)
class Rolling:
    """
    The state of a clinic's timetable: where each known course stands, and what was promised.

    `holds` are courses that nobody has asked for: they stand for urgent requests to be expected, and
    give way to them. Mutable: `day` takes it a day further.
    """

    desk: Desk
    rng: Random
    holds: Collection[str] = ()
    manner: Manner = Manner()
    plan: Plan = field(init=False)
    occupancy: Occupancy = field(init=False)
    moves: int = field(default=0, init=False)
    _known: set[int] = field(default_factory=set, init=False)
    _waiting_holds: list[int] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.plan = [None] * len(self.desk.choices)
        self.occupancy = self.desk.base.copy()
        self._waiting_holds = sorted(
            (n for n, each in enumerate(self.desk.choices) if each.course.id in self.holds),
            key=lambda n: self.desk.choices[n].course.wish,
        )

    def day(self, today: int, arrived: Sequence[int]) -> None:
        """
        Take in the requests of an open day: book each, then improve what may still be moved.

        What stands at the end of a day is promised.

        `today` is the number of the open day, `arrived` are the numbers of courses on the desk.
        """
        promised = list(self.plan)
        self._release(today, arrived)
        self._hold(today)
        self._known.update(arrived)
        waiting = [n for n in self._known if self.plan[n] is None]
        for n in sorted(waiting, key=lambda n: (-self._urgency(n), n)):
            self._book(n, today + 1)
        self._improve(today, promised)
        self.moves += sum(
            self.plan[n] != promised[n] for n in self._known if promised[n] is not None
        )

    def _urgency(self, n: int) -> int:
        return self.desk.choices[n].course.urgency

    def _release(self, today: int, arrived: Sequence[int]) -> None:
        """Give up the room of holds whose day has come, and of one for each urgent request."""
        urgent = sum(self._urgency(n) == URGENT for n in arrived)
        days = self.desk.grid.days
        due = [n for n in self._waiting_holds if self.desk.choices[n].course.wish <= days[today]]
        for n in [*due, *[each for each in self._waiting_holds if each not in due][:urgent]]:
            self._take_out(n)
            self._waiting_holds.remove(n)

    def _hold(self, today: int) -> None:
        days = self.desk.grid.days
        until = days[min(today + self.manner.held, len(days) - 1)]
        for n in self._waiting_holds:
            if self.plan[n] is None and self.desk.choices[n].course.wish <= until:
                self._book(n, today + 1)

    def _book(self, n: int, not_before: int) -> None:
        choices = self.desk.choices[n]
        choice = cheapest(choices, self.occupancy, not_before=not_before)
        if choice is not None and choice.cost < choices.unplaced_cost:
            put(choices, choice, self.occupancy)
            self.plan[n] = choice

    def _take_out(self, n: int) -> None:
        choice = self.plan[n]
        if choice is not None:
            lift(self.desk.choices[n], choice, self.occupancy)
            self.plan[n] = None

    def _improve(self, today: int, promised: Plan) -> None:
        """Improve those who start after the notice; the others stand as booked."""
        free = [
            n
            for n in (*self._known, *self._waiting_holds)
            if self.plan[n] is None or self._start(n) > today + self.manner.notice
        ]
        if not free:
            return
        keeper = _Keeper(
            [self.desk.choices[n] for n in free],
            [self.plan[n] for n in free],
            self.occupancy,
            self.rng,
            _Terms(
                [promised[n] if n in self._known else None for n in free],
                self.manner.move_cost,
                today + 1,
            ),
        )
        steps = self.manner.steps
        improve(keeper, steps=steps, stop=lambda: False, progress=lambda n: n / steps)
        for n, choice in zip(free, keeper.plan, strict=True):
            if choice is not None:
                lift(self.desk.choices[n], choice, self.occupancy)
        for n, choice in zip(free, keeper.best, strict=True):
            if choice is not None:
                put(self.desk.choices[n], choice, self.occupancy)
            self.plan[n] = choice

    def _start(self, n: int) -> int:
        choice = self.plan[n]
        assert choice is not None
        return self.desk.choices[n].stages[0].first[choice.rows[0]]


@dataclass(frozen=True, slots=True)
class _Terms:
    """What was promised to each course, what a change costs, and the first day for a start."""

    promised: Plan
    move_cost: int
    not_before: int


class _Keeper(Improver):
    """An improver to which a change of what was promised costs something; it changes less at a time."""

    most_ruined = 6
    hot = 20.0

    def __init__(
        self,
        choices: Sequence[Choices],
        plan: Plan,
        occupancy: Occupancy,
        rng: Random,
        terms: _Terms,
    ) -> None:
        self._terms = terms
        super().__init__(choices, plan, occupancy, rng)

    def _cost_of(self, n: int, choice: Choice | None) -> int:
        cost = super()._cost_of(n, choice)
        promised = self._terms.promised[n]
        if promised is not None and choice != promised:
            return cost + self._terms.move_cost
        return cost

    def _wish(self, n: int) -> Choice | None:
        choice = super()._wish(n)
        if (
            choice is None
            or self.choices[n].stages[0].first[choice.rows[0]] < self._terms.not_before
        ):
            return None
        return choice

    def _find(self, n: int) -> Choice | None:
        choices = self.choices[n]
        found = cheapest(choices, self.occupancy, rng=self.rng, not_before=self._terms.not_before)
        promised = self._terms.promised[n]
        if promised is not None and fits(choices, promised, self.occupancy):
            kept = found is None or promised.cost <= found.cost + self._terms.move_cost
            return promised if kept else found
        return found
