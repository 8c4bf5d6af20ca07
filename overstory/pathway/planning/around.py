"""What stands around the sessions of one course: reviews, what runs beside them, restrictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from overstory.knowledge.shapes.protocol_parts import Decision, Span
from overstory.knowledge.shapes.protocol_surroundings import Alongside, DecisionPoint, Restriction
from overstory.knowledge.shapes.protocols import Protocol
from overstory.knowledge.shapes.shared import cites
from overstory.pathway.planning.layout import WEEK, WEEK_DAYS
from overstory.pathway.planning.open_days import HOURS_A_DAY, ONE_DAY, OpenDays
from overstory.pathway.planning.values import Beside, Review, Session, Told, When


def reviews_of(
    *,
    points: Sequence[DecisionPoint | Decision],
    protocol: Protocol,
    sessions: Sequence[Session],
    days: OpenDays,
    named: str = "",
) -> tuple[Review, ...]:
    """
    Return the days on which people decide, for the sessions of one course.

    The end of a week is its last open day. A review after more sessions than there are is left out.
    """
    found = []
    for each in points:
        moment = _moment(each, sessions, days)
        if moment is not None:
            review = _review(each, moment, protocol, named or protocol.treatment)
            found.append(replace(review, latest_session=_latest(each, sessions)))
    return tuple(found)


def _moment(
    point: DecisionPoint | Decision, sessions: Sequence[Session], days: OpenDays
) -> tuple[date, int] | None:
    if point.after_sessions is not None:
        if point.after_sessions > len(sessions):
            return None
        at = sessions[point.after_sessions - 1]
        return at.date, at.n
    if point.after_weeks is None:
        return None
    start = sessions[0].date
    end = start + point.after_weeks * WEEK - ONE_DAY
    day = days.last_open(end, not_before=end - (WEEK_DAYS - 1) * ONE_DAY)
    before = [each for each in sessions if each.date <= day]
    return day, before[-1].n


def _latest(point: DecisionPoint | Decision, sessions: Sequence[Session]) -> int | None:
    latest = point.latest_sessions if isinstance(point, Decision) else None
    return sessions[min(latest, len(sessions)) - 1].n if latest else None


def _review(
    point: DecisionPoint | Decision, moment: tuple[date, int], protocol: Protocol, treatment: str
) -> Review:
    least = point.least_change_percent
    return Review(
        id=point.id,
        treatment=treatment,
        date=moment[0],
        session=moment[1],
        says=point.says,
        then=point.then,
        measures=tuple(point.measures),
        status=point.status or protocol.status,
        sources=cites(point.source or protocol.source),
        least_change_percent=_span(least),
        change_status=(least.status or point.status or protocol.status) if least else None,
    )


def beside(*, entries: Sequence[Alongside], sessions: Sequence[Session]) -> tuple[Beside, ...]:
    """
    Return what runs beside the sessions of one course, dated where its rhythm says when.

    What stands beside some phases only is left out where the course has none of them.
    """
    found = ((each, _beside_of(each, sessions)) for each in entries)
    return tuple(
        Beside(
            id=each.id,
            kind=each.kind,
            treatment=sessions[0].treatment,
            says=each.says,
            status=each.status,
            sources=cites(each.source),
            scales=tuple(each.scales),
            minutes=_span(each.minutes),
            times=_span(each.times),
            when=tuple(_when(each, own)),
        )
        for each, own in found
        if own
    )


def _beside_of(entry: Alongside, sessions: Sequence[Session]) -> list[Session]:
    return [each for each in sessions if not entry.phases or each.phase in entry.phases]


def _when(entry: Alongside, sessions: Sequence[Session]) -> Iterator[When]:
    first, last = sessions[0].date, sessions[-1].date
    if entry.kind == "preparation":
        yield When(earliest=first - WEEK, latest=first - ONE_DAY)
    elif entry.first_within_hours is not None:
        times = int(entry.times.low) if entry.times and entry.kind == "contact" else 1
        yield from _after_sessions(entry.first_within_hours, sessions[:times])
    elif entry.every_sessions is not None:
        every = int(entry.every_sessions.value)
        for each in sessions[every - 1 :: every]:
            yield When(earliest=each.date, latest=each.date)
    elif entry.every_weeks is not None:
        yield from _every_weeks(int(entry.every_weeks.value), first, last, sessions)
    for weeks in entry.at_weeks_after:
        day = last + int(weeks.value) * WEEK
        yield When(earliest=day, latest=day)


def _after_sessions(hours: Span, sessions: Sequence[Session]) -> Iterator[When]:
    for each in sessions:
        low = timedelta(days=int(hours.low) // HOURS_A_DAY)
        high = timedelta(days=int(hours.high or hours.low) // HOURS_A_DAY)
        yield When(earliest=each.date + low, latest=each.date + high)


def _every_weeks(
    every: int, first: date, last: date, sessions: Sequence[Session]
) -> Iterator[When]:
    """The stretches of so many weeks from the first session to the last, each at its first visit."""
    week = first
    while week <= last:
        end = week + every * WEEK - ONE_DAY
        visits = [each.date for each in sessions if week <= each.date <= end]
        yield When(earliest=visits[0] if visits else week, latest=end)
        week = end + ONE_DAY


def told(*, restrictions: Sequence[Restriction], treatment: str) -> tuple[Told, ...]:
    """Return what a person does not do after a session of a treatment."""
    return tuple(
        Told(
            id=each.id,
            treatment=treatment,
            until=each.until,
            en=each.says.en,
            es=each.says.es,
            status=each.status,
            sources=cites(each.source),
        )
        for each in restrictions
    )


def _span(span: Span | None) -> tuple[float, float | None] | None:
    return None if span is None else (span.low, span.high)
