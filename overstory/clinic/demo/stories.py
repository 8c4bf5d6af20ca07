"""Who comes to the invented clinic, and how far along the pathway each of them is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from overstory.clinic.demo import answering, knowing, treating
from overstory.clinic.demo.asking import REQUESTS, arrival, registered, requests
from overstory.clinic.demo.choosing import Chosen, chosen
from overstory.clinic.demo.world import Story, World
from overstory.clinic.people.actions import add_contact, add_cover
from overstory.clinic.people.models import Person
from overstory.clinic.safety.actions import Done, act
from overstory.clinic.safety.models import Alert

PEOPLE = 60
"""As many as there are in all, those who only asked counted."""
NEW, SENT, HALF, HANDED_IN, IN_ALERT = 3, 4, 4, 3, 2
COURSES = {"tms": 5, "esketamine": 3, "ketamine-iv": 2}
"""So many courses of each are signed and booked; one more of each is drafted."""
HISTORY, AGAIN = -10, -1
WORSE_TO_BETTER = ((2.6, 2.4, 1.8, 1.2, 0.7), (2.3, 2.4, 2.2, 1.9, 1.9), (1.9, 1.2, 0.8, 1.5, 2.1))
INSURERS = ("Invented Mutual", "Make-believe Health", "Plan of the Valley")
REASONS = ("depression", "depression", "depression", "anxiety", "ptsd", "ocd")


@dataclass(frozen=True, slots=True)
class Part:
    """One who comes: a word for them, at which site, since when, at what age and why."""

    what: str
    site: int
    days: int
    age: int
    reason: str = "depression"
    language: str = "en"
    sex: str = ""
    first: str = ""


def stories(world: World) -> Iterator[Story]:
    """Yield the story of everyone."""
    known = [
        *(knowing.example_as_chosen(each, world.base) for each in knowing.EXAMPLES),
        *chosen(seed=world.seed, base=world.base),
    ]
    yield from requests(world)
    for number in range(NEW):
        yield _with_visit(world, _part(world, "new", number, days=-3))
    for number in range(SENT):
        yield _sent(world, _part(world, "sent", number, days=-5))
    for number in range(HALF):
        yield _half_done(world, _part(world, "half", number, days=-6))
    for number in range(HANDED_IN):
        yield _handed_in(world, _part(world, "done", number, days=-12))
    yield _closed_alert(world, _part(world, "alert", 0, days=-25))
    yield _open_alert(world, _part(world, "alert", 1, days=-7))
    plans = _plans(known)
    for number, each in enumerate(known):
        first = knowing.EXAMPLES[number].title() if number < len(knowing.EXAMPLES) else ""
        part = Part(
            f"known/{number}", number % 2, -18 + number % 5, each.age, sex=each.sex, first=first
        )
        yield _evaluated(world, part, each, number, plans.get(number))
    there = len(REQUESTS) + NEW + SENT + HALF + HANDED_IN + IN_ALERT + len(known)
    for number in range(PEOPLE - there):
        yield _with_visit(world, _part(world, "more", number, days=-8))


def _part(world: World, what: str, number: int, *, days: int) -> Part:
    random = world.random("part", what, number)
    language = "es" if number == 1 and what in {"sent", "done"} else "en"
    return Part(
        f"{what}/{number}", random.randint(0, 1), days - number % 3, random.randint(21, 68),
        random.choice(REASONS), language,
    )  # fmt: skip


def _plans(known: list[Chosen]) -> dict[int, tuple[str, int]]:
    """Return who has a plan of which treatment, and the which of its kind it is."""
    found: dict[int, tuple[str, int]] = {}
    for treatment, count in COURSES.items():
        fits = [
            number for number, each in enumerate(known)
            if each.may_have(treatment) and number not in found
        ]  # fmt: skip
        found |= {number: (treatment, place) for place, number in enumerate(fits[: count + 1])}
    return found


def _arrives(world: World, part: Part) -> Story:
    """Tell how someone came, and who pays and is near."""
    site = world.sites[part.site]
    yield from arrival(
        world, part.what, world.cast.next(part.sex, part.first), site=site,
        days=world.working_day(part.days), age=part.age, reason=part.reason,
        language=part.language,
    )  # fmt: skip
    person = registered(world, part.what)
    random, desk = world.random("near", part.what), world.at_site("coordinator", site=site)
    at = person.made_at + timedelta(minutes=3)
    yield at
    near = world.cast.next()
    add_contact(
        person=person, kind="emergency", name=near.name, phone=near.phone, relation="friend",
        by=desk, at=at,
    )  # fmt: skip
    number = f"INV-{random.randint(10_000, 99_999)}"
    add_cover(person=person, insurer=random.choice(INSURERS), member_id=number, by=desk, at=at)


def _after(person: Person, **more: float) -> datetime:
    return person.made_at + timedelta(minutes=10) + timedelta(**more)


def _with_visit(world: World, part: Part) -> Story:
    yield from _arrives(world, part)
    person = registered(world, part.what)
    at = _after(person)
    yield at
    treating.visit(world, part.what, person, at=at)


def _sent(world: World, part: Part) -> Story:
    yield from _with_visit(world, part)
    person = registered(world, part.what)
    at = _after(person, minutes=5)
    yield at
    answering.sent(world, part.what, person, pack="depression", at=at)


def _half_done(world: World, part: Part) -> Story:
    yield from _sent(world, part)
    form = world.clinic.questionnaires.get(pk=world.key("form", part.what))
    at = form.made_at + timedelta(hours=4)
    stop = world.random("stop", part.what).randint(14, 40)
    yield from answering.answered(world, part.what, form, at=at, level=1.8, stop_after=stop)


def _handed_in(world: World, part: Part) -> Story:
    yield from _sent(world, part)
    form = world.clinic.questionnaires.get(pk=world.key("form", part.what))
    at = form.made_at + timedelta(hours=5)
    yield from answering.answered(world, part.what, form, at=at, level=2.1)


def _item_9(world: World, part: Part, said: str, *, days: int, hour: int) -> Story:
    """Tell how someone answered item 9 of the PHQ-9 above zero."""
    yield from _arrives(world, part)
    person = registered(world, part.what)
    at = world.moment(person.site, days, hour)
    yield at
    form = answering.sent(world, part.what, person, pack="phq9", at=at)
    known = {"phq9.9": said}
    at += timedelta(minutes=5)
    yield from answering.answered(world, part.what, form, at=at, level=2.2, known=known)


def _closed_alert(world: World, part: Part) -> Story:
    days = world.working_day(-14)
    yield from _item_9(world, part, "2", days=days, hour=10)
    person = registered(world, part.what)
    done = _Doing(world, part.what, Alert.objects.get(person=person))
    nurse = world.at_site("nurse", site=person.site)
    therapist, doctor = world.staff["therapist0"], world.at_site("psychiatrist", site=person.site)
    at = done.alert.raised_at + timedelta(minutes=6)
    yield at
    done.do("acknowledged", by=nurse, at=at)
    at += timedelta(minutes=4)
    yield at
    done.do("contact-tried", by=nurse, at=at, outcome="reached",
            says="Reached at home; their partner is with them.")  # fmt: skip
    at += timedelta(minutes=30)
    yield at
    done.do("assessed", by=doctor, at=at, tier="moderate",
            says="Thoughts without a plan; C-SSRS asked in full.")  # fmt: skip
    at += timedelta(minutes=40)
    yield at
    done.do("closed", by=therapist, at=at, outcome="safety-plan",
            says="Safety plan written together; medicines handed to the partner.")  # fmt: skip
    at = world.moment(person.site, days + 3, 11)
    yield at
    done.do("followed-up", by=therapist, at=at, outcome="reached", says="Sleeping better.")
    at = world.moment(person.site, days + 3, 11, 20)
    yield at
    done.do("appointed", by=therapist, at=at)


def _open_alert(world: World, part: Part) -> Story:
    yield from _item_9(world, part, "1", days=-1, hour=13)
    person = registered(world, part.what)
    done = _Doing(world, part.what, Alert.objects.get(person=person))
    nurse = world.at_site("nurse", site=person.site)
    at = done.alert.raised_at + timedelta(minutes=11)
    yield at
    done.do("acknowledged", by=nurse, at=at)
    at += timedelta(minutes=9)
    yield at
    done.do("contact-tried", by=nurse, at=at, outcome="left-message")
    at += timedelta(minutes=50)
    yield at
    done.do("contact-tried", by=nurse, at=at, outcome="reached",
            says="Called back from the car; will be home at five.")  # fmt: skip
    at += timedelta(minutes=20)
    yield at
    done.do("assessed", by=nurse, at=at, tier="moderate",
            says="Thoughts on most days, no plan, no preparation. Safety plan begun.")  # fmt: skip


@dataclass
class _Doing:
    """What staff do about an alert, each thing with its own key."""

    world: World
    what: str
    alert: Alert
    count: int = 0

    def do(self, kind: str, *, by: object, at: datetime, **more: str) -> None:
        """Do one thing."""
        self.count += 1
        done = Done(kind, self.world.key("act", self.what, self.count), **more)  # type: ignore[arg-type]
        act(alert=self.alert, done=done, by=by, at=at)  # type: ignore[arg-type]


def _evaluated(
    world: World, part: Part, each: Chosen, number: int, plan: tuple[str, int] | None
) -> Story:
    """Tell how a history was taken, the board read, and a plan made where one fits."""
    yield from _arrives(world, part)
    person = registered(world, part.what)
    site = person.site
    days = world.working_day(HISTORY) if plan else -1
    at = world.moment(site, days, 9 + number % 6, 10 + number % 4 * 10)
    yield at
    knowing.take_history(world, part.what, person, each.given, each.trials, at=at)
    if plan or number % 3 == 0:
        at += timedelta(minutes=50)
        yield at
        knowing.decide(world, part.what, person, at=at)
    if plan:
        yield from _planned(world, part, person, each, *plan)
    elif number % 4 == 1:
        levels = WORSE_TO_BETTER[number % len(WORSE_TO_BETTER)]
        yield from answering.course_of_scores(world, part.what, person, levels=levels, every=3)


def _planned(
    world: World, part: Part, person: Person, each: Chosen, treatment: str, place: int
) -> Story:
    """Tell how a plan was drafted, signed and booked; the last of its kind waits for a signature."""
    is_last = place == COURSES[treatment]
    start = world.working_day(-4) + place if place % 2 else 1 + place
    at = world.moment(person.site, world.working_day(HISTORY), 16, 5 + place)
    yield at
    plan = treating.drafted(world, part.what, person, treatment, start=start, at=at)
    at += timedelta(minutes=20)
    if plan and not is_last:
        yield at
        if treating.signed(world, plan, at=at):
            at += timedelta(hours=1)
            yield at
            plan.refresh_from_db()
            treating.course(world, part.what, plan, at=at)
    at = world.moment(person.site, AGAIN, 15, 20 + place)
    yield at
    knowing.ask_again(world, part.what, person, each.given, at=at)
