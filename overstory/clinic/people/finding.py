"""Finding persons: by name, birth date, phone or e-mail; and those who may be one person twice."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from difflib import SequenceMatcher

from django.db.models import Q

from overstory.clinic.people.actions.persons import PersonDetails
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.persons import Person, PersonQuerySet

DAY_FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %b %Y", "%d %B %Y")
FEWEST_DIGITS = 4
LAST_DIGITS = 7
"""The digits of a phone number that stay the same with and without country and area."""
ALIKE = 0.8
MOST = 20


def find(clinic: Clinic, text: str) -> PersonQuerySet:
    """Return the clinic's persons to whom all words of a search fit; without words, all of them."""
    found = clinic.persons.present().order_by("legal_name", "pk")
    text = " ".join(text.split())[:120]
    born = _day(text)
    if born is not None:
        return found.filter(birth_date=born)
    digits = re.sub(r"\D", "", text)
    if len(digits) >= FEWEST_DIGITS and not re.search(r"[^\d\s+().\-/]", text):
        return found.filter(phone_digits__contains=digits)
    for word in text.split():
        found = found.filter(
            Q(legal_name__icontains=word) | Q(called__icontains=word) | Q(email__istartswith=word)
        )
    return found


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
        if (len(digits) == LAST_DIGITS and each.phone_digits.endswith(digits))
        or (details.email and each.email.casefold() == details.email.casefold())
        or _alike(each, details)
    ]
    return found[:MOST]


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


def _alike(person: Person, details: PersonDetails) -> bool:
    """Return whether two people born on one day have names that may be one name."""
    if person.birth_date is None or person.birth_date != details.birth_date:
        return False
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
