"""Words for patients, in English and Spanish: they stand in YAML beside the part that says them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from overstory.knowledge.strict_yaml import read_yaml_file

LANGUAGES = ("en", "es")
DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
        "octubre", "noviembre", "diciembre",
    ),
}  # fmt: skip


def day_words(on: date, language: str) -> str:
    """Return a day in words: `Tuesday 24 November 2026`, `martes 24 de noviembre de 2026`."""
    day, month = DAYS[language][on.weekday()], MONTHS[language][on.month - 1]
    if language == "es":
        return f"{day} {on.day} de {month} de {on.year}"
    return f"{day} {on.day} {month} {on.year}"


class WordsError(LookupError):
    """Words that were asked for and are not there."""


class Words:
    """The words of one page in one language, by their place such as `ask.title`."""

    do_not_call_in_templates = True

    def __init__(self, language: str, held: Mapping[str, Any]) -> None:
        self.language, self._held = language, held

    def at(self, place: str) -> Any:
        """
        Return what stands at a place: a text, a list or a mapping.

        :raises WordsError: if nothing stands there.
        """
        found: Any = self._held
        for step in place.split("."):
            if not isinstance(found, Mapping) or step not in found:
                raise WordsError(f"{self.language}: no words at {place}")
            found = found[step]
        return found

    def __call__(self, place: str, **blanks: object) -> str:
        """Return the text at a place with its blanks filled."""
        return str(self.at(place)).format(**blanks)

    def __getitem__(self, step: str) -> Any:
        """Return what stands at the first step, for templates."""
        return self.at(step)


@cache
def words_of(folder: Path, name: str, language: str) -> Words:
    """
    Return the words of `<name>.<language>.yaml` in a folder.

    :raises WordsError: for another language.
    """
    if language not in LANGUAGES:
        raise WordsError(f"no words in {language!r}; there are {', '.join(LANGUAGES)}")
    path = folder / f"{name}.{language}.yaml"
    return Words(language, read_yaml_file(path).content)
