"""The examples of the guide on facts as FHIR do what the guide says."""

import json
import re
from pathlib import Path

from overstory.engine.facts import Unknown
from tests.exchange.fhir.documents import patient, reading, values

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "fhir-out.md").read_text(encoding="utf-8")


def fenced(kind):
    (body,) = re.findall(rf"^```{kind}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return body


def cells():
    """The second column of the table of values: each is a part of an Observation."""
    return [
        json.loads(f"{{{each}}}")
        for each in re.findall(r"^\| [^|]+ \| `(\".+)` \|$", GUIDE, re.MULTILINE)
    ]


def test_the_statement_of_the_guide_is_read():
    assert values(reading(json.loads(fenced("json")))) == {"can_attend_daily": False}


def test_each_kind_of_value_of_the_guide_is_read():
    statement = json.loads(fenced("json"))
    del statement["valueBoolean"]
    names = ["can_attend_daily", "current_episode_weeks", "hepatic_impairment", "takes_maoi"]
    statements = [
        {**statement, "code": {"coding": [{"system": "urn:overstory:fact", "code": name}]}, **value}
        for name, value in zip(names, cells(), strict=True)
    ]

    facts = reading(
        {"resourceType": "Bundle", "entry": [{"resource": e} for e in (patient(), *statements)]}
    ).facts

    assert {name: (fact.value, fact.unknown) for name, fact in facts.items()} == {
        "can_attend_daily": (False, None),
        "current_episode_weeks": (30, None),
        "hepatic_impairment": ("moderate", None),
        "takes_maoi": (None, Unknown.NOT_ANSWERED),
    }


def test_the_record_of_the_guide_comes_back():
    room = {}

    exec(fenced("python"), room)  # noqa: S102  # the guide's own lines

    known = {name: (fact.value, fact.unknown) for name, fact in room["again"].facts.items()}
    assert known == {
        "systolic_bp": (128, None),
        "has_ptsd": (True, None),
        "can_attend_daily": (False, None),
        "takes_maoi": (None, Unknown.NOT_ANSWERED),
    }
    assert room["document"].count(b"47505003") == 1
