"""Facts stated under their own names: observations in Overstory's own code system, checked like any."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from overstory.engine.facts import FactType, Unknown, UnknownFactNameError, Value
from overstory.exchange.fhir.codebook import UnitError, code_in, codes_of, name_of
from overstory.exchange.fhir.desk import Desk
from overstory.exchange.fhir.gathering import Claim, Finding, NotUnderstood
from overstory.exchange.fhir.moments import Moment
from overstory.exchange.fhir.shapes import Component, Concept, Observation

FACT_SYSTEM = "urn:overstory:fact"
"""The code system whose codes are the names of the vocabulary."""

VALUE_SYSTEM = "urn:overstory:value"
"""The code system whose codes are the values of the facts that have codes."""

UNKNOWN_SYSTEM = "urn:overstory:unknown"
"""The code system whose codes are the reasons why a fact is unknown."""

ABSENT_SYSTEM = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
ABSENT = {
    "asked-unknown": Unknown.NOT_ANSWERED,
    "asked-declined": Unknown.NOT_ANSWERED,
    "unknown": Unknown.NOT_RECORDED,
    "temp-unknown": Unknown.NOT_RECORDED,
}
"""The reasons of HL7 that say why a fact is unknown, where no reason of ours is given."""

Holder = Observation | Component


def fact_stated(concept: Concept | None) -> str:
    """Return the name of the fact that a code states, or an empty text."""
    for coding in concept.coding if concept else ():
        if coding.system == FACT_SYSTEM and coding.code:
            return coding.code.strip()
    return ""


def read_stated(place: str, name: str, holder: Holder, at: Moment, desk: Desk) -> Finding:
    """
    Return what an observation states of the fact it names: a value, or why it is unknown.

    :raises UnitError: if it has no value, more than one, or one of another kind than the fact's.
    """
    try:
        kind = desk.vocabulary[name]
    except UnknownFactNameError as error:
        return NotUnderstood(place, str(error))
    values = [each for each in _values(holder) if each is not None]
    if holder.data_absent_reason is None:
        if len(values) != 1:
            raise UnitError(no_value(holder) if not values else "it has more than one value")
        return Claim(name, VALUES[kind.kind](kind, holder, desk), place, at=at)
    if values:
        raise UnitError("it has a value and a reason why there is none")
    return Claim(name, None, place, at=at, unknown=_why_unknown(holder))


def number(holder: Holder, unit: str | None, desk: Desk) -> float:
    """
    Return the number of an observation in the unit wanted.

    :raises UnitError: if it has none, or its unit does not convert.
    """
    if holder.value_quantity is not None:
        return desk.book.convert(holder.value_quantity, to=unit)
    if holder.value_integer is not None and unit == "score":
        return holder.value_integer
    raise UnitError(no_value(holder))


def no_value(holder: Holder) -> str:
    """Return why there is no value to read."""
    if holder.data_absent_reason is not None:
        return f"it has no value (reason: {code_in(holder.data_absent_reason) or 'not said'})"
    return "it has no value of a kind that is read here"


def _values(holder: Holder) -> tuple[object, ...]:
    return (
        holder.value_boolean, holder.value_quantity, holder.value_integer, holder.value_string,
        holder.value_codeable_concept, holder.value_date_time,
    )  # fmt: skip


def _why_unknown(holder: Holder) -> Unknown:
    reasons = dict(codes_of(holder.data_absent_reason))
    own = reasons.get("unknown")
    known = {each.value: each for each in Unknown if each is not Unknown.NOT_ASKED}
    found = ABSENT.get(reasons.get("data-absent-reason", "")) if own is None else known.get(own)
    if found is None:
        raise UnitError(no_value(holder))
    return found


def _bool(_kind: FactType, holder: Holder, _desk: Desk) -> Value:
    if holder.value_boolean is None:
        raise UnitError("expected a valueBoolean")
    return holder.value_boolean


def _number(kind: FactType, holder: Holder, desk: Desk) -> Value:
    return number(holder, kind.unit, desk)


def _code(kind: FactType, holder: Holder, _desk: Desk) -> Value:
    for system, code in codes_of(holder.value_codeable_concept):
        if system == "value":
            return code
    said = name_of(holder.value_codeable_concept)
    raise UnitError(
        f"{said}: expected one of {', '.join(kind.codes)} as a valueCodeableConcept in {VALUE_SYSTEM}"
    )


def _date(_kind: FactType, holder: Holder, _desk: Desk) -> Value:
    try:
        return date.fromisoformat(holder.value_date_time or "")
    except ValueError:
        raise UnitError("expected a day as a valueDateTime, such as 2026-11-22") from None


VALUES: dict[str, Callable[[FactType, Holder, Desk], Value]] = {
    "bool": _bool,
    "number": _number,
    "code": _code,
    "date": _date,
}
