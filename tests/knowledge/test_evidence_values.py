"""Values of the evidence and the harms, written out from the rows of the clinical dossiers."""

from __future__ import annotations

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.knowledge.shapes.evidence import Arm, Estimate, Evidence, Harm


def evidence(entry_id: str) -> Evidence:
    return next(each for each in load_knowledge().sections["evidence"] if each.id == entry_id)


def harm(entry_id: str) -> Harm:
    return next(each for each in load_knowledge().sections["harms"] if each.id == entry_id)


def arm(entry: Evidence, role: str) -> Arm:
    return next(each for each in entry.arms if each.role == role)


def estimate(entry: Evidence, measure: str, of: str = "") -> Estimate:
    return next(each for each in entry.estimates if (each.measure, each.of) == (measure, of))


# Expected values: the rows of the clinical dossiers named beside each.
GOLDEN_ARMS = [
    # EV-TR2: response 69.3 v 52.0, remission 52.5 v 31.0
    ("ev-tr2.response", 69.3, 52.0), ("ev-tr2.remission", 52.5, 31.0),
    # EV-TR3: response 27.0 v 13.3, remission 17.5 v 6.7
    ("ev-tr3.response", 27.0, 13.3), ("ev-tr3.remission", 17.5, 6.7),
    # EV-ELEKT: QIDS-SR response 55.4 v 41.2; EV-KARMA2: 46.9 v 33.3, 43.8 v 30
    ("ev-elekt.response", 55.4, 41.2), ("ev-karma2.response", 46.9, 33.3),
    ("ev-karma2.remission", 43.8, 30),
    # EV-KETECT: remission 46 v 63; EV-ESC: 27.1 v 17.6; EV-SUS1: relapse 26.7 v 45.3
    ("ev-ketect.remission", 46, 63), ("ev-esc.remission", 27.1, 17.6),
    ("ev-sus1.relapse-after-remission", 26.7, 45.3),
    # EV-ABBAR: 63.0 v 31.6; EV-FED21: 67 v 20; EV-ROD13: 50 v 0
    ("ev-abbar.suicidal-thoughts", 63.0, 31.6), ("ev-fed21.response", 67, 20),
    ("ev-rod13.response", 50, 0),
    # E4 38.4 v 21.4, E6 38.1 v 11.1, E7 19.4 v 8.7, E7b 14 v 14
    ("e4.response", 38.4, 21.4), ("e6.response", 38.1, 11.1), ("e7.abstinence", 19.4, 8.7),
    ("e7b.abstinence", 14, 14),
    # E10 remission 78.6 v 13.3, E11 50.0 v 20.8 and 54.2 v 25.0, HH4 40 v 53.6
    ("e10.remission", 78.6, 13.3), ("e11.remission", 50.0, 20.8), ("e11.response", 54.2, 25.0),
    ("hh4.response", 40, 53.6),
]  # fmt: skip


@pytest.mark.parametrize(("entry_id", "active", "control"), GOLDEN_ARMS)
def test_the_rates_are_those_of_the_row(entry_id, active, control):
    entry = evidence(entry_id)

    assert arm(entry, "active").per_100 == active
    assert arm(entry, "control").per_100 == control


GOLDEN_ESTIMATES = [
    # EV-TR2: 17.3 (4.0-30.6), 21.5 (8.2-34.8), MADRS -4.0 (-7.31, -0.64)
    ("ev-tr2.response", "difference-per-100", "", 17.3, (4.0, 30.6)),
    ("ev-tr2.remission", "difference-per-100", "", 21.5, (8.2, 34.8)),
    ("ev-tr2.change", "difference-points", "", -4.0, (-7.31, -0.64)),
    # EV-TR1: 15.2 (2.1-28.2) at 56 mg, 8.2 (-4.8-21.2) at 84 mg
    ("ev-tr1.response", "difference-per-100", "56 mg", 15.2, (2.1, 28.2)),
    ("ev-tr1.remission", "difference-per-100", "84 mg", 8.2, (-4.8, 21.2)),
    # EV-MONO: -5.1 (-7.9, -2.3) and -6.8 (-9.5, -4.1)
    ("ev-mono.change", "difference-points", "56 mg", -5.1, (-7.9, -2.3)),
    ("ev-mono.change", "difference-points", "84 mg", -6.8, (-9.5, -4.1)),
    # EV-ELEKT 14.2 (3.9-24.2), EV-KARMA2 -3.16 (-8.54, 2.22), EV-SUS1 HR 0.49 and 0.30
    ("ev-elekt.response", "difference-per-100", "", 14.2, (3.9, 24.2)),
    ("ev-karma2.change", "difference-points", "", -3.16, (-8.54, 2.22)),
    ("ev-sus1.relapse-after-remission", "hazard-ratio", "", 0.49, (0.29, 0.84)),
    ("ev-sus1.relapse-after-response", "hazard-ratio", "", 0.30, (0.16, 0.55)),
    # EV-KADS OR 1.3 (0.2-8.2) and 12.1 (2.1-69.2); EV-ABBAR depressive OR 1.3 (0.3-5.2)
    ("ev-kads.remission-fixed-dose", "odds-ratio", "", 1.3, (0.2, 8.2)),
    ("ev-kads.remission-flexible-dose", "odds-ratio", "", 12.1, (2.1, 69.2)),
    ("ev-abbar.suicidal-thoughts-depressive", "odds-ratio", "", 1.3, (0.3, 5.2)),
    # HH3: rTMS v esketamine -2.46 (-5.82, 0.89); E15: bitemporal ECT 8.91 (2.57-30.91)
    ("hh3.change", "beta", "TMS v esketamine", -2.46, (-5.82, 0.89)),
    ("e15.response", "odds-ratio", "bitemporal ECT", 8.91, (2.57, 30.91)),
]


@pytest.mark.parametrize(("entry_id", "measure", "of", "value", "interval"), GOLDEN_ESTIMATES)
def test_the_comparison_is_that_of_the_row(entry_id, measure, of, value, interval):
    found = estimate(evidence(entry_id), measure, of)

    assert found.value == value
    assert found.interval == interval


GOLDEN_STATUSES = [
    # Rows tagged as recalled stay recalled; a count that was read beside them is not.
    ("ev-zar06.response", "recalled"), ("ev-tr1.change", "recalled"), ("ev-elekt.relapse", "recalled"),
    ("ev-tr1.response", "primary"), ("ev-elekt.response", "primary"), ("ev-mono.change", "secondary"),
    ("ev-elekt.response-madrs", "secondary"), ("e1.response", "recalled"), ("e3.response", "recalled"),
    ("e3.change", "secondary"), ("e4.response", "primary"), ("e4.remission", "recalled"),
    ("e11.remission", "primary"), ("n2.response", "secondary"), ("hh4.response", "secondary"),
]  # fmt: skip


@pytest.mark.parametrize(("entry_id", "status"), GOLDEN_STATUSES)
def test_status_belongs_to_the_number_and_not_to_the_row(entry_id, status):
    assert evidence(entry_id).status == status


GOLDEN_HARMS = [
    # 4.9, label column: dissociation 41, dizziness 29, nausea 28, sedation 23, blood pressure 10
    ("esketamine.dissociation", 41), ("esketamine.dizziness", 29), ("esketamine.nausea", 28),
    ("esketamine.sedation", 23), ("esketamine.pressure-rise", 10),
    # 4.9, ASPIRE 33.9 v 5.8 and SUSTAIN-1 23.0 v 0
    ("esketamine.dissociation-aspire", 33.9), ("esketamine.dissociation-sustain-1", 23.0),
    # HD-01: systolic rise of 40 or more, 8 under 65 and 17 from 65; HD-04: 0.98 and 12.5
    ("esketamine.systolic-rise-40-under-65", 8), ("esketamine.systolic-rise-40-from-65", 17),
    ("ketamine-iv.severe-pressure-infusions", 0.98), ("ketamine-iv.severe-pressure-people", 12.5),
    # 2.5: seizures 0.71 in 1,000 people, 0.31 in 10,000 sessions, 5.56 and 0.14 by coil
    ("tms.seizure-all-coils", 0.71), ("tms.seizure-all-coils-sessions", 0.31),
    ("tms.seizure-h-coil", 5.56), ("tms.seizure-figure-8", 0.14), ("tms.stopping", 4.5),
    # HH2: 26.7 v 82.8
    ("tms.any-accelerated", 26.7), ("esketamine.any-beside-tms", 82.8),
]  # fmt: skip


@pytest.mark.parametrize(("entry_id", "value"), GOLDEN_HARMS)
def test_the_harm_is_as_often_as_the_row_says(entry_id, value):
    assert harm(entry_id).value == value


def test_the_seizure_rates_name_their_denominators():
    assert (harm("tms.seizure-h-coil").per, harm("tms.seizure-h-coil").unit) == (1000, "people")
    assert harm("tms.seizure-all-coils-sessions").per == 10000
    assert harm("tms.seizure-all-coils-sessions").unit == "sessions"
    # 2.5: 5.56 (2.77-9.95) and 0.14 (0.01-0.51)
    assert harm("tms.seizure-h-coil").interval == (2.77, 9.95)
    assert harm("tms.seizure-figure-8").interval == (0.01, 0.51)


def test_suicidal_thoughts_with_antidepressants_go_by_age():
    # SU-04, boxed warning: +14, +5, -1, -6 in 1,000
    groups = ("under-18", "18-to-24", "25-to-64", "from-65")

    extra = [harm(f"antidepressants.suicidal-{group}").extra for group in groups]

    assert extra == [14, 5, -1, -6]
