"""What each scale promises: its vectors, its codes, its licence, and that it is consistent."""

from __future__ import annotations

import re
from typing import Any

import pytest

from overstory.knowledge.check import band_problems
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.shapes.scales import Scale
from overstory.pathway.scoring import band_of, finding_condition, item_value, vocabulary_of
from tests.scales import scales, scored, table

INSTRUMENTS = {
    "phq9", "phq2", "gad7", "gad2", "qids_sr16", "madrs", "hamd17", "pcl5", "ybocs", "oci_r",
    "cssrs_screen", "asq", "asrm", "mdq", "audit", "audit_c", "dast10", "isi", "whodas12", "who5",
    "peg", "cadss", "cadss6", "bprs_plus", "moaas", "tsst", "isas", "dshi", "atrq", "safe_t", "cgi",
    "meq30", "edi", "promis_d8a", "wsas",
}  # fmt: skip
LOINC = re.compile(r"\d{3,6}-\d")


def _named(vector: dict[str, Any]) -> str:
    return f"{vector['scale']}: {vector['answers']}"


@pytest.mark.parametrize("vector", table("vectors"), ids=_named)
def test_answers_score_as_worked_by_hand(vector: dict[str, Any]) -> None:
    result = scored(vector["scale"], vector["answers"])

    assert result.complete is vector.get("complete", True)
    assert result.prorated is vector.get("prorated", False)
    if not result.complete and not result.prorated:
        assert result.total is None
    for name in {"total", "raw", "band"} & set(vector):
        assert getattr(result, name) == vector[name], name
    expected = {name: None if answer == "unknown" else answer
                for name, answer in vector.get("flags", {}).items()}  # fmt: skip
    assert {name: result.flags[name] for name in expected} == expected
    if "critical" in vector:
        assert [each.id for each in result.critical] == vector["critical"]
    if "warnings" in vector:
        assert len(result.warnings) == vector["warnings"]
    for name, value in vector.get("subscores", {}).items():
        assert result.subscores[name] == value


def test_every_instrument_of_the_dossier_is_here() -> None:
    assert set(scales()) >= INSTRUMENTS


def test_every_scale_with_a_total_has_a_vector() -> None:
    with_total = {each.id for each in scales().values() if each.scoring.method != "none"}
    same_as_another = {"madrs_24h", "pcl5_week", "ybocs_ii"}

    assert with_total - same_as_another <= {each["scale"] for each in table("vectors")}


@pytest.mark.parametrize("scale", scales().values(), ids=lambda each: each.id)
def test_bands_leave_no_gap_and_do_not_overlap(scale: Scale) -> None:
    assert [why for span, bands in scale.ranged_bands for why in band_problems(span, bands)] == []
    if scale.scoring.method == "sum" and not scale.scoring.table:
        assert len(scale.ranged_bands) == len(scale.bands)


def test_the_bands_of_a_t_score_cover_every_row_of_its_table() -> None:
    scale = scales()["promis_d8a"]

    for t_score in scale.scoring.table.values():
        label = band_of(scale.bands[0], t_score)
        band = next(each for each in scale.bands[0].bands if each.label == label)
        assert band.least <= t_score <= band.greatest


@pytest.mark.parametrize("scale", scales().values(), ids=lambda each: each.id)
def test_the_range_of_a_subscore_is_what_its_items_give(scale: Scale) -> None:
    own = vocabulary_of(scale)

    for each in scale.subscores:
        facts = [own[_fact(item)] for item in each.items]
        assert each.range == (sum(f.least or 0 for f in facts), sum(f.greatest or 0 for f in facts))


@pytest.mark.parametrize("scale", scales().values(), ids=lambda each: each.id)
def test_every_condition_of_a_scale_can_be_read_and_lies_in_its_range(scale: Scale) -> None:
    for finding in scale.findings:
        finding_condition(scale=scale, when=finding.when)
    for item in scale.items:
        if item.asked_if:
            finding_condition(scale=scale, when=item.asked_if)


@pytest.mark.parametrize("scale", scales().values(), ids=lambda each: each.id)
def test_loinc_codes_are_those_that_were_read(scale: Scale) -> None:
    expected = table("loinc").get(scale.id, {"panel": "", "total": "", "items": []})

    assert scale.codes.panel == expected["panel"]
    assert scale.codes.total == expected["total"]
    assert [each.loinc for each in scale.items if each.loinc] == expected["items"]


@pytest.mark.parametrize("scale", scales().values(), ids=lambda each: each.id)
def test_loinc_codes_have_a_right_check_digit(scale: Scale) -> None:
    others = [each.code for each in (*scale.codes.others, *scale.codes.never)]
    codes = [scale.codes.panel, scale.codes.total, *others, *(each.loinc for each in scale.items)]

    for code in filter(LOINC.fullmatch, codes):
        number, check = code.split("-")
        assert _check_digit(number) == int(check), code


def _check_digit(number: str) -> int:
    """Mod 10, as LOINC's user guide describes it: every second digit from the right doubled."""
    doubled = str(int(number[::-2][::-1]) * 2)
    rest = number[-2::-2]
    return -sum(int(digit) for digit in doubled + rest) % 10


def test_the_check_digit_is_worked_out_as_loinc_does() -> None:
    assert _check_digit("44261") == 6
    assert _check_digit("101697") == 1


def test_codes_that_mean_something_else_are_used_by_no_scale() -> None:
    never = {each.code for scale in scales().values() for each in scale.codes.never}
    used = {
        code
        for scale in scales().values()
        for code in (scale.codes.panel, scale.codes.total, *(each.loinc for each in scale.items))
    }

    assert never >= {"68517-2", "76504-0", "44262-4", "70221-7", "61760-5"}
    assert not never & used


@pytest.mark.parametrize("scale_id", table("answers"))
def test_answer_codes_count_as_the_source_says(scale_id: str) -> None:
    scale = scales()[scale_id]
    items = {each.id: each for each in scale.items}

    for item, codes in table("answers")[scale_id].items():
        for code, value in codes.items():
            assert item_value(scale=scale, item=items[item], answer=code) == value


@pytest.mark.parametrize("scale", scales().values(), ids=lambda each: each.id)
def test_wording_ships_only_where_the_licence_allows(scale: Scale) -> None:
    if scale.licence.ship != "yes":
        assert [each.id for each in scale.items if each.text] == []
    else:
        assert scale.licence.notice
    assert all(each.text or each.topic for each in scale.items)


def test_licences_are_those_of_the_dossier() -> None:
    """Measures 1.1, column Ship."""
    pack = (
        "qids_sr16 oci_r cssrs_screen mdq dast10 isi whodas12 who5 isas dshi meq30 edi promis_d8a"
    )
    no = "madrs madrs_24h ybocs asrm cadss cadss6 atrq wsas"

    found = scales()

    assert {each: found[each].licence.ship for each in pack.split()} == dict.fromkeys(
        pack.split(), "pack"
    )
    assert {each: found[each].licence.ship for each in no.split()} == dict.fromkeys(
        no.split(), "no"
    )


@pytest.mark.parametrize("scale", scales().values(), ids=lambda each: each.id)
def test_a_scale_is_consistent(scale: Scale) -> None:
    names = [each.id for each in scale.items]

    assert len(names) == len(set(names))
    assert all(each.answers in scale.answers for each in scale.items)
    groups = [
        *(each.items for each in scale.scoring.domains),
        *(each.items for each in scale.scoring.pairs),
        *(each.items for each in scale.subscores),
    ]
    assert all(set(each) <= set(names) for each in groups)
    assert not scale.variant_of or scale.variant_of in scales()
    for place, mark in enumerate(scale.marks):
        assert not mark.with_mark or mark.with_mark in {each.id for each in scale.marks[:place]}


@pytest.mark.parametrize("scale", scales().values(), ids=lambda each: each.id)
def test_the_facts_that_a_score_fills_exist_with_the_same_range(scale: Scale) -> None:
    facts = load_knowledge().vocabulary
    own = vocabulary_of(scale)

    for name, fact in scale.fills.items():
        assert (facts[fact].least, facts[fact].greatest) == (own[name].least, own[name].greatest)


def test_every_score_fact_of_the_vocabulary_is_filled_by_a_scale() -> None:
    totals = {name for name in load_knowledge().vocabulary if name.endswith("_total")}

    assert totals == {
        fact for scale in scales().values() for name, fact in scale.fills.items() if name == "total"
    }


@pytest.mark.parametrize("scale", scales().values(), ids=lambda each: each.id)
def test_no_critical_finding_rests_on_recall(scale: Scale) -> None:
    assert [each.id for each in scale.findings
            if each.kind == "critical" and each.status == "recalled"] == []  # fmt: skip
    assert all(each.do for each in scale.findings if each.kind == "critical")


@pytest.mark.parametrize("scale", scales().values(), ids=lambda each: each.id)
def test_the_range_is_what_the_least_and_the_greatest_answers_give(scale: Scale) -> None:
    if scale.scoring.method == "none":
        return
    own = vocabulary_of(scale)
    paired = {each for pair in scale.scoring.pairs for each in pair.items[1:]}
    ends = []
    for end in ("least", "greatest"):
        answers = " ".join(
            "-" if item.id in paired
            else _end(scale, item.id, end) if item.reversed
            else f"{getattr(own[_fact(item.id)], end)}"
            for item in scale.items
        )  # fmt: skip
        ends.append(scored(scale.id, answers).total)

    if scale.id == "hamd17":  # its greatest answer to item 16 is "not assessed", which counts zero
        ends[1] = scored("hamd17", "4 4 4 2 2 2 4 4 4 4 4 2 2 2 4 2 - 2").total
    assert tuple(ends) == scale.scoring.range


def _fact(item_id: str) -> str:
    return item_id if item_id[0].isalpha() else f"item{item_id}"


def _end(scale: Scale, item_id: str, end: str) -> str:
    other = {"least": "greatest", "greatest": "least"}[end]
    return f"{getattr(vocabulary_of(scale)[_fact(item_id)], other)}"
