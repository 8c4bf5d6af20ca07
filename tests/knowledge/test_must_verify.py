"""The page of what must be verified names all that rests on memory, and nothing that does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from overstory.knowledge.documents import SECTIONS
from overstory.knowledge.load import load_knowledge

PAGE = Path(__file__).parents[2] / "docs" / "safety" / "must-verify.md"
KEYS = ("id", "name", "cc", "medicine", "stage", "treatment", "fact")


def key_of(entry: Any) -> str:
    keys = [getattr(entry, key) for key in KEYS if hasattr(entry, key)]
    return str(keys[0]) if keys else type(entry).__name__


def table_rows() -> list[list[str]]:
    lines = PAGE.read_text("utf-8").splitlines()
    cells = [
        [cell.strip() for cell in line.strip("| ").split(" | ")]
        for line in lines
        if line.startswith("| ")
    ]
    return [row for row in cells if row[0] != "no" and not set(row[0]) <= {"-"}]


def named() -> set[str]:
    return {name for row in table_rows() for name in re.findall(r"`([^`]+)`", row[2])}


def known() -> set[str]:
    knowledge = load_knowledge()
    entries = {
        f"{section}/{key_of(entry)}"
        for section, found in knowledge.sections.items()
        if section not in {"rules", "off_label"}
        for entry in found
    }
    whole = {f"{section}/*" for section in SECTIONS}
    return {rule.id for rule in knowledge.rules} | entries | whole


def recalled(value: Any) -> Iterator[bool]:
    if isinstance(value, dict):
        yield value.get("status") == "recalled"
        for part in value.values():
            yield from recalled(part)
    elif isinstance(value, list):
        for part in value:
            yield from recalled(part)


def test_every_row_has_an_item_what_rests_on_it_and_how_to_verify() -> None:
    rows = table_rows()

    assert len(rows) >= 50
    assert [row for row in rows if len(row) != 4 or not all(row)] == []


def test_a_row_names_an_entry_or_says_that_nothing_rests_on_it() -> None:
    silent = [
        row[1]
        for row in table_rows()
        if "`" not in row[2] and "nothing in this release" not in row[2]
    ]

    assert silent == []


def test_every_name_on_the_page_exists() -> None:
    assert sorted(named() - known()) == []


def test_every_recalled_rule_is_on_the_page() -> None:
    rules = {rule.id for rule in load_knowledge().rules if rule.words.status == "recalled"}

    assert sorted(rules - named()) == []


def test_every_entry_with_a_recalled_number_is_on_the_page_or_its_whole_section_is() -> None:
    names = named()

    missing = [
        f"{section}/{key_of(entry)}"
        for section, found in load_knowledge().sections.items()
        if section not in {"rules", "sources"} and f"{section}/*" not in names
        for entry in found
        if any(recalled(msgspec.to_builtins(entry))) and f"{section}/{key_of(entry)}" not in names
    ]

    assert missing == []


def test_every_item_of_the_closing_lists_has_a_row() -> None:
    """The lists: ketamine 2 + 14, TMS 9 and what was not found, measures 16."""
    numbers = [row[0] for row in table_rows()]

    assert {f"K{place}" for place in range(1, 17)} <= set(numbers)
    assert {f"T{place}" for place in range(1, 11)} <= set(numbers)
    assert {f"M{place}" for place in range(1, 17)} <= set(numbers)
    assert len(numbers) == len(set(numbers))
