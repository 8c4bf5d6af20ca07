"""Choice: the options for one person, absolute chances, and the sum of what matters."""

import re
from dataclasses import replace as dataclass_replace

import pytest
from msgspec.structs import replace

from overstory.knowledge.shapes.choices import ChoiceValue
from overstory.pathway.choice import Span, options
from overstory.pathway.choice_figures import FigureError, control_figure, figure
from overstory.pathway.choice_values import ImportanceError, course_cost, fit_of, weigh
from overstory.pathway.suitability import assess
from overstory.pathway.verdicts import Verdict
from tests.people import KNOWLEDGE, facts_of_vignette

POLICY = KNOWLEDGE.sections["aid"][0]
EVIDENCE = {each.id: each for each in KNOWLEDGE.sections["evidence"]}
ALL = ["esketamine", "ketamine-iv", "kap", "tms", "ketamine-then-tms", "usual-care", "not-yet"]


def options_of(facts, jurisdiction="US"):
    assessment = assess(patient="p", facts=facts, knowledge=KNOWLEDGE, jurisdiction=jurisdiction)
    return {
        each.id: each for each in options(assessment=assessment, facts=facts, knowledge=KNOWLEDGE)
    }


def weighing(facts, given=None):
    shown = tuple(options_of(facts).values())
    return weigh(options=shown, facts=facts, knowledge=KNOWLEDGE, jurisdiction="US", given=given)


def sums(found):
    return {each.option: each.least for each in found.sums}


def test_every_option_stands_there_none_and_not_yet_included():
    assert list(options_of(facts_of_vignette())) == ALL


def test_every_option_is_told_with_the_same_outcomes_and_the_same_harms():
    shown = options_of(facts_of_vignette()).values()

    assert {tuple(each.name for each in option.outcomes) for option in shown} == {
        ("response", "remission")
    }
    assert len({tuple((h.harm, h.per) for h in option.harms) for option in shown}) == 1


def test_a_chance_is_the_trials_own_with_its_baseline_and_interval():
    """TRANSFORM-2 (row EV-TR2): response 69.3 v 52.0, difference 17.3 (4.0 to 30.6), n 114 and 109."""
    found = options_of(facts_of_vignette())["esketamine"].outcomes[0].figures[0]

    assert (found.number, found.compared, found.difference, found.interval, found.people) == (
        69, 52, 17, (4, 31), 223,
    )  # fmt: skip
    assert found.per == 100


def test_a_worse_result_is_told_as_fewer():
    """KetECT (row EV-KETECT): remission 46 v 63 with ECT, interval of the difference 2 to 30."""
    found = figure(EVIDENCE["ev-ketect.remission"], policy=POLICY)

    assert (found.number, found.compared, found.difference, found.interval) == (
        46, 63, -17, (-30, -2),
    )  # fmt: skip


def test_the_negative_trial_of_ketamine_stands_beside_the_positive_one():
    drawn = options_of(facts_of_vignette())["ketamine-iv"].outcomes[0].figures

    assert {each.verdict for each in drawn} == {"positive", "negative"}


def test_a_recalled_number_is_marked():
    """VAST-D (row E13) is recalled; the 5-day trial (row E11) was read."""
    assert not figure(EVIDENCE["e13.remission"], policy=POLICY).is_verified
    assert figure(EVIDENCE["e11.remission"], policy=POLICY).is_verified


def test_a_trial_of_48_is_called_small():
    """Row E11: 24 and 24 people."""
    assert figure(EVIDENCE["e11.remission"], policy=POLICY).is_small
    assert not figure(EVIDENCE["ev-tr2.response"], policy=POLICY).is_small


def test_no_chance_is_given_where_no_trial_gives_one():
    shown = options_of(facts_of_vignette())

    for name in ("kap", "not-yet"):
        assert [each.figures for each in shown[name].outcomes] == [(), ()]


def test_usual_care_has_the_comparison_group_alone():
    """Row EV-TR2: 52.0 and 31.0 of 100 with a new antidepressant and a dummy spray."""
    outcomes = options_of(facts_of_vignette())["usual-care"].outcomes

    assert [each.figures[0].number for each in outcomes] == [52, 31]
    assert [each.figures[0].compared for each in outcomes] == [None, None]


def test_an_older_person_is_shown_the_trial_of_older_people():
    """TRANSFORM-3 was of people of 65 and over, TRANSFORM-1 and -2 of people of 18 to 64."""
    old = options_of(facts_of_vignette(age_years=70))["esketamine"].outcomes[0].figures
    unknown = options_of(facts_of_vignette(age_years=None))["esketamine"].outcomes[0].figures

    assert [each.id for each in old] == ["ev-tr3.response"]
    assert [each.id for each in unknown] == [
        "ev-tr2.response", "ev-tr1.response", "ev-tr3.response",
    ]  # fmt: skip


def test_the_trial_that_missed_its_mark_is_drawn_beside_the_one_that_met_it():
    """Row EV-TR1, 56 mg: remission 36.0 against 30.6 of 100, difference 5.5 (-7.0 to 17.9)."""
    figures = options_of(facts_of_vignette())["esketamine"].outcomes[1].figures

    missed = next(each for each in figures if each.id == "ev-tr1.remission")

    assert (missed.number, missed.compared, missed.interval) == (36, 31, (-7, 18))


def test_usual_care_has_the_comparison_groups_of_both_trials():
    """Rows EV-TR1 and EV-TR2: response 38.9 and 52.0; remission 31.0 (30.6 in EV-TR1, as many)."""
    outcomes = options_of(facts_of_vignette())["usual-care"].outcomes

    assert [[each.number for each in outcome.figures] for outcome in outcomes] == [
        [52, 39], [31],
    ]  # fmt: skip


NO_DEPRESSION = {"has_major_depression": False, "failed_antidepressant_trials": 0}


def test_a_chance_in_depression_is_not_shown_for_another_illness():
    options = options_of(
        facts_of_vignette(has_ocd=True, standard_treatment_failed=True, **NO_DEPRESSION)
    )

    drawn = {
        name: [figure.id for outcome in option.outcomes for figure in outcome.figures]
        for name, option in options.items()
    }

    assert drawn == {
        "esketamine": [],
        "ketamine-iv": ["ev-rod13.response", "ev-bloch12.response"],
        "kap": [],
        "tms": ["e6.response"],
        "ketamine-then-tms": [],
        "usual-care": [],
        "not-yet": [],
    }


def test_post_traumatic_stress_is_told_the_negative_trial_too():
    """Rows EV-FED21 (67 against 20 of 100) and EV-ABD22 (no difference)."""
    option = options_of(
        facts_of_vignette(has_ptsd=True, standard_treatment_failed=True, **NO_DEPRESSION)
    )["ketamine-iv"]

    figure = option.outcomes[0].figures[0]

    assert (figure.id, figure.number, figure.compared) == ("ev-fed21.response", 67, 20)
    assert [each.id for each in option.findings] == ["ev-abd22.change"]


def test_someone_with_ocd_is_shown_the_trial_of_ocd():
    """Carmi 2019 (row E6): 38.1 v 11.1 of 100."""
    facts = facts_of_vignette(
        has_major_depression=False, has_ocd=True, standard_treatment_failed=True
    )

    found = options_of(facts)["tms"].outcomes[0].figures

    assert [(each.id, each.number, each.compared) for each in found] == [("e6.response", 38, 11)]


def test_a_rare_harm_is_of_1000_and_a_common_one_of_100():
    """Taylor 2021: 5.56 and 0.14 seizures in 1,000 people by coil; dissociation 41 of 100 (label)."""
    shown = options_of(facts_of_vignette())
    seizure = next(each for each in shown["tms"].harms if each.harm == "seizure")
    dissociation = next(each for each in shown["esketamine"].harms if each.harm == "dissociation")

    assert (seizure.per, seizure.range, seizure.is_below_one) == (1000, (0, 6), True)
    assert (dissociation.per, dissociation.number) == (100, 41)


def test_the_burden_counts_chair_and_road():
    """12 visits of 120 minutes or more (US label), 45 minutes each way: 24 h and 18 h."""
    burden = options_of(facts_of_vignette(travel_minutes_one_way=45))["esketamine"].burden

    assert burden.chair_hours == Span(24, None)
    assert burden.travel_hours == Span(18, 18)


def test_travel_nobody_told_is_not_zero():
    assert options_of(facts_of_vignette())["tms"].burden.travel_hours is None


def test_a_barred_option_is_shown_with_why_and_not_put_in_order():
    facts = facts_of_vignette("aneurysm", wants_fast_relief=True)

    shown = options_of(facts)["esketamine"]
    found = weighing(facts)

    assert shown.verdict is Verdict.CONTRAINDICATED
    assert [each.rule.id for each in shown.stops] == ["shared.aneurysm"]
    assert "esketamine" in found.not_ordered
    assert "esketamine" not in sums(found)


def test_without_wishes_there_is_no_order():
    found = weighing(facts_of_vignette())

    assert not found.has_order
    assert [each.place for each in found.sums] == [None] * 7


def test_a_preference_on_record_is_no_number_that_the_person_gave():
    found = weighing(facts_of_vignette(wants_fast_relief=True))

    assert not found.has_order
    assert {each.place for each in found.sums} == {None}


def test_the_sum_is_importance_times_fit():
    """Fast relief 5, few visits 3: the infusion fits both wholly, 5 x 2 + 3 x 2 = 16."""
    found = weighing(facts_of_vignette(), {"fast-relief": 5, "few-visits": 3})

    assert sums(found)["ketamine-iv"] == 16
    assert sums(found)["tms"] == 5
    assert found.sums[0].option == "ketamine-iv"


def test_an_unknown_fit_is_left_open_not_counted():
    """Nobody has measured how soon ketamine with talk therapy helps: 0 for certain, up to 5 x 2."""
    found = weighing(facts_of_vignette(), {"fast-relief": 5})
    kap = next(each for each in found.sums if each.option == "kap")

    assert (kap.least, kap.greatest) == (0, 10)


def test_a_wish_on_record_counts_and_what_the_person_says_now_comes_before_it():
    facts = facts_of_vignette(needs_to_drive_same_day=True)

    assert sums(weighing(facts))["tms"] == 10
    assert sums(weighing(facts, {"drive": 1}))["tms"] == 2


def test_someone_who_cannot_come_daily_is_heard():
    found = sums(weighing(facts_of_vignette(can_attend_daily=False)))

    assert found["tms"] == 0
    assert found["esketamine"] == 10


def test_wishes_change_no_verdict():
    plain = options_of(facts_of_vignette())
    wishing = options_of(facts_of_vignette(prefers_no_drug=True, prefers_not_to_dissociate=True))

    assert [each.verdict for each in plain.values()] == [each.verdict for each in wishing.values()]


def test_no_safety_fact_enters_the_sum():
    tonight = weighing(facts_of_vignette("tonight"), {"fast-relief": 5, "no-drug": 2})
    clear = weighing(facts_of_vignette("clear"), {"fast-relief": 5, "no-drug": 2})

    common = set(sums(tonight)) & set(sums(clear))
    assert common
    assert {k: sums(tonight)[k] for k in common} == {k: sums(clear)[k] for k in common}


@pytest.mark.parametrize("given", [{"fast-relief": 6}, {"fast-relief": -1}, {"fast-relief": True}])
def test_an_importance_out_of_range_is_refused(given):
    with pytest.raises(ImportanceError, match="whole number from 0 to 5"):
        weighing(facts_of_vignette(), given)


def test_a_value_that_does_not_exist_is_refused_with_the_nearest_one():
    with pytest.raises(ImportanceError, match="near it: fast-relief"):
        weighing(facts_of_vignette(), {"fast-releif": 3})


def test_prices_that_disagree_are_a_range_not_a_mean():
    """Two pages on Medicare rates of 2026: 907 to 1,290 and 953 to 1,356 a visit, 12 visits."""
    entry = options_of(facts_of_vignette())["esketamine"].entry

    assert course_cost(entry, jurisdiction="US") == Span(10884, 16272)
    assert course_cost(entry, jurisdiction="EU") is None


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("no-drug", [0, 0, 0, 2, 0, 1, 2]),
        ("clear-mind", [0, 0, 0, 2, 0, 2, 2]),
        ("fast-relief", [2, 2, None, 1, 2, 1, None]),
        ("few-visits", [1, 2, None, 0, 0, None, None]),
        ("not-daily", [2, 1, 2, 0, 0, None, None]),
        ("drive", [0, 0, 0, 2, 0, 2, 2]),
        ("low-cost", [0, 0, None, 0, None, None, None]),
        ("strong-proof", [2, 2, 0, 2, 0, None, None]),
        ("talking", [1, 1, 2, 1, 1, 1, 1]),
        ("no-needle", [2, 0, 2, 2, 2, 2, 2]),
    ],
)
def test_each_option_fits_each_value_as_written_here(value, fits):
    """From the options' own facts: 12, 6, 20 to 36 visits; first help on day 1 or 28; grades A and D."""
    wanted = next(each for each in KNOWLEDGE.sections["choice_values"] if each.id == value)
    shown = options_of(facts_of_vignette()).values()

    assert [fit_of(wanted, option, jurisdiction="US") for option in shown] == fits


@pytest.mark.parametrize(
    ("value", "number", "fit"),
    [
        ("fast-relief", 3, 2), ("fast-relief", 4, 1), ("fast-relief", 28, 1), ("fast-relief", 29, 0),
        ("few-visits", 8, 2), ("few-visits", 9, 1), ("few-visits", 20, 1), ("few-visits", 21, 0),
        ("not-daily", 2, 2), ("not-daily", 3, 1), ("not-daily", 4, 0),
    ],
)  # fmt: skip
def test_the_steps_of_a_fit_are_where_the_page_says(value, number, fit):
    wanted = next(each for each in KNOWLEDGE.sections["choice_values"] if each.id == value)
    field = {"fast-relief": "onset_days", "few-visits": "visits", "not-daily": "days_a_week"}[value]
    option = options_of(facts_of_vignette())["tms"]
    quantity = replace(option.entry.visits, low=number, high=number)

    changed = dataclass_replace(option, entry=replace(option.entry, **{field: quantity}))

    assert fit_of(wanted, changed, jurisdiction="US") == fit


@pytest.mark.parametrize(
    ("age", "trials"),
    [(64, ["ev-tr2.response", "ev-tr1.response"]), (65, ["ev-tr3.response"])],
)
def test_65_is_where_the_older_trial_begins(age, trials):
    found = options_of(facts_of_vignette(age_years=age))["esketamine"].outcomes[0].figures

    assert [each.id for each in found] == trials


def test_every_wish_of_the_vocabulary_has_a_value():
    facts = {each.fact for each in KNOWLEDGE.sections["choice_values"]}

    assert {
        "prefers_no_drug", "prefers_not_to_dissociate", "wants_fast_relief",
        "can_attend_daily", "needs_to_drive_same_day",
    } <= facts  # fmt: skip
    assert all(isinstance(each, ChoiceValue) for each in KNOWLEDGE.sections["choice_values"])


def test_no_number_hides_in_an_options_words():
    for entry in KNOWLEDGE.sections["options"]:
        told = entry.words
        texts = [
            told.how, told.feels, *told.good, *told.hard, told.watched, told.therapy, told.not_known
        ]  # fmt: skip
        for text in texts:
            assert not re.search(r"\d", text.en + text.es), text


def test_every_drawn_entry_exists_and_is_marked_for_choice():
    for entry in KNOWLEDGE.sections["options"]:
        drawn = [
            name for each in entry.pictures.values() for names in each.values() for name in names
        ]
        for name in (*drawn, *entry.only_when):
            assert EVIDENCE[name].use_for_choice, name
        for name in drawn:
            assert entry.id in EVIDENCE[name].treatments, name


def test_an_entry_without_words_is_refused():
    bare = next(each for each in EVIDENCE.values() if each.words is None)

    with pytest.raises(FigureError, match=re.escape(bare.id)):
        figure(bare, policy=POLICY)


def test_a_comparison_group_without_a_number_is_refused():
    alone = EVIDENCE["n2.response"]

    with pytest.raises(FigureError, match="comparison group has no number"):
        control_figure(alone, alone.words.who, policy=POLICY)
