"""Each course of ketamine has the doses, weeks and limits that its row prints."""

from __future__ import annotations

import pytest

from overstory.knowledge.load import load_knowledge
from tests.courses import entry, protocol, standing

# Ketamine §2.1: doses in mg, first dose, what it may be lowered to, phases, jurisdiction, ages.
INDUCTION, OPTIMISATION, MAINTENANCE = (
    ("induction", 4, 2, []),
    ("optimisation", 4, 1, []),
    ("maintenance", None, None, [1, 2]),
)
ESKETAMINE = {
    "P-ESK-US-TRD": ([56, 84], 56, [], [INDUCTION, OPTIMISATION, MAINTENANCE], 12, ["US"], None),
    "P-ESK-US-MDSI": ([84], 84, [56], [INDUCTION], 8, ["US"], None),
    "P-ESK-EU-UNDER-65": ([56, 84], 56, [], [INDUCTION, OPTIMISATION, MAINTENANCE], 12, ["EU"], (18, 64)),
    "P-ESK-EU-65-PLUS": ([28, 56, 84], 28, [], [INDUCTION, OPTIMISATION, MAINTENANCE], 12, ["EU"], (65, None)),
    "P-ESK-EU-EMERG": ([84], 84, [56], [INDUCTION], 8, ["EU"], (18, 64)),
}  # fmt: skip


@pytest.mark.parametrize("protocol_id", ESKETAMINE)
def test_an_esketamine_protocol_has_the_doses_and_weeks_of_its_row(protocol_id):
    mg, first, lower, phases, sessions, where, ages = ESKETAMINE[protocol_id]

    found = protocol(protocol_id)

    assert (found.dose.mg, found.dose.first_mg, found.dose.reduce_to_mg) == (mg, first, lower)
    assert (found.dose.step_mg, found.dose.cap.mg, found.dose.route) == (28, 84, "nasal")
    assert [
        (each.name, each.weeks, each.per_week, each.every_weeks) for each in found.schedule
    ] == phases
    assert (found.sessions, found.jurisdictions) == (sessions, where)
    assert (found.ages and (found.ages.least_years, found.ages.greatest_years)) == ages
    assert standing(protocol_id, "dose").status == "secondary"
    assert [each.after_weeks for each in found.decisions] == [4]


def test_an_esketamine_device_holds_28_mg_in_two_sprays_and_five_minutes_stand_between():
    # Ketamine §2.1: 28 mg in 0.2 mL, 2 sprays, kits of 2 and 3, 5-min rest, do not prime.
    device = entry("products", "spravato-28-mg")

    assert (device.mg.value, device.ml.value, device.sprays.value) == (28, 0.2, 2)
    assert (device.minutes_between.value, device.kit_devices, device.prime) == (5, [2, 3], False)


def test_esketamine_sessions_stand_48_hours_apart_and_are_watched_for_two_hours_from_the_first_device():
    # Ketamine §2.1 (LOCAL) and §4.2; the EU label sets no time (§4.7), so the two hours are ours there.
    us, eu = entry("visits", "esketamine-us"), entry("visits", "esketamine-eu")

    assert (us.min_gap_hours.value, us.min_gap_hours.status) == (48, "site-policy")
    assert (us.observe.minutes, us.observe.starts, us.observe.status) == (
        120,
        "first-device",
        "primary",
    )
    assert (eu.observe.minutes, eu.observe.starts, eu.observe.status) == (
        120,
        "first-device",
        "site-policy",
    )
    assert eu.min_gap_hours.value == 48


# Ketamine §2: route, mg/kg, minutes, steps, phases (weeks and a week, or every so many weeks and times).
IV = {
    "P-IV-STD": ("IV", 0.5, 40, None, [(3, 2, [], None)], 6, "primary"),
    "P-IV-STD-3X": ("IV", 0.5, 40, None, [(2, 3, [], None)], 6, "primary"),
    "P-IV-TITR": ("IV", 0.5, 40, [0.5, 0.6, 0.75, 1.0], [(3, 2, [], None)], 6, "primary"),
    "P-IV-MAINT": ("IV", 0.5, 40, None, [(None, None, [1], 4), (None, None, [2], 2), (None, None, [3, 4], None)], 6, "primary"),
    "P-SC": ("SC", 0.5, None, [0.5, 0.6, 0.75, 0.9], [(4, 2, [], None)], 8, "primary"),
    "P-IM": ("IM", 0.5, None, None, [(3, 2, [], None)], 6, "recalled"),
}  # fmt: skip


@pytest.mark.parametrize("protocol_id", IV)
def test_a_ketamine_protocol_has_the_dose_and_rhythm_of_its_row(protocol_id):
    route, mg_per_kg, minutes, steps, phases, sessions, status = IV[protocol_id]

    found = protocol(protocol_id)
    dose = found.dose

    assert (dose.route, dose.mg_per_kg, dose.over_minutes) == (route, mg_per_kg, minutes)
    assert (dose.steps.mg_per_kg if dose.steps else None) == steps
    assert [
        (each.weeks, each.per_week, each.every_weeks, each.times) for each in found.schedule
    ] == phases
    assert found.sessions == sessions
    assert standing(protocol_id, "dose").status == status


@pytest.mark.parametrize("protocol_id", IV)
def test_the_cap_and_the_weights_of_ketamine_are_a_site_policy(protocol_id):
    # Ketamine §5, guards: 80 mg LOCAL, flag above 60 mg, weights 30-200 kg.
    dose = protocol(protocol_id).dose

    assert (dose.cap.mg, dose.cap.flag_above_mg, dose.cap.status) == (80, 60, "site-policy")
    assert (dose.weights.least_kg, dose.weights.greatest_kg, dose.weights.status) == (
        30,
        200,
        "site-policy",
    )


def test_the_rows_around_the_infusions_have_their_numbers():
    titration = protocol("P-IV-TITR").dose.steps.after_sessions
    futility = protocol("P-IV-STD").decisions[0]
    maintenance = protocol("P-IV-MAINT")
    under_the_skin = protocol("P-SC").schedule[0].min_gap_hours

    # P-IV-TITR: after >= 2-3. P-IV-FUTILITY: < 20-25 % after 4-6. P-IV-MAINT: review at >= 6 months.
    # EV-KADS: >= 3 days between doses.
    assert (titration.low, titration.high, titration.status) == (2, 3, "site-policy")
    assert (futility.after_sessions, futility.latest_sessions, futility.status) == (
        4,
        6,
        "site-policy",
    )
    assert (futility.least_change_percent.low, futility.least_change_percent.high) == (20, 25)
    assert futility.least_change_percent.status == "recalled"
    assert maintenance.decisions[0].after_weeks == 26
    assert maintenance.follows == ["P-IV-STD", "P-IV-STD-3X", "P-IV-TITR"]
    assert standing("P-IV-MAINT", "schedule.weekly").status == "recalled"
    assert under_the_skin.value == 72


# Ketamine §2.2: the ranges of the doses, all recalled; the cap is the top of what was reported.
KAP = {
    "KAP-SL-LOW": ("SL", "range_mg", 50, 150, 150),
    "KAP-IM-LOW": ("IM", "range_mg", 25, 50, 50),
    "KAP-SL-HIGH": ("SL", "range_mg", 200, 300, 300),
    "KAP-IM-HIGH": ("IM", "range_mg_per_kg", 0.75, 1.5, 130),
}


@pytest.mark.parametrize("protocol_id", KAP)
def test_a_dose_of_assisted_psychotherapy_is_a_recalled_range(protocol_id):
    route, field, low, high, cap = KAP[protocol_id]

    dose = protocol(protocol_id).dose
    span = getattr(dose, field)

    assert (dose.route, span.low, span.high, dose.cap.mg) == (route, low, high, cap)
    assert standing(protocol_id, "dose").status == "recalled"
    assert protocol(protocol_id).schedule[0].status == "site-policy"


# Figures that rows print beside the numbers of the course: value, upper end.
FIGURES = {
    ("P-IM", "reported-mg-per-kg"): (0.25, 1.0), ("P-IM", "bioavailability-percent"): (93, None), ("P-IM", "peak-minutes"): (5, 15),
    ("P-SL-VLD", "dose-mg"): (10, None), ("P-SL-VLD", "every-days"): (2, 3), ("P-SL-VLD", "people"): (26, None), ("P-SL-VLD", "improved-percent"): (77, None),
    ("P-PO", "bioavailability-percent"): (20, 25), ("P-PO", "s-ketamine-bioavailability-percent"): (8, None), ("P-PO", "reported-mg-per-kg"): (0.25, 7), ("P-PO", "reported-mg"): (25, 300), ("P-PO", "titrated-from-mg"): (50, None),
    ("P-PAIN-CRPS", "continuous-mg-per-hour"): (22, None), ("P-PAIN-CRPS", "continuous-days"): (4, None), ("P-PAIN-CRPS", "daily-mg-per-kg-per-hour"): (0.35, None), ("P-PAIN-CRPS", "daily-hours"): (4, None), ("P-PAIN-CRPS", "daily-days"): (10, None),
    ("KAP-SL-LOW", "onset-minutes"): (15, 20), ("KAP-SL-LOW", "peak-minutes"): (40, None), ("KAP-SL-LOW", "offset-hours"): (1, 2), ("KAP-SL-LOW", "bioavailability-percent"): (29, None), ("KAP-SL-LOW", "bioavailability-range-percent"): (27, 31), ("KAP-SL-LOW", "highest-level-hours"): (0.75, None),
    ("KAP-IM-LOW", "onset-minutes"): (5, None), ("KAP-IM-LOW", "main-effect-minutes"): (60, None),
    ("P-ESK-EU-UNDER-65", "continue-months"): (6, None), ("P-IV-TITR", "usual-start-mg-per-kg"): (0.5, 1.0),
    ("LFR_1HZ_1800", "reported-pulses"): (600, 1800), ("LFR_1HZ_1800", "reported-intensity-percent"): (110, 120),
    ("H7_OCD_20HZ", "provocation-minutes"): (3, 5), ("H4_SMOKING", "provocation-minutes"): (5, None), ("H1_MDD_18HZ", "us-practice-sessions"): (36, None),
}  # fmt: skip


@pytest.mark.parametrize(("protocol_id", "figure_id"), FIGURES)
def test_a_figure_is_that_of_the_row(protocol_id, figure_id):
    figure = next(each for each in protocol(protocol_id).figures if each.id == figure_id)

    assert (figure.value, figure.high) == FIGURES[protocol_id, figure_id]


# Ketamine §5 and §2 (obesity): the numbers of the dose arithmetic.
DOSING = {
    "least-weight-kg": 30, "greatest-weight-kg": 200, "least-dose-mg-per-kg": 0.1, "greatest-dose-mg-per-kg": 1.0,
    "full-dose-mg-per-kg": 0.5, "least-minutes-of-full-dose": 40, "oldest-weight-days": 30, "greatest-weight-change-percent": 15,
    "dose-step-mg": 0.5, "syringe-step-ml": 0.01, "greatest-rounding-percent": 2, "small-infusion-ml": 50,
    "large-infusion-ml": 100, "common-strength-mg-per-ml": 1, "least-line-volume-ml": 15, "greatest-line-volume-ml": 20,
    "greatest-im-volume-ml": 4, "ideal-weight-male-kg": 50, "ideal-weight-female-kg": 45.5, "ideal-weight-kg-per-inch": 2.3,
    "ideal-weight-base-inches": 60, "adjusted-weight-share": 0.4, "obese-from-bmi": 30,
    "pump-step-ml-per-h": 0.1, "least-dilution-parts": 1,
}  # fmt: skip


def test_the_numbers_of_the_dose_arithmetic_are_those_of_the_rows():
    assert {each.id: each.value for each in load_knowledge().sections["dosing_numbers"]} == DOSING


def test_the_vials_have_the_strength_of_their_base():
    # Ketamine §5: 10/50/100 mg/mL of base are 11.53/57.67/115.33 mg of hydrochloride; 100 is diluted.
    vials = {
        each.mg_per_ml.value: (each.hydrochloride_mg_per_ml.value, each.dilute_before_iv)
        for each in load_knowledge().sections["products"]
        if each.mg_per_ml
    }

    assert vials == {10: (11.53, False), 50: (57.67, False), 100: (115.33, True)}
