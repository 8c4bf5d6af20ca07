"""How long the public CQL engine takes for one person, over every rule that we export."""

from __future__ import annotations

import json
from statistics import median
from typing import Any

from overstory.exchange.elm import elm_of_knowledge
from overstory.knowledge.load import load_knowledge
from tests.outside.elm.node import JudgeError, install, us_per_person, why_absent
from tests.outside.elm.people import random_people

NAME = "cql-execution over every rule, a person"
PEOPLE = 1000
ROUNDS = 7
SEED = 20261122


def cql_execution_us_per_person() -> float | None:
    """
    Print and return how long `cql-execution` takes for one person, in µs: the median of the rounds.

    The library is read once and the executor used again; a round over all the people goes before,
    and is not counted. What is unknown is given as null. None, with a line that says why, where Node
    is absent.
    """
    knowledge = load_knowledge()
    people: list[dict[str, Any]] = [
        {name: person.get(name) for name in knowledge.vocabulary}
        for person in random_people(knowledge, count=PEOPLE, seed=SEED)
    ]
    try:
        found = _measured(elm_of_knowledge(knowledge), people)
    except JudgeError as error:
        print(json.dumps({"benchmark": NAME, "skipped": str(error)}))
        return None
    line = {
        "benchmark": NAME,
        "median": round(median(found), 1),
        "min": round(min(found), 1),
        "max": round(max(found), 1),
        "unit": "us",
        "rules": len(knowledge.rules),
        "people": PEOPLE,
        "rounds": ROUNDS,
    }
    print(json.dumps(line))
    return median(found)


def _measured(library: dict[str, Any], people: list[dict[str, Any]]) -> list[float]:
    why = why_absent()
    if why is not None:
        raise JudgeError(why)
    install()
    return us_per_person(library, people, rounds=ROUNDS)


if __name__ == "__main__":
    cql_execution_us_per_person()
