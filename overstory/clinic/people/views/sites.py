"""Pages about sites: what they say of themselves, hours, closures."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.people.actions import sites as actions
from overstory.clinic.people.clinics import Site
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.forms.sites import ClosureForm, HoursForm, SiteForm
from overstory.clinic.people.permissions import May


@require_GET
@may(May.RUN_SITES)
def sites(request: StaffRequest) -> HttpResponse:
    """List the clinic's sites."""
    return render(request, "people/sites.html", {"sites": request.clinic.sites.order_by("name")})


@may(May.RUN_SITES)
def site_new(request: StaffRequest) -> HttpResponse:
    """Add a site."""
    form = SiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        site = actions.add_site(
            key=form.cleaned_data["key"],
            clinic=request.clinic,
            details=form.details(),
            by=request.user,
            at=timezone.now(),
        )
        return redirect("site_one", site_id=site.pk)
    status = 422 if form.is_bound else 200
    return render(request, "people/site_new.html", {"form": form}, status=status)


@require_GET
@may(May.RUN_SITES)
def site(request: StaffRequest, site_id: UUID) -> HttpResponse:
    """Show a site: what it says of itself, its hours, its closures."""
    return _site(request, _of(request, site_id))


@require_POST
@may(May.RUN_SITES)
def site_edit(request: StaffRequest, site_id: UUID) -> HttpResponse:
    """Change what a site says of itself."""
    found = _of(request, site_id)
    form = SiteForm(request.POST, site=found)
    if not form.is_valid():
        return _site(request, found, status=422, form=form)
    actions.edit_site(site=found, details=form.details(), by=request.user, at=timezone.now())
    return _saved(request, found)


@require_POST
@may(May.RUN_SITES)
def site_hours(request: StaffRequest, site_id: UUID) -> HttpResponse:
    """Set a site's hours."""
    found = _of(request, site_id)
    form = HoursForm(request.POST, held=[])
    if not form.is_valid():
        return _site(request, found, status=422, hours_form=form)
    actions.set_hours(site=found, hours=form.hours(), by=request.user, at=timezone.now())
    return _saved(request, found)


@require_POST
@may(May.RUN_SITES)
def closure_add(request: StaffRequest, site_id: UUID) -> HttpResponse:
    """Close a site on some days."""
    found = _of(request, site_id)
    form = ClosureForm(request.POST)
    if not form.is_valid():
        return _site(request, found, status=422, closure_form=form)
    actions.add_closure(site=found, **form.cleaned_data, by=request.user, at=timezone.now())
    return _saved(request, found)


@require_POST
@may(May.RUN_SITES)
def closure_end(request: StaffRequest, site_id: UUID, closure_id: UUID) -> HttpResponse:
    """Take a closure back."""
    found = _of(request, site_id)
    closure = get_object_or_404(found.closures, pk=closure_id)
    actions.end_closure(closure=closure, by=request.user, at=timezone.now())
    return _saved(request, found)


def _of(request: StaffRequest, site_id: UUID) -> Site:
    return get_object_or_404(request.clinic.sites, pk=site_id)


def _saved(request: StaffRequest, found: Site) -> HttpResponse:
    messages.success(request, "Saved.")
    return redirect("site_one", site_id=found.pk)


def _site(request: StaffRequest, found: Site, *, status: int = 200, **forms: Any) -> HttpResponse:
    held = {each.name: getattr(found, each.name) for each in fields(actions.SiteDetails)}
    shown = {
        "site": found,
        "closures": found.closures.filter(ended_at=None).order_by("first_day"),
        "form": SiteForm(initial=held, site=found),
        "hours_form": HoursForm(held=list(found.hours.all())),
        "closure_form": ClosureForm(),
        **forms,
    }
    return render(request, "people/site.html", shown, status=status)
