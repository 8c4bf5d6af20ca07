"""The invented clinic itself: two sites, who works there and when, who is on call, what there is."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from overstory.clinic.booking.models import Resource
from overstory.clinic.care.adopting import Act, adopt
from overstory.clinic.demo.waiting import site_is_enrolled
from overstory.clinic.demo.world import World
from overstory.clinic.people.actions.sites import SiteDetails, add_site, set_hours
from overstory.clinic.people.actions.staff import accept, invite
from overstory.clinic.people.actions.times import add_on_call, add_shift
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.permissions import Role
from overstory.clinic.people.staff import Staff, StaffRole
from overstory.knowledge.load import load_knowledge

NAME = "Larkspur Clinic"
FOUNDED_DAYS = 60
"""So many days before the base the clinic was set up."""
SHIFTS_FROM, SHIFTS_UNTIL = -42, 24
ON_CALL_FROM = -14
TREATMENTS = ["esketamine", "ketamine-iv", "kap", "tms", "ketamine-then-tms"]
SITES = (
    SiteDetails(
        slug="larkspur-harbor", name="Larkspur Harbor", time_zone="America/New_York",
        phone="+1 555 0100", address="12 Invented Quay, Harbor Town",
        crisis_text="Our own line, answered day and night by a nurse: +1 555 0101.",
        offers=TREATMENTS,
    ),
    SiteDetails(
        slug="larkspur-mesa", name="Larkspur Mesa", time_zone="America/Denver",
        phone="+1 555 0102", address="340 Made-up Road, Mesa Town", crisis_text="",
        offers=["esketamine", "ketamine-iv", "tms", "ketamine-then-tms"],
    ),
)  # fmt: skip
STAFF = (
    ("manager", 0, (Role.MANAGER,), "female"),
    ("director", 0, (Role.MEDICAL_DIRECTOR,), "male"),
    ("auditor", 0, (Role.AUDITOR,), "female"),
    ("psychiatrist", 0, (Role.PSYCHIATRIST,), "female"),
    ("psychiatrist", 1, (Role.PSYCHIATRIST,), "male"),
    ("nurse", 0, (Role.NURSE,), "male"),
    ("nurse", 1, (Role.NURSE,), "female"),
    ("technician", 0, (Role.TECHNICIAN,), "male"),
    ("technician", 1, (Role.TECHNICIAN,), "female"),
    ("therapist", 0, (Role.THERAPIST,), "female"),
    ("coordinator", 0, (Role.COORDINATOR,), "male"),
    ("coordinator", 1, (Role.COORDINATOR,), "female"),
    ("nurse-second", 0, (Role.NURSE,), "female"),
    ("nurse-third", 0, (Role.NURSE,), "male"),
    ("nurse-second", 1, (Role.NURSE,), "male"),
    ("technician-second", 0, (Role.TECHNICIAN,), "female"),
    ("technician-second", 1, (Role.TECHNICIAN,), "male"),
)
"""A word, the site, the roles and the sex of a name; who stands first sets the clinic up."""
DOCTORS = ("director", "psychiatrist")
HOURS = {day: (time(8), time(18)) for day in range(5)}
ON_SHIFT = {
    "director": (9, 17), "psychiatrist": (8, 18), "nurse": (8, 18), "technician": (8, 18),
    "therapist": (9, 17), "coordinator": (8, 17), "nurse-second": (8, 18), "nurse-third": (8, 18),
    "technician-second": (8, 18),
}  # fmt: skip
RESOURCES: tuple[tuple[int, str, str, list[str]], ...] = (
    (0, "room", "Room 1", ["kap"]), (0, "room", "Room 2", ["kap"]),
    (0, "chair", "Chair 1", []), (0, "chair", "Chair 2", []), (0, "chair", "Chair 3", []),
    (0, "tms-device", "TMS 1", ["tms"]), (0, "tms-device", "TMS 2", ["tms"]),
    (1, "room", "Room A", ["kap"]), (1, "chair", "Chair A", []), (1, "chair", "Chair B", []),
    (1, "tms-device", "TMS A", ["tms"]), (1, "tms-device", "TMS B", ["tms"]),
)  # fmt: skip
WORDS = "I have read what changed in this release and take it into use in our clinic."


def make_house(*, seed: int, base: datetime, adopts: bool = True) -> World:
    """Set the invented clinic up, its knowledge adopted or not, and return the world it stands in."""
    clinic = Clinic.objects.create(name=NAME, jurisdiction="US", country="US", is_invented=True)
    world = World(seed, base, clinic)
    at = base - timedelta(days=FOUNDED_DAYS)
    manager = _first(world, at)
    world.sites = tuple(
        add_site(key=world.key("site", each.slug), clinic=clinic, details=each, by=manager, at=at)
        for each in SITES
    )
    for site in world.sites:
        set_hours(site=site, hours=HOURS, by=manager, at=at)
    for word, place, roles, sex in STAFF[1:]:
        world.staff[f"{word}{place}"] = _invited(world, word, roles, sex, manager, at)
    for place, kind, name, treatments in RESOURCES:
        Resource.objects.create(
            id=world.key("resource", place, name), site=world.sites[place], kind=kind, name=name,
            treatments=treatments,
        )  # fmt: skip
    if adopts:
        _adopt(world, at + timedelta(days=1))
    _shifts(world, manager, at)
    _roster(world, at)
    return world


def _named(world: World, word: str, sex: str) -> tuple[str, str, str]:
    """Return how someone of the staff is named, called, and their address."""
    who = world.cast.next(sex)
    title = "Dr. " if word in DOCTORS else ""
    return f"{title}{who.name}", title + (who.last if title else who.first), who.email


def _first(world: World, at: datetime) -> Staff:
    """Make the first account: there is nobody yet who could invite it."""
    word, place, roles, sex = STAFF[0]
    name, called, email = _named(world, word, sex)
    staff = Staff.objects.create_user(
        email, None, clinic=world.clinic, name=name, called=called, phone=world.cast.phone(),
        date_joined=at,
    )  # fmt: skip
    StaffRole.objects.bulk_create(StaffRole(staff=staff, role=each, since=at) for each in roles)
    world.staff[f"{word}{place}"] = staff
    return staff


def _invited(
    world: World, word: str, roles: tuple[Role, ...], sex: str, by: Staff, at: datetime
) -> Staff:
    name, called, email = _named(world, word, sex)
    token = invite(clinic=world.clinic, email=email, name=name, roles=roles, by=by, at=at)
    phone = world.cast.phone()
    return accept(
        token=token, called=called, phone=phone, password=None, at=at + timedelta(hours=2)
    )


def _adopt(world: World, at: datetime) -> None:
    act = Act(key=world.key("adopt"), sha256=load_knowledge().sha256, policy="", words=WORDS)
    adopt(clinic=world.clinic, act=act, by=world.staff["director0"], at=at)
    for site in world.sites:
        site_is_enrolled(world, site, world.staff["director0"], at=at)


def _shifts(world: World, manager: Staff, at: datetime) -> None:
    for word, place, _, _ in STAFF:
        if word not in ON_SHIFT:
            continue
        first, last = ON_SHIFT[word]
        site = world.sites[place]
        for days in range(SHIFTS_FROM, SHIFTS_UNTIL):
            if world.weekday(days) > 4:
                continue
            add_shift(
                key=world.key("shift", word, place, days),
                staff=world.staff[f"{word}{place}"],
                site=site,
                starts=world.moment(site, days, first),
                ends=world.moment(site, days, last),
                by=manager,
                at=at,
            )


def _roster(world: World, at: datetime) -> None:
    """Put two on call for each day and night, from eight to eight at the first site."""
    rungs = (
        ("nurse0", "nurse1", "therapist0"),
        ("psychiatrist0", "psychiatrist1", "director0"),
    )
    for rung, words in enumerate(rungs, start=1):
        for days in range(ON_CALL_FROM, SHIFTS_UNTIL):
            add_on_call(
                key=world.key("on-call", rung, days),
                staff=world.staff[words[days % len(words)]],
                starts=world.moment(world.sites[0], days, 8),
                ends=world.moment(world.sites[0], days + 1, 8),
                rung=rung,
                by=world.staff["director0"],
                at=at,
            )
