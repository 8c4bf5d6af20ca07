"""What changed between two ratings on one scale: percent, points, and what each mark says of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import NormalDist

from overstory.engine.truth import Truth, conjunction
from overstory.knowledge.shapes.scales import Mark, Scale
from overstory.knowledge.shapes.shared import Cite, Status, cites
from overstory.pathway.scoring import Score, band_of, tidy

WORSE = frozenset({"deterioration", "watch"})
EITHER = frozenset({"minimal-change", "reliable-change", "not-reliable"})
STATES = ("remission", "response", "partial-response")


class IncomparableError(ValueError):
    """Two ratings that cannot be compared; the message says why."""


@dataclass(frozen=True, slots=True)
class Rating:
    """One total on one scale; `prorated` if missing items were made up for."""

    scale: str
    total: float
    prorated: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MarkAnswer:
    """What one mark answers: true, false or unknown, with its standing and its sources."""

    id: str
    kind: str
    answer: Truth
    status: Status
    sources: tuple[Cite, ...]
    population: str
    also: str
    note: str

    @property
    def unverified(self) -> bool:
        """Whether the mark's number is recalled and was not read in its source."""
        return self.status == "recalled"


@dataclass(frozen=True, slots=True)
class Change:
    """
    The change between two ratings.

    `better` is the improvement in points, negative if worse; `percent` the same in percent of the
    first total (its lowest possible value taken off), None where that is zero. `state` is the best
    of remission, response and partial-response that the first mark of its kind confirms,
    `no-response` if all of them are denied, None while that is open. `deteriorated` is the answer
    of the marks of deterioration together.
    """

    scale: str
    before: float
    after: float
    better: float
    percent: float | None
    marks: tuple[MarkAnswer, ...]
    state: str | None
    deteriorated: Truth


@dataclass(frozen=True, slots=True)
class ReliableChange:
    """A threshold worked out from a clinic's own spread, with what it rests on."""

    points: float
    sd: float
    reliability: float
    confidence: float
    n: int


def rating(score: Score, *, at: datetime | None = None) -> Rating:
    """
    Return the rating that a score gives.

    :raises IncomparableError: if the score has no total.
    """
    if score.total is None:
        raise IncomparableError(
            f"{score.scale} has no total: not answered {', '.join(score.missing)}"
        )
    return Rating(scale=score.scale, total=score.total, prorated=score.prorated, at=at)


def change(*, scale: Scale, before: Rating, after: Rating) -> Change:
    """
    Return what changed from one rating to a later one.

    A prorated total leaves every mark unknown: it serves no response and no remission.

    :raises IncomparableError: if a rating is of another scale or window, or outside the range.
    """
    for each in (before, after):
        _check(scale, each)
    points = tidy(before.total - after.total)
    better = -points if scale.better == "higher" else points
    percent = _percent(scale, before.total, better)
    truths: dict[str, Truth] = {}
    for mark in scale.marks:
        if mark.kind != "relapse":
            truths[mark.id] = (
                None
                if before.prorated or after.prorated
                else _holds(scale, mark, (before.total, after.total, better, percent), truths)
            )
    marks = tuple(_answer(mark, truths[mark.id]) for mark in scale.marks if mark.id in truths)
    return Change(
        scale=scale.id,
        before=before.total,
        after=after.total,
        better=better,
        percent=percent,
        marks=marks,
        state=_state(marks),
        deteriorated=_deteriorated(marks),
    )


def relapsed(*, scale: Scale, mark: Mark, ratings: Sequence[Rating]) -> Truth:
    """
    Return whether a mark of relapse holds: `times` ratings in a row, so many days apart.

    Unknown until there are that many ratings. `ratings` are in order of time and have one.

    :raises IncomparableError: if a rating is of another scale, prorated, or has no time.
    """
    for each in ratings:
        _check(scale, each)
        if each.at is None or each.prorated:
            raise IncomparableError("relapse needs ratings that have a time and are not prorated")
    times = mark.times or 1
    if len(ratings) < times:
        return None
    windows = (ratings[start : start + times] for start in range(len(ratings) - times + 1))
    return any(_all_high(mark, window) for window in windows)


def reliable_change(*, sd: float, reliability: float, confidence: float, n: int) -> ReliableChange:
    """
    Return the change in points that a scale's own error explains only rarely (Jacobson and Truax).

    `sd` is the standard deviation of the clinic's first ratings, `reliability` the scale's (0 to 1),
    `confidence` such as 0.95, `n` the number of people behind `sd`.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    points = z * math.sqrt(2) * sd * math.sqrt(1 - reliability)
    return ReliableChange(points, sd, reliability, confidence, n)


def _check(scale: Scale, each: Rating) -> None:
    if each.scale != scale.id:
        raise IncomparableError(
            f"a rating on {each.scale} is not compared with {scale.id}: another scale or window"
        )
    least, greatest = scale.scoring.range or (-math.inf, math.inf)
    if scale.scoring.method == "none" or not least <= each.total <= greatest:
        raise IncomparableError(f"{scale.id} has no total of {each.total:g}")


def _percent(scale: Scale, before: float, better: float) -> float | None:
    least = scale.scoring.range[0] if scale.scoring.range and not scale.scoring.table else 0.0
    if scale.scoring.table or before == least:
        return None
    return 100 * better / (before - least)


Moved = tuple[float, float, float, float | None]


def _holds(scale: Scale, mark: Mark, moved: Moved, truths: dict[str, Truth]) -> Truth:
    before, after, better, percent = moved
    amount = abs(better) if mark.kind in EITHER else -better if mark.kind in WORSE else better
    parts: list[Truth] = []
    if mark.points is not None:
        parts.append(_reaches(mark, amount))
    if mark.percent is not None:
        parts.append(None if percent is None else percent >= mark.percent)
    if mark.below_percent is not None:
        parts.append(None if percent is None else percent < mark.below_percent)
    if mark.bands is not None:
        parts.append(_bands_up(scale, before, after) >= mark.bands)
    if mark.at_most is not None:
        parts.append(after <= mark.at_most)
    if mark.below is not None:
        parts.append(after < mark.below)
    if mark.at_least is not None:
        parts.append(after >= mark.at_least)
    if mark.with_mark:
        parts.append(truths[mark.with_mark] if better > 0 else False)
    if mark.also:
        parts.append(None)
    return conjunction(parts)


def _reaches(mark: Mark, amount: float) -> Truth:
    assert mark.points is not None
    if mark.kind == "not-reliable":
        return amount <= mark.points
    if mark.points_to is None or not mark.points <= amount < mark.points_to:
        return amount >= mark.points
    return None


def _bands_up(scale: Scale, before: float, after: float) -> int:
    bands = scale.bands[0]
    names = [each.label for each in bands.bands]
    return names.index(band_of(bands, after)) - names.index(band_of(bands, before))


def _answer(mark: Mark, truth: Truth) -> MarkAnswer:
    return MarkAnswer(
        id=mark.id,
        kind=mark.kind,
        answer=truth,
        status=mark.status,
        sources=cites(mark.source),
        population=mark.population,
        also=mark.also,
        note=mark.note,
    )


def _state(marks: tuple[MarkAnswer, ...]) -> str | None:
    first: dict[str, Truth] = {}
    for each in marks:
        if each.kind in STATES:
            first.setdefault(each.kind, each.answer)
    for kind in STATES:
        if first.get(kind, False) is not False:
            return kind if first[kind] else None
    return "no-response" if first else None


def _deteriorated(marks: tuple[MarkAnswer, ...]) -> Truth:
    answers = [each.answer for each in marks if each.kind == "deterioration"]
    if not answers:
        return None
    return True if True in answers else None if None in answers else False


def _all_high(mark: Mark, window: Sequence[Rating]) -> bool:
    line = mark.at_least if mark.at_least is not None else math.inf
    if any(each.total < line for each in window):
        return False
    least, greatest = mark.days_apart or (0, None)
    times = [each.at for each in window if each.at is not None]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    longest = timedelta(days=greatest) if greatest is not None else timedelta.max
    return all(timedelta(days=least) <= gap <= longest for gap in gaps)
