"""A record written as a patient file reads back as the same record."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overstory.engine.facts import Fact, Unknown
from overstory.exchange.patient_file import read_patient_file
from overstory.exchange.patient_writing import PatientWritingError, patient_file
from overstory.exchange.records import Record
from overstory.knowledge.load import load_knowledge
from overstory.pathway.ledger import Trial

KNOWLEDGE = load_knowledge()
AT = datetime.fromisoformat("2026-11-22T10:00:00-05:00")


def record(given=None, *, trials=(), patient="maya", jurisdiction=None, at=AT):
    return Record(patient, at, jurisdiction, given or {}, tuple(trials), ())


def back(written):
    read = read_patient_file(written, name="file", knowledge=KNOWLEDGE)
    plain = {
        name: Fact(
            fact.value,
            unknown=fact.unknown,
            at=fact.at,
            origin=None if fact.origin == f"file: facts.{name}" else fact.origin,
        )
        for name, fact in read.given.items()
    }
    return Record(read.patient, read.at, read.jurisdiction, plain, read.trials, ())


def test_a_person_is_written_as_by_hand():
    written = patient_file(
        record(
            {
                "age_years": Fact(44.0, at=AT),
                "sex_at_birth": Fact("female", at=AT),
                "pregnant": Fact(False, at=AT),
                "systolic_bp": Fact(128.5, at=AT - timedelta(days=40), origin="nurse"),
                "takes_maoi": Fact(unknown=Unknown.NOT_ANSWERED, at=AT),
            },
            trials=[Trial("Zoloft", dose_mg=150.0, weeks=10, episode="current")],
            jurisdiction="EU",
        ),
        comment="Invented: no such person exists.",
    )

    assert written == (
        "# Invented: no such person exists.\n"
        "id: maya\n"
        'at: "2026-11-22T10:00:00-05:00"\n'
        "jurisdiction: EU\n"
        "facts:\n"
        "  age_years: 44\n"
        "  sex_at_birth: female\n"
        "  pregnant: false\n"
        '  systolic_bp: {value: 128.5, at: "2026-10-13T10:00:00-05:00", from: nurse}\n'
        "  takes_maoi: {unknown: not-answered}\n"
        "antidepressant_trials:\n"
        '  - {medicine: "Zoloft", dose_mg: 150, weeks: 10, episode: current, outcome: unknown}\n'
    )


def values(kind):
    if kind.kind == "bool":
        return st.booleans()
    if kind.kind == "code":
        return st.sampled_from(kind.codes)
    return st.floats(kind.least, kind.greatest, allow_nan=False) | st.integers(
        int(kind.least), int(kind.greatest)
    )


MOMENTS = st.integers(0, 5_000_000).map(lambda minutes: AT - timedelta(minutes=minutes))
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20
)


@st.composite
def facts(draw):
    names = draw(st.lists(st.sampled_from(list(KNOWLEDGE.vocabulary)), unique=True, max_size=12))
    found = {}
    for name in names:
        at, origin = draw(MOMENTS | st.just(AT)), draw(st.none() | TEXTS)
        if draw(st.booleans()):
            value = draw(values(KNOWLEDGE.vocabulary[name]))
            found[name] = Fact(value, at=at, origin=origin)
        else:
            found[name] = Fact(unknown=draw(st.sampled_from(Unknown)), at=at, origin=origin)
    return found


TRIALS = st.builds(
    Trial,
    medicine=TEXTS,
    dose_mg=st.none() | st.floats(0.001, 5000),
    weeks=st.none() | st.floats(0, 500) | st.integers(0, 500),
    episode=st.sampled_from([None, "current", "previous"]),
    outcome=st.sampled_from(
        ["no-response", "partial-response", "response", "remission", "intolerance", "unknown"]
    ),
    improvement_percent=st.none() | st.integers(-100, 100),
    adherence_percent=st.none() | st.integers(0, 100),
    augmentation=st.none() | st.booleans(),
    source=st.none() | TEXTS,
)


@given(
    given=facts(),
    trials=st.lists(TRIALS, max_size=4),
    patient=TEXTS,
    jurisdiction=st.sampled_from([None, "US", "EU"]),
)
def test_any_record_reads_back_as_it_was(given, trials, patient, jurisdiction):
    told = record(given, trials=trials, patient=patient, jurisdiction=jurisdiction)

    assert back(patient_file(told, comment="Invented")) == told


@pytest.mark.parametrize(
    "word", ["no", "yes", "on", "off", "null", "~", "true", "1e3", "0x10", "2026-11-22", "- a", "a: b"]
)  # fmt: skip
def test_a_text_that_yaml_would_take_for_something_else_stays_a_text(word):
    told = record({"age_years": Fact(40, at=AT, origin=word)}, trials=[Trial(word)], patient=word)

    assert back(patient_file(told)) == told


def test_one_record_is_always_the_same_text():
    told = record({"weight_kg": Fact(80.1, at=AT)})

    assert patient_file(told) == patient_file(told)


@pytest.mark.parametrize(
    ("patient", "comment"), [("", ""), ("a\nb", ""), ("x" * 65, ""), ("maya", "one\ntwo")]
)
def test_what_no_patient_file_can_hold_is_refused(patient, comment):
    with pytest.raises(PatientWritingError):
        patient_file(record(patient=patient), comment=comment)
