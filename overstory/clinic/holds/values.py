"""A course as the calendar hands it on, and the holds of each of its sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from overstory.clinic.care.planned import CarePlan


class Kind(StrEnum):
    """What kind of hold it is; the words are what a reader sees."""

    AUTHORIZATION = "authorization"
    ENROLMENT = "enrolment"
    CONSENT = "consent"
    SUITABILITY = "suitability"
    DECISION = "decision"
    QUESTION = "question"
    UNVERIFIED = "unverified"
    ESCORT = "escort"
    TEST = "test"
    CHECK = "check"
    FACT = "fact"
    GATE = "gate"
    EQUIPMENT = "equipment"


class Way(StrEnum):
    """Where and how a hold is closed."""

    AUTHORIZE = "authorize"
    ENROL_PERSON = "enrol-person"
    ENROL_SITE = "enrol-site"
    SIGN_CONSENT = "sign-consent"
    BOARD = "board"
    CLOSE = "close"
    CHECK = "check"
    PLAN = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """
    One thing that a session waits for, open or closed.

    `id` is the same at every session of the course. `says` is what it is, `why` its source and status,
    `owner` who closes it and `closes` how, `by` the day by which. `keeps` tells that the session cannot
    be confirmed while it is open; one that does not is settled on the day itself. `told` is what closed
    it, or what was found that stands against it.
    """

    id: str
    kind: Kind
    says: str
    why: str
    owner: str
    closes: str
    by: date
    way: Way
    is_open: bool
    keeps: bool = True
    told: str = ""
    treatment: str = ""
    need: str = ""
    for_day: date | None = None
    row: UUID | None = None
    is_against: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """
    A session to come: the plan's session, the day it stands on, and its appointment if it has one.

    `starts` is none for one without an appointment.
    """

    session: Mapping[str, Any]
    day: date
    starts: datetime | None = None
    appointment: UUID | None = None

    @property
    def n(self) -> int:
        """Its number in the plan."""
        number: int = self.session["n"]
        return number

    @property
    def treatment(self) -> str:
        """The component that is given."""
        return str(self.session["treatment"])

    @property
    def key(self) -> object:
        """What it is counted by among all visits of the person."""
        return self.appointment or ("planned", self.n)


@dataclass(frozen=True, slots=True)
class Visited:
    """An appointment of the person, booked or done, that takes a unit of an authorization."""

    id: UUID
    treatment: str
    day: date


@dataclass(frozen=True, slots=True)
class Course:
    """
    A version of a plan with its sessions to come in order.

    `begun` tells that a session was given. `visits` are all of the person that count as units, of
    whatever course; `person_ids` are the rows of this human.
    """

    plan: CarePlan
    coming: tuple[Coming, ...]
    begun: bool
    visits: tuple[Visited, ...] = ()
    person_ids: tuple[UUID, ...] = ()

    @property
    def parts(self) -> frozenset[str]:
        """The components of the plan."""
        return frozenset(each["treatment"] for each in self.plan.content["sessions"])


@dataclass(frozen=True, slots=True)
class SessionHolds:
    """A session to come with its holds, the open ones first."""

    coming: Coming
    holds: tuple[Hold, ...]

    @property
    def keeping(self) -> tuple[Hold, ...]:
        """The open holds that keep it from being confirmed."""
        return tuple(each for each in self.holds if each.is_open and each.keeps)

    @property
    def on_the_day(self) -> tuple[Hold, ...]:
        """What is still open and is settled on the day itself."""
        return tuple(each for each in self.holds if each.is_open and not each.keeps)

    @property
    def closed(self) -> tuple[Hold, ...]:
        """What is closed."""
        return tuple(each for each in self.holds if not each.is_open)


@dataclass(frozen=True, slots=True)
class CourseHolds:
    """The holds of every session to come of a course."""

    course: Course
    sessions: tuple[SessionHolds, ...]

    @property
    def next(self) -> SessionHolds | None:
        """The first session to come; none where all are over."""
        return next(iter(self.sessions), None)

    @property
    def keeping(self) -> tuple[Hold, ...]:
        """What keeps the course from being confirmed: the open holds of its first session to come."""
        return self.next.keeping if self.next is not None else ()

    @property
    def is_tentative(self) -> bool:
        """Whether a hold keeps the course tentative."""
        return bool(self.keeping)

    def at(self, n: int) -> SessionHolds | None:
        """Return the holds of a session to come, by its number."""
        return next((each for each in self.sessions if each.coming.n == n), None)


def ordered(holds: Sequence[Hold]) -> tuple[Hold, ...]:
    """Return holds as they are read: open before closed, those that keep before those of the day."""
    return tuple(sorted(holds, key=lambda each: (not each.is_open, not each.keeps)))


def age_days(plan: CarePlan, *, at: datetime) -> int:
    """Return for how many days a plan has been signed, whole days."""
    return (at - plan.signed_at) // timedelta(days=1) if plan.signed_at else 0
