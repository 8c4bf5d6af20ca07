"""Invented rows in numbers, put into a clinic quickly: nobody in them is or was real."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar
from uuid import uuid4

from django.db import models

from overstory.clinic.audit.record import Deed, record_all
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.models import CarePlan, StatedFact
from overstory.clinic.intake.models import Answer, CareRequest, IntakeLink, Questionnaire
from overstory.clinic.people.models import Person, Site, Staff
from overstory.clinic.safety.models import Alert, AlertAct

AT_ONCE = 500
Row = TypeVar("Row", bound=models.Model)
FIRST = ("Ada", "Bo", "Cleo", "Dara", "Eli", "Fen", "Gwen", "Hal", "Ines", "Jun", "Kit", "Lou")
LAST = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Juniper", "Larch")
WORDS = "I have felt low for some months and would like to hear what could help. Mornings are best."
FACTS: tuple[tuple[str, Any], ...] = (
    ("pregnant", False),
    ("systolic_bp", 124.0),
    ("diastolic_bp", 78.0),
    ("aneurysmal_vascular_disease", False),
    ("intracerebral_hemorrhage_history", False),
    ("seizure_disorder", False),
)
"""Facts that are stated of every person; those that the vocabulary does not have are left out."""


def keep(model: type[Row], rows: Iterable[Row]) -> int:
    """Put rows into their table, some hundred in a statement; return how many."""
    every, count = iter(rows), 0
    while some := list(islice(every, AT_ONCE)):
        models.QuerySet[Row](model).bulk_create(some)
        count += len(some)
    return count


def persons(site: Site, count: int, *, at: datetime, start: int = 0) -> list[Person]:
    """Make persons with names, birth dates and telephones that are invented."""
    made = [
        Person(
            clinic_id=site.clinic_id,
            site=site,
            legal_name=f"{FIRST[n % len(FIRST)]} {LAST[n // len(FIRST) % len(LAST)]} {n}",
            called=FIRST[n % len(FIRST)],
            birth_date=date(1940, 1, 1) + timedelta(days=n * 7919 % 25_000),
            phone=f"+1 555 {n % 10_000:04}",
            email=f"person{n}@example.org",
            made_at=at - timedelta(minutes=count - n),
        )
        for n in range(start, start + count)
    ]
    keep(Person, made)
    return made


def requests(site: Site, count: int, *, at: datetime, owner: Staff) -> int:
    """Make open requests for care, every third without an owner, some of them late."""

    def rows() -> Iterator[CareRequest]:
        for n in range(count):
            received = at - timedelta(minutes=10 + 7 * n)
            yield CareRequest(
                clinic_id=site.clinic_id,
                site=site,
                asker="self",
                reason="depression" if n % 2 else "anxiety",
                name=f"{FIRST[n % len(FIRST)]} Asking {n}",
                phone=f"+1 555 {n % 10_000:04}",
                words=WORDS,
                received_at=received,
                due_at=received + timedelta(days=1),
                late_at=received + timedelta(days=2),
                owner=None if n % 3 == 0 else owner,
            )

    return keep(CareRequest, rows())


def registered(people: Sequence[Person], *, at: datetime, by: Staff) -> int:
    """Make the closed request from which each person came."""
    asked, closed = at - timedelta(days=40), at - timedelta(days=38)
    return keep(
        CareRequest,
        (
            CareRequest(
                clinic_id=each.clinic_id, site_id=each.site_id, asker="self", reason="depression",
                name=each.legal_name, phone=each.phone, words=WORDS, received_at=asked,
                due_at=closed, late_at=closed, owner=by, person=each, outcome="registered",
                closed_at=closed,
            )
            for each in people
        ),
    )  # fmt: skip


def questionnaires(people: Sequence[Person], *, answers: int, at: datetime, by: Staff) -> int:
    """Make a PHQ-9 that each person filled in, by a link that was opened; `answers` of each."""
    made = [
        Questionnaire(
            clinic_id=each.clinic_id, site_id=each.site_id, person=each, pack="phq9", made_by=by,
            made_at=at - timedelta(days=2, seconds=n), submitted_at=at - timedelta(days=1, seconds=n),
        )
        for n, each in enumerate(people)
    ]  # fmt: skip
    keep(Questionnaire, made)
    keep(
        IntakeLink,
        (
            IntakeLink(
                questionnaire=each, token_hash=each.pk.hex, made_by=by, made_at=each.made_at,
                expires_at=each.made_at + timedelta(days=14), consumed_at=each.made_at,
                browser_hash="invented",
            )
            for each in made
        ),
    )  # fmt: skip
    return keep(
        Answer,
        (
            Answer(questionnaire=each, number=n, question=f"phq9.{n}", value={"value": (n + k) % 3},
                   at=each.made_at)
            for k, each in enumerate(made)
            for n in range(1, answers + 1)
        ),
    )  # fmt: skip


def facts(people: Iterable[Person], stated: Sequence[tuple[str, Any]], *, at: datetime) -> int:
    """State the same facts of every person."""
    return keep(
        StatedFact,
        (
            StatedFact(person=each, name=name, value=value, at=at, recorded_at=at,
                       origin="invented")
            for each in people
            for name, value in stated
        ),
    )  # fmt: skip


def alerts(people: Sequence[Person], *, at: datetime, is_open: bool) -> int:
    """Raise an alert about each person; closed and settled ones were assessed."""
    over = None if is_open else at
    made = [
        Alert(
            clinic_id=each.clinic_id, site_id=each.site_id, person=each, kind="item-9", tier="high",
            source=f"invented/{uuid4()}", says="Item 9: 2", answers={"phq9.9": 2},
            raised_at=at - timedelta(minutes=n + 1), raised_by="system", closed_at=over,
            settled_at=over,
        )
        for n, each in enumerate(people)
    ]  # fmt: skip
    keep(Alert, made)
    return keep(
        AlertAct,
        (
            AlertAct(alert=each, seq=0, kind="raised", at=each.raised_at, tier="high")
            for each in made
        ),
    )


def appointments(people: Sequence[Person], *, at: datetime, a_day: int) -> int:
    """Book a visit for each person, so many a day from the day of `at` on."""

    def rows() -> Iterator[Appointment]:
        for n, each in enumerate(people):
            local = at.astimezone(each.site.zone)
            starts = (local + timedelta(days=n // a_day)).replace(hour=9, minute=n % 60, second=0)
            yield Appointment(
                clinic_id=each.clinic_id, site=each.site, person=each, kind="evaluation",
                starts=starts.astimezone(UTC), minutes=60, wall_date=starts.date(),
                wall_time=starts.time(), zone=each.site.time_zone, made_at=at,
            )  # fmt: skip

    return keep(Appointment, rows())


def plans(people: Sequence[Person], *, at: datetime, by: Staff) -> int:
    """Draft a plan for each person that nobody has signed."""
    return keep(
        CarePlan,
        (
            CarePlan(
                clinic_id=each.clinic_id, person=each, course=uuid4(), treatment="esketamine",
                starts_on=at.date(), content={"sessions": []}, content_sha256="0" * 64,
                knowledge_version="0", knowledge_sha256="0" * 64, drafted_by=by, drafted_at=at,
            )
            for each in people
        ),
    )  # fmt: skip


def read_before(people: Sequence[Person], *, times: int, at: datetime, by: Staff) -> int:
    """Put reads into the record, chained and sealed as reads are."""
    done = 0
    for n in range(times):
        for first in range(0, len(people), AT_ONCE):
            some = people[first : first + AT_ONCE]
            record_all(
                Deed(each.clinic_id, at - timedelta(days=n), by.actor, "saw person",
                     f"person:{each.pk}")
                for each in some
            )  # fmt: skip
            done += len(some)
    return done
