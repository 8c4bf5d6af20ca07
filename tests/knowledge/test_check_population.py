"""The linter of the invented population: each thing that it refuses, planted in a small one."""

from datetime import date

import msgspec
import pytest

from overstory.knowledge.check import check_knowledge
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.shapes.population import POPULATION_SECTIONS
from overstory.knowledge.shapes.shared import Cite

ON = date(2026, 11, 22)
OWN = "overstory-invented-population"
FILES = {
    "sources.yaml": """
sources:
  - {id: overstory-invented-population, kind: site-policy, title: Ours, read_on: "2026-11-22", recheck_by: "2027-11-22"}
  - {id: survey, kind: survey, title: A survey, read_on: "2026-11-22", recheck_by: "2027-11-22"}
""",
    "facts.yaml": """
source: {id: survey}
status: site-policy
facts:
  - {name: ill, type: bool, label: ill, used_by: later, ask: {who: nurse, text: Ill?}}
  - {name: sad, type: bool, label: sad, used_by: later, ask: {who: nurse, text: Sad?}}
  - {name: score, type: number, unit: score, range: [0, 27], label: score, used_by: later, ask: {who: nurse, text: Score?}}
  - {name: risk, type: code, values: [none, low, high], label: risk, used_by: later, ask: {who: nurse, text: Risk?}}
""",
    "population.yaml": """
source: {id: overstory-invented-population}
status: assumed
population_causes:
  - {id: luck, says: Luck.}
  - {id: fate, says: Fate.}
population:
  - {id: ill, says: Ill., share: 0.2, pulls: {luck: 0.6}}
  - id: sad
    says: More in the ill.
    share: 0.1
    pulls: {fate: 0.5}
    cases:
      - {when: ill, share: 0.4, source: {id: survey}, status: secondary}
  - {id: score, says: A score., mean: 10, sd: 4, only_when: sad}
  - {id: risk, says: A risk., shares: {none: 0.7, low: 0.2, high: 0.1}}
population_records:
  - id: all
    says: All of it.
    facts: [ill, sad, score, risk]
    kept:
      records: {asked: 0.5, positive: 0.9, negative: 0.1}
      intake: {asked: 1, positive: 1, negative: 1}
    usual: {risk: none}
    oldest_days: 90
population_slips:
  - {id: slip, says: A slip., share: 0.01, when: ill, sets: {sad: false}}
""",
}


@pytest.fixture
def home(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def plant(home, old, new):
    path = home / "population.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return check_knowledge(home, on=ON).problems


def test_a_sound_population_has_no_problems(home):
    assert check_knowledge(home, on=ON).problems == ()


PLANTED = {
    "a name that is no fact": ("{id: ill,", "{id: unwell,", "neither a fact nor hidden"),
    "a share above one": ("share: 0.2", "share: 1.2", "1.2 is no share"),
    "shares that do not add up": ("high: 0.1", "high: 0.2", "add up to 1.1"),
    "shares in another order than the codes": (
        "{none: 0.7, low: 0.2, high: 0.1}", "{low: 0.2, none: 0.7, high: 0.1}", "in this order"),
    "a code left out": ("{none: 0.7, low: 0.2, high: 0.1}", "{none: 0.7, high: 0.3}", "none, low, high"),
    "two spreads at once": ("mean: 10, sd: 4", "mean: 10, sd: 4, shares: {\"1\": 1}", "a spread has"),
    "a mean without its sd": ("mean: 10, sd: 4", "mean: 10", "a spread has"),
    "a truth with a mean": ("share: 0.2", "mean: 1, sd: 1", "has a share"),
    "quantiles that fall": ("mean: 10, sd: 4", "quantiles: [[0.1, 5], [0.5, 4]]", "do not rise"),
    "a quantile of everybody": ("mean: 10, sd: 4", "quantiles: [[0.1, 5], [1, 6]]", "between 0 and 1"),
    "numbers finer than they are kept": (
        "mean: 10, sd: 4", 'shares: {"0.25": 0.5, "1": 0.5}', "more than 0 decimals"),
    "a cause that is not there": ("pulls: {luck: 0.6}", "pulls: {chance: 0.6}", "no cause is named 'chance'"),
    "causes that pull too much": ("pulls: {luck: 0.6}", "pulls: {luck: 0.9, fate: 0.9}", "more than all"),
    "a cause counted twice": (
        "pulls: {fate: 0.5}", "pulls: {luck: 0.5}", "ill decides its cases, and both hang on luck"),
    "a cause counted twice from afar": (
        "only_when: sad", "only_when: sad, pulls: {luck: 0.5}", "sad decides its cases, and both hang on luck"),
    "a condition on nothing": ("when: ill, share: 0.4", "when: unwell, share: 0.4", "no fact is named 'unwell'"),
    "a value that needs itself": ("only_when: sad", "only_when: score >= 3", "waits for score"),
    "a value that nothing draws": ("{id: ill, says: Ill., share: 0.2, pulls: {luck: 0.6}}", "{id: other, hidden: bool, says: O., share: 0.2}", "sad: it waits for ill"),
    "a guess that looks cited": (
        "source: {id: survey}, status: secondary", "source: {id: survey}, status: assumed", "is assumed"),
    "a citation of ourselves": (
        "source: {id: survey}, status: secondary",
        "source: {id: overstory-invented-population}, status: secondary", "is assumed"),
    "a status of medicine": ("status: assumed", "status: site-policy", "Invalid enum value 'site-policy'"),
    "a fact recorded twice": ("facts: [ill, sad", "facts: [ill, ill, sad", "ill is recorded with all already"),
    "a record of nothing": ("facts: [ill,", "facts: [unwell,", "no fact is named 'unwell'"),
    "a way of records left out": (
        "      intake: {asked: 1, positive: 1, negative: 1}\n", "", "records, intake keep"),
    "a slip that does nothing": (", sets: {sad: false}", "", "sets values or swaps two"),
    "a slip on nothing": ("when: ill, sets", "when: unwell, sets", "no fact is named 'unwell'"),
    "a number without a source": (
        "source: {id: overstory-invented-population}\nstatus: assumed\n", "", "missing required field"),
}  # fmt: skip


@pytest.mark.parametrize("case", PLANTED)
def test_it_refuses(home, case):
    old, new, why = PLANTED[case]

    problems = plant(home, old, new)

    assert any(why in problem for problem in problems), problems


def _cited(value):
    if isinstance(value, Cite):
        yield value.id
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _cited(getattr(value, field))
    elif isinstance(value, dict):
        for each in value.values():
            yield from _cited(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _cited(each)


def test_no_rule_and_nothing_else_of_medicine_rests_on_our_guesses():
    citing = {
        section
        for section, entries in load_knowledge().sections.items()
        for entry in entries
        if OWN in set(_cited(entry))
    }

    assert citing
    assert citing <= set(POPULATION_SECTIONS)


def test_every_entry_says_what_its_number_is_of():
    for section in POPULATION_SECTIONS:
        for entry in load_knowledge().sections[section]:
            assert entry.says.endswith("."), entry.id
