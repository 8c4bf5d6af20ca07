"""Three-valued logic: the operators' tables, written out (Kleene 1952, strong tables)."""

import pytest

from overstory.engine.truth import at_least, conjunction, disjunction, negation

T, F, U = True, False, None

CONJUNCTION = [
    ([T, T], T), ([T, F], F), ([T, U], U),
    ([F, T], F), ([F, F], F), ([F, U], F),
    ([U, T], U), ([U, F], F), ([U, U], U),
]  # fmt: skip
DISJUNCTION = [
    ([T, T], T), ([T, F], T), ([T, U], T),
    ([F, T], T), ([F, F], F), ([F, U], U),
    ([U, T], T), ([U, F], U), ([U, U], U),
]  # fmt: skip
TWO_OF_THREE = [
    ([T, T, U], T), ([T, T, F], T), ([T, U, F], U), ([T, F, F], F),
    ([U, U, F], U), ([U, F, F], F), ([U, U, U], U), ([T, U, U], U),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "whole"), CONJUNCTION)
def test_and_is_false_as_soon_as_one_part_is_false(parts, whole):
    assert conjunction(parts) is whole


@pytest.mark.parametrize(("parts", "whole"), DISJUNCTION)
def test_or_is_true_as_soon_as_one_part_is_true(parts, whole):
    assert disjunction(parts) is whole


@pytest.mark.parametrize(("part", "whole"), [(T, F), (F, T), (U, U)])
def test_not_leaves_the_unknown_unknown(part, whole):
    assert negation(part) is whole


@pytest.mark.parametrize(("parts", "whole"), TWO_OF_THREE)
def test_at_least_two_waits_for_the_parts_that_could_decide_it(parts, whole):
    assert at_least(2, parts) is whole


def test_of_no_parts_all_hold_and_none_does():
    assert conjunction([]) is True
    assert disjunction([]) is False
