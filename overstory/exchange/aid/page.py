"""The decision aid as a page: every text of it in one language, ready for the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from overstory.engine.facts import Facts
from overstory.exchange.aid.citing import Listed, Sources
from overstory.exchange.aid.figures import Block, Drawing
from overstory.exchange.aid.harm_table import HarmTable, harm_tables
from overstory.exchange.aid.sums import SumRow, ValueRow, sum_rows, value_rows
from overstory.exchange.aid.words import Words
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.choices import AidPolicy, Cost, Quantity
from overstory.knowledge.shapes.shared import Text, cites
from overstory.pathway.choice import Option, Span
from overstory.pathway.choice_values import Weighing
from overstory.pathway.safety import CrisisPath, crisis_words
from overstory.pathway.suitability import Assessment, RuleAnswer
from overstory.pathway.verdicts import Verdict

ASKS_SHOWN = 4
UNSAFE = frozenset({"high", "unknown"})
GLANCE = ("visits", "chair_minutes", "weeks", "no_driving_days")
UNITS = {"chair_minutes": "minutes"}


@dataclass(frozen=True, slots=True)
class AidInput:
    """What an aid is made of; nothing in it is looked up again."""

    assessment: Assessment
    facts: Facts
    knowledge: Knowledge
    options: Sequence[Option]
    weighing: Weighing
    crisis: CrisisPath
    made_on: date


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the table of options: lines of text, and the numbers of its sources."""

    label: str
    lines: tuple[str, ...]
    refs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the record says about one option: a sentence, and why where it is not open."""

    name: str
    kind: str
    says: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A point to talk through or a question, with the options that it concerns."""

    says: str
    options: str


@dataclass(frozen=True, slots=True)
class Card:
    """One option in full; `rows` are its label and text in the same order for every option.

    `prices` are the reports of what each thing cost, every one with what it is for and its source.
    """

    id: str
    name: str
    rows: tuple[tuple[str, str, tuple[int, ...]], ...]
    good: tuple[str, ...]
    hard: tuple[str, ...]
    blocks: tuple[Block, ...]
    prices: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the template shows."""

    language: str
    words: Words
    title: str
    condition: str
    made: str
    crisis: tuple[str, ...]
    crisis_unknown: str
    standings: tuple[Standing, ...]
    cares: tuple[Point, ...]
    asks: tuple[Point, ...]
    asks_more: str
    glance: tuple[tuple[str, str, tuple[Cell, ...]], ...]
    cards: tuple[Card, ...]
    harm_pictures: tuple[tuple[str, Block], ...]
    harms: tuple[HarmTable, ...]
    values: tuple[ValueRow, ...]
    sums: tuple[SumRow, ...]
    not_ordered: str
    about: tuple[str, ...]
    sources: tuple[Listed, ...]
    policy: AidPolicy


def page(given: AidInput, *, language: str) -> Page:
    """
    Return the page of an aid in a language, `en` or `es`.

    :raises LanguageError: for another language.
    """
    return _Making(given, Words(language)).page()


class _Making:
    """One page on its way."""

    def __init__(self, given: AidInput, words: Words) -> None:
        self.given, self.words = given, words
        self.knowledge, self.options = given.knowledge, given.options
        self.sources = Sources(given.knowledge)
        self.policy: AidPolicy = given.knowledge.sections["aid"][0]
        self.short = {each.id: words.of(each.entry.words.short) for each in given.options}

    def page(self) -> Page:
        glance = tuple(self._glance(each) for each in self.options)
        cards = tuple(self._card(each) for each in self.options)
        asks, more = self._asks()
        title, condition = self._condition()
        return Page(
            language=self.words.language,
            words=self.words,
            title=title,
            condition=condition,
            made=self.words(
                "made", date=self._made_on(), patient=self.given.assessment.patient,
                version=self.given.assessment.knowledge_version,
            ),
            crisis=self._crisis(),
            crisis_unknown=self._crisis_unknown(),
            standings=tuple(self._standing(each) for each in self.options),
            cares=self._cares(),
            asks=asks,
            asks_more=more,
            glance=glance,
            cards=cards,
            harm_pictures=tuple(self._harm_picture(each) for each in self.options),
            harms=harm_tables(self.options, words=self.words, sources=self.sources),
            values=value_rows(self.given.weighing, words=self.words, policy=self.policy),
            sums=sum_rows(self.given.weighing, words=self.words, short=self.short),
            not_ordered=self._not_ordered(),
            about=self._about(),
            sources=self.sources.listed(),
            policy=self.policy,
        )  # fmt: skip

    def _made_on(self) -> str:
        return self.words.day(self.given.made_on)

    def _condition(self) -> tuple[str, str]:
        """What the choice is about: depression, or else the names of what the options would treat."""
        facts = self.given.facts
        if facts["has_major_depression"].value or facts["bipolar_depressive_episode"].value:
            return self.words("title"), self.words("condition.text")
        names = {
            self._label(each.rule.words): None
            for option in self.options
            for each in option.indications
            if each.answer
        }
        if not names:
            return self.words("title"), self.words("condition.text")
        problem = ", ".join(names)
        return self.words("title_other"), self.words("condition.text_other", problem=problem)

    def _label(self, rule: Any) -> str:
        return str(rule.label_es if self.words.language == "es" and rule.label_es else rule.label)

    def _crisis(self) -> tuple[str, ...]:
        if self.given.assessment.safety.level == "none":
            return ()
        return crisis_words(
            path=self.given.crisis,
            knowledge=self.given.knowledge,
            language=self.words.language,
        )

    def _crisis_unknown(self) -> str:
        unknown = self.given.assessment.safety.level == "unknown"
        return self.words("crisis.unknown") if unknown else ""

    def _standing(self, option: Option) -> Standing:
        kind = str(option.verdict) if option.verdict else "none"
        unsafe = option.id == "not-yet" and self.given.assessment.safety.level in UNSAFE
        reasons = (
            option.stops if option.verdict in (Verdict.CONTRAINDICATED, Verdict.NOT_NOW) else ()
        )
        if option.verdict is Verdict.CONTRAINDICATED:
            reasons = tuple(each for each in reasons if each.rule.kind == "contraindication")
        return Standing(
            name=self.words.of(option.entry.words.name),
            kind=kind,
            says=self.words("record.none_unsafe" if unsafe else f"record.{kind}"),
            reasons=tuple(dict.fromkeys(self._told(each) for each in reasons)),
        )

    def _told(self, answer: RuleAnswer) -> str:
        words = answer.rule.words
        told = words.to_patient_es if self.words.language == "es" else words.to_patient
        return f"{told} {self.words('figure.unverified')}" if words.status == "recalled" else told

    def _cares(self) -> tuple[Point, ...]:
        found: dict[str, list[str]] = {}
        for option in self.options:
            for each in option.cares if option.is_open else ():
                found.setdefault(self._told(each), []).append(self.short[option.id])
        return tuple(Point(says, ", ".join(dict.fromkeys(names))) for says, names in found.items())

    def _asks(self) -> tuple[tuple[Point, ...], str]:
        """The first questions that the person can answer, and how many are left for the team."""
        found: dict[str, list[str]] = {}
        for option in self.options:
            for name in option.asks:
                found.setdefault(name, []).append(self.short[option.id])
        rank = {each.fact: place for place, each in enumerate(self.given.assessment.next_questions)}
        names = sorted(found, key=lambda name: rank.get(name, len(rank)))
        own = [n for n in names if self.knowledge.facts[n].ask.who == "patient"][:ASKS_SHOWN]
        shown = tuple(Point(self._question(n), ", ".join(found[n])) for n in own)
        rest = len(names) - len(shown)
        return shown, self.words("record.asks_more", count=rest) if rest else ""

    def _question(self, fact: str) -> str:
        ask = self.knowledge.facts[fact].ask
        return ask.es if self.words.language == "es" and ask.es else ask.text

    def _glance(self, option: Option) -> tuple[str, str, tuple[Cell, ...]]:
        cells = [self._quantity(option, name) for name in GLANCE]
        cells += [self._yours(option), self._costs(option)]
        return option.id, self.words.of(option.entry.words.name), tuple(cells)

    def _quantity(self, option: Option, name: str) -> Cell:
        label = self.words(f"glance.{name}")
        quantity: Quantity | None = getattr(option.entry, name)
        if quantity is None:
            return Cell(label, (self._open(option, name),), ())
        shown = self.words.span(quantity.low, quantity.high, unit=UNITS.get(name, "plain"))
        notes = (self.words.of(quantity.note),) if quantity.note else ()
        return Cell(label, (shown, *notes), self.sources.refs(cites(quantity.source)))

    def _open(self, option: Option, name: str) -> str:
        words: Text = option.entry.open_words[name]
        return self.words.of(words)

    def _yours(self, option: Option) -> Cell:
        burden, lines = option.burden, []
        for name, span in (("chair", burden.chair_hours), ("travel", burden.travel_hours)):
            if span is not None:
                lines.append(self.words(f"glance.{name}", hours=self._hours(span)))
        return Cell(self.words("glance.yours"), tuple(lines) or ("–",), ())

    def _hours(self, span: Span) -> str:
        return self.words.span(span.low, span.high, unit="hours")

    def _costs(self, option: Option) -> Cell:
        label = self.words("glance.costs")
        here = self.given.assessment.jurisdiction
        costs = [each for each in option.entry.costs if each.jurisdiction == here]
        if not costs:
            open_words = option.entry.open_words.get("costs")
            return Cell(label, (self.words.of(open_words) if open_words else "–",), ())
        refs = self.sources.refs(cite for each in costs for cite in cites(each.source))
        return Cell(label, tuple(dict.fromkeys(self._cost(each) for each in costs)), refs)

    def _cost(self, cost: Cost) -> str:
        dated = cost.as_of if cost.as_of[:1].isdigit() else self.words("glance.undated")
        return " ".join(
            (
                self.words.money(cost.low, cost.high, cost.currency),
                self.words(f"glance.per_{cost.per}"),
                self.words("glance.dated", date=dated),
            )
        )

    def _card(self, option: Option) -> Card:
        words, told = self.words, option.entry.words
        own = self.sources.refs(cites(option.entry.source))
        rows = (
            (words("cards.how"), words.of(told.how), own),
            (words("cards.feels"), words.of(told.feels), ()),
            (words("cards.onset"), *self._onset(option)),
            (words("cards.watched"), words.of(told.watched), ()),
            (words("cards.therapy"), words.of(told.therapy), ()),
            (words("cards.not_known"), self._not_known(option), ()),
            (words("cards.status"), *self._status(option)),
        )
        drawing = Drawing(option, words, self.sources)
        return Card(
            id=option.id,
            name=words.of(told.name),
            rows=rows,
            good=tuple(words.of(each) for each in told.good),
            hard=tuple(words.of(each) for each in told.hard),
            blocks=tuple(drawing.outcome(each) for each in option.outcomes),
            prices=self._prices(option),
        )

    def _prices(self, option: Option) -> tuple[tuple[str, tuple[int, ...]], ...]:
        here = self.given.assessment.jurisdiction
        return tuple(
            (
                f"{self.words.of(each.what)}: {self._cost(each)}",
                self.sources.refs(cites(each.source)),
            )
            for each in option.entry.costs
            if each.jurisdiction == here
        )

    def _harm_picture(self, option: Option) -> tuple[str, Block]:
        return self.short[option.id], Drawing(option, self.words, self.sources).harm()

    def _onset(self, option: Option) -> tuple[str, tuple[int, ...]]:
        quantity = option.entry.onset_days
        if quantity is None or quantity.note is None:
            return self._open(option, "onset_days") + ".", ()
        return self.words.of(quantity.note), self.sources.refs(cites(quantity.source))

    def _not_known(self, option: Option) -> str:
        findings = [each.words.outcome for each in option.findings if each.words]
        told = [self.words.of(each) for each in findings]
        shown = [f"{text[:1].upper()}{text[1:]}." for text in told]
        return " ".join([self.words.of(option.entry.words.not_known), *shown])

    def _status(self, option: Option) -> tuple[str, tuple[int, ...]]:
        """What the regulator says of the best indication, and how strong the proof is."""
        if option.verdict is None:
            return self.words("cards.not_needed"), ()
        grade = option.grade
        proof = self.words(f"cards.grades.{grade}") if grade else ""
        ending = " " + self.words("cards.grade", words=proof) if proof else ""
        known = [each.regulatory for each in option.indications if each.regulatory]
        if not known:
            place = "none_together" if option.entry.parts else "no_status"
            return self.words(f"cards.{place}") + ending, ()
        order = ("approved", "cleared", "off-label", "not-recorded")
        best = min(known, key=lambda each: order.index(each.status))
        regulator = self.words(f"regulator.{self.given.assessment.jurisdiction}")
        shown = self.words(f"cards.{best.status}", regulator=regulator[:1].upper() + regulator[1:])
        if best.status == "off-label":
            shown = self.words("cards.off-label", regulator=regulator)
        return shown + ending, self.sources.refs(cites(best.source))

    def _read_on(self) -> date:
        named = [self.knowledge.sources[each].read_on for each in self.sources.numbers]
        return max((date.fromisoformat(each) for each in named), default=self.given.made_on)

    def _not_ordered(self) -> str:
        names = [self.short[each] for each in self.given.weighing.not_ordered]
        return self.words("values.not_ordered", names=", ".join(names)) if names else ""

    def _about(self) -> tuple[str, ...]:
        words, assessment = self.words, self.given.assessment
        until = _months_on(self.given.made_on, self.policy.update_months)
        return (
            words(
                "about.date", date=self._made_on(), version=assessment.knowledge_version,
                hash=assessment.knowledge_sha256[:12],
            ),
            words("about.update", months=self.policy.update_months, until=words.day(until)),
            words("about.funding"),
            words("about.review"),
            words("about.reading"),
            words("about.read", date=words.day(self._read_on())),
        )  # fmt: skip


def _months_on(day: date, months: int) -> date:
    """Return the first day of the month that many months on."""
    year, month = divmod(day.month - 1 + months, 12)
    return date(day.year + year, month + 1, 1)
