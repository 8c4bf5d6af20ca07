"""What stands around sessions, and between ketamine and TMS, has the numbers of its rows."""

from __future__ import annotations

import pytest

from overstory.knowledge.load import load_knowledge
from tests.courses import entry, protocol

# TMS §6.2: strength, who may override, numbers.
CONSTRAINTS = {
    "CMB_01": ("hard", "none", {}),
    "CMB_02": ("hard", "none", {}),
    "CMB_03": ("soft", "clinician", {}),
    "CMB_04": ("soft", "clinician", {"least_days": 1, "greatest_days": 14, "target_from_days": 3, "target_to_days": 7}),
    "CMB_05": ("hard", "physician with a written reason", {}),
    "CMB_06": ("hard", "physician", {"least_hours": 24}),
    "CMB_07": ("soft", "clinician", {"least_hours": 1}),
    "CMB_08": ("hard", "physician", {"within_days": 7}),
    "CMB_09": ("hard", "none", {}),
    "CMB_10": ("soft", "physician", {"greatest_ketamine_per_week": 2, "greatest_tms_days_per_week": 5, "hours_before_accelerated": 48}),
    "CMB_11": ("soft", "physician", {"recheck_systolic_mmhg": 140, "recheck_diastolic_mmhg": 90, "recheck_minutes": 15, "hold_systolic_mmhg": 160, "hold_diastolic_mmhg": 100}),
    "CMB_12": ("soft", "clinician", {"least_hours": 8, "greatest_hours": 12}),
    "CMB_13": ("soft", "clinician", {"after_weeks": 4, "least_change_percent": 25}),
    "CMB_14": ("hard", "coordinator", {}),
    "CMB_15": ("soft", "clinician", {"least_days_before_accelerated": 7}),
    "CMB_16": ("soft", "clinician", {"relapse_within_weeks": 4}),
}  # fmt: skip


@pytest.mark.parametrize("constraint_id", CONSTRAINTS)
def test_a_constraint_has_the_strength_and_the_numbers_of_its_row(constraint_id):
    found = entry("combination_constraints", constraint_id)

    numbers = {name: each.value for name, each in found.numbers.items()}

    assert (found.strength, found.override, numbers) == CONSTRAINTS[constraint_id]


def test_constraints_are_a_site_policy_but_for_what_payers_wrote():
    # CMB rows are site policy; CMB_14 carries [S].
    statuses = {
        each.id: each.status for each in load_knowledge().sections["combination_constraints"]
    }

    assert statuses.pop("CMB_14") == "secondary"
    assert set(statuses.values()) == {"site-policy"}


def test_a_combination_is_the_induction_then_the_whole_course():
    # Issue text and CMB_10: ketamine that goes on is one dose a week, TMS on four days.
    for combination in load_knowledge().sections["combinations"]:
        assert (combination.phases, combination.then) == (["induction"], "tms")
        assert combination.constraints == list(CONSTRAINTS)
        assert (
            combination.continuing.ketamine_per_week,
            combination.continuing.tms_days_per_week,
        ) == (1, 4)
    assert protocol("P-ESK-US-TRD").schedule[0].sessions == 8
    assert protocol("P-IV-STD").schedule[0].sessions == 6


def measured(schedule_id):
    return {
        each.id: (each.at_minutes, each.every_minutes, each.after_every_minutes, each.after_times)
        for each in entry("monitoring_schedules", schedule_id).measuring
    }


def test_the_monitoring_schedules_have_the_times_of_their_rows():
    # Ketamine §4.2; measures §1.5 (0, 40, 120 min for the scales).
    assert measured("esketamine")["pressure"] == ([40], None, None, None)
    assert measured("esketamine")["sedation-and-dissociation"] == ([0, 40, 120], None, None, None)
    assert measured("esketamine-eu")["pressure"] == ([40], None, None, None)
    assert measured("ketamine-infusion") == {
        "pressure-during": ([], 10, None, None),
        "pressure-after": ([], None, 15, 4),
        "oxygen": ([], None, None, None),
        "sedation": ([], 15, None, None),
        "dissociation": ([40], None, None, None),
    }
    assert measured("ketamine-injection")["pressure"] == ([15, 30, 60, 90, 120], None, None, None)
    assert entry("visits", "ketamine-infusion").observe.minutes == 60
    assert entry("visits", "ketamine-injection").observe.minutes == 120
    assert entry("visits", "kap").observe.minutes == 120


def test_nobody_leaves_before_the_release_criteria_of_section_4_7():
    for schedule in load_knowledge().sections["monitoring_schedules"]:
        assert [each.id for each in schedule.release] == [
            "D-01",
            "D-02",
            "D-03",
            "D-04",
            "D-05",
            "D-06",
            "D-09",
        ]
        awake = next(each for each in schedule.release if each.id == "D-03")
        assert awake.numbers["moaas_score"].value == 5


def test_missed_sessions_follow_the_published_rules():
    # Ketamine §2.1, missed session; TMS §1.2, MISS.
    rules = {each.id: each for each in load_knowledge().sections["missed_sessions"]}

    assert rules["esketamine-induction"].do == ["keep-schedule"]
    assert (rules["esketamine-worse"].do, rules["esketamine-worse"].only_if_worse) == (
        ["previous-frequency"],
        True,
    )
    assert rules["esketamine-long-gap"].gap_days.low == 29
    assert (rules["MISS-few"].missed.low, rules["MISS-few"].missed.high) == (1, 2)
    assert (rules["MISS-some"].missed.low, rules["MISS-some"].missed.high) == (3, 5)
    assert (rules["MISS-many"].missed.low, rules["MISS-many"].missed.high) == (6, None)
    assert rules["MISS-many"].do == ["physician-review", "remeasure-threshold"]
    assert {each.status for each in rules.values() if each.id.startswith("MISS")} == {"recalled"}


def test_what_surrounds_a_session_has_the_times_of_its_rows():
    needs = {each.id: each for each in load_knowledge().sections["session_needs"]}
    beside = {each.id: each for each in load_knowledge().sections["alongside"]}
    points = {each.id: each for each in load_knowledge().sections["decision_points"]}

    # §4.6: form within 7 days; PS-10: weight of 30 days; TMS §3.1: threshold weekly; WU-09: 3-6 months.
    assert needs["rems-form"].within_days.value == 7
    assert needs["weight"].fresh_days.value == 30
    assert needs["motor-threshold"].repeat_weeks.low == 1
    assert (needs["liver-tests"].repeat_weeks.low, needs["liver-tests"].repeat_weeks.high) == (
        13,
        26,
    )
    # §2.2: preparation >= 1-3 of 60-90 min; integration >= 2 of 50-90 min, first within 24-72 h.
    assert (beside["kap-preparation"].times.low, beside["kap-preparation"].times.high) == (1, 3)
    assert (beside["kap-preparation"].minutes.low, beside["kap-preparation"].minutes.high) == (
        60,
        90,
    )
    assert (beside["kap-integration"].times.low, beside["kap-integration"].minutes.low) == (2, 50)
    assert (
        beside["kap-integration"].first_within_hours.low,
        beside["kap-integration"].first_within_hours.high,
    ) == (24, 72)
    # Measures §1.5: every fifth TMS session; 2, 4, 12, 26 weeks after; reviews at 10, 20, 30.
    assert beside["scores-tms"].every_sessions.value == 5
    assert [each.value for each in beside["follow-up-tms"].at_weeks_after] == [2, 4, 12, 26]
    assert [points[f"tms-session-{n}"].after_sessions for n in (10, 20, 30)] == [10, 20, 30]
    assert points["tms-session-20"].least_change_percent.status == "recalled"
    assert points["ketamine-week-2"].after_weeks == 2


def test_a_course_may_be_made_longer_by_ten_to_twenty():
    # TMS §1.2, SCH_EXT, SCH_REINTRO.
    longer = entry("course_rules", "SCH_EXT").numbers
    again = entry("course_rules", "SCH_REINTRO")

    assert (longer["least_sessions"].value, longer["greatest_sessions"].value) == (10, 20)
    assert (again.numbers["phq9_at_least"].value, again.numbers["phq9_above_best"].value) == (10, 5)
    assert (again.numbers["mean_sessions"].value, again.status) == (16, "recalled")


def test_open_ended_courses_are_planned_to_week_12():
    # Issue text: esketamine is planned to week 12.
    horizons = {
        each.id: each.horizon_weeks.value
        for each in load_knowledge().sections["protocols"]
        if each.horizon_weeks
    }
    open_ended = {
        each.id
        for each in load_knowledge().sections["protocols"]
        if any(phase.sessions is None for phase in each.schedule)
    }

    assert set(horizons) == open_ended
    assert set(horizons.values()) == {12}


# Lengths of visits are our own defaults: prepare, more at session 1, least hours to the next.
VISITS = {
    "esketamine-us": (20, None, 48),
    "esketamine-eu": (20, None, 48),
    "ketamine-infusion": (30, None, 40),
    "ketamine-injection": (30, None, 40),
    "kap": (30, None, 40),
    "tms": (10, 45, None),
    "tms-provocation": (15, 45, None),
    "tms-navigated": (5, 60, 1),
}


@pytest.mark.parametrize("visit_id", VISITS)
def test_the_length_of_a_visit_is_a_default_that_a_clinic_may_set(visit_id):
    visit = entry("visits", visit_id)

    found = tuple(
        each.value if each else None
        for each in (visit.prepare_minutes, visit.first_minutes, visit.min_gap_hours)
    )

    assert found == VISITS[visit_id]
    assert visit.status == "site-policy"


def test_every_protocol_that_may_be_planned_has_a_visit_and_one_of_ketamine_a_watch_and_monitoring():
    visits = {each.id: each for each in load_knowledge().sections["visits"]}

    for each in load_knowledge().sections["protocols"]:
        if each.never:
            continue
        assert each.visit in visits
        if each.treatment != "tms":
            assert each.monitoring
            assert visits[each.visit].observe


# TMS §1.2: what the naturalistic studies found, as printed.
COURSE_RULES = {
    "SCH_EXT": {"least_sessions": 10, "greatest_sessions": 20, "people_studied": 324, "most_sessions_studied": 51, "gained_from_more_percent": 22.5, "slowed_response_percent": 49.1, "rapid_response_percent": 21.3, "no_response_percent": 7.1},
    "SCH_MAINT": {"weekly_days": 7, "fortnightly_days": 14, "monthly_days": 30, "cluster_sessions": 5, "cluster_days": 2.5},
    "SCH_REINTRO": {"phq9_at_least": 10, "phq9_above_best": 5, "lasting_weeks": 1, "needed_within_12_months_percent": 36, "mean_sessions": 16},
    "SCH_ACC_DTMS": {"people": 111, "response_percent": 80, "remission_percent": 51, "least_days_to_response": 3, "greatest_days_to_response": 5},
}  # fmt: skip


@pytest.mark.parametrize("rule_id", COURSE_RULES)
def test_a_course_rule_has_the_numbers_of_its_row(rule_id):
    numbers = {name: each.value for name, each in entry("course_rules", rule_id).numbers.items()}

    assert numbers == COURSE_RULES[rule_id]


def test_a_test_before_a_course_is_needed_only_where_its_row_says():
    # WU-08: age >= 50 or risk; WU-11: child-bearing potential; WU-14: body mass index >= 40, sleep apnoea.
    needs = {
        each.id: each.only_if for each in load_knowledge().sections["session_needs"] if each.only_if
    }

    assert needs == {
        "pregnancy": "can_become_pregnant",
        "pregnancy-test": "can_become_pregnant",
        "heart-tracing": "age_years >= 50 or cardiovascular_event_ever",
        "anaesthesia-consult": "bmi >= 40 or sleep_apnea_untreated",
    }
