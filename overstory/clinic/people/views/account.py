"""Pages about one's own account, where allauth's do less than the clinic needs."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc] # allauth has no types
    """Removes a passkey, unless it is the last second factor."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it, or say why not."""
        if not get_adapter().can_delete_authenticator(self.object):
            messages.error(self.request, "This is your last second factor. Add another one first.")
            return redirect("mfa_list_webauthn")
        done: HttpResponse = super().form_valid(form)
        return done


remove_passkey = RemovePasskey.as_view()
