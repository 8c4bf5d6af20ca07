"""What a site states that closes holds: its enrolment, and which payers need no authorization."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.care.adopted import in_force
from overstory.clinic.holds import actions
from overstory.clinic.holds.enrolling import programmes
from overstory.clinic.holds.forms import EnrolmentForm, NoneNeededForm, TakeBackForm
from overstory.clinic.holds.models import ENROLMENT, NONE_NEEDED, HoldRow, of_kind, standing
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Site
from overstory.clinic.people.permissions import May


@may(May.RUN_SITE_HOLDS)
@require_GET
def site_holds(request: StaffRequest, site_id: UUID) -> HttpResponse:
    """Show the enrolments of a site, and which payers need no authorization there."""
    return render(request, "booking/site_holds.html", _shown(request, _mine(request, site_id)))


@may(May.RUN_SITE_HOLDS)
@require_POST
def enrol(request: StaffRequest, site_id: UUID) -> HttpResponse:
    """Keep that the site is enrolled as a setting."""
    site = _mine(request, site_id)
    form = EnrolmentForm(request.POST, treatments=_programmes(request))
    if not form.is_valid():
        return _again(request, site, enrolment_form=form)
    try:
        actions.enrol(
            of=site, enrolled=form.enrolled(), said=form.said(), by=request.user, at=timezone.now()
        )
    except actions.HoldRowError as error:
        form.add_error(None, str(error))
        return _again(request, site, enrolment_form=form)
    return _kept(request, site)


@may(May.RUN_SITE_HOLDS)
@require_POST
def none_needed(request: StaffRequest, site_id: UUID) -> HttpResponse:
    """Keep that a payer needs no authorization for a treatment at the site."""
    site = _mine(request, site_id)
    form = NoneNeededForm(request.POST)
    if not form.is_valid():
        return _again(request, site, none_needed_form=form)
    given = form.cleaned_data
    try:
        actions.needs_none(
            site=site, payer=given["payer"], treatment=given["treatment"], said=form.said(),
            by=request.user, at=timezone.now(),
        )  # fmt: skip
    except actions.HoldRowError as error:
        form.add_error(None, str(error))
        return _again(request, site, none_needed_form=form)
    return _kept(request, site)


@may(May.RUN_SITE_HOLDS)
@require_POST
def end(request: StaffRequest, site_id: UUID, site_row_id: UUID) -> HttpResponse:
    """Take back what a site stated."""
    site = _mine(request, site_id)
    row = get_object_or_404(HoldRow, site=site, pk=site_row_id)
    form = TakeBackForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was taken back: say why.")
        return redirect("site_holds", site.pk)
    try:
        actions.take_back(row=row, said=form.said(), by=request.user, at=timezone.now())
    except actions.HoldRowError as error:
        messages.error(request, str(error))
        return redirect("site_holds", site.pk)
    return _kept(request, site, words="Taken back.")


def _kept(request: StaffRequest, site: Site, *, words: str = "Kept.") -> HttpResponse:
    messages.success(
        request, f"{words} The courses of {site.name} are brought in line within minutes."
    )
    return redirect("site_holds", site.pk)


def _again(request: StaffRequest, site: Site, **form: Form) -> HttpResponse:
    return render(request, "booking/site_holds.html", _shown(request, site) | form, status=422)


def _mine(request: StaffRequest, site_id: UUID) -> Site:
    found: Site = get_object_or_404(request.clinic.sites.all(), pk=site_id)
    return found


def _programmes(request: StaffRequest) -> tuple[str, ...]:
    return programmes(in_force(request.clinic).knowledge, request.clinic.jurisdiction)


def _shown(request: StaffRequest, site: Site) -> dict[str, Any]:
    rows = standing(HoldRow.objects.of([], [site.pk]))
    treatments = _programmes(request)
    return {
        "site": site, "zone": site.time_zone, "programmes": treatments,
        "enrolments": of_kind(rows, ENROLMENT), "none_needed": of_kind(rows, NONE_NEEDED),
        "enrolment_form": EnrolmentForm(treatments=treatments, auto_id="id_enrol_%s"),
        "none_needed_form": NoneNeededForm(auto_id="id_none_%s"), "take_back": TakeBackForm(),
    }  # fmt: skip
