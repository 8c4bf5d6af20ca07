"""Pages about staff: who works here, invitations, roles, one's own new account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.people.actions import staff as actions
from overstory.clinic.people.doors import StaffRequest, may, public
from overstory.clinic.people.forms.staff import AcceptForm, InviteForm, RoleForm
from overstory.clinic.people.permissions import May, Role
from overstory.clinic.people.staff import Staff
from overstory.clinic.ui.windows import window

BACKEND = "overstory.clinic.people.entering.StaffBackend"


@require_GET
@may(May.RUN_STAFF)
def staff_list(request: StaffRequest) -> HttpResponse:
    """List who works here and who is invited."""
    rows = request.clinic.staff.order_by("-is_active", "name", "pk").prefetch_related("roles")
    return render(request, "people/staff_list.html", _listed(request, window(request, rows)))


def _listed(request: StaffRequest, shown: Any) -> dict[str, Any]:
    at = timezone.now()
    open_ones = request.clinic.invitations.filter(accepted_at=None, withdrawn_at=None)
    return {"window": shown, "invitations": open_ones.order_by("-invited_at")[:50], "now": at}


@never_cache
@may(May.RUN_STAFF)
def staff_invite(request: StaffRequest) -> HttpResponse:
    """Invite someone; the letter's link is shown once."""
    form = InviteForm(request.POST or None)
    if request.method != "POST":
        return render(request, "people/staff_invite.html", {"form": form})
    if not form.is_valid():
        return render(request, "people/staff_invite.html", {"form": form}, status=422)
    try:
        token = actions.invite(
            clinic=request.clinic,
            email=form.cleaned_data["email"],
            name=form.cleaned_data["name"],
            roles=form.roles_given(),
            by=request.user,
            at=timezone.now(),
        )
    except actions.StaffError as error:
        form.add_error("email", str(error))
        return render(request, "people/staff_invite.html", {"form": form}, status=422)
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    return render(request, "people/staff_invited.html", {"link": link, "form": form})


@require_POST
@may(May.RUN_STAFF)
def invitation_withdraw(request: StaffRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_object_or_404(request.clinic.invitations, pk=invitation_id)
    actions.withdraw(invitation=invitation, by=request.user, at=timezone.now())
    return redirect("staff")


@require_GET
@may(May.RUN_STAFF)
def staff_one(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    """Show one member of staff: roles held and had, account."""
    return _one(request, _staff(request, staff_id))


@require_POST
@may(May.RUN_STAFF)
def role_give(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    """Give someone a role."""
    return _change_role(request, staff_id, actions.give_role)


@require_POST
@may(May.RUN_STAFF)
def role_end(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    """End a role of someone."""
    return _change_role(request, staff_id, actions.end_role)


@require_POST
@may(May.RUN_STAFF)
def staff_deactivate(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    """Close an account."""
    return _change(request, staff_id, actions.deactivate)


@require_POST
@may(May.RUN_STAFF)
def staff_reactivate(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    """Open a closed account again."""
    return _change(request, staff_id, actions.reactivate)


@require_POST
@may(May.RUN_STAFF)
def staff_lost_factor(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    """Let someone who lost their second factor enrol a new one."""
    return _change(request, staff_id, actions.lose_second_factors)


@sensitive_post_parameters("password", "again")
@never_cache
@public
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation, and make an account of it; then a second factor is set up."""
    at = timezone.now()
    found = actions.open_invitation(token, at=at)
    if found is None:
        return render(request, "people/invitation_over.html", status=404)
    form = AcceptForm(
        request.POST or None,
        email=found.email,
        name=found.name,
        initial={"called": found.name.split()[0]},
    )
    shown = {"form": form, "invitation": found, "clinic": found.clinic}
    if request.method != "POST":
        return render(request, "people/invitation.html", shown)
    if not form.is_valid():
        return render(request, "people/invitation.html", shown, status=422)
    given = form.cleaned_data
    try:
        staff = actions.accept(
            token=token,
            called=given["called"],
            phone=given["phone"],
            password=given["password"],
            at=at,
        )
    except actions.StaffError as error:
        form.add_error(None, str(error))
        return render(request, "people/invitation.html", shown, status=409)
    request.session.flush()
    login(request, staff, backend=BACKEND)
    _proven_by_password(request, staff)
    return redirect("mfa_index")


def _proven_by_password(request: HttpRequest, staff: Staff) -> None:
    """Count the password just set as proof, so that the second factor is enrolled at once."""
    from allauth.account.internal.flows.login import record_authentication

    record_authentication(request, staff, method="password", reauthenticated=True)


def _staff(request: StaffRequest, staff_id: UUID) -> Staff:
    return get_object_or_404(request.clinic.staff, pk=staff_id)


def _change_role(request: StaffRequest, staff_id: UUID, do: Callable[..., None]) -> HttpResponse:
    form = RoleForm(request.POST)
    staff = _staff(request, staff_id)
    if not form.is_valid():
        return _one(request, staff, form=form, status=422)
    return _change(request, staff_id, do, role=Role(form.cleaned_data["role"]))


def _change(
    request: StaffRequest, staff_id: UUID, do: Callable[..., None], **more: Any
) -> HttpResponse:
    staff = _staff(request, staff_id)
    try:
        do(staff=staff, by=request.user, at=timezone.now(), **more)
    except actions.StaffError as error:
        return _one(request, staff, status=409, refused=str(error))
    messages.success(request, "Saved.")
    return redirect("staff_one", staff_id=staff.pk)


def _one(request: StaffRequest, staff: Staff, *, status: int = 200, **more: Any) -> HttpResponse:
    roles = list(staff.roles.order_by("-since"))
    shown = {
        "staff": staff,
        "held": [each for each in roles if each.until is None],
        "had": [each for each in roles if each.until is not None],
        "form": RoleForm(),
        **more,
    }
    return render(request, "people/staff_one.html", shown, status=status)
