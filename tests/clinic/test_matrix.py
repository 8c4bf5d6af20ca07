"""
The permission matrix: every route as every role, with rows of the own clinic, of another person in it,
and of another clinic; signed in and not. A refusal is a 404 that names no patient.

The routes come from the URL table, what is allowed from each view's own mark and the roles' lists;
`rows_for_routes.py` makes the arguments and says how to add some.
"""

from __future__ import annotations

import time

import pytest
from allauth.account.internal.userkit import user_id_to_str
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, get_resolver

from overstory.clinic.people.doors import LINK, PUBLIC, SIGNED_IN, door_of
from overstory.clinic.people.permissions import ROLES, May, Role
from tests.clinic.conftest import make_person, make_site, make_staff
from tests.clinic.rows_for_routes import FREE, NEEDS_MORE, ROWS, WORDS, House

NAME = "Quillon Featherstonehaugh"
"""The legal name of every patient here; no refusal may hold a part of it."""
REFUSED = 404


def routes():
    """All pages of the clinic: name, address with gaps, the view, the names of its arguments."""

    def walk(found, before):
        for each in found:
            if isinstance(each, URLPattern):
                yield [*before, each.pattern], each
            else:
                yield from walk(each.url_patterns, [*before, each.pattern])

    seen = {}
    for patterns, each in walk(get_resolver().url_patterns, []):
        arguments = [name for pattern in patterns for name in pattern.converters]
        address = "".join(str(pattern) for pattern in patterns)
        seen.setdefault(address, (each, patterns, arguments))
    return seen


ROUTES = routes()


def address_of(patterns, arguments) -> str:
    """Fill the gaps of an address."""
    made = ""
    for pattern in patterns:
        route = pattern._route
        for name, converter in pattern.converters.items():
            start = route.index(next(x for x in (f":{name}>", f"<{name}>") if x in route))
            first = route.rindex("<", 0, start + 1)
            end = route.index(">", start) + 1
            route = route[:first] + converter.to_url(arguments[name]) + route[end:]
        made += route
    return f"/{made}"


@pytest.fixture
def world(db):
    """Three houses: ours, another person of our clinic, another clinic; all patients have one name."""
    cache.clear()
    ours = make_house("ours", None)
    other_person = make_house("ours", ours.clinic, ours.site)
    other_clinic = make_house("theirs", None)
    return ours, other_person, other_clinic


def make_house(slug, clinic, site=None) -> House:
    from overstory.clinic.people.models import Clinic

    clinic = clinic or Clinic.objects.create(name=f"Clinic {slug}", jurisdiction="US")
    site = site or make_site(clinic, slug=slug)
    person = make_person(clinic, site, legal_name=NAME, called="")
    lead = make_staff(clinic, Role.MEDICAL_DIRECTOR, Role.MANAGER)
    return House(clinic=clinic, site=site, person=person, staff=lead)


def entered(clinic, *roles) -> Client:
    client = Client(raise_request_exception=False)
    who = make_staff(clinic, *roles)
    client.force_login(who)
    session = client.session
    session["second-factor"] = True
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
    session["account_authentication_methods_user"] = user_id_to_str(who)
    session.save()
    return client


def both(client, address):
    """Ask by GET, and send an empty form."""
    return [client.get(address), client.post(address)]


def shows_a_patient(answer) -> bool:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return any(part.encode() in body for part in NAME.split())


def filled(route, house) -> dict:
    name, _, arguments = route
    return {each: house.key(name, each) for each in arguments}


def rows_in(name, arguments) -> list[str]:
    """The arguments that name a row of a clinic."""
    return [
        each
        for each in arguments
        if not any(x in WORDS for x in (f"{name}/{each}", each)) and each not in FREE
    ]


@pytest.mark.parametrize("address", sorted(ROUTES))
def test_every_argument_of_a_route_is_known(address):
    each, _, arguments = ROUTES[address]

    unknown = [
        name
        for name in arguments
        if not any(x in ROWS or x in WORDS for x in (f"{each.name}/{name}", name))
    ]

    assert not unknown, f"add {unknown} of {each.name!r} to tests/clinic/rows_for_routes.py"


@pytest.mark.parametrize("address", sorted(ROUTES))
def test_who_enters_and_who_is_refused(world, address):
    each, patterns, arguments = ROUTES[address]
    ours = world[0]
    door = door_of(each.name, each.callback)
    for role in Role:
        values = {name: ours.key(each.name, name) for name in arguments}
        client = entered(ours.clinic, role)
        answers = both(client, address_of(patterns, values))
        said = f"{role} at {address}: {[x.status_code for x in answers]}"
        assert all(x.status_code < 500 for x in answers), said
        if door in {PUBLIC, LINK, SIGNED_IN} or May(door) in ROLES[role]:
            if door not in {PUBLIC, LINK} and each.name not in NEEDS_MORE:
                assert any(x.status_code not in {REFUSED, 405} for x in answers), said
        else:
            assert [x.status_code for x in answers] == [REFUSED, REFUSED], said
            assert not any(shows_a_patient(x) for x in answers), said
        ours.held.clear()


@pytest.mark.parametrize("address", sorted(ROUTES))
def test_a_stranger_sees_nobody(world, address):
    each, patterns, arguments = ROUTES[address]
    ours = world[0]
    door = door_of(each.name, each.callback)
    values = {name: ours.key(each.name, name) for name in arguments}

    answers = both(Client(raise_request_exception=False), address_of(patterns, values))

    said = f"a stranger at {address}: {[x.status_code for x in answers]}"
    assert not any(shows_a_patient(x) for x in answers), said
    assert all(x.status_code < 500 for x in answers), said
    if door not in {PUBLIC, LINK}:
        assert all(x.status_code == 302 and "/sign-in/" in x.url for x in answers), said


@pytest.mark.parametrize(
    "address", [a for a, (e, _, args) in sorted(ROUTES.items()) if rows_in(e.name, args)]
)
def test_no_row_of_another_clinic_is_reached(world, address):
    each, patterns, arguments = ROUTES[address]
    ours, _, theirs = world
    door = door_of(each.name, each.callback)
    if door in {PUBLIC, LINK}:
        clients = [Client(raise_request_exception=False)]
    else:
        clients = [entered(ours.clinic, role) for role in Role if May(door) in ROLES[role]]
    rows = rows_in(each.name, arguments)
    for client in clients:
        for strange in [rows, *([name] for name in rows if len(rows) > 1)]:
            values = {
                name: (theirs if name in strange else ours).key(each.name, name)
                for name in arguments
            }
            answers = both(client, address_of(patterns, values))
            said = f"{strange} of another clinic at {address}: {[x.status_code for x in answers]}"
            assert not any(shows_a_patient(x) for x in answers), said
            if door != LINK:
                assert {x.status_code for x in answers} <= {REFUSED, 405}, said
                assert any(x.status_code == REFUSED for x in answers), said


@pytest.mark.parametrize(
    "address",
    [
        a for a, (e, _, args) in sorted(ROUTES.items())
        if "person_id" in args and len(rows_in(e.name, args)) > 1
    ],
)  # fmt: skip
def test_no_row_of_another_person_is_reached_by_this_ones_address(world, address):
    each, patterns, arguments = ROUTES[address]
    ours, another, _ = world
    door = door_of(each.name, each.callback)
    role = next(role for role in Role if May(door) in ROLES[role])
    values = {
        name: (another if name in rows_in(each.name, arguments) and name != "person_id" else ours)
        .key(each.name, name)
        for name in arguments
    }  # fmt: skip

    answers = both(entered(ours.clinic, role), address_of(patterns, values))

    said = f"another person's row at {address}: {[x.status_code for x in answers]}"
    assert {x.status_code for x in answers} <= {REFUSED, 405}, said
    assert any(x.status_code == REFUSED for x in answers), said


@pytest.mark.parametrize("address", sorted(ROUTES))
def test_staff_without_a_second_factor_enter_nothing_but_where_they_get_one(world, address):
    each, patterns, arguments = ROUTES[address]
    ours = world[0]
    door = door_of(each.name, each.callback)
    if door in {PUBLIC, LINK} or (each.name or "").startswith(("mfa_", "account_")):
        return
    client = Client(raise_request_exception=False)
    client.force_login(make_staff(ours.clinic, *Role))
    values = {name: ours.key(each.name, name) for name in arguments}

    answers = both(client, address_of(patterns, values))

    assert [x.status_code for x in answers] == [302, 302]
    assert all(x.url == "/account/second-factor/" for x in answers)


def test_the_table_has_no_line_that_no_route_uses():
    names = {(e.name, arg) for e, _, args in ROUTES.values() for arg in args}
    used = {f"{route}/{arg}" for route, arg in names} | {arg for _, arg in names}

    assert set(ROWS) | set(WORDS) | set(FREE) <= used
    assert set(NEEDS_MORE) <= {e.name for e, _, _ in ROUTES.values()}
