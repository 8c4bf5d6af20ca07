"""People, and what Overstory must answer: eight, and many more."""

from datetime import datetime
from pathlib import Path

import pytest

from overstory.engine.facts import Fact
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.strict_yaml import read_yaml_file
from overstory.pathway.intake import person
from overstory.pathway.suitability import assess

CONTENT = read_yaml_file(Path(__file__).with_name("vignettes.yaml")).content
MORE = read_yaml_file(Path(__file__).with_name("vignettes_more.yaml")).content
VIGNETTES = [
    pytest.param(each, id=each["id"]) for each in (*CONTENT["vignettes"], *MORE["vignettes"])
]


def assessed(vignette):
    knowledge = load_knowledge()
    values = {**CONTENT["base"], **vignette["change"]}
    at = datetime.fromisoformat(CONTENT["at"])
    given = {name: Fact(value, at=at) for name, value in values.items() if value is not None}
    facts = person(given=given, at=at, knowledge=knowledge)
    return assess(
        patient=vignette["id"],
        facts=facts,
        knowledge=knowledge,
        jurisdiction=vignette.get("jurisdiction", "US"),
    )


@pytest.mark.parametrize("vignette", VIGNETTES)
def test_the_verdicts_are_right(vignette):
    found = {each.treatment: str(each.verdict) for each in assessed(vignette).treatments}

    for treatment, allowed in vignette["verdicts"].items():
        assert found[treatment] in allowed


@pytest.mark.parametrize("vignette", VIGNETTES)
def test_the_deciding_facts_are_among_the_reasons(vignette):
    treatments = {each.treatment: each for each in assessed(vignette).treatments}

    for treatment, names in vignette.get("decided_by", {}).items():
        reasons = {
            reason.name
            for answer in treatments[treatment].rules
            if answer.answer
            for reason in answer.because
        }
        assert set(names) <= reasons


@pytest.mark.parametrize("vignette", VIGNETTES)
def test_what_is_missing_is_asked(vignette):
    treatments = {each.treatment: each for each in assessed(vignette).treatments}

    for treatment, names in vignette.get("asks", {}).items():
        assert set(names) <= set(treatments[treatment].asks)


@pytest.mark.parametrize("vignette", VIGNETTES)
def test_the_safety_level_is_right(vignette):
    safety = assessed(vignette).safety

    assert safety.level in vignette.get("safety", [safety.level])
    assert bool(safety.actions) or safety.level == "none"
