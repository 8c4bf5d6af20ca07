"""
What is written as FHIR is valid R4, judged by the models of `fhir.resources` (R4B).

The models check elements, types, cardinality and codes of required bindings; R4B and R4 do not differ
in the resources that are written. Needs `fhir.resources` (8.3 was used), which is no part of the
locked set; run with `pytest tests/outside/test_fhir_writing_valid.py -s` to see the count.
"""

import random
from collections import Counter

from fhir.resources.R4B import get_fhir_model_class
from fhir.resources.R4B.bundle import Bundle

from overstory.engine.facts import Fact
from tests.exchange.fhir.records import (
    AT,
    EARLIER,
    REASONS,
    VOCABULARY,
    as_bundle,
    record,
    values_of,
)

PEOPLE = 100


def any_fact(kind, chance):
    at = chance.choice([AT, AT, AT, EARLIER])
    if chance.random() < 0.1:
        return Fact(unknown=chance.choice(REASONS), at=at)
    return Fact(chance.choice(values_of(kind)), at=at)


def test_everything_that_is_written_is_valid():
    chance = random.Random(20261122)  # noqa: S311
    count = Counter()
    for number in range(PEOPLE):
        given = {
            name: any_fact(kind, chance)
            for name, kind in VOCABULARY.items()
            if chance.random() < 0.8
        }
        one = record(given, patient=f"invented {number}" if number % 2 else f"p{number}")

        bundle = Bundle.model_validate_json(as_bundle(one, invented=number % 3 > 0))

        for entry in bundle.entry:
            type_ = entry.resource.get_resource_type()
            get_fhir_model_class(type_).model_validate(entry.resource.model_dump())
            count[type_] += 1

    print(dict(count))
    assert set(count) == {"Patient", "Observation", "Condition", "MedicationStatement"}
