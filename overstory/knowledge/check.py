"""The linter of knowledge: what it refuses, each with the file and line and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from overstory.knowledge.check_links import linked_problems
from overstory.knowledge.check_numbers import numbers_without_source
from overstory.knowledge.check_packs import pack_problems
from overstory.knowledge.check_population import population_problems
from overstory.knowledge.check_rules import rule_problems
from overstory.knowledge.documents import KnowledgeError, read_sections
from overstory.knowledge.load import HOME, Knowledge, knowledge_files, load_knowledge
from overstory.knowledge.shapes.arriving import ARRIVING_SECTIONS
from overstory.knowledge.shapes.packs import PACK_SECTIONS
from overstory.knowledge.shapes.population import POPULATION_SECTIONS
from overstory.knowledge.shapes.protocol_surroundings import PROTOCOL_SECTIONS
from overstory.knowledge.shapes.shared import Cite
from overstory.knowledge.strict_yaml import Document

UNIQUE = ("id", "name")
LINKED_SECTIONS = frozenset({*PROTOCOL_SECTIONS, *ARRIVING_SECTIONS})
NOT_A_USE = frozenset({"facts", "sources", "rules", *POPULATION_SECTIONS, *PACK_SECTIONS})


@dataclass(frozen=True, slots=True)
class Checked:
    """What the linter found: how much it looked at, and the problems, each in one line."""

    files: int
    entries: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry and where it stands."""

    section: str
    entry: Any
    document: Document
    index: int

    def problem(self, why: str) -> str:
        """Return the problem with file and line."""
        line = self.document.line((self.section, self.index))
        return f"{self.document.name}:{line}: {_name(self.entry)}: {why}"


def check_knowledge(home: Path = HOME, *, on: date) -> Checked:
    """
    Return everything in a knowledge folder that is refused on a day.

    :raises KnowledgeError: if the folder has no knowledge file.
    """
    paths = knowledge_files(home)
    placed: list[Placed] = []
    documents: list[Document] = []
    problems: list[str] = []
    for path in paths:
        try:
            document, sections = read_sections(path)
        except KnowledgeError as error:
            problems += error.problems
            continue
        documents.append(document)
        placed += [
            Placed(section, entry, document, index)
            for section, entries in sections.items()
            for index, entry in enumerate(entries)
        ]
    problems += [each for document in documents for each in numbers_without_source(document)]
    problems += _repeated(placed)
    problems += _sources(placed, on)
    problems += _bands(placed)
    if not problems:
        problems += _of_the_whole(home, placed)
    return Checked(len(paths), len(placed), tuple(problems))


def _of_the_whole(home: Path, placed: list[Placed]) -> list[str]:
    """What can only be seen once every file is read."""
    load_knowledge.cache_clear()
    try:
        knowledge = load_knowledge(home)
    except KnowledgeError as error:
        return error.problems
    by_id = {(each.section, _name(each.entry)): each for each in placed}
    problems = [
        by_id["rules", rule.id].problem(why)
        for rule in knowledge.rules
        for why in rule_problems(rule, knowledge)
    ]
    problems += [
        each.problem(why)
        for each in placed
        if each.section in LINKED_SECTIONS
        for why in linked_problems(each.entry, knowledge)
    ]
    problems += [f"{home / 'population'}: {why}" for why in population_problems(knowledge)]
    problems += [f"{home / 'packs'}: {why}" for why in pack_problems(knowledge)]
    return problems + _unused(knowledge, placed)


def _name(entry: Any) -> str:
    for field in UNIQUE:
        if value := getattr(entry, field, None):
            return str(value)
    return type(entry).__name__


def _repeated(placed: Iterable[Placed]) -> Iterator[str]:
    seen: dict[tuple[str, str], Placed] = {}
    for each in placed:
        if not any(hasattr(each.entry, field) for field in UNIQUE):
            continue
        key = (each.section, _name(each.entry))
        if key in seen:
            yield each.problem(f"this id stands already in {seen[key].document.name}")
        seen[key] = each


def _sources(placed: list[Placed], on: date) -> Iterator[str]:
    """Unknown sources, and sources past the day by which they must be read again."""
    known = {each.entry.id for each in placed if each.section == "sources"}
    for each in placed:
        if each.section == "sources":
            yield from _source_dates(each, on)
        for cite in _cited(each.entry):
            if cite.id not in known:
                yield each.problem(f"no source is named {cite.id!r}; add it under sources/")


def _source_dates(placed: Placed, on: date) -> Iterator[str]:
    try:
        read_on = date.fromisoformat(placed.entry.read_on)
        recheck_by = date.fromisoformat(placed.entry.recheck_by)
    except ValueError:
        yield placed.problem('read_on and recheck_by are days such as "2026-11-22"')
        return
    if recheck_by < on:
        yield placed.problem(f"was to be read again by {recheck_by}; read it and move the date")
    if not read_on < recheck_by:
        yield placed.problem("recheck_by lies after read_on")


def _bands(placed: Iterable[Placed]) -> Iterator[str]:
    for each in placed:
        for range_, bands in getattr(each.entry, "ranged_bands", ()):
            yield from (each.problem(why) for why in band_problems(range_, bands))


def band_problems(
    range_: tuple[float, float], bands: Iterable[tuple[float, float]]
) -> Iterator[str]:
    """Yield where bands of whole scores leave a gap, overlap, or do not cover their range."""
    expected = range_[0]
    for low, high in sorted(bands):
        if low != expected or high < low:
            yield f"its bands have a gap or overlap at {low:g}"
        expected = high + 1
    if expected != range_[1] + 1:
        yield f"its bands end at {expected - 1:g}, its range at {range_[1]:g}"


def _unused(knowledge: Knowledge, placed: list[Placed]) -> list[str]:
    used = {name for rule in knowledge.rules for name in rule.fact_names}
    used |= {root for name in used for root in knowledge.vocabulary.roots(name)}
    for each in placed:
        if each.section not in NOT_A_USE:
            used |= set(_words(each.entry)) & set(knowledge.vocabulary)
    problems = []
    for each in placed:
        if each.section != "facts":
            continue
        if each.entry.name not in used and not each.entry.used_by:
            problems.append(each.problem("nothing uses this fact; mark it used_by: later"))
        if each.entry.name in used and each.entry.used_by:
            problems.append(each.problem("something uses this fact; it is not used_by: later"))
    return problems


def _words(entry: Any) -> Iterator[str]:
    """Every text in an entry."""
    return (each for each in _inside(entry) if isinstance(each, str))


def _cited(entry: Any) -> Iterator[Cite]:
    """Every citation anywhere in an entry."""
    return (each for each in _inside(entry) if isinstance(each, Cite))


def _inside(value: Any) -> Iterator[Any]:
    """A value and everything in it, keys included."""
    yield value
    inner: Iterable[Any] = ()
    if isinstance(value, msgspec.Struct):
        inner = (getattr(value, field) for field in value.__struct_fields__)
    elif isinstance(value, list | tuple):
        inner = value
    elif isinstance(value, dict):
        inner = (*value.keys(), *value.values())
    for each in inner:
        yield from _inside(each)
