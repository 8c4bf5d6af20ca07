"""A document of FHIR R4 to facts: each resource makes facts, or is listed with the reason why not."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from overstory.engine.facts import Fact
from overstory.exchange.fhir import shapes
from overstory.exchange.fhir.codebook import codebook
from overstory.exchange.fhir.conditions import read_condition
from overstory.exchange.fhir.desk import Desk
from overstory.exchange.fhir.envelope import Envelope, FhirError, Placed, open_envelope
from overstory.exchange.fhir.gathering import Clock, Finding, NotUnderstood, gather
from overstory.exchange.fhir.medications import Taken, daily_doses, read_request, read_statement
from overstory.exchange.fhir.moments import MomentError
from overstory.exchange.fhir.observations import read_observation
from overstory.exchange.fhir.people import read_patient, someone_else, the_patient
from overstory.exchange.fhir.questionnaires import read_response
from overstory.exchange.fhir.references import DECODERS, PEEK, Addresses, Found, found_at
from overstory.exchange.fhir.things import (
    read_allergy,
    read_device,
    read_device_use,
    read_procedure,
)
from overstory.knowledge.load import Knowledge

READERS: dict[str, Callable[[Found, Any, Desk], Iterator[Finding | Taken]]] = {
    "Patient": read_patient,
    "Condition": read_condition,
    "Observation": read_observation,
    "MedicationStatement": read_statement,
    "MedicationRequest": read_request,
    "AllergyIntolerance": read_allergy,
    "QuestionnaireResponse": read_response,
    "Procedure": read_procedure,
    "Device": read_device,
    "DeviceUseStatement": read_device_use,
}


@dataclass(frozen=True)
class Reading:
    """
    What a document says of one person.

    `trials` is the ledger of antidepressant trials: FHIR does not tell how a trial ended, so it is
    empty and past medicines are listed. Each fact's `origin` is its path in the document.
    """

    patient: str
    at: datetime
    facts: dict[str, Fact]
    trials: tuple[()]
    not_understood: tuple[NotUnderstood, ...]


def read(document: bytes, *, name: str, at: datetime | None, knowledge: Knowledge) -> Reading:
    """
    Return the facts of a Bundle, of NDJSON or of one resource, as of a moment.

    Without `at` it is the moment at which the Bundle says it was made. Dates without a time are read
    in the zone of `at`. What the document does not date, but says is so, is true on the day on which
    it was made, or at `at`.

    :raises FhirError: if it cannot be read, is about two people, or neither says nor is told a moment.
    """
    if at is not None and at.tzinfo is None:
        raise FhirError(f"the moment {at.isoformat()} has no time zone", name=name)
    with _without_collection():
        return _read(document, name, at, knowledge)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Pause the collector of cycles: a document makes many objects and no cycle among them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(document: bytes, name: str, at: datetime | None, knowledge: Knowledge) -> Reading:
    envelope = open_envelope(document, name=name, zone=at.tzinfo if at else UTC)
    moment = at or envelope.made_at
    if moment is None:
        raise FhirError("the document does not say when it was made; give the moment", name=name)
    found, left = _decode(envelope)
    patient_id, patient, addresses = the_patient(found, name=name)
    desk = _desk(found, moment, envelope, knowledge)
    findings: list[Finding] = list(left)
    taken: list[Taken] = []
    for each in found:
        about = someone_else(each.resource, patient, addresses)
        if about is not None and each.resource is not patient:
            findings.append(
                NotUnderstood(each.place, f"it is about {about}, not about the patient")
            )
            continue
        for finding in _read_one(each, desk):
            if isinstance(finding, Taken):
                taken.append(finding)
            else:
                findings.append(finding)
    findings += daily_doses(taken, desk)
    facts, not_understood = gather(findings, clock=desk.clock, vocabulary=desk.vocabulary)
    return Reading(patient_id, moment, facts, (), tuple(not_understood))


def _desk(found: list[Found], at: datetime, envelope: Envelope, knowledge: Knowledge) -> Desk:
    addresses = Addresses()
    for each in found:
        addresses.add(each)
    made_at = envelope.made_at
    vouched = made_at if made_at is not None and made_at <= at else at
    return Desk(codebook(knowledge), Clock(at, vouched), knowledge.vocabulary, addresses)


def _decode(envelope: Envelope) -> tuple[list[Found], list[NotUnderstood]]:
    found, left = [], []
    for placed in envelope.placed:
        try:
            found.append(found_at(placed, _decoded(placed)))
        except _Unread as error:
            left.append(NotUnderstood(placed.place, str(error)))
    return _newest_versions(found, left), left


class _Unread(Exception):
    """A resource that is listed instead of read."""


def _decoded(placed: Placed) -> shapes.Resource:
    if not bytes(placed.raw):
        raise _Unread(f"it holds no resource ({placed.method or 'no request'})")
    if placed.method == "DELETE":
        raise _Unread("it asks to delete, and tells nothing")
    try:
        peek = PEEK.decode(placed.raw)
        if peek.resource_type == "Bundle":
            raise _Unread("a Bundle that is empty, or too deep inside others; give it on its own")
        if peek.resource_type not in DECODERS:
            raise _Unread(f"no fact needs {_a(peek.resource_type)}{_with_id(peek)}")
        return DECODERS[peek.resource_type].decode(placed.raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _Unread(f"its shape is not that of FHIR R4: {error}") from None


def _a(resource_type: str) -> str:
    return f"{'an' if resource_type[:1] in 'AEIO' else 'a'} {resource_type[:80]}"


def _with_id(peek: shapes.Peek) -> str:
    return f" ({peek.resource_type[:80]}/{peek.id[:80]})" if peek.id else ""


def _newest_versions(found: list[Found], left: list[NotUnderstood]) -> list[Found]:
    """Keep the newest version of each resource; the others are listed."""
    newest: dict[str, Found] = {}
    for each in found:
        if each.resource.id is None:
            continue
        key = f"{each.resource.resource_type}/{each.resource.id}"
        if key not in newest or _version(each) > _version(newest[key]):
            newest[key] = each
    kept = []
    for each in found:
        winner = newest.get(f"{each.resource.resource_type}/{each.resource.id}", each)
        if each is winner or _version(each) == _version(winner):
            kept.append(each)
        else:
            left.append(
                NotUnderstood(each.place, f"a newer version of it stands in {winner.place}")
            )
    return kept


def _version(found: Found) -> tuple[str, int]:
    meta = found.resource.meta
    version = meta.version_id if meta and meta.version_id else ""
    return (meta.last_updated or "" if meta else "", int(version) if version.isdecimal() else 0)


def _read_one(found: Found, desk: Desk) -> list[Finding | Taken]:
    """What one resource says; a date or a shape that cannot be read is a reason to list it."""
    resource = found.resource
    if resource.modifier_extension:
        return [
            NotUnderstood(found.place, "it has a modifier extension, which may turn its meaning")
        ]
    if resource.implicit_rules:
        return [
            NotUnderstood(found.place, f"it follows other rules: {resource.implicit_rules[:80]}")
        ]
    reader = READERS.get(resource.resource_type)
    if reader is None:
        return [NotUnderstood(found.place, f"{_a(resource.resource_type)} alone makes no fact")]
    try:
        return list(reader(found, resource, desk))
    except MomentError as error:
        return [NotUnderstood(found.place, str(error))]


__all__ = ["Reading", "read"]
