"""Invented people are spread as the knowledge says, each share within its sampling error."""

import math
from itertools import accumulate

import numpy as np
import pytest

from overstory.knowledge.load import load_knowledge
from overstory.panel.synthesis.conditions import People
from overstory.panel.synthesis.drawing import GROUP, draw
from overstory.panel.synthesis.plan import plan_of

PLAN = plan_of(load_knowledge())
GROUPS = 12
DEVIATIONS = 4.8
"""
How many standard errors a share may lie off: by normal theory one of 600,000 shares does by chance,
and fewer than a thousand are looked at. A share's standard error is the root of p(1-p)/n.
"""


def _all():
    drawn = [draw(PLAN, seed=21, group=group) for group in range(GROUPS)]
    return {name: np.concatenate([each[name] for each in drawn]) for name in drawn[0]}


TRUTH = _all()
PEOPLE = People(PLAN.vocabulary, TRUTH, {})


def strata(plan):
    """Each spread of a value with the people on whom it holds."""
    left = np.ones(GROUP * GROUPS, dtype=bool)
    if plan.only_when is not None:
        left = PEOPLE.true(plan.only_when)
    for condition, case in plan.cases:
        those = PEOPLE.true(condition)
        yield case, left & those
        left = left & ~those
    yield plan.entry, left


def off(share, expected, size):
    """How many standard errors a share lies off; one person more or less is no error."""
    error = math.sqrt(expected * (1 - expected) / size)
    return 0 if abs(share - expected) <= 1 / size else abs(share - expected) / max(error, 1e-12)


def shares(plan, spread, values):
    """The shares that the spread says, each with the share that was drawn."""
    if spread.share is not None:
        yield spread.share, values.mean()
    for level, (name, part) in enumerate(spread.shares.items()):
        code = plan.type.kind == "code"
        yield part, (values == (level if code else float(name))).mean()


EXACT = [each for each in PLAN.drawn if each.entry.share is not None or each.entry.shares]
LEVELS = [each for each in PLAN.drawn if each not in EXACT]


@pytest.mark.parametrize("plan", EXACT, ids=lambda plan: plan.entry.id)
def test_a_share_is_drawn_as_it_is_written_case_by_case(plan):
    for spread, those in strata(plan):
        size = those.sum()
        if size:
            found = shares(plan, spread, TRUTH[plan.entry.id][those])
            assert all(off(drawn, written, size) < DEVIATIONS for written, drawn in found)


@pytest.mark.parametrize("plan", LEVELS, ids=lambda plan: plan.entry.id)
def test_a_number_has_its_quantiles_case_by_case(plan):
    """Rounding moves a level by half a step; bounds may only draw values towards the middle."""
    half = 0.5 * 10.0**-plan.entry.decimals
    for spread, those in strata(plan):
        values, size = TRUTH[plan.entry.id][those], those.sum()
        levels = spread.quantiles or [(0.5, spread.mean)]
        for part, level in levels:
            if size * min(part, 1 - part) < 100:
                continue
            slack = DEVIATIONS * math.sqrt(part * (1 - part) / size)
            assert (values <= level + half).mean() >= part - slack
            assert (values < level - half).mean() <= part + slack


def share(name, value=True, *, where=None):
    values = TRUTH[name] if where is None else TRUTH[name][where]
    kind = PLAN.vocabulary[name]
    return (values == (kind.codes.index(value) if kind.codes else value)).mean()


DEPRESSED = TRUTH["has_major_depression"]


def test_the_cited_shares_are_those_of_their_sources():
    # 507,451 women of 765,130 adults, Bushnell 2017, Table 1.
    assert share("sex_at_birth", "female") == pytest.approx(0.663, abs=0.008)
    # 74.6 %, Hasin 2018.
    assert share("depression_anxious_distress", where=DEPRESSED) == pytest.approx(0.746, abs=0.01)
    # 18.8, 13.4, 11.9 and 7.3 % of depressed outpatients, Rush 2005.
    assert share("has_ptsd", where=DEPRESSED) == pytest.approx(0.188, abs=0.01)
    assert share("has_ocd", where=DEPRESSED) == pytest.approx(0.134, abs=0.01)
    assert share("alcohol_use_disorder_active", where=DEPRESSED) == pytest.approx(0.119, abs=0.01)
    assert share("substance_use_disorder_active", where=DEPRESSED) == pytest.approx(0.073, abs=0.01)
    # 20.9 % of US adults, Rikard 2023; 10.7 %, Stubbs 2016.
    assert share("has_chronic_pain") == pytest.approx(0.209, abs=0.01)
    assert share("sleep_apnea_untreated") == pytest.approx(0.107, abs=0.008)
    # 30.9 % of those with medicine for major depression, Zhdanava 2021.
    assert (TRUTH["trial_stage"][DEPRESSED] >= 2).mean() == pytest.approx(0.309, abs=0.012)
    # Mean MADRS 29.4 with treatment resistance, Soares 2021.
    resistant = DEPRESSED & (TRUTH["trial_stage"] >= 2)
    assert TRUTH["madrs_total"][resistant].mean() == pytest.approx(29.4, abs=0.4)


def odds_ratio(one, other, where=None):
    those = np.ones_like(one) if where is None else where
    table = [
        (one[those] == a).astype(float) @ (other[those] == b).astype(float)
        for a in (True, False)
        for b in (True, False)
    ]
    return table[0] * table[3] / (table[1] * table[2])


def test_what_comes_together_comes_together():
    assert odds_ratio(TRUTH["has_ptsd"], TRUTH["has_anxiety_disorder"]) > 1.8
    assert odds_ratio(TRUTH["has_ptsd"], TRUTH["has_borderline_personality_disorder"]) > 2
    assert odds_ratio(DEPRESSED, TRUTH["has_anxiety_disorder"]) > 1.5
    assert (
        odds_ratio(TRUTH["alcohol_use_disorder_active"], TRUTH["substance_use_disorder_active"])
        > 2.5
    )
    bmi = TRUTH["weight_kg"] * 10000 / TRUTH["height_cm"] ** 2
    assert odds_ratio(TRUTH["sleep_apnea_untreated"], bmi >= 30) > 2
    old = TRUTH["age_years"] >= 65
    for name in ("hearing_loss_or_tinnitus", "pacemaker_or_defibrillator", "stroke_or_tia_ever"):
        assert odds_ratio(TRUTH[name], old) > 2, name
    assert odds_ratio(TRUTH["hypertension_uncontrolled"], TRUTH["systolic_bp"] > 140) > 3
    for name in ("madrs_total", "qids_sr16_total", "hamd17_total"):
        together = np.corrcoef(TRUTH["phq9_total"][DEPRESSED], TRUTH[name][DEPRESSED])[0, 1]
        assert together > 0.4, name
    assert np.corrcoef(TRUTH["systolic_bp"], TRUTH["diastolic_bp"])[0, 1] > 0.4


def test_what_cannot_be_is_not_drawn():
    male = TRUTH["sex_at_birth"] == PLAN.vocabulary["sex_at_birth"].codes.index("male")

    assert not (male & (TRUTH["pregnant"] | TRUTH["can_become_pregnant"])).any()
    assert not (TRUTH["pregnant"] & ~TRUTH["can_become_pregnant"]).any()
    assert (TRUTH["systolic_bp"] > TRUTH["diastolic_bp"]).all()
    assert (TRUTH["phq9_total"] >= TRUTH["phq9_item9"]).all()
    assert not (TRUTH["takes_lithium"] & ~TRUTH["takes_mood_stabilizer"]).any()
    assert not (TRUTH["epilepsy"] & ~TRUTH["seizure_ever"]).any()
    assert not (TRUTH["stroke_or_tia_ever"] & ~TRUTH["cardiovascular_event_ever"]).any()
    taken = TRUTH["bupropion_mg_per_day"] > 0
    assert (taken == TRUTH["takes_bupropion"]).all()
    assert np.isnan(
        TRUTH["weeks_since_cardiovascular_event"][~TRUTH["cardiovascular_event_ever"]]
    ).all()


def test_every_entry_is_looked_at():
    assert len(EXACT) + len(LEVELS) == len(PLAN.drawn)
    assert len(PLAN.drawn) > 130
    assert all(list(accumulate(each.entry.shares.values()))[-1:] in ([], [pytest.approx(1)]) for each in EXACT)  # fmt: skip
