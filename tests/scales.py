"""The scales as tests use them: by id, and answers written in item order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from overstory.knowledge.load import load_knowledge
from overstory.knowledge.shapes.scales import Crosswalk, Scale
from overstory.knowledge.strict_yaml import read_yaml_file
from overstory.pathway.scoring import Answered, Score, score

WORDS: dict[str, Answered] = {"-": None, "yes": True, "no": False}
TABLES = Path(__file__).parent / "spec" / "scales"


def scales() -> dict[str, Scale]:
    """Return every scale by its id."""
    return {each.id: each for each in load_knowledge().sections["scales"]}


def crosswalks() -> dict[str, Crosswalk]:
    """Return every crosswalk by its id."""
    return {each.id: each for each in load_knowledge().sections["crosswalks"]}


def scored(scale_id: str, answers: str) -> Score:
    """Return the score of answers written in item order, `-` for one not answered."""
    scale = scales()[scale_id]
    given = [_answer(word) for word in answers.split()]
    ids = [each.id for each in scale.items]
    return score(scale=scale, answers=dict(zip(ids, given, strict=False)))


def table(name: str) -> Any:
    """Return what one of the tables beside the spec holds."""
    return read_yaml_file(TABLES / f"{name}.yaml").content


def _answer(word: str) -> Answered:
    if word in WORDS:
        return WORDS[word]
    try:
        return float(word)
    except ValueError:
        return word
