"""Stories of first contact: requests in the queue, late and new, and those that became persons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import orjson

from overstory.clinic.booking.actions import Visit, book_visit
from overstory.clinic.booking.hours import visit_offers
from overstory.clinic.demo.cast import RELATIONS, Figure
from overstory.clinic.demo.world import Story, World
from overstory.clinic.intake.asking import CareRequest
from overstory.clinic.intake.asking_actions import Asked, ask, close, give, note, register
from overstory.clinic.intake.uploads import TakenFile, taken
from overstory.clinic.people.clinics import Site
from overstory.clinic.people.models import Person
from overstory.exchange.fhir.writing import bundle_of
from overstory.exchange.records import Record
from overstory.knowledge.load import load_knowledge
from overstory.panel.synthesis.people import people
from overstory.panel.synthesis.population import Population


@dataclass(frozen=True, slots=True)
class Asking:
    """One request: how many days ago, for what, by whom, in what words, and how far it came."""

    days: int
    site: int
    reason: str
    words: str
    asker: str = "self"
    language: str = "en"
    taken: bool = False
    tried: str = ""
    with_bundle: bool = False
    with_visit: bool = False
    is_remote: bool = False
    closed: str = ""


REQUESTS = (
    Asking(-6, 0, "depression", "Two medicines did not help. I read about the nasal spray."),
    Asking(-5, 1, "ptsd", "I would like to know whether you treat PTSD.", taken=True,
           tried="No answer at noon; the mailbox does not say a name, so no message left."),
    Asking(-4, 0, "pain", "Nerve pain in my arm for six years, and very low since."),
    Asking(-3, 0, "depression", "Ni dos medicinas ni la terapia me ayudaron.", language="es",
           taken=True),
    Asking(-2, 0, "depression", "My sister has not left her room for weeks. How can we help?",
           asker="relative"),
    Asking(-2, 1, "ocd", "Is TMS for OCD covered? I work nights, please write.", with_visit=True),
    Asking(-1, 0, "depression", "Referred for esketamine after three trials; record attached.",
           asker="professional", with_bundle=True),
    Asking(-1, 0, "anxiety", "", with_visit=True, is_remote=True),
    Asking(-1, 1, "depression", "I live two hours away. Can the first visit be by video?"),
    Asking(-9, 0, "other", "Do you sell ketamine?", closed="elsewhere"),
)  # fmt: skip
NOT_OURS = "Told that we do not; given the address of a general practice."


def requests(world: World) -> Iterator[Story]:
    """Yield a story for each request that is in the queue, or was closed without care."""
    for number, each in enumerate(REQUESTS):
        yield _request(world, number, each)


def _request(world: World, number: int, each: Asking) -> Story:
    site, who = world.sites[each.site], world.cast.next()
    random = world.random("request", number)
    at = world.moment(site, each.days, random.randint(9, 15), random.randint(0, 59))
    yield at
    file = (_bundle(world, who),) if each.with_bundle else ()
    request = ask(site=site, asked=_asked(world, number, each, who), files=file, at=at)
    if each.with_visit:
        _visit(world, request, number, remote=each.is_remote, site=site)
    desk = world.at_site("coordinator", site=site)
    if each.taken or each.closed:
        at += timedelta(minutes=35)
        yield at
        give(care_request=request, to=desk, by=desk, at=at)
    if each.tried:
        at += timedelta(minutes=10)
        yield at
        note(care_request=request, what="tried", words=each.tried, by=desk, at=at)
    if each.closed:
        at += timedelta(minutes=5)
        yield at
        close(care_request=request, outcome=each.closed, words=NOT_OURS, by=desk, at=at)


def _asked(world: World, number: int, each: Asking, who: Figure) -> Asked:
    random = world.random("asked", number)
    near = world.cast.next() if each.asker != "self" else None
    relation = "" if near is None else random.choice(RELATIONS)
    return Asked(
        id=world.key("request", number),
        asker=each.asker,
        reason=each.reason,
        name=who.name,
        called=who.first,
        birth_date=world.cast.born(random.randint(22, 66), world.base.date()),
        phone=who.phone,
        email=who.email,
        prefers=random.choice(("phone", "email")),
        language=each.language,
        asker_name=near.name if near else "",
        asker_phone=near.phone if near else "",
        asker_relation="their general practitioner" if each.asker == "professional" else relation,
        words=each.words,
    )


def _visit(world: World, request: CareRequest, number: int, *, remote: bool, site: Site) -> None:
    at = request.received_at
    offers = visit_offers(site, now=at)
    chosen = world.random("visit", number).choice(offers[12:40])
    visit = Visit(
        id=world.key("visit", number), site=site, clinician=chosen.clinician, starts=chosen.starts,
        is_remote=remote, place="At home, 7 Invented Lane" if remote else "",
        emergency_contact=f"{world.cast.next().name}, {world.cast.phone()}" if remote else "",
    )  # fmt: skip
    book_visit(visit=visit, person=None, care_request=request, at=at, actor="public")


def _bundle(world: World, who: Figure) -> TakenFile:
    """Return a record of someone invented, as another clinic's system would send it."""
    knowledge = load_knowledge()
    population = Population(knowledge, 1, world.seed, world.base - timedelta(days=12), "records")
    one = next(people(population))
    record = Record(
        patient=who.last, at=population.at, jurisdiction="US", given=one.given, trials=one.trials,
        not_understood=(),
    )  # fmt: skip
    content = orjson.dumps(bundle_of(record, knowledge, invented=True), option=orjson.OPT_INDENT_2)
    return taken(name=f"{who.last.lower()}-record.json", content=content)


def arrival(
    world: World, what: str, who: Figure, *, site: Site, days: int, age: int, reason: str,
    language: str = "en",
) -> Story:  # fmt: skip
    """Tell how someone asked for care and was registered; `registered` then finds them."""
    random = world.random("arrival", what)
    at = world.moment(site, days, random.randint(9, 14), random.randint(0, 59))
    yield at
    asked = Asked(
        id=world.key("request", what), asker="self", reason=reason, name=who.name,
        called=who.first, birth_date=world.cast.born(age, world.base.date()), phone=who.phone,
        email=who.email, language=language,
    )  # fmt: skip
    request = ask(site=site, asked=asked, at=at)
    desk = world.at_site("coordinator", site=site)
    at += timedelta(minutes=random.randint(20, 100))
    yield at
    give(care_request=request, to=desk, by=desk, at=at)
    at += timedelta(minutes=12)
    yield at
    register(care_request=request, existing=None, by=desk, at=at)


def registered(world: World, what: str) -> Person:
    """Return the person who arrived under this word."""
    request = world.clinic.care_requests.select_related("person__site__clinic").get(
        pk=world.key("request", what)
    )
    if request.person is None:
        raise LookupError(f"{what} has not arrived yet")
    return request.person
