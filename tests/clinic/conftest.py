"""An invented clinic for tests: rows, and clients that are signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest
from django.db import connection
from django.test import Client

from overstory.clinic.people.models import Clinic, Person, Site, SiteHours, Staff, StaffRole
from overstory.clinic.people.permissions import Role

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""A Monday, 10:00 in New York."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let tests empty tables where the database would refuse it; its own test puts this back."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("DROP TRIGGER IF EXISTS audit_entry_no_DELETE")


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def clinic(db) -> Clinic:
    return Clinic.objects.create(name="Fern Clinic", jurisdiction="US", country="US")


@pytest.fixture
def site(clinic) -> Site:
    return make_site(clinic, slug="fern-north")


@pytest.fixture
def other_clinic(db) -> Clinic:
    return Clinic.objects.create(name="Moss Clinic", jurisdiction="EU", country="DE")


@pytest.fixture
def other_site(other_clinic) -> Site:
    return make_site(other_clinic, slug="moss-west", time_zone="Europe/Berlin")


@pytest.fixture
def person(clinic, site) -> Person:
    return make_person(clinic, site)


@pytest.fixture
def stranger(other_clinic, other_site) -> Person:
    """A person of another clinic."""
    return make_person(other_clinic, other_site, legal_name="Zebulon Quist", called="Zeb")


@pytest.fixture
def staff(clinic) -> Callable[..., Staff]:
    """Make a member of staff with these roles, in the first clinic unless another is given."""

    def make(*roles: Role, of: Clinic | None = None, name: str = "") -> Staff:
        return make_staff(of or clinic, *roles, name=name)

    return make


@pytest.fixture
def signed_in(staff) -> Callable[..., Client]:
    """Return a client signed in with these roles and a second factor."""

    def enter(*roles: Role, of: Clinic | None = None, who: Staff | None = None) -> Client:
        client = Client()
        client.force_login(who or staff(*roles, of=of))
        session = client.session
        session["second-factor"] = True
        session.save()
        return client

    return enter


def make_site(clinic: Clinic, *, slug: str, time_zone: str = "America/New_York") -> Site:
    site = Site.objects.create(
        clinic=clinic,
        slug=slug,
        name=slug.replace("-", " ").title(),
        time_zone=time_zone,
        phone="+1 555 0100",
        address="1 Invented Street",
        offers=["esketamine", "ketamine-iv", "kap", "tms", "ketamine-then-tms"],
    )
    for weekday in range(5):
        SiteHours.objects.create(site=site, weekday=weekday, opens=time(8), closes=time(18))
    return site


def make_person(clinic: Clinic, site: Site, **fields) -> Person:
    known = {
        "legal_name": "Maya Fields",
        "called": "Maya",
        "birth_date": date(1982, 3, 9),
        "phone": "+1 555 0123",
        "email": "maya@example.org",
        "language": "en",
        "made_at": AT,
    }
    return Person.objects.create(clinic=clinic, site=site, **{**known, **fields})


def make_staff(clinic: Clinic, *roles: Role, name: str = "") -> Staff:
    count = Staff.objects.count()
    name = name or f"{'-'.join(roles)[:50] or 'nobody'} {count}"
    staff = Staff.objects.create_user(
        f"staff{count}@example.org",
        "an-invented-pass-phrase",
        clinic=clinic,
        name=name,
        called=name,
    )
    for role in roles:
        StaffRole.objects.create(staff=staff, role=role)
    return staff
