"""What a session needs: a place or device, and people by role, for which minutes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from overstory.clinic.people.permissions import Role

Session = Mapping[str, Any]
"""A session of a plan as `overstory.plan/1` has it."""

DEVICES = {"tms": "tms-device", "kap": "room"}
"""What a treatment is given in or by; any other in a chair."""

ROLES: Mapping[str, tuple[Role, ...]] = {
    "technician": (Role.TECHNICIAN,),
    "nurse": (Role.NURSE,),
    "therapist": (Role.THERAPIST,),
    "prescriber": (Role.PSYCHIATRIST, Role.MEDICAL_DIRECTOR),
}
"""Who can be what a protocol asks for. Someone of several roles counts for the first of these only."""
INSTEAD = {"trained-staff": "nurse"}
WATCHING = frozenset({"nurse", "technician"})
"""The roles of which one may watch several people at once."""


@dataclass(frozen=True, slots=True, order=True)
class StaffSpan:
    """
    Somebody of a role, in minutes from the beginning of a session.

    `whole` takes a person, `watch` a share of one who may watch others too, `there` asks only that one
    is on the site.
    """

    role: str
    begins: int
    ends: int
    how: Literal["whole", "watch", "there"]


@dataclass(frozen=True, slots=True)
class Needs:
    """What one session needs: the kind of place, its minutes, those until the place is free, people."""

    kind: str
    minutes: int
    place_minutes: int
    staff: tuple[StaffSpan, ...]


def kind_for(treatment: str) -> str:
    """Return the kind of resource that a treatment needs."""
    return DEVICES.get(treatment, "chair")


def needs_of(session: Session, *, turnaround_minutes: int) -> Needs:
    """
    Return what a session of a plan needs.

    In the room, preparing and treating have a person whole, and the watch a share of one; on the site,
    one has to be there. The minutes are those of the plan; turnaround follows in the place alone.
    """
    minutes = session["minutes"]
    chair = minutes["chair"]
    parts = {
        "prepare": (0, minutes["prepare"]),
        "treat": (minutes["prepare"], min(minutes["prepare"] + minutes["treat"], chair)),
        "observe": (max(chair - minutes["observe"], 0), chair),
    }
    spans: list[StaffSpan] = []
    for person in session.get("people", ()):
        role = INSTEAD.get(person["role"], person["role"])
        during = [parts[each] for each in person["during"] if parts[each][0] < parts[each][1]]
        if not during:
            continue
        if person["where"] != "in-room":
            spans.append(StaffSpan(role, min(during)[0], max(during)[1], "there"))
        else:
            spans += _in_room(role, person["during"], parts)
    return Needs(kind_for(session["treatment"]), chair, chair + turnaround_minutes, tuple(spans))


def _in_room(role: str, during: list[str], parts: Mapping[str, tuple[int, int]]) -> list[StaffSpan]:
    """Whole while preparing and treating, then a share while watching."""
    shared = "observe" in during and role in WATCHING
    busy = [parts[each] for each in during if not (each == "observe" and shared)]
    busy = [each for each in busy if each[0] < each[1]]
    found: list[StaffSpan] = []
    free_from = 0
    if busy:
        begins, free_from = min(busy)[0], max(ends for _, ends in busy)
        found.append(StaffSpan(role, begins, free_from, "whole"))
    if shared:
        begins, ends = parts["observe"]
        if max(begins, free_from) < ends:
            found.append(StaffSpan(role, max(begins, free_from), ends, "watch"))
    return found
