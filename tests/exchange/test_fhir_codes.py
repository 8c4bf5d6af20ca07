"""The files of codes: facts that exist, values that they can have, codes that are written as codes."""

import re
from collections import Counter
from itertools import pairwise

import pytest

from overstory.knowledge.load import load_knowledge

SECTIONS = load_knowledge().sections
VOCABULARY = load_knowledge().vocabulary
ENTRIES = [
    *SECTIONS["condition_codes"],
    *SECTIONS["observation_codes"],
    *SECTIONS["thing_codes"],
    *SECTIONS["allergy_codes"],
]

# Verhoeff's check digit, which ends every SNOMED CT identifier: multiplication and permutation tables.
TIMES = [
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
]  # fmt: skip
MOVE = "1576283094"


def moved(digit, times):
    for _ in range(times):
        digit = MOVE[int(digit)]
    return digit


def has_check_digit(code):
    check = "0"
    for place, digit in enumerate(reversed(code)):
        check = TIMES[int(check)][int(moved(digit, place % 8))]
    return check == "0"


def loinc_has_check_digit(code):
    body, digit = code.split("-")
    doubled = [
        int(each) * (2 if place % 2 == 0 else 1) for place, each in enumerate(reversed(body))
    ]
    return (10 - sum(sum(map(int, str(each))) for each in doubled) % 10) % 10 == int(digit)


def snomed_codes():
    conditions = [*SECTIONS["condition_codes"], *SECTIONS["condition_hints"]]
    things = SECTIONS["thing_codes"]
    return {c.code for e in conditions for c in e.snomed} | {
        c.code for e in things for c in (*e.procedures, *e.devices)
    }


def test_every_code_answers_a_fact_that_can_have_the_value():
    for entry in ENTRIES:
        value = getattr(entry, "value", True)
        if not getattr(entry, "weeks_since", False) and not hasattr(entry, "answers"):
            VOCABULARY[entry.fact].check(value)
        for answer in getattr(entry, "answers", ()):
            VOCABULARY[entry.fact].check(answer.value)
    for hint in SECTIONS["condition_hints"]:
        assert all(fact in VOCABULARY for fact in hint.facts)


def test_every_snomed_code_ends_in_its_check_digit():
    assert [code for code in sorted(snomed_codes()) if not has_check_digit(code)] == []
    assert not has_check_digit("43252008")


def test_every_loinc_code_ends_in_its_check_digit():
    codes = [each.loinc for each in SECTIONS["observation_codes"]]

    assert [code for code in codes if not loinc_has_check_digit(code)] == []
    assert not loinc_has_check_digit("8480-7")


def test_every_icd_code_is_written_as_one_and_exceptions_lie_below_it():
    for entry in (*SECTIONS["condition_codes"], *SECTIONS["condition_hints"]):
        for code in entry.icd10cm:
            assert re.fullmatch(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?", code.code), code.code
            assert all(each.startswith(code.code) and code.below for each in code.but_not), (
                code.code
            )


def test_no_code_stands_twice_under_one_fact_tense_and_value():
    counted = Counter(
        (entry.fact, entry.tense, entry.value, code.code)
        for entry in SECTIONS["condition_codes"]
        for code in (*entry.icd10cm, *entry.snomed)
    )

    assert [key for key, count in counted.items() if count > 1] == []


def test_only_entries_of_true_have_codes_of_the_whole_meaning():
    for entry in SECTIONS["condition_codes"]:
        whole = [each.code for each in (*entry.icd10cm, *entry.snomed) if each.whole]
        assert not whole or entry.value is True


@pytest.mark.parametrize(
    "fact",
    [
        "aneurysmal_vascular_disease",
        "arteriovenous_malformation",
        "pacemaker_or_defibrillator",
        "brain_lesion",
    ],
)
def test_no_single_code_covers_a_fact_of_many_places(fact):
    for entry in SECTIONS["condition_codes"]:
        if entry.fact == fact:
            assert not any(each.whole for each in (*entry.icd10cm, *entry.snomed))


def test_no_spelling_of_a_unit_has_two_meanings():
    spelled = sorted(
        (spelling, each.to, each.factor, each.offset)
        for each in SECTIONS["unit_conversions"]
        for spelling in (each.ucum, *each.aliases)
    )

    assert all(one[:2] != other[:2] for one, other in pairwise(spelled))
