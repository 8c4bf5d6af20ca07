"""The words of the pages of a choice: their own, the decision aid's, and the comparison's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from overstory.clinic.ui.words import Words, words_of
from overstory.exchange.aid.words import Words as AidWords

FOLDER = Path(__file__).parent / "words"
COMPARISON = FOLDER.parents[1] / "intake" / "words"


@dataclass(frozen=True, slots=True)
class Said:
    """The words of the aid, and those of the comparison of options that both pages share."""

    aid: Mapping[str, Any]
    compare: Any


def words(language: str) -> Words:
    """Return the words of the pages of a choice in a language."""
    return words_of(FOLDER, "choice", language)


def comparison_words(language: str) -> Said:
    """Return the words that a choice shares with the decision aid and the public comparison."""
    return Said(AidWords(language).texts, words_of(COMPARISON, "front", language).at("compare"))
