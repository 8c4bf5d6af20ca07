"""Every number of every course stands a second time, written out from the clinical dossiers."""

from __future__ import annotations

from pathlib import Path

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.knowledge.strict_yaml import read_yaml_file
from tests.knowledge.course_numbers import numbers_of

WRITTEN = read_yaml_file(Path(__file__).parent / "rows" / "course_numbers.yaml").content["entries"]
FOUND = numbers_of(load_knowledge())


def test_every_entry_with_a_number_is_written_out_and_no_other():
    assert sorted(WRITTEN) == sorted(FOUND)


@pytest.mark.parametrize("entry", FOUND)
def test_an_entry_has_the_numbers_of_its_row(entry):
    assert FOUND[entry] == WRITTEN[entry]
