"""From a person's facts to the decision aid's input, and what a person said matters, from a file."""

from __future__ import annotations

from collections.abc import Mapping

from overstory.engine.facts import Facts
from overstory.exchange.aid.page import AidInput
from overstory.exchange.records import InputError
from overstory.knowledge.load import Knowledge
from overstory.knowledge.strict_yaml import YamlError, read_yaml
from overstory.pathway.choice import options
from overstory.pathway.choice_values import ImportanceError, weigh
from overstory.pathway.safety import crisis
from overstory.pathway.suitability import assess


def aid_input(
    *,
    patient: str,
    facts: Facts,
    knowledge: Knowledge,
    jurisdiction: str,
    importance: Mapping[str, int],
) -> AidInput:
    """
    Return what the aid of a person is made of, on the day of their facts.

    :raises InputError: if an importance names no value, or is not a whole number in range.
    """
    assessment = assess(
        patient=patient, facts=facts, knowledge=knowledge, jurisdiction=jurisdiction
    )
    shown = options(assessment=assessment, facts=facts, knowledge=knowledge)
    try:
        weighing = weigh(
            options=shown,
            facts=facts,
            knowledge=knowledge,
            jurisdiction=jurisdiction,
            given=importance,
        )
    except ImportanceError as error:
        raise InputError(f"values: {error}") from None
    day = facts.at.date()
    return AidInput(
        assessment=assessment,
        facts=facts,
        knowledge=knowledge,
        options=shown,
        weighing=weighing,
        crisis=crisis(country=jurisdiction, on=day, knowledge=knowledge),
        made_on=day,
    )


def read_importance(text: str, *, name: str) -> dict[str, int]:
    """
    Return how much each value matters, from a file such as `fast-relief: 5`.

    :raises InputError: if it is not a mapping of values to whole numbers; it names file and line.
    """
    try:
        document = read_yaml(text, name=name)
    except YamlError as error:
        raise InputError(str(error)) from None
    content = document.content
    if not isinstance(content, dict):
        raise InputError(f"{name}:1: a values file is a mapping, such as fast-relief: 5")
    for key, number in content.items():
        if isinstance(number, bool) or not isinstance(number, int):
            line = document.line((key,))
            raise InputError(f"{name}:{line}: {key} is a whole number, not {number!r}")
    return dict(content)
