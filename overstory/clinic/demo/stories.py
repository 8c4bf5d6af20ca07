"""Who comes to the invented clinic, and how far along the pathway each of them is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from overstory.clinic.demo import agreeing, answering, courses, knowing, treating
from overstory.clinic.demo.asking import REQUESTS, arrival, registered, requests
from overstory.clinic.demo.choosing import Chosen, chosen
from overstory.clinic.demo.world import Story, World
from overstory.clinic.people.actions import add_contact, add_cover
from overstory.clinic.people.models import Person
from overstory.clinic.safety.actions import Done, act
from overstory.clinic.safety.models import Alert

PEOPLE = 84
"""As many as there are in all, those who only asked counted."""
NEW, SENT, HALF, HANDED_IN, IN_ALERT = 3, 4, 4, 3, 2
WORSE_TO_BETTER = ((2.6, 2.4, 1.8, 1.2, 0.7), (2.3, 2.4, 2.2, 1.9, 1.9), (1.9, 1.2, 0.8, 1.5, 2.1))
DECLINED = (("usual-care", 0), ("not-yet", 35))
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
    words = [f"known/{number}" for number in range(len(known))]
    cast = courses.casting(world, known, words, [number % 2 for number in range(len(known))])
    for number, each in enumerate(known):
        word = words[number]
        first = cast.ready.get(word, "")
        if number < len(knowing.EXAMPLES):
            first = knowing.EXAMPLES[number].title()
        course = cast.going.get(word)
        days = course.decided - 9 if course else -18 + number % 5
        part = Part(word, number % 2, days, each.age, sex=each.sex, first=first)
        yield _evaluated(world, part, each, number, course)
    yield courses.outage(world)
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
    world: World, part: Part, each: Chosen, number: int, course: courses.Going | None
) -> Story:
    """Tell how a history was taken, the board read, and a choice made: a course where one fits."""
    yield from _arrives(world, part)
    person = registered(world, part.what)
    site = person.site
    days = world.working_day(course.decided) if course else -1
    at = world.moment(site, days, 9 + number % (3 if course else 6), 10 + number % 4 * 10)
    yield at
    knowing.take_history(world, part.what, person, each.given, each.trials, at=at)
    if knowing.raises_alert(world, part.what, person, at=at):
        alert = Alert.objects.get(person=person)
        doing, at = _Doing(world, part.what, alert), at + timedelta(minutes=3)
        yield at
        doing.do("acknowledged", by=world.at_site("psychiatrist", site=site), at=at)
    is_ready = part.first in courses.READY.values()
    if course or is_ready or number % 3 == 0:
        at += timedelta(minutes=50)
        yield at
        knowing.decide(world, part.what, person, at=at)
    if course:
        yield from courses.course(world, course, person, each)
    elif is_ready:
        return
    elif number % 4 == 1:
        levels = WORSE_TO_BETTER[number % len(WORSE_TO_BETTER)]
        yield from answering.course_of_scores(world, part.what, person, levels=levels, every=3)
    elif number % 6 == 0 and number >= len(knowing.EXAMPLES):
        at += timedelta(minutes=40)
        yield at
        option, again = DECLINED[number // 6 % len(DECLINED)]
        day = (world.base + timedelta(days=again)).date() if again else None
        agreeing.chooses(world, part.what, person, option, at=at, again=day)
