"""Step-up: who signs proves again, just now, that it is they."""

from __future__ import annotations

import time
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from overstory.clinic.people.doors import View, is_invented_sign_in
from overstory.clinic.people.staff import Staff
from overstory.clinic.ui.templatetags.overstory import treatment as treatment_name

PROVEN = "stepped-up"
PREFIX = "step_up"
SIGNED = {
    "hold_close": "Closing a hold",
    "write_reason": "A physician's reason",
    "consent_sign": "A consent",
    "adopt_knowledge": "Adopting the knowledge of this clinic",
    "plan_sign": "A plan",
    "plan_end": "Ending a plan",
    "note_sign": "A note",
}
"""What is signed, by the name of its address."""


def step_up(view: View) -> View:
    """
    Ask for the second factor before a POST, unless it was given a few minutes ago.

    What was sent is kept on the page that asks, and goes on when the proof is good. Stands below
    `@may(...)`. A form with files cannot be asked this way.
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST" or is_proven(request):
            return view(request, *args, **kwargs)
        if f"{PREFIX}-sent" in request.POST:
            errors = _prove(request)
            if not errors:
                return view(request, *args, **kwargs)
            return _ask(request, errors)
        return _ask(request, [])

    return cast("View", asked)


def is_proven(request: HttpRequest) -> bool:
    """Return whether the second factor was given within the last minutes of `STEP_UP_SECONDS`."""
    from allauth.account.internal.flows.login import get_authentication_records

    oldest = time.time() - settings.STEP_UP_SECONDS
    if is_invented_sign_in(request):
        return bool(request.session.get(PROVEN, 0) > oldest)
    user = request.user if isinstance(request.user, Staff) else None
    records = get_authentication_records(request, user)
    return any(each.get("method") == "mfa" and each["at"] > oldest for each in records)


def proof_words(request: HttpRequest) -> str:
    """Return why nothing was asked, where the second factor had been given a few minutes before."""
    if f"{PREFIX}-sent" in request.POST:
        return ""
    minutes = settings.STEP_UP_SECONDS // 60
    return (
        f"You proved within the last {minutes} minutes that it is you, so that was not asked again."
    )


def _what(request: HttpRequest) -> tuple[str, str]:
    """Return what is about to be signed, and for whom, as far as the address says it."""
    match = request.resolver_match
    if match is None:
        return "", ""
    clinic, key = getattr(request, "clinic", None), match.kwargs.get("person_id")
    person = clinic.persons.filter(pk=key).first() if clinic and key else None
    what = SIGNED.get(match.url_name or "", "")
    if treatment := match.kwargs.get("treatment"):
        what = f"{what}: {treatment_name(treatment)}"
    return what, person.listed_name if person else ""


def _prove(request: HttpRequest) -> list[str]:
    """Return why the proof is not good; nothing if it is."""
    if is_invented_sign_in(request):
        request.session[PROVEN] = time.time()
        return []
    form = _form(request)
    if form.is_valid():
        form.save()
        return []
    return [str(error) for errors in form.errors.values() for error in errors]


def _form(request: HttpRequest) -> Any:
    from allauth.mfa.base.forms import ReauthenticateForm
    from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm

    credential = request.POST.get(f"{PREFIX}-credential", "")
    if credential:
        return ReauthenticateWebAuthnForm({"credential": credential}, user=request.user)
    return ReauthenticateForm({"code": request.POST.get(f"{PREFIX}-code", "")}, user=request.user)


def _ask(request: HttpRequest, errors: list[str]) -> HttpResponse:
    what, whose = _what(request)
    shown: dict[str, Any] = {
        "what": what,
        "whose": whose,
        "kept": [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken" and not name.startswith(f"{PREFIX}-")
        ],
        "errors": errors,
        "action": request.get_full_path(),
        "is_button": is_invented_sign_in(request),
    }
    if not shown["is_button"]:
        shown |= _ways(request)
    response = render(request, "people/step_up.html", shown, status=403)
    response["Cache-Control"] = "no-store"
    return response


def _ways(request: HttpRequest) -> dict[str, Any]:
    """Return by which factors this person can prove themselves, and what a passkey needs for it."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.webauthn.internal import auth

    held = set(Authenticator.objects.filter(user=request.user.pk).values_list("type", flat=True))
    found: dict[str, Any] = {"has_codes": bool(held - {Authenticator.Type.WEBAUTHN})}
    if Authenticator.Type.WEBAUTHN in held:
        found["js_data"] = {"request_options": auth.begin_authentication(request.user)}
    return found
