"""A medical director takes a release of the knowledge into use, and the boards say so."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import shared_folder
from tests.journeys.house import house_in, seeded
from tests.journeys.telling import Someone, asks_for_care, registers

WHO = Someone("Tolliver Ashgrove")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A clinic on its first day: staff, and nothing adopted."""
    made = house_in(
        tmp_path_factory.mktemp("house"), seeded(shared_folder(tmp_path_factory), "--empty")
    )
    try:
        made.open()
        yield made
    finally:
        made.close()


def test_the_director_adopts_the_release_and_no_board_says_not_adopted_any_more(someone):
    asks_for_care(someone(phone=True), WHO)
    person = registers(someone().enter_as("coordinator"), WHO)
    nurse = someone().enter_as("nurse")
    nurse.go(f"{person}board/")
    nurse.reads("Not adopted.")
    nurse.looks()

    director = someone().enter_as("medical director")
    director.go("/knowledge/")
    director.reads("Not adopted.")
    director.looks()
    director.tell(words="I have read the release and take it into use.")
    director.click("Sign and adopt")
    director.reads("Nothing is saved yet.")
    director.looks(invented=False)
    director.click("Yes, it is me")
    director.reads("Adopted by")
    director.looks()

    nurse.go(f"{person}board/")
    nurse.does_not_read("Not adopted.")
    nurse.looks()
