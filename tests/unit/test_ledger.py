"""The antidepressant-trial ledger: what counts as failed, what does not, and what stays unknown."""

import pytest

from overstory.engine.facts import Unknown
from overstory.knowledge.load import load_knowledge
from overstory.pathway.ledger import LedgerFacts, TrialError, derive, read_trial

FAILED = {
    "medicine": "sertraline",
    "dose_mg": 150,
    "weeks": 10,
    "episode": "current",
    "outcome": "no-response",
    "improvement_percent": 10,
    "adherence_percent": 90,
}


def ledger(*trials: dict) -> LedgerFacts:
    read = [
        read_trial({key: value for key, value in each.items() if value is not None})
        for each in trials
    ]
    return derive(trials=read, knowledge=load_knowledge())


def failed(**changes):
    """The count of failed trials for one trial: FAILED with some fields changed, None removing one."""
    return ledger({**FAILED, **changes}).counts["failed_antidepressant_trials"]


def range_of(count):
    return count.least, count.greatest


def test_maya_has_one_failed_trial_and_one_that_was_not_tolerated():
    # The patient file of the design, section 3.
    maya = ledger(
        FAILED,
        {
            "medicine": "venlafaxine",
            "dose_mg": 37.5,
            "weeks": 3,
            "episode": "current",
            "outcome": "intolerance",
        },
    )

    assert {name: count.value for name, count in maya.counts.items()} == {
        "failed_antidepressant_trials": 1,
        "failed_antidepressant_classes": 1,
        "failed_augmentation_trials": 0,
        "intolerable_antidepressant_trials": 1,
    }


def test_a_trial_stopped_for_side_effects_is_not_a_failure():
    count = ledger({**FAILED, "outcome": "intolerance", "improvement_percent": None}).counts

    assert count["failed_antidepressant_trials"].value == 0
    assert count["intolerable_antidepressant_trials"].value == 1


@pytest.mark.parametrize("field", ["dose_mg", "weeks", "episode", "outcome"])
def test_what_is_not_recorded_is_unknown_and_never_not_failed(field):
    one = ledger({**FAILED, field: None})
    count = one.counts["failed_antidepressant_trials"]

    assert range_of(count) == (0, 1)
    assert count.unknown is Unknown.NOT_RECORDED
    assert one.missing == (f"trial 1 (sertraline): {field}",)


def test_a_trial_of_an_earlier_episode_does_not_count():
    assert failed(episode="previous").value == 0


@pytest.mark.parametrize(
    ("dose", "truth"),
    [(49.9, (0, 0)), (50, (1, 1))],  # sertraline 50 mg in both sources
)
def test_a_dose_counts_from_the_least_adequate_one(dose, truth):
    assert range_of(failed(dose_mg=dose)) == truth


@pytest.mark.parametrize(
    ("medicine", "dose", "truth"),
    [
        # venlafaxine: 75 by the dose table, 150 as recalled of the ATHF
        ("venlafaxine", 74, (0, 0)),
        ("venlafaxine", 75, (0, 1)),
        ("venlafaxine", 149, (0, 1)),
        ("venlafaxine", 150, (1, 1)),
        # duloxetine: 60 by the dose table, 40 to 60 as recalled
        ("duloxetine", 39, (0, 0)),
        ("duloxetine", 40, (0, 1)),
        ("duloxetine", 60, (1, 1)),
        # phenelzine: 15 is the low end of a wide range, 45 as recalled
        ("phenelzine", 15, (0, 1)),
        ("phenelzine", 45, (1, 1)),
        # vortioxetine: 20, and 10 to 20 in another table
        ("vortioxetine", 10, (0, 1)),
        ("vortioxetine", 20, (1, 1)),
        # paroxetine CR: 25; plain paroxetine: 20
        ("paroxetine", 20, (1, 1)),
        ("paroxetine CR", 20, (0, 0)),
        ("Paxil CR", 25, (1, 1)),
    ],
)
def test_between_two_sources_a_dose_is_neither_adequate_nor_not(medicine, dose, truth):
    assert range_of(failed(medicine=medicine, dose_mg=dose)) == truth


def test_a_conflict_between_sources_is_shown():
    one = ledger({**FAILED, "medicine": "venlafaxine", "dose_mg": 112.5})

    assert one.counts["failed_antidepressant_trials"].unknown is Unknown.CONFLICTING
    assert len(one.conflicts) == 1
    assert (
        "112.5 mg/day is adequate by one source and not by another (75 to 150)" in one.conflicts[0]
    )


@pytest.mark.parametrize("dose", [1, 300, 600])
def test_a_dose_that_is_only_recalled_decides_nothing(dose):
    # moclobemide 300 mg is recalled and nothing else is known.
    assert range_of(failed(medicine="moclobemide", dose_mg=dose)) == (0, 1)


@pytest.mark.parametrize(
    ("weeks", "truth"),
    [(3.9, (0, 0)), (4, (0, 1)), (5.9, (0, 1)), (6, (1, 1))],  # ATHF 4 weeks, payers 6 at least
)
def test_weeks_between_two_sources_are_unknown(weeks, truth):
    assert range_of(failed(weeks=weeks)) == truth


@pytest.mark.parametrize(
    ("outcome", "gain", "truth"),
    [
        ("no-response", None, (1, 1)),
        ("partial-response", None, (1, 1)),
        ("partial-response", 49, (1, 1)),
        ("partial-response", 50, (0, 1)),  # 50 percent is a response; the record contradicts itself
        ("response", None, (0, 0)),
        ("remission", 80, (0, 0)),
        ("response", 30, (0, 1)),
        ("unknown", 10, (0, 1)),
    ],
)
def test_below_half_is_no_response_and_a_contradiction_is_unknown(outcome, gain, truth):
    assert range_of(failed(outcome=outcome, improvement_percent=gain)) == truth


@pytest.mark.parametrize(("share", "truth"), [(75, (1, 1)), (74, (0, 1)), (None, (1, 1))])
def test_a_gap_in_adherence_makes_a_failure_doubtful(share, truth):
    # 75 percent of days, recalled: it may doubt, it does not decide.
    assert range_of(failed(adherence_percent=share)) == truth


def test_a_trial_that_was_too_short_has_not_failed_whatever_else_is_missing():
    assert failed(weeks=2, dose_mg=None, outcome="unknown", improvement_percent=None).value == 0


def test_the_same_medicine_twice_counts_once():
    twice = ledger(FAILED, {**FAILED, "medicine": "Zoloft", "dose_mg": 200})

    assert twice.counts["failed_antidepressant_trials"].value == 1


def test_two_of_one_class_are_two_trials_of_one_class():
    two = ledger(FAILED, {**FAILED, "medicine": "escitalopram", "dose_mg": 20}).counts

    assert two["failed_antidepressant_trials"].value == 2
    assert two["failed_antidepressant_classes"].value == 1


def test_an_unknown_trial_of_a_counted_class_adds_no_class():
    two = ledger(FAILED, {**FAILED, "medicine": "escitalopram", "dose_mg": None}).counts

    assert range_of(two["failed_antidepressant_trials"]) == (1, 2)
    assert two["failed_antidepressant_classes"].value == 1


def test_a_medicine_without_a_class_may_be_one_class_more():
    # gepirone and reboxetine stand outside the classes in use.
    count = ledger(FAILED, {**FAILED, "medicine": "gepirone", "dose_mg": 72.6}).counts

    assert range_of(count["failed_antidepressant_classes"]) == (1, 2)


def test_an_augmentation_counts_apart_and_is_no_class():
    # aripiprazole 5 mg is the target dose as quoted from the product information.
    counts = ledger(FAILED, {**FAILED, "medicine": "aripiprazole", "dose_mg": 5}).counts

    assert counts["failed_antidepressant_trials"].value == 1
    assert counts["failed_antidepressant_classes"].value == 1
    assert counts["failed_augmentation_trials"].value == 1


def test_an_antidepressant_that_was_added_is_an_augmentation():
    counts = ledger(
        {**FAILED, "medicine": "mirtazapine", "dose_mg": 45, "augmentation": True}
    ).counts

    assert counts["failed_antidepressant_trials"].value == 0
    assert counts["failed_augmentation_trials"].value == 1


def test_lithium_needs_a_blood_level_and_stays_unknown():
    counts = ledger({**FAILED, "medicine": "lithium", "dose_mg": 900}).counts

    assert range_of(counts["failed_augmentation_trials"]) == (0, 1)
    assert counts["failed_antidepressant_trials"].value == 0


def test_an_unknown_medicine_may_be_an_antidepressant():
    one = ledger({**FAILED, "medicine": "sertralin"})

    assert range_of(one.counts["failed_antidepressant_trials"]) == (0, 1)
    assert one.missing == ("trial 1 (sertralin): medicine",)


def test_two_medicines_in_one_trial_are_asked_apart():
    one = ledger({**FAILED, "medicine": "sertraline and bupropion"})

    assert range_of(one.counts["failed_antidepressant_trials"]) == (0, 1)
    assert (
        one.readings[0].reasons[0].endswith("names several medicines; each is a trial of its own")
    )


def test_a_known_medicine_that_is_no_antidepressant_does_not_count():
    counts = ledger({**FAILED, "medicine": "lorazepam", "dose_mg": 2, "augmentation": False}).counts

    assert [count.value for count in counts.values()] == [0, 0, 0, 0]


def test_dextromethorphan_with_bupropion_is_another_class_than_bupropion():
    one = ledger(
        {**FAILED, "medicine": "bupropion XL", "dose_mg": 300},
        {**FAILED, "medicine": "dextromethorphan-bupropion", "dose_mg": 90},
    )

    assert [each.antidepressant_class for each in one.readings] == ["ndri", "nmda-combo"]
    assert range_of(one.counts["failed_antidepressant_classes"]) == (1, 2)


def test_every_trial_says_why():
    reading = ledger(FAILED).readings[0]

    assert reading.reasons == (
        "sertraline is an antidepressant",
        "it was in the current episode",
        "150 mg/day is adequate (the least is 50)",
        "10 weeks is adequate (the least is 4 to 6)",
        "taken on 90 percent of days",
        "no-response, 10 percent improvement",
    )


def test_a_dose_above_the_usual_most_asks_whether_it_is_right():
    reading = ledger({**FAILED, "dose_mg": 1500}).readings[0]

    assert reading.reasons[2].endswith("above the usual most of 200: is it right?")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "medicine is the name of what was taken"),
        ({"medicine": " "}, "medicine is the name of what was taken"),
        ({"medicine": "sertraline", "dose": 50}, "'dose' is no field of a trial"),
        ({"medicine": "sertraline", "dose_mg": "50"}, "dose_mg is a number"),
        (
            {"medicine": "sertraline", "dose_mg": 0},
            "dose_mg is the total daily dose in mg, above 0",
        ),
        ({"medicine": "sertraline", "dose_mg": True}, "dose_mg is a number"),
        ({"medicine": "sertraline", "weeks": -1}, "weeks is how many weeks"),
        ({"medicine": "sertraline", "weeks": float("nan")}, "weeks is a number"),
        ({"medicine": "sertraline", "episode": "now"}, "episode is one of current, previous"),
        ({"medicine": "sertraline", "outcome": "failed"}, "outcome is one of no-response"),
        ({"medicine": "sertraline", "outcome": ["response"]}, "outcome is one of no-response"),
        ({"medicine": "sertraline", "improvement_percent": 101}, "improvement_percent is between"),
        ({"medicine": "sertraline", "adherence_percent": -1}, "adherence_percent is between"),
        ({"medicine": "sertraline", "augmentation": "yes"}, "augmentation is true or false"),
        ({"medicine": "sertraline", "source": 3}, "source is a text"),
    ],
)
def test_a_trial_that_cannot_be_is_refused_with_its_field(given, message):
    with pytest.raises(TrialError, match="^" + message.replace("(", r"\(")):
        read_trial(given)
