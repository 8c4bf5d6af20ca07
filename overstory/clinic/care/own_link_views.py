"""What all pages by a person's own link share: opening it, why it is over, who may go on, the language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from overstory.clinic.care.own_links import Kind, LinkT, why_over
from overstory.clinic.intake import browsers
from overstory.clinic.intake.links import (
    NotOpenError,
    OtherBrowserError,
    WrongBirthDateError,
)
from overstory.clinic.intake.page_top import page_top
from overstory.clinic.intake.showing import moment_words
from overstory.clinic.people.models import Person
from overstory.clinic.ui.words import Words
from overstory.engine.facts import Facts
from overstory.knowledge.load import Knowledge
from overstory.pathway.suitability import assess


@dataclass(frozen=True, slots=True)
class OwnPages(Generic[LinkT]):
    """
    The pages of one kind of link; `home` and `language` are the names of their addresses.

    `words` are theirs in a language, with `open` and `over` among them.
    """

    kind: Kind[LinkT]
    words: Callable[[str], Words]
    home: str
    language: str

    def open(self, request: HttpRequest, token: str) -> HttpResponse:
        """Show a button to who (or what) opens a link; open it for who knows the birth date."""
        link = self._found(request, self.kind.by_token(token))
        now = timezone.now()
        if over := why_over(link, now):
            return self.over(request, link, over)
        if browsers.is_bound(request, link):
            return redirect(self.home, link.pk)
        if link.consumed_at:
            return self.over(request, link, "other_browser", status=403)
        if request.method == "POST" and browsers.is_own(request):
            return self._open(request, link, now)
        return self._opening(request, link)

    def link(self, request: HttpRequest, link_id: UUID) -> LinkT:
        """
        Return a link by its id; the request is then one of its clinic, by this link.

        :raises django.http.Http404: if there is none.
        """
        return self._found(request, self.kind.by_id(link_id))

    def refused(self, request: HttpRequest, link: LinkT) -> HttpResponse | None:
        """Return the page that says why this browser cannot go on, if so."""
        unsaved = request.method == "POST"
        if not browsers.is_bound(request, link):
            return self.over(request, link, "other_browser", unsaved=unsaved, status=403)
        if over := why_over(link, timezone.now()):
            return self.over(request, link, over, unsaved=unsaved)
        return None

    def over(
        self, request: HttpRequest, link: LinkT, why: str, *, unsaved: bool = False,
        status: int = 410,
    ) -> HttpResponse:  # fmt: skip
        """Return the page that says why a link cannot be used, and what to do instead."""
        context = self.around(request, link)
        context["over"] = context["w"].at(f"over.{why}")
        context["unsaved"] = unsaved
        context["call"] = context["w"]("over.call", phone=link.person.site.phone)
        return render(request, "care/choice_over.html", context, status=status)

    def speak(self, request: HttpRequest, link_id: UUID) -> HttpResponse:
        """Change the language of the pages on this browser, and go back."""
        link = self.link(request, link_id)
        wanted = "es" if request.POST.get("language") == "es" else "en"
        back = request.POST.get("back", "")
        is_ours = back.startswith("/q/") and url_has_allowed_host_and_scheme(
            back, allowed_hosts=None
        )
        answer = redirect(back) if is_ours else redirect(self.home, link.pk)
        browsers.choose_language(answer, wanted)
        return answer

    def around(self, request: HttpRequest, link: LinkT) -> dict[str, Any]:
        """Return what every page by a link needs; it names no person."""
        lang = browsers.language_for(request, link.person.language)
        site = link.person.site
        return {
            "site": site,
            "lang": lang,
            "w": self.words(lang),
            "other_lang": "en" if lang == "es" else "es",
            **page_top(site, lang, timezone.now()),
            "link": link,
            "here": request.path,
            "home_at": reverse(self.home, args=(link.pk,)),
            "language_at": reverse(self.language, args=(link.pk,)),
        }

    def _found(self, request: HttpRequest, link: LinkT | None) -> LinkT:
        if link is None:
            raise Http404
        request.clinic = link.person.clinic  # type: ignore[attr-defined]
        request.actor = f"link:{link.pk}"  # type: ignore[attr-defined]
        return link

    def _open(self, request: HttpRequest, link: LinkT, now: datetime) -> HttpResponse:
        say = self.words(browsers.language_for(request, link.person.language))
        born = _birth_date(request)
        if born is None:
            return self._opening(request, link, say("open.not_a_date"))
        try:
            key = self.kind.open(link=link, birth_date=born, at=now)
        except WrongBirthDateError as error:
            wrong = say("open.wrong_one") if error.left == 1 else say("open.wrong", left=error.left)
            return self._opening(request, link, wrong)
        except NotOpenError as error:
            return self.over(request, link, error.why)
        except OtherBrowserError:
            return self.over(request, link, "other_browser", status=403)
        answer = redirect(self.home, link.pk)
        browsers.bind(answer, link, key, now)
        return answer

    def _opening(self, request: HttpRequest, link: LinkT, error: str = "") -> HttpResponse:
        context = self.around(request, link)
        until = moment_words(link.expires_at, link.person.site, context["lang"])
        context["until"] = context["w"]("open.until", when=until)
        context["error"] = error
        context["sent"] = request.POST if error else {}
        return render(request, "care/choice_open.html", context, status=422 if error else 200)


def is_danger(person: Person, facts: Facts, knowledge: Knowledge) -> bool:
    """Whether the crisis lines stand before everything else."""
    found = assess(
        patient=str(person.pk),
        facts=facts,
        knowledge=knowledge,
        jurisdiction=person.clinic.jurisdiction,
    )
    return found.safety.crisis_first


def _birth_date(request: HttpRequest) -> date | None:
    texts = [request.POST.get(name, "").strip() for name in ("year", "month", "day")]
    if not all(each.isascii() and each.isdigit() and len(each) <= 4 for each in texts):
        return None
    try:
        return date(*(int(each) for each in texts))
    except ValueError:
        return None
