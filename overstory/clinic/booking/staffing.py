"""People for a session: a team is held as numbered seats, so many a person as one may watch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count

from overstory.clinic.booking.models import Appointment, Occupancy, Resource, Use
from overstory.clinic.booking.needed import Needs, StaffSpan
from overstory.clinic.booking.occupying import TakenError
from overstory.clinic.booking.rostered import Roster
from overstory.clinic.people.models import Site
from overstory.clinic.people.ways import ways_of
from overstory.pathway.slots import TICK, Stretch, ticks

TEAM = "team:"
NAMES = {"technician": "TMS technician"}


def team_of(site: Site, role: str) -> Resource:
    """
    Return the row by which the people of a role at a site are booked.

    It has as many seats a person as one of them watches patients. A number that the clinic changes
    counts from then on: what is booked is seated anew, so that nobody's whole counts as a share.
    """
    wanted = ways_of(site.clinic.ways).patients_per_monitor
    team, _ = Resource.objects.get_or_create(
        site=site, name=f"{TEAM}{role}", defaults={"kind": "staff", "seats": wanted}
    )
    if team.seats != wanted:
        team.seats = wanted
        team.save(update_fields=["seats"])
        _seat_anew(team)
    return team


def take_staff(*, appointment: Appointment, needs: Needs, roster: Roster) -> None:
    """
    Take the people whom a session needs in the room, where the roster says that there are enough.

    On days that the roster does not reach yet they are taken as well: when it does, all count.

    :raises TakenError: if too few are there; it says who, and when.
    """
    spans = [each for each in needs.staff if each.how != "there"]
    for role in dict.fromkeys(each.role for each in spans):
        own = [each for each in spans if each.role == role]
        _take(appointment, team_of(appointment.site, role), own, roster)


def short_of(*, needs: Needs, starts: datetime, roster: Roster) -> Iterator[str]:
    """Yield who has to be on the site during a session and is not, by the roster, in words."""
    for span in needs.staff:
        wanted = stretch(starts, span)
        day = starts.astimezone(roster.site.zone).date()
        if roster.knows(span.role, day) and not roster.least(span.role, wanted):
            local = wanted.starts.astimezone(roster.site.zone)
            until = wanted.ends.astimezone(roster.site.zone)
            yield f"No {named(span.role)} is on duty from {local:%H:%M} to {until:%H:%M}."


@dataclass(frozen=True, slots=True)
class Teams:
    """What of each team is taken at a site within a span, by step, beside the roster."""

    roster: Roster
    seats: int
    taken: Mapping[tuple[str, datetime], int]

    def short(self, needs: Needs, starts: datetime) -> tuple[str, ...]:
        """Return who is not free for a session that begins then, in words; nothing where all are."""
        spans = [each for each in needs.staff if each.how != "there"]
        day = starts.astimezone(self.roster.site.zone).date()
        for role in dict.fromkeys(each.role for each in spans):
            if not self.roster.knows(role, day):
                continue
            own = [each for each in spans if each.role == role]
            for tick, (amount, part) in _wanted(starts, self.seats, own).items():
                there = self.roster.least(role, part)
                if self.taken.get((role, tick), 0) + amount > there * self.seats:
                    return (f"No {named(role)} is free then: {there} on duty.",)
        return ()


def teams_of(roster: Roster, span: Stretch, *, but: UUID | None = None) -> Teams:
    """Return what of the teams of a site is taken within a span; the appointment `but` is not counted."""
    site = roster.site
    rows = (
        Occupancy.objects.filter(
            resource__site=site, resource__kind="staff", resource__staff=None,
            tick__gte=span.starts - TICK, tick__lt=span.ends,
        )
        .exclude(appointment=but)
        .values_list("resource__name", "tick")
        .annotate(seats=Count("pk"))
    )  # fmt: skip
    taken = {(name.removeprefix(TEAM), tick): seats for name, tick, seats in rows}
    return Teams(roster, ways_of(site.clinic.ways).patients_per_monitor, taken)


def stretch(starts: datetime, span: StaffSpan) -> Stretch:
    """Return from when until when a span of a session lasts."""
    return Stretch(starts + timedelta(minutes=span.begins), starts + timedelta(minutes=span.ends))


def named(role: str) -> str:
    """Return a role in words."""
    return NAMES.get(role, role)


def _take(
    appointment: Appointment, team: Resource, spans: Sequence[StaffSpan], roster: Roster
) -> None:
    wanted = _wanted(appointment.starts, team.seats, spans)
    taken: dict[datetime, set[int]] = {each: set() for each in wanted}
    held = Occupancy.objects.filter(
        resource=team, tick__gte=min(wanted), tick__lte=max(wanted)
    ).values_list("tick", "seat")
    for tick, seat in held:
        taken[tick].add(seat)
    role = spans[0].role
    if roster.knows(role, appointment.starts.astimezone(roster.site.zone).date()):
        for tick, (amount, there) in wanted.items():
            least = roster.least(role, there)
            if len(taken[tick]) + amount > least * team.seats:
                local = tick.astimezone(roster.site.zone)
                raise TakenError(
                    f"No {named(role)} is free at {local:%H:%M} on {local:%a %-d %b}: {least} on "
                    "duty, and others need them."
                )
    _seat(appointment, team, {tick: (taken[tick], wanted[tick][0]) for tick in wanted})
    Use.objects.bulk_create(
        Use(
            appointment=appointment, resource=team, is_whole=each.how == "whole",
            starts=stretch(appointment.starts, each).starts,
            ends=stretch(appointment.starts, each).ends,
        )
        for each in spans
    )  # fmt: skip


def _wanted(
    starts: datetime, seats: int, spans: Sequence[StaffSpan]
) -> dict[datetime, tuple[int, Stretch]]:
    """For each step how many seats, and the part of the step; the most where two spans share one."""
    found: dict[datetime, tuple[int, Stretch]] = {}
    for span in spans:
        whole = stretch(starts, span)
        amount = seats if span.how == "whole" else 1
        for tick in ticks(whole):
            part = Stretch(max(tick, whole.starts), min(tick + TICK, whole.ends))
            if tick in found:
                before = found[tick]
                part = Stretch(before[1].starts, part.ends)
                amount_here = max(amount, before[0])
            else:
                amount_here = amount
            found[tick] = (amount_here, part)
    return found


def _seat(
    appointment: Appointment, team: Resource, wanted: dict[datetime, tuple[set[int], int]]
) -> None:
    rows = [
        Occupancy(resource=team, seat=seat, tick=tick, appointment=appointment)
        for tick, (busy, amount) in wanted.items()
        for seat in _lowest_free(busy, amount)
    ]
    try:
        with transaction.atomic():
            Occupancy.objects.bulk_create(rows)
    except IntegrityError:
        raise TakenError(f"Someone else took the {team} a moment ago.") from None


def _lowest_free(busy: set[int], amount: int) -> list[int]:
    every = range(1, len(busy) + amount + 1)
    return [each for each in every if each not in busy][:amount]


def _seat_anew(team: Resource) -> None:
    """Give what is booked of a team new seats, now that a person has more or fewer."""
    Occupancy.objects.filter(resource=team).delete()
    taken: Counter[datetime] = Counter()
    rows = []
    for use in Use.objects.filter(resource=team).order_by("starts", "pk"):
        for tick in ticks(Stretch(use.starts, use.ends)):
            for _ in range(team.seats if use.is_whole else 1):
                taken[tick] += 1
                rows.append(
                    Occupancy(
                        resource=team, seat=taken[tick], tick=tick,
                        appointment_id=use.appointment_id,
                    )
                )  # fmt: skip
    Occupancy.objects.bulk_create(rows, batch_size=2000)
