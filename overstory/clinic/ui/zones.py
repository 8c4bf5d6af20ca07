"""Time zones as people say them: the time of the place for which a zone is named."""

from __future__ import annotations

from pathlib import Path

from overstory.clinic.ui.words import words_of

FOLDER = Path(__file__).parent / "words"
UNIVERSAL = frozenset({"UTC", "UCT", "GMT", "Universal", "Zulu", "Greenwich"})


def zone_words(zone: str, language: str = "en") -> str:
    """
    Return a zone as people say it: `New York time` for America/New_York; in Spanish `hora de Nueva York`.

    A zone that is not named for a place, such as Etc/GMT+5, keeps its name.
    """
    say = words_of(FOLDER, "zones", language)
    area, _, place = zone.rpartition("/")
    if place in UNIVERSAL:
        return say("utc")
    if not area or area == "Etc":
        return zone
    name = place.replace("_", " ")
    return say("time", town=say.at("places").get(name, name))
