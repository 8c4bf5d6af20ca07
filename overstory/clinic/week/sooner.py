"""Who of those that wait could have a time that has become free: every rule asked, nothing written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from overstory.clinic.booking.models import Appointment
from overstory.clinic.booking.needed import kind_for
from overstory.clinic.people.models import Site
from overstory.clinic.ui.templatetags.overstory import TREATMENTS
from overstory.clinic.week.board import Board, board_of
from overstory.clinic.week.models import Waiting
from overstory.clinic.week.repair_rules import STEP, DayRules, read_rules
from overstory.clinic.week.repairing import day_of
from overstory.clinic.week.seats import Coming
from overstory.clinic.week.waiting import open_waitings
from overstory.pathway.timetable.rearranging import Ledger, Share, Spot, Visit

MOST = 40
"""So many of those who wait are looked at, the most urgent and longest first."""


@dataclass(frozen=True, slots=True)
class Could:
    """Someone who waits, when and where they could come instead, and how much sooner that is."""

    waiting: Waiting
    coming: Coming
    spot: Spot
    where: str
    sooner: timedelta | None


def could_come(freed: Appointment, site: Site, *, now: datetime) -> list[Could]:
    """
    Return who could come at the time of an appointment that was given up, the most urgent first.

    A place of the same kind, windows and gaps of the plan, hours, and what else the person has are looked
    at; of an evaluation, the same clinician.
    """
    waiting = _of_that_kind(freed, site, now)
    if not waiting:
        return []
    about = {each.pk: each.stands or each.appointment_id for each in waiting}
    day = freed.starts.astimezone(site.zone).date()
    board = board_of(site, [day], most=None, also=frozenset(about.values()))
    comings = {each.id: each for each in board.also}
    plans = [each.appointment.plan for each in waiting if each.appointment.plan is not None]
    rules = read_rules(board, board.also, now=now, known=plans)
    found_day = day_of(board, day, rules)
    visits = {each.id: each for each in found_day.visits}
    finding = _Finding(board, found_day.ledger(), visits, rules, freed)
    found = (finding.of(each, comings[about[each.pk]]) for each in waiting)
    return [each for each in found if each is not None]


def _of_that_kind(freed: Appointment, site: Site, now: datetime) -> list[Any]:
    """Those who wait for such a place, or for the same clinician; their plans are read with them."""
    rows = open_waitings(site.clinic, now=now).filter(site=site, appointment__kind=freed.kind)
    rows = rows.filter(Q(appointment__plan=None) | Q(appointment__plan__ended_at=None))
    if freed.kind == "evaluation":
        rows = rows.filter(appointment__clinician=freed.clinician)
    else:
        kind = kind_for(freed.treatment)
        same = [each for each in TREATMENTS if kind_for(each) == kind]
        rows = rows.filter(appointment__treatment__in=same)
    return list(rows.select_related("appointment__plan")[:MOST])


@dataclass(slots=True)
class _Finding:
    board: Board
    ledger: Ledger
    visits: Mapping[str, Visit]
    rules: DayRules
    freed: Appointment

    def of(self, waiting: Waiting, coming: Coming) -> Could | None:
        """The first time within what was freed at which one who waits could come, and sooner than now."""
        visit = self._visit(coming)
        mine = self.visits.get(visit.id)
        if mine is not None:
            self.ledger.lift(mine)
        stands = {
            str(each.id): each.starts
            for each in self.rules.comings.values()
            if each.state == "booked" and each.id != coming.id
        }
        spot = next((x for x in self._spots(visit, coming, stands)), None)
        if mine is not None:
            self.ledger.put(mine, Spot(mine.starts, mine.place, mine.seat))
        if spot is None:
            return None
        names = {str(each.resource): each.name for each in self.board.lanes if each.resource}
        where = names.get(spot.place) or coming.clinician
        sooner = coming.starts - spot.starts if coming.state == "booked" else None
        return Could(waiting, coming, spot, where, sooner)

    def _spots(
        self, visit: Visit, coming: Coming, stands: Mapping[str, datetime]
    ) -> Iterator[Spot]:
        at = self.freed.starts
        ends = self.freed.starts + timedelta(minutes=self.freed.minutes)
        while at < ends:
            is_sooner = coming.state != "booked" or at < coming.starts
            if is_sooner and not self.rules.against(visit, at, stands):
                spot = self.ledger.room(visit, at)
                if spot is not None:
                    yield spot
            at += STEP

    def _visit(self, coming: Coming) -> Visit:
        minutes = round((coming.ends - coming.starts) / timedelta(minutes=1))
        if coming.kind == "evaluation":
            return Visit(str(coming.id), coming.starts, minutes, shares=self._clinician(minutes))
        session = self.rules.session(coming)
        minutes += self.rules.gate.turnaround_minutes
        shares = self.rules.shares(session) if session is not None else ()
        kind = kind_for(coming.treatment)
        return Visit(str(coming.id), coming.starts, minutes, kind=kind, shares=shares)

    def _clinician(self, minutes: int) -> tuple[Share, ...]:
        staff = self.freed.clinician_id
        lanes = [each for each in self.board.lanes if staff is not None and each.staff == staff]
        return tuple(Share(str(each.resource), 0, minutes) for each in lanes if each.resource)


def chosen(found: Sequence[Could], waiting: UUID) -> Could | None:
    """Return the one of them who was chosen."""
    return next((each for each in found if each.waiting.pk == waiting), None)
