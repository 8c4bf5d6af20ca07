"""The aid's words in a language, and numbers as a person reads them in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from overstory.knowledge.shapes.shared import Text
from overstory.knowledge.strict_yaml import read_yaml_file

HOME = Path(__file__).parent / "texts"
LANGUAGES = ("en", "es")
SIGNS = {"USD": "$", "EUR": "€"}
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}


class LanguageError(ValueError):
    """A language in which there is no aid."""


class Words:
    """The words of one language: `words("cards.how")`, with the blanks of the text filled in."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise LanguageError(f"the aid is written in {', '.join(LANGUAGES)}, not {language!r}")
        self.language = language
        self.texts = _texts(language)

    def __call__(self, place: str, **blanks: object) -> str:
        """Return a text by its place, as `cards.how`; the blanks are filled in."""
        return str(self.at(place)).format(**blanks)

    def at(self, place: str) -> Any:
        """Return what stands at a place: a text, a list or a mapping."""
        found: Any = self.texts
        for step in place.split("."):
            found = found[step]
        return found

    def of(self, text: Text) -> str:
        """Return a text of the knowledge in this language."""
        return text.es if self.language == "es" else text.en

    def day(self, day: date) -> str:
        """Return a day as it is written out in this language."""
        month = MONTHS[self.language].split()[day.month - 1]
        if self.language == "es":
            return f"{day.day} de {month} de {day.year}"
        return f"{month} {day.day}, {day.year}"

    def span(self, low: float, high: float | None, *, unit: str = "plain") -> str:
        """Return a number or range with its unit: `12`, `20 to 36`, `120 min or more`."""
        if low == high == 0:
            return self("units.zero")
        first = self(f"units.{unit}", n=whole(low))
        if high is None:
            return self("units.or_more", low=first)
        if whole(high) == whole(low):
            return first
        return self("units.range", low=whole(low), high=self(f"units.{unit}", n=whole(high)))

    def money(self, low: float, high: float, currency: str) -> str:
        """Return a price range with its sign."""
        sign = SIGNS[currency]
        shown = [f"{sign}{int(each):,}" for each in (low, high)]
        return self("units.range", low=shown[0], high=shown[1])


def whole(number: float) -> str:
    """Return a number to the nearest whole one, halves away from zero."""
    return str(Decimal(str(number)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


@cache
def _texts(language: str) -> Mapping[str, Any]:
    texts: Mapping[str, Any] = read_yaml_file(HOME / f"{language}.yaml").content
    return texts
