"""Which appointment stands for each session of a plan: one on its day, else one moved within its window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from overstory.clinic.care.planned import CarePlan

STANDING = ("booked", "done", "no-show")
OF_APPOINTMENT = (
    "treatment", "state", "minutes", "wall_date", "instead_of_id", "starts", "zone", "is_tentative",
)  # fmt: skip

Session = Mapping[str, Any]


class Stands(Protocol):
    """What is looked at of an appointment."""

    @property
    def treatment(self) -> str: ...

    @property
    def state(self) -> str: ...

    @property
    def minutes(self) -> int: ...

    @property
    def wall_date(self) -> date: ...

    @property
    def instead_of_id(self) -> Any: ...


Row = TypeVar("Row", bound=Stands)


@dataclass(frozen=True, slots=True)
class Standing:
    """An appointment of a course, as it is shown beside the session that it stands for."""

    treatment: str
    state: str
    minutes: int
    wall_date: date
    instead_of_id: Any
    starts: datetime
    zone: str
    is_tentative: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """A session of a plan, and its appointment where it has one."""

    session: Session
    standing: Standing | None

    @property
    def is_moved(self) -> bool:
        """Whether it is booked for another day than the plan has."""
        return self.standing is not None and (
            self.standing.wall_date.isoformat() != self.session["date"]
        )


def sessions_beside(plan: CarePlan) -> tuple[Beside, ...]:
    """Return the sessions of a version of a plan, each beside its appointment; one query at most."""
    sessions: Sequence[Session] = plan.content["sessions"]
    if plan.n == 1 and plan.signed_at is None:
        return tuple(Beside(each, None) for each in sessions)
    rows = (
        CarePlan.objects.filter(course=plan.course, appointments__state__in=STANDING)
        .order_by("appointments__starts", "appointments__pk")
        .values_list(*(f"appointments__{each}" for each in OF_APPOINTMENT))
    )
    found = matched(sessions, [Standing(*each) for each in rows])
    return tuple(Beside(each, found.get(each["n"])) for each in sessions)


def matched(sessions: Sequence[Session], rows: Sequence[Row]) -> dict[int, Row]:
    """Return the appointment of each session by its number; `rows` are of the course, in order."""
    left = list(rows)
    found: dict[int, Row] = {}
    for by_hand in (False, True):
        for each in sessions:
            if each["n"] in found:
                continue
            row = next((row for row in left if _fits(each, row, by_hand=by_hand)), None)
            if row is not None:
                found[each["n"]] = row
                left.remove(row)
    return found


def _fits(session: Session, row: Stands, *, by_hand: bool) -> bool:
    if row.treatment != session["treatment"]:
        return False
    if row.state == "booked" and row.minutes < session["minutes"]["chair"]:
        return False
    if by_hand:
        window = (date.fromisoformat(session["earliest"]), date.fromisoformat(session["latest"]))
        return row.instead_of_id is not None and window[0] <= row.wall_date <= window[1]
    return row.wall_date == date.fromisoformat(session["date"])
