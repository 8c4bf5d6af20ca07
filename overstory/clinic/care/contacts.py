"""How a person can be reached, and who stands by them, in one query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, CharField, Value, When

from overstory.clinic.people.models import ChannelConsent, Contact
from overstory.clinic.safety.models import AlertAct

CHANNEL = "channel"
MOST_TOLD = 10
"""As many of the last numbers given with alerts as are shown."""


@dataclass(frozen=True, slots=True)
class Near:
    """Someone near to a person: an emergency contact, a guardian, a relative."""

    kind: str
    name: str
    phone: str
    relation: str
    call_first: bool


@dataclass(frozen=True, slots=True)
class PhoneTold:
    """A phone number given with an alert: to be reached then, which allows no other message."""

    phone: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reach:
    """The channels that a person last said yes to, and who stands by them now."""

    channels: tuple[str, ...]
    near: tuple[Near, ...]

    @property
    def has_emergency_contact(self) -> bool:
        """Whether someone is named for an emergency."""
        return any(each.kind == "emergency" for each in self.near)


def phones_told(acts: Iterable[AlertAct]) -> list[PhoneTold]:
    """Return the phone numbers given with alerts, of what was done about these: each once, newest first."""
    found: dict[str, PhoneTold] = {}
    for act in sorted(
        (each for each in acts if each.phone), key=lambda each: each.at, reverse=True
    ):
        found.setdefault(str(act.phone), PhoneTold(str(act.phone), act.at))
    return list(found.values())[:MOST_TOLD]


def reach_of(ids: Sequence[UUID]) -> Reach:
    """Return how a person can be reached, and by whom, whichever rows stand for them."""
    near = Contact.objects.filter(person__in=list(ids), until=None).values_list(
        "kind", "name", "phone", "relation", "since",
        Case(When(call_first=True, then=Value("yes")), default=Value("")),
    )  # fmt: skip
    said = ChannelConsent.objects.filter(person__in=list(ids)).values_list(
        Value(CHANNEL, output_field=CharField()),
        "channel",
        Case(When(is_given=True, then=Value("yes")), default=Value("")),
        Value("", output_field=CharField()),
        "at",
        Value("", output_field=CharField()),
    )
    rows = list(near.union(said, all=True))
    rows.sort(key=lambda row: row[4])
    channels = {row[1]: bool(row[2]) for row in rows if row[0] == CHANNEL}
    return Reach(
        channels=tuple(name for name, is_given in channels.items() if is_given),
        near=tuple(
            Near(kind=row[0], name=row[1], phone=row[2], relation=row[3], call_first=bool(row[5]))
            for row in rows
            if row[0] != CHANNEL
        ),
    )
