"""
Numbers of staging and of the definitions of resistance, written out from their sources.

Clinical dossier on TMS: §7.1 definitions, §7.2 Thase and Rush, §7.3 Maudsley, §8.2 and §8.3 payers.
"""

from overstory.knowledge.load import load_knowledge

SECTIONS = load_knowledge().sections

# id: least medicines, classes, augmentations; whether not tolerated counts
DEFINITIONS = {
    "TRD_FDA": (2, None, None, False),  # at least 2 different antidepressants, current episode
    "TRD_EMA": (2, None, None, False),  # two adequate trials; the class rule is unresolved
    "TRD_TMS_LABEL": (1, None, None, False),  # any failed prior antidepressant
    "TRD_PAYER_2x2": (2, 2, None, False),  # 2 trials of 2 classes
    "TRD_FAIL25": (2, 2, None, False),  # Cigna, Medical Mutual: 2 classes, ≤ 25 %
    "TRD_MEDICARE_L34522": (1, None, None, True),  # 1 failed or intolerance
    "TRD_MEDICARE_L37086": (2, 2, None, True),  # 2 of 2 classes or intolerance
    "TRD_AETNA_0469": (2, 2, 1, False),  # 2 classes and augmentation, 8 weeks each
    "TRD_QUALCHOICE": (2, None, 2, False),  # two and two augmentations, 4 weeks each
    "TRD_BCBSND_OLDER": (3, None, 1, False),  # 3 and 1 augmentation
    "DTD": (None, None, None, False),  # no numeric rule
}
WEEKS = {"TRD_AETNA_0469": "eight-weeks", "TRD_QUALCHOICE": "four-weeks"}


def test_each_definition_of_resistance_asks_for_what_its_source_asks():
    found = {
        each.id: (each.medicines, each.classes, each.augmentations, each.or_not_tolerated)
        for each in SECTIONS["resistance_definitions"]
    }

    assert found == DEFINITIONS


def test_the_payers_that_name_weeks_are_read_by_those_weeks():
    found = {each.id: each.standard for each in SECTIONS["resistance_definitions"]}

    assert {name: found[name] for name in WEEKS} == WEEKS


def test_the_maudsley_steps_bands_and_cut_off_are_those_of_the_method():
    (method,) = SECTIONS["maudsley_staging"]

    assert [(step.up_to, step.score) for step in method.duration] == [(12, 1), (24, 2), (None, 3)]
    assert [(step.up_to, step.score) for step in method.failures] == [
        (2, 1), (4, 2), (6, 3), (10, 4), (None, 5)
    ]  # fmt: skip
    assert method.severity == {
        "subsyndromal": 1, "mild": 2, "moderate": 3, "severe": 4, "severe-with-psychosis": 5
    }  # fmt: skip
    assert (method.augmentation, method.ect) == (1, 1)
    assert [(band.name, band.least, band.greatest) for band in method.bands] == [
        ("mild", 3, 6), ("moderate", 7, 10), ("severe", 11, 15)
    ]  # fmt: skip
    assert (method.least_failures, method.cut_off) == (1, 7.5)


def test_each_stage_of_thase_and_rush_adds_a_class():
    found = [
        (each.stage, each.classes, tuple(each.including), each.ect)
        for each in SECTIONS["thase_rush_stages"]
    ]

    assert found == [
        (0, 0, (), False),
        (1, 1, (), False),
        (2, 2, (), False),
        (3, 3, ("tca",), False),
        (4, 4, ("tca", "maoi"), False),
        (5, 4, ("tca", "maoi"), True),
    ]


def test_each_standard_of_a_trial_has_the_weeks_response_and_adherence_of_its_source():
    # §7.5: 4 weeks by ATHF, most payers 6 to 8, adherence 75 % of days; §7.1: below 50 % for TMS,
    # at most 25 % for esketamine; §8.2 Aetna 8 weeks; §8.3 QualChoice 4 weeks
    found = {
        each.id: (
            [weeks.weeks for weeks in each.weeks],
            each.response.percent,
            each.response.inclusive,
            each.adherence.percent,
        )
        for each in SECTIONS["trial_standards"]
    }

    assert found == {
        "ledger": ([4, 6, 6], 50, False, 75),
        "four-to-eight-weeks": ([4, 8], 50, False, 75),
        "eight-weeks": ([8], 50, False, 75),
        "six-weeks-25-percent": ([6], 25, True, 75),
        "four-weeks": ([4], 50, False, 75),
    }
