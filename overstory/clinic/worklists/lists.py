"""The worklists: what stands in each, who may see it, and to whom it is shown first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.models import Assessment, CarePlan, Choice
from overstory.clinic.intake.models import IntakeLink
from overstory.clinic.people.models import Clinic
from overstory.clinic.people.permissions import May, Role
from overstory.clinic.worklists.expiring import expiring_parts
from overstory.clinic.worklists.lines import SHAPE, Part, Row, read

_CLINICIANS = frozenset({Role.MEDICAL_DIRECTOR, Role.PSYCHIATRIST})
_EVERYBODY = frozenset(Role)
_DESK = frozenset({Role.COORDINATOR, Role.NURSE})


class NoListError(LookupError):
    """A worklist that is not there."""


@dataclass(frozen=True, slots=True)
class Listed:
    """
    One worklist: its address, words, parts, who may open it, and on whose day it stands by itself.

    Others who may open it find it by its name below their own.
    """

    name: str
    title: str
    sub: str
    empty: str
    may: May
    first_for: frozenset[Role]
    parts: Callable[[], Sequence[Part]]

    def rows(
        self, clinic: Clinic, now: datetime, *, of: str = "all", reader: UUID | None = None
    ) -> QuerySet[Any, tuple[Any, ...]]:
        """Return its lines, not yet asked, the first due first."""
        return read(self.parts(), self.name, clinic, now, of=of, reader=reader)

    def find(self, clinic: Clinic, row: UUID, now: datetime) -> Row | None:
        """Return one line; none where the row does not wait in this list, or is another clinic's."""
        for part in self.parts():
            shaped = part.shaped(self.name, part.rows(clinic, now).filter(pk=row))
            for found in shaped.values_list(*SHAPE):
                return Row(*found)
        return None


def _measures(clinic: Clinic, now: datetime) -> QuerySet[Any]:
    return clinic.planned_measures.open(now)


def _sent(clinic: Clinic, now: datetime) -> QuerySet[Any]:
    """Return what was sent to a person and not handed in; the newest link says until when."""
    del now
    links = IntakeLink.objects.filter(questionnaire=OuterRef("pk")).order_by("-made_at")
    sent = clinic.questionnaires.going().annotate(until=Subquery(links.values("expires_at")[:1]))
    return sent.filter(until__isnull=False)


def _unsigned(clinic: Clinic, now: datetime) -> QuerySet[CarePlan]:
    del now
    return clinic.plans.filter(signed_at=None, ended_at=None)


def _unbooked(clinic: Clinic, now: datetime) -> QuerySet[CarePlan]:
    del now
    courses = Appointment.objects.filter(
        plan__course=OuterRef("course"), state__in=["booked", "done"]
    )
    return clinic.plans.filter(~Exists(courses), signed_at__isnull=False, ended_at=None)


def _unchosen(clinic: Clinic, now: datetime) -> QuerySet[Assessment]:
    """Return the newest assessment of each person who has chosen nothing and has no plan."""
    del now
    same = OuterRef("person")
    newer = Assessment.objects.filter(person=same, at__gt=OuterRef("at"))
    of = Q(person=same) | Q(person__merged_into=same)
    chosen = Choice.objects.filter(of, is_wish=False)
    planned = CarePlan.objects.filter(of, ended_at=None)
    return Assessment.objects.filter(
        ~Exists(newer), ~Exists(chosen), ~Exists(planned), person__clinic=clinic,
        person__merged_into=None,
    )  # fmt: skip


def _answers() -> Sequence[Part]:
    return (
        Part("measure", _measures, person="plan__person", since="opens_at", due="due_at",
             more="scales", code="others"),
        Part("sent", _sent, person="person", since="made_at", due="until", more="pack"),
    )  # fmt: skip


def _to_choose() -> Sequence[Part]:
    return (Part("unchosen", _unchosen, person="person", since="at", due="at"),)


def _to_sign() -> Sequence[Part]:
    return (Part("unsigned", _unsigned, person="person", since="drafted_at", due="starts_on",
                 more="treatment", owner="drafted_by"),)  # fmt: skip


def _to_book() -> Sequence[Part]:
    return (Part("unbooked", _unbooked, person="person", since="signed_at", due="starts_on",
                 more="treatment"),)  # fmt: skip


LISTS = (
    Listed(
        name="to-choose",
        title="Evaluated, no choice yet",
        sub="An assessment is recorded, and neither a choice nor a plan; the one that waits longest first.",
        empty="Everyone with a recorded assessment has chosen.",
        may=May.RECORD_CHOICE,
        first_for=_CLINICIANS,
        parts=_to_choose,
    ),
    Listed(
        name="to-sign",
        title="Plans not signed",
        sub="Drafts of plans; whoever drafted one owns it until someone takes it.",
        empty="Every plan is signed.",
        may=May.SEE_PLAN,
        first_for=_CLINICIANS,
        parts=_to_sign,
    ),
    Listed(
        name="to-book",
        title="Signed, not booked",
        sub="Signed plans without an appointment, the first to start first.",
        empty="Every signed plan is booked.",
        may=May.BOOK,
        first_for=_DESK | _CLINICIANS | {Role.TECHNICIAN},
        parts=_to_book,
    ),
    Listed(
        name="expiring",
        title="Consents and measurements that end",
        sub="Of people whose treatment goes on: consents to be given again, and facts that a session "
        "needs and that soon count no more.",
        empty="Nothing ends soon.",
        may=May.SEE_PLAN,
        first_for=_DESK | _CLINICIANS,
        parts=cache(expiring_parts),
    ),
    Listed(
        name="answers",
        title="Questionnaires due",
        sub="What a signed plan asks for and nobody has answered, and what was sent and not handed in.",
        empty="No questionnaire is due, and none that was sent is out.",
        may=May.SEND_QUESTIONNAIRES,
        first_for=_EVERYBODY,
        parts=_answers,
    ),
)  # fmt: skip
_NAMED = {each.name: each for each in LISTS}


def list_named(name: str) -> Listed:
    """
    Return a worklist.

    :raises NoListError: if there is none of this name.
    """
    if name not in _NAMED:
        raise NoListError(name)
    return _NAMED[name]
