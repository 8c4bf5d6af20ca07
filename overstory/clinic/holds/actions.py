"""What is written about holds: authorizations, who pays, enrolments and checks, and taking each back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.holds.models import (
    AUTHORIZATION,
    CHECK,
    ENROLMENT,
    NONE_NEEDED,
    SELF_PAY,
    TAKEN_BACK,
    HoldRow,
)
from overstory.clinic.people.models import Person, Site, Staff

SENT_BEFORE = (
    "This form was sent before with other content, and the first stands. Look at it again."
)
DEEDS = {
    AUTHORIZATION: "an authorization",
    NONE_NEEDED: "that a payer needs no authorization",
    SELF_PAY: "that a person pays themselves",
    ENROLMENT: "an enrolment",
    CHECK: "a check of a need",
}
"""What each kind of row is called in the record."""


class HoldRowError(ValueError):
    """Something that cannot be put on record so; the message says why."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a form carries: its own id, so that twice is once, and the words of who writes."""

    id: UUID
    words: str


@dataclass(frozen=True, slots=True)
class Approved:
    """What a payer wrote: for which treatment, its number, how many sessions, from when to when."""

    payer: str
    treatment: str
    number: str
    units: int
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An enrolment in the programme of a treatment: its number, and the day on its form."""

    treatment: str
    number: str
    signed_on: date


@dataclass(frozen=True, slots=True)
class Checked:
    """
    What was looked at: a need of the plan, for the session of a day or for the course (no day).

    `is_clear` is false where something was found that stands against the session.
    """

    need: str
    for_day: date | None
    done_on: date
    is_clear: bool


def authorize(
    *, person: Person, approved: Approved, said: Words, by: Staff, at: datetime
) -> HoldRow:
    """
    Keep what a payer authorized; the same form sent twice is one row.

    :raises HoldRowError: if it ends before it begins, has no session or no payer, or the form was sent
        before with other content.
    """
    if approved.last_day < approved.first_day:
        raise HoldRowError("It ends before it begins.")
    if approved.units < 1 or not approved.payer.strip() or not approved.number.strip():
        raise HoldRowError("An authorization has a payer, a number, and at least one session.")
    return _kept(
        said, by, at, kind=AUTHORIZATION, person=person, payer=approved.payer.strip(),
        treatment=approved.treatment, number=approved.number.strip(), units=approved.units,
        first_day=approved.first_day, last_day=approved.last_day,
    )  # fmt: skip


def pays_self(*, person: Person, treatment: str, said: Words, by: Staff, at: datetime) -> HoldRow:
    """Keep that a person pays for a treatment themselves; sent twice, it is one row."""
    return _kept(said, by, at, kind=SELF_PAY, person=person, treatment=treatment)


def needs_none(
    *, site: Site, payer: str, treatment: str, said: Words, by: Staff, at: datetime
) -> HoldRow:
    """Keep that a payer (self-pay where it is empty) needs no authorization; sent twice, it is one row."""
    return _kept(
        said, by, at, kind=NONE_NEEDED, site=site, payer=payer.strip(), treatment=treatment
    )


def enrol(
    *, of: Person | Site, enrolled: Enrolled, said: Words, by: Staff, at: datetime
) -> HoldRow:
    """
    Keep that a person or a site is enrolled; the same form sent twice is one row.

    :raises HoldRowError: if it has no number, or was signed on a day to come.
    """
    site = of.site if isinstance(of, Person) else of
    if enrolled.signed_on > at.astimezone(site.zone).date():
        raise HoldRowError("It cannot have been signed on a day to come.")
    if not enrolled.number.strip():
        raise HoldRowError("An enrolment has a number.")
    whose: dict[str, Any] = {"person": of} if isinstance(of, Person) else {"site": of}
    return _kept(
        said, by, at, kind=ENROLMENT, treatment=enrolled.treatment,
        number=enrolled.number.strip(), first_day=enrolled.signed_on, **whose,
    )  # fmt: skip


@transaction.atomic
def check(
    *, plan: CarePlan, checked: Checked, said: Words, may_decide: bool, by: Staff, at: datetime
) -> HoldRow:
    """
    Keep that something a plan needs was looked at; the same form sent twice is one row.

    :raises HoldRowError: if the plan has no such need, if it was done on a day to come, or if it would
        clear what was found to stand against the session and `may_decide` is false.
    """
    locked = CarePlan.objects.select_for_update().get(pk=plan.pk)
    if checked.done_on > at.astimezone(plan.person.site.zone).date():
        raise HoldRowError("It cannot have been done on a day to come.")
    if checked.need not in needs_of(locked):
        raise HoldRowError("The plan has no such need.")
    newest = _newest(locked, checked, but=said.id)
    if newest is not None and not newest.is_clear and checked.is_clear and not may_decide:
        raise HoldRowError("Something was found that stands against it: a prescriber clears it.")
    return _kept(
        said, by, at, kind=CHECK, person=plan.person, course=locked.course, need=checked.need,
        for_day=checked.for_day, first_day=checked.done_on, is_clear=checked.is_clear,
    )  # fmt: skip


def needs_of(plan: CarePlan) -> dict[str, str]:
    """Return everything that a plan lists for its course and its sessions: the kind by its id."""
    content = plan.content
    every = [*content["before_course"], *(n for each in content["sessions"] for n in each["needs"])]
    return {each["id"]: each["kind"] for each in every}


@transaction.atomic
def take_back(
    *, row: HoldRow, said: Words, by: Staff, at: datetime, may_decide: bool = False
) -> None:
    """
    Take a row back by another row, with the reason; twice is once.

    :raises HoldRowError: if the row itself takes another back, or tells of something that stands against
        a session and `may_decide` is false.
    """
    if row.kind == CHECK and not row.is_clear and not may_decide:
        raise HoldRowError("Something was found that stands against it: a prescriber clears it.")
    if row.kind == TAKEN_BACK:
        raise HoldRowError("This is taken back already.")
    if HoldRow.objects.filter(of=row).exists():
        return
    try:
        with transaction.atomic():
            HoldRow.objects.create(
                id=uuid5(said.id, str(row.pk)), kind=TAKEN_BACK, of=row, person=row.person, site=row.site,
                words=said.words, by=by, at=at,
            )  # fmt: skip
    except IntegrityError:
        return  # someone else took it back at the same moment
    _tell(row, f"took back {DEEDS[row.kind]}", by, at)


def _newest(plan: CarePlan, checked: Checked, *, but: UUID) -> HoldRow | None:
    """The last check of a need that stands, beside the one that is being written."""
    rows = HoldRow.objects.filter(
        kind=CHECK, course=plan.course, need=checked.need, for_day=checked.for_day, taken_back=None
    )
    return rows.exclude(pk=but).order_by("at", "pk").last()


@transaction.atomic
def _kept(said: Words, by: Staff, at: datetime, **fields: Any) -> HoldRow:
    """
    Keep a row with what it says; the same form sent twice is one row.

    :raises HoldRowError: if the form was sent before with other content.
    """
    again = HoldRow.objects.filter(pk=said.id).first()
    if again is None:
        row = HoldRow.objects.create(id=said.id, words=said.words, by=by, at=at, **fields)
        _tell(row, f"put on record {DEEDS[row.kind]}", by, at)
        return row
    held = {name: getattr(again, name) for name in fields}
    if held != fields or again.words != said.words:
        raise HoldRowError(SENT_BEFORE)
    return again


def _tell(row: HoldRow, action: str, by: Staff, at: datetime) -> None:
    subject = f"person:{row.person_id}" if row.person_id else f"site:{row.site_id}"
    record(Deed(by.clinic_id, at, f"staff:{by.pk}", action, subject, {"row": str(row.pk)}))
