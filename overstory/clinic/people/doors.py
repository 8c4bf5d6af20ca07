"""The doors of the clinic: every page says who may enter; one that does not is refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.permissions import May
from overstory.clinic.people.staff import Staff

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

PUBLIC, SIGNED_IN, LINK = "public", "signed-in", "link"
ENROL = "mfa_index"
LAST_SEEN = "last-seen"
SEEN_EVERY_S = 30
OTHERS: dict[str, str] = {
    "account_login": PUBLIC,
    "account_logout": SIGNED_IN,
    "account_inactive": PUBLIC,
    "account_reauthenticate": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "mfa_authenticate": PUBLIC,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_index": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_add_webauthn": SIGNED_IN,
    "mfa_remove_webauthn": SIGNED_IN,
    "mfa_edit_webauthn": SIGNED_IN,
    "mfa_reauthenticate_webauthn": SIGNED_IN,
    "mfa_login_webauthn": PUBLIC,
}
"""The doors of pages that are not ours, by their name."""
WITHOUT_SECOND_FACTOR = frozenset(
    name
    for name in OTHERS
    if name.startswith("mfa_") or name in {"account_logout", "account_reauthenticate"}
)


class StaffRequest(HttpRequest):
    """A request of a member of staff, in their clinic."""

    user: Staff
    clinic: Clinic
    actor: str


def is_invented_sign_in(request: HttpRequest) -> bool:
    """Return whether someone entered an invented clinic by one click; nothing there is real."""
    user = request.user
    return bool(
        request.session.get("invented-sign-in")
        and isinstance(user, Staff)
        and user.clinic.is_invented
    )


def may(what: May) -> Callable[[View], View]:
    """Let those staff in whose roles allow this."""
    return _door(what)


def _door(door: str) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.door = door  # type: ignore[attr-defined]
        return view

    return mark


public = _door(PUBLIC)
signed_in = _door(SIGNED_IN)
by_link = _door(LINK)


def polled(view: View) -> View:
    """Mark a page that asks again by itself: it does not keep an idle session open."""
    view.is_poll = True  # type: ignore[attr-defined] # read by the middleware
    return view


def door_of(name: str | None, view: Any) -> str:
    """
    Return who may enter a page: `public`, `signed-in`, `link`, or a permission.

    :raises LookupError: if the page does not say.
    """
    door = getattr(view, "door", None) or OTHERS.get(name or "")
    if door is None:
        raise LookupError(f"the page {name or view!r} does not say who may enter")
    return str(door)


class DoorMiddleware:
    """Asks at every door; sets `request.clinic` and `request.actor`. A refusal looks like no page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        request.clinic = None  # type: ignore[attr-defined]
        request.actor = "public"  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Let in, send to sign in, or refuse."""
        del args, kwargs
        match = request.resolver_match
        name = match.view_name if match else None
        door = door_of(name, view)
        user = request.user
        if isinstance(user, Staff) and user.is_active:
            request.clinic = user.clinic  # type: ignore[attr-defined]
            request.actor = f"staff:{user.pk}"  # type: ignore[attr-defined]
        if door in {PUBLIC, LINK}:
            return None
        if not isinstance(user, Staff):
            return _to_sign_in(request)
        _check(user, door)
        return _locked(request, name, view) or _without_second_factor(request, name)


def _check(user: Staff, door: str) -> None:
    """Refuse as if there were no page."""
    if door != SIGNED_IN and not user.may(May(door)):
        raise Http404


def _locked(request: HttpRequest, name: str | None, view: Any) -> HttpResponseBase | None:
    """Lock a session that was left alone: only signing in opens it again. A poll is no sign of life."""
    now = time.time()
    seen = request.session.get(LAST_SEEN, now)
    if name == "account_logout":
        return None
    if now - seen > settings.IDLE_MINUTES * 60:
        from django.contrib.auth import logout

        logout(request)
        return _to_sign_in(request)
    if getattr(view, "is_poll", False):
        return None
    if now - seen > SEEN_EVERY_S or LAST_SEEN not in request.session:
        request.session[LAST_SEEN] = now
    return None


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Send to sign in, and back after; a part of a page sends the whole page there."""
    there = redirect_to_login(_back(request))
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": there["Location"]})
    return there


def _back(request: HttpRequest) -> str:
    """Return the page to come back to: never one that only takes what is sent."""
    if request.method in {"GET", "HEAD"} and request.headers.get("HX-Request") != "true":
        return request.get_full_path()
    shown = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/")
    return shown.path + (f"?{shown.query}" if shown.query else "") or "/"


def _without_second_factor(request: HttpRequest, name: str | None) -> HttpResponseBase | None:
    """Send those who have no second factor yet to where they get one."""
    if name in WITHOUT_SECOND_FACTOR or request.session.get("second-factor"):
        return None
    from allauth.mfa.utils import is_mfa_enabled

    if is_invented_sign_in(request) or is_mfa_enabled(request.user):
        request.session["second-factor"] = True
        return None
    return redirect(ENROL)
