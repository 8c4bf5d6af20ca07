"""Finding persons: by name, birth date, phone or e-mail; and those who may be one person twice."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from difflib import SequenceMatcher
from uuid import UUID

from django.db.models import Q

from overstory.clinic.people.actions.persons import PersonDetails, details_of
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.persons import Person, PersonQuerySet

DAY_FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %b %Y", "%d %B %Y")
FEWEST_DIGITS = 4
LAST_DIGITS = 7
"""The digits of a phone number that stay the same with and without country and area."""
ALIKE = 0.8
MOST = 20
FEW = 5
MOST_MERGED = 200


def find(clinic: Clinic, text: str) -> PersonQuerySet:
    """
    Return the clinic's persons to whom all words of a search fit; without words, all of them.

    Who is found by a row that was merged into another is found by the row that was kept.
    """
    found = clinic.persons.present().order_by("legal_name", "pk")
    if not text.split():
        return found
    return found.filter(_fits(text) | Q(pk__in=found_before(clinic, text)))


def found_before(clinic: Clinic, text: str) -> dict[UUID, list[str]]:
    """Return by which names of merged rows a search finds the rows that were kept, by their ids."""
    if not text.split():
        return {}
    merged = clinic.persons.exclude(merged_into=None).order_by("legal_name", "pk")
    rows = merged.filter(_fits(text)).values_list("merged_into", "legal_name")[:MOST_MERGED]
    at = [(kept, name) for kept, name in rows if kept]
    found: dict[UUID, list[str]] = {}
    while at:
        on = clinic.persons.filter(pk__in={kept for kept, _ in at})
        next_of = dict(on.values_list("pk", "merged_into"))
        for kept, name in at:
            if next_of[kept] is None and name not in found.setdefault(kept, []):
                found[kept].append(name)
        at = [(after, name) for kept, name in at if (after := next_of[kept])]
    return found


def _fits(text: str) -> Q:
    """Return the condition that all words of a search set on one row."""
    text = " ".join(text.split())[:120]
    born = _day(text)
    if born is not None:
        return Q(birth_date=born)
    digits = re.sub(r"\D", "", text)
    if len(digits) >= FEWEST_DIGITS and not re.search(r"[^\d\s+().\-/]", text):
        return Q(phone_digits__contains=digits)
    fits = Q()
    for word in text.split():
        fits &= (
            Q(legal_name__icontains=word) | Q(called__icontains=word) | Q(email__istartswith=word)
        )
    return fits


def likely_same(clinic: Clinic, details: PersonDetails) -> list[Person]:
    """
    Return persons of the clinic who may be the one described.

    The same birth date and a similar name, or the same phone number or e-mail address.
    """
    digits = re.sub(r"\D", "", details.phone)[-LAST_DIGITS:]
    same = Q(pk__in=[])
    if details.birth_date is not None:
        same |= Q(birth_date=details.birth_date)
    if len(digits) == LAST_DIGITS:
        same |= Q(phone_digits__endswith=digits)
    if details.email:
        same |= Q(email__iexact=details.email)
    candidates = clinic.persons.present().filter(same).order_by("legal_name", "pk")[: 10 * MOST]
    found = [
        each
        for each in candidates
        if same_number(each.phone, details.phone)
        or (details.email and each.email.casefold() == details.email.casefold())
        or is_similar(details_of(each), details)
    ]
    return found[:MOST]


def named_or_born(clinic: Clinic, details: PersonDetails) -> list[Person]:
    """
    Return a few of the clinic's persons with the same name, or the same birth date.

    It says less than `likely_same`: who is none of those is not here by name or birth date at all.
    """
    same = Q(legal_name__iexact=" ".join(details.legal_name.split()))
    if details.birth_date is not None:
        same |= Q(birth_date=details.birth_date)
    rows = clinic.persons.filter(same).select_related("merged_into").order_by("legal_name", "pk")
    return list({each.kept.pk: each.kept for each in rows[:FEW]}.values())


def why_same(person: Person, details: PersonDetails) -> tuple[str, ...]:
    """Return in words what speaks for and against that a person is the one described."""
    said = []
    if same_number(person.phone, details.phone):
        said.append("same phone")
    if details.email and person.email.casefold() == details.email.casefold():
        said.append("same e-mail")
    if person.birth_date and details.birth_date:
        is_same = person.birth_date == details.birth_date
        said.append("same birth date" if is_same else "other birth date")
    theirs, ours = _words(person.legal_name), _words(details.legal_name)
    if theirs == ours:
        said.append("same name")
    else:
        is_like = _names_alike(details_of(person), details)
        said.append("similar name" if is_like else "other name")
    return tuple(said)


def same_number(one: str, other: str) -> bool:
    """Return whether two phone numbers are one, with or without country and area."""
    ends = [re.sub(r"\D", "", each)[-LAST_DIGITS:] for each in (one, other)]
    return ends[0] == ends[1] and len(ends[0]) == LAST_DIGITS


def doubles_of(person: Person) -> list[Person]:
    """Return those who may be this person once more."""
    details = PersonDetails(
        legal_name=person.legal_name,
        called=person.called,
        birth_date=person.birth_date,
        phone=person.phone,
        email=person.email,
    )
    return [each for each in likely_same(person.clinic, details) if each.pk != person.pk]


def is_similar(person: PersonDetails, details: PersonDetails) -> bool:
    """Return whether two people born on one day have names that may be one name."""
    if person.birth_date is None or person.birth_date != details.birth_date:
        return False
    return _names_alike(person, details)


def _names_alike(person: PersonDetails, details: PersonDetails) -> bool:
    theirs, ours = _words(person.legal_name), _words(details.legal_name)
    if not theirs or not ours:
        return True
    if theirs <= ours or ours <= theirs:
        return True
    if _words(person.called) & ours or _words(details.called) & theirs:
        return True
    first, second = " ".join(sorted(theirs)), " ".join(sorted(ours))
    return SequenceMatcher(None, first, second).ratio() >= ALIKE


def _words(name: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return set(re.findall(r"\w+", plain))


def _day(text: str) -> date | None:
    for form in DAY_FORMS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
