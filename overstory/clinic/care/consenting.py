"""Which consents a person has given, and whether one counts for a session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from overstory.clinic.care.adopted import InForce, in_force
from overstory.clinic.care.consenting_rows import Consent
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.models import Person, Site
from overstory.exchange.consent.text import consent_json, consent_text
from overstory.exchange.content_hash import content_sha256
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.consent import ConsentDocument, ConsentPolicy
from overstory.pathway.consent import (
    Session,
    Signature,
    Standing,
    before_of,
    consent_policy,
    document_of,
    ends_at,
    standing_of,
)

LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as it is shown for signing: its content and the hash that a signature names."""

    document: ConsentDocument
    content: dict[str, Any]
    sha256: str


@dataclass(frozen=True, slots=True)
class SignedConsent:
    """
    A signature as a reader sees it.

    `is_whole` says that the text kept still has the hash that was signed; `is_current` that it is the
    text in use now, in its language. `ends` is when it has to be given again.
    """

    row: Consent
    is_whole: bool
    is_current: bool
    ends: datetime
    is_newest: bool
    standing: Standing

    @property
    def counts(self) -> bool:
        """Whether it is the one that counts, for a session after the day of signing."""
        fine = self.standing in (Standing.STANDS, Standing.TOO_LATE)
        return self.is_newest and self.is_whole and fine


@dataclass(frozen=True, slots=True)
class TreatmentConsent:
    """One treatment: the document in use where the person is, if any, and the newest signature."""

    treatment: str
    document: ConsentDocument | None
    newest: SignedConsent | None
    before: str


def standing(
    person: Person, treatment: str, at: datetime, *, route: str = "", force: InForce | None = None
) -> Consent | None:
    """
    Return the consent that counts for a session of a treatment starting at a moment; else None.

    The newest signature decides: one that was withdrawn, is too old, is for another route, or whose
    text is not what was signed, is none. One given on the day of a dose (for TMS: not before the
    session) counts for later sessions only, and leaves the one before it in force until then.
    A combination needs the consents of its parts besides its own.
    """
    rows = Consent.objects.of(person.ids).filter(treatment=treatment, signed_at__lte=at)
    policy = consent_policy((force or in_force(person.clinic)).knowledge)
    return standing_in(rows, _session(person.site, at, route), policy)


def standing_in(rows: Iterable[Consent], session: Session, policy: ConsentPolicy) -> Consent | None:
    """Return the consent that counts for a session, of one treatment's, the newest first."""
    for row in rows:
        if row.signed_at > session.starts:
            continue
        found = standing_of(signature_of(row), session, policy)
        if found is Standing.STANDS and is_whole(row):
            return row
        if found is not Standing.TOO_LATE:
            return None
    return None


def shown_text(
    *, person: Person, treatment: str, language: str, knowledge: Knowledge
) -> Shown | None:
    """Return the text that a person reads and signs now; none where there is no document."""
    document = document_of(
        treatment=treatment, jurisdiction=person.clinic.jurisdiction, knowledge=knowledge
    )
    if document is None:
        return None
    content = consent_json(consent_text(document, knowledge=knowledge, language=language))
    return Shown(document, content, content_sha256(content))


def is_whole(row: Consent) -> bool:
    """Return whether the text that is kept is the text that was signed."""
    return content_sha256(row.text) == row.text_sha256


def signature_of(row: Consent) -> Signature:
    """Return a row as the rules see it."""
    return Signature(
        treatment=row.treatment,
        route=row.route,
        signed_at=row.signed_at,
        withdrawn_at=row.withdrawn_at,
    )


def consents_of(person: Person, *, force: InForce, at: datetime) -> tuple[SignedConsent, ...]:
    """Return every signature of a person, the newest first."""
    policy = consent_policy(force.knowledge)
    seen: set[str] = set()
    found = []
    for row in Consent.objects.of(person.ids):
        found.append(_signed(row, person, force, at, policy, is_newest=row.treatment not in seen))
        seen.add(row.treatment)
    return tuple(found)


def by_treatment(
    person: Person, signed: tuple[SignedConsent, ...], *, force: InForce
) -> tuple[TreatmentConsent, ...]:
    """Return each treatment with its document and its newest signature."""
    named = [each.treatment for each in force.knowledge.sections["consent_documents"]]
    newest = {each.row.treatment: each for each in signed if each.is_newest}
    policy = consent_policy(force.knowledge)
    return tuple(
        TreatmentConsent(
            treatment=each,
            document=document_of(
                treatment=each,
                jurisdiction=person.clinic.jurisdiction,
                knowledge=force.knowledge,
            ),
            newest=newest.get(each),
            before=before_of(each, policy),
        )
        for each in dict.fromkeys(named)
    )


def signed_consent(row: Consent, person: Person, *, force: InForce, at: datetime) -> SignedConsent:
    """Return one signature as a reader sees it."""
    newest = Consent.objects.of(person.ids).filter(treatment=row.treatment).first()
    policy = consent_policy(force.knowledge)
    return _signed(row, person, force, at, policy, is_newest=newest == row)


def dosing_days(person: Person) -> frozenset[date]:
    """Return the days for which a signed plan that goes on names a dose of a medicine."""
    plans = CarePlan.objects.filter(person__in=person.ids, signed_at__isnull=False, ended_at=None)
    newest: dict[Any, CarePlan] = {}
    for plan in plans.order_by("n"):
        newest[plan.course] = plan
    return frozenset(
        date.fromisoformat(session["date"])
        for plan in newest.values()
        for session in plan.content["sessions"]
        if session.get("dose")
    )


def _signed(
    row: Consent, person: Person, force: InForce, at: datetime, policy: ConsentPolicy, *,
    is_newest: bool,
) -> SignedConsent:  # fmt: skip
    now = shown_text(
        person=person, treatment=row.treatment, language=row.language, knowledge=force.knowledge
    )
    return SignedConsent(
        row=row,
        is_whole=is_whole(row),
        is_current=now is not None and now.sha256 == row.text_sha256,
        ends=ends_at(row.signed_at, person.site.zone, policy),
        is_newest=is_newest,
        standing=standing_of(signature_of(row), _session(person.site, at, ""), policy),
    )


def _session(site: Site, at: datetime, route: str) -> Session:
    return Session(starts=at, zone=site.zone, route=route)
