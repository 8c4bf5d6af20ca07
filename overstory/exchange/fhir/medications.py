"""Medicines taken now: what they make true, and a daily dose where it is written without doubt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from overstory.exchange.fhir.codebook import UnitError, codes_of, name_of, whole_if_whole, words_of
from overstory.exchange.fhir.desk import Desk
from overstory.exchange.fhir.gathering import Claim, Finding, NotUnderstood
from overstory.exchange.fhir.references import Found
from overstory.exchange.fhir.shapes import (
    Concept,
    Dosage,
    Medication,
    MedicationRequest,
    MedicationStatement,
    Quantity,
    Reference,
    Repeat,
    Resource,
)

ORDERS = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
DOSE_FACTS = {
    "bupropion": "bupropion_mg_per_day",
    "lorazepam": "benzodiazepine_lorazepam_eq_mg_per_day",
}
"""Medicines whose own daily dose in mg is a fact; lorazepam is its own equivalent."""

UNLIKE_FORMS = frozenset({"hydrobromide"})
"""Forms whose mg are not the mg of the fact: another salt."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One medicine that is taken now: which, in what form, how, and where it is written."""

    medicine: str
    form: str
    dosage: tuple[Dosage, ...]
    place: str


def read_statement(
    found: Found, statement: MedicationStatement, desk: Desk
) -> Iterator[Finding | Taken]:
    """Yield the medicines that the statement says are taken now, or why it says none."""
    name = _name(statement.medication_codeable_concept, statement.medication_reference)
    if statement.status != "active":
        yield NotUnderstood(found.place, f"{name}: {_not_now(statement.status)}")
        return
    begins = desk.moment(statement.effective_date_time) or desk.start(statement.effective_period)
    if begins is not None and begins.earliest > desk.clock.at:
        yield NotUnderstood(found.place, f"{name}: it begins after the moment asked about")
        return
    if desk.is_over(statement.effective_period) or _all_over(statement.dosage, desk):
        yield NotUnderstood(found.place, f"{name}: it ended before the moment asked about")
        return
    asserted = desk.moment(statement.date_asserted)
    if asserted is not None and asserted.earliest > desk.clock.at:
        yield NotUnderstood(found.place, f"{name}: it was written after the moment asked about")
        return
    names = statement.medication_codeable_concept, statement.medication_reference
    yield from _taken(found, names, statement, tuple(statement.dosage), desk)


def read_request(found: Found, request: MedicationRequest, desk: Desk) -> Iterator[Finding | Taken]:
    """Yield the medicines that are on order now, or why none is."""
    name = _name(request.medication_codeable_concept, request.medication_reference)
    why = _not_an_order(request)
    if why is not None:
        yield NotUnderstood(found.place, f"{name}: {why}")
        return
    authored = desk.moment(request.authored_on)
    if authored is not None and authored.earliest > desk.clock.at:
        yield NotUnderstood(found.place, f"{name}: it was ordered after the moment asked about")
        return
    validity = request.dispense_request.validity_period if request.dispense_request else None
    if desk.is_over(validity) or _all_over(request.dosage_instruction, desk):
        yield NotUnderstood(found.place, f"{name}: it ended before the moment asked about")
        return
    names = request.medication_codeable_concept, request.medication_reference
    yield from _taken(found, names, request, tuple(request.dosage_instruction), desk)


def _not_an_order(request: MedicationRequest) -> str | None:
    if request.status != "active":
        return _not_now(request.status)
    if request.do_not_perform:
        return "it is an order not to give it"
    if request.intent not in ORDERS and not (request.intent == "plan" and request.reported_boolean):
        return f"its intent is {request.intent or 'missing'}, not an order"
    return None


def _not_now(status: str | None) -> str:
    return f"its status is {status or 'missing'}, so it is not known to be taken now"


def _all_over(dosage: list[Dosage], desk: Desk) -> bool:
    bounds = [
        each.timing.repeat.bounds_period if each.timing and each.timing.repeat else None
        for each in dosage
    ]
    return bool(bounds) and all(desk.is_over(each) for each in bounds)


def _taken(
    found: Found,
    names: tuple[Concept | None, Reference | None],
    inside: Resource,
    dosage: tuple[Dosage, ...],
    desk: Desk,
) -> Iterator[Finding | Taken]:
    concepts = [each for each in (names[0], *_looked_up(names[1], inside, desk)) if each]
    medicines = dict(
        each for concept in concepts for each in _recognized(concept, desk)
    ) or _by_display(names[1], desk)
    facts = desk.book.medicines.facts_of(medicines)
    for fact in facts:
        yield Claim(fact, True, found.place)
    for medicine, form in medicines.items():
        yield Taken(medicine, form, dosage, found.place)
    if not facts:
        known = ", ".join(medicines)
        why = f"no fact needs {known}" if known else "no medicine of ours"
        yield NotUnderstood(found.place, f"{_name(*names)}: {why}")


def _looked_up(reference: Reference | None, inside: Resource, desk: Desk) -> list[Concept | None]:
    target = desk.addresses.find(reference, inside=inside)
    if not isinstance(target, Medication) or target.status == "entered-in-error":
        return []
    return [target.code, *(each.item_codeable_concept for each in target.ingredient)]


def _recognized(concept: Concept, desk: Desk) -> Iterator[tuple[str, str]]:
    formulary = desk.book.medicines
    for system, code in codes_of(concept):
        medicine = formulary.by_code(code) if system == "rxnorm" else None
        if medicine is not None:
            yield medicine, ""
    for text in words_of(concept):
        for named in formulary.recognize(text).medicines:
            yield named.medicine, named.form


def _by_display(reference: Reference | None, desk: Desk) -> dict[str, str]:
    if reference is None or not reference.display:
        return {}
    named = desk.book.medicines.recognize(reference.display).medicines
    return {each.medicine: each.form for each in named}


def _name(concept: Concept | None, reference: Reference | None) -> str:
    if concept is not None:
        return name_of(concept)
    if reference is not None:
        return reference.display or reference.reference or "a medicine without a name"
    return "a medicine without a name"


def daily_doses(taken: list[Taken], desk: Desk) -> Iterator[Finding]:
    """
    Yield the daily doses that are facts, where all that is taken of a class is written without doubt.

    In mg a day. Two orders of the same medicine, a dose as needed, a tablet of unstated strength or
    an open interval leave the dose unknown, and say so.
    """
    for medicine, fact in DOSE_FACTS.items():
        same = [
            each for each in taken if medicine in (each.medicine, *_kinds(each, medicine, desk))
        ]
        if not same:
            continue
        places = "; ".join(dict.fromkeys(each.place for each in same))
        try:
            yield Claim(fact, _only_dose(same, medicine, desk), f"{places}.dosage")
        except UnitError as error:
            yield NotUnderstood(f"{places}.dosage", f"{fact} stays unknown: {error}")


def _kinds(taken: Taken, medicine: str, desk: Desk) -> tuple[str, ...]:
    """The medicine itself, if what is taken shares a class of it that a dose is counted for."""
    classes = desk.book.medicines.medicines
    if medicine not in classes:
        return ()
    shared = {"benzodiazepine", "bupropion"} & set(classes[medicine].classes)
    return (medicine,) if shared & set(classes[taken.medicine].classes) else ()


def _only_dose(same: list[Taken], medicine: str, desk: Desk) -> float:
    if len(same) > 1:
        raise UnitError(f"{len(same)} entries are active, and their doses may add up or repeat")
    (one,) = same
    if one.medicine != medicine or one.form in UNLIKE_FORMS:
        raise UnitError(f"no equivalent dose is known for {one.medicine} {one.form}".rstrip())
    if len(one.dosage) != 1:
        raise UnitError("it has no single dosage")
    return mg_per_day(one.dosage[0], desk)


def mg_per_day(dosage: Dosage, desk: Desk) -> float:
    """
    Return the daily dose that a dosage says.

    :raises UnitError: if it leaves any doubt.
    """
    if dosage.as_needed_boolean or dosage.as_needed_codeable_concept is not None:
        raise UnitError("it is taken as needed")
    doses = [each.dose_quantity for each in dosage.dose_and_rate if each.dose_range is None]
    if len(doses) != 1 or len(dosage.dose_and_rate) != 1 or doses[0] is None:
        raise UnitError("it has no single dose")
    dose_mg = desk.book.convert(doses[0], to="mg")
    repeat = dosage.timing.repeat if dosage.timing else None
    if repeat is None or _is_open(repeat):
        raise UnitError("how often it is taken is not said")
    days = desk.book.convert(Quantity(value=repeat.period, code=repeat.period_unit), to="d")
    if days <= 0:
        raise UnitError("how often it is taken is not said")
    try:
        return whole_if_whole(round(dose_mg * (repeat.frequency or 1) / days, 6))
    except OverflowError:
        raise UnitError("its dose is larger than any number that is read") from None


def _is_open(repeat: Repeat) -> bool:
    ranges = repeat.frequency_max, repeat.period_max, repeat.count
    return any(each is not None for each in ranges) or bool(repeat.day_of_week)
