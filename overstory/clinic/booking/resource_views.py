"""Rooms, chairs and devices of the sites, and when they are out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.booking import resource_actions as actions
from overstory.clinic.booking.models import KINDS, Outage, Resource
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Clinic, Site
from overstory.clinic.people.permissions import May
from overstory.pathway.slots import WallTimeError, instant

AHEAD = timedelta(days=60)
PLACES = [each for each in KINDS if each != "staff"]


class ResourceForm(forms.Form):
    """A room, chair or device."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    site = forms.ModelChoiceField(queryset=Site.objects.none(), label="Site", empty_label=None)
    kind = forms.ChoiceField(
        label="What",
        choices=[(each, each.replace("tms", "TMS").replace("-", " ")) for each in PLACES],
    )
    name = forms.CharField(max_length=80, label="Name", help_text="As it is called on the door.")
    seats = forms.IntegerField(
        min_value=1,
        max_value=20,
        initial=1,
        label="How many at once",
        help_text="A chair takes one.",
    )

    def __init__(self, *args: Any, clinic: Clinic, **more: Any) -> None:
        more.setdefault("initial", {"id": uuid4(), "seats": 1})
        super().__init__(*args, **more)
        self.fields["site"].queryset = clinic.sites.order_by("name")  # type: ignore[attr-defined]


class OutageForm(forms.Form):
    """From when until when something is out, in the wall time of its site."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    first_day = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    first_time = forms.TimeField(label="At", widget=forms.TimeInput(attrs={"type": "time"}))
    last_day = forms.DateField(label="Until", widget=forms.DateInput(attrs={"type": "date"}))
    last_time = forms.TimeField(label="At", widget=forms.TimeInput(attrs={"type": "time"}))
    why = forms.CharField(max_length=200, label="Why")

    def __init__(self, *args: Any, resource: Resource, **more: Any) -> None:
        more.setdefault("initial", {"id": uuid4(), "first_time": "08:00", "last_time": "18:00"})
        super().__init__(*args, **more)
        self.zone = resource.site.zone

    def clean(self) -> dict[str, Any]:
        """Turn wall times into instants."""
        given = self.cleaned_data
        for end in ("first", "last"):
            if f"{end}_day" in given and f"{end}_time" in given:
                try:
                    given[end] = instant(
                        on=given[f"{end}_day"], at=given[f"{end}_time"], zone=self.zone
                    )
                except WallTimeError as error:
                    self.add_error(f"{end}_time", str(error))
        return given


@may(May.SEE_CALENDAR)
@require_GET
def resources(request: StaffRequest) -> HttpResponse:
    """Show what can be booked at each site, and when it is out."""
    return render(
        request, "booking/resources.html", _shown(request, ResourceForm(clinic=request.clinic))
    )


@may(May.RUN_SITES)
@require_POST
def resource_add(request: StaffRequest) -> HttpResponse:
    """Add a room, chair or device."""
    form = ResourceForm(request.POST, clinic=request.clinic)
    if form.is_valid():
        given = form.cleaned_data
        kept = actions.Kept(given["id"], given["kind"], given["name"].strip(), given["seats"])
        try:
            actions.add_resource(site=given["site"], kept=kept, by=request.user, at=timezone.now())
        except actions.ResourceError as error:
            form.add_error("name", str(error))
        else:
            return redirect("resources")
    return render(request, "booking/resources.html", _shown(request, form), status=422)


@may(May.RUN_SITES)
def resource(request: StaffRequest, resource_id: UUID) -> HttpResponse:
    """Show one resource with its outages and whom they meet; add an outage."""
    found = _mine(request, resource_id)
    form = OutageForm(request.POST if request.method == "POST" else None, resource=found)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.add_outage(
                key=given["id"], resource=found, starts=given["first"], ends=given["last"],
                why=given["why"], by=request.user, at=timezone.now(),
            )  # fmt: skip
        except actions.ResourceError as error:
            form.add_error("last_day", str(error))
        else:
            return redirect("resource", found.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "booking/resource.html", _one(found, form), status=status)


@may(May.RUN_SITES)
@require_POST
def outage_end(request: StaffRequest, resource_id: UUID, outage_id: UUID) -> HttpResponse:
    """Take an outage back."""
    found = _mine(request, resource_id)
    outage = get_object_or_404(found.outages.all(), pk=outage_id)
    actions.end_outage(outage=outage, by=request.user, at=timezone.now())
    return redirect("resource", found.pk)


@may(May.RUN_SITES)
@require_POST
def resource_retire(request: StaffRequest, resource_id: UUID) -> HttpResponse:
    """Take a resource out of use for good."""
    found = _mine(request, resource_id)
    try:
        actions.retire(resource=found, by=request.user, at=timezone.now())
    except actions.ResourceError as error:
        messages.error(request, str(error))
        return redirect("resource", found.pk)
    return redirect("resources")


def _mine(request: StaffRequest, resource_id: UUID) -> Resource:
    rows = Resource.objects.select_related("site__clinic").exclude(kind="staff")
    found: Resource = get_object_or_404(rows, site__clinic=request.clinic, pk=resource_id)
    return found


def _shown(request: StaffRequest, form: ResourceForm) -> dict[str, Any]:
    now = timezone.now()
    rows = (
        Resource.objects.filter(site__clinic=request.clinic, retired_at=None)
        .exclude(kind="staff")
        .select_related("site")
        .order_by("site__name", "kind", "name")
    )
    found = list(rows)
    outs: dict[UUID, list[Outage]] = {}
    ahead = Outage.objects.filter(
        resource__in=found, withdrawn_at=None, ends__gt=now, starts__lt=now + AHEAD
    )
    for each in ahead.order_by("starts"):
        outs.setdefault(each.resource_id, []).append(each)
    return {"form": form, "rows": [(each, outs.get(each.pk, [])) for each in found]}


def _one(found: Resource, form: OutageForm) -> dict[str, Any]:
    outages = found.outages.filter(withdrawn_at=None, ends__gt=timezone.now()).order_by("starts")
    met = [
        (each, actions.booked_on(found, starts=each.starts, ends=each.ends).count())
        for each in outages[:20]
    ]
    return {"resource": found, "zone": found.site.time_zone, "form": form, "outages": met}
