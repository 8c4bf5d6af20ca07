"""What is written when a day is repaired: appointments moved together, and who goes to the waiting list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.booking import actions
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.moving_together import To, move_together
from overstory.clinic.people.models import Site, Staff
from overstory.clinic.week.models import Repair, RepairLine, Waiting
from overstory.clinic.week.repairing import Proposed, proposed, trouble
from overstory.pathway.timetable.rearranged import Line


class RepairChangedError(ValueError):
    """A proposal that does not follow any more from what is booked now."""


class RepairIncompleteError(ValueError):
    """Lines that were chosen without others that they need; the message says which."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a reader accepts: the day, the proposal as it was shown, and the lines that were chosen."""

    key: UUID
    on: date
    seen: str
    chosen: frozenset[UUID]


def accept(*, site: Site, accepted: Accepted, by: Staff, at: datetime) -> Repair:
    """
    Write the lines of a proposal that were chosen: all of them, or none. Sent twice, it is once.

    What was read is read again within the transaction: where anything has changed since, nothing is
    written.

    :raises RepairChangedError: if other appointments, outs or shifts stand now than were shown.
    :raises RepairIncompleteError: if a chosen line needs one that was not chosen.
    :raises NotBookableError: if something stands against a move after all.
    :raises TakenError: if someone was quicker.
    """
    held = Repair.objects.filter(pk=accepted.key, site=site).first()
    if held is not None:
        return held
    found = proposed(site, accepted.on, now=at)
    if found.seen != accepted.seen:
        raise RepairChangedError("The calendar has changed since; look at the day again.")
    lines = _chosen(found, accepted.chosen)
    with transaction.atomic():
        Site.objects.select_for_update().get(pk=site.pk)
        if trouble(site, accepted.on, now=at).state != found.trouble.state:
            raise RepairChangedError("Someone was quicker; look at the day again.")
        return _write(found, accepted, lines, by, at)


def _chosen(found: Proposed, chosen: Collection[UUID]) -> list[Line]:
    lines = [each for each in found.lines if UUID(each.visit.id) in chosen]
    if len(lines) != len(chosen):
        raise RepairChangedError("One of the lines is not proposed any more; look again.")
    names = {each.visit.id: found.trouble.rules.comings[each.visit.id].name for each in found.lines}
    for each in lines:
        lacking = [need for need in each.needs if UUID(need) not in chosen]
        if lacking:
            raise RepairIncompleteError(
                f"{names[each.visit.id]} can only take that place if "
                f"{', '.join(names[need] for need in lacking)} gives it up: choose both, or neither."
            )
    return lines


def _write(
    found: Proposed, accepted: Accepted, lines: Collection[Line], by: Staff, at: datetime
) -> Repair:
    site = found.trouble.board.site
    rows = Appointment.objects.select_related("site", "person", "plan").in_bulk(
        [UUID(each.visit.id) for each in lines]
    )
    repair = Repair.objects.create(id=accepted.key, site=site, day=accepted.on, by=by, at=at)
    lost = [each for each in lines if each.to is None]
    for each in lost:
        _to_the_list(rows[UUID(each.visit.id)], found.why(each), by, at)
    places = Resource.objects.in_bulk(
        {UUID(each.to.place) for each in lines if each.to is not None and each.to.place}
    )
    moves = [_to(rows[UUID(each.visit.id)], each, places) for each in lines if each.to is not None]
    stand = move_together(moves=moves, by=by, at=at)
    RepairLine.objects.bulk_create(
        [
            *(RepairLine(repair=repair, was=each.instead_of, now=each) for each in stand),
            *(RepairLine(repair=repair, was_id=UUID(each.visit.id)) for each in lost),
        ]
    )
    more = {"repair": str(repair.pk), "day": str(accepted.on), "moved": len(moves),
            "waiting": len(lost)}  # fmt: skip
    record(Deed(site.clinic_id, at, by.actor, "repaired a day", f"site:{site.pk}", more))
    return repair


def _to(row: Appointment, line: Line, places: dict[UUID, Resource]) -> To:
    assert line.to is not None
    if line.to.place:
        return To(row, line.to.starts, places[UUID(line.to.place)])
    assert row.clinician is not None
    return To(row, line.to.starts, actions.resource_of(row.clinician, row.site))


def _to_the_list(row: Appointment, why: str, by: Staff, at: datetime) -> None:
    """Cancel what has no place and keep that its person waits for one."""
    actions.cancel(appointment=row, state="cancelled", by=by, at=at)
    Waiting.objects.create(
        id=uuid4(), clinic=row.clinic, site=row.site, person=row.whose, appointment=row, kind="lost",
        course=row.plan.course if row.plan else None, n=row.n, urgency="soon",
        reason=why, made_by=by, made_at=at,
    )  # fmt: skip
