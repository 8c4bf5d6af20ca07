"""From the first message to an explained board: for one who fits esketamine, one TMS, one barred."""

from __future__ import annotations

import pytest

from tests.journeys.telling import (
    Someone,
    answers,
    books_a_visit,
    hands_in,
    makes_a_link,
    opens,
    registers,
    states_what_is_missing,
    verdict_of,
)

PERMITTED = {"Suitable", "With conditions"}


@pytest.fixture
def evaluated(someone):
    """Tell everything up to the board, and return it as the nurse sees it."""

    def tell(who: Someone, **known: str):
        visitor, phone = someone(), someone(phone=True)
        books_a_visit(visitor, who)
        desk = someone().enter_as("coordinator")
        person = registers(desk, who)
        nurse = someone().enter_as("nurse")
        opens(phone, makes_a_link(nurse, person, "depression"), who)
        assert answers(phone, known) > 60
        hands_in(phone)
        nurse.go(f"{person}board/")
        nurse.looks()
        return nurse

    return tell


def test_someone_with_a_cochlear_implant_fits_esketamine_and_not_tms(evaluated):
    nurse = evaluated(Someone("Ottoline Brackwater"), cochlear_implant="yes")

    assert verdict_of(nurse, "Esketamine") == "Cannot say yet"
    states_what_is_missing(nurse)

    assert verdict_of(nurse, "Esketamine") in PERMITTED
    assert verdict_of(nurse, "TMS") == "Contraindicated"
    nurse.looks()


def test_someone_hypersensitive_to_ketamine_fits_tms(evaluated):
    nurse = evaluated(Someone("Peregrine Dunmarsh"), ketamine_hypersensitivity="yes")

    states_what_is_missing(nurse)

    assert verdict_of(nurse, "TMS") in PERMITTED
    assert verdict_of(nurse, "Esketamine") == "Contraindicated"
    nurse.reads("Nothing more to ask")


def test_someone_with_an_aneurysm_and_an_implant_is_barred_and_told_what_else_there_is(evaluated):
    nurse = evaluated(
        Someone("Quenby Larkstone"), aneurysmal_vascular_disease="yes", cochlear_implant="yes"
    )

    for treatment in ("Esketamine", "Ketamine infusion", "TMS", "Ketamine, then TMS"):
        assert verdict_of(nurse, treatment) == "Contraindicated"
    nurse.reads("Nothing here fits: what else there is")
