"""Every row of the dossiers on courses is encoded, and each TMS protocol has the numbers that it prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.knowledge.strict_yaml import read_yaml_file
from tests.courses import entry, protocol, standing

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
