"""Ten traps met in public material on these scales, each with the test that keeps us out of it."""

from __future__ import annotations

import pytest

from overstory.pathway.change import IncomparableError, Rating, change
from overstory.pathway.scoring import AnswerError
from overstory.pathway.triage import cssrs_screen
from tests.scales import scales, scored


def test_trap_1_question_4_of_the_cssrs_is_high_and_lifetime_behaviour_is_moderate() -> None:
    """Columbia: 4 or 5 in the past month, or behaviour within three months, is high."""
    with_intent = cssrs_screen(q1=True, q2=True, q3=False, q4=True, q5=False, q6=False)
    long_ago = cssrs_screen(q1=False, q2=False, q6=True, q6_recent=False)

    assert with_intent.level == "high"
    assert long_ago.level == "moderate"


def test_trap_1_answers_of_the_cssrs_are_never_summed() -> None:
    result = scored("cssrs_screen", "yes yes yes yes yes yes yes")

    assert result.complete
    assert result.total is None
    assert result.band is None


def test_trap_2_the_zero_answer_of_the_gad7_is_not_at_all() -> None:
    """A widely copied error words it 'Not at all sure' (Zorowitz 2021)."""
    zero = scales()["gad7"].answers["default"].options[0]

    assert (zero.value, zero.label) == (0, "Not at all")


def test_trap_3_the_order_of_the_phq9_codes_is_not_numeric() -> None:
    items = {each.loinc: each for each in scales()["phq9"].items}

    assert items["44254-1"].id == "4"
    assert items["44260-8"].id == "9"
    assert "dead" in items["44260-8"].text
    assert scales()["phq9"].codes.total == "44261-6"
    assert "44262-4" in {each.code for each in scales()["phq9"].codes.never}


@pytest.mark.parametrize("scale_id", ["audit", "audit_c"])
def test_trap_4_the_audit_is_not_coded_as_in_public_examples(scale_id: str) -> None:
    """US Core's example has 68517-2 for question 1; an HL7 example 76504-0 for the total."""
    scale = scales()[scale_id]

    assert scale.items[0].loinc == "68518-0"
    assert {each.code for each in scale.codes.never} == {"68517-2", "76504-0"}
    assert scales()["audit_c"].codes.total == "75626-2"


def test_trap_5_the_who5_is_better_when_higher_and_is_the_raw_sum_times_four() -> None:
    """A public calculator publishes (raw - 5) x 4, which would make this 32."""
    result = scored("who5", "3 2 2 3 3")

    assert result.total == 52
    assert scales()["who5"].better == "higher"


def test_trap_5_a_rise_on_the_who5_is_an_improvement() -> None:
    who5 = scales()["who5"]

    risen = change(scale=who5, before=Rating("who5", 40), after=Rating("who5", 60))

    assert risen.better == 20
    assert risen.percent == 50


@pytest.mark.parametrize(
    ("points", "not_reliable", "minimal", "reliable"),
    [
        (5, True, False, False),
        (6, False, False, False),
        (8, False, False, False),
        (9, False, None, False),
        (11, False, None, False),
        (12, False, True, False),
        (14, False, True, False),
        (15, False, True, None),
        (17, False, True, None),
        (18, False, True, True),
    ],
)
def test_trap_6_five_points_on_the_pcl5_are_not_reliable_and_ten_are_not_surely_meaningful(
    points: int, not_reliable: bool, minimal: bool | None, reliable: bool | None
) -> None:
    """Blanchard 2023: 5 or less unreliable, 9 to 12 minimal; Marx 2022: reliable at 15 or 18."""
    pcl5 = scales()["pcl5"]

    found = change(scale=pcl5, before=Rating("pcl5", 60), after=Rating("pcl5", 60 - points))

    answers = {each.id: each.answer for each in found.marks}
    assert answers["not-reliable"] is not_reliable
    assert answers["minimal"] is minimal
    assert answers["reliable"] is reliable


def test_trap_7_two_zero_points_of_the_bprs_are_two_scales() -> None:
    found = scales()

    assert found["bprs_plus"].scoring.range == (0, 24)
    assert found["bprs_plus_from_one"].scoring.range == (4, 28)
    with pytest.raises(AnswerError):
        scored("bprs_plus_from_one", "0 1 1 1")
    with pytest.raises(IncomparableError):
        change(
            scale=found["bprs_plus"],
            before=Rating("bprs_plus_from_one", 12),
            after=Rating("bprs_plus", 4),
        )


def test_trap_7_percent_change_takes_the_lowest_possible_total_off() -> None:
    """From 12 to 8 on a scale that starts at 4 is half of what could go, not a third."""
    scale = scales()["bprs_plus_from_one"]

    found = change(scale=scale, before=Rating(scale.id, 12), after=Rating(scale.id, 8))

    assert found.percent == 50


def test_trap_8_the_ybocs_and_the_ybocs_ii_have_bands_of_their_own() -> None:
    found = scales()

    assert found["ybocs"].scoring.range == (0, 40)
    assert found["ybocs_ii"].scoring.range == (0, 50)
    assert found["ybocs"].bands[0].bands != found["ybocs_ii"].bands[0].bands
    assert not found["ybocs_ii"].fills
    with pytest.raises(IncomparableError):
        change(scale=found["ybocs"], before=Rating("ybocs_ii", 30), after=Rating("ybocs", 20))


def test_trap_9_the_qids_is_not_the_sum_of_its_items() -> None:
    """The plain sum of these answers is 20; by domains it is 16 (measures 1.6)."""
    result = scored("qids_sr16", "1 3 0 2 2 0 1 0 2 1 2 1 2 1 0 2")

    assert result.total == 16


def test_trap_10_codes_that_do_not_exist_are_nowhere_in_the_scales() -> None:
    """Six invented codes for safety plans, 766xx-x, were retracted where they were published."""
    codes = [
        code
        for scale in scales().values()
        for code in (
            scale.codes.panel,
            scale.codes.total,
            *(each.loinc for each in scale.items),
            *(each.code for each in scale.codes.others),
        )
    ]

    assert not [code for code in codes if code.startswith("766")]
