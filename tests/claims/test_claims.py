"""Each claim of the five clinic articles is met, corrected or pending, and what a row points at exists."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import click
import pytest

from overstory.cli import main
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.shapes.shared import cites
from tests.claims.tally import ANSWERS, FILES, Claim, read_claims, tally

ROOT = Path(__file__).parents[2]
CLAIMS = read_claims()
KNOWLEDGE = load_knowledge()

# The kind of each claim in the order of its number: F a statement of fact, R what a clinic or a
# system does or needs, D a decision or a rule.
KINDS = {
    "S0": "RFDFFFFFFRRFRRFDDFRRRFFFDDFFRFFDRRDDFRRRFRRR",
    "S1": "FFFDFFRFFFFFFDDRDFFRDDRR",
    "S2": "RFFFFFRFRFRDRFFFFDFDFFFDFFFDDDDDDRRR",
    "S3": "FFDDFRFFFFRFFFRFFRFFFRRRRRRRRDR",
    "S4": "FDRFFRFFRDFFFDRRFDFFFFFFFFFFFFFDDDDRRFFRRRRRF",
}
DISAGREEMENTS = 24
STEPS = {
    "rules-for-many", "plans-and-timetable", "clinic-intake", "choice-to-booking",
    "treatment-sessions", "coverage", "outcomes", "record",
}  # fmt: skip
CORRECTING = ("corrections", "conflicts", "evidence")
KEYS = ("id", "name", "cc")


def named(claims: list[Claim]) -> list[Any]:
    return [pytest.param(each, id=each.id) for each in claims]


def having(answer: str) -> list[Any]:
    return named([each for each in CLAIMS if each.answer == answer])


def entry(target: str) -> Any:
    """Return the entry that `section/id` names."""
    section, _, key = target.partition("/")
    for each in KNOWLEDGE.sections[section]:
        if key in [getattr(each, name, None) for name in KEYS]:
            return each
    raise LookupError(f"no entry {key!r} in the section {section!r}")


def function(target: str) -> Any:
    module, _, name = target.rpartition(".")
    return getattr(importlib.import_module(module), name)


def command(target: str) -> click.Command:
    program, *names = target.split()
    assert program == "overstory"
    found: click.Command | None = main
    for name in names:
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), name)
        assert found is not None, f"there is no command {target!r}"
    assert isinstance(found, click.Command)
    return found


def test_the_rows_are_the_180_claims_and_the_24_disagreements():
    numbered = [f"{article}-{n:02}" for article in KINDS for n in range(1, len(KINDS[article]) + 1)]
    expected = numbered + [f"D{n}" for n in range(1, DISAGREEMENTS + 1)]

    assert len(numbered) == 180
    assert [each.id for each in CLAIMS] == expected


def test_each_row_has_the_kind_of_its_claim():
    kinds = {
        article: "".join(each.kind for each in CLAIMS if each.file == article) for article in KINDS
    }

    assert kinds == KINDS
    assert {each.kind for each in CLAIMS if each.file == "disagreements"} == {"D"}


@pytest.mark.parametrize("claim", named(CLAIMS))
def test_a_row_says_what_is_claimed_and_how_it_is_answered(claim):
    assert claim.claim
    assert claim.answer in ANSWERS
    assert len(claim.by) == len(set(claim.by))
    assert (claim.answer == "pending") == bool(claim.step)


@pytest.mark.parametrize("claim", named([each for each in CLAIMS if each.by]))
def test_what_a_row_points_at_exists(claim):
    for pointer in claim.by:
        kind, _, target = pointer.partition(":")
        match kind:
            case "rule":
                assert KNOWLEDGE.rule(target)
            case "section":
                assert entry(target)
            case "function":
                assert callable(function(target))
            case "command":
                assert command(target)
            case "file":
                assert (ROOT / target).is_file(), pointer
            case _:
                pytest.fail(f"{claim.id} points at {pointer!r}, which is no kind of pointer")


@pytest.mark.parametrize("claim", having("met"))
def test_a_claim_that_is_met_points_at_what_meets_it(claim):
    assert claim.by


@pytest.mark.parametrize("claim", having("corrected"))
def test_a_claim_is_corrected_by_an_entry_that_names_it_and_has_a_source(claim):
    targets = [pointer.removeprefix("section:") for pointer in claim.by if "section:" in pointer]
    correcting = [entry(each) for each in targets if each.startswith(CORRECTING)]
    naming = [each for each in correcting if claim.id in each.claims]

    assert naming
    for each in naming:
        sources = [
            cite for part in getattr(each, "positions", [each]) for cite in cites(part.source)
        ]
        assert sources, each.id
        assert all(cite.id in KNOWLEDGE.sources for cite in sources)


def test_a_pointer_at_nothing_is_noticed():
    with pytest.raises(KeyError):
        KNOWLEDGE.rule("esketamine.no-such-rule")
    with pytest.raises(LookupError):
        entry("corrections/no-such-correction")
    with pytest.raises(AttributeError):
        function("overstory.pathway.suitability.no_such_function")
    with pytest.raises(AssertionError):
        command("overstory no-such-command")


def test_no_fact_and_no_decision_is_pending():
    assert [each.id for each in CLAIMS if each.answer == "pending" and each.kind != "R"] == []


@pytest.mark.parametrize("claim", having("pending"))
def test_a_pending_claim_names_a_later_step_and_what_will_meet_it(claim):
    assert claim.step in STEPS
    assert claim.note


def test_an_entry_that_names_a_claim_is_pointed_at_from_its_row():
    rows = {each.id: each for each in CLAIMS}
    loose = [
        f"{claim}: section:{section}/{each.id}"
        for section, entries in KNOWLEDGE.sections.items()
        for each in entries
        for claim in getattr(each, "claims", ())
        if f"section:{section}/{each.id}" not in rows[claim].by
    ]

    assert loose == []


def test_the_tally_counts_every_row_once():
    lines = tally(CLAIMS)

    assert next(line for line in lines if line.startswith("all")).split()[-1] == "204"
    assert next(line for line in lines if line.startswith("S0")).split()[-1] == "44"
    assert len([line for line in lines if line[:2] in FILES]) == 5
