"""What matters to the person: importance times fit, added up; it orders, and never decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from overstory.engine.facts import Facts
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.choices import AidPolicy, ChoiceValue, Cost, OptionEntry
from overstory.pathway.choice import Option, Span

BEST_FIT = 2
"""The fit of an option that fits wholly; 1 fits in part, 0 does not."""


class ImportanceError(ValueError):
    """An importance that cannot be used; the message names the value and what would be right."""


@dataclass(frozen=True, slots=True)
class Importance:
    """How much one value matters to the person, 0 to the most; where that is from, if anywhere."""

    value: ChoiceValue
    importance: int
    origin: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the sum: importance × fit. Without a fit nobody has given the number it rests on."""

    value: str
    importance: int
    fit: int | None

    @property
    def points(self) -> int:
        """What the line adds for certain."""
        return self.importance * (self.fit or 0)

    @property
    def open_points(self) -> int:
        """What it could add besides, where the fit is not known."""
        return self.importance * BEST_FIT if self.fit is None else 0


@dataclass(frozen=True, slots=True)
class Sum:
    """An option's sum, line by line; `place` is its place in the order, equal sums share one."""

    option: str
    lines: tuple[Line, ...]
    place: int | None = None

    @property
    def least(self) -> int:
        """The points that are certain."""
        return sum(line.points for line in self.lines)

    @property
    def greatest(self) -> int:
        """The points there would be if every unknown fit were the best."""
        return self.least + sum(line.open_points for line in self.lines)


@dataclass(frozen=True, slots=True)
class Weighing:
    """
    The values, the sums in order, and the options that are shown but not put in order.

    Until the person has given an importance there is no order, and every place is None: a
    preference on record says that something matters, and not how much.
    """

    importance: tuple[Importance, ...]
    sums: tuple[Sum, ...]
    not_ordered: tuple[str, ...]

    @property
    def has_order(self) -> bool:
        """Whether the person has said how much anything matters."""
        return _is_said(self.importance)


def weigh(
    *,
    options: Sequence[Option],
    facts: Facts,
    knowledge: Knowledge,
    jurisdiction: str,
    given: Mapping[str, int] | None = None,
) -> Weighing:
    """
    Return the sums: for each value, importance × fit, added up for each option that is open.

    `given` is what the person said, by value id; it comes before the preferences on record. No
    verdict and no safety fact enters; an option that cannot be given is left out of the order.

    :raises ImportanceError: if a value is not known, or an importance is not a whole number in range.
    """
    policy: AidPolicy = knowledge.sections["aid"][0]
    values = sorted(knowledge.sections["choice_values"], key=lambda value: value.place)
    _check(given or {}, [value.id for value in values], most=policy.most_important)
    importance = tuple(_importance(value, given or {}, facts) for value in values)
    sums = [
        Sum(option.id, tuple(_line(each, option, jurisdiction) for each in importance))
        for option in options
        if option.is_open
    ]
    has_order = _is_said(importance)
    return Weighing(
        importance=importance,
        sums=_in_order(sums) if has_order else tuple(sums),
        not_ordered=tuple(option.id for option in options if not option.is_open),
    )


def fit_of(value: ChoiceValue, option: Option, *, jurisdiction: str) -> int | None:
    """Return how well an option fits a value, 0 to 2; None where nobody has given the number."""
    if value.steps:
        number = _number(value.trait, option.entry, jurisdiction)
        return None if number is None else _step(value, number)
    code = _code(value.trait, option)
    return None if code is None else value.fits[code]


def course_cost(entry: OptionEntry, *, jurisdiction: str) -> Span | None:
    """
    Return the price of the first course before insurance, from the lowest to the highest report.

    A price of one visit is multiplied by the visits of the course. Reports are not averaged.
    """
    spans = [
        span
        for cost in entry.costs
        if cost.jurisdiction == jurisdiction and (span := _course(cost, entry)) is not None
    ]
    highs = [span.high for span in spans]
    if not spans:
        return None
    top = None if None in highs else max(high for high in highs if high is not None)
    return Span(min(span.low for span in spans), top)


def _course(cost: Cost, entry: OptionEntry) -> Span | None:
    if cost.per == "course":
        return Span(cost.low, cost.high)
    if entry.visits is None:
        return None
    high = None if entry.visits.high is None else cost.high * entry.visits.high
    return Span(cost.low * entry.visits.low, high)


def _check(given: Mapping[str, int], known: Sequence[str], *, most: int) -> None:
    for name, number in given.items():
        if name not in known:
            near = get_close_matches(name, known, n=1) or [", ".join(known)]
            raise ImportanceError(f"no value is named {name!r}; near it: {near[0]}")
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= most:
            raise ImportanceError(f"{name}: importance is a whole number from 0 to {most}")


def _importance(value: ChoiceValue, given: Mapping[str, int], facts: Facts) -> Importance:
    if value.id in given:
        return Importance(value, given[value.id], "given")
    if value.fact and facts[value.fact].value is value.fact_is:
        return Importance(value, value.importance, "record")
    return Importance(value, 0, "")


def _is_said(importance: Sequence[Importance]) -> bool:
    return any(each.importance and each.origin == "given" for each in importance)


def _line(importance: Importance, option: Option, jurisdiction: str) -> Line:
    fit = fit_of(importance.value, option, jurisdiction=jurisdiction)
    return Line(importance.value.id, importance.importance, fit)


def _in_order(sums: Sequence[Sum]) -> tuple[Sum, ...]:
    ordered = sorted(sums, key=lambda each: -each.least)
    points = [each.least for each in ordered]
    return tuple(
        Sum(each.option, each.lines, place=points.index(each.least) + 1) for each in ordered
    )


def _number(trait: str, entry: OptionEntry, jurisdiction: str) -> float | None:
    """The number a step is chosen by: the first day of help, or the high end of a burden."""
    if trait == "onset_days":
        return entry.onset_days.low if entry.onset_days else None
    if trait == "course_cost":
        cost = course_cost(entry, jurisdiction=jurisdiction)
        return cost.high if cost else None
    quantity = entry.visits if trait == "visits" else entry.days_a_week
    return quantity.high if quantity else None


def _step(value: ChoiceValue, number: float) -> int:
    for step in value.steps:
        if step.at_most is None or number <= step.at_most:
            return step.fit
    return 0


def _code(trait: str, option: Option) -> str | None:
    if trait == "evidence":
        return option.grade
    if trait == "needle":
        return "present" if option.entry.needle else "absent"
    return str(getattr(option.entry, trait))
