"""The knowledge as frozen values: every file read, every condition parsed, one version and hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from overstory.engine.facts import FactType, Vocabulary
from overstory.engine.reading import ConditionError, read_condition
from overstory.knowledge.documents import KnowledgeError, read_sections
from overstory.knowledge.rules import (
    ReadConsequence,
    ReadRule,
    RuleError,
    off_label_rule,
    read_consequence,
    read_rule,
)
from overstory.knowledge.shapes.facts import FactEntry
from overstory.knowledge.shapes.rules import TREATMENT_IDS
from overstory.knowledge.shapes.sources import Source

HOME = Path(__file__).parent
VERSION = "2026.11"
Read = TypeVar("Read")
CONDITIONS: dict[str, Callable[[Any], Iterable[str]]] = {
    "alternatives": lambda each: [each.when] if each.when else [],
    "options": lambda each: each.only_when.values(),
    "left_out": lambda each: [each.when],
}
"""Sections beside the rules whose entries have conditions, and where."""


@dataclass(frozen=True)
class Knowledge:
    """
    All knowledge of one release.

    `sections` has every kind of entry by its top-level key, `files` the file of each section's
    entries in the same order. `version` names the release, `sha256` its exact content.
    """

    version: str
    sha256: str
    vocabulary: Vocabulary
    facts: Mapping[str, FactEntry]
    sources: Mapping[str, Source]
    rules: tuple[ReadRule, ...]
    consequences: tuple[ReadConsequence, ...]
    sections: Mapping[str, tuple[Any, ...]]
    off_label: Mapping[str, ReadRule]

    def rule(self, rule_id: str) -> ReadRule:
        """
        Return a rule by its id.

        :raises KeyError: if no rule has this id.
        """
        return self._rules_by_id[rule_id]

    @cached_property
    def _rules_by_id(self) -> Mapping[str, ReadRule]:
        return {rule.id: rule for rule in self.rules}


@cache
def load_knowledge(home: Path = HOME) -> Knowledge:
    """
    Return the knowledge of a folder, by default the one that is shipped.

    :raises KnowledgeError: if a file cannot be read; it lists what is wrong in every file.
    """
    digest = hashlib.sha256()
    problems: list[str] = []
    found: dict[str, list[tuple[Path, Any]]] = {}
    for path in knowledge_files(home):
        try:
            _, sections = read_sections(path)
        except KnowledgeError as error:
            problems += error.problems
            continue
        digest.update(str(path.relative_to(home)).encode() + b"\0" + path.read_bytes() + b"\0")
        for key, entries in sections.items():
            found.setdefault(key, []).extend((path.relative_to(home), each) for each in entries)
    if problems:
        raise KnowledgeError(problems)
    return _assemble(found, digest.hexdigest())


def knowledge_files(home: Path) -> list[Path]:
    """
    Return the files of a knowledge folder, in order.

    :raises KnowledgeError: if there are none.
    """
    files = sorted(home.rglob("*.yaml"))
    if not files:
        raise KnowledgeError([f"{home}: no knowledge stands here; its files end in .yaml"])
    return files


def _assemble(found: Mapping[str, list[tuple[Path, Any]]], sha256: str) -> Knowledge:
    plain = {key: tuple(entry for _, entry in entries) for key, entries in found.items()}
    vocabulary = Vocabulary([_fact_type(entry) for entry in plain.get("facts", ())])
    rules = _read_all(
        found.get("rules", ()), lambda words, path: read_rule(words, vocabulary, file=path)
    )
    consequences = _read_all(
        found.get("consequences", ()), lambda words, _: read_consequence(words, vocabulary)
    )
    for section, conditions in CONDITIONS.items():
        _read_all(found.get(section, ()), _condition_reader(conditions, vocabulary))
    return Knowledge(
        version=VERSION,
        sha256=sha256,
        vocabulary=vocabulary,
        facts=MappingProxyType({each.name: each for each in plain.get("facts", ())}),
        sources=MappingProxyType({each.id: each for each in plain.get("sources", ())}),
        rules=rules,
        consequences=consequences,
        sections=MappingProxyType(plain),
        off_label=MappingProxyType(
            {
                each: off_label_rule(words, each)
                for words in plain.get("off_label", ())
                for each in TREATMENT_IDS
            }
        ),
    )


def _condition_reader(
    conditions: Callable[[Any], Iterable[str]], vocabulary: Vocabulary
) -> Callable[[Any, str], None]:
    """Return what refuses an entry whose conditions, read again where they are asked, are wrong."""

    def read(words: Any, _: str) -> None:
        for text in conditions(words):
            try:
                read_condition(text, vocabulary)
            except ConditionError as error:
                raise RuleError(f"{words.id}: {error}") from None

    return read


def _read_all(
    found: Iterable[tuple[Path, Any]], read: Callable[[Any, str], Read]
) -> tuple[Read, ...]:
    problems: list[str] = []
    done: list[Read] = []
    for path, words in found:
        try:
            done.append(read(words, str(path)))
        except RuleError as error:
            problems.append(f"{path}: {error}")
    if problems:
        raise KnowledgeError(problems)
    return tuple(done)


def _fact_type(entry: FactEntry) -> FactType:
    least, greatest = entry.range or (None, None)
    return FactType(
        name=entry.name,
        kind=entry.type,
        label=entry.label,
        unit=entry.unit,
        least=least,
        greatest=greatest,
        codes=entry.values,
        fresh_for=timedelta(days=entry.fresh_days) if entry.fresh_days is not None else None,
        roots=entry.derived,
    )
