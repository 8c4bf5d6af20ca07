"""
What the permission matrix puts into addresses: for each argument of a route, a row or a word.

**You added a route?** `test_matrix.py` finds it by itself and asks it as every role, with rows of
the own clinic, of another person, and of another clinic. It only needs to know what its arguments are:

* The argument names a row (`<uuid:letter_id>`): add a line to `ROWS` with the argument's name and a
  function that makes such a row in a `House` and returns its key. `house.make(Model, …)` makes a row
  with all that must be filled in; give by name what matters, such as `person=house.person`.
  A house stands for one person of one clinic: make the row hang on them.
* It is a word (`<slug:kind>`, `<lang:lang>`): add it to `WORDS`, one value that is valid.
* The same name means different rows on different routes: use `route_name/argument` as the name.
* The page answers 404 for a role that may enter, with the bare rows made here (it needs more state
  than that): add the route to `NEEDS_MORE` with the reason. Its refusals are tested all the same.
* Two rows need not belong together (as in a merge): add the argument to `FREE` with the reason.

Who may enter is read from the view's own mark (`@may(...)`) and from `permissions.ROLES`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from overstory.clinic.arriving.models import ArrivalLink, Readiness
from overstory.clinic.booking.models import Appointment, Outage, Resource
from overstory.clinic.care import planning_actions
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.assessing import record_assessment
from overstory.clinic.care.consenting import shown_text
from overstory.clinic.care.models import (
    Assessment,
    CarePlan,
    ChoiceLink,
    Consent,
    ImportedRecord,
    Note,
    NoteVersion,
    StatedFact,
    StatedTrial,
)
from overstory.clinic.config.sealed import SealedBytesField, SealedField, SealedJSONField
from overstory.clinic.holds.models import HoldRow
from overstory.clinic.intake.models import CareRequest, IntakeLink, Letter, Questionnaire, Upload
from overstory.clinic.people.actions import staff as staff_actions
from overstory.clinic.people.models import (
    Clinic,
    Closure,
    Contact,
    Cover,
    DutyLeave,
    Invitation,
    OnCall,
    Person,
    Shift,
    Site,
    Staff,
)  # fmt: skip
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.models import Alert
from overstory.clinic.week.models import Repair, Waiting
from tests.clinic.knowing import state_example


@dataclass
class House:
    """One person of one clinic, and the rows made for them, each once."""

    clinic: Clinic
    site: Site
    person: Person
    staff: Staff
    held: dict[str, Any] = field(default_factory=dict)

    def make(self, model: type[models.Model], **known: Any) -> Any:
        """Make a row; what must be filled in and is not given is filled with anything that fits."""
        for each in model._meta.concrete_fields:
            if each.name not in known and self._must(each):
                known[each.name] = self._anything(each)
        return model.objects.create(**known)

    def key(self, route: str, argument: str) -> Any:
        """Return the value of an argument of a route."""
        name = next(
            each for each in (f"{route}/{argument}", argument) if each in ROWS or each in WORDS
        )
        if name in WORDS:
            return WORDS[name]
        if name not in self.held:
            self.held[name] = ROWS[name](self)
        return self.held[name]

    @staticmethod
    def _must(column: models.Field) -> bool:
        return not (
            column.null
            or column.has_default()
            or column.blank
            or column.primary_key
            or isinstance(column, models.GeneratedField)
        )

    def _anything(self, column: models.Field) -> Any:
        if isinstance(column, models.ForeignKey):
            at_hand = {Clinic: self.clinic, Site: self.site, Person: self.person, Staff: self.staff}
            return at_hand[column.related_model]
        if column.choices:
            return column.choices[0][0]
        for kind, value in (
            (SealedJSONField, {}), (SealedBytesField, b"x"), (SealedField, "x"), (models.JSONField, {}),
            (models.DateTimeField, timezone.now()), (models.DateField, timezone.now().date()),
            (models.TimeField, timezone.now().time()), (models.UUIDField, uuid.uuid4()),
            (models.BooleanField, False), (models.IntegerField, 1),
        ):  # fmt: skip
            if isinstance(column, kind):
                return value
        return uuid.uuid4().hex[: column.max_length or 8]


def _span(house: House) -> dict[str, Any]:
    now = timezone.now()
    return {"staff": house.staff, "starts": now, "ends": now + timedelta(hours=8)}


def _other(house: House) -> uuid.UUID:
    return house.make(Person, legal_name="Otto Other").pk


def _colleague(house: House) -> uuid.UUID:
    number = Staff.objects.count()
    who = Staff.objects.create_user(
        f"colleague{number}@example.org",
        None,
        clinic=house.clinic,
        name="Cora Colleague",
        called="C",
    )
    return who.pk


def _token(house: House) -> str:
    number = Invitation.objects.count()
    return staff_actions.invite(
        clinic=house.clinic, email=f"new{number}@example.org", name="Nia Newcomer",
        roles=[Role.NURSE], by=house.staff, at=timezone.now(),
    )  # fmt: skip


def _questionnaire(house: House) -> Questionnaire:
    if "questionnaire" not in house.held:
        house.held["questionnaire"] = house.make(
            Questionnaire, person=house.person, pack="depression", made_by=house.staff
        )
    return house.held["questionnaire"]


def _plan(house: House) -> uuid.UUID:
    """A plan that was drafted once; its text is the same in every house."""
    if CarePlan not in WRITTEN:
        now = timezone.now()
        state_example(house.person, now, name="sam")
        start = now.date() + timedelta(days=7 - now.weekday())
        wish = planning_actions.Wish(id=uuid.uuid4(), treatment="esketamine", start=start)
        row = planning_actions.draft(person=house.person, wish=wish, by=house.staff, at=now)
        WRITTEN[CarePlan] = _told(row)
        row.person.stated_facts.all().delete()
        return row.pk
    return house.make(
        CarePlan, clinic=house.clinic, person=house.person, course=uuid.uuid4(), **WRITTEN[CarePlan]
    ).pk


def _assessment(house: House) -> uuid.UUID:
    if Assessment not in WRITTEN:
        row = record_assessment(
            person=house.person, key=uuid.uuid4(), force=in_force(house.clinic), by=house.staff,
            at=timezone.now(),
        )  # fmt: skip
        WRITTEN[Assessment] = _told(row)
        return row.pk
    return house.make(Assessment, person=house.person, **WRITTEN[Assessment]).pk


def _note(house: House) -> Note:
    """A note with one version."""
    if "note" not in house.held:
        house.held["note"] = note = house.make(Note, person=house.person, draft=[])
        house.held["version"] = house.make(NoteVersion, note=note, number=1)
    return house.held["note"]


def _version(house: House) -> uuid.UUID:
    _note(house)
    return house.held["version"].pk


BUNDLE = '{"resourceType": "Bundle", "type": "collection", "entry": []}'
WRITTEN: dict[type[models.Model], dict[str, Any]] = {}
"""What rows that take long to work out hold, beside whose they are."""


def _told(row: models.Model) -> dict[str, Any]:
    return {
        each.name: getattr(row, each.name)
        for each in row._meta.concrete_fields
        if not each.primary_key and not each.is_relation and each.name != "course"
    }


def _appointment(house: House) -> uuid.UUID:
    now = timezone.now() + timedelta(days=1)
    made = house.make(
        Appointment, person=house.person, clinician=house.staff, kind="evaluation", starts=now, minutes=60,
        wall_date=now.date(), wall_time=now.time(), zone=house.site.time_zone,
    )  # fmt: skip
    return made.pk


def _outage(house: House) -> uuid.UUID:
    """An outage of the resource that the address names too."""
    now = timezone.now()
    resource = Resource.objects.get(pk=house.key("outage_end", "resource_id"))
    return house.make(Outage, resource=resource, starts=now, ends=now + timedelta(hours=1)).pk


def _freed(house: House) -> uuid.UUID:
    """An appointment that was given up."""
    found = Appointment.objects.get(pk=_appointment(house))
    found.state = "cancelled"
    found.save()
    return found.pk


def _waiting(house: House) -> uuid.UUID:
    lost = Appointment.objects.get(pk=_freed(house))
    return house.make(
        Waiting, person=house.person, appointment=lost, kind="lost", urgency="soon"
    ).pk


def _choice_link(house: House) -> uuid.UUID:
    now = timezone.now()
    house.person.choice_links.filter(revoked_at=None).update(revoked_at=now)
    return house.make(ChoiceLink, person=house.person, expires_at=now + timedelta(days=1)).pk


def _arrival_link(house: House) -> uuid.UUID:
    now = timezone.now()
    house.person.arrival_links.filter(revoked_at=None).update(revoked_at=now)
    return house.make(ArrivalLink, person=house.person, expires_at=now + timedelta(days=1)).pk


def _readiness(house: House) -> uuid.UUID:
    """Answers that wait for review, before the visit that the address names too."""
    visit = Appointment.objects.get(pk=house.key("before_visit", "appointment_id"))
    return house.make(Readiness, appointment=visit, state="open", waits=True, by=house.staff).pk


def _consent(house: House) -> uuid.UUID:
    """A signature under the text of now."""
    shown = shown_text(
        person=house.person, treatment="tms", language="en",
        knowledge=in_force(house.clinic).knowledge,
    )  # fmt: skip
    return house.make(
        Consent, person=house.person, treatment="tms", text=shown.content,
        text_sha256=shown.sha256, signer="self", how_read="read", has_capacity=True, language="en",
    ).pk  # fmt: skip


ROWS: dict[str, Callable[[House], Any]] = {
    "person_id": lambda house: house.person.pk,
    "other_id": _other,
    "contact_id": lambda house: house.make(Contact, person=house.person).pk,
    "cover_id": lambda house: house.make(Cover, person=house.person).pk,
    "staff_id": _colleague,
    "invitation_id": lambda house: house.make(Invitation, clinic=house.clinic, roles=[]).pk,
    "invitation/token": _token,
    "shift_id": lambda house: house.make(Shift, site=house.site, **_span(house)).pk,
    "leave_id": lambda house: house.make(DutyLeave, **_span(house)).pk,
    "on_call_id": lambda house: house.make(OnCall, clinic=house.clinic, **_span(house)).pk,
    "site_id": lambda house: house.site.pk,
    "closure_id": lambda house: house.make(Closure, site=house.site).pk,
    "resource_id": lambda house: house.make(Resource, site=house.site, kind="chair", seats=1).pk,
    "outage_id": _outage,
    "slug": lambda house: house.site.slug,
    "alert_id": lambda house: (
        house.make(
            Alert, person=house.person, tier="high", raised_by="system", source=uuid.uuid4().hex
        ).pk
    ),
    "request_id": lambda house: house.make(CareRequest, name=house.person.legal_name).pk,
    "upload_id": lambda house: (
        house.make(Upload, person=house.person, care_request=None, kind="pdf").pk
    ),
    "letter_id": lambda house: house.make(Letter, person=house.person).pk,
    "form_id": lambda house: _questionnaire(house).pk,
    "link_id": lambda house: (
        house.make(
            IntakeLink,
            questionnaire=_questionnaire(house),
            expires_at=timezone.now() + timedelta(days=1),
        ).pk
    ),
    "assessment_id": _assessment,
    "retract_trial/row_id": lambda house: house.make(StatedTrial, person=house.person, trial={}).pk,
    "retract_fact/row_id": lambda house: (
        house.make(StatedFact, person=house.person, name="pregnant", value=False).pk
    ),
    "plan_id": _plan,
    "worklist_line/row_id": _plan,
    "worklist_give/row_id": _plan,
    "hold_row_id": lambda house: (
        house.make(HoldRow, kind="self-pay", person=house.person, treatment="tms").pk
    ),
    "site_row_id": lambda house: (
        house.make(HoldRow, kind="none-needed", site=house.site, treatment="tms").pk
    ),
    "choice_link_id": _choice_link,
    "arrival_link_id": _arrival_link,
    "readiness_id": _readiness,
    "consent_id": _consent,
    "appointment_id": _appointment,
    "freed/appointment_id": _freed,
    "waiting_id": _waiting,
    "repair_id": lambda house: house.make(Repair, site=house.site).pk,
    "note_id": lambda house: _note(house).pk,
    "version_id": _version,
    "record_id": lambda house: (
        house.make(
            ImportedRecord, person=house.person, content=BUNDLE, zone=house.site.time_zone
        ).pk
    ),
}
"""The row that an argument names, made in a house."""
WORDS: dict[str, Any] = {
    "lang": "en",
    "pk": 999_999,  # a passkey that nobody has
    "open_link/token": "no-such-token",
    "choice_open/token": "no-such-token",
    "arrival_open/token": "no-such-token",
    "calendar_feed/token": "no-such-token",
    "moment": "before",
    "treatment": "tms",
    "alert_act/kind": "note",
    "request_act/what": "take",
    "fact/name": "pregnant",
    "state_fact/name": "pregnant",
    "retract_fact/name": "pregnant",
    "key": "1",
    "plan_event/event": "pause",
    "plan_edit/n": 2,
    "state": "cancelled",
    "listed": "to-sign",
}
"""Arguments that name no row of a clinic."""
FREE: dict[str, str] = {
    "other_id": "a second person of the clinic, by its nature another one",
    "slug": "the public page of a site; it is there for everybody",
    "token": "an invitation stands for itself",
}
"""Arguments that need not belong to the person in the same address, and why."""
NEEDS_MORE: dict[str, str] = {
    "record_from_upload": "needs an upload that holds a FHIR bundle",
    "mfa_remove_webauthn": "needs a passkey of one's own",
    "mfa_edit_webauthn": "needs a passkey of one's own",
    "mfa_deactivate_totp": "needs an app that was enrolled",
    "mfa_view_recovery_codes": "needs codes that were made",
    "mfa_download_recovery_codes": "needs codes that were made",
}
"""Routes whose page is missing with bare rows for those who may enter, and why."""
