"""Who and what a resource points at: by id, full address, urn, contained, or identifier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from overstory.exchange.fhir.envelope import Placed
from overstory.exchange.fhir.shapes import (
    LOOKED_UP_TYPES,
    READ_TYPES,
    Identifier,
    Peek,
    Reference,
    Resource,
)

PEEK = msgspec.json.Decoder(Peek)
DECODERS: dict[str, msgspec.json.Decoder[Resource]] = {
    name: msgspec.json.Decoder(shape) for name, shape in {**READ_TYPES, **LOOKED_UP_TYPES}.items()
}
Shape = TypeVar("Shape", bound=Resource)


@dataclass(frozen=True, slots=True)
class Found:
    """A resource that was decoded, the text it came from, and its path with its type and id."""

    resource: Resource
    placed: Placed
    place: str


def found_at(placed: Placed, resource: Resource) -> Found:
    """Return the resource with its path, and its type and id where the path does not show them."""
    if resource.id is None or placed.place == resource.resource_type:
        return Found(resource, placed, placed.place)
    return Found(resource, placed, f"{placed.place} ({resource.resource_type}/{resource.id})")


@dataclass
class Addresses:
    """Every resource of the document by the addresses that others may use for it."""

    by_address: dict[str, Found] = field(default_factory=dict)

    def add(self, found: Found) -> None:
        """Remember a resource by its type and id, and by its full address."""
        resource = found.resource
        if resource.id:
            self.by_address.setdefault(f"{resource.resource_type}/{resource.id}", found)
        if found.placed.full_url:
            self.by_address.setdefault(found.placed.full_url, found)

    def find(self, reference: Reference | None, *, inside: Resource) -> Resource | None:
        """Return the resource that is meant, or None where the document does not hold it."""
        if reference is None or not reference.reference:
            return None
        target = reference.reference
        if target.startswith("#"):
            return contained(inside, target[1:])
        for address in addresses_of(target):
            if address in self.by_address:
                return self.by_address[address].resource
        return None


def addresses_of(target: str) -> Iterable[str]:
    """Yield the address as written, without its version, and without its server."""
    unversioned = target.split("/_history/", maxsplit=1)[0]
    yield unversioned
    parts = unversioned.rsplit("/", 2)
    if len(parts) == 3:
        yield f"{parts[1]}/{parts[2]}"


def contained(inside: Resource, id_: str) -> Resource | None:
    """Return the resource of this id that stands inside another, or None."""
    for raw in inside.contained:
        try:
            peek = PEEK.decode(raw)
            if peek.id == id_ and peek.resource_type in DECODERS:
                return DECODERS[peek.resource_type].decode(raw)
        except msgspec.MsgspecError:
            continue
    return None


def same_identifier(one: Identifier, other: Identifier) -> bool:
    """Return whether two identifiers have the same value in the same system."""
    return one.value is not None and (one.system, one.value) == (other.system, other.value)
