"""The browser that opened a link: a signed cookie of its own, and who may go on."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from overstory.clinic.intake.filling import IntakeLink
from overstory.clinic.intake.links import hashed

PATH = "/q/"
SALT = "overstory.intake.browser"
LANGUAGE = "q-language"


class BoundLink(Protocol):
    """A link that one browser opened: what is kept of the browser's key, and until when it works."""

    @property
    def pk(self) -> UUID:
        """Its id."""

    browser_hash: str
    expires_at: datetime


def find_link(request: HttpRequest, link_id: UUID) -> IntakeLink:
    """Return a link by its id; the request is then one of its clinic, by this link."""
    return _entered(request, IntakeLink.objects.filter(pk=link_id))


def find_by_token(request: HttpRequest, token: str) -> IntakeLink:
    """Return the link of a token; a token that is none is no page."""
    return _entered(request, IntakeLink.objects.filter(token_hash=hashed(token)))


def _entered(request: HttpRequest, links: QuerySet[IntakeLink]) -> IntakeLink:
    link = links.select_related(
        "questionnaire__clinic", "questionnaire__site__clinic", "questionnaire__person"
    ).first()
    if link is None:
        raise Http404
    request.clinic = link.questionnaire.clinic  # type: ignore[attr-defined]
    request.actor = f"link:{link.pk}"  # type: ignore[attr-defined]
    return link


def is_own(request: HttpRequest) -> bool:
    """
    Return whether a form was sent from our own pages.

    The pages of a link have no token against forged forms, so that a browser that lost its cookies
    still gets a page with the crisis lines. The cookie that binds it is never sent from elsewhere
    (SameSite), and the origin, which browsers send with every form, must be ours.
    """
    origin = request.headers.get("Origin")
    return origin is None or origin in (settings.ORIGIN, f"{request.scheme}://{request.get_host()}")


def is_bound(request: HttpRequest, link: BoundLink) -> bool:
    """Return whether this is the browser that opened the link."""
    if not is_own(request):
        return False
    key = request.get_signed_cookie(_name(link), default="", salt=SALT) or ""
    return bool(link.browser_hash) and constant_time_compare(hashed(key), link.browser_hash)


def is_idle(request: HttpRequest, link: BoundLink, minutes: int) -> bool:
    """Return whether the browser that opened a link has shown none of its pages for some minutes."""
    held = request.get_signed_cookie(_name(link), default=None, salt=SALT, max_age=minutes * 60)
    return held is None


def renew(request: HttpRequest, response: HttpResponse, link: BoundLink, at: datetime) -> None:
    """Note on the browser that opened a link that one of its pages is shown now."""
    key = request.get_signed_cookie(_name(link), default="", salt=SALT)
    if key:
        bind(response, link, key, at)


def bind(response: HttpResponse, link: BoundLink, key: str, at: datetime) -> None:
    """Give the browser its key, for as long as the link works."""
    response.set_signed_cookie(
        _name(link),
        key,
        salt=SALT,
        max_age=max(int((link.expires_at - at).total_seconds()), 1),
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
        path=PATH,
    )


def _name(link: BoundLink) -> str:
    return f"q-{link.pk.hex[:12]}"


def language_of(request: HttpRequest, link: IntakeLink) -> str:
    """Return the language chosen on this browser, else the person's."""
    return language_for(request, link.questionnaire.person.language)


def language_for(request: HttpRequest, own: str) -> str:
    """Return the language chosen on this browser, else the one given, else English."""
    found = (request.COOKIES.get(LANGUAGE, ""), own, "en")
    return next(each for each in found if each in ("en", "es"))


def speak(request: HttpRequest, language: str) -> None:
    """Answer this request in a language; `choose_language` remembers it for the next."""
    request.COOKIES[LANGUAGE] = language


def choose_language(response: HttpResponse, language: str) -> None:
    """Remember the language on this browser."""
    response.set_cookie(
        LANGUAGE,
        language,
        max_age=90 * 24 * 3600,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
        path=PATH,
    )
