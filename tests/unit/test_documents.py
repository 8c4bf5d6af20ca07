"""The documents say what is there: links lead somewhere, names exist, quotations are to the letter, pages are current."""

import importlib
import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from overstory.cli import COMMANDS
from overstory.engine.facts import Unknown
from overstory.engine.reading import ConditionError, read_condition
from overstory.exchange.assessment_json import assessment_json
from overstory.exchange.fhir import read
from overstory.exchange.patient_file import read_patient_file
from overstory.exchange.policy_file import read_policy_file
from overstory.knowledge.check_protocols import protocol_problems
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.shapes.protocols import Protocol
from overstory.knowledge.shapes.rules import TREATMENT_IDS, Kind
from overstory.knowledge.shapes.shared import Status
from overstory.knowledge.strict_yaml import read_yaml
from overstory.pathway.intake import person
from overstory.pathway.policy import with_policy
from overstory.pathway.suitability import assess
from overstory.pathway.verdicts import Verdict
from tools import knowledge_pages

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions"
GUIDES = ROOT / "docs" / "guides"
NOON = datetime.fromisoformat("2026-11-22T12:00:00-05:00")
NOT_OURS = {"build", "dist", "demo", "node_modules"}
FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"\.?[\w-]+(?:/[\w.-]+)+/?|\.?[\w-]+/|[\w-]+\.(?:md|py|toml|yaml)")
DOTTED = re.compile(r"overstory(?:\.\w+)+")


def documents():
    return [
        path
        for path in sorted(ROOT.rglob("*.md"))
        if not any(
            part.startswith(".") or part in NOT_OURS for part in path.relative_to(ROOT).parts
        )
    ]


def shown(path):
    return str(path.relative_to(ROOT))


def text_of(path):
    return path.read_text(encoding="utf-8")


def prose(path):
    return FENCE.sub("", text_of(path))


def spans(path):
    return CODE.findall(prose(path))


def fences(path, wanted):
    return [body for info, body in FENCE.findall(text_of(path)) if info == wanted]


@cache
def anchors(path):
    text = prose(path)
    named = set(re.findall(r'<a id="([^"]+)">', text))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return named | {
        re.sub(r"[^\w\- ]", "", each).strip().lower().replace(" ", "-") for each in headings
    }


def leads_nowhere(path, link):
    name, _, anchor = link.partition("#")
    target = (path.parent / name).resolve() if name else path
    if not target.exists():
        return True
    return bool(anchor) and target.suffix == ".md" and anchor not in anchors(target)


@pytest.mark.parametrize("path", documents(), ids=shown)
def test_every_link_leads_somewhere(path):
    links = [each for each in LINK.findall(prose(path)) if not re.match(r"[a-z]+:", each)]

    assert [each for each in links if leads_nowhere(path, each)] == []


@pytest.mark.parametrize("name", ["docs/ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_every_path_named_exists(name):
    paths = [each for each in spans(ROOT / name) if PATH.fullmatch(each)]

    assert paths
    assert [each for each in paths if not (ROOT / each).exists()] == []


@pytest.mark.parametrize("path", sorted(DECISIONS.glob("0*.md")), ids=shown)
def test_every_file_of_ours_named_in_a_decision_exists(path):
    ours = [each for each in spans(path) if re.match(r"(overstory|tests|tools|docs)/", each)]

    assert [each for each in ours if not (ROOT / each).exists()] == []


def exists(dotted):
    module, _, name = dotted.rpartition(".")
    try:
        return hasattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        return False


def test_every_function_named_in_the_architecture_exists():
    names = [each for each in spans(ROOT / "docs/ARCHITECTURE.md") if DOTTED.fullmatch(each)]

    assert len(names) >= 10
    assert [each for each in names if not exists(each)] == []


def pressure(code, value):
    return {
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "valueQuantity": {"value": value, "unit": "mmHg"},
    }


def before_the_dose(*components):
    """The rule of the architecture's walk, answered for a Bundle with these components."""
    knowledge = load_knowledge()
    observation = {
        "resourceType": "Observation", "id": "bp", "status": "final",
        "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-11-22T09:40:00-05:00",
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
        "component": components,
    }  # fmt: skip
    resources = [{"resourceType": "Patient", "id": "p"}, observation]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}
    reading = read(json.dumps(bundle).encode(), name="walk", at=NOON, knowledge=knowledge)
    facts = person(given=reading.facts, at=NOON, knowledge=knowledge)
    assessment = assess(patient="p", facts=facts, knowledge=knowledge, treatments=["esketamine"])
    (treatment,) = assessment_json(assessment, facts=facts, knowledge=knowledge)["treatments"]
    rules = {each["id"]: each for each in treatment["rules"]}
    return treatment["verdict"], rules["esketamine.pressure-before-dose"]


def test_the_walk_of_the_architecture_is_what_happens():
    (text,) = fences(ROOT / "docs/ARCHITECTURE.md", "json")
    told = json.loads(text)

    verdict, rule = before_the_dose(pressure("8480-6", 162), pressure("8462-4", 88))

    same = ("id", "kind", "answer", "status", "asks", "would_change")
    assert verdict == "not-now"
    assert [rule[key] for key in same] == [told[key] for key in same]
    assert [each["fact"] for each in rule["because"]] == ["systolic_bp"]
    assert rule["because"][0]["value"] == told["because"][0]["value"] == 162
    assert told["sources"][0]["at"] == rule["sources"][0]["at"]


def test_half_a_pressure_is_asked_for_as_the_architecture_says():
    _, rule = before_the_dose(pressure("8462-4", 88))

    assert rule["answer"] is None
    assert rule["asks"] == ["systolic_bp"]


def is_quoted_from(quoted, whole):
    """Whether the lines stand in the file in this order, together but for an ellipsis line."""
    place = 0
    for part in re.split(r"^…\n", quoted, flags=re.MULTILINE):
        place = whole.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return True


def quotations():
    for path in documents():
        for info, body in FENCE.findall(text_of(path)):
            if found := re.fullmatch(r"\w+ file=(\S+)", info):
                yield pytest.param(found[1], body, id=f"{shown(path)}: {found[1]}")


@pytest.mark.parametrize(("name", "quoted"), list(quotations()))
def test_what_is_quoted_from_a_file_stands_there_to_the_letter(name, quoted):
    assert is_quoted_from(quoted, text_of(ROOT / name))


def test_the_patient_file_of_the_guide_is_read():
    (text,) = fences(GUIDES / "patient-files.md", "yaml patient")

    record = read_patient_file(text, name="guide", knowledge=load_knowledge())

    assert record.given["pregnant"].value is False
    assert [trial.medicine for trial in record.trials] == ["sertraline", "venlafaxine"]


def test_the_site_policy_of_the_guide_is_allowed():
    (text,) = fences(GUIDES / "site-policies.md", "yaml policy")

    changed = with_policy(load_knowledge(), read_policy_file(text, name="guide"))

    assert changed.rule("shared.food").words.when == "hours_since_food < 6"
    assert changed.rule("tms.pacemaker-or-defibrillator").kind == "physician-decision"


def conditions(kind):
    (text,) = fences(GUIDES / "conditions.md", kind)
    return text.splitlines()


@pytest.mark.parametrize("text", conditions("condition"))
def test_every_condition_of_the_guide_is_read(text):
    assert read_condition(text, load_knowledge().vocabulary)


@pytest.mark.parametrize("text", conditions("refused"))
def test_every_refused_condition_of_the_guide_is_refused_with_its_column(text):
    with pytest.raises(ConditionError, match=r"^column \d+: "):
        read_condition(text, load_knowledge().vocabulary)


def test_the_protocol_of_the_guide_adds_up():
    (text,) = fences(ROOT / "CONTRIBUTING.md", "yaml protocol")

    (protocol,) = msgspec.convert(
        read_yaml(text, name="guide").content["protocols"], list[Protocol]
    )

    assert list(protocol_problems(protocol)) == []


@pytest.mark.parametrize("path", documents(), ids=shown)
def test_every_command_named_exists(path):
    text = text_of(path)
    named = set(re.findall(r"(?:^|`)(?:\.venv/bin/)?overstory ([a-z]+)", text, re.MULTILINE))
    targets = set(re.findall(r"`make ([a-z]+)`|^make ([a-z]+)$", text, re.MULTILINE))
    known = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))

    assert named - set(COMMANDS) == set()
    assert {each or other for each, other in targets} - known == set()


def test_the_glossary_is_in_order_and_has_every_word_of_an_answer():
    rows = re.findall(r"^\| ([^|]+) \|", text_of(ROOT / "docs/GLOSSARY.md"), re.MULTILINE)
    words = [each.strip() for each in rows if each.strip() != "word"]
    needed = {*Verdict, *Unknown, *get_args(Kind), *get_args(Status)}

    assert words == sorted(words, key=lambda word: re.sub(r"[^a-z0-9]", "", word.lower()))
    assert len(words) == len(set(words))
    assert {str(each) for each in needed} - set(words) == set()
    assert all(each in text_of(ROOT / "docs/GLOSSARY.md") for each in TREATMENT_IDS)


def test_the_index_of_decisions_names_each_once_in_order():
    index = re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", text_of(DECISIONS / "README.md"))
    numbers = [each[:4] for each in index]

    assert index == sorted(path.name for path in DECISIONS.glob("0*.md"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("path", sorted(DECISIONS.glob("0*.md")), ids=shown)
def test_a_decision_is_a_page_with_context_decision_and_consequence(path):
    text = text_of(path)

    assert len(text.splitlines()) <= 40
    assert text.startswith(f"# {path.name[:4]} ")
    assert text.index("**Context.**") < text.index("**Decision.**") < text.index("**Consequence.**")


@pytest.mark.parametrize(
    ("name", "most"), [("README.md", 120), ("docs/ARCHITECTURE.md", 150), ("SECURITY.md", 60)]
)
def test_a_page_is_no_longer_than_it_may_be(name, most):
    assert len(text_of(ROOT / name).splitlines()) <= most


def test_the_pages_of_the_knowledge_are_current():
    assert knowledge_pages.stale(load_knowledge()) == []


def test_no_page_of_the_knowledge_is_too_long_to_read():
    lines = {
        path.name: len(text_of(path).splitlines()) for path in knowledge_pages.HOME.glob("*.md")
    }

    assert {name for name, count in lines.items() if count > 2000} == set()


def test_a_page_that_is_not_current_is_found(tmp_path):
    knowledge = load_knowledge()
    for name, text in knowledge_pages.pages(knowledge).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "tms.md").write_text("old", encoding="utf-8")
    (tmp_path / "gone.md").write_text("left over", encoding="utf-8")
    (tmp_path / "kap.md").unlink()

    found = knowledge_pages.stale(knowledge, tmp_path)

    assert found == ["gone.md", "kap.md", "tms.md"]


def test_every_rule_stands_on_a_page():
    knowledge = load_knowledge()

    together = "".join(knowledge_pages.pages(knowledge).values())

    assert [rule.id for rule in knowledge.rules if f"| `{rule.id}` |" not in together] == []
