"""Whether someone pays for a session: authorizations with their units, and who needs none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from overstory.clinic.holds.knowing import Known, plain
from overstory.clinic.holds.models import HoldRow
from overstory.clinic.holds.units import Allowance, paid_from
from overstory.clinic.holds.values import Coming, Course, Hold, Kind, Visited, Way
from overstory.clinic.ui.templatetags.overstory import TREATMENTS, day

WHY = "Site policy: a payer pays for what it authorized; the site says where none is needed."
OWNER = "coordinator"
CLOSES = "Type the payer's authorization, or say who pays; the site states which payer needs none."


@dataclass(frozen=True, slots=True)
class Counted:
    """One authorization with what is booked and done on it; `counts` is whether its payer is on record."""

    row: HoldRow
    used: int
    counts: bool

    @property
    def left(self) -> int:
        """Units left; never below zero."""
        return (self.row.units or 0) - self.used


def payments(course: Course, known: Known) -> Mapping[object, Allowance]:
    """Return from which authorization each session to come is paid, of those of the whole person."""
    found: dict[object, Allowance] = {}
    for treatment in course.parts:
        wanted: list[tuple[object, date]] = [
            (each.id, each.day) for each in course.visits if each.treatment == treatment
        ]
        wanted += [
            (each.key, each.day)
            for each in course.coming
            if each.treatment == treatment and each.appointment is None
        ]
        found.update(paid_from(wanted, _allowances(known, treatment)))
    return found


def counted_rows(
    rows: Sequence[HoldRow], visits: Sequence[Visited], *, insurers: Sequence[str]
) -> tuple[Counted, ...]:
    """Return each authorization of a person with the units that booked and done sessions take."""
    payers = {plain(each) for each in insurers}
    used: Counter[UUID] = Counter()
    for treatment in {each.treatment for each in rows}:
        wanted = [(each.id, each.day) for each in visits if each.treatment == treatment]
        allowances = [
            allowance_of(each)
            for each in rows
            if each.treatment == treatment and plain(each.payer) in payers
        ]
        used.update(each.id for each in paid_from(wanted, allowances).values())
    return tuple(Counted(each, used[each.pk], plain(each.payer) in payers) for each in rows)


def payment_hold(
    coming: Coming, known: Known, paid: Mapping[object, Allowance], today: date
) -> Hold:
    """Return the hold of a session that somebody pays for it; unknown is open."""
    told = _paid(coming, known, paid) or _needless(coming, known)
    return Hold(
        id=f"authorization.{coming.treatment}",
        kind=Kind.AUTHORIZATION,
        says=_says(coming, known, today) if not told else f"Paid: {TREATMENTS[coming.treatment]}.",
        why=WHY,
        owner=OWNER,
        closes=CLOSES,
        by=coming.day,
        way=Way.AUTHORIZE,
        is_open=not told,
        told=told,
        treatment=coming.treatment,
    )


def allowance_of(row: HoldRow) -> Allowance:
    """Return what an authorization pays for."""
    if row.units is None or row.first_day is None or row.last_day is None:
        raise TypeError(f"{row.kind} is no authorization")
    return Allowance(row.pk, row.units, row.first_day, row.last_day)


def _allowances(known: Known, treatment: str) -> list[Allowance]:
    """What of a person's authorizations counts: those of a payer who is on record now."""
    return [
        allowance_of(each)
        for each in known.authorizations
        if each.treatment == treatment and plain(each.payer) in known.insurers
    ]


def _paid(coming: Coming, known: Known, paid: Mapping[object, Allowance]) -> str:
    allowance = paid.get(coming.key)
    if allowance is None:
        return ""
    row = next(each for each in known.authorizations if each.pk == allowance.id)
    return f"Authorized by {row.payer}, number {row.number}, until {day(row.last_day)}."


def _needless(coming: Coming, known: Known) -> str:
    """Why no authorization is needed, in words; nothing where that was not stated for every payer."""
    stated = {plain(each.payer) for each in known.none_needed if each.treatment == coming.treatment}
    if any(each.treatment == coming.treatment for each in known.self_pays):
        return "They pay themselves; the site needs none for that." if "" in stated else ""
    if known.insurers and all(each in stated for each in known.insurers):
        return "The site states that their payer needs none."
    return ""


def _says(coming: Coming, known: Known, today: date) -> str:
    """What is missing, in words."""
    name = TREATMENTS[coming.treatment]
    rows = [each for each in known.authorizations if each.treatment == coming.treatment]
    of_payer = [each for each in rows if plain(each.payer) in known.insurers]
    if any(each.treatment == coming.treatment for each in known.self_pays):
        return f"{name}: they pay themselves, and the site has not stated that this needs none."
    if not known.insurers:
        return f"{name}: no payer is on record, and not that they pay themselves."
    if rows and not of_payer:
        return f"{name}: the authorization on record is of a payer who is none of theirs now."
    if not of_payer:
        return f"{name}: no authorization is on record."
    allowances = [allowance_of(each) for each in of_payer]
    if any(each.covers(coming.day) for each in allowances):
        return f"{name}: the units that cover {day(coming.day)} are used up."
    ends = max(each.last_day for each in allowances)
    if ends < coming.day:
        ended = "ended" if ends < today else "ends"
        return f"{name}: the authorization {ended} on {day(ends)}, before {day(coming.day)}."
    return f"{name}: no authorization covers {day(coming.day)}."
