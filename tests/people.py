"""Invented people of the vignettes, as facts."""

from datetime import datetime
from pathlib import Path

from overstory.engine.facts import Fact, Facts
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.strict_yaml import read_yaml_file

CONTENT = read_yaml_file(Path(__file__).parent / "spec" / "vignettes.yaml").content
AT = datetime.fromisoformat(CONTENT["at"])
KNOWLEDGE = load_knowledge()


def facts_of_vignette(name: str = "clear", **changes: object) -> Facts:
    """Return the facts of a vignette with some changed; None removes a fact."""
    vignette = next(each for each in CONTENT["vignettes"] if each["id"] == name)
    told = {**CONTENT["base"], **vignette["change"], **changes}
    given = {name: Fact(value, at=AT) for name, value in told.items() if value is not None}
    return Facts(KNOWLEDGE.vocabulary, AT, given)
