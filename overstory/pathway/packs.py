"""Questionnaire packs: from the answers so far to the questions that apply, and the next one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.packs import Filler, Pack, PackPart
from overstory.knowledge.shapes.scales import Scale
from overstory.knowledge.shapes.shared import Text
from overstory.pathway.pack_questions import (
    of_fact,
    of_ledger,
    of_medicines,
    of_own,
    of_scale,
    of_trial,
)
from overstory.pathway.pack_skips import left_out
from overstory.pathway.pack_values import Question, Replies, Reply
from overstory.pathway.scoring import asked_items

MOST_TRIALS = 20
"""As many pages as a list of medicines tried can have; more belong into a letter."""


class PackError(KeyError):
    """A pack or question that there is not; the message names it."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the questions that apply now have a reply."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question stands: its part of all parts, and how much lies before it, in percent."""

    part: int
    of: int
    percent: int


@dataclass(frozen=True)
class ReadPack:
    """A pack with its parts, scales and all questions it can have, ready to be asked."""

    words: Pack
    parts: tuple[PackPart, ...]
    scales: Mapping[str, Scale]
    fixed: Mapping[str, tuple[Question, ...]]
    knowledge: Knowledge = field(repr=False)

    @property
    def id(self) -> str:
        """The name of the pack in the knowledge."""
        return self.words.id

    def questions(self, replies: Replies) -> tuple[Question, ...]:
        """Return the questions that apply, in order; an unknown answer leaves none out."""
        needless = left_out(replies, self.knowledge)
        found: list[Question] = []
        for part in self.parts:
            for each in _of_part(self, part, replies):
                if each.key not in needless:
                    found.append(each)
                if each.is_gate and _is_shut(replies.get(each.key)):
                    return tuple(found)
        return tuple(found)

    def question(self, key: str, replies: Replies) -> Question:
        """
        Return a question that applies.

        :raises PackError: if the pack has no such question now.
        """
        for each in self.questions(replies):
            if each.key == key:
                return each
        raise PackError(f"{self.id} has no question {key!r} now")

    def next_after(self, key: str | None, replies: Replies) -> Question | None:
        """Return the first question without a reply behind this one, else from the start."""
        asked = self.questions(replies)
        place = next((n for n, each in enumerate(asked) if each.key == key), -1)
        for each in (*asked[place + 1 :], *asked):
            if each.key not in replies:
                return each
        return None

    def before(self, key: str, replies: Replies) -> Question | None:
        """Return the question before this one."""
        found: Question | None = None
        for each in self.questions(replies):
            if each.key == key:
                return found
            found = each
        return None

    def skipped(self, replies: Replies) -> frozenset[str]:
        """Return the facts that the pack would ask for and that an answer made needless."""
        asked = {each.key for each in self.questions(replies)}
        gone = left_out(replies, self.knowledge)
        own = {each.key for part in self.fixed.values() for each in part}
        return frozenset(item_of(key) for key in (own & gone) - asked - set(replies))

    def place(self, key: str, replies: Replies) -> Place:
        """
        Return in which part a question stands, and how much lies before it, in percent.

        Parts that follow each other under one title count as one. How many there are never changes.
        """
        titles = [each.title for each in self.parts]
        first = [n for n, each in enumerate(titles) if n == 0 or each != titles[n - 1]]
        number = {self.parts[n].id: sum(at <= n for at in first) for n in range(len(titles))}
        asked = self.questions(replies)
        here = next(number[each.part.id] for each in asked if each.key == key)
        mine = [each.key for each in asked if number[each.part.id] == here]
        share = (here - 1 + mine.index(key) / len(mine)) / len(first)
        return Place(here, len(first), round(100 * share))

    def progress(self, replies: Replies) -> Progress:
        """Return how far the pack is filled."""
        asked = self.questions(replies)
        return Progress(sum(each.key in replies for each in asked), len(asked))

    def no_longer(self, replies: Replies) -> tuple[str, ...]:
        """Return the keys with a reply that a later answer made needless; they are kept, not used."""
        used = self.applying(replies)
        return tuple(key for key in replies if key not in used)

    def applying(self, replies: Replies) -> dict[str, Reply]:
        """
        Return the replies that are used: those to questions that apply.

        A fact that an earlier release of the pack asked for is used as well.
        """
        asked = {each.key for each in self.questions(replies)}
        known = {each.key for part in self.fixed.values() for each in part}
        return {
            key: reply
            for key, reply in replies.items()
            if key in asked or (key.startswith("fact.") and key not in known)
        }

    def words_of(self, key: str) -> Text | None:
        """Return what a question of the pack asks, whether it applies now or not."""
        every = (each for part in self.fixed.values() for each in part)
        return next((each.asks for each in every if each.key == key), None)


def packs(*, knowledge: Knowledge, who: Filler) -> tuple[Pack, ...]:
    """Return the packs that a patient, or staff, fill now."""
    every: tuple[Pack, ...] = knowledge.sections["packs"]
    return tuple(each for each in every if each.who == who and not each.retired)


def read_pack(pack_id: str, knowledge: Knowledge) -> ReadPack:
    """
    Return a pack ready to be asked.

    :raises PackError: if there is none of this name.
    """
    return _read(pack_id, _Held(knowledge))


def _is_shut(reply: Reply | None) -> bool:
    return reply is not None and reply.value is not True


class _Held:
    """One knowledge, the same only as itself."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def __hash__(self) -> int:
        return id(self.knowledge)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.knowledge is self.knowledge


@lru_cache(maxsize=128)
def _read(pack_id: str, held: _Held) -> ReadPack:
    knowledge = held.knowledge
    words = next((each for each in knowledge.sections["packs"] if each.id == pack_id), None)
    if words is None:
        raise PackError(f"no pack is named {pack_id!r}")
    by_id: dict[str, PackPart] = {each.id: each for each in knowledge.sections["pack_parts"]}
    parts = tuple(by_id[each] for each in words.parts)
    scales = {each.id: each for each in knowledge.sections["scales"]}
    return ReadPack(
        words=words,
        parts=parts,
        scales={each.scale: scales[each.scale] for each in parts if each.scale},
        fixed={each.id: tuple(_fixed(each, words.who, knowledge)) for each in parts},
        knowledge=knowledge,
    )


def _fixed(part: PackPart, who: Filler, knowledge: Knowledge) -> Iterator[Question]:
    """The questions of a part that do not depend on answers."""
    if part.scale:
        scale = next(each for each in knowledge.sections["scales"] if each.id == part.scale)
        spanish = [each for each in knowledge.sections["scale_wordings"] if each.scale == scale.id]
        yield from of_scale(part, scale, who, spanish[0] if spanish else None)
    own = {each.id: each for each in knowledge.sections["pack_questions"]}
    for name in part.asks:
        yield of_own(part, own[name]) if name in own else of_fact(part, knowledge.facts[name])
    if part.ledger:
        yield of_ledger(part)
    if part.medicines:
        yield of_medicines(part)


def _of_part(pack: ReadPack, part: PackPart, replies: Replies) -> Iterator[Question]:
    asked = pack.fixed[part.id]
    if part.scale:
        wanted = asked_items(scale=pack.scales[part.scale], answers=_values(part.scale, replies))
        asked = tuple(each for each in asked if item_of(each.key) in wanted)
    yield from asked
    if part.ledger:
        yield from _trial_pages(part, replies)


def _trial_pages(part: PackPart, replies: Replies) -> Iterator[Question]:
    """One page a medicine, as long as another was asked for; a page once filled is never dropped."""
    if replies.get("trials.any", Reply(False)).value is not True:
        return
    last = max((n for n in range(1, MOST_TRIALS + 1) if f"trials.{n}" in replies), default=0)
    for number in range(1, MOST_TRIALS + 1):
        if number > max(last, 1) and not wants_more(replies.get(f"trials.{number - 1}")):
            return
        yield of_trial(part, number)


def wants_more(reply: Reply | None) -> bool:
    """Return whether a page of the ledger was left with "add another"."""
    return reply is not None and isinstance(reply.value, dict) and reply.value.get("more") is True


def item_of(key: str) -> str:
    """Return the item of a scale that a key names: `9` of `phq9.9`."""
    return key.partition(".")[2]


def _values(scale: str, replies: Replies) -> dict[str, Any]:
    start = f"{scale}."
    return {item_of(key): reply.value for key, reply in replies.items() if key.startswith(start)}


def answers_to(scale: str, replies: Replies) -> dict[str, Any]:
    """Return the answers to a scale by item; one left open is None."""
    return _values(scale, replies)
