"""The patient file: what it says, and how it is refused."""

from datetime import datetime

import pytest

from overstory.engine.facts import Unknown
from overstory.exchange.patient_file import read_patient_file
from overstory.exchange.records import InputError
from overstory.knowledge.load import load_knowledge

MAYA = """\
id: maya
at: "2026-11-22T10:00:00-05:00"
jurisdiction: US
facts:
  age_years: 44
  systolic_bp: {value: 128, at: "2026-11-22T09:40:00-05:00", from: nurse}
  pregnant: false
  takes_maoi: {unknown: not-answered}
  weight_kg: {value: 81, unit: kg}
antidepressant_trials:
  - {medicine: sertraline, dose_mg: 150, weeks: 10, episode: current, outcome: no-response, improvement_percent: 10, adherence_percent: 90}
  - {medicine: venlafaxine, dose_mg: 37.5, weeks: 3, episode: current, outcome: intolerance}
"""


def read(text, at=None):
    return read_patient_file(text, name="maya.yaml", knowledge=load_knowledge(), at=at)


def test_a_bare_value_is_true_at_the_files_moment():
    record = read(MAYA)

    assert record.patient == "maya"
    assert record.jurisdiction == "US"
    assert record.given["age_years"].value == 44
    assert (
        record.given["age_years"].at
        == record.at
        == datetime.fromisoformat("2026-11-22T10:00:00-05:00")
    )


def test_a_value_keeps_its_own_time_and_origin():
    pressure = read(MAYA).given["systolic_bp"]

    assert pressure.at == datetime.fromisoformat("2026-11-22T09:40:00-05:00")
    assert pressure.origin == "nurse"


def test_false_is_a_value_and_not_answered_is_unknown():
    given = read(MAYA).given

    assert given["pregnant"].value is False
    assert given["takes_maoi"].unknown is Unknown.NOT_ANSWERED
    assert "takes_lithium" not in given


def test_the_ledger_is_read():
    assert [trial.medicine for trial in read(MAYA).trials] == ["sertraline", "venlafaxine"]


def test_the_same_file_in_json_says_the_same():
    text = '{"id": "maya",\t"at": "2026-11-22T10:00:00-05:00", "facts": {"age_years": 44, "pregnant": false}}'

    record = read(text)

    assert record.given["age_years"].value == 44
    assert record.given["pregnant"].value is False


def test_what_was_true_only_later_is_listed_and_not_used():
    record = read(MAYA, at=datetime.fromisoformat("2026-11-22T09:50:00-05:00"))

    assert set(record.given) == {"systolic_bp"}
    assert "facts.age_years" in [each.origin for each in record.not_understood]


WRONG = {
    "an unknown fact": ("  age_years: 44", "  age_yeers: 44", 5, "near it: age_years"),
    "a wrong type": ("  pregnant: false", "  pregnant: 0", 7, "true or false"),
    "a bare no": ("  pregnant: false", "  pregnant: no", 7, "bare no"),
    "a text for a number": ("  age_years: 44", '  age_years: "44"', 5, "is a number in years"),
    "a wrong unit": ("{value: 81, unit: kg}", "{value: 178, unit: lb}", 9, "is in kg, not 'lb'"),
    "a value out of range": ("{value: 128,", "{value: 1280,", 6, "between 40 and 320 in mmHg"),
    "no value": ("  age_years: 44", "  age_years:", 5, "leave it out or write {unknown: not-answered}"),
    "a reason that is none": ("{unknown: not-answered}", "{unknown: forgotten}", 8, "not-asked, not-answered"),
    "a time without a zone": ('09:40:00-05:00"', '09:40:00"', 6, "a time is text with a zone"),
    "a time that is none": ('at: "2026-11-22T10:00:00-05:00"', 'at: "2026-13-22T10:00:00-05:00"', 2, "month must be"),
    "a bare time": ('at: "2026-11-22T10:00:00-05:00"', "at: 2026-11-22T10:00:00-05:00", 2, ""),
    "a time after the file's own": ('"2026-11-22T09:40:00-05:00"', '"2026-11-22T10:40:00-05:00"', 6, "later than"),
    "no id": ("id: maya\n", "", 1, "needs an id"),
    "no moment": ('at: "2026-11-22T10:00:00-05:00"\njur', "jur", 1, "has no `at`"),
    "an unknown key": ("jurisdiction: US", "country: US", 3, "unknown key 'country'"),
    "an unknown jurisdiction": ("jurisdiction: US", "jurisdiction: UK", 3, "US or EU"),
    "a fact twice": ("  pregnant: false", "  pregnant: false\n  pregnant: true", 8, "stands twice"),
    "a fact with a foreign key": ("from: nurse", "by: nurse", 6, "a fact has value, unit, at, from"),
    "a trial without a medicine": ("{medicine: venlafaxine, ", "{", 12, "medicine"),
    "a trial with a wrong outcome": ("outcome: intolerance", "outcome: bad", 12, "outcome"),
    "broken YAML": ("  age_years: 44", "  age_years: [44", 6, "not YAML"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "why"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_refused_with_file_and_line(old, new, line, why):
    assert MAYA.count(old) == 1

    with pytest.raises(InputError) as refused:
        read(MAYA.replace(old, new))

    assert str(refused.value).startswith(f"maya.yaml:{line}:")
    assert why in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "maya", '{"id": ', '{"id": "a", "id": "b"}', "id: [", "- id: maya", "\x00", "{}"],
)
def test_what_is_no_patient_file_is_refused(text):
    with pytest.raises(InputError, match=r"maya\.yaml:[12]"):
        read(text)
