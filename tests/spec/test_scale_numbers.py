"""Every number of the scales is that of its source: bands, lines, change, answers, windows, tables."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from overstory.knowledge.shapes.scales import AnswerSet, Mark, Scale
from tests.scales import crosswalks, scales, table

MARK_NUMBERS = ("percent", "below_percent", "points", "points_to", "at_most", "below", "at_least",
                "bands", "times")  # fmt: skip


@pytest.mark.parametrize("scale", scales().values(), ids=lambda each: each.id)
def test_bands_are_those_of_the_source(scale: Scale) -> None:
    found = {
        each.id: ", ".join(f"{b.least:g}-{b.greatest:g} {b.label}" for b in each.bands)
        for each in scale.bands
    }

    assert found == table("bands").get(scale.id, {})


@pytest.mark.parametrize("scale", scales().values(), ids=lambda each: each.id)
def test_change_thresholds_are_those_of_the_source(scale: Scale) -> None:
    expected = table("marks").get(scale.variant_of or scale.id, {})
    if scale.variant_of and not scale.marks:
        return

    assert {each.id: _mark(each) for each in scale.marks} == expected


def _mark(mark: Mark) -> str:
    numbers = [f"{name} {value:g}" for name in MARK_NUMBERS
               if (value := getattr(mark, name)) is not None]  # fmt: skip
    return " ".join([*numbers, mark.status])


def test_the_days_between_ratings_of_a_relapse_are_those_of_the_source() -> None:
    """SUSTAIN-1: 5 to 15 days; NCT04007367: 7 to 14; PHQ-9, site policy: 5 or more (measures 3.2)."""
    found = {
        scale.id: mark.days_apart
        for scale in scales().values()
        for mark in scale.marks
        if mark.kind == "relapse"
    }

    assert found == {"madrs": (5, 15), "madrs_24h": (5, 15), "hamd17": (7, 14), "phq9": (5, None)}


@pytest.mark.parametrize("scale_id", table("findings"))
def test_lines_are_those_of_the_source(scale_id: str) -> None:
    found = {each.id: each.when for each in scales()[scale_id].findings}

    for name, when in table("findings")[scale_id].items():
        assert found[name] == when


def _any(names: Iterable[str], line: str) -> str:
    return " or ".join(f"{name} {line}" for name in names)


def _count(least: int, names: Iterable[str], line: str, last: str = "") -> str:
    parts = [f"{name} {line}" for name in names] + ([last] if last else [])
    return f"at_least {least} of ({', '.join(parts)})"


def _items(first: int, last: int) -> list[str]:
    return [f"item{number}" for number in range(first, last + 1)]


@pytest.mark.parametrize(
    ("scale_id", "finding", "when"),
    [
        ("phq9", "five_symptoms", _count(5, _items(1, 8), ">= 2", "item9 >= 1")),
        ("phq9", "two_symptoms", _count(2, _items(1, 8), ">= 2", "item9 >= 1")),
        ("phq9", "core_symptom", _any(_items(1, 2), ">= 2")),
        ("pcl5", "cluster_b", _count(1, _items(1, 5), ">= 2")),
        ("pcl5", "cluster_c", _count(1, _items(6, 7), ">= 2")),
        ("pcl5", "cluster_d", _count(2, _items(8, 14), ">= 2")),
        ("pcl5", "cluster_e", _count(2, _items(15, 20), ">= 2")),
        ("pcl5_week", "cluster_b", _count(1, _items(1, 5), ">= 2")),
        ("pcl5_week", "cluster_c", _count(1, _items(6, 7), ">= 2")),
        ("pcl5_week", "cluster_d", _count(2, _items(8, 14), ">= 2")),
        ("pcl5_week", "cluster_e", _count(2, _items(15, 20), ">= 2")),
        ("mdq", "seven_symptoms", _count(7, _items(1, 13), "== 1")),
        ("isas", "any_behaviour", _any([f"behaviour_{n}" for n in range(1, 13)], ">= 1")),
        ("dshi", "any_behaviour", _any(_items(1, 17), "== 1")),
        ("tsst", "physician_review", _any([*_items(1, 9), *_items(11, 13)], "== 1")),
        ("tass_additions", "physician_review", _any(_items(1, 6), "== 1")),
    ],
)
def test_counts_of_symptoms_are_those_of_the_source(scale_id: str, finding: str, when: str) -> None:
    """PHQ-9 algorithm, DSM-5 rule of the PCL-5, MDQ (measures 1.2); any yes (measures 1.1, 1.4)."""
    assert next(each.when for each in scales()[scale_id].findings if each.id == finding) == when


@pytest.mark.parametrize("scale", scales().values(), ids=lambda each: each.id)
def test_answers_are_those_of_the_source(scale: Scale) -> None:
    found = {name: _set(each) for name, each in scale.answers.items()}

    assert found == table("sets")[scale.id]


def _set(answers: AnswerSet) -> str:
    if answers.range:
        return f"{'' if answers.whole else '~'}{answers.range[0]:g}-{answers.range[1]:g}"
    return " ".join(
        f"{each.value:g}" + ("" if each.counts is None else f"={each.counts:g}")
        for each in answers.options
    )


def test_questions_that_may_be_left_out_are_those_of_the_audit() -> None:
    """Question 1 at zero leaves out 2 to 8; questions 2 and 3 at zero leave out 4 to 8 (measures 1.2)."""
    found = {
        scale.id: [(" ".join(each.items), each.sum, " ".join(each.leaves_out), each.counts)
                   for each in scale.scoring.skips]
        for scale in scales().values() if scale.scoring.skips
    }  # fmt: skip

    assert found == {
        "audit": [("1", 0, "2 3 4 5 6 7 8", 0), ("2 3", 0, "4 5 6 7 8", 0)],
        "audit_c": [("1", 0, "2 3", 0)],
    }


def test_the_table_of_promis_depression_is_that_of_the_source() -> None:
    """Raw sums 8 to 40 (measures 3.6)."""
    expected = (
        "38.2 44.7 47.5 49.4 50.9 52.1 53.2 54.1 55.1 55.9 56.8 57.7 58.5 59.4 60.3 61.2 62.1 63 "
        "63.9 64.9 65.8 66.8 67.7 68.7 69.7 70.7 71.7 72.8 73.9 75 76.4 78.2 81.3"
    )

    found = scales()["promis_d8a"].scoring.table

    assert [int(raw) for raw in found] == list(range(8, 41))
    assert " ".join(f"{t_score:g}" for t_score in found.values()) == expected


def test_crosswalks_hold_the_rows_of_the_source() -> None:
    """Measures 3.5; QIDS to HAM-D as on ids-qids.org."""
    expected = table("crosswalks")

    found = {
        each.id: " ".join(
            f"{_span(row.from_)}>{_span(row.to)}" + ("?" if row.doubtful else "")
            for row in each.rows
        )
        for each in crosswalks().values()
    }

    assert found == expected


def _span(ends: tuple[float, float]) -> str:
    return f"{ends[0]:g}" if ends[0] == ends[1] else f"{ends[0]:g}-{ends[1]:g}"


def test_recall_windows_are_those_of_the_source() -> None:
    found = {each.id: each.recall.days for each in scales().values() if each.recall.days}

    assert found == table("windows")


def test_figures_are_those_of_the_source() -> None:
    found = {
        scale.id: [
            end for each in scale.figures for end in (each.value, each.to) if end is not None
        ]
        for scale in scales().values()
        if scale.figures
    }

    assert found == table("figures")


def test_every_crosswalk_says_that_it_is_approximate_and_for_groups() -> None:
    for each in crosswalks().values():
        assert "approximate" in each.label.lower()
        assert "groups" in each.label
