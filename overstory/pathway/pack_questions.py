"""The questions of each kind of part: items of a scale, facts, our own, lists of medicines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from overstory.knowledge.shapes.facts import FactEntry
from overstory.knowledge.shapes.packs import Filler, OwnQuestion, PackPart, ScaleWording
from overstory.knowledge.shapes.scales import Item, Scale
from overstory.knowledge.shapes.shared import Text
from overstory.pathway.pack_values import Choice, Kind, Question

YES_NO = (Choice(True, Text(en="Yes", es="Sí")), Choice(False, Text(en="No", es="No")))
FACT_KINDS: dict[str, Kind] = {"bool": "yes-no", "number": "number", "code": "one-of"}
NOTHING = Text(en="", es="")


def of_scale(
    part: PackPart, scale: Scale, who: Filler, spanish: ScaleWording | None
) -> Iterator[Question]:
    """
    Yield the items whose words may be shown to who fills them.

    Staff, who hold the licensed form, get the topic of an item where its wording may not ship. In
    Spanish an item stands in the rights-holder's own words, or in English and marked so.
    """
    for item in scale.items:
        words = item.text if scale.licence.ship == "yes" else ""
        words = words or (item.topic if who == "staff" else "")
        if words:
            question = _of_item(part, scale, item, words)
            yield question if spanish is None else _in_spanish(question, item, spanish)


def _of_item(part: PackPart, scale: Scale, item: Item, words: str) -> Question:
    allowed = scale.answers[item.answers]
    least, greatest = allowed.range or (None, None)
    return Question(
        key=f"{scale.id}.{item.id}",
        part=part,
        kind="one-of" if allowed.options else "number",
        asks=Text(en=words, es=words),
        stem=part.stem,
        hint=part.hints.get(item.id),
        choices=tuple(
            Choice(each.value, Text(en=each.label, es=each.label)) for each in allowed.options
        ),
        least=least,
        greatest=greatest,
        whole=allowed.whole,
        english_only=True,
        notice=Text(en=scale.licence.notice, es=scale.licence.notice),
    )


def _in_spanish(question: Question, item: Item, spanish: ScaleWording) -> Question:
    """Return an item in the rights-holder's Spanish, if all of it is there."""
    labels = spanish.answers.get(item.answers, {})
    values = [f"{each.value:g}" for each in question.choices]
    if item.id not in spanish.items or not set(values) <= set(labels):
        return question
    return replace(
        question,
        stem=Text(en=question.stem.en if question.stem else "", es=spanish.stem),
        choices=tuple(
            Choice(each.value, Text(en=each.says.en, es=labels[value]))
            for each, value in zip(question.choices, values, strict=True)
        ),
        asks=Text(en=question.asks.en, es=spanish.items[item.id]),
        english_only=False,
        notice=Text(en=question.notice.en if question.notice else "", es=spanish.notice),
    )


def of_fact(part: PackPart, entry: FactEntry) -> Question:
    """Return the question for a fact, in the vocabulary's words or the part's own."""
    least, greatest = entry.range or (None, None)
    kind = FACT_KINDS[entry.type]
    return Question(
        key=f"fact.{entry.name}",
        part=part,
        kind=kind,
        asks=part.words.get(entry.name) or Text(en=entry.ask.text, es=entry.ask.es),
        hint=part.hints.get(entry.name),
        choices=YES_NO
        if kind == "yes-no"
        else tuple(Choice(each, entry.value_labels[each]) for each in entry.values),
        unit=entry.unit or "",
        least=least,
        greatest=greatest,
        may_be_unsure=True,
    )


def of_own(part: PackPart, entry: OwnQuestion) -> Question:
    """Return a question of our own."""
    choices = tuple(Choice(each.id, each.says) for each in entry.choices)
    return Question(
        key=f"own.{entry.id}",
        part=part,
        kind=entry.kind,
        asks=entry.asks,
        hint=entry.hint,
        choices=YES_NO if entry.kind == "yes-no" else choices,
        is_gate=entry.gate,
    )


def of_ledger(part: PackPart) -> Question:
    """Return the question that opens the list of medicines tried."""
    return Question(
        key="trials.any",
        part=part,
        kind="yes-no",
        asks=part.opens or NOTHING,
        choices=YES_NO,
        may_be_unsure=True,
    )


def of_trial(part: PackPart, number: int) -> Question:
    """Return the page for one medicine tried."""
    words = part.each or NOTHING
    return Question(
        key=f"trials.{number}",
        part=part,
        kind="trial",
        asks=Text(en=words.en.format(number=number), es=words.es.format(number=number)),
        choices=tuple(Choice(each.id, each.says) for each in part.outcomes),
    )


def of_medicines(part: PackPart) -> Question:
    """Return the question for the list of what is taken now."""
    return Question(
        key="medicines.now",
        part=part,
        kind="medicines",
        asks=part.opens or NOTHING,
        hint=part.hint,
    )
