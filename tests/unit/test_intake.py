"""What follows from what was given, and what contradicts itself."""

from datetime import UTC, datetime

import pytest

from overstory.engine.facts import Fact, Unknown
from overstory.knowledge.load import load_knowledge
from overstory.pathway.intake import body_mass_index, person
from overstory.pathway.ledger import read_trial

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
FAILED = {"dose_mg": 150, "weeks": 10, "episode": "current", "outcome": "no-response",
          "improvement_percent": 10, "adherence_percent": 90}  # fmt: skip


def facts(trials=(), **values):
    given = {name: v if isinstance(v, Fact) else Fact(v, at=NOW) for name, v in values.items()}
    return person(
        given=given,
        trials=[read_trial(each) for each in trials],
        at=NOW,
        knowledge=load_knowledge(),
    )


def test_the_body_mass_index_comes_from_weight_and_height():
    # 81 kg and 170 cm: 81 / 1.70 squared = 28.03
    assert body_mass_index(weight_kg=81, height_cm=170) == pytest.approx(28.03, abs=0.005)
    assert facts(weight_kg=81, height_cm=170)["bmi"].value == 81 * 10000 / (170 * 170)


def test_without_a_weight_there_is_no_body_mass_index():
    assert facts(height_cm=170)["bmi"].unknown is Unknown.NOT_ASKED


def test_a_pressure_the_wrong_way_round_is_no_pressure():
    found = facts(systolic_bp=78, diastolic_bp=122)

    assert found["systolic_bp"].unknown is Unknown.CONFLICTING
    assert found["diastolic_bp"].unknown is Unknown.CONFLICTING


def test_a_man_is_not_asked_whether_he_is_pregnant():
    found = facts(sex_at_birth="male")

    assert found["pregnant"].value is False
    assert "sex_at_birth" in found["pregnant"].origin


def test_a_woman_is_asked():
    assert facts(sex_at_birth="female")["pregnant"].unknown is Unknown.NOT_ASKED


def test_an_answer_not_given_is_not_filled_in():
    found = facts(sex_at_birth="male", pregnant=Fact(unknown=Unknown.NOT_ANSWERED))

    assert found["pregnant"].unknown is Unknown.NOT_ANSWERED


def test_epilepsy_means_a_seizure_and_contradicts_that_there_was_none():
    assert facts(epilepsy=True)["seizure_ever"].value is True
    contradicted = facts(epilepsy=True, seizure_ever=False)
    assert contradicted["epilepsy"].value is True
    assert contradicted["seizure_ever"].unknown is Unknown.CONFLICTING


def test_an_event_of_three_weeks_ago_happened():
    assert facts(weeks_since_cardiovascular_event=3)["cardiovascular_event_ever"].value is True


def test_two_failed_trials_are_counted_from_the_ledger():
    found = facts(
        [{"medicine": "sertraline", **FAILED}, {"medicine": "bupropion", **FAILED, "dose_mg": 300}]
    )

    assert found["failed_antidepressant_trials"].value == 2
    assert found["failed_antidepressant_classes"].value == 2


def test_a_count_that_the_ledger_contradicts_is_in_conflict():
    found = facts([{"medicine": "sertraline", **FAILED}], failed_antidepressant_trials=3)

    assert found["failed_antidepressant_trials"].unknown is Unknown.CONFLICTING


def test_an_unknown_trial_leaves_the_count_open_where_it_matters():
    unknown = {"medicine": "escitalopram", "episode": "current", "outcome": "no-response"}

    found = facts([{"medicine": "sertraline", **FAILED}, unknown])

    assert found["failed_antidepressant_trials"].unknown is Unknown.NOT_RECORDED


def test_a_further_unknown_trial_does_not_hide_that_enough_failed():
    unknown = {"medicine": "escitalopram", "episode": "current", "outcome": "no-response"}
    failed = [{"medicine": name, **FAILED, "dose_mg": 300} for name in ("sertraline", "bupropion")]

    count = facts([*failed, unknown])["failed_antidepressant_trials"]

    assert count.value == 2
    assert "at least 2" in count.origin


def test_of_a_list_that_is_not_whole_the_least_is_counted():
    trials = [read_trial({**FAILED, "medicine": name}) for name in ("sertraline", "fluoxetine")]

    found = person(
        given={}, trials=trials, at=NOW, knowledge=load_knowledge(), trials_are_whole=False
    )

    assert found["failed_antidepressant_trials"].value == 2
    assert not found["failed_augmentation_trials"].is_known


def test_one_failed_trial_on_a_list_that_is_not_whole_is_no_number():
    trials = [read_trial({**FAILED, "medicine": "sertraline"})]

    found = person(
        given={}, trials=trials, at=NOW, knowledge=load_knowledge(), trials_are_whole=False
    )

    assert found["failed_antidepressant_trials"].unknown is Unknown.NOT_RECORDED
