"""From filled packs to what the rules read: facts with origin and time, medicines tried, scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from overstory.engine.facts import Fact, FactValueError, Unknown
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.scales import Scale
from overstory.pathway.pack_replies import trial_fields
from overstory.pathway.pack_screens import screen_value
from overstory.pathway.pack_skips import taken
from overstory.pathway.pack_values import Replies, Reply
from overstory.pathway.packs import ReadPack, answers_to, item_of, read_pack, wants_more
from overstory.pathway.scoring import Score, score
from overstory.pathway.trials import Trial, read_trial


@dataclass(frozen=True, slots=True)
class Told:
    """A reply as it was given: when (in the site's zone), and by whom in words."""

    reply: Reply
    at: datetime
    by: str = "by the patient"


@dataclass(frozen=True, slots=True)
class Filled:
    """One pack as far as it was filled: the newest reply to each question."""

    id: str
    pack: str
    told: Mapping[str, Told]

    @property
    def replies(self) -> Replies:
        """The replies without when and by whom."""
        return {key: each.reply for key, each in self.told.items()}


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """The score of one scale on one filled pack; `at` is its oldest answer. Partial ones say so."""

    scale: str
    short: str
    form: str
    at: datetime
    origin: str
    score: Score


@dataclass(frozen=True, slots=True)
class Gathered:
    """
    What filled packs say: facts by name, the medicines tried, every score, newest first.

    `trials` holds a list of medicines only when its writer said that it is whole; `unfinished` the
    pages of one that is not, which count as nothing yet. `skipped` are the facts that were not asked
    for because another answer settles them; `pack_skips.inferred` says what they are.
    """

    facts: Mapping[str, Fact]
    trials: tuple[Trial, ...]
    scores: tuple[ScoreRow, ...]
    unfinished: tuple[Trial, ...] = ()
    skipped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Ledger:
    at: datetime
    trials: tuple[Trial, ...]
    facts: Mapping[str, Fact]
    is_whole: bool


def gather(*, filled: Sequence[Filled], knowledge: Knowledge) -> Gathered:
    """
    Return what filled packs say; of one fact the newest answer holds, a refusal to say included.

    A scale with an item missing fills no total. A medicine on a list makes facts true, never false.
    """
    facts: dict[str, Fact] = {}
    scores: list[ScoreRow] = []
    refused: list[tuple[str, Fact]] = []
    ledgers: list[_Ledger] = []
    skipped: set[str] = set()
    for each in filled:
        pack = read_pack(each.pack, knowledge)
        skipped |= pack.skipped(each.replies)
        told = {key: each.told[key] for key in pack.applying(each.replies)}
        for name, fact in (*_facts(pack, told), *_screens(pack, told)):
            _keep_newest(facts, name, fact)
        scores += _scores(pack, each.id, told)
        refused += _refused_totals(pack, told)
        ledgers += _ledgers(pack, told)
    scores.sort(key=lambda row: row.at, reverse=True)
    for name, fact in (*_totals(scores, filled, knowledge), *refused):
        _keep_newest(facts, name, fact)
    ledger = _holds(ledgers)
    return Gathered(
        facts={**facts, **(ledger.facts if ledger else {})},
        trials=ledger.trials if ledger and ledger.is_whole else (),
        scores=tuple(scores),
        unfinished=ledger.trials if ledger and not ledger.is_whole else (),
        skipped=frozenset(skipped),
    )


def _holds(ledgers: Sequence[_Ledger]) -> _Ledger | None:
    """
    Return the ledger that holds: the newest, or the newest whole one that names a medicine.

    That nothing was ever taken does not hold against a newer ledger, be that one open.
    """
    newest = max(ledgers, key=lambda each: (each.at, not each.is_whole), default=None)
    if newest is None or newest.is_whole:
        return newest
    wholes = [each for each in ledgers if each.is_whole]
    whole = max(wholes, key=lambda each: each.at, default=None)
    return whole if whole is not None and whole.trials else newest


def _keep_newest(facts: dict[str, Fact], name: str, fact: Fact) -> None:
    held = facts.get(name)
    if held is None or held.at is None or (fact.at is not None and fact.at >= held.at):
        facts[name] = fact


def _facts(pack: ReadPack, told: Mapping[str, Told]) -> Iterator[tuple[str, Fact]]:
    """Facts answered as such, and those that the list of medicines makes true."""
    listed = told.get("medicines.now")
    if listed is not None and isinstance(listed.reply.value, str):
        lines = listed.reply.value.splitlines()
        for name, because in taken(lines, pack.knowledge).items():
            origin = _origin(f"medicines ({', '.join(because)})", listed)
            yield name, Fact(True, at=listed.at, origin=origin)
    for key, each in told.items():
        if key.startswith("fact.") and item_of(key) in pack.knowledge.vocabulary:
            yield item_of(key), _checked(item_of(key), _fact(each, "questionnaire"), pack.knowledge)


def _screens(pack: ReadPack, told: Mapping[str, Told]) -> Iterator[tuple[str, Fact]]:
    """What a suicide screen fills; while it is open, that it is not answered."""
    replies = {key: each.reply for key, each in told.items()}
    for entry in pack.knowledge.sections["screen_facts"]:
        scale = pack.scales.get(entry.scale)
        mine = [each for key, each in told.items() if key.startswith(f"{entry.scale}.")]
        if scale is None or not mine:
            continue
        oldest = min(mine, key=lambda each: each.at)
        value, origin = screen_value(entry, scale, replies), _origin(scale.short, oldest)
        if value is None:
            yield entry.fact, Fact(unknown=Unknown.NOT_ANSWERED, at=oldest.at, origin=origin)
        else:
            yield entry.fact, Fact(value, at=oldest.at, origin=origin)


def _fact(told: Told, what: str) -> Fact:
    origin = _origin(what, told)
    if told.reply.declined:
        return Fact(unknown=Unknown.NOT_ANSWERED, at=told.at, origin=origin)
    return Fact(told.reply.value, at=told.at, origin=origin)


def _checked(name: str, fact: Fact, knowledge: Knowledge) -> Fact:
    """Return the fact, or that it is not on record where this release does not take its value."""
    if not fact.is_known:
        return fact
    try:
        knowledge.vocabulary[name].check(fact.value)
    except FactValueError as error:
        return Fact(unknown=Unknown.NOT_RECORDED, at=fact.at, origin=f"{fact.origin}: {error}")
    return fact


def _origin(what: str, told: Told) -> str:
    """Return where it is from: `PHQ-9 by the patient, 2026-11-22`."""
    return f"{what} {told.by}, {told.at.date().isoformat()}"


def _scores(pack: ReadPack, form: str, told: Mapping[str, Told]) -> Iterator[ScoreRow]:
    for scale in pack.scales.values():
        mine = {key: each for key, each in told.items() if key.startswith(f"{scale.id}.")}
        if not any(each.reply.value is not None for each in mine.values()):
            continue
        replies = {key: each.reply for key, each in mine.items()}
        oldest = min(mine.values(), key=lambda each: each.at)
        yield ScoreRow(
            scale=scale.id,
            short=scale.short,
            form=form,
            at=oldest.at,
            origin=_origin(scale.short, oldest),
            score=score(scale=scale, answers=answers_to(scale.id, replies)),
        )


def _totals(
    scores: Iterable[ScoreRow], filled: Sequence[Filled], knowledge: Knowledge
) -> Iterator[tuple[str, Fact]]:
    """What scales fill: totals of whole forms, and items as they were answered."""
    scales: dict[str, Scale] = {each.id: each for each in knowledge.sections["scales"]}
    for row in scores:
        for source, fact in scales[row.scale].fills.items():
            if source == "total" and fact in row.score.facts:
                yield fact, Fact(row.score.facts[fact], at=row.at, origin=row.origin)
    for each in filled:
        for scale in scales.values():
            yield from _items(scale, each)


def _items(scale: Scale, filled: Filled) -> Iterator[tuple[str, Fact]]:
    for source, fact in scale.fills.items():
        for item in scale.items:
            told = filled.told.get(f"{scale.id}.{item.id}")
            if told is not None and source == f"item{item.id}":
                yield fact, _fact(told, scale.short)


def _refused_totals(pack: ReadPack, told: Mapping[str, Told]) -> Iterator[tuple[str, Fact]]:
    """The totals of forms that have none because an answer was refused: not answered."""
    for scale in pack.scales.values():
        total = scale.fills.get("total")
        mine = {key: each for key, each in told.items() if key.startswith(f"{scale.id}.")}
        if total is None or not any(each.reply.declined for each in mine.values()):
            continue
        replies = {key: each.reply for key, each in mine.items()}
        if total not in score(scale=scale, answers=answers_to(scale.id, replies)).facts:
            oldest = min(mine.values(), key=lambda each: each.at)
            origin = _origin(scale.short, oldest)
            yield total, Fact(unknown=Unknown.NOT_ANSWERED, at=oldest.at, origin=origin)


def _ledgers(pack: ReadPack, told: Mapping[str, Told]) -> Iterator[_Ledger]:
    part = next((each for each in pack.parts if each.ledger), None)
    opened = told.get("trials.any")
    if part is None or opened is None:
        return
    if opened.reply.value is False:
        origin = _origin("questionnaire", opened)
        none = {
            name: Fact(value, at=opened.at, origin=origin)
            for name, value in part.none_means.items()
        }
        yield _Ledger(opened.at, (), none, is_whole=True)
        return
    numbered = [told[key] for key in sorted((k for k in told if _number(k)), key=_number)]
    newest = max([opened, *numbered], key=lambda each: each.at)
    trials = tuple(_trial(each) for each in numbered if _names_one(each.reply.value))
    is_whole = bool(numbered) and _is_whole(numbered)
    open_facts = {
        name: Fact(
            unknown=Unknown.NOT_ANSWERED, at=newest.at, origin=_origin("questionnaire", newest)
        )
        for name in part.none_means
    }
    yield _Ledger(newest.at, trials, {} if is_whole else open_facts, is_whole)


def _number(key: str) -> int:
    return int(item_of(key)) if key.startswith("trials.") and item_of(key).isdigit() else 0


def _names_one(value: Any) -> bool:
    return isinstance(value, dict) and "medicine" in value


def _is_whole(pages: Sequence[Told]) -> bool:
    """Whether no page was left open and the last one said that it is the last."""
    if any(each.reply.declined for each in pages):
        return False
    return not wants_more(pages[-1].reply) and any(_names_one(each.reply.value) for each in pages)


def _trial(told: Told) -> Trial:
    return read_trial({**trial_fields(told.reply.value), "source": _origin("questionnaire", told)})
