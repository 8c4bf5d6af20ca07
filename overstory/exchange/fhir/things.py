"""Procedures done, devices in use, and allergies."""

from __future__ import annotations

from collections.abc import Iterator

from overstory.exchange.fhir.codebook import code_in, codes_of, name_of, words_of
from overstory.exchange.fhir.desk import Desk
from overstory.exchange.fhir.gathering import Claim, Finding, NotUnderstood
from overstory.exchange.fhir.references import Found
from overstory.exchange.fhir.shapes import (
    AllergyIntolerance,
    Concept,
    Device,
    DeviceUseStatement,
    Procedure,
)
from overstory.knowledge.shapes.codes import AllergyCodes, Code, ThingCodes

Book = dict[str, tuple[Code, ThingCodes]]


def read_procedure(found: Found, procedure: Procedure, desk: Desk) -> Iterator[Finding]:
    """Yield what the procedure leaves behind, if it was done."""
    name = name_of(procedure.code)
    if procedure.status not in ("completed", "in-progress"):
        yield NotUnderstood(found.place, f"{name}: its status is {procedure.status or 'missing'}")
        return
    done = desk.moment(procedure.performed_date_time) or desk.start(procedure.performed_period)
    thing = _thing(procedure.code, desk.book.procedures, desk)
    if thing is None:
        yield NotUnderstood(found.place, f"{name}: no fact needs this procedure")
    else:
        yield Claim(thing.fact, thing.value, found.place, at=done)


def read_device(found: Found, device: Device, desk: Desk) -> Iterator[Finding]:
    """Yield what the device is, if it belongs to the patient and is in use."""
    yield _device(found.place, device, desk)


def read_device_use(found: Found, use: DeviceUseStatement, desk: Desk) -> Iterator[Finding]:
    """Yield what the device is that the patient uses now."""
    if use.status != "active":
        yield NotUnderstood(found.place, f"its status is {use.status or 'missing'}")
        return
    if desk.is_over(use.timing_period):
        yield NotUnderstood(found.place, "the use has ended")
        return
    device = desk.addresses.find(use.device, inside=use)
    if isinstance(device, Device):
        yield _device(found.place, device, desk)
        return
    target = use.device.reference or use.device.display if use.device else None
    yield NotUnderstood(
        found.place, f"the device {target or ''} is not in the document".replace("  ", " ")
    )


def _device(place: str, device: Device, desk: Desk) -> Finding:
    named = [each.name for each in device.device_name if each.name]
    name = name_of(device.type) if device.type else next(iter(named), "a device without a type")
    if device.status not in (None, "active"):
        return NotUnderstood(place, f"{name}: its status is {device.status}")
    thing = _thing(device.type, desk.book.devices, desk, *named)
    if thing is None:
        return NotUnderstood(place, f"{name}: no fact needs this device")
    return Claim(thing.fact, thing.value, place)


def _thing(concept: Concept | None, book: Book, desk: Desk, *named: str) -> ThingCodes | None:
    for system, code in codes_of(concept):
        if system == "snomed-ct" and code in book:
            return book[code][1]
    spoken = {" ".join(each.casefold().split()) for each in (*words_of(concept), *named)}
    for thing in desk.book.things:
        for name in (each.casefold() for each in thing.names):
            if name in spoken or (book is desk.book.devices and _holds_phrase(spoken, name)):
                return thing
    return None


def _holds_phrase(spoken: set[str], phrase: str) -> bool:
    """Whether a device's name has the phrase in it; a procedure's may be about taking it out."""
    return " " in phrase and any(phrase in each for each in spoken)


def read_allergy(found: Found, allergy: AllergyIntolerance, desk: Desk) -> Iterator[Finding]:
    """Yield the hypersensitivity that a confirmed allergy is; an intolerance is another matter."""
    name = name_of(allergy.code)
    substance = _substance(allergy.code, desk.book.allergies)
    verified = code_in(allergy.verification_status)
    clinical = code_in(allergy.clinical_status)
    if substance is None:
        yield NotUnderstood(found.place, f"{name}: no fact needs this allergy")
    elif verified == "refuted":
        yield NotUnderstood(
            found.place, f"{name}: refuted, but only for one substance of {substance.fact}; ask"
        )
    elif verified not in ("", "confirmed"):
        yield NotUnderstood(found.place, f"{name}: its verification status is {verified}; ask")
    elif clinical not in ("", "active"):
        yield NotUnderstood(found.place, f"{name}: its clinical status is {clinical}; ask")
    elif allergy.type == "intolerance":
        yield NotUnderstood(found.place, f"{name}: an intolerance, not a hypersensitivity; ask")
    else:
        recorded = desk.moment(allergy.recorded_date) or desk.moment(allergy.onset_date_time)
        yield Claim(substance.fact, True, found.place, said=recorded)


def _substance(concept: Concept | None, entries: tuple[AllergyCodes, ...]) -> AllergyCodes | None:
    spoken = {word for each in words_of(concept) for word in _words(each)}
    codes = {code for system, code in codes_of(concept) if system == "rxnorm"}
    for entry in entries:
        if spoken & set(entry.names) or codes & {each.code for each in entry.rxnorm}:
            return entry
    return None


def _words(text: str) -> list[str]:
    return text.casefold().replace("(", " ").replace(")", " ").replace(",", " ").split()
