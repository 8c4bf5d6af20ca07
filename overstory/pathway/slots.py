"""When something could begin: open stretches, less what is taken, on a grid; pure, in instants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TICK = timedelta(minutes=5)
"""Everything that is booked begins and ends on this grid."""


class WallTimeError(ValueError):
    """A time of day that does not exist on that day; the message says which would."""


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """From one instant until another, the end not included; both aware."""

    starts: datetime
    ends: datetime

    def meets(self, other: Stretch) -> bool:
        """Return whether they share a moment."""
        return self.starts < other.ends and other.starts < self.ends


def instant(*, on: date, at: time, zone: ZoneInfo) -> datetime:
    """
    Return the instant of a wall time, in UTC; of an hour that comes twice, the first.

    :raises WallTimeError: if clocks skip that time on that day.
    """
    local = datetime.combine(on, at, tzinfo=zone)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        later = found.astimezone(zone).strftime("%H:%M")
        raise WallTimeError(f"there is no {at:%H:%M} on {on}: clocks go forward; {later} exists")
    return found


def ticks(stretch: Stretch) -> Iterator[datetime]:
    """Yield the grid steps that a stretch occupies, those it only touches included."""
    at = floor(stretch.starts)
    while at < stretch.ends:
        yield at
        at += TICK


def floor(moment: datetime) -> datetime:
    """Return the last grid step at or before an instant."""
    moment = moment.astimezone(UTC)
    minutes = int(TICK.total_seconds() // 60)
    return moment.replace(minute=moment.minute - moment.minute % minutes, second=0, microsecond=0)


def free(
    *,
    open_: Iterable[Stretch],
    taken: Iterable[Stretch],
    minutes: int,
    step: timedelta,
    after: datetime,
) -> tuple[datetime, ...]:
    """
    Return the instants at which so many minutes fit, in order, on steps counted from each opening.

    They lie within one open stretch, meet nothing that is taken, and begin after `after`.
    """
    busy = sorted(taken)
    length = timedelta(minutes=minutes)
    found: list[datetime] = []
    for stretch in merged(open_):
        at = stretch.starts
        while at + length <= stretch.ends:
            if at > after and not _meets(Stretch(at, at + length), busy):
                found.append(at)
            at += step
    return tuple(sorted(set(found)))


def without(open_: Iterable[Stretch], away: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Return what is left of open stretches when those are taken out in which one is away."""
    left = list(merged(open_))
    for gone in away:
        left = [part for stretch in left for part in _cut(stretch, gone)]
    return tuple(sorted(left))


def within(first: Iterable[Stretch], second: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Return the stretches that lie in both."""
    return tuple(
        Stretch(max(one.starts, other.starts), min(one.ends, other.ends))
        for one in merged(first)
        for other in merged(second)
        if one.meets(other)
    )


def merged(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return the stretches in order, those that touch made one."""
    found: list[Stretch] = []
    for each in sorted(stretches):
        if found and each.starts <= found[-1].ends:
            found[-1] = Stretch(found[-1].starts, max(found[-1].ends, each.ends))
        else:
            found.append(each)
    return tuple(found)


def _cut(stretch: Stretch, gone: Stretch) -> Iterator[Stretch]:
    if not stretch.meets(gone):
        yield stretch
        return
    if stretch.starts < gone.starts:
        yield Stretch(stretch.starts, gone.starts)
    if gone.ends < stretch.ends:
        yield Stretch(gone.ends, stretch.ends)


def _meets(wanted: Stretch, busy: Sequence[Stretch]) -> bool:
    return any(wanted.meets(each) for each in busy)
