"""The first clinic of an installation, with its first site and the manager who invites the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify

from overstory.clinic.people.actions.recording import keep
from overstory.clinic.people.actions.sites import SiteDetails, add_site
from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.people.permissions import Role
from overstory.clinic.people.staff import Staff, StaffRole


class FoundingError(ValueError):
    """A clinic that cannot be founded so; the message says what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """What a new clinic is told at the start; everything else is set on its pages."""

    name: str
    jurisdiction: str
    country: str
    site: str
    time_zone: str
    phone: str
    address: str
    manager: str
    email: str


@transaction.atomic
def found(*, founding: Founding, password: str, at: datetime) -> Clinic:
    """
    Found a clinic with one site and the account of its manager, who invites the others.

    :raises FoundingError: if something of it cannot be, or is there already.
    """
    _check(founding, password)
    clinic = Clinic.objects.create(
        name=founding.name,
        jurisdiction=founding.jurisdiction,
        country=founding.country.upper(),
    )
    manager = Staff.objects.create_user(
        founding.email,
        password,
        clinic=clinic,
        name=founding.manager,
        called=founding.manager,
        date_joined=at,
    )
    StaffRole.objects.create(staff=manager, role=Role.MANAGER, since=at)
    keep(clinic, "founded the clinic", manager.actor, by=manager, at=at)
    details = SiteDetails(
        slug=slugify(founding.site),
        name=founding.site,
        time_zone=founding.time_zone,
        phone=founding.phone,
        address=founding.address,
        crisis_text="",
        offers=[],
    )
    add_site(key=uuid4(), clinic=clinic, details=details, by=manager, at=at)
    return clinic


def _check(founding: Founding, password: str) -> None:
    try:
        ZoneInfo(founding.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise FoundingError(
            f"there is no time zone {founding.time_zone!r}; write it as America/New_York"
        ) from None
    try:
        validate_email(founding.email)
        validate_password(password, Staff(email=founding.email, name=founding.manager))
    except ValidationError as error:
        raise FoundingError(" ".join(error.messages)) from None
    slug = slugify(founding.site)
    if not slug:
        raise FoundingError("the site needs a name with letters or digits")
    if Site.objects.filter(slug=slug).exists():
        raise FoundingError(f"there is a site with the address {slug} already")
    if Staff.objects.filter(email__iexact=founding.email).exists():
        raise FoundingError(f"{founding.email} has an account already")
