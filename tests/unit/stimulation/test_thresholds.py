"""Motor thresholds: methods kept apart, the conversion, the output, the distance."""

from datetime import UTC, datetime, timedelta

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.pathway.stimulation.thresholds import (
    MotorThreshold,
    OutputRefusedError,
    ThresholdError,
    change_percent,
    definition_of,
    emg_percent,
    output,
)

KNOWLEDGE = load_knowledge()
AT = datetime(2026, 11, 23, 15, tzinfo=UTC)


def threshold(value=50.0, method="emg", days=0, **more):
    return MotorThreshold(
        value, method, AT + timedelta(days=days), more.pop("coil", "figure-8"), **more
    )


def test_a_threshold_by_watching_reads_higher_than_by_electromyography():
    # TMS §3.1, Westin 2014: 11.3 % on average, 27.8 % at most; 120 % of it is about 134 %.
    found = emg_percent(percent=120, definition=definition_of(method="visual", knowledge=KNOWLEDGE))

    assert found.expected == pytest.approx(133.56)
    assert found.worst == pytest.approx(153.36)
    assert found.converted


def test_a_threshold_by_electromyography_is_not_converted():
    found = emg_percent(percent=120, definition=definition_of(method="emg", knowledge=KNOWLEDGE))

    assert (found.expected, found.worst, found.converted) == (120, 120, False)


@pytest.mark.parametrize(
    "other",
    [
        threshold(55, "visual", 7),
        threshold(55, days=7, coil="H1"),
        threshold(55, days=7, muscle="leg"),
        threshold(1.1, days=7, unit="SMT"),
    ],
)
def test_thresholds_of_another_kind_are_never_compared(other):
    with pytest.raises(ThresholdError, match="are not compared"):
        change_percent(thresholds=[threshold(), other])


def test_the_change_of_a_threshold_is_in_percent_of_the_first():
    assert change_percent(thresholds=[threshold(60, days=7), threshold(50)]) == pytest.approx(20)


def test_the_output_is_a_percent_of_the_threshold():
    found = output(threshold=threshold(50), percent=120, knowledge=KNOWLEDGE)

    assert (found.percent_mso, found.underdose, found.says) == (60, False, ())


def test_the_output_is_rounded_down_and_says_what_it_is_then():
    found = output(threshold=threshold(47), percent=120, knowledge=KNOWLEDGE)

    assert found.exact_percent_mso == pytest.approx(56.4)
    assert found.percent_mso == 56
    assert found.percent_of_threshold == pytest.approx(119.1, abs=0.05)


def test_a_target_three_millimetres_farther_takes_more_output():
    # TMS §3.5: threshold 50, 15 and 18 mm: 58.4, times 1.2 is 70.1 instead of 60.
    found = output(threshold=threshold(50), percent=120, knowledge=KNOWLEDGE, farther_mm=3)

    assert found.exact_percent_mso == pytest.approx(70.08)
    assert (found.percent_mso, found.unadjusted_percent_mso) == (70, 60)
    assert not found.underdose


def test_the_adjustment_ends_at_twenty_percent_and_says_so():
    # TMS §3.5: at most 20 % above the output without it.
    found = output(threshold=threshold(50), percent=120, knowledge=KNOWLEDGE, farther_mm=4)

    assert found.percent_mso == 72
    assert found.underdose
    assert "ends at 20 %" in found.says[0]


def test_a_nearer_target_takes_less_output():
    found = output(threshold=threshold(50), percent=90, knowledge=KNOWLEDGE, farther_mm=-5)

    assert found.exact_percent_mso == pytest.approx((50 - 14) * 0.9)


def test_what_the_device_cannot_give_is_an_underdose_and_never_cut_in_silence():
    # TMS §3.1: threshold times percent above 100 %MSO is flagged UNDERDOSE.
    found = output(threshold=threshold(90), percent=120, knowledge=KNOWLEDGE)

    assert (found.percent_mso, found.underdose) == (100, True)
    assert found.says == (
        "UNDERDOSE: 120 % of the threshold would be 108.0 %MSO; the device has 100.",
    )


def test_a_threshold_in_another_unit_gives_no_output():
    with pytest.raises(ThresholdError, match="SMT"):
        output(threshold=threshold(1.1, unit="SMT"), percent=120, knowledge=KNOWLEDGE)


@pytest.mark.parametrize("value", [0, -1, 100.5, float("nan")])
def test_an_impossible_threshold_is_refused(value):
    with pytest.raises(ThresholdError, match="above 0"):
        threshold(value)


def test_a_threshold_without_a_zone_is_refused():
    with pytest.raises(ThresholdError, match="zone"):
        MotorThreshold(50, "emg", datetime(2026, 11, 23), "figure-8")  # noqa: DTZ001  # what is tested


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 0.0, -5.0])
def test_a_percent_that_is_none_is_refused(number):
    with pytest.raises(ThresholdError, match="finite number above zero"):
        output(threshold=threshold(50), percent=number, knowledge=KNOWLEDGE)


def test_a_distance_that_leaves_nothing_or_has_no_end_is_refused():
    for number in (-1e3, 1e308):
        with pytest.raises(ThresholdError, match="is it in mm"):
            output(threshold=threshold(50), percent=120, knowledge=KNOWLEDGE, farther_mm=number)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_distance_that_is_none_is_refused(number):
    with pytest.raises(ThresholdError, match="finite number of mm"):
        output(threshold=threshold(50), percent=120, knowledge=KNOWLEDGE, farther_mm=number)


def test_an_output_below_the_least_step_of_a_device_is_refused():
    with pytest.raises(ThresholdError, match="less than the least step"):
        output(threshold=threshold(0.5), percent=120, knowledge=KNOWLEDGE)


def test_no_threshold_is_without_end_in_any_unit():
    with pytest.raises(ThresholdError, match="above 0"):
        threshold(float("inf"), unit="SMT")


def test_no_output_is_worked_out_above_the_percent_at_which_trains_are_refused():
    # TMS §2.4, point 6: above 130 % of the threshold nothing is given.
    at_most = output(threshold=threshold(50), percent=130, knowledge=KNOWLEDGE)

    assert at_most.percent_mso == 65
    with pytest.raises(OutputRefusedError, match="the threshold is refused; at most 130 %"):
        output(threshold=threshold(50), percent=130.5, knowledge=KNOWLEDGE)


def test_a_target_nearer_to_the_coil_makes_no_higher_percent_allowed():
    with pytest.raises(OutputRefusedError):
        output(threshold=threshold(50), percent=140, knowledge=KNOWLEDGE, farther_mm=-5)
