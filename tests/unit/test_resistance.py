"""Every definition of treatment-resistant depression at once, Maudsley and Thase-Rush staging."""

from datetime import UTC, datetime

import pytest

from overstory.engine.facts import Fact, Facts
from overstory.knowledge.load import load_knowledge
from overstory.pathway.ledger import derive, read_trial
from overstory.pathway.resistance import definitions, maudsley, thase_rush

AT = datetime(2026, 11, 22, 15, tzinfo=UTC)


def trial(medicine, dose_mg, **changes):
    given = {
        "medicine": medicine,
        "dose_mg": dose_mg,
        "weeks": 10,
        "episode": "current",
        "outcome": "no-response",
        "improvement_percent": 10,
        **changes,
    }
    return read_trial({key: value for key, value in given.items() if value is not None})


def answers(*trials):
    return {each.id: each.truth for each in definitions(trials=trials, knowledge=load_knowledge())}


def facts(**values):
    vocabulary = load_knowledge().vocabulary
    return Facts(vocabulary, AT, {name: Fact(value) for name, value in values.items()})


def ledger(*trials):
    return derive(trials=trials, knowledge=load_knowledge())


def test_without_a_ledger_no_definition_is_answered():
    assert set(answers().values()) == {None}


def test_a_trial_that_did_not_fail_is_no_resistance_under_any_definition_that_counts():
    found = answers(trial("sertraline", 150, outcome="remission", improvement_percent=90))

    assert found.pop("DTD") is None
    assert set(found.values()) == {False}


def test_one_failed_antidepressant_is_enough_for_tms_and_not_for_esketamine():
    found = answers(trial("sertraline", 150))

    assert found["TRD_TMS_LABEL"] is True
    assert found["TRD_MEDICARE_L34522"] is True
    assert found["TRD_FDA"] is False
    assert found["TRD_EMA"] is False


def test_two_of_one_class_divide_the_definitions():
    found = answers(trial("sertraline", 150), trial("escitalopram", 20))

    assert found["TRD_FDA"] is True
    assert found["TRD_EMA"] is None  # the sources differ on whether the classes must differ
    assert found["TRD_PAYER_2x2"] is False
    assert found["TRD_FAIL25"] is False


def test_two_of_two_classes_settle_the_european_definition():
    found = answers(trial("sertraline", 150), trial("bupropion", 300))

    assert found["TRD_EMA"] is True
    assert found["TRD_PAYER_2x2"] is True
    assert found["TRD_FAIL25"] is True


def test_the_same_medicine_twice_is_one_different_antidepressant():
    assert answers(trial("sertraline", 150), trial("sertraline", 200))["TRD_FDA"] is False


def test_seven_weeks_are_enough_for_the_label_and_open_for_payers_who_differ():
    # Payers ask for four to eight weeks, by the payer.
    found = answers(trial("sertraline", 150, weeks=7), trial("bupropion", 300, weeks=7))

    assert found["TRD_FDA"] is True
    assert found["TRD_PAYER_2x2"] is None
    assert found["TRD_AETNA_0469"] is False  # eight weeks


@pytest.mark.parametrize(("gain", "truth"), [(25, True), (26, False), (None, None)])
def test_a_partial_response_fails_at_a_quarter_for_some_payers(gain, truth):
    outcome = "partial-response" if gain != 25 else "no-response"
    found = answers(
        trial("sertraline", 150, improvement_percent=gain, outcome=outcome),
        trial("bupropion", 300),
    )

    assert found["TRD_FAIL25"] is truth
    assert found["TRD_FDA"] is True


def test_a_medicine_that_was_not_tolerated_counts_where_the_policy_says_so():
    found = answers(
        trial("sertraline", 25, outcome="intolerance", improvement_percent=None, weeks=1)
    )

    assert found["TRD_MEDICARE_L34522"] is True
    assert found["TRD_TMS_LABEL"] is False


def test_two_antidepressants_and_two_augmentations_for_one_payer():
    # QualChoice: two of each for four weeks. Aripiprazole 5 mg and cariprazine 1.5 mg are adequate.
    two = (trial("sertraline", 150), trial("bupropion", 300))
    added = (trial("aripiprazole", 5), trial("cariprazine", 1.5))

    assert answers(*two, *added)["TRD_QUALCHOICE"] is True
    assert answers(*two, added[0])["TRD_QUALCHOICE"] is False


def test_an_answer_says_why_and_from_where():
    found = definitions(trials=[trial("sertraline", None)], knowledge=load_knowledge())
    label = next(each for each in found if each.id == "TRD_TMS_LABEL")

    assert label.truth is None
    assert label.why == ("different antidepressants: between 0 and 1, at least 1 asked for",)
    assert [source.id for source in label.sources] == ["fda-k083538"]
    assert label.status == "primary"


# Maudsley: Fekadu and others 2018, BMC Psychiatry 18:100, Table 3.


def test_the_least_maudsley_score_is_three_and_mild():
    person = facts(
        current_episode_weeks=20,
        depression_severity="mild",
        depression_psychotic_features=False,
        ect_tried=False,
    )

    score = maudsley(
        facts=person, ledger=ledger(trial("sertraline", 150)), knowledge=load_knowledge()
    )

    # 1 for up to 12 months, 2 for mild, 1 for one or two antidepressants, nothing else.
    assert (score.applies, score.total.value, score.band) == (True, 4, "mild")
    assert score.above_cut_off is False


def test_the_greatest_maudsley_score_is_fifteen_and_severe():
    person = facts(
        current_episode_weeks=110,
        depression_severity="severe",
        depression_psychotic_features=True,
        ect_tried=True,
        failed_antidepressant_trials=11,
        failed_augmentation_trials=1,
    )

    score = maudsley(facts=person, knowledge=load_knowledge())

    assert (score.total.value, score.band, score.above_cut_off) == (15, "severe", True)


@pytest.mark.parametrize(("weeks", "part"), [(52, 1), (53, 2), (104, 2), (105, 3)])
def test_a_year_is_acute_and_more_than_two_are_chronic(weeks, part):
    score = maudsley(facts=facts(current_episode_weeks=weeks), knowledge=load_knowledge())

    assert score.parts["duration"].value == part


@pytest.mark.parametrize(
    ("failed", "part"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3), (7, 4), (10, 4), (11, 5)]
)
def test_failed_antidepressants_score_by_step(failed, part):
    score = maudsley(facts=facts(failed_antidepressant_trials=failed), knowledge=load_knowledge())

    assert score.parts["failures"].value == part


def test_maudsley_needs_one_failed_antidepressant():
    score = maudsley(facts=facts(failed_antidepressant_trials=0), knowledge=load_knowledge())

    assert (score.applies, score.total, score.band) == (False, None, None)


def test_with_nothing_known_maudsley_is_anything_from_three_to_fifteen():
    score = maudsley(facts=facts(), knowledge=load_knowledge())

    assert score.applies is None
    assert (score.total.least, score.total.greatest) == (3, 15)
    assert score.band is None


def test_unknown_psychosis_leaves_one_point_open():
    person = facts(depression_severity="severe")

    score = maudsley(facts=person, knowledge=load_knowledge())

    assert (score.parts["severity"].least, score.parts["severity"].greatest) == (4, 5)


def test_an_augmentation_counts_for_maudsley_when_it_was_used():
    used = ledger(trial("sertraline", 150), trial("lithium", 300, weeks=1))

    score = maudsley(facts=facts(), ledger=used, knowledge=load_knowledge())

    assert score.parts["augmentation"].value == 1


# Thase and Rush, recalled: shown, never used by a rule.


@pytest.mark.parametrize(
    ("medicines", "stage"),
    [
        ([], 0),
        ([("sertraline", 150)], 1),
        ([("sertraline", 150), ("escitalopram", 20)], 1),
        ([("sertraline", 150), ("bupropion", 300)], 2),
        ([("sertraline", 150), ("bupropion", 300), ("nortriptyline", 75)], 3),
        ([("sertraline", 150), ("bupropion", 300), ("nortriptyline", 75), ("phenelzine", 60)], 4),
    ],
)
def test_each_stage_of_thase_and_rush_adds_a_class(medicines, stage):
    found = thase_rush(
        facts=facts(ect_tried=False),
        ledger=ledger(*(trial(name, dose) for name, dose in medicines)),
        knowledge=load_knowledge(),
    )

    assert found.stage.value == stage
    assert found.status == "recalled"


def test_that_ect_was_tried_leaves_the_last_stage_open():
    four = [("sertraline", 150), ("bupropion", 300), ("nortriptyline", 75), ("phenelzine", 60)]

    found = thase_rush(
        facts=facts(ect_tried=True),
        ledger=ledger(*(trial(name, dose) for name, dose in four)),
        knowledge=load_knowledge(),
    )

    assert (found.stage.least, found.stage.greatest) == (4, 5)
