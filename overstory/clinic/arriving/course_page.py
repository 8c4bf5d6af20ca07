"""The whole course on one page for the person: when, where, how to prepare, what it may cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from overstory.clinic.arriving.asked import patient_words
from overstory.clinic.arriving.costs import Price, prices_of
from overstory.clinic.arriving.words import words
from overstory.clinic.booking.fitting import Fit, fit_from
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.adopted import InForce
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.standing import STANDING
from overstory.clinic.intake.showing import in_language, moment_words
from overstory.clinic.people.models import Person
from overstory.clinic.safety.crisis import crisis_for
from overstory.clinic.ui.words import DAYS, MONTHS, Words
from overstory.knowledge.load import Knowledge

DRIVING = "no-driving"
"""How the ids of restrictions on driving begin."""
MOST_ROWS = 10
"""So many rows stand in one table; more stand in two."""
DRIVES_HOME = frozenset({"as-now", "same-day"})
"""What the knowledge says of driving after a visit that keeps nobody from it."""
AGREES = "agrees_not_to_drive"
Session = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VisitShown:
    """
    One visit in a row of the page: a day and hours of the site's clock, in words.

    `number` counts the visits of its treatment, empty for one that the plan has no place for.
    """

    number: str
    day: str
    arrive: str
    starts: str
    leave: str
    where: str
    is_tentative: bool
    comes_with_someone: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The visits for one treatment, or for talks, in order of time."""

    name: str
    visits: tuple[VisitShown, ...]

    @property
    def halves(self) -> tuple[tuple[VisitShown, ...], ...]:
        """The rows in one table, or in two beside one another where there are many."""
        if len(self.visits) <= MOST_ROWS:
            return (self.visits,)
        half = (len(self.visits) + 1) // 2
        return self.visits[:half], self.visits[half:]

    @property
    def is_tentative(self) -> bool:
        """Whether none of them is confirmed; it is then said once."""
        return all(each.is_tentative for each in self.visits)

    @property
    def comes_with_someone(self) -> bool:
        """Whether an adult comes to any of them."""
        return any(each.comes_with_someone for each in self.visits)


@dataclass(frozen=True, slots=True)
class ForTreatment:
    """How to prepare for the visits of one treatment, and what is left out after them."""

    name: str
    before: tuple[str, ...]
    asks_times: bool
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoDriving:
    """The days from whose visit on a person does not drive, and until when, in the knowledge's words."""

    from_days: str
    until: str


@dataclass(frozen=True, slots=True)
class CoursePage:
    """
    What the page shows, in one language.

    `place` is where all visits are, empty where they are not at one site; `zones` names the clock of the
    hours. `not_booked` is how many sessions have no time yet; `may_drive` says that the knowledge of every
    treatment on it leaves driving as it is. `prices` has, by the name of a treatment, what was reported.
    """

    language: str
    w: Words
    name: str
    made: str
    groups: tuple[Group, ...]
    place: str
    zones: str
    not_booked: int
    has_tentative: bool
    driving: tuple[NoDriving, ...]
    may_drive: bool
    prepare: tuple[ForTreatment, ...]
    prices: tuple[tuple[str, tuple[Price, ...]], ...]
    site_name: str
    address: str
    phone: str
    crisis: tuple[str, ...]

    @property
    def visits(self) -> tuple[VisitShown, ...]:
        """All visits, those for one treatment after those for another."""
        return tuple(each for group in self.groups for each in group.visits)

    @property
    def hours(self) -> str:
        """Whose clock the hours are of."""
        return self.w("course.hours", zones=self.zones)

    @property
    def for_name(self) -> str:
        """Whose page it is."""
        return self.w("course.for", name=self.name)

    @property
    def as_of(self) -> str:
        """When it was made."""
        return self.w("course.made", when=self.made)

    @property
    def still_to_book(self) -> str:
        """How many visits have no time yet."""
        return self.w("course.not_booked", count=self.not_booked)

    @property
    def to_change(self) -> str:
        """How to move or cancel a visit."""
        return self.w("course.change_says", phone=self.phone)

    @property
    def has_prices(self) -> bool:
        """Whether any price is known."""
        return any(prices for _, prices in self.prices)

    @property
    def without_price(self) -> tuple[str, ...]:
        """What to say of the treatments of which no price is known here."""
        none = [name for name, prices in self.prices if not prices]
        return tuple(self.w("course.cost_ask", what=name) for name in none)


@dataclass(frozen=True, slots=True)
class _Booked:
    """
    One visit with its session of the plan in force, none for a talk.

    It is number `n` of the `of` visits for its treatment.
    """

    row: Appointment
    session: Session | None
    n: int
    of: int
    is_outdated: bool = False


def course_page(person: Person, *, at: datetime, force: InForce, language: str) -> CoursePage:
    """Return the page of a person's visits as they are booked now, in `en` or `es`."""
    say, site, knowledge = words(language), person.site, force.knowledge
    plans = list(
        CarePlan.objects.filter(person__in=person.ids, signed_at__isnull=False, ended_at=None)
        .select_related("person__site")
        .order_by("starts_on", "pk")
    )
    site.clinic = person.clinic
    rows = _visits(person, plans, at)
    fits = [(each, fit_from(each, rows.get(each.course, []), now=at)) for each in plans]
    talks = [_Booked(each, None, 0, 0) for each in rows.get(None, [])]
    booked = sorted([*_booked(fits), *talks], key=lambda each: each.row.starts)
    treatments = list(dict.fromkeys(each.row.treatment for each in booked if each.row.treatment))
    names = {name: _option_name(name, knowledge, language) for name in treatments}
    counts = {
        name: max(each.of for each in booked if each.row.treatment == name) for name in treatments
    }
    told = [each for plan in plans for each in plan.content["restrictions"]]
    return CoursePage(
        language=language,
        w=say,
        name=person.shown_name,
        made=moment_words(at, site, language),
        groups=tuple(_groups(booked, names, say)),
        place=_place(booked, say),
        zones=", ".join(dict.fromkeys(_zone(each) for each in booked)),
        not_booked=sum(len(fit.to_book) for _, fit in fits),
        has_tentative=any(_is_tentative(each) for each in booked),
        driving=tuple(_driving(booked, told, knowledge, say)),
        may_drive=all(_drives_as_now(each, knowledge) for each in treatments),
        prepare=tuple(_prepare(booked, names, told, knowledge, language)),
        prices=tuple(
            (names[name], prices_of(name, counts[name], force.knowledge, person.clinic, at, say))
            for name in treatments
        ),
        site_name=site.name,
        address=site.address,
        phone=site.phone,
        crisis=crisis_for(site, language, at.astimezone(site.zone).date()),
    )


def short_day(on: date, language: str) -> str:
    """Return a day in a row, with its weekday: `Mon 23 Nov 2026`."""
    day, month = DAYS[language][on.weekday()], MONTHS[language][on.month - 1]
    return f"{day[:3]} {on.day} {month[:3]} {on.year}"


def _visits(
    person: Person, plans: Sequence[CarePlan], at: datetime
) -> Mapping[UUID | None, list[Appointment]]:
    """What stands of each course, and the talks to come under none, all in one query."""
    every: Any = Appointment.objects.select_related("site").annotate(course=F("plan__course"))
    courses = every.filter(plan__course__in=[each.course for each in plans], state__in=STANDING)
    talks = every.filter(clinic=person.clinic_id, kind="evaluation", state="booked", starts__gt=at)
    found: dict[UUID | None, list[Appointment]] = {}
    for each in courses.union(talks.of(person), all=True).order_by("starts", "pk"):
        found.setdefault(each.course, []).append(each)
    return found


def _booked(fits: Sequence[tuple[CarePlan, Fit]]) -> Iterator[_Booked]:
    """Every visit of the plans in force that stands."""
    for plan, fit in fits:
        sessions: Sequence[Session] = plan.content["sessions"]
        of: dict[str, list[int]] = {}
        for each in sessions:
            of.setdefault(each["treatment"], []).append(each["n"])
        for session, row in fit.kept:
            if row.state in {"booked", "done"}:
                same = of[session["treatment"]]
                yield _Booked(row, session, same.index(session["n"]) + 1, len(same))
        for row in fit.to_cancel:
            yield _Booked(row, None, 0, 0, is_outdated=True)


def _groups(booked: Sequence[_Booked], names: Mapping[str, str], say: Words) -> Iterator[Group]:
    for treatment in dict.fromkeys(each.row.treatment for each in booked):
        rows = [each for each in booked if each.row.treatment == treatment]
        name = names.get(treatment) or say("course.evaluation")
        yield Group(name, tuple(_shown(each, say) for each in rows))


def _shown(each: _Booked, say: Words) -> VisitShown:
    row = each.row
    zone = row.site.zone
    leave = row.starts + timedelta(minutes=row.minutes)
    starts = number = ""
    if each.session is not None:
        begins = row.starts + timedelta(minutes=each.session["minutes"]["prepare"])
        starts = f"{begins.astimezone(zone):%H:%M}"
        number = say("course.number", n=each.n, of=each.of)
    return VisitShown(
        number=number,
        day=short_day(row.wall_date, say.language),
        arrive=f"{row.wall_time:%H:%M}",
        starts=starts,
        leave=f"{leave.astimezone(zone):%H:%M}",
        where=say("course.by_video") if row.is_remote else row.site.name,
        is_tentative=_is_tentative(each),
        comes_with_someone=each.session is not None and _has_escort(each.session),
    )


def _place(booked: Sequence[_Booked], say: Words) -> str:
    """Where all visits are; empty where they are not at one site."""
    found = {None if each.row.is_remote else each.row.site for each in booked}
    site = found.pop() if len(found) == 1 else None
    if site is None:
        return ""
    return say("course.place", at=f"{site.name}, {site.address}" if site.address else site.name)


def _zone(each: _Booked) -> str:
    return f"{each.row.starts.astimezone(each.row.site.zone):%Z}"


def _is_tentative(each: _Booked) -> bool:
    return each.row.state == "booked" and (each.row.is_tentative or each.is_outdated)


def _has_escort(session: Session) -> bool:
    return any(need["kind"] == "escort" for need in session["needs"])


def _driving(
    booked: Iterable[_Booked], told: Sequence[Session], knowledge: Knowledge, say: Words
) -> Iterator[NoDriving]:
    """The days without driving, by the words that hold for them."""
    days: dict[str, dict[date, None]] = {}
    for each in booked:
        for words_of in _restricting(each.row.treatment, told, knowledge, say.language):
            days.setdefault(words_of, {})[each.row.wall_date] = None
    for until, on in days.items():
        named = [short_day(day, say.language) for day in sorted(on)]
        listed = _listed(named, say("course.and"))
        yield NoDriving(say("course.driving_from", days=listed), until)


def _restricting(
    treatment: str,
    told: Sequence[Session],
    knowledge: Knowledge,
    language: str,
    *,
    driving: bool = True,
) -> tuple[str, ...]:
    """What is said of driving after a visit, or of all else: as the plan does, else as the knowledge."""
    own = [each for each in told if each["treatment"] == treatment]
    if own:
        found = [(each["id"], each[language]) for each in own]
    else:
        found = [
            (each.id, in_language(each.says, language))
            for each in knowledge.sections["restrictions"]
            if treatment in each.applies_to
        ]
    return tuple(says for name, says in dict(found).items() if name.startswith(DRIVING) is driving)


def _drives_as_now(treatment: str, knowledge: Knowledge) -> bool:
    return any(
        each.id == treatment and each.driving in DRIVES_HOME
        for each in knowledge.sections["options"]
    )


def _prepare(
    booked: Sequence[_Booked],
    names: Mapping[str, str],
    told: Sequence[Session],
    knowledge: Knowledge,
    language: str,
) -> Iterator[ForTreatment]:
    for treatment, name in names.items():
        needs = {
            need["id"]: need
            for each in booked
            if each.session is not None and each.row.treatment == treatment
            for need in each.session["needs"]
        }
        gates = [gate for need in needs.values() for gate in need["gates"]]
        asked = {each.id for each in knowledge.rules if AGREES not in each.fact_names}
        of_day = patient_words(asked & set(gates), treatment, knowledge, language)
        rows = [
            each
            for each in knowledge.sections["preparations"]
            if treatment in each.applies_to and set(each.needs) & set(needs)
        ]
        says = [in_language(row.says, language) for row in sorted(rows, key=lambda row: row.place)]
        yield ForTreatment(
            name=name,
            before=(*(of_day or ()), *says),
            asks_times=of_day is None,
            after=_restricting(treatment, told, knowledge, language, driving=False),
        )


def _option_name(treatment: str, knowledge: Knowledge, language: str) -> str:
    for each in knowledge.sections["options"]:
        if each.id == treatment:
            return in_language(each.words.name, language)
    return treatment


def _listed(named: Sequence[str], word: str) -> str:
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} {word} {named[-1]}"
