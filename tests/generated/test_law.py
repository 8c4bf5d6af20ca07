"""The law of suitability: an unknown never makes an answer more permissive."""

from datetime import datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overstory.engine.conditions import Between, Compare, leaves_of
from overstory.engine.facts import Fact, Facts
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.strict_yaml import read_yaml_file
from overstory.pathway.suitability import COMBINATION, KETAMINE_PARTS, assess
from overstory.pathway.verdicts import ORDER, PERMITTING, SETTLED, Verdict

KNOWLEDGE = load_knowledge()
CONTENT = read_yaml_file(Path(__file__).parents[1] / "spec" / "vignettes.yaml").content
AT = datetime.fromisoformat(CONTENT["at"])
MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def _edges():
    found = {}
    for rule in KNOWLEDGE.rules:
        for condition in (rule.when, rule.only_if):
            for leaf in leaves_of(condition) if condition else ():
                if isinstance(leaf, Compare):
                    found.setdefault(leaf.fact, set()).add(leaf.number)
                elif isinstance(leaf, Between):
                    found.setdefault(leaf.fact, set()).update((leaf.low, leaf.high))
    return found


EDGES = _edges()


def values(name):
    """Values that matter: both truths, every code, numbers at, below and above each cut-off."""
    kind = KNOWLEDGE.vocabulary[name]
    if kind.kind == "bool":
        return [True, False]
    if kind.kind == "code":
        return list(kind.codes)
    near = {edge + step for edge in EDGES.get(name, ()) for step in (-1, 0, 1)}
    return sorted({each for each in near if kind.least <= each <= kind.greatest} | {kind.least})


@st.composite
def people(draw):
    """A person near the one with nothing in the way: some facts changed, some unknown."""
    person = dict(CONTENT["base"])
    names = [name for name in KNOWLEDGE.vocabulary if name != "bmi"]
    for name in draw(st.lists(st.sampled_from(names), max_size=6, unique=True)):
        person[name] = draw(st.sampled_from(values(name)))
    for name in draw(st.lists(st.sampled_from(names), max_size=3, unique=True)):
        person.pop(name, None)
    return person


def facts_of(person):
    return Facts(
        KNOWLEDGE.vocabulary, AT, {name: Fact(value, at=AT) for name, value in person.items()}
    )


def assessed(person, jurisdiction):
    found = assess(
        patient="generated", facts=facts_of(person), knowledge=KNOWLEDGE, jurisdiction=jurisdiction
    )
    return {each.treatment: each for each in found.treatments}


JURISDICTIONS = st.sampled_from(["US", "EU"])


@MANY
@given(people(), JURISDICTIONS, st.data())
def test_an_unknown_never_makes_an_answer_more_permissive(person, jurisdiction, data):
    before = assessed(person, jurisdiction)
    names = data.draw(
        st.lists(st.sampled_from(sorted(person)), min_size=1, max_size=4, unique=True)
    )
    after = assessed({k: v for k, v in person.items() if k not in names}, jurisdiction)

    for treatment, known in before.items():
        unknown = after[treatment]
        if known.verdict not in PERMITTING:
            assert unknown.verdict not in PERMITTING, (treatment, names)
        if known.verdict is Verdict.WITH_CONDITIONS:
            assert unknown.verdict is not Verdict.SUITABLE, (treatment, names)


@MANY
@given(people(), JURISDICTIONS)
def test_what_is_asked_is_the_union_of_what_the_unknown_rules_ask(person, jurisdiction):
    treatments = assessed(person, jurisdiction)

    for name, each in treatments.items():
        if name == COMBINATION:
            continue
        indicated = any(answer.answer for answer in each.indications)
        union = {
            ask
            for rule in each.rules
            if rule.answer is None and not (indicated and rule.rule.kind == "indication")
            for ask in rule.asks
        }
        expected = set() if each.verdict in SETTLED else union
        assert set(each.asks) == expected
        assert list(each.asks) == [fact for fact in KNOWLEDGE.vocabulary if fact in each.asks]


@MANY
@given(people(), JURISDICTIONS)
def test_the_combination_is_the_lowest_of_its_parts(person, jurisdiction):
    treatments = assessed(person, jurisdiction)
    parts = [treatments[name].verdict for name in KETAMINE_PARTS]
    best = max(parts, key=ORDER.index)
    lowest = min([best, treatments["tms"].verdict, Verdict.WITH_CONDITIONS], key=ORDER.index)

    combination = treatments[COMBINATION]

    assert ORDER.index(combination.verdict) <= ORDER.index(lowest)
    if combination.verdict in SETTLED:
        assert combination.asks == ()
    else:
        asked = set(treatments["tms"].asks)
        for name in KETAMINE_PARTS:
            if treatments[name].verdict is best:
                asked |= set(treatments[name].asks)
        assert asked <= set(combination.asks)


@MANY
@given(people(), JURISDICTIONS, st.data())
def test_a_fact_that_no_treatment_asks_for_changes_no_verdict(person, jurisdiction, data):
    before = assessed(person, jurisdiction)
    unknown = [name for name in KNOWLEDGE.vocabulary if name not in person and name != "bmi"]
    chosen = data.draw(
        st.lists(st.sampled_from(unknown or ["phq9_total"]), max_size=3, unique=True)
    )
    learned = {**person, **{name: data.draw(st.sampled_from(values(name))) for name in chosen}}
    after = assessed(learned, jurisdiction)

    for treatment, each in before.items():
        settled = each.verdict in SETTLED
        if not settled and not set(chosen) & (set(each.asks) | _indications(each)):
            assert after[treatment].verdict is each.verdict, (treatment, chosen)


def _indications(assessed_treatment):
    """The facts of indications still unknown: no longer asked for once one indication is true."""
    return {
        ask
        for answer in assessed_treatment.rules
        if answer.rule.kind == "indication" or answer.part
        for ask in answer.asks
    }


@MANY
@given(people(), JURISDICTIONS, st.sampled_from(["cssrs_risk", "suicidal_intent",
                                                 "suicide_attempt_within_3_months", "needs_inpatient_care"]))  # fmt: skip
def test_at_a_high_safety_level_nothing_is_suitable(person, jurisdiction, danger):
    person = {**person, danger: "high" if danger == "cssrs_risk" else True}

    found = assess(
        patient="p", facts=facts_of(person), knowledge=KNOWLEDGE, jurisdiction=jurisdiction
    )

    assert found.safety.level == "high"
    assert Verdict.SUITABLE not in {each.verdict for each in found.treatments}
