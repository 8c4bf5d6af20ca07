"""The address of a PostgreSQL table: what it names, and that its password is shown nowhere."""

import sys

import pytest

from overstory.panel.sources import SourceError
from overstory.panel.sources.postgresql_table import address_of
from tests.panel.sources_made import refusal


@pytest.mark.parametrize(
    ("place", "table", "shown", "connection"),
    [
        (
            "postgresql://ann:pw@db.example:5433/clinic?table=care.facts",
            ("care", "facts"),
            "postgresql://db.example:5433/clinic::care.facts",
            "postgresql://ann:pw@db.example:5433/clinic?connect_timeout=10",
        ),
        (
            "postgres://db.example/clinic::facts?sslmode=require",
            ("facts",),
            "postgresql://db.example/clinic::facts",
            "postgres://db.example/clinic?sslmode=require&connect_timeout=10",
        ),
        (
            "postgresql://[::1]/clinic::facts?connect_timeout=3",
            ("facts",),
            "postgresql://::1/clinic::facts",
            "postgresql://[::1]/clinic?connect_timeout=3",
        ),
    ],
)
def test_an_address_names_a_database_and_a_table(place, table, shown, connection):
    address = address_of(place)

    assert address.table == table
    assert address.shown == shown
    assert address.connection == connection


@pytest.mark.parametrize(
    "place",
    [
        "postgresql://ann:hid/den@db.example/clinic?table=facts",
        "postgresql://ann:hid#den@db.example/clinic?table=facts",
        "postgresql://ann:hid?den@db.example/clinic?table=facts",
        "postgresql://ann:hidden@db.example:port/clinic?table=facts",
        "postgresql://ann:hidden@[db.example/clinic?table=facts",
        "postgresql://ann:hidden@db.example/clinic",
    ],
)
def test_a_malformed_address_is_refused_without_being_repeated(place):
    with pytest.raises(SourceError, match="the address of the database is not as") as refused:
        address_of(place)

    assert "hid" not in str(refused.value)
    assert "den" not in str(refused.value)


@pytest.mark.parametrize(
    "place",
    [
        "postgresql://ann:hidden@127.0.0.1:1/clinic?table=facts",
        "postgresql://ann@127.0.0.1:1/clinic?table=facts&password=hidden",
        "postgresql://ann:hid%zzden@127.0.0.1:1/clinic?table=facts",
    ],
)
def test_a_database_that_does_not_answer_is_an_error_without_a_password(place):
    said = refusal(place)

    assert said.startswith("postgresql://127.0.0.1:1/clinic::facts: ")
    assert "hid" not in said


def test_without_the_driver_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    said = refusal("postgresql://127.0.0.1:1/clinic?table=facts")

    assert said.endswith("install the driver: pip install 'overstory[postgresql]'")
