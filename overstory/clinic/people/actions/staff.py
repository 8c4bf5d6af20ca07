"""Staff: invited, given roles, sent away; a clinic keeps its medical director and its manager."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from overstory.clinic.people.actions.recording import keep
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.permissions import Role
from overstory.clinic.people.staff import Invitation, Staff, StaffRole
from overstory.clinic.people.ways import ways_of

NEVER_WITHOUT = (Role.MEDICAL_DIRECTOR, Role.MANAGER)
TOKEN_BYTES = 32


class StaffError(ValueError):
    """A change among staff that is refused; the message says why."""


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(
    *, clinic: Clinic, email: str, name: str, roles: Sequence[Role], by: Staff, at: datetime
) -> str:
    """
    Invite someone to an account with these roles; return the token of the letter, kept nowhere.

    An older invitation to the same address no longer opens.

    :raises StaffError: if they work here already.
    """
    email = email.strip().lower()
    if clinic.staff.filter(email__iexact=email).exists():
        raise StaffError("There is an account with this address already.")
    clinic.invitations.filter(email=email, accepted_at=None, withdrawn_at=None).update(
        withdrawn_at=at
    )
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation.objects.create(
        clinic=clinic,
        email=email,
        name=name,
        roles=[each.value for each in roles],
        token_hash=hash_of(token),
        invited_by=by,
        invited_at=at,
        expires_at=at + timedelta(days=ways_of(clinic.ways).invitation_days),
    )
    subject = f"invitation:{invitation.pk}"
    keep(clinic, "invited staff", subject, by=by, at=at, roles=invitation.roles)
    return token


@transaction.atomic
def withdraw(*, invitation: Invitation, by: Staff, at: datetime) -> None:
    """Take an invitation back."""
    still = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if still.update(withdrawn_at=at):
        keep(
            invitation.clinic, "withdrew an invitation", f"invitation:{invitation.pk}", by=by, at=at
        )


def open_invitation(token: str, *, at: datetime) -> Invitation | None:
    """Return the invitation that a token opens now; None if it opens none."""
    return (
        Invitation.objects.select_related("clinic")
        .filter(token_hash=hash_of(token), accepted_at=None, withdrawn_at=None, expires_at__gt=at)
        .first()
    )


@transaction.atomic
def accept(*, token: str, called: str, phone: str, password: str | None, at: datetime) -> Staff:
    """
    Make the account that an invitation offers; the token opens nothing after.

    Without a password nobody can sign in by one.

    :raises StaffError: if the token opens nothing now, or the address has an account.
    """
    invitation = open_invitation(token, at=at)
    if invitation is None:
        raise StaffError("This invitation is over. Ask the clinic for a new one.")
    if Staff.objects.filter(email__iexact=invitation.email).exists():
        raise StaffError("There is an account with this address already. Sign in instead.")
    still = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not still.update(accepted_at=at):
        raise StaffError("This invitation is over. Ask the clinic for a new one.")
    staff = Staff.objects.create_user(
        invitation.email,
        password,
        clinic=invitation.clinic,
        name=invitation.name,
        called=called or invitation.name,
        phone=phone,
        date_joined=at,
    )
    StaffRole.objects.bulk_create(
        StaffRole(staff=staff, role=each, since=at) for each in invitation.roles
    )
    keep(
        invitation.clinic, "accepted an invitation", staff.actor, by=staff, at=at,
        invitation=str(invitation.pk),
    )  # fmt: skip
    return staff


@transaction.atomic
def give_role(*, staff: Staff, role: Role, by: Staff, at: datetime) -> None:
    """
    Give someone a role; a role already held is held once.

    :raises StaffError: if they would give it to themselves.
    """
    _not_oneself(staff, by)
    _, is_new = StaffRole.objects.get_or_create(
        staff=staff, role=role.value, until=None, defaults={"since": at}
    )
    if is_new:
        keep(staff.clinic, "gave a role", staff.actor, by=by, at=at, role=role.value)


@transaction.atomic
def end_role(*, staff: Staff, role: Role, by: Staff, at: datetime) -> None:
    """
    End a role that someone has.

    :raises StaffError: if it is their own, or the clinic would be without a director or manager.
    """
    _not_oneself(staff, by)
    _lock(staff.clinic)
    _not_the_last(staff, [role.value])
    if StaffRole.objects.filter(staff=staff, role=role.value, until=None).update(until=at):
        keep(staff.clinic, "ended a role", staff.actor, by=by, at=at, role=role.value)


@transaction.atomic
def deactivate(*, staff: Staff, by: Staff, at: datetime) -> None:
    """
    Close an account: no session of it opens a page any more; nothing it did is lost.

    :raises StaffError: if it is their own, or the clinic would be without a director or manager.
    """
    _not_oneself(staff, by)
    _lock(staff.clinic)
    _not_the_last(staff, list(staff.role_names))
    if Staff.objects.filter(pk=staff.pk, is_active=True).update(is_active=False):
        keep(staff.clinic, "closed an account", staff.actor, by=by, at=at)


@transaction.atomic
def reactivate(*, staff: Staff, by: Staff, at: datetime) -> None:
    """Open a closed account again, with the roles it had."""
    if Staff.objects.filter(pk=staff.pk, is_active=False).update(is_active=True):
        keep(staff.clinic, "opened an account again", staff.actor, by=by, at=at)


@transaction.atomic
def lose_second_factors(*, staff: Staff, by: Staff, at: datetime) -> None:
    """
    Take away all second factors of someone who lost theirs; they enrol anew when they sign in.

    :raises StaffError: if it is their own.
    """
    from allauth.mfa.models import Authenticator

    _not_oneself(staff, by)
    count, _ = Authenticator.objects.filter(user=staff).delete()
    if count:
        keep(staff.clinic, "took second factors away", staff.actor, by=by, at=at)


def _not_oneself(staff: Staff, by: Staff) -> None:
    if staff.pk == by.pk:
        raise StaffError("Nobody changes their own account here; ask a colleague.")


def _lock(clinic: Clinic) -> None:
    """Let one change of who leads the clinic go on at a time."""
    Clinic.objects.select_for_update().get(pk=clinic.pk)


def _not_the_last(staff: Staff, roles: Sequence[str]) -> None:
    held = staff.role_names
    for role in NEVER_WITHOUT:
        if role.value not in roles or role.value not in held:
            continue
        others = staff.clinic.staff.holding(role).exclude(pk=staff.pk)
        if not others.exists():
            raise StaffError(
                f"This is the clinic's last {role.label}. Give the role to a colleague first."
            )
