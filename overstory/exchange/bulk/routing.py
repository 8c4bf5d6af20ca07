"""Whose a line is: a person's, kept to be referred to, of a kind without facts, nobody's, or bad."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import msgspec

from overstory.exchange.fhir.references import DECODERS, addresses_of
from overstory.exchange.fhir.shapes import LOOKED_UP_TYPES, Reference

LONGEST_KEY = 512
SHAREABLE = frozenset({*LOOKED_UP_TYPES, "Device"})
"""What may stand in an export for nobody, and be referred to by many."""
MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Home(Enum):
    """Where a line belongs."""

    PERSON = "person"
    SHARED = "shared"
    WAITING = "waiting"
    PASSED = "passed"
    NOBODY = "nobody"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Route:
    """
    Where a line belongs.

    `key` is the person's id, the address of what is shared, or the identifier that stands for a
    person (waiting); `why` says what is wrong with a line that is bad or nobody's.
    """

    home: Home
    resource_type: str
    key: str = ""
    why: str = ""


class _Head(msgspec.Struct, kw_only=True, rename="camel", gc=False):
    """What tells whose a resource is."""

    resource_type: str
    id: str | None = None
    subject: Reference | None = None
    patient: Reference | None = None


class _Kind(msgspec.Struct, kw_only=True, rename="camel", gc=False):
    """What kind of resource a text is, whatever else is wrong with it."""

    resource_type: str


HEAD = msgspec.json.Decoder(_Head)
KIND = msgspec.json.Decoder(_Kind)


def route(text: bytes) -> Route:
    """Return where a line of an export belongs."""
    try:
        head = HEAD.decode(text)
    except msgspec.ValidationError as error:
        return _unshaped(text, str(error))
    except MALFORMED as error:
        return Route(Home.BAD, "", why=f"malformed JSON: {error}")
    kind = head.resource_type
    if kind not in DECODERS:
        return _without_reader(kind)
    if kind == "Patient":
        return _patient(head.id)
    about = head.subject or head.patient
    if about is None:
        return _about_nobody(head)
    return _about(kind, about)


def _unshaped(text: bytes, why: str) -> Route:
    """A line whose head has another shape; what is no resource, or a Patient, is bad."""
    try:
        kind = KIND.decode(text).resource_type
    except msgspec.ValidationError:
        return Route(Home.BAD, "", why=f"no resource of FHIR: {why}")
    except MALFORMED as error:
        return Route(Home.BAD, "", why=f"malformed JSON: {error}")
    if kind == "Patient":
        return Route(Home.BAD, kind, why=f"its shape is not that of FHIR R4: {why}")
    if kind not in DECODERS:
        return _without_reader(kind)
    return Route(Home.NOBODY, kind, why="its shape is not that of FHIR R4")


def _without_reader(kind: str) -> Route:
    if kind == "Bundle":
        why = (
            "a Bundle stands in the line; an export has one resource a line, and its files of "
            "deleted resources do not belong here"
        )
        return Route(Home.BAD, kind, why=why)
    return Route(Home.PASSED, kind[:80])


def _patient(id_: str | None) -> Route:
    if not id_:
        return Route(Home.BAD, "Patient", why="the Patient has no id")
    return _keyed(Home.PERSON, "Patient", id_)


def _about_nobody(head: _Head) -> Route:
    if head.resource_type not in SHAREABLE:
        return Route(Home.NOBODY, head.resource_type, why="it does not say whose it is")
    if not head.id:
        why = "it has no id, so nothing can refer to it"
        return Route(Home.NOBODY, head.resource_type, why=why)
    return _keyed(Home.SHARED, head.resource_type, f"{head.resource_type}/{head.id}")


def _about(kind: str, about: Reference) -> Route:
    target = about.reference
    if target is None:
        return _by_identifier(kind, about)
    if target.startswith("#"):
        return Route(Home.NOBODY, kind, why="it is about somebody who stands inside it")
    if "Patient/" not in target and not target.startswith("urn:"):
        whom = target.split("/", maxsplit=1)[0][:40] if "://" not in target else "another address"
        return Route(Home.NOBODY, kind, why=f"it is about a {whom}, not about a patient")
    return _keyed(Home.PERSON, kind, list(addresses_of(target))[-1].removeprefix("Patient/"))


def _by_identifier(kind: str, about: Reference) -> Route:
    named = about.identifier
    if about.type not in (None, "Patient"):
        return Route(Home.NOBODY, kind, why=f"it is about a {about.type}, not about a patient"[:80])
    if named is None or named.value is None:
        return Route(Home.NOBODY, kind, why="it does not say whose it is")
    return _keyed(Home.WAITING, kind, identifier_key(named.system, named.value))


def identifier_key(system: str | None, value: str) -> str:
    """Return what an identifier is waited for by."""
    return f"{system or ''}|{value}"


def _keyed(home: Home, kind: str, key: str) -> Route:
    if not key or len(key.encode()) > LONGEST_KEY:
        home = Home.BAD if kind == "Patient" else Home.NOBODY
        return Route(home, kind, why=f"the id of a person has 1 to {LONGEST_KEY} bytes")
    return Route(home, kind, key)
