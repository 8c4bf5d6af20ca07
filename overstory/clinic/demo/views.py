"""The door of the invented clinic: who there is, what each would look at, one click to be them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth import login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.demo.entering import is_open
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.doors import public
from overstory.clinic.people.permissions import Role
from overstory.clinic.people.staff import Staff

BACKEND = "overstory.clinic.people.entering.StaffBackend"
LOOKS_AT = {
    Role.COORDINATOR: "Requests: who asked, who is late, who owns it. Then People and the calendar.",
    Role.NURSE: "Alerts, questionnaires that came in, and the board of a person: answer what is missing.",
    Role.PSYCHIATRIST: "A person's board: verdicts with reasons and sources. Draft, sign and book a plan.",
    Role.MEDICAL_DIRECTOR: "Knowledge: what was adopted, and adopting it again. Alerts that stay open.",
    Role.TECHNICIAN: "The calendar of the TMS devices, and people before their course.",
    Role.THERAPIST: "Alerts, safety plans and follow-up contacts.",
    Role.MANAGER: "Roster, staff and sites.",
    Role.AUDITOR: "Who saw and did what, and whether the record still holds.",
}
ARRIVES = {
    Role.COORDINATOR: "requests", Role.NURSE: "alerts", Role.PSYCHIATRIST: "people",
    Role.MEDICAL_DIRECTOR: "knowledge", Role.TECHNICIAN: "calendar", Role.THERAPIST: "alerts",
    Role.MANAGER: "roster", Role.AUDITOR: "audit",
}  # fmt: skip
"""The page on which each role arrives; what is not there yet leads home."""


@public
@never_cache
@require_GET
def demo(request: HttpRequest) -> HttpResponse:
    """Show the staff of the invented clinics, and the pages of their sites."""
    if not is_open(request):
        raise Http404
    clinics = [_shown(each) for each in Clinic.objects.order_by("name")]
    return render(request, "demo/demo.html", {"clinics": clinics, "is_invented": True})


@public
@require_POST
def enter(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Sign in as someone of the staff of an invented clinic."""
    if not is_open(request):
        raise Http404
    staff = get_object_or_404(
        Staff.objects.filter(clinic__is_invented=True, is_active=True), pk=staff_id
    )
    login(request, staff, backend=BACKEND)
    request.session["invented-sign-in"] = True
    with transaction.atomic():
        record(
            Deed(staff.clinic_id, timezone.now(), staff.actor, "signed in by one click",
                 staff.actor)
        )  # fmt: skip
    return redirect(_arrival(staff))


def _arrival(staff: Staff) -> str:
    return next((ARRIVES[role] for role in ARRIVES if role.value in staff.role_names), "home")


def _shown(clinic: Clinic) -> dict[str, Any]:
    staff = clinic.staff.working().prefetch_related("roles").order_by("name")
    rows = [_row(each) for each in staff]
    order = {role: place for place, role in enumerate(LOOKS_AT)}
    return {
        "clinic": clinic,
        "sites": clinic.sites.order_by("name"),
        "staff": sorted(rows, key=lambda row: (order.get(row["role"], 99), row["staff"].name)),
    }


def _row(staff: Staff) -> dict[str, Any]:
    roles = [Role(each.role) for each in staff.roles.all() if each.until is None]
    role = next((each for each in LOOKS_AT if each in roles), None)
    return {
        "staff": staff,
        "role": role,
        "label": ", ".join(each.label for each in roles),
        "looks_at": LOOKS_AT.get(role, "") if role else "",
    }
