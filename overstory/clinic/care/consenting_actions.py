"""What is written of consent: a signature under the exact text, and its withdrawal."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.care.adopted import InForce
from overstory.clinic.care.consenting import LANGUAGES, Shown, dosing_days, shown_text
from overstory.clinic.care.consenting_rows import Consent, ConsentWithdrawal
from overstory.clinic.care.facts import facts_of
from overstory.clinic.people.models import Person, Staff
from overstory.pathway.consent import consent_policy, needs_witness

CAN_CONSENT = "can_consent"


class NotSignableError(ValueError):
    """A consent that cannot be signed; the message says what stands against it."""


class TextChangedError(NotSignableError):
    """The text in use is not the one that was shown."""


@dataclass(frozen=True, slots=True)
class Signing:
    """
    A signature as it is given, with what the clinician notes of it.

    `sha256` is of the text that was shown. `has_capacity` and `dose_today` are the clinician's
    answers; None is no answer, and nothing is signed without them.
    """

    key: UUID
    treatment: str
    route: str
    language: str
    sha256: str
    typed_name: str
    signer: str
    how_read: str
    has_capacity: bool | None
    capacity_words: str
    teach_back: str
    dose_today: bool | None
    copy_given: bool
    relation: str = ""
    authority: str = ""
    witness_name: str = ""


@transaction.atomic
def sign(*, person: Person, signing: Signing, force: InForce, by: Staff, at: datetime) -> Consent:
    """
    Keep a signature under the text that was shown; sent twice, it is one row.

    :raises TextChangedError: if the text in use is another than the one that was shown.
    :raises NotSignableError: if anything else stands against it; the message says all of it.
    """
    held = _held(person)
    again = Consent.objects.filter(pk=signing.key).first()
    if again is not None:
        if (again.person_id, again.text_sha256) != (held.pk, signing.sha256):
            raise NotSignableError("This form was sent before, for something else.")
        return again
    shown = _shown(held, signing, force)
    against = _against(held, signing, shown, force, at)
    if against:
        raise NotSignableError(" ".join(against))
    row = _write(held, signing, shown, force, by, at)
    _note(held, "took a consent", by, at, row)
    return row


@transaction.atomic
def withdraw(*, consent: Consent, words: str, by: Staff, at: datetime) -> ConsentWithdrawal:
    """Take a consent back; taken back twice, the first time holds."""
    held = Consent.objects.select_for_update().get(pk=consent.pk)
    again = ConsentWithdrawal.objects.filter(consent=held).first()
    if again is not None:
        return again
    row = ConsentWithdrawal.objects.create(consent=held, words=words.strip(), by=by, at=at)
    _note(consent.person, "withdrew a consent", by, at, held)
    return row


def _shown(person: Person, signing: Signing, force: InForce) -> Shown:
    if signing.language not in LANGUAGES:
        raise NotSignableError("There is no text in this language.")
    shown = shown_text(
        person=person,
        treatment=signing.treatment,
        language=signing.language,
        knowledge=force.knowledge,
    )
    if shown is None:
        raise NotSignableError("There is no document for this treatment where the clinic is.")
    if shown.sha256 != signing.sha256:
        raise TextChangedError("The text has changed since it was shown. Read it again.")
    return shown


def _against(
    person: Person, signing: Signing, shown: Shown, force: InForce, at: datetime
) -> list[str]:
    """Return all that stands against a signature; what is not known stands against it."""
    found = []
    if force.adopted is None:
        found.append("The knowledge is not adopted: the medical director adopts it first.")
    elif not force.may_sign:
        found.append(force.adopted.problem)
    if signing.route not in shown.document.routes:
        found.append("Say by which route it is given.")
    if signing.has_capacity is not True:
        found.append("Without capacity for this decision, judged now, nothing is signed.")
    elif facts_of(person, at, force.knowledge)[CAN_CONSENT].value is False:
        found.append("The record says that the person cannot consent. Settle that fact first.")
    if not (signing.capacity_words.strip() and signing.teach_back.strip()):
        found.append("Note how capacity was judged and what the person said back.")
    found += _against_the_day(person, signing, at)
    found += _against_the_signer(person, signing, force)
    return found


def _against_the_day(person: Person, signing: Signing, at: datetime) -> list[str]:
    """Nobody signs on the day of a dose; whether it counts for a session is asked later."""
    today = at.astimezone(person.site.zone).date()
    if signing.dose_today is None:
        return ["Say whether a sedating dose is given or due today."]
    if signing.dose_today or today in dosing_days(person):
        return ["A dose is given or due today: sign on another day, with a clear head."]
    return []


def _against_the_signer(person: Person, signing: Signing, force: InForce) -> list[str]:
    found = []
    policy = consent_policy(force.knowledge)
    if signing.signer == "self":
        if _plain(signing.typed_name) != _plain(person.legal_name):
            found.append(f"The name is signed as it is on record: {person.legal_name}.")
    elif not (
        signing.typed_name.strip() and signing.relation.strip() and signing.authority.strip()
    ):
        found.append("Name the representative, their relation and what gives them the right.")
    if needs_witness(how=signing.how_read, signer=signing.signer, policy=policy):
        witness = _plain(signing.witness_name)
        if not witness:
            found.append("A witness signs here: name them.")
        elif witness in (_plain(signing.typed_name), _plain(person.legal_name)):
            found.append("The witness is somebody else than who signs.")
    return found


def _write(
    person: Person, signing: Signing, shown: Shown, force: InForce, by: Staff, at: datetime
) -> Consent:
    return Consent.objects.create(
        id=signing.key,
        person=person,
        document=shown.document.id,
        treatment=signing.treatment,
        route=signing.route,
        jurisdiction=shown.document.jurisdiction,
        version=shown.document.version,
        language=signing.language,
        text=shown.content,
        text_sha256=shown.sha256,
        knowledge_version=force.knowledge.version,
        knowledge_sha256=force.knowledge.sha256,
        signer=signing.signer,
        typed_name=" ".join(signing.typed_name.split()),
        relation=signing.relation.strip(),
        authority=signing.authority.strip(),
        meaning=shown.content["meaning"],
        how_read=signing.how_read,
        witness_name=" ".join(signing.witness_name.split()),
        has_capacity=True,
        capacity_words=signing.capacity_words.strip(),
        teach_back=signing.teach_back.strip(),
        copy_given=signing.copy_given,
        clinician=by,
        signed_at=at,
    )


def _plain(name: str) -> str:
    """Return a name without case, accents and doubled spaces, to compare what was typed."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(each for each in apart if not unicodedata.combining(each)).split())


def _held(person: Person) -> Person:
    """Return the person, about whom nobody else writes until this is done."""
    rows = Person.objects.select_for_update(of=("self",)).select_related("clinic", "site")
    return rows.get(pk=person.pk)


def _note(person: Person, action: str, by: Staff, at: datetime, row: Consent) -> None:
    more = {"consent": str(row.pk), "document": row.document, "sha256": row.text_sha256}
    record(Deed(person.clinic_id, at, by.actor, action, f"person:{person.pk}", more))
