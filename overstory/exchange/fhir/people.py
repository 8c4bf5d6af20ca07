"""Whose record it is: one patient, age from the birth date, sex at birth where it is said to be that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from overstory.exchange.fhir.codebook import code_in
from overstory.exchange.fhir.desk import Desk
from overstory.exchange.fhir.envelope import FhirError
from overstory.exchange.fhir.gathering import Claim, Finding, NotUnderstood
from overstory.exchange.fhir.moments import Moment
from overstory.exchange.fhir.references import Found, addresses_of, same_identifier
from overstory.exchange.fhir.shapes import (
    Device,
    Extension,
    Patient,
    Reference,
    Resource,
)

BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
RECORDED_SEX = "http://hl7.org/fhir/StructureDefinition/individual-recordedSexOrGender"
AT_BIRTH = "76689-9"
SEXES = {
    "m": "male",
    "male": "male",
    "la2-8": "male",
    "f": "female",
    "female": "female",
    "la3-6": "female",
}


def read_patient(found: Found, patient: Patient, desk: Desk) -> Iterator[Finding]:
    """Yield the age, the sex at birth, and what stands in the way of either."""
    age = _age(found, patient, desk)
    sex = _sex_at_birth(found, patient)
    findings = [each for each in (age, sex) if each is not None]
    yield from findings
    if patient.deceased_boolean or patient.deceased_date_time:
        when = f" on {patient.deceased_date_time}" if patient.deceased_date_time else ""
        yield NotUnderstood(f"{found.place}.deceased", f"the patient is recorded as deceased{when}")
    if sex is None and patient.gender:
        why = f"administrative gender ({patient.gender}) is not sex at birth"
        yield NotUnderstood(f"{found.place}.gender", why)
    elif not findings:
        yield NotUnderstood(found.place, "it has neither a birth date nor a sex at birth")


def _age(found: Found, patient: Patient, desk: Desk) -> Finding | None:
    born = desk.moment(patient.birth_date)
    place = f"{found.place}.birthDate"
    if born is None:
        return None
    if born.earliest > desk.clock.at:
        return NotUnderstood(place, f"born {patient.birth_date}, after the moment asked about")
    oldest, youngest = (_years(each, desk.clock.at) for each in (born.earliest, born.latest))
    if oldest != youngest:
        why = (
            f"born {patient.birth_date}: {max(youngest, 0)} or {oldest} years old; ask for the day"
        )
        return NotUnderstood(place, why)
    return Claim("age_years", oldest, place, at=Moment(desk.clock.at, desk.clock.at))


def _years(born: datetime, at: datetime) -> int:
    had_birthday = (at.month, at.day) >= (born.month, born.day)
    return at.year - born.year - (0 if had_birthday else 1)


def _sex_at_birth(found: Found, patient: Patient) -> Finding | None:
    for index, extension in enumerate(patient.extension):
        place = f"{found.place}.extension[{index}]"
        if extension.url == BIRTH_SEX:
            return _sex(place, extension.value_code or "")
        if extension.url == RECORDED_SEX and _part(extension, "type") == AT_BIRTH.casefold():
            return _sex(place, _part(extension, "value"))
    return None


def _part(extension: Extension, name: str) -> str:
    for part in extension.extension:
        if part.url == name:
            return code_in(part.value_codeable_concept)
    return ""


def _sex(place: str, code: str) -> Finding:
    sex = SEXES.get(code.casefold())
    if sex is None:
        return NotUnderstood(
            place, f"the sex at birth {code or 'without a code'} is none that is read here"
        )
    return Claim("sex_at_birth", sex, place)


def the_patient(found: list[Found], *, name: str) -> tuple[str, Patient | None, set[str]]:
    """
    Return the id of the one patient, the patient's resource, and the addresses that mean the patient.

    Without a Patient resource it is the one that all resources are about.

    :raises FhirError: if there are two, or none.
    """
    patients = [each for each in found if isinstance(each.resource, Patient)]
    people = {_identity(each): each for each in patients}
    if len(people) > 1:
        places = " and ".join(each.placed.place for each in people.values())
        raise FhirError(
            "the document has two patients; give one document for each person",
            name=name,
            place=places,
        )
    if patients:
        one = patients[0]
        addresses = {f"Patient/{one.resource.id}"} if one.resource.id else set()
        addresses |= {each.placed.full_url for each in patients if each.placed.full_url}
        patient = one.resource
        assert isinstance(patient, Patient)
        if not addresses:
            only, _, addresses = _subject_of_all(found, name)
            return only, patient, addresses
        return patient.id or one.placed.full_url or "unnamed", patient, addresses
    return _subject_of_all(found, name)


def _identity(found: Found) -> str:
    return found.resource.id or found.placed.full_url or found.placed.place


def _subject_of_all(found: list[Found], name: str) -> tuple[str, None, set[str]]:
    subjects: dict[str, str] = {}
    for each in found:
        about = subject_of(each.resource)
        if about is not None and about.reference and _may_be_a_patient(about.reference, found):
            subjects.setdefault(list(addresses_of(about.reference))[-1], each.placed.place)
    if len(subjects) > 1:
        raise FhirError(
            f"the document is about two patients, {' and '.join(subjects)}; "
            "give one document for each person",
            name=name,
            place=" and ".join(subjects.values()),
        )
    if not subjects:
        return "unnamed", None, set()
    (address,) = subjects
    return address.removeprefix("Patient/").removeprefix("#"), None, {address}


def _may_be_a_patient(reference: str, found: list[Found]) -> bool:
    """Whether a subject that the document does not hold may be a patient; `#…` only of one resource."""
    if reference.startswith("#"):
        return len(found) == 1
    return "Patient/" in reference or reference.startswith("urn:")


def subject_of(resource: Resource) -> Reference | None:
    """Return who a resource is about."""
    return resource.subject or resource.patient


def someone_else(resource: Resource, patient: Patient | None, addresses: set[str]) -> str | None:
    """Return whom a resource is about if that is not the patient, or None."""
    about = subject_of(resource)
    if about is None:
        if isinstance(resource, Device):
            return "nobody; a device belongs to the patient only if it says so"
        return None
    if about.reference is None:
        return _by_identifier(about, patient)
    if about.reference in addresses:
        return None
    if about.reference.startswith("#"):
        return f"{about.reference}, who stands inside it"
    has_server = "://" in about.reference and any("://" in each for each in addresses)
    targets = list(addresses_of(about.reference))
    if addresses & set(targets[:1] if has_server else targets):
        return None
    return about.reference


def _by_identifier(about: Reference, patient: Patient | None) -> str | None:
    if about.type not in (None, "Patient"):
        return f"a {about.type}"
    if about.identifier is None or about.identifier.value is None:
        return None
    known = patient.identifier if patient else []
    if any(same_identifier(about.identifier, each) for each in known):
        return None
    return f"the person with the identifier {about.identifier.value}"
