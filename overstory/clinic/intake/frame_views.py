"""What every page of a link has: whose browser it is, whether it may go on, and what stands around."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from overstory.clinic.intake import browsers, links
from overstory.clinic.intake.filling import IntakeLink
from overstory.clinic.intake.page_top import page_top
from overstory.clinic.intake.showing import (
    in_language,
    words,
)
from overstory.clinic.people.ways import Ways, ways_of
from overstory.knowledge.load import load_knowledge
from overstory.pathway.packs import ReadPack, read_pack


def awake(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Note, after a page of a link that is in use, when it was used; `refused` says which it is."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **names: Any) -> HttpResponse:
        answer = view(request, *args, **names)
        if link := getattr(request, "link_in_use", None):
            browsers.renew(request, answer, link, timezone.now())
        return answer

    return shown


def refused(request: HttpRequest, link: IntakeLink) -> HttpResponse | None:
    """
    Return the page that says why this browser cannot go on, if so.

    After a while of rest no page is shown without the birth date; what was sent from a page that
    was open is still taken, so that no answer and no alarm in it is lost.
    """
    unsaved = request.method == "POST"
    over = links.why_over(link, timezone.now())
    if not browsers.is_bound(request, link):
        return over_page(request, link, "other_browser", unsaved=unsaved, status=403)
    if over == "submitted" and not unsaved:
        return redirect("fill_done", link_id=link.pk)
    if over:
        return over_page(request, link, over, unsaved=unsaved)
    if not browsers.is_idle(request, link, link_ways(link).link_idle_minutes):
        request.link_in_use = link  # type: ignore[attr-defined]
    elif not unsaved:
        back = urlencode({"back": request.path})
        return redirect(f"{reverse('fill_again', args=(link.pk,))}?{back}")
    return None


def over_page(
    request: HttpRequest, link: IntakeLink, why: str, *, unsaved: bool = False, status: int = 410
) -> HttpResponse:
    """Show why a link is over, with what to do."""
    context = around(request, link)
    context["over"] = words(context["lang"]).at(f"over.{why}")
    context["unsaved"] = unsaved
    context["call"] = words(context["lang"])("over.call", phone=link.questionnaire.site.phone)
    return render(request, "intake/fill_over.html", context, status=status)


def around(request: HttpRequest, link: IntakeLink) -> dict[str, Any]:
    """Return what every page of a questionnaire needs; it names no person."""
    lang = browsers.language_of(request, link)
    site = link.questionnaire.site
    return {
        "site": site,
        "lang": lang,
        "w": words(lang),
        "other_lang": "en" if lang == "es" else "es",
        **page_top(site, lang, timezone.now()),
        "link": link,
        "pack_title": in_language(pack_of(link).words.title, lang),
        "here": request.path,
    }


def pack_of(link: IntakeLink) -> ReadPack:
    """Return the pack that a link asks."""
    return read_pack(link.questionnaire.pack, load_knowledge())


def link_ways(link: IntakeLink) -> Ways:
    """Return how the clinic of a link works."""
    return ways_of(link.questionnaire.clinic.ways)


def own_path(path: str, link: IntakeLink) -> str:
    """Return a path if it is one of a link's pages, else that of its first page."""
    is_ours = path.startswith("/q/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else f"/q/at/{link.pk}/"
