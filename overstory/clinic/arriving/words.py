"""The words of what a person gets of their visits: on pages, on paper and in messages."""

from __future__ import annotations

from pathlib import Path

from overstory.clinic.ui.words import Words, words_of

FOLDER = Path(__file__).parent / "words"


def words(language: str) -> Words:
    """Return the words of arriving in a language."""
    return words_of(FOLDER, "arriving", language)


def spoken(language: str) -> str:
    """Return a language that there are words in: the one given, else English."""
    return language if language in {"en", "es"} else "en"
