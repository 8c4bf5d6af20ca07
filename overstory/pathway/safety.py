"""How safe a person is now, what people do about it, and which crisis lines are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from overstory.engine.evaluate import Answer, Reason
from overstory.engine.facts import Fact, Facts
from overstory.knowledge.answering import answer_of
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.safety import (
    CrisisCountry,
    CrisisFallback,
    CrisisLine,
    Reach,
    SafetyAction,
)
from overstory.knowledge.shapes.shared import Text

HIGH_RULE = "safety.level-high"
BAND_RULES = {"moderate": "safety.level-moderate", "low": "safety.level-low"}
ITEM_9_RULE = "safety.item-9-positive"
TRIGGER_RULES = {
    "item-9": ITEM_9_RULE,
    "ideation": "safety.ideation-reported",
    "self-injury": "safety.self-injury-reported",
}
SCREEN, ITEM_9 = "cssrs_risk", "phq9_item9"


@dataclass(frozen=True, slots=True)
class SafetyAssessment:
    """
    The safety level of one person, what people do now, why, and what to ask.

    `level` is none, low, moderate, high or unknown; unknown is never read as none. `asks` holds the
    facts that could still raise or settle it. With `crisis_first` the crisis path stands before
    any other answer.
    """

    level: str
    actions: tuple[str, ...]
    reasons: tuple[Reason, ...]
    asks: tuple[str, ...]

    @property
    def crisis_first(self) -> bool:
        """Whether the crisis path stands before any other answer."""
        return self.level == "high"


@dataclass(frozen=True, slots=True)
class CrisisPath:
    """
    Whom a person in crisis can reach in a country.

    Without lines there is a `fallback` in words, with its web address; with lines there is none.
    """

    country: str
    emergency: tuple[str, ...]
    lines: tuple[CrisisLine, ...]
    fallback: Text | None
    fallback_url: str


def level(*, facts: Facts, knowledge: Knowledge) -> SafetyAssessment:
    """
    Return how safe the person is, and what people do about it.

    High by the screen, intent, an attempt or the need of hospital care; else unknown without a
    C-SSRS, or with one older than an item 9 above zero; else the band of the C-SSRS, at least low
    with active thoughts. A report calls for a C-SSRS until one is done after it. Source: the
    knowledge's rules `safety.level-…`.
    """
    high = answer_of(knowledge.rule(HIGH_RULE), facts)
    bands = {band: answer_of(knowledge.rule(rule), facts) for band, rule in BAND_RULES.items()}
    triggers = {
        name: answer_of(knowledge.rule(rule), facts) for name, rule in TRIGGER_RULES.items()
    }
    band = next((name for name, answer in bands.items() if answer.truth), "none")
    outdated = _is_outdated(facts, item_9_is_positive=triggers["item-9"].truth is True)
    found = _level(high, band, unknown=outdated or not facts[SCREEN].is_known)
    reported = [
        name
        for name, answer in triggers.items()
        if answer.truth and not _is_asked_since(facts, answer.because)
    ]
    at = [found, *([band] if found == "unknown" and band != "none" else []), *reported]
    answers = [high, *bands.values(), *triggers.values()]
    asked = {name for answer in answers for name in answer.asks}
    return SafetyAssessment(
        level=found,
        actions=_actions(knowledge.sections["safety_actions"], at),
        reasons=_reasons([answer for answer in answers if answer.truth]),
        asks=tuple(facts.vocabulary.in_order(asked | ({SCREEN} if found == "unknown" else set()))),
    )


def crisis(*, country: str, on: date, knowledge: Knowledge) -> CrisisPath:
    """
    Return the crisis lines of a country (ISO 3166-1 code) on a day, or the fallback.

    Lines are shown only where a person enabled the country, until they expire, and never a line
    that is only recalled. Emergency numbers of an enabled country stay when its lines expire.
    """
    fallback: CrisisFallback = knowledge.sections["crisis_fallback"][0]
    places: Iterable[CrisisCountry] = knowledge.sections["crisis_lines"]
    place = next((each for each in places if each.enabled and each.cc == country.upper()), None)
    emergency = tuple(place.emergency) if place else ()
    lines = _shown_lines(place, on) if place else ()
    words = None if lines else fallback.says
    return CrisisPath(country.upper(), emergency, lines, words, "" if lines else fallback.url)


def crisis_words(
    *, path: CrisisPath, knowledge: Knowledge, language: str = "en"
) -> tuple[str, ...]:
    """
    Return the crisis path as sentences, `en` or `es`: emergency, then lines or the fallback.

    In Spanish, the lines that answer in Spanish stand before the others.
    """
    pieces = {each.id: _in(each.says, language) for each in knowledge.sections["crisis_words"]}
    either = pieces["or"]
    said = [pieces["emergency"].format(to=either.join(path.emergency))] if path.emergency else []
    spanish = language == "es"
    for line in sorted(path.lines, key=lambda line: spanish and "es" not in line.languages):
        ways = either.join(_way(reach, pieces) for reach in line.reach)
        said.append(f"{(spanish and line.name_es) or line.name}: {ways}.")
    if path.fallback:
        said.append(_in(path.fallback, language))
    return tuple(said)


def _way(reach: Reach, pieces: Mapping[str, str]) -> str:
    with_word = {"call": "call-and-press", "text": "text-a-word"}
    piece = with_word.get(reach.how, reach.how) if reach.word else reach.how
    return pieces[piece].format(to=reach.to, word=reach.word)


def _in(text: Text, language: str) -> str:
    return text.es if language == "es" else text.en


def _level(high: Answer, band: str, *, unknown: bool) -> str:
    if high.truth:
        return "high"
    return "unknown" if unknown else band


def _is_outdated(facts: Facts, *, item_9_is_positive: bool) -> bool:
    """Return whether an item 9 above zero is newer than the screen; a bare value is of `facts.at`."""
    screen, item_9 = facts[SCREEN], facts[ITEM_9]
    if not (item_9_is_positive and screen.is_known):
        return False
    return (screen.at or facts.at) < (item_9.at or facts.at)


def _is_asked_since(facts: Facts, because: Iterable[Reason]) -> bool:
    """Return whether a screen that still counts was done since all this was said, by their times."""
    screen = facts[SCREEN]
    if not screen.is_known or screen.at is None:
        return False
    return all(
        each.fact.at is not None
        and (each.fact.at < screen.at or _is_of_one_screen(each.fact, screen))
        for each in because
    )


def _is_of_one_screen(fact: Fact, screen: Fact) -> bool:
    """Return whether a report is an answer of the screen itself."""
    return bool(screen.origin) and (fact.at, fact.origin) == (screen.at, screen.origin)


def _actions(known: Sequence[SafetyAction], at: Sequence[str]) -> tuple[str, ...]:
    chosen = [each for each in known if each.at in at]
    chosen.sort(key=lambda each: (at.index(each.at), each.order))
    return tuple(dict.fromkeys(each.says for each in chosen))


def _reasons(answers: Iterable[Answer]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(reason for answer in answers for reason in answer.because))


def _shown_lines(place: CrisisCountry, on: date) -> tuple[CrisisLine, ...]:
    if on > date.fromisoformat(place.expires):
        return ()
    return tuple(line for line in place.lines if line.status != "recalled")
