"""Laws of the ledger, tried on generated ledgers: what is unknown never flips an answer."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.knowledge.load import load_knowledge
from overstory.pathway.ledger import Trial, derive
from overstory.pathway.resistance import definitions

KNOWLEDGE = load_knowledge()
MEDICINES = [
    "sertraline", "Zoloft", "escitalopram", "venlafaxine", "Effexor XR", "bupropion", "mirtazapine",
    "nortriptyline", "phenelzine", "moclobemide", "reboxetine", "lithium", "aripiprazole",
    "quetiapine XR", "olanzapine-fluoxetine", "lorazepam", "something new",
]  # fmt: skip
FORGETTABLE = ("dose_mg", "weeks", "episode", "improvement_percent", "outcome")

trials = st.builds(
    Trial,
    medicine=st.sampled_from(MEDICINES),
    dose_mg=st.none() | st.sampled_from([1.5, 5, 10, 20, 37.5, 45, 75, 100, 150, 300, 600]),
    weeks=st.none() | st.sampled_from([1, 3, 4, 5, 6, 7, 8, 12]),
    episode=st.sampled_from([None, "current", "current", "current", "previous"]),
    outcome=st.sampled_from(
        ["no-response", "partial-response", "response", "remission", "intolerance", "unknown"]
    ),
    improvement_percent=st.none() | st.sampled_from([-10, 0, 20, 25, 26, 40, 49, 50, 60, 90]),
    adherence_percent=st.none() | st.sampled_from([20, 74, 75, 100]),
    augmentation=st.sampled_from([None, None, True, False]),
)
ledgers = st.lists(trials, max_size=5)


def counts(given_trials):
    return derive(trials=given_trials, knowledge=KNOWLEDGE).counts


def forget(trial, field):
    return replace(trial, **{field: "unknown" if field == "outcome" else None})


@given(ledgers)
def test_the_least_is_never_above_the_greatest(some):
    for count in counts(some).values():
        assert 0 <= count.least <= count.greatest
        assert (count.unknown is None) == (count.least == count.greatest)


@given(ledgers, trials)
def test_one_more_trial_lowers_neither_the_least_nor_the_greatest(some, another):
    before, after = counts(some), counts([*some, another])

    for name in before:
        assert before[name].least <= after[name].least
        assert before[name].greatest <= after[name].greatest


@given(ledgers, trials, st.sampled_from(FORGETTABLE))
def test_forgetting_a_field_never_turns_true_into_false_or_false_into_true(some, one, field):
    before, after = (
        definitions(trials=[*some, each], knowledge=KNOWLEDGE) for each in (one, forget(one, field))
    )

    for known, forgotten in zip(before, after, strict=True):
        assert {known.truth, forgotten.truth} != {True, False}, known.id


@given(ledgers, trials, st.sampled_from(("dose_mg", "weeks", "episode", "outcome")))
def test_forgetting_a_field_only_widens_the_range(some, one, field):
    before, after = counts([*some, one]), counts([*some, forget(one, field)])

    for name in before:
        assert after[name].least <= before[name].least
        assert after[name].greatest >= before[name].greatest


@given(ledgers, st.randoms(use_true_random=False))
def test_the_order_of_the_trials_does_not_matter(some, random):
    mixed = list(some)
    random.shuffle(mixed)

    ranges = [
        {name: (count.least, count.greatest) for name, count in counts(each).items()}
        for each in (some, mixed)
    ]
    assert ranges[0] == ranges[1]


@settings(max_examples=50)
@given(ledgers)
def test_classes_are_never_more_than_different_medicines(some):
    found = counts(some)

    trials_, classes = found["failed_antidepressant_trials"], found["failed_antidepressant_classes"]
    assert classes.least <= trials_.least
    assert classes.greatest <= trials_.greatest
