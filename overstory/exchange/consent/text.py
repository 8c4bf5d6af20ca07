"""The text of a consent document in one language, with its numbers, its sources and its hash."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from overstory.exchange.aid.figures import Block
from overstory.exchange.aid.making import aid_input
from overstory.exchange.aid.page import GLANCE, Page, page
from overstory.exchange.aid.words import whole
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.consent import (
    ConsentDocument,
    ConsentPoint,
    ConsentPolicy,
    HarmLine,
)
from overstory.knowledge.shapes.evidence import Harm
from overstory.knowledge.shapes.shared import Text, cites
from overstory.knowledge.strict_yaml import read_yaml_file
from overstory.pathway.intake import person

SCHEMA = "overstory.consent/1"
HOME = Path(__file__).parent
COSTS = len(GLANCE) + 1
"""The place of the prices among the cells of an option at a glance: after its own hours."""


class ConsentLinkError(ValueError):
    """A consent document that names what the knowledge does not have; the message names both."""


@dataclass(frozen=True, slots=True)
class PointText:
    """
    One point as it is read: words, then the lines with numbers under it.

    `status` is how sure its words are, `sources` the titles of what they and the lines rest on;
    `is_own` marks words that are the clinic's own policy.
    """

    id: str
    title: str
    words: str
    lines: tuple[str, ...]
    status: str
    is_own: bool
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """One line under a point, with the titles of what its numbers rest on."""

    says: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentText:
    """A whole document as it is read and signed in one language."""

    document: str
    treatment: str
    jurisdiction: str
    version: str
    date: str
    language: str
    title: str
    lead: str
    meaning: str
    points: tuple[PointText, ...]


def consent_text(document: ConsentDocument, *, knowledge: Knowledge, language: str) -> ConsentText:
    """
    Return what a person reads and signs, every number taken from the entries that the points name.

    :raises ConsentLinkError: if a point, a harm or a source is not in the knowledge.
    :raises LanguageError: for another language than `en` and `es`.
    """
    return _Writing(document, knowledge, language).text()


def consent_json(text: ConsentText) -> dict[str, Any]:
    """Return the text as JSON holds it; what is kept and hashed when someone signs."""
    return {"schema": SCHEMA, **_plain(asdict(text))}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


class _Writing:
    """One document on its way."""

    def __init__(self, document: ConsentDocument, knowledge: Knowledge, language: str) -> None:
        self.document, self.knowledge, self.language = document, knowledge, language
        self.points = {each.id: each for each in knowledge.sections["consent_points"]}
        self.harms: dict[str, Harm] = {each.id: each for each in knowledge.sections["harms"]}
        self.policy: ConsentPolicy = knowledge.sections["consent_policy"][0]
        self.page = _people_in_general(knowledge, document.jurisdiction, document.date, language)
        self.patterns = _patterns(language)

    def text(self) -> ConsentText:
        missing = [each for each in self.document.points if each not in self.points]
        if missing:
            raise ConsentLinkError(f"{self.document.id}: no point {', '.join(missing)}")
        return ConsentText(
            document=self.document.id,
            treatment=self.document.treatment,
            jurisdiction=self.document.jurisdiction,
            version=self.document.version,
            date=self.document.date,
            language=self.language,
            title=self._say(self.document.title),
            lead=self._say(self.document.lead),
            meaning=self._say(self.policy.meaning),
            points=tuple(self._point(self.points[each]) for each in self.document.points),
        )

    def _point(self, point: ConsentPoint) -> PointText:
        shown = [self._shown(each) for each in point.shows]
        harms = [self._harm(each) for each in point.harms]
        named = [self._source(each.id) for each in cites(point.source)]
        return PointText(
            id=point.id,
            title=self._say(point.title),
            words=self._say(point.words).format(months=self.policy.again_after_months),
            lines=tuple(line.says for group in (*shown, harms) for line in group),
            status=point.status,
            is_own=point.status == "site-policy",
            sources=tuple(
                dict.fromkeys(
                    [
                        *named,
                        *(
                            each
                            for group in (*shown, harms)
                            for line in group
                            for each in line.sources
                        ),
                    ]
                )
            ),
        )

    def _say(self, text: Text) -> str:
        return text.es if self.language == "es" else text.en

    def _source(self, name: str) -> str:
        if name not in self.knowledge.sources:
            raise ConsentLinkError(f"{self.document.id}: no source {name}")
        return self.knowledge.sources[name].title

    def _harm(self, line: HarmLine) -> _Line:
        entry = self.harms.get(line.harm)
        if entry is None:
            raise ConsentLinkError(f"{self.document.id}: no harm {line.harm}")
        what = _first_big(self._say(line.of or entry.words))
        named = tuple(self._source(each.id) for each in cites(entry.source))
        if entry.says is not None:
            return _Line(self._pattern("said", what=what, says=self._say(entry.says)), named)
        said = self._counted(entry, what)
        if entry.status == "recalled":
            said = f"{said} {self._pattern('unverified')}"
        return _Line(said, named)

    def _counted(self, entry: Harm, what: str) -> str:
        """How many people had it: as one number, compared with a dummy, or a range."""
        per = f"{entry.per:,}"
        if entry.value is None:
            if entry.range is None:
                raise ConsentLinkError(f"{entry.id}: it has neither a number nor words")
            return self._between(entry.range, what, per)
        if entry.value > 0 and whole(entry.value) == "0":
            said = self._pattern("under_one", what=what, per=per)
        elif entry.comparator_value is not None:
            compared = whole(entry.comparator_value)
            said = self._pattern(
                "compared", what=what, number=whole(entry.value), per=per, compared=compared
            )
        else:
            said = self._pattern("number", what=what, number=whole(entry.value), per=per)
        if entry.interval is None:
            return said
        low, high = (self._least(each) for each in entry.interval)
        return f"{said} {self._pattern('between', low=low, high=high)}"

    def _between(self, span: tuple[float, float], what: str, per: str) -> str:
        if whole(span[1]) == "0":
            return self._pattern("under_one", what=what, per=per)
        return self._pattern(
            "range", what=what, low=self._least(span[0]), high=whole(span[1]), per=per
        )

    def _least(self, number: float) -> str:
        """A whole number; what rounds to nobody and is not nobody is told as under one."""
        is_below = number > 0 and whole(number) == "0"
        return self.page.words("harms.below") if is_below else whole(number)

    def _shown(self, what: str) -> list[_Line]:
        """The lines of the decision aid for people in general."""
        option = self.document.treatment
        if what == "options":
            names = [name for id_, name, _ in self.page.glance if id_ != option]
            return [_Line(self._pattern("options", names="; ".join(names)), ())]
        if what == "outcomes":
            card = next(each for each in self.page.cards if each.id == option)
            return [line for block in card.blocks for line in self._block(block)]
        cells = next(cells for name, _, cells in self.page.glance if name == option)
        cell = cells[COSTS if what == "costs" else GLANCE.index(what)]
        says = self._pattern("shown", label=cell.label, text=_sentences(cell.lines))
        return [_Line(says, self._listed(cell.refs))]

    def _block(self, block: Block) -> list[_Line]:
        if not block.pictures:
            says = self._pattern("with_outcome", label=block.label, text=block.without)
            return [_Line(says, ())]
        return [
            _Line(
                self._pattern(
                    "with_outcome",
                    label=block.label,
                    text=" ".join(filter(None, (each.told, each.who, each.sure))),
                ),
                self._listed(each.refs),
            )
            for each in block.pictures
        ]

    def _listed(self, refs: tuple[int, ...]) -> tuple[str, ...]:
        """The titles of numbered sources of the aid."""
        titles = {each.number: each.title for each in self.page.sources}
        return tuple(titles[each] for each in refs)

    def _pattern(self, name: str, **blanks: object) -> str:
        return str(self.patterns[name]).format(**blanks)


def _first_big(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentences(lines: tuple[str, ...]) -> str:
    return " ".join(each if each.endswith(".") else f"{each}." for each in lines)


@cache
def _patterns(language: str) -> dict[str, str]:
    found: dict[str, str] = read_yaml_file(HOME / f"{language}.yaml").content
    return found


def _people_in_general(knowledge: Knowledge, jurisdiction: str, day: str, language: str) -> Page:
    return _general(_Held(knowledge), jurisdiction, day, language)


class _Held:
    """Knowledge as a key: the same release and policy are the same."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def __hash__(self) -> int:
        return hash(self.knowledge.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.knowledge is self.knowledge


@lru_cache(maxsize=16)
def _general(held: _Held, jurisdiction: str, day: str, language: str) -> Page:
    """The aid of somebody of whom nothing is known; the day changes no line that is used."""
    at = datetime.combine(date.fromisoformat(day), time(), tzinfo=UTC)
    given = aid_input(
        patient="",
        facts=person(given={}, at=at, knowledge=held.knowledge),
        knowledge=held.knowledge,
        jurisdiction=jurisdiction,
        importance={},
    )
    return page(given, language=language)
