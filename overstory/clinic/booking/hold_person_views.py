"""Who pays for a person's treatment, with the units left, and their enrolments."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.booking.holding import in_force_of, settle_courses, visits_of
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.reaching import person_of
from overstory.clinic.holds import actions
from overstory.clinic.holds.enrolling import programmes
from overstory.clinic.holds.forms import (
    AuthorizationForm,
    EnrolmentForm,
    SelfPayForm,
    TakeBackForm,
)
from overstory.clinic.holds.models import (
    AUTHORIZATION,
    ENROLMENT,
    NONE_NEEDED,
    SELF_PAY,
    HoldRow,
    of_kind,
    standing,
)
from overstory.clinic.holds.paying import counted_rows
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Cover, Person
from overstory.clinic.people.permissions import May, allowed


@may(May.SEE_PLAN)
@require_GET
def payers(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show authorizations with their units, who pays, and enrolments."""
    person = person_of(request, person_id)
    return render(request, "booking/payers.html", _shown(request, person))


@may(May.WORK_HOLDS)
@require_POST
def authorize(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Keep an authorization typed from a payer's letter."""
    person, now = person_of(request, person_id), timezone.now()
    form = AuthorizationForm(request.POST, payers=_insurers(person.ids))
    if not form.is_valid():
        return _again(request, person, authorization_form=form)
    try:
        actions.authorize(
            person=person, approved=form.approved(), said=form.said(), by=request.user, at=now
        )
    except actions.HoldRowError as error:
        form.add_error(None, str(error))
        return _again(request, person, authorization_form=form)
    return _kept(request, person, now)


@may(May.WORK_HOLDS)
@require_POST
def self_pay(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Keep that the person pays for a treatment themselves."""
    person, now = person_of(request, person_id), timezone.now()
    form = SelfPayForm(request.POST)
    if not form.is_valid():
        return _again(request, person, self_pay_form=form)
    treatment = form.cleaned_data["treatment"]
    try:
        actions.pays_self(
            person=person, treatment=treatment, said=form.said(), by=request.user, at=now
        )
    except actions.HoldRowError as error:
        form.add_error(None, str(error))
        return _again(request, person, self_pay_form=form)
    return _kept(request, person, now)


@may(May.WORK_HOLDS)
@require_POST
def enrol(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Keep that the person is enrolled in the safety programme of a treatment."""
    person, now = person_of(request, person_id), timezone.now()
    form = EnrolmentForm(request.POST, treatments=_programmes(request))
    if not form.is_valid():
        return _again(request, person, enrolment_form=form)
    try:
        actions.enrol(
            of=person, enrolled=form.enrolled(), said=form.said(), by=request.user, at=now
        )
    except actions.HoldRowError as error:
        form.add_error(None, str(error))
        return _again(request, person, enrolment_form=form)
    return _kept(request, person, now)


@may(May.WORK_HOLDS)
@require_POST
def end(request: StaffRequest, person_id: UUID, hold_row_id: UUID) -> HttpResponse:
    """Take back an authorization, that someone pays themselves, an enrolment, or a check."""
    person, now = person_of(request, person_id), timezone.now()
    row = get_object_or_404(HoldRow, person__in=person.ids, pk=hold_row_id)
    form = TakeBackForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was taken back: say why.")
        return redirect("payers", person.pk)
    try:
        actions.take_back(
            row=row, said=form.said(), by=request.user, at=now,
            may_decide=May.DECIDE in allowed(request.user.role_names),
        )  # fmt: skip
    except actions.HoldRowError as error:
        messages.error(request, str(error))
        return redirect("payers", person.pk)
    return _kept(request, person, now, words="Taken back.")


def _kept(
    request: StaffRequest, person: Person, now: datetime, *, words: str = "Kept."
) -> HttpResponse:
    settle_courses(in_force_of(person.ids), actor=request.actor, at=now)
    messages.success(request, words)
    return redirect("payers", person.pk)


def _again(request: StaffRequest, person: Person, **form: Form) -> HttpResponse:
    return render(request, "booking/payers.html", _shown(request, person) | form, status=422)


def _insurers(ids: list[UUID]) -> list[str]:
    covers = Cover.objects.filter(person__in=ids, until=None).order_by("since")
    return list(dict.fromkeys(each.insurer for each in covers))


def _programmes(request: StaffRequest) -> tuple[str, ...]:
    return programmes(in_force(request.clinic).knowledge, request.clinic.jurisdiction)


def _shown(request: StaffRequest, person: Person) -> dict[str, Any]:
    ids, treatments = person.ids, _programmes(request)
    insurers = _insurers(ids)
    every = list(HoldRow.objects.of(ids, [person.site_id]))
    rows = standing(every)
    own = [each for each in rows if each.person_id is not None]
    return {
        "person": person, "site": person.site, "zone": person.site.time_zone,
        "insurers": insurers, "programmes": treatments, "take_back": TakeBackForm(),
        "authorizations": counted_rows(
            of_kind(own, AUTHORIZATION), visits_of(ids), insurers=insurers
        ),
        "self_pays": of_kind(own, SELF_PAY), "enrolments": of_kind(own, ENROLMENT),
        "none_needed": of_kind(rows, NONE_NEEDED),
        "history": [each for each in reversed(every) if each.person_id is not None],
        "authorization_form": AuthorizationForm(payers=insurers, auto_id="id_auth_%s"),
        "self_pay_form": SelfPayForm(auto_id="id_self_%s"),
        "enrolment_form": EnrolmentForm(treatments=treatments, auto_id="id_enrol_%s"),
    }  # fmt: skip
