"""How accounts come about and are proven: by invitation only, each sign-in on record."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from overstory.clinic.audit.record import Deed, record
from overstory.clinic.config.sealed import seal, unseal
from overstory.clinic.people.staff import Staff

PLACE = "mfa_authenticator/secret"


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Nobody signs up; a manager invites."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: accounts are made by invitation."""
        del request
        return False

    def login(self, request: HttpRequest, user: Staff) -> None:
        """Sign in, and put it on record."""
        super().login(request, user)
        _keep(user, "signed in")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Put a wrong password on record, where the address has an account."""
        del request
        staff = Staff.objects.filter(email__iexact=credentials.get("email") or "").first()
        if staff is not None:
            _keep(staff, "failed to sign in", actor="public")

    def reauthenticate(self, user: Staff, password: str) -> bool:
        """Return whether this is the password of who is signed in."""
        from allauth.core import context

        proven = self.authenticate(context.request, email=user.email, password=password)
        return proven is not None and proven.pk == user.pk


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc] # allauth has no types
    """Keeps the secrets of second factors sealed, and the last factor of everyone."""

    def encrypt(self, text: str) -> str:
        """Return the secret sealed."""
        return base64.b64encode(seal(text.encode(), place=PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret that was sealed."""
        return unseal(base64.b64decode(encrypted_text), place=PLACE).decode()

    def get_totp_label(self, user: Staff) -> str:
        """Return how an app names this account."""
        return user.email

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep the last factor: who wants another adds it first."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(
            type=Authenticator.Type.RECOVERY_CODES
        )
        return bool(others.exclude(pk=authenticator.pk).exists())


@transaction.atomic
def _keep(staff: Staff, action: str, *, actor: str = "") -> None:
    record(
        Deed(
            clinic=staff.clinic_id,
            at=timezone.now(),
            actor=actor or staff.actor,
            action=action,
            subject=staff.actor,
        )
    )
