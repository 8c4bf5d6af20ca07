"""The evidence, harms, conflicts and corrections: complete, cited, possible, and true to their sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.knowledge.shapes.evidence import Arm, Conflict, Correction, Evidence
from overstory.knowledge.shapes.shared import cites

SECTIONS = (
    "evidence", "harms", "conflicts", "corrections", "statements", "regulatory", "guidelines",
)  # fmt: skip
STRONG = {"label", "clearance", "trial", "guideline", "regulation"}

# The rows of the clinical dossiers: trials of ketamine and esketamine, of TMS, of both.
KETAMINE_ROWS = [
    "EV-ZAR06",
    "EV-MUR13",
    "EV-MUR13R",
    "EV-FAVA18",
    "EV-SINGH16",
    "EV-PHIL19",
    "EV-ELEKT",
    "EV-KETECT",
    "EV-KADS",
    "EV-KARMA2",
    "EV-TR1",
    "EV-DALY17",
    "EV-TR2",
    "EV-TR3",
    "EV-TR-EARLY",
    "EV-MONO",
    "EV-SUS1",
    "EV-SUS2",
    "EV-SUS3",
    "EV-SUS3R",
    "EV-ESC",
    "EV-ASP1",
    "EV-ASP2",
    "EV-WILK18",
    "EV-ABBAR",
    "EV-GRUN",
    "EV-DIAZ10",
    "EV-ZAR12",
    "EV-FED14",
    "EV-FED21",
    "EV-ABD22",
    "EV-ROD13",
    "EV-BLOCH12",
    "EV-TAY18",
    "EV-GLUE",
    "EV-ASRA",
    "EV-R107",
    "EV-DORE",
    "EV-BPD",
]
TMS_ROWS = [
    "E1",
    "E2",
    "E3",
    "E4",
    "E5",
    "E6",
    "E7",
    "E7b",
    "E8",
    "E9",
    "E10",
    "E11",
    "E12",
    "E13",
    "E14",
    "E15",
    "E16",
    "E17",
    "E18",
    "E18b",
    "E19",
    "E20",
    "N1",
    "N2",
    "N3",
    "N4",
    "N5",
    "N6",
    "HH1",
    "HH2",
    "HH3",
    "HH4",
    "HH5",
    "C1",
    "C2",
    "C3",
    "C4",
    "C5",
    "C6",
    "C7",
    "C8",
    "C9",
    "C10",
]
REGULATORY_ROWS = [f"REG-{number:02}" for number in range(1, 11)]
GUIDELINE_ROWS = [
    "GL-CANMAT21",
    "GL-CANMAT23",
    "GL-VADOD22",
    "GL-APA17",
    "GL-MCI21",
    "GL-ASKP",
    "GL-ASA",
    "GL-ASRA18",
    "GL-VA-PBM",
]
# Results that a trial tested and did not show.
NEGATIVE = [
    "ev-tr1.change",
    "ev-tr3.change",
    "ev-karma2.change",
    "ev-karma2.response",
    "ev-karma2.remission",
    "ev-ketect.remission",
    "ev-kads.remission-fixed-dose",
    "ev-fava18.change-low-doses",
    "ev-abd22.change",
    "ev-bloch12.response",
    "ev-asp1.suicidality",
    "ev-asp2.suicidality",
    "ev-abbar.suicidal-thoughts-depressive",
    "e7b.abstinence",
    "e12.change",
    "e13.remission",
    "e18b.change",
    "cbt-after-ketamine.change-madrs",
]


def entries(section: str) -> tuple[Any, ...]:
    return load_knowledge().sections[section]


def evidence(entry_id: str) -> Evidence:
    return next(each for each in entries("evidence") if each.id == entry_id)


def arm(entry: Evidence, role: str) -> Arm:
    return next(each for each in entry.arms if each.role == role)


def cited(value: Any) -> Iterator[tuple[str | None, list[str]]]:
    """Yield each status beneath a value with the sources that stand beside it."""
    for source, status in (("source", "status"), ("comparator_source", "comparator_status")):
        if getattr(value, source, None) is not None:
            yield getattr(value, status, None), [each.id for each in cites(getattr(value, source))]
    for name in getattr(value, "__struct_fields__", ()):
        inner = getattr(value, name)
        for each in inner if isinstance(inner, list | tuple) else [inner]:
            if hasattr(each, "__struct_fields__") and not hasattr(each, "at"):
                yield from cited(each)


def all_entries() -> list[Any]:
    return [each for section in SECTIONS for each in entries(section)]


@pytest.mark.parametrize("section", SECTIONS)
def test_no_id_stands_twice_in_a_section(section):
    counts = Counter(each.id for each in entries(section))

    assert [name for name, count in counts.items() if count > 1] == []


def test_no_id_of_one_section_is_an_id_of_another():
    counts = Counter(each.id for each in all_entries())

    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("row", KETAMINE_ROWS + TMS_ROWS)
def test_every_row_of_the_trial_tables_has_an_entry(row):
    assert [each.id for each in entries("evidence") if each.row == row]


@pytest.mark.parametrize("row", REGULATORY_ROWS)
def test_every_regulatory_row_has_an_entry(row):
    assert [each.id for each in entries("regulatory") if each.row == row]


@pytest.mark.parametrize("row", GUIDELINE_ROWS)
def test_every_guideline_row_has_an_entry(row):
    assert [each.id for each in entries("guidelines") if each.row == row]


@pytest.mark.parametrize("entry_id", NEGATIVE)
def test_a_negative_result_is_recorded_as_negative(entry_id):
    assert evidence(entry_id).verdict == "negative"


def test_every_source_exists_and_no_number_is_without_a_status():
    sources = load_knowledge().sources

    for entry in all_entries():
        pairs = list(cited(entry))
        assert pairs, entry.id
        for status, ids in pairs:
            assert status is not None, entry.id
            assert ids, entry.id
            assert [each for each in ids if each not in sources] == [], entry.id


def test_a_primary_number_rests_on_a_label_clearance_trial_guideline_or_regulation():
    sources = load_knowledge().sources

    for entry in all_entries():
        for status, ids in cited(entry):
            kinds = {sources[each].kind for each in ids}
            if status == "primary":
                assert kinds & STRONG, (entry.id, kinds)
                assert "recall" not in kinds, entry.id


def test_what_is_recalled_cites_the_recall_source_and_nothing_else_does():
    for entry in all_entries():
        for status, ids in cited(entry):
            assert (status == "recalled") == ("recalled-unverified" in ids), entry.id


def test_percentages_lie_between_0_and_100_and_counts_within_their_groups():
    for entry in entries("evidence"):
        for each in entry.arms:
            assert each.per_100 is None or 0 <= each.per_100 <= 100, entry.id
            for least, greatest in filter(None, (each.interval, each.per_100_range)):
                assert 0 <= least <= greatest <= 100, entry.id
            if each.events is not None:
                assert each.people is not None, entry.id
                assert each.events <= each.people, entry.id


def test_a_percentage_printed_with_its_counts_agrees_with_them():
    for entry in entries("evidence"):
        for each in entry.arms:
            if each.events is not None and each.per_100 is not None and each.people:
                # e3.trajectories and e9.remission print whole or rounded percentages
                assert abs(100 * each.events / each.people - each.per_100) < 0.6, (entry.id, each)


def test_an_interval_contains_its_estimate():
    for entry in entries("evidence"):
        for each in entry.estimates:
            if each.interval is not None:
                least, greatest = each.interval
                assert least < greatest, entry.id
                assert each.value is None or least <= each.value <= greatest, (entry.id, each)


def test_a_ratio_is_above_zero_and_its_interval_too():
    for entry in entries("evidence"):
        for each in entry.estimates:
            if each.measure.endswith("-ratio"):
                values = [each.value, *(each.interval or ())]
                assert all(value is None or value > 0 for value in values), entry.id


def test_a_difference_per_100_agrees_with_the_two_groups():
    for entry in entries("evidence"):
        actives = [each for each in entry.arms if each.role == "active"]
        for each in entry.estimates:
            if each.measure == "difference-per-100" and each.value is not None and not each.of:
                expected = actives[0].per_100 - arm(entry, "control").per_100
                assert abs(expected - each.value) < 0.15, entry.id


def test_harms_are_within_their_denominator_and_their_intervals_hold_them():
    for entry in entries("harms"):
        for value in (entry.value, entry.comparator_value):
            assert value is None or 0 <= value <= entry.per, entry.id
        for bounds in filter(None, (entry.interval, entry.range)):
            assert 0 <= bounds[0] < bounds[1] <= entry.per, entry.id
        if entry.interval and entry.value is not None:
            assert entry.interval[0] <= entry.value <= entry.interval[1], entry.id
        if entry.extra_interval and entry.extra is not None:
            assert entry.extra_interval[0] <= entry.extra <= entry.extra_interval[1], entry.id


def test_every_harm_has_a_number_or_says_what_is_known():
    for entry in entries("harms"):
        numbers = (entry.value, entry.range, entry.extra, entry.mean)
        assert entry.says is not None or any(each is not None for each in numbers), entry.id


def test_every_treatment_has_figures_for_the_choice_in_words_of_both_languages():
    shown = [each for each in entries("evidence") if each.use_for_choice]

    assert {each for entry in shown for each in entry.treatments} == {
        "esketamine", "ketamine-iv", "kap", "tms", "ketamine-then-tms",
    }  # fmt: skip
    for entry in shown:
        assert entry.words is not None, entry.id
        for text in (entry.words.who, entry.words.compared_with, entry.words.outcome,
                     entry.words.time_frame):  # fmt: skip
            assert text.en, entry.id
            assert text.es, entry.id


def test_each_treatment_shows_patients_each_harm_once_but_seizures_by_coil():
    shown = [each for each in entries("harms") if each.use_for_choice]
    counts = Counter((treatment, each.harm) for each in shown for treatment in each.treatments)

    repeated = {key for key, count in counts.items() if count > 1}

    assert repeated == {("tms", "seizure")}
    assert all(each.time_words is not None for each in shown)


def test_the_negative_trial_of_ketamine_stands_beside_the_positive_one_for_the_choice():
    shown = {each.id for each in entries("evidence") if each.use_for_choice}

    assert {"ev-elekt.response", "ev-karma2.response", "ev-ketect.remission"} <= shown
    assert {"e11.remission", "e13.remission", "e7.abstinence", "e7b.abstinence"} <= shown


def test_no_chance_is_given_for_ketamine_assisted_psychotherapy():
    entry = evidence("ev-dore.change")

    assert entry.verdict == "uncontrolled"
    assert entry.arms == []
    assert entry.estimates == []


def test_whatever_an_entry_points_to_exists():
    known = {
        getattr(each, "id", None) for found in load_knowledge().sections.values() for each in found
    }
    pointing: list[Conflict | Correction] = [*entries("conflicts"), *entries("corrections")]

    for entry in pointing:
        assert [each for each in entry.see if each not in known] == [], entry.id


def test_a_conflict_has_two_sides():
    for entry in entries("conflicts"):
        assert len(entry.positions) >= 2, entry.id
        assert entry.handling, entry.id


WRONG_CLAIMS = ["S2-10", "S4-07", "S4-08", "S4-10", "S4-11", "S4-17", "S4-18", "S1-10", "S0-22"]


@pytest.mark.parametrize("claim", WRONG_CLAIMS)
def test_a_wrong_claim_of_the_articles_is_corrected_with_a_source(claim):
    found = [each for each in entries("corrections") if claim in each.claims]

    assert found
    assert all(cites(each.source) for each in found)


def test_tms_devices_are_called_cleared_and_never_approved():
    for entry in (*entries("statements"), *entries("guidelines")):
        text = getattr(entry, "says", "") or getattr(entry, "position", "")
        if "tms" in entry.treatments and "esketamine" not in entry.treatments:
            assert "approved" not in text, entry.id
