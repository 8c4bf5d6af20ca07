"""Laws of protocols, tried on every part of every protocol that may be planned."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from overstory.knowledge.check_protocols import protocol_problems
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.protocol_standing import in_full, standings
from overstory.knowledge.shapes.protocols import Protocol
from overstory.pathway.protocols import SHOWN_ONLY, Why, judge

MEMORY = {"id": "recalled-unverified", "at": "made up for a test"}
PLANNABLE = [
    in_full(each, load_knowledge())
    for each in load_knowledge().sections["protocols"]
    if judge(protocol=each, knowledge=load_knowledge()).plannable
]
PARTS = [(each, part) for each in PLANNABLE for part in standings(each) if part.path]
DECIDING = [(each, part) for each, part in PARTS if part.decides]
OTHERS = [(each, part) for each, part in PARTS if not part.decides and part.status != "recalled"]


def named(case: Any) -> str:
    return case.id if isinstance(case, Protocol) else case.path


def forgotten(protocol: Protocol, path: str) -> Protocol:
    """The protocol with one part recalled, and nothing inside it otherwise changed."""
    built = msgspec.to_builtins(protocol)
    here: Any = built
    for step in path.split("."):
        here = here[step] if isinstance(here, dict) else picked(here, step)
    here |= {"source": MEMORY, "status": "recalled"}
    return msgspec.convert(built, Protocol)


def picked(parts: list[dict[str, Any]], step: str) -> dict[str, Any]:
    return next(
        each
        for place, each in enumerate(parts, 1)
        if step in {str(place), each.get("id"), each.get("name")}
    )


@pytest.mark.parametrize(("protocol", "part"), DECIDING, ids=named)
def test_a_protocol_with_one_deciding_number_forgotten_is_not_planned(protocol, part):
    changed = forgotten(protocol, part.path)

    found = judge(protocol=changed, knowledge=load_knowledge())

    assert [each.why for each in found.refusals] == [Why.UNVERIFIED]
    assert part.group in found.refusals[0].adopts
    assert found.holds == ()
    assert any("a recalled number sets no" in why for why in protocol_problems(changed))


@pytest.mark.parametrize(("protocol", "part"), OTHERS, ids=named)
def test_a_protocol_with_another_number_forgotten_is_planned_with_a_hold(protocol, part):
    before = judge(protocol=protocol, knowledge=load_knowledge())
    changed = forgotten(protocol, part.path)

    found = judge(protocol=changed, knowledge=load_knowledge())

    inside = [
        each
        for each in standings(changed)
        if each.status == "recalled" and (each.path + ".").startswith(part.path + ".")
    ]
    if any(each.decides for each in inside):
        assert not found.plannable
        return
    expected = {each.path for each in inside if each.numbers and each.group not in SHOWN_ONLY}
    assert found.plannable
    assert {each.path for each in found.holds} == expected | {each.path for each in before.holds}
    assert list(protocol_problems(changed)) == list(protocol_problems(protocol)) == []


def test_the_laws_were_tried_on_many_parts():
    assert len(PLANNABLE) == 15
    assert len(DECIDING) > 60
    assert len(OTHERS) > 50
