"""Measurements: vital signs, weights, totals of scales, coded findings; units converted."""

from __future__ import annotations

from collections.abc import Iterator

from overstory.engine.facts import FactValueError, Value
from overstory.exchange.fhir.codebook import UnitError, codes_of, name_of, whole_if_whole
from overstory.exchange.fhir.desk import Desk
from overstory.exchange.fhir.gathering import Claim, Finding, NotUnderstood
from overstory.exchange.fhir.moments import Moment
from overstory.exchange.fhir.questionnaires import screen_level
from overstory.exchange.fhir.references import Found
from overstory.exchange.fhir.shapes import Concept, Observation
from overstory.exchange.fhir.stating import Holder, fact_stated, no_value, number, read_stated
from overstory.knowledge.shapes.codes import ObservationCode
from overstory.knowledge.shapes.scales import Item, Scale
from overstory.pathway.scoring import AnswerError, item_value

FINISHED = frozenset({"final", "amended", "corrected"})
CSSRS = "cssrs_screen"


def read_observation(found: Found, observation: Observation, desk: Desk) -> Iterator[Finding]:
    """Yield what the observation says, part by part, or why it says nothing."""
    if observation.status not in FINISHED and not _may_be_preliminary(observation):
        why = f"{name_of(observation.code)}: its status is {observation.status or 'missing'}"
        yield NotUnderstood(found.place, why)
        return
    if observation.focus:
        name = name_of(observation.code)
        yield NotUnderstood(
            found.place, f"{name}: it is about something else than the patient (focus)"
        )
        return
    at = (
        desk.moment(observation.effective_date_time or observation.effective_instant)
        or desk.start(observation.effective_period)
        or desk.moment(observation.issued)
    )
    if at is None:
        why = f"{name_of(observation.code)}: it does not say when it was measured"
        yield NotUnderstood(found.place, why)
        return
    yield from _parts(found, observation, at, desk)


def _may_be_preliminary(observation: Observation) -> bool:
    """Whether it is preliminary, and states no fact under its own name."""
    holders: tuple[Holder, ...] = (observation, *observation.component)
    stated = any(fact_stated(each.code) for each in holders)
    return observation.status == "preliminary" and not stated


def _parts(found: Found, observation: Observation, at: Moment, desk: Desk) -> Iterator[Finding]:
    own = _one(found.place, observation, at, desk)
    if not observation.component:
        yield own
        return
    parts = [
        _one(f"{found.place}.component[{index}]", part, at, desk)
        for index, part in enumerate(observation.component)
    ]
    understood = any(isinstance(each, Claim) for each in (own, *parts))
    if isinstance(own, Claim) or not understood:
        yield own
    for part in parts:
        if isinstance(part, Claim) or understood:
            yield part


def _one(place: str, holder: Holder, at: Moment, desk: Desk) -> Finding:
    """What one observation, or one component of it, says."""
    try:
        return _read(place, holder, at, desk)
    except (UnitError, AnswerError, FactValueError) as error:
        return NotUnderstood(place, f"{name_of(holder.code)}: {error}")


def _read(place: str, holder: Holder, at: Moment, desk: Desk) -> Finding:
    stated = fact_stated(holder.code)
    if stated:
        return read_stated(place, stated, holder, at, desk)
    for system, code in codes_of(holder.code):
        entry = desk.book.observations.get(code) if system == "loinc" else None
        if entry is not None:
            return Claim(entry.fact, _value(entry, holder, desk), place, at=at)
        total = desk.book.totals.get(f"{system}|{code}")
        if total is not None:
            return Claim(total[1], number(holder, "score", desk), place, at=at)
        if system == "loinc" and code in desk.book.scale_items:
            return _answer(place, desk.book.scale_items[code], holder, at)
        if system == "loinc" and code in desk.book.not_that_code:
            return NotUnderstood(place, f"{code} is {desk.book.not_that_code[code]}")
    return NotUnderstood(place, f"{name_of(holder.code)}: no fact needs this observation")


def _value(entry: ObservationCode, holder: Holder, desk: Desk) -> Value:
    if not entry.answers:
        return number(holder, desk.vocabulary[entry.fact].unit, desk)
    known = {(each.system, each.code): each.value for each in entry.answers}
    for key in codes_of(holder.value_codeable_concept):
        if key in known:
            return known[key]
    if holder.value_codeable_concept is None:
        raise UnitError(no_value(holder))
    said = name_of(holder.value_codeable_concept)
    raise UnitError(f"{said} is no answer that tells {entry.fact}")


def _answer(place: str, items: list[tuple[Scale, Item]], holder: Holder, at: Moment) -> Finding:
    """The answer to one question of a scale: a fact where the scale says that it fills one."""
    for scale, item in items:
        fact = scale.fills.get(f"item{item.id}")
        if fact is not None:
            return Claim(fact, whole_if_whole(_item_value(scale, item, holder)), place, at=at)
        if scale.id == CSSRS:
            level = screen_level({item.id: bool(_item_value(scale, item, holder))})
            if level is not None:
                return Claim("cssrs_risk", level, place, at=at)
    scale, item = items[0]
    why = (
        f"{name_of(holder.code)}: one answer of the {scale.short}; its total is read, not its items"
    )
    return NotUnderstood(place, why)


def _item_value(scale: Scale, item: Item, holder: Holder) -> float:
    answers: list[float | bool | str | None] = [holder.value_boolean, holder.value_integer]
    if holder.value_quantity is not None:
        answers.append(holder.value_quantity.value)
    answers += _codes(holder.value_codeable_concept)
    for answer in answers:
        value = item_value(scale=scale, item=item, answer=answer)
        if value is not None:
            return value
    raise UnitError(no_value(holder))


def _codes(concept: Concept | None) -> list[float | bool | str | None]:
    return [each.code for each in concept.coding if each.code] if concept else []
