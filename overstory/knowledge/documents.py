"""Files to shapes: which top-level key holds which shape, and errors that name file and line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from overstory.knowledge.shapes.alternatives import Alternative
from overstory.knowledge.shapes.arriving import ARRIVING_SECTIONS
from overstory.knowledge.shapes.choices import AidPolicy, ChoiceValue, OptionEntry
from overstory.knowledge.shapes.clearances import Clearance
from overstory.knowledge.shapes.codes import CODE_SECTIONS
from overstory.knowledge.shapes.consent import CONSENT_SECTIONS
from overstory.knowledge.shapes.evidence import (
    Conflict,
    Correction,
    Evidence,
    Guideline,
    Harm,
    RegulatoryStep,
    Statement,
)
from overstory.knowledge.shapes.facts import Consequence, FactEntry
from overstory.knowledge.shapes.kinetics import KINETICS_SECTIONS
from overstory.knowledge.shapes.medicines import (
    AdequateDose,
    Medicine,
    MedicineClass,
    MedicineCode,
    TrialStandard,
)
from overstory.knowledge.shapes.packs import PACK_SECTIONS
from overstory.knowledge.shapes.planning import PLANNING_SECTIONS
from overstory.knowledge.shapes.population import POPULATION_SECTIONS
from overstory.knowledge.shapes.protocol_surroundings import PROTOCOL_SECTIONS
from overstory.knowledge.shapes.resistance import (
    MaudsleyStaging,
    ResistanceDefinition,
    ThaseRushStage,
)
from overstory.knowledge.shapes.rules import OffLabel, Rule
from overstory.knowledge.shapes.safety import SAFETY_SECTIONS
from overstory.knowledge.shapes.scales import Crosswalk, Scale
from overstory.knowledge.shapes.sources import Source
from overstory.knowledge.shapes.stimulation import STIMULATION_SECTIONS
from overstory.knowledge.strict_yaml import Document, YamlError, read_yaml_file

SECTIONS: dict[str, Any] = {
    "sources": list[Source],
    "facts": list[FactEntry],
    "consequences": list[Consequence],
    "rules": list[Rule],
    "off_label": list[OffLabel],
    "alternatives": list[Alternative],
    **PLANNING_SECTIONS,
    **PROTOCOL_SECTIONS,
    **KINETICS_SECTIONS,
    **STIMULATION_SECTIONS,
    "clearances": list[Clearance],
    "evidence": list[Evidence],
    "harms": list[Harm],
    "conflicts": list[Conflict],
    "corrections": list[Correction],
    "statements": list[Statement],
    "regulatory": list[RegulatoryStep],
    "guidelines": list[Guideline],
    "scales": list[Scale],
    "crosswalks": list[Crosswalk],
    **SAFETY_SECTIONS,
    **CODE_SECTIONS,
    "options": list[OptionEntry],
    "choice_values": list[ChoiceValue],
    "aid": list[AidPolicy],
    "medicines": list[Medicine],
    "medicine_codes": list[MedicineCode],
    "medicine_classes": list[MedicineClass],
    "adequate_doses": list[AdequateDose],
    "trial_standards": list[TrialStandard],
    "resistance_definitions": list[ResistanceDefinition],
    "maudsley_staging": list[MaudsleyStaging],
    "thase_rush_stages": list[ThaseRushStage],
    **POPULATION_SECTIONS,
    **PACK_SECTIONS,
    **CONSENT_SECTIONS,
    **ARRIVING_SECTIONS,
}
"""Top-level keys of knowledge files; `source` and `status` beside them are the file's defaults."""

DEFAULTS = frozenset({"source", "status"})
PLACE = re.compile(r"\.([^.\[\]`]+)|\[(\d+)\]")


class KnowledgeError(ValueError):
    """Knowledge that cannot be read or is refused; each line names the file and what is wrong."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def read_sections(path: Path) -> tuple[Document, dict[str, list[Any]]]:
    """
    Return the file's document and its sections as shapes, the file's defaults filled in.

    :raises KnowledgeError: if the YAML is refused, a key is unknown, or a value has a wrong shape.
    """
    try:
        document = read_yaml_file(path)
    except YamlError as error:
        raise KnowledgeError([str(error)]) from None
    content = document.content
    if not isinstance(content, dict):
        raise KnowledgeError([f"{path}:1: a knowledge file is a mapping of {', '.join(SECTIONS)}"])
    unknown = set(content) - set(SECTIONS) - DEFAULTS
    if unknown:
        raise KnowledgeError(
            [f"{path}:{document.line((key,))}: unknown section {key!r}" for key in sorted(unknown)]
        )
    defaults = {key: content[key] for key in DEFAULTS if key in content}
    found = {
        key: _convert(document, key, entries, defaults)
        for key, entries in content.items()
        if key in SECTIONS
    }
    return document, found


def _convert(document: Document, key: str, entries: Any, defaults: dict[str, Any]) -> list[Any]:
    shape = SECTIONS[key]
    if isinstance(entries, list) and defaults:
        item = shape.__args__[0]
        fields = {each.encode_name for each in msgspec.structs.fields(item)}
        wanted = {name: value for name, value in defaults.items() if name in fields}
        entries = [{**wanted, **each} if isinstance(each, dict) else each for each in entries]
    try:
        result: list[Any] = msgspec.convert(entries, type=shape, strict=True)
    except msgspec.ValidationError as error:
        why, _, place = str(error).partition(" - at ")
        steps = (key, *_steps(place))
        line = document.line(steps)
        raise KnowledgeError([f"{document.name}:{line}: {why} ({_shown(steps)})"]) from None
    return result


def _steps(place: str) -> list[str | int]:
    return [int(index) if index else name for name, index in PLACE.findall(place)]


def _shown(steps: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).strip(
        "."
    )
