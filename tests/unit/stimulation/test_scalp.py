"""Beam F3 by the version of the authors' calculator, its mirror, its approximation, newer targets."""

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.pathway.stimulation.scalp import Head, ScalpError, beam, newer_targets

KNOWLEDGE = load_knowledge()

# TMS §4.1, validation vectors of the website version: (over, along, around) -> (x, y) in cm.
VECTORS = {
    (36, 36, 56): (6.469, 9.500), (36, 38, 60): (6.955, 9.791), (38, 36, 57): (6.563, 9.721),
    (34, 34, 54): (6.238, 8.973), (37, 35, 56): (6.447, 9.457), (38, 38, 58): (6.701, 10.028),
    (40, 36, 60): (6.886, 9.926), (35, 37, 55): (6.376, 9.527),
}  # fmt: skip


@pytest.mark.parametrize("lengths", VECTORS)
def test_a_validation_vector(lengths):
    found = beam(head=Head(*lengths), knowledge=KNOWLEDGE).exact

    assert (found.x_cm, found.y_cm) == pytest.approx(VECTORS[lengths], abs=0.0006)


@pytest.mark.parametrize("lengths", VECTORS)
def test_the_linear_form_is_near_the_exact_one(lengths):
    # TMS §4.1: at most 0.04 cm apart in x and 0.10 cm in y on the eight vectors.
    found = beam(head=Head(*lengths), knowledge=KNOWLEDGE)

    assert abs(found.approximate.x_cm - found.exact.x_cm) <= 0.0405
    assert abs(found.approximate.y_cm - found.exact.y_cm) <= 0.1005


def test_it_is_not_one_of_the_other_variants():
    # TMS §4.1 at 36, 36, 56: "formula" 5.567 / 8.666, "pubmed" 20.40 / 33.37, "published" 21.95 / 16.15.
    found = beam(head=Head(36, 36, 56), knowledge=KNOWLEDGE).exact

    for x, y in ((5.567, 8.666), (20.40, 33.37), (21.95, 16.15)):
        assert abs(found.x_cm - x) > 0.5
        assert abs(found.y_cm - y) > 0.5


def test_the_published_tools_numbers_by_the_linear_form():
    # TMS §4.1: (36, 38, 60) -> 6.92, 9.76, adjusted 10.11.
    found = beam(head=Head(36, 38, 60), knowledge=KNOWLEDGE)

    assert round(found.approximate.x_cm, 2) == 6.92
    assert round(found.approximate.y_cm, 2) == 9.76
    assert round(found.approximate_longer_y_cm, 2) == 10.11


def test_the_right_side_is_the_mirror():
    left = beam(head=Head(36, 36, 56), knowledge=KNOWLEDGE)
    right = beam(head=Head(36, 36, 56), knowledge=KNOWLEDGE, side="right")

    assert (left.exact.name, right.exact.name) == ("F3", "F4")
    assert (left.exact.x_cm, left.exact.y_cm) == (right.exact.x_cm, right.exact.y_cm)


def test_y_is_longer_by_what_heads_ask_for_on_average():
    # Mir-Moghtadaei 2015: + 0.35 cm; half within 0.65, 95 in 100 within 1.36 cm.
    found = beam(head=Head(36, 36, 56), knowledge=KNOWLEDGE)

    assert found.longer_y_cm == pytest.approx(9.850, abs=0.0006)
    assert (found.half_within_cm, found.most_within_cm) == (0.65, 1.36)


def test_the_newer_targets():
    # TMS §4.1, worked: average 36, around 56: left anterior y 11.40 x 7.61; left posterior 8.93, 10.34.
    found = {each.name: each for each in newer_targets(head=Head(36, 36, 56), knowledge=KNOWLEDGE)}

    anterior, posterior = found["Left anterior DLPFC"], found["Left posterior DLPFC"]
    assert (round(anterior.y_cm, 2), round(anterior.x_cm, 2)) == (11.40, 7.61)
    assert (round(posterior.y_cm, 2), round(posterior.x_cm, 2)) == (8.93, 10.34)
    assert {each.side for each in found.values()} == {"left", "right"}


@pytest.mark.parametrize(
    ("lengths", "says"),
    [
        # TMS §4.1: refuse outside 28 to 45, 28 to 45, 48 to 66 cm.
        ((27.9, 36, 56), "ear to ear"),
        ((36, 45.1, 56), "nasion to inion"),
        ((36, 36, 47.9), "circumference"),
        ((36, 36, 66.1), "circumference"),
        ((14.2, 36, 56), "looks like inches"),
        ((float("nan"), 36, 56), "ear to ear"),
    ],
)
def test_a_length_out_of_range_is_refused(lengths, says):
    with pytest.raises(ScalpError, match=says):
        beam(head=Head(*lengths), knowledge=KNOWLEDGE)


def test_a_place_where_none_can_be_is_refused():
    # TMS §4.1, sanity: y between 7.5 and 12 cm.
    with pytest.raises(ScalpError, match="measure again"):
        beam(head=Head(28, 28, 56), knowledge=KNOWLEDGE)
