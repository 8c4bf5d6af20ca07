"""The words of questionnaires: the same places and the same blanks in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from overstory.clinic.intake.showing import words
from overstory.knowledge.load import load_knowledge
from overstory.pathway.packs import packs, read_pack


def texts(held, place: str = "") -> Iterator[tuple[str, str]]:
    for name, value in held.items():
        if isinstance(value, dict):
            yield from texts(value, f"{place}{name}.")
        else:
            yield f"{place}{name}", str(value)


def every(language: str) -> dict[str, str]:
    places = (
        "open",
        "over",
        "page",
        "trial",
        "errors",
        "check",
        "help",
        "done",
        "units",
        "message",
    )
    return dict(texts({place: words(language).at(place) for place in places}))


def test_both_languages_say_the_same_with_the_same_blanks():
    english, spanish = every("en"), every("es")

    assert english.keys() == spanish.keys()
    for place, text in english.items():
        blanks = sorted(re.findall(r"{(\w+)}", text))
        assert sorted(re.findall(r"{(\w+)}", spanish[place])) == blanks, place


def test_every_unit_that_is_asked_for_has_words():
    knowledge, units = load_knowledge(), words("es").at("units")

    for pack in packs(knowledge=knowledge, who="patient"):
        for question in read_pack(pack.id, knowledge).questions({}):
            assert not question.unit or question.unit in units, question.key


def test_what_leaves_the_clinic_names_no_treatment():
    for language in ("en", "es"):
        for place, text in every(language).items():
            if place.startswith("message."):
                for word in ("ketamin", "tms", "psychiatr", "psiquiatr", "depres"):
                    assert word not in text.lower()
