"""Closing the holds of a plan in tests, one kind at a time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

from overstory.clinic.booking.holding import holds_of_plan, settle_course
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.consenting import shown_text
from overstory.clinic.care.consenting_actions import Signing
from overstory.clinic.care.consenting_actions import sign as sign_consent
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.holds import actions
from overstory.clinic.holds.values import CourseHolds
from overstory.clinic.people.models import Cover, Person, Staff

PAYER = "Invented Mutual"


def said(words: str = "Written in a test.") -> actions.Words:
    return actions.Words(uuid4(), words)


def kept_by(found: CourseHolds) -> set[str]:
    """The ids of what keeps the next session from being confirmed."""
    return {each.id for each in found.keeping}


def insure(person: Person, at: datetime, payer: str = PAYER) -> None:
    Cover.objects.create(person=person, insurer=payer, since=at)


def authorize(person: Person, by: Staff, at: datetime, **instead):
    day = at.astimezone(person.site.zone).date()
    known = {
        "payer": PAYER, "treatment": "esketamine", "number": "A-7781", "units": 40,
        "first_day": day, "last_day": day + timedelta(days=200),
    }  # fmt: skip
    approved = actions.Approved(**{**known, **instead})
    return actions.authorize(person=person, approved=approved, said=said(), by=by, at=at)


def enrol(of, by: Staff, at: datetime, on: date | None = None):
    enrolled = actions.Enrolled("esketamine", "R-100", on or at.date())
    return actions.enrol(of=of, enrolled=enrolled, said=said(), by=by, at=at)


def check(
    plan: CarePlan, need: str, by: Staff, at: datetime, *, day=None, clear=True, decide=False
):
    on = at.astimezone(plan.person.site.zone).date()
    checked = actions.Checked(need, day, on, clear)
    return actions.check(
        plan=plan, checked=checked, said=said(), may_decide=decide, by=by, at=at
    )  # fmt: skip


def consent(person: Person, treatment: str, by: Staff, at: datetime):
    force = in_force(person.clinic)
    shown = shown_text(person=person, treatment=treatment, language="en", knowledge=force.knowledge)
    signing = Signing(
        key=uuid4(), treatment=treatment, route=shown.document.routes[0] if shown.document.routes else "",
        language="en", sha256=shown.sha256, typed_name=person.legal_name, signer="self",
        how_read="read", has_capacity=True, capacity_words="Weighs it and says a choice.",
        teach_back="Said back in their own words.", dose_today=False, copy_given=True,
    )  # fmt: skip
    return sign_consent(person=person, signing=signing, force=force, by=by, at=at)


def close_all(plan: CarePlan, by: Staff, at: datetime) -> CourseHolds:
    """Put everything on record that keeps the next session of a plan from being confirmed."""
    person = plan.person
    insure(person, at)
    for treatment in {each["treatment"] for each in plan.content["sessions"]}:
        authorize(person, by, at, treatment=treatment)
        consent(person, treatment, by, at)
    if plan.treatment == "esketamine":
        enrol(person, by, at)
        enrol(person.site, by, at)
    for hold in holds_of_plan(plan, at=at).keeping:
        if hold.need and hold.way == "check":
            check(plan, hold.need, by, at, day=hold.for_day)
    settle_course(plan, actor=f"staff:{by.pk}", at=at)
    return holds_of_plan(plan, at=at)
