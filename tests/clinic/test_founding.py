"""A clinic from nothing: founded by a command, entered by its manager, and no further by a stranger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.test import Client

from overstory.clinic.audit.verifying import verify
from overstory.clinic.people.actions.founding import Founding, FoundingError, found
from overstory.clinic.people.models import Clinic, Site, Staff
from overstory.clinic.people.permissions import May

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
PASSWORD = "seven-invented-ferns"  # noqa: S105
ELM = Founding(
    name="Elm Clinic",
    jurisdiction="US",
    country="us",
    site="Elm North",
    time_zone="America/New_York",
    phone="+1 555 0100",
    address="1 Elm Street",
    manager="Ana Field",
    email="ana@example.org",
)


def test_a_founded_clinic_has_a_site_a_manager_and_a_record(db):
    clinic = found(founding=ELM, password=PASSWORD, at=AT)

    manager = Staff.objects.get()
    assert manager.check_password(PASSWORD)
    assert manager.may(May.RUN_STAFF)
    assert not manager.may(May.SEE_PERSON)
    assert clinic.country == "US"
    assert Client().get("/en/at/elm-north/").status_code == 200
    assert verify(clinic.pk).entries == 2
    assert verify(clinic.pk).holds


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"time_zone": "Ithaca"}, "time zone"),
        ({"email": "nobody"}, "email"),
        ({"site": "!!"}, "letters"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_founded(db, wrong, says):
    with pytest.raises(FoundingError, match=says):
        found(founding=replace(ELM, **wrong), password=PASSWORD, at=AT)

    assert not Clinic.objects.exists()


def test_a_weak_password_is_refused(db):
    with pytest.raises(FoundingError, match="password"):
        found(founding=ELM, password="password", at=AT)  # noqa: S106


def test_a_second_clinic_needs_another_site_and_another_manager(db):
    found(founding=ELM, password=PASSWORD, at=AT)

    with pytest.raises(FoundingError, match="elm-north"):
        found(founding=ELM, password=PASSWORD, at=AT)
    with pytest.raises(FoundingError, match="account"):
        found(founding=replace(ELM, site="Elm South"), password=PASSWORD, at=AT)

    assert Site.objects.count() == 1
