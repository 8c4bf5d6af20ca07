"""Who the one who asked is: others who asked alike, and what a registration takes over from it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from overstory.clinic.intake.asking import CareRequest
from overstory.clinic.people.actions import (
    PersonDetails,
    add_contact,
    edit_person,
    say_channel,
)
from overstory.clinic.people.actions.persons import details_of
from overstory.clinic.people.finding import LAST_DIGITS, is_similar, same_number
from overstory.clinic.people.models import Person, Staff

FILLED = ("called", "birth_date", "phone", "email")
"""What a request may fill in where the person's details have nothing."""
LABELS = {
    "legal_name": "Name",
    "called": "Called",
    "birth_date": "Birth date",
    "phone": "Phone",
    "email": "E-mail",
}
NEAR = {"relative": "relative", "professional": "referrer"}
MOST_ALIKE = 10
NUMBER = re.compile(r"[+(]?\d[\d ().\-/]{5,}\d")
LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Difference:
    """A detail that was told otherwise than it stands on record."""

    label: str
    told: object
    held: object


def details_told(request: CareRequest) -> PersonDetails:
    """Return what a request tells of the person; a relative's e-mail address is the relative's."""
    return PersonDetails(
        legal_name=request.name,
        called=request.called,
        birth_date=request.birth_date,
        phone=request.phone,
        email="" if request.asker == "relative" else request.email,
        language=request.language,
    )


def differences(request: CareRequest, person: Person) -> list[Difference]:
    """Return what was told otherwise than it stands on record; what is unknown differs from nothing."""
    told, held = details_told(request), details_of(person)
    found = []
    for name, label in LABELS.items():
        one, other = getattr(told, name), getattr(held, name)
        is_same = same_number(one, other) if name == "phone" else _plain(one) == _plain(other)
        if one and other and not is_same:
            found.append(Difference(label, one, other))
    return found


def same_open(request: CareRequest) -> list[CareRequest]:
    """Return other open requests with the same phone, e-mail, or birth date and a similar name."""
    told = details_told(request)
    digits = re.sub(r"\D", "", told.phone)[-LAST_DIGITS:]
    same = Q(pk__in=[])
    if len(digits) == LAST_DIGITS:
        same |= Q(phone_digits__endswith=digits)
    if told.email:
        same |= Q(email__iexact=told.email) & ~Q(asker="relative")
    if told.birth_date:
        same |= Q(birth_date=told.birth_date)
    rows = CareRequest.objects.filter(same, clinic=request.clinic_id, closed_at=None).exclude(
        pk=request.pk
    )
    shown = rows.defer("words", "emergency_contact", "place").order_by("received_at", "pk")
    found = [
        each
        for each in shown[: 10 * MOST_ALIKE]
        if same_number(each.phone, told.phone)
        or (told.email and _plain(each.email) == _plain(told.email))
        or is_similar(details_told(each), told)
    ]
    return found[:MOST_ALIKE]


def take_over(request: CareRequest, person: Person, *, by: Staff, at: datetime) -> None:
    """Fill in what is missing, note who is near, and count what was said about being reached."""
    told, held = details_told(request), details_of(person)
    missing = {
        name: getattr(told, name)
        for name in FILLED
        if getattr(told, name) and not getattr(held, name)
    }
    filled = replace(held, **missing)
    edit_person(person=person, details=filled, site=person.site, by=by, at=at)
    if request.emergency_contact:
        add_contact(
            person=person, kind="emergency", name=request.emergency_contact[:200],
            phone=_number_in(request.emergency_contact),
            relation="", by=by, at=at,
        )  # fmt: skip
    if request.asker in NEAR and request.asker_name:
        add_contact(
            person=person, kind=NEAR[request.asker], name=request.asker_name,
            phone=request.asker_phone, relation=request.asker_relation, by=by, at=at,
            call_first=request.asker == "relative",
        )  # fmt: skip
    said = person.channels_said()
    origin = f"asked for care on {request.received_at:%Y-%m-%d}"
    for channel in _channels(request, filled):
        if channel not in said or said[channel].at <= request.received_at:
            say_channel(person=person, channel=channel, is_given=True, by=by, at=at, origin=origin)


def _channels(request: CareRequest, held: PersonDetails) -> list[str]:
    """
    Return by what the person said that they may be reached, at the number or address on record.

    A relative cannot say it for them; who refers can, if the person agreed.
    """
    if request.asker == "relative" or (request.asker == "professional" and not request.is_agreed):
        return []
    found = []
    if request.phone and same_number(request.phone, held.phone):
        found = ["phone", "text"] if request.prefers == "text" else ["phone"]
    if request.prefers == "email" and request.email and _plain(request.email) == _plain(held.email):
        found.append("email")
    return found


def _number_in(text: str) -> str:
    """Return the phone number that a text names; nothing where it names none, or several."""
    found: list[str] = NUMBER.findall(text)
    return found[0] if len(found) == 1 and len(found[0]) <= LONGEST_NUMBER else ""


def _plain(value: object) -> str:
    return " ".join(str(value or "").casefold().split())
