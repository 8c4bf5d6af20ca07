"""Every row of the dossiers on courses of treatment is encoded with the numbers that it prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.knowledge.protocol_standing import in_full, standings
from overstory.knowledge.strict_yaml import read_yaml_file

ROWS: list[dict[str, Any]] = read_yaml_file(
    Path(__file__).parent / "rows" / "protocols.yaml"
).content["rows"]

# The rows of the clinical dossiers: ketamine §2, §2.1, §2.2, §3.2, §4.1, §4.2, §4.6, §4.7, §5; TMS §1.1,
# §1.2, §6.2. Rows without an id in the dossier have a name in capitals.
IDS = [
    "P-IV-STD", "P-IV-TITR", "P-IV-FUTILITY", "P-IV-MAINT", "P-SC", "P-IM", "P-SL", "P-SL-VLD", "P-PO",
    "P-PAIN-CRPS", "OBESITY", "DEVICE", "P-ESK-US-TRD", "P-ESK-US-MDSI", "P-ESK-EU<65", "P-ESK-EU≥65",
    "P-ESK-EU-EMERG", "DOSE-CHANGE", "MISSED-SESSION", "KAP-INTAKE", "KAP-PREPARATION", "KAP-LOW",
    "KAP-HIGH", "KAP-INTEGRATION", "KAP-SERIES",
    *(f"WU-{number:02}" for number in range(1, 15)),
    *(f"PS-{number:02}" for number in range(1, 11)),
    "MONITORING-ESK", "MONITORING-IV", "MONITORING-INJECTION", "REMS",
    *(f"D-{number:02}" for number in range(1, 10)),
    "DOSE-ARITHMETIC", "STRENGTHS", "GUARDS",
    "NS_10HZ_STD", "NS_10HZ_DASH", "ITBS_600", "ITBS_1200", "SNT", "LFR_1HZ_1800", "LFR_1HZ_360", "SBL_1_10",
    "BTBS_FOURD", "H1_MDD_18HZ", "H7_OCD_20HZ", "DB80_OCD_20HZ", "H4_SMOKING", "H1_ANX", "ADOL_10HZ",
    "LOFC_1HZ", "DMPFC_10HZ",
    "SCH_36", "SCH_20_24", "SCH_OCD_29", "SCH_SMK_18", "SCH_SNT", "SCH_ACC_DTMS", "SCH_EXT", "SCH_MAINT",
    "SCH_REINTRO", "MISS",
    *(f"CMB_{number:02}" for number in range(1, 17)),
]  # fmt: skip


def entry(section, entry_id):
    return next(each for each in load_knowledge().sections[section] if each.id == entry_id)


def protocol(protocol_id):
    return in_full(entry("protocols", protocol_id), load_knowledge())


def standing(protocol_id, path):
    return next(each for each in standings(protocol(protocol_id)) if each.path == path)


def test_every_row_of_the_dossiers_stands_in_the_table_once_and_in_order():
    assert [row["id"] for row in ROWS] == IDS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_row_names_entries_that_exist_or_why_it_has_none(row):
    known = {
        f"{section}/{each.id}"
        for section, found in load_knowledge().sections.items()
        for each in found
        if hasattr(each, "id")
    }

    named = row.get("entries", [])

    assert named or row["left_out"]
    assert set(named) <= known


def test_every_protocol_course_and_constraint_comes_from_a_row():
    named = {each for row in ROWS for each in row.get("entries", ())}
    sections = ("protocols", "courses", "combinations", "combination_constraints", "products",
                "course_rules", "missed_sessions")  # fmt: skip
    ours = {
        f"{section}/{each.id}"
        for section in sections
        for each in load_knowledge().sections[section]
    }

    # The course that recalled TMS rows share: their column says "20-30 daily", without a row in §1.2.
    assert ours - named == {"courses/SCH_20_30_RECALLED"}


# TMS §1.1 and the parameter file beside it, one line a protocol: what a part does, then the session.
# (kind, Hz, train s, pause s, trains, pulses of the part), %, muscle, pulses, minutes with the last pause, sessions
TMS = {
    "NS_10HZ_STD": ([("train", 10, 4, 26, 75, 3000)], 120, "hand", 3000, 37.5, 36),
    "NS_10HZ_DASH": ([("train", 10, 4, 11, 75, 3000)], 120, "hand", 3000, 18.75, 36),
    "ITBS_600": ([("itbs", None, 2, 8, 20, 600)], 120, "hand", 600, 3.33, 30),
    "ITBS_1200": ([("itbs", None, 2, 8, 40, 1200)], 120, "hand", 1200, 6.67, 30),
    "SNT": ([("itbs", None, 2, 8, 60, 1800)], 90, "hand", 1800, 10, 50),
    "LFR_1HZ_1800": ([("continuous", 1, None, None, None, 1800)], 120, "hand", 1800, 30, 30),
    "LFR_1HZ_360": ([("continuous", 1, None, None, None, 360)], 120, "hand", 360, 6, 30),
    "SBL_1_10": ([("continuous", 1, None, None, None, 600), ("train", 10, 3, 27, 50, 1500)], 120, "hand", 2100, 35, 30),
    "BTBS_FOURD": ([("ctbs", None, None, None, None, 600), ("itbs", None, 2, 8, 20, 600)], 120, "hand", 1200, 4, 30),
    "H1_MDD_18HZ": ([("train", 18, 2, 20, 55, 1980)], 120, "hand", 1980, 20.17, 44),
    "H7_OCD_20HZ": ([("train", 20, 2, 20, 50, 2000)], 100, "leg", 2000, 18.33, 29),
    "DB80_OCD_20HZ": ([("train", 20, 2, 20, 50, 2000)], 100, "leg", 2000, 18.33, 29),
    "H4_SMOKING": ([("train", 10, 3, 15, 60, 1800)], 120, "hand", 1800, 18, 18),
    "H1_ANX": ([("train", 18, 2, 20, 55, 1980)], 120, "hand", 1980, 20.17, 36),
    "ADOL_10HZ": ([("train", 10, 4, 26, 75, 3000)], 120, "hand", 3000, 37.5, 36),
    "LOFC_1HZ": ([("continuous", 1, None, None, None, 360)], 120, "hand", 360, 6, 30),
    "DMPFC_10HZ": ([("train", 10, 5, 10, 60, 3000)], 120, "toe", 3000, 15, 30),
}  # fmt: skip


def part_numbers(part):
    trains = part.trains
    return (
        part.kind,
        part.hz.value if part.hz else None,
        trains.seconds if trains else None,
        trains.pause_seconds if trains else None,
        trains.count if trains else None,
        part.pulses.value,
    )


@pytest.mark.parametrize("protocol_id", TMS)
def test_a_tms_protocol_has_the_numbers_of_its_row(protocol_id):
    parts, percent, muscle, pulses, minutes, sessions = TMS[protocol_id]

    found = protocol(protocol_id)

    assert [part_numbers(each) for each in found.stimulation.parts] == parts
    assert (found.stimulation.intensity.percent, found.stimulation.intensity.of) == (
        percent,
        muscle,
    )
    assert found.stimulation.pulses.value == pulses
    assert found.stimulation.minutes.value == minutes
    assert found.sessions == sessions


def test_these_are_all_tms_protocols():
    assert {
        each.id for each in load_knowledge().sections["protocols"] if each.treatment == "tms"
    } == set(TMS)


# TMS §1.1: side and place of each protocol, coil, how it is found.
PLACES = {
    "NS_10HZ_STD": ("figure-8", "L-DLPFC", "left"),
    "NS_10HZ_DASH": ("figure-8", "L-DLPFC", "left"),
    "ITBS_600": ("figure-8", "L-DLPFC", "left"),
    "ITBS_1200": ("figure-8", "L-DLPFC", "left"),
    "SNT": ("figure-8", "L-DLPFC", "left"),
    "LFR_1HZ_1800": ("figure-8", "R-DLPFC", "right"),
    "LFR_1HZ_360": ("figure-8", "R-DLPFC", "right"),
    "SBL_1_10": ("figure-8", "R-then-L-DLPFC", "both"),
    "BTBS_FOURD": ("figure-8", "R-then-L-DLPFC", "both"),
    "H1_MDD_18HZ": ("H1", "lateral-PFC", "both"),
    "H7_OCD_20HZ": ("H7", "dmPFC-ACC", "both"),
    "DB80_OCD_20HZ": ("D-B80", "dmPFC", "both"),
    "H4_SMOKING": ("H4", "lateral-PFC-insula", "both"),
    "H1_ANX": ("H1", "lateral-PFC", "both"),
    "ADOL_10HZ": ("figure-8", "L-DLPFC", "left"),
    "LOFC_1HZ": ("figure-8", "R-lOFC", "right"),
    "DMPFC_10HZ": ("D-B80", "dmPFC", "both"),
}


@pytest.mark.parametrize("protocol_id", PLACES)
def test_a_tms_protocol_has_the_coil_and_the_place_of_its_row(protocol_id):
    stimulation = protocol(protocol_id).stimulation

    found = (stimulation.coil.kind, stimulation.target.site, stimulation.target.side)

    assert found == PLACES[protocol_id]


def test_theta_bursts_are_three_pulses_at_50_hz_five_times_a_second():
    # TMS §1.1, micro-timing: 3 pulses at 50 Hz, bursts at 5 Hz (K201158).
    bursts = [
        part.bursts
        for each in load_knowledge().sections["protocols"]
        for part in (each.stimulation.parts if each.stimulation else ())
        if part.kind in {"itbs", "ctbs"}
    ]

    assert len(bursts) == 5
    assert {(each.pulses, each.hz, each.per_second, each.status) for each in bursts} == {
        (3, 50, 5, "primary")
    }


def test_a_day_of_snt_has_ten_sessions_an_hour_apart_on_five_days():
    # TMS §1.1, SNT: 10 a day, start to start 60 min, 50 min between, 18,000 a day, 90,000 in all.
    found = protocol("SNT")
    (phase,) = found.schedule

    assert (phase.days, phase.per_day, phase.pitch_minutes.value) == (5, 10, 60)
    assert found.stimulation.day_pulses.value == 18_000
    assert found.stimulation.course_pulses.value == 90_000
    assert next(each.value for each in found.figures if each.id == "minutes-between") == 50
    assert found.stimulation.intensity.adjusted == "coil-to-cortex"


# TMS §1.2: weeks and sessions a week of each phase; the standing of the template.
COURSES = {
    "SCH_36": ([("acute", 6, 5), ("taper", 3, [3, 2, 1])], 36, "secondary"),
    "SCH_20_24": ([("acute", 4, 5), ("continuation", 12, 2)], 44, "primary"),
    "SCH_OCD_29": ([("acute", 6, [5, 5, 5, 5, 5, 4])], 29, "recalled"),
    "SCH_SMK_18": ([("acute", 3, 5), ("weekly", 3, 1)], 18, "primary"),
    "SCH_20_30_RECALLED": ([("acute", 6, 5)], 30, "recalled"),
    "KAP-SERIES": ([("induction", 6, 1)], 6, "site-policy"),
}


@pytest.mark.parametrize("course_id", COURSES)
def test_a_course_template_has_the_phases_of_its_row(course_id):
    phases, sessions, status = COURSES[course_id]

    found = entry("courses", course_id)

    assert [(each.name, each.weeks, each.per_week) for each in found.phases] == phases
    assert (found.sessions, found.status) == (sessions, status)


def test_shorter_courses_are_named_where_a_row_gives_a_range():
    # TMS §1.1: 20-30 daily (4-6 weeks), sequential bilateral 15-30 (3-6 weeks); KAP §2.2: at least 3.
    least = {
        each: protocol(each).schedule[0].least_weeks
        for each in ("ITBS_600", "LFR_1HZ_360", "SBL_1_10", "H1_ANX", "KAP-STRUCTURE")
    }

    assert least == {
        "ITBS_600": 4,
        "LFR_1HZ_360": 4,
        "SBL_1_10": 3,
        "H1_ANX": 4,
        "KAP-STRUCTURE": 3,
    }


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


def test_constraints_are_a_site_policy_but_for_what_payers_wrote_and_what_is_recalled():
    # CMB rows are site policy; CMB_14 is [S]; CMB_12 carries the grade M.
    statuses = {
        each.id: each.status for each in load_knowledge().sections["combination_constraints"]
    }

    assert {id_ for id_, status in statuses.items() if status != "site-policy"} == {
        "CMB_12",
        "CMB_14",
    }
    assert (statuses["CMB_14"], statuses["CMB_12"]) == ("secondary", "recalled")


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


def test_the_hot_spots_and_the_cleared_pauses_are_those_of_the_rows():
    # TMS §1.1 and §4.2: H1 6 cm from the hand, H7 4 cm from the leg hot spot, both recalled; pauses 11-26 s.
    found = {
        each: protocol(each).stimulation
        for each in ("H1_MDD_18HZ", "H1_ANX", "H7_OCD_20HZ", "ADOL_10HZ", "NS_10HZ_DASH")
    }

    assert [
        found[each].location.anterior_cm for each in ("H1_MDD_18HZ", "H1_ANX", "H7_OCD_20HZ")
    ] == [6, 6, 4]
    assert [found[each].location.muscle for each in ("H1_MDD_18HZ", "H7_OCD_20HZ")] == [
        "hand",
        "leg",
    ]
    assert standing("H1_MDD_18HZ", "stimulation.location").status == "recalled"
    for each in ("ADOL_10HZ", "NS_10HZ_DASH"):
        pauses = found[each].parts[0].trains.pause_range_s
        assert (pauses.low, pauses.high) == (11, 26)


def test_the_ages_are_those_of_the_clearances_and_the_trials():
    # K231926: 15-21 years; adults in K083538, K122288, K220177; FOUR-D from 60 years.
    ages = {
        each.id: (each.ages.least_years, each.ages.greatest_years)
        for each in load_knowledge().sections["protocols"]
        if each.treatment == "tms" and each.ages
    }

    assert ages == {
        "NS_10HZ_STD": (18, None),
        "NS_10HZ_DASH": (18, None),
        "ADOL_10HZ": (15, 21),
        "SNT": (18, None),
        "BTBS_FOURD": (60, None),
        "H1_MDD_18HZ": (18, None),
    }


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


# Clearances of each protocol by their numbers (TMS §1.1 and §1.3).
CLEARED = {
    "NS_10HZ_STD": ["K061053", "K083538", "K133408", "K220127", "K150641", "K171481", "K232639"],
    "NS_10HZ_DASH": ["K133408", "K171481", "K222171", "K232639"],
    "ITBS_600": ["K201158", "K173620", "K182853"],
    "SNT": ["K220177"],
    "H1_MDD_18HZ": ["K122288"],
    "H1_ANX": ["K210201"],
    "H7_OCD_20HZ": ["DEN170078", "K183303"],
    "DB80_OCD_20HZ": ["K193006", "K221129"],
    "H4_SMOKING": ["K200957"],
    "ADOL_10HZ": ["K231926", "K251125", "K243869"],
}


def test_a_protocol_is_linked_to_its_clearances_and_off_label_ones_to_none():
    numbers = {
        each.id: each.number.value
        for each in load_knowledge().sections["clearances"]
        if each.number
    }

    found = {
        each.id: sorted(numbers[name] for name in each.clearances)
        for each in load_knowledge().sections["protocols"]
        if each.clearances
    }

    assert found == {name: sorted(each) for name, each in CLEARED.items()}
