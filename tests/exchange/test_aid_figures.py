"""What stands under the pictures of the decision aid: what was counted, and when it proves nothing."""

import pytest

from overstory.exchange.aid.html import aid_html
from overstory.exchange.aid.making import aid_input
from overstory.knowledge.shapes.evidence import Estimate
from overstory.pathway.choice_figures import finding
from tests.people import KNOWLEDGE, facts_of_vignette


def page(language="en", **changes):
    given = aid_input(
        patient="otto",
        facts=facts_of_vignette(**changes),
        knowledge=KNOWLEDGE,
        jurisdiction="US",
        importance={},
    )
    return aid_html(given, language=language)


OCD = {
    "has_major_depression": False,
    "failed_antidepressant_trials": 0,
    "has_ocd": True,
    "standard_treatment_failed": True,
}


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "This trial did not show that it does better."),
        ("es", "Este ensayo no demostró que vaya mejor."),
    ],
)
def test_a_negative_trial_says_that_it_proved_nothing(language, says):
    """KARMA-Dep 2 (row EV-KARMA2): 46.9 against 33.3 of 100, and no sure difference."""
    assert says in page(language)


@pytest.mark.parametrize(
    ("verdict", "interval", "p", "says"),
    [
        ("negative", (-30.0, -2.0), ".026", "worse"),  # KetECT, remission
        ("positive", (8.2, 34.8), "", "better"),  # TRANSFORM-2, remission
        ("positive", (3.9, 24.2), "<.001 for non-inferiority", "no-worse"),  # ELEKT-D, response
        ("inconclusive", (2.1, 28.2), "", "better-untested"),  # TRANSFORM-1: 84 mg came before it
        ("inconclusive", (-0.28, 27.6), "", "not-shown"),  # TRANSFORM-3, response
        ("positive", (0.0, 5.0), "", "not-shown"),
        ("negative", None, "", "not-shown"),
        ("positive", None, "", ""),
        ("uncontrolled", (-20.0, -5.0), "", ""),
    ],
)
def test_the_range_says_on_which_side_of_no_difference_a_trial_came_out(verdict, interval, p, says):
    estimate = Estimate(measure="difference-per-100", interval=interval, p=p)

    assert finding(verdict, estimate) == says


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "Worse in this trial."), ("es", "Peor en este ensayo.")],
)
def test_fewer_in_remission_than_with_ect_by_the_whole_range_is_worse(language, says):
    """KetECT (row EV-KETECT): 46 against 63 of 100, 30 to 2 fewer."""
    shown = page(language)
    start = shown.index("i-ketamine-iv-ev-ketect-remission")

    assert says in shown[start : shown.index("</div>", start)]


def test_someone_without_depression_reads_no_chance_in_depression():
    """TRANSFORM-2 (row EV-TR2): 69.3 of 100, in depression."""
    shown = page(**OCD)

    assert "69 of 100" not in shown
    assert "It is not made for the problem on your record, so no number is shown." in shown
    assert "Symptoms down by more than 30 percent." in shown


def test_the_questions_are_those_that_the_person_can_answer():
    """Asked of a nurse: "Is the person drunk or high now?" Asked of the person: about allergy."""
    shown = page(acute_intoxication=None, ketamine_hypersensitivity=None)

    assert "Is the person" not in shown
    assert "Have you ever had an allergic reaction to ketamine or esketamine?" in shown
    assert "More things for your team to ask or check: 1." in shown


def test_a_recalled_rule_is_marked_for_the_person_too():
    """Row TMS_RF_06 is recalled; row CI-16 stands on the label."""
    shown = page(can_become_pregnant=True, pregnant=True)

    assert "what TMS may do for you and your baby. Not verified yet." in shown
    assert "Ask your doctor about other treatments. Not verified yet." not in shown
    assert "Ask your doctor about other treatments." in shown
