"""Who has to be called or asked before a visit: worked out from visits, reminders, answers and now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from overstory.clinic.arriving.asked import (
    arriving_number,
    day_opens,
    is_open,
    not_ready_in,
    of_treatment,
)
from overstory.clinic.arriving.owners import Owners, owners_of
from overstory.clinic.arriving.reachable import Reachable, reachable
from overstory.clinic.arriving.reminding import first_of_day, to_come, whose_id
from overstory.clinic.arriving.rows import NOT_READY, SETTLE, TAKE, ArrivalDeed, Readiness, Reminder
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.adopted import in_force
from overstory.clinic.people.calendar import ONE_DAY, OpenHours, hours_of
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.models import Person, Staff
from overstory.knowledge.load import Knowledge

FARTHEST_DAYS = 14
"""A site that is closed for longer than this lists no visit beyond it."""
NOT_TOLD, TENTATIVE, UNANSWERED = "not-told", "tentative", "unanswered"
NO_BIRTH_DATE = "no birth date on record, so no link"
WORDS = {
    NOT_READY: "Not ready",
    NOT_TOLD: "Call them",
    TENTATIVE: "Not confirmed",
    UNANSWERED: "No answer yet",
}


@dataclass(frozen=True, slots=True)
class Told:
    """The reminders of one visit: when the last was written, and why it did not arrive or opens nothing."""

    at: datetime
    why_not: str


@dataclass(frozen=True, slots=True)
class Line:
    """
    Someone who comes soon and for whom staff have something to do first.

    `kinds` say what, the most pressing first; `why` why they could not be told. `owner` is who took it,
    or who is there for it; `due` by when it is done.
    """

    visit: Appointment
    person: Person
    kinds: tuple[str, ...]
    why: str
    owner: Staff | None
    is_taken: bool
    due: datetime

    @property
    def words(self) -> tuple[str, ...]:
        """What is to be done, in words."""
        return tuple(WORDS[each] for each in self.kinds)

    @property
    def marks(self) -> tuple[str, ...]:
        """What is not as expected, in words: without an open hold, where anything else is."""
        return tuple(WORDS[each] for each in self.kinds if each != TENTATIVE) or self.words

    @property
    def is_tentative_too(self) -> bool:
        """Whether a hold of the plan is open besides."""
        return TENTATIVE in self.kinds and len(self.kinds) > 1

    def is_quiet(self, now: datetime) -> bool:
        """Whether nothing but a hold is open, which is worked on elsewhere, and there is time for that."""
        return self.kinds == (TENTATIVE,) and now < self.due


@dataclass(frozen=True, slots=True)
class Soon:
    """
    Who has to be called or asked before a visit, the first visit first.

    Those of whom only a hold is open, and not due yet, come after all others. `today` is how many people
    are still to come today; `next_on` the first later day on which anybody comes, none for none.
    """

    lines: list[Line]
    today: int
    next_on: date | None


def soon_of(clinic: Clinic, now: datetime) -> Soon:
    """Return who of a clinic has to be called or asked before a visit, and on which days people come."""
    knowledge = in_force(clinic).knowledge
    ahead = _ahead(clinic, now)
    lines = _lines(clinic, _soon(clinic, ahead, now, knowledge), now, knowledge)
    later = [each.wall_date for each in ahead if not is_today(each, now)]
    return Soon(lines, len(ahead) - len(later), min(later, default=None))


def is_today(visit: Appointment, now: datetime) -> bool:
    """Return whether a visit that is to come is on the day that it is at its site."""
    return visit.wall_date == now.astimezone(visit.site.zone).date()


def _lines(
    clinic: Clinic, visits: Sequence[Any], now: datetime, knowledge: Knowledge
) -> list[Line]:
    reach = reachable({whose_id(each) for each in visits})
    told = _told(visits)
    last = {each.pk: (each.last_at, each.last_state) for each in visits if each.last_at}
    deeds = _deeds(visits)
    owners = owners_of(clinic, visits, now)
    found = []
    for each in visits:
        kinds, why = _kinds(each, reach, told.get(each.pk), last.get(each.pk), knowledge, now)
        done = deeds.get(each.pk, {})
        if kinds and not _is_settled(each, done.get(SETTLE), last.get(each.pk), knowledge, now):
            person = reach.kept[whose_id(each)]
            due = due_of(each, last.get(each.pk), knowledge)
            found.append(_line(each, person, kinds, why, done, owners, due))
    return sorted(found, key=lambda line: (line.is_quiet(now), line.visit.starts, line.due))


def due_of(visit: Appointment, last: tuple[datetime, str] | None, knowledge: Knowledge) -> datetime:
    """Return by when what is to be done before a visit is done."""
    settled = visit.starts - timedelta(hours=arriving_number(knowledge, "settled-before-hours"))
    if last is None or last[1] != NOT_READY:
        return settled
    soon = last[0] + timedelta(hours=arriving_number(knowledge, "act-within-hours"))
    return max(min(soon, settled), last[0])


def _ahead(clinic: Clinic, now: datetime) -> list[Any]:
    """
    The visits that are to come, the first of each person and day.

    Each has when the newest reply to it came, and its state (`last_at`, `last_state`).
    """
    newest = Readiness.objects.filter(appointment=OuterRef("pk")).order_by("-at")
    visits = to_come(clinic, now, days=FARTHEST_DAYS).annotate(
        last_at=Subquery(newest.values("at")[:1]), last_state=Subquery(newest.values("state")[:1])
    )
    rows = first_of_day(visits)
    return [each for each in rows if each.state == "booked" and each.starts > now]


def _soon(clinic: Clinic, ahead: Sequence[Any], now: datetime, knowledge: Knowledge) -> list[Any]:
    """The visits until the end of the next working day of their site."""
    days = int(arriving_number(knowledge, "listed-open-days"))
    until = {
        site.pk: _open_day_after(hours_of(site), now.astimezone(site.zone).date(), days)
        for site in clinic.sites.select_related("clinic").prefetch_related("hours", "closures")
    }
    return [each for each in ahead if each.wall_date <= until[each.site_id]]


def _open_day_after(hours: OpenHours, today: date, days: int) -> date:
    """The working day of a site so many of them after today."""
    day = today
    for _ in range(FARTHEST_DAYS):
        day += ONE_DAY
        days -= hours.is_business_day(day)
        if days <= 0:
            return day
    return day


def _kinds(
    visit: Appointment,
    reach: Reachable,
    told: Told | None,
    last: tuple[datetime, str] | None,
    knowledge: Knowledge,
    now: datetime,
) -> tuple[tuple[str, ...], str]:
    """What is to be done about a visit, and why the person could not be told."""
    kinds: list[str] = []
    if last is not None and last[1] == NOT_READY:
        kinds.append(NOT_READY)
    if visit.is_tentative:
        kinds.append(TENTATIVE)
    why = _why_not_told(visit, reach, told, knowledge)
    if why and last is None:
        kinds.append(NOT_TOLD)
    elif told is not None and is_open(visit, last, knowledge=knowledge, now=now):
        kinds.append(UNANSWERED)
    return tuple(kinds), why


def _why_not_told(
    visit: Appointment, reach: Reachable, told: Told | None, knowledge: Knowledge
) -> str:
    """Why a person does not know what is asked of them; empty where they do, or will in time."""
    if told is not None and told.why_not:
        return told.why_not
    if told is None and reach.why(whose_id(visit)):
        return reach.why(whose_id(visit))
    asks = visit.kind == "session" and of_treatment(visit.treatment, knowledge)
    return NO_BIRTH_DATE if asks and reach.kept[whose_id(visit)].birth_date is None else ""


def _is_settled(
    visit: Appointment,
    settled: ArrivalDeed | None,
    last: tuple[datetime, str] | None,
    knowledge: Knowledge,
    now: datetime,
) -> bool:
    """Whether staff settled it after all that was answered, and nothing is newly asked since."""
    if settled is None or (last is not None and last[0] > settled.at):
        return False
    opens = day_opens(visit, knowledge)
    asks_anew = any(each.of_the_day for each in of_treatment(visit.treatment, knowledge))
    return not (asks_anew and settled.at < opens <= now)


def _told(visits: Sequence[Appointment]) -> dict[UUID, Told]:
    """The newest reminder of each visit."""
    rows = Reminder.objects.filter(appointment__in=[each.pk for each in visits]).order_by("at")
    said = rows.values_list(
        "appointment", "at", "message__withheld", "message__failed_why", "message__sent_at",
        "link__locked_at",
    )  # fmt: skip
    found = {}
    for visit, at, withheld, failed, sent, locked in said:
        why = withheld or (f"not sent: {failed}" if failed and sent is None else "")
        found[visit] = Told(at, why or ("wrong birth dates locked the link" if locked else ""))
    return found


def _deeds(visits: Sequence[Appointment]) -> dict[UUID, dict[str, ArrivalDeed]]:
    """The newest deed of each kind of each visit."""
    rows = ArrivalDeed.objects.filter(
        appointment__in=[each.pk for each in visits], what__in=[TAKE, SETTLE]
    )
    found: dict[UUID, dict[str, ArrivalDeed]] = {}
    for each in rows.select_related("by").defer("words").order_by("at"):
        found.setdefault(each.appointment_id, {})[each.what] = each
    return found


def _line(
    visit: Appointment,
    person: Person,
    kinds: tuple[str, ...],
    why: str,
    done: Mapping[str, ArrivalDeed],
    owners: Owners,
    due: datetime,
) -> Line:
    taken = done.get(TAKE)
    owner = taken.by if taken else owners.of(visit, due)
    return Line(visit, person, kinds, why, owner, taken is not None, due)


def told_in(lines: Iterable[Line], knowledge: Knowledge) -> dict[UUID, tuple[tuple[str, str], ...]]:
    """Return by visit what keeps people from being ready, as `not_ready_in` does; one query."""
    visits = {each.visit.pk: each.visit for each in lines if NOT_READY in each.kinds}
    replies: dict[UUID, list[Readiness]] = {}
    for each in Readiness.objects.filter(appointment__in=list(visits)).order_by("at"):
        replies.setdefault(each.appointment_id, []).append(each)
    return {pk: not_ready_in(visits[pk], found, knowledge) for pk, found in replies.items()}


def kinds_in(lines: Iterable[Line]) -> dict[str, int]:
    """Return how many lines are of each kind, in words."""
    found: dict[str, int] = {}
    for line in lines:
        for words in line.words:
            found[words] = found.get(words, 0) + 1
    return found
