"""Orders of the session day: the dose with all that must hold for it, or every reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_parts import Dose
from overstory.knowledge.shapes.protocols import Protocol
from overstory.knowledge.shapes.shared import Jurisdiction
from overstory.pathway.dosing import dose_of, mg_by_each_weight
from overstory.pathway.dosing_limits import DoseLimits, dose_limits, exact, plain
from overstory.pathway.dosing_steps import Given, next_doses
from overstory.pathway.dosing_values import DoseError, Wish, WorkedOut
from overstory.pathway.dosing_weights import Basis, BodyWeights, WeightError, body_weights
from overstory.pathway.protocols import Judged, fits_age, judge

KG_PER_POUND = Decimal("0.45359237")
PERCENT = Decimal(100)
DOSE_PARTS = frozenset({"dose"})


class Reason(StrEnum):
    """Why an order is refused."""

    PROTOCOL = "protocol-not-plannable"
    AGE = "age"
    WEIGHT_UNKNOWN = "weight-unknown"
    WEIGHT_OLD = "weight-old"
    WEIGHT_LATER = "weight-later-than-order"
    WEIGHT_BEFORE_LATER = "weight-before-later"
    WEIGHT_RANGE = "weight-out-of-range"
    WEIGHT_CHANGED = "weight-changed"
    CHOICE = "choose-the-weight"
    STEP = "step-not-allowed"
    TOO_SOON = "too-soon"
    DOSE = "dose"


@dataclass(frozen=True, slots=True)
class OrderRefusal:
    """One reason against an order, in words."""

    why: Reason
    says: str


class OrderRefusedError(ValueError):
    """An order that is not given; `refusals` has every reason at once."""

    def __init__(self, refusals: Sequence[OrderRefusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("; ".join(each.says for each in refusals))


@dataclass(frozen=True, slots=True)
class Weighing:
    """A weight in kg and when it was measured, with its zone."""

    kg: Decimal
    at: datetime

    def __post_init__(self) -> None:
        if not (self.kg.is_finite() and self.kg > 0):
            raise WeightError("a weight is a finite number above zero, in kg")
        if self.at.tzinfo is None:
            raise WeightError("the time of a weight has no zone")


@dataclass(frozen=True, slots=True)
class Recipient:
    """
    Who gets the dose, as far as it matters for it; None is unknown.

    `weighed` is the newest weight, `weighed_before` the one before; `given` are the doses of the course
    so far.
    """

    weighed: Weighing | None = None
    weighed_before: Weighing | None = None
    height_cm: Decimal | None = None
    sex_at_birth: str | None = None
    age_years: float | None = None
    given: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True)
class DoseOrder:
    """
    A dose at a moment, the weights beside each other, what is to be said.

    `mg_by_weight` has the mg by each of the weights, or why there is none; it is empty where the dose
    does not go by weight.
    """

    protocol: str
    at: datetime
    dose: WorkedOut
    weights: BodyWeights | None
    weighed: Weighing | None
    notes: tuple[str, ...]
    mg_by_weight: Mapping[Basis, Decimal | str]


def order(
    *,
    protocol: Protocol,
    wish: Wish,
    recipient: Recipient,
    at: datetime,
    knowledge: Knowledge,
    jurisdiction: Jurisdiction | None = None,
) -> DoseOrder:
    """
    Return the order of one session's dose at a moment.

    It looks at the protocol, the weight, the titration and the time since the last dose; whether the
    treatment suits the person is asked of `suitability.assess`. Nothing that is only recalled becomes a
    dose before a site has adopted it.

    :raises OrderRefusedError: with every reason, if anything that must hold does not.
    """
    judged = judge(protocol=protocol, knowledge=knowledge, jurisdiction=jurisdiction)
    whole, limits = judged.protocol, dose_limits(knowledge)
    refusals = [*_standing(judged), *_age(whole, recipient)]
    dose = whole.dose
    if dose is None:
        raise OrderRefusedError([*refusals, *_no_dose(whole)])
    refusals += _too_soon(whole, recipient.given, at, knowledge)
    refusals += _step(dose, wish, recipient.given)
    weights = None
    if by_weight(dose):
        weights, why = _weights(dose, wish, recipient, at, limits)
        refusals += why
    if refusals:
        raise OrderRefusedError(refusals)
    worked_out = _worked_out(whole, wish, weights, knowledge)
    notes = (*_unverified(judged), *_notes(recipient, weights))
    each = _by_each(whole, wish, weights, knowledge)
    return DoseOrder(whole.id, at, worked_out, weights, recipient.weighed, notes, each)


def provisional_dose(
    *,
    protocol: Protocol,
    wish: Wish,
    recipient: Recipient,
    at: datetime,
    knowledge: Knowledge,
    jurisdiction: Jurisdiction | None = None,
) -> DoseOrder:
    """
    Return what a dose would be, for a plan: from whatever weight is on record, and never an order.

    What the day of the session asks of the weight, the titration and the time is left out.

    :raises OrderRefusedError: if the protocol may not be planned here, is for another age, or has no
        dose for this weight and wish.
    """
    judged = judge(protocol=protocol, knowledge=knowledge, jurisdiction=jurisdiction)
    whole = judged.protocol
    refusals = [*_standing(judged), *_age(whole, recipient)]
    refusals += _no_dose(whole)
    if refusals:
        raise OrderRefusedError(refusals)
    weights, weighed = None, recipient.weighed
    if whole.dose is not None and by_weight(whole.dose):
        if weighed is None:
            raise OrderRefusedError([OrderRefusal(Reason.WEIGHT_UNKNOWN, "the weight is unknown")])
        weights = _body(weighed, recipient, dose_limits(knowledge))
    worked_out = _worked_out(whole, wish, weights, knowledge)
    says = tuple(_unverified(judged))
    each = _by_each(whole, wish, weights, knowledge)
    return DoseOrder(whole.id, at, worked_out, weights, weighed, says, each)


def by_weight(dose: Dose) -> bool:
    """Return whether a dose goes by the weight."""
    return dose.mg_per_kg is not None or dose.range_mg_per_kg is not None


def weight_refusals(
    *,
    weighed: Weighing | None,
    before: Weighing | None,
    at: datetime,
    dose: Dose,
    limits: DoseLimits,
) -> tuple[OrderRefusal, ...]:
    """
    Return what is wrong with a weight on the day of an order, in words; nothing if it may be used.

    It is too old, outside the protocol's range, or too far from the one before it.
    Source: site policy, `dosing_numbers` in the knowledge.
    """
    if weighed is None:
        return (OrderRefusal(Reason.WEIGHT_UNKNOWN, "the weight is unknown; weigh the person"),)
    return tuple(_weight_refusals(weighed, before, at, dose, limits))


def _weight_refusals(
    weighed: Weighing, before: Weighing | None, at: datetime, dose: Dose, limits: DoseLimits
) -> Iterator[OrderRefusal]:
    if weighed.at > at:
        yield OrderRefusal(Reason.WEIGHT_LATER, "the weight is from after the moment of the order")
    if at - weighed.at > timedelta(days=int(limits.oldest_weight_days)):
        yield OrderRefusal(
            Reason.WEIGHT_OLD,
            f"the weight is of {weighed.at.date().isoformat()}, older than "
            f"{plain(limits.oldest_weight_days)} days; weigh the person",
        )
    meant = dose.weights
    if meant is not None and not exact(meant.least_kg) <= weighed.kg <= exact(meant.greatest_kg):
        yield OrderRefusal(
            Reason.WEIGHT_RANGE,
            f"{plain(weighed.kg)} kg is outside the {meant.least_kg:g} to {meant.greatest_kg:g} kg "
            "of the protocol",
        )
    if before is not None and before.at > weighed.at:
        yield OrderRefusal(
            Reason.WEIGHT_BEFORE_LATER,
            f"the weight before, of {before.at.date().isoformat()}, is later than the weight of "
            f"{weighed.at.date().isoformat()}; which is the newest?",
        )
    if before is not None:
        yield from _changed(weighed, before, limits)


def _changed(weighed: Weighing, before: Weighing, limits: DoseLimits) -> Iterator[OrderRefusal]:
    if _change_percent(weighed.kg, before.kg) <= limits.greatest_weight_change_percent:
        return
    as_pounds = _change_percent(weighed.kg * KG_PER_POUND, before.kg)
    pounds = (
        "; it looks like pounds typed as kilograms"
        if as_pounds <= limits.greatest_weight_change_percent
        else ""
    )
    yield OrderRefusal(
        Reason.WEIGHT_CHANGED,
        f"{plain(weighed.kg)} kg is more than {plain(limits.greatest_weight_change_percent)} % off "
        f"the {plain(before.kg)} kg of {before.at.date().isoformat()}{pounds}; weigh again",
    )


def _change_percent(now: Decimal, before: Decimal) -> Decimal:
    return abs(now - before) / before * PERCENT


def _standing(judged: Judged) -> Iterator[OrderRefusal]:
    for refusal in judged.refusals:
        yield OrderRefusal(Reason.PROTOCOL, refusal.says)


def _no_dose(protocol: Protocol) -> Iterator[OrderRefusal]:
    if protocol.dose is None and not protocol.never:
        what = (
            "the prescriber sets each dose; a site adopts a protocol that has one"
            if protocol.prescriber_sets_dose
            else "it has no dose"
        )
        yield OrderRefusal(Reason.DOSE, f"{protocol.id}: {what}")


def _unverified(judged: Judged) -> Iterator[str]:
    """What of a dose is only recalled stays shown so, also where a site has adopted it."""
    for each in judged.unverified:
        if each.group in DOSE_PARTS and each.numbers:
            yield f"UNVERIFIED: {each.path} is only recalled; nobody has read it again in its source."


def _age(protocol: Protocol, recipient: Recipient) -> Iterator[OrderRefusal]:
    if not fits_age(protocol, recipient.age_years):
        yield OrderRefusal(Reason.AGE, "the protocol is not for this age, or the age is unknown")


def _weights(
    dose: Dose, wish: Wish, recipient: Recipient, at: datetime, limits: DoseLimits
) -> tuple[BodyWeights | None, list[OrderRefusal]]:
    weighed = recipient.weighed
    refusals = list(
        weight_refusals(
            weighed=weighed, before=recipient.weighed_before, at=at, dose=dose, limits=limits
        )
    )
    if weighed is None:
        return None, refusals
    try:
        weights = _body(weighed, recipient, limits)
    except OrderRefusedError as error:
        return None, [*refusals, *error.refusals]
    if weights.must_choose and wish.basis is None:
        refusals.append(
            OrderRefusal(
                Reason.CHOICE,
                "the prescriber names the weight the dose goes by: total, adjusted or ideal"
                + (f" ({weights.why_none})" if weights.why_none else ""),
            )
        )
    return weights, refusals


def _body(weighed: Weighing, recipient: Recipient, limits: DoseLimits) -> BodyWeights:
    try:
        return body_weights(
            weight_kg=weighed.kg,
            height_cm=recipient.height_cm,
            sex_at_birth=recipient.sex_at_birth,
            limits=limits,
        )
    except WeightError as error:
        raise OrderRefusedError([OrderRefusal(Reason.WEIGHT_RANGE, str(error))]) from None


def _step(dose: Dose, wish: Wish, given: Sequence[Given]) -> Iterator[OrderRefusal]:
    allowed = next_doses(dose=dose, given=given)
    unit, wished, first = "mg/kg", wish.mg_per_kg, dose.mg_per_kg
    if not by_weight(dose):
        unit, wished, first = "mg", wish.mg, dose.first_mg
    if wished is None and first is not None:
        wished = exact(first)
    if allowed and wished is not None and wished not in allowed:
        said = " or ".join(plain(each) for each in allowed)
        yield OrderRefusal(Reason.STEP, f"after the doses so far the next is {said} {unit}")


def _too_soon(
    protocol: Protocol, given: Sequence[Given], at: datetime, knowledge: Knowledge
) -> Iterator[OrderRefusal]:
    visits = {each.id: each for each in knowledge.sections.get("visits", ())}
    visit = visits.get(protocol.visit)
    if not given or visit is None or visit.min_gap_hours is None:
        return
    last = max(each.at for each in given)
    hours = visit.min_gap_hours.value
    if at < last:
        yield OrderRefusal(Reason.TOO_SOON, "a dose on record is later than the order")
    elif at - last < timedelta(hours=hours):
        yield OrderRefusal(
            Reason.TOO_SOON,
            f"the last dose was less than {hours:g} hours ago, on "
            f"{last.isoformat(sep=' ', timespec='minutes')}",
        )


def _by_each(
    protocol: Protocol, wish: Wish, weights: BodyWeights | None, knowledge: Knowledge
) -> Mapping[Basis, Decimal | str]:
    if weights is None:
        return {}
    return mg_by_each_weight(protocol=protocol, wish=wish, weights=weights, knowledge=knowledge)


def _worked_out(
    protocol: Protocol, wish: Wish, weights: BodyWeights | None, knowledge: Knowledge
) -> WorkedOut:
    try:
        return dose_of(protocol=protocol, wish=wish, weights=weights, knowledge=knowledge)
    except (DoseError, WeightError) as error:
        raise OrderRefusedError([OrderRefusal(Reason.DOSE, str(error))]) from None


def _notes(recipient: Recipient, weights: BodyWeights | None) -> Iterator[str]:
    if not recipient.given:
        yield "No dose of this course is on record: it is taken for the first."
    if weights is not None and recipient.weighed_before is None:
        yield "There is no earlier weight to compare this one with; check it on the scale."
    yield "Two persons check the dose; a second checks the pump where there is one."
