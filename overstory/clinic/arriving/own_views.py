"""The person's own pages by their link: visits, what is asked before them, the private calendar."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overstory.clinic.arriving import feeds
from overstory.clinic.arriving.answering import AnswerError, Told, VisitGoneError, answer
from overstory.clinic.arriving.asked import Standing, arriving_number, standing_of
from overstory.clinic.arriving.course_page import course_page
from overstory.clinic.arriving.forms import ReadyForm
from overstory.clinic.arriving.links import KIND
from overstory.clinic.arriving.person_views import pdf_answer
from overstory.clinic.arriving.rows import NOT_READY, ArrivalLink
from overstory.clinic.arriving.words import words
from overstory.clinic.audit.reading import saw
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.facts import gathered
from overstory.clinic.care.own_link_views import OwnPages, is_danger
from overstory.clinic.intake import browsers
from overstory.clinic.intake.links import NotOpenError
from overstory.clinic.intake.showing import in_language, moment_words
from overstory.clinic.people.doors import by_link
from overstory.clinic.people.models import Person
from overstory.clinic.people.ways import ways_of
from overstory.knowledge.load import Knowledge

PAGES = OwnPages(KIND, words, home="arrival_home", language="arrival_language")
GET_POST = require_http_methods(["GET", "POST"])
A_MINUTE_S = 60


@by_link
@csrf_exempt
@never_cache
@GET_POST
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button to who (or what) opens a link; open it for who knows the birth date."""
    return PAGES.open(request, token)


@by_link
@never_cache
@require_GET
def home(request: HttpRequest, arrival_link_id: UUID) -> HttpResponse:
    """Show the next visit and what is asked before it; a person in danger meets the crisis lines first."""
    link = PAGES.link(request, arrival_link_id)
    if refused := PAGES.refused(request, link):
        return refused
    person, context, now = link.person, PAGES.around(request, link), timezone.now()
    force = in_force(person.clinic)
    context["is_danger"] = is_danger(
        person, gathered(person, now, force.knowledge).facts, force.knowledge
    )
    visit = _next(person, now)
    if visit is not None:
        context |= _about(visit, force.knowledge, now, context["lang"])
    context["to_change"] = context["w"]("home.move", phone=person.site.phone)
    saw(request, f"person:{person.pk}", action="own visits")
    return render(request, "arriving/own_home.html", context)


@by_link
@never_cache
@require_GET
def page(request: HttpRequest, arrival_link_id: UUID) -> HttpResponse:
    """Show the whole course on one page."""
    link = PAGES.link(request, arrival_link_id)
    if refused := PAGES.refused(request, link):
        return refused
    context = PAGES.around(request, link)
    context["page"] = course_page(
        link.person, at=timezone.now(), force=in_force(link.person.clinic), language=context["lang"]
    )
    saw(request, f"person:{link.person.pk}", action="own visits")
    return render(request, "arriving/own_page.html", context)


@by_link
@never_cache
@require_GET
def pdf(request: HttpRequest, arrival_link_id: UUID) -> HttpResponse:
    """Give the person the page of their course as a PDF."""
    link = PAGES.link(request, arrival_link_id)
    if refused := PAGES.refused(request, link):
        return refused
    lang = browsers.language_for(request, link.person.language)
    saw(request, f"person:{link.person.pk}", action="own visits")
    return pdf_answer(link.person, timezone.now(), in_force(link.person.clinic), lang)


@by_link
@csrf_exempt
@never_cache
@GET_POST
def ready(request: HttpRequest, arrival_link_id: UUID, appointment_id: UUID) -> HttpResponse:
    """Ask what is asked before a visit, and keep the answers."""
    link = PAGES.link(request, arrival_link_id)
    if refused := PAGES.refused(request, link):
        return refused
    now, force = timezone.now(), in_force(link.person.clinic)
    visit = _own(link.person, appointment_id)
    context = PAGES.around(request, link)
    say = context["w"]
    if visit.state != "booked" or visit.starts <= now:
        context["says"] = say("ready.gone")
        return render(request, "arriving/own_nothing.html", context, status=410)
    standing = _standing(visit, force.knowledge, now)
    context["lead"] = say("ready.lead", when=moment_words(visit.starts, visit.site, say.language))
    if not standing.asked:
        context["says"] = say("ready.nothing")
        return render(request, "arriving/own_nothing.html", context)
    form = ReadyForm(
        request.POST if request.method == "POST" else None, visit=visit, standing=standing,
        knowledge=force.knowledge, say=say, phone=link.person.site.phone,
    )  # fmt: skip
    context["form"] = form
    saw(request, f"person:{link.person.pk}", action="own visits")
    if request.method == "POST":
        return _answer(request, link, visit, context)
    return render(request, "arriving/own_ready.html", context)


@by_link
@csrf_exempt
@never_cache
@GET_POST
def calendar(request: HttpRequest, arrival_link_id: UUID) -> HttpResponse:
    """Make the address of the private calendar, shown once; make a new one, or stop it."""
    link = PAGES.link(request, arrival_link_id)
    if refused := PAGES.refused(request, link):
        return refused
    context, now, actor = PAGES.around(request, link), timezone.now(), f"link:{link.pk}"
    if request.method == "POST" and request.POST.get("what") == "stop":
        feeds.stop_feed(person=link.person, actor=actor, at=now)
        context["stopped"] = True
    elif request.method == "POST":
        token = feeds.make_feed(person=link.person, by=None, actor=actor, at=now)
        context["address"] = feed_address(token)
    held = feeds.in_use(link.person)
    if held is not None:
        when = moment_words(held.made_at, link.person.site, context["lang"])
        context["is_on"] = context["w"]("calendar.is_on", when=when)
    return render(request, "arriving/own_calendar.html", context)


@by_link
@csrf_exempt
@require_POST
def language(request: HttpRequest, arrival_link_id: UUID) -> HttpResponse:
    """Change the language of the pages on this browser."""
    return PAGES.speak(request, arrival_link_id)


@by_link
@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """
    Give a calendar to who has its address: when, and nothing else.

    One that has not changed is answered 304; one asked for too often, 429; any other address is none.
    """
    held = feeds.feed_of(token)
    if held is None:
        raise Http404
    person = held.person
    request.clinic = person.clinic  # type: ignore[attr-defined]
    request.actor = f"feed:{held.pk}"  # type: ignore[attr-defined]
    if _is_too_often(held.pk.hex, ways_of(person.clinic.ways).calendar_reads_a_minute):
        return HttpResponse(status=429, headers={"Retry-After": str(A_MINUTE_S)})
    content = feeds.calendar_of(person, timezone.now())
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
    if tag in [each.strip() for each in request.headers.get("If-None-Match", "").split(",")]:
        return HttpResponse(status=304, headers=headers)
    saw(request, f"person:{person.pk}", action="private calendar")
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


def feed_address(token: str) -> str:
    """Return the whole address of a private calendar."""
    return f"{settings.ORIGIN}{reverse('calendar_feed', args=(token,))}"


def _is_too_often(name: str, most: int) -> bool:
    """Count one more reading within the minute."""
    key = f"calendar-feed/{name}"
    cache.add(key, 0, A_MINUTE_S)
    try:
        return int(cache.incr(key)) > most
    except ValueError:  # the minute ended just now
        return False


def _answer(
    request: HttpRequest, link: ArrivalLink, visit: Appointment, context: dict[str, Any]
) -> HttpResponse:
    form, say, now = context["form"], context["w"], timezone.now()
    knowledge = in_force(link.person.clinic).knowledge
    if not form.is_valid() or not form.answers():
        context["error"] = say("ready.error")
        return render(request, "arriving/own_ready.html", context, status=422)
    told = Told(form.cleaned_data["key"], now, link=link)
    try:
        row = answer(appointment=visit, answers=form.answers(), told=told, knowledge=knowledge)
    except NotOpenError as error:
        return PAGES.over(request, link, error.why, unsaved=True)
    except VisitGoneError:
        context["says"] = say("ready.gone")
        return render(request, "arriving/own_nothing.html", context, status=410)
    except AnswerError:
        return redirect("arrival_ready", link.pk, visit.pk)
    context["state"] = row.state
    context["says"] = say(f"done.{row.state.replace('-', '_')}")
    standing = _standing(visit, knowledge, now)
    context["told"] = [in_language(each.asks, say.language) for each in standing.not_ready]
    context["again"] = row.waits
    if row.state == NOT_READY and _is_soon(visit, knowledge, now):
        context["soon"] = say("done.soon", phone=link.person.site.phone)
    return render(request, "arriving/own_done.html", context)


def _is_soon(visit: Appointment, knowledge: Knowledge, now: datetime) -> bool:
    hours = (visit.starts - now).total_seconds() / 3600
    return hours <= arriving_number(knowledge, "act-within-hours")


def _next(person: Person, now: datetime) -> Appointment | None:
    rows = Appointment.objects.filter(clinic=person.clinic_id).of(person)
    standing = rows.filter(state="booked", starts__gt=now).select_related("site", "plan")
    return standing.order_by("starts", "pk").first()


def _own(person: Person, appointment_id: UUID) -> Appointment:
    rows = Appointment.objects.filter(clinic=person.clinic_id).of(person)
    found = rows.select_related("site", "plan").filter(pk=appointment_id).first()
    if found is None:
        raise Http404
    return found


def _standing(visit: Appointment, knowledge: Knowledge, now: datetime) -> Standing:
    replies = list(visit.readiness.order_by("at"))
    return standing_of(visit, replies, knowledge=knowledge, now=now)


def _about(visit: Appointment, knowledge: Knowledge, now: datetime, lang: str) -> dict[str, Any]:
    """What the person sees of their next visit."""
    standing = _standing(visit, knowledge, now)
    left = len(standing.left)
    return {
        "visit": visit,
        "when": moment_words(visit.starts, visit.site, lang),
        "standing": standing,
        "still": words(lang)("home.still", count=left) if left and standing.answers else "",
    }
