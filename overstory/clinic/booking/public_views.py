"""Booking an evaluation visit from the public page of a site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from overstory.clinic.booking import actions
from overstory.clinic.booking.calendar_events import calendar_file
from overstory.clinic.booking.forms import AgainForm, VisitForm
from overstory.clinic.booking.hours import Offer, visit_offers
from overstory.clinic.booking.models import Appointment
from overstory.clinic.booking.occupying import TakenError
from overstory.clinic.intake.asking import CareRequest
from overstory.clinic.intake.asking_actions import (
    Asked,
    RequestClosedError,
    add_where,
    ask,
    note_visit,
)
from overstory.clinic.intake.asking_views import (
    JUST_ASKED,
    asked_here,
    asker_of,
    front,
    phone_doubt,
    said,
)
from overstory.clinic.people.doors import public
from overstory.clinic.people.models import Site
from overstory.clinic.people.ways import ways_of
from overstory.clinic.ui.words import DAYS, MONTHS, Words
from overstory.clinic.ui.zones import zone_words

DAYS_SHOWN = 7
NOBODY = UUID(int=0)


@public
def visit(request: HttpRequest, lang: str, slug: str) -> HttpResponse:
    """Offer times, then ask who comes, then book."""
    around = front(request, lang, slug)
    site: Site = around["site"]
    now = timezone.now()
    offers = visit_offers(site, now=now)
    chosen = chosen_of(request, offers)
    if request.method == "POST":
        return _book(request, around, chosen, now)
    if chosen is None:
        return render(request, "booking/site_visit.html", _offered(around, offers))
    form = _form(request, around, now)
    return render(request, "booking/site_visit_who.html", _about(around, chosen, form))


@public
@require_GET
def visit_booked(request: HttpRequest, lang: str, slug: str) -> HttpResponse:
    """Say when and where the visit is and what comes next, to the browser that booked it."""
    around = front(request, lang, slug)
    words, site = around["w"], around["site"]
    found = _booked_here(request, site).select_related("clinician", "care_request").first()
    if found is None:
        return redirect("site_home", lang, slug)
    asked = found.care_request
    is_fresh = asked is not None and asked.received_at > timezone.now() - JUST_ASKED
    around["asked"] = asked if is_fresh else None  # why they came is not for who sits here later
    around["next"] = asked and _next(found, asked, words)
    around["doubt"] = phone_doubt(asked, words) if is_fresh and asked else ""
    at = said(found.starts.astimezone(site.zone), words)
    name = found.clinician.name if found.clinician else site.name
    around["at"] = words("visit.done_at", at=at, name=name)
    around["where"] = (
        words["visit"]["done_remote"]
        if found.is_remote
        else words("visit.done_here", address=site.address)
    )
    around["call"] = words("visit.call", phone=site.phone)
    return render(request, "booking/site_visit_done.html", around)


@public
@require_GET
def visit_calendar(request: HttpRequest, lang: str, slug: str) -> HttpResponse:
    """Give the browser that booked a visit its time for a calendar, and nothing of what it is."""
    site: Site = front(request, lang, slug)["site"]
    found = get_object_or_404(_booked_here(request, site))
    return HttpResponse(
        calendar_file(found),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="appointment.ics"'},
    )


def _booked_here(request: HttpRequest, site: Site) -> QuerySet[Appointment]:
    """Return the visit that this browser booked, while it stands."""
    wanted = request.session.get("visit") or NOBODY
    return Appointment.objects.filter(pk=wanted, site=site, state="booked")


def _next(visit: Appointment, asked: CareRequest, words: Words) -> list[str]:
    """Say what comes between the booking and the visit, and by which way."""
    due = said(asked.due_at.astimezone(visit.site.zone), words)
    bring = words("visit.at_hand" if visit.is_remote else "visit.bring")
    if visit.starts <= asked.due_at:
        return [words("visit.next_soon"), words("visit.questions_soon"), bring]
    way = "link" if asked.prefers == "email" and asked.asker == "self" else "ask"
    first = words(f"thanks.by_{asked.prefers}", due=due)
    return [first, words(f"thanks.questions_{way}"), bring]


def _book(
    request: HttpRequest, around: dict[str, Any], chosen: Offer | None, now: datetime
) -> HttpResponse:
    site = around["site"]
    form = _form(request, around, now)
    if chosen is None:
        kept = _booked_here(request, site).first()
        if kept is not None and str(kept.pk) == request.POST.get("visit_id"):
            return redirect("site_visit_booked", around["lang"], site.slug)
        return _too_late(request, around, now)
    if not form.is_valid():
        shown = _about(around, chosen, form)
        return render(request, "booking/site_visit_who.html", shown, status=422)
    try:
        booked = _ask_and_book(site, form, chosen, now, known=around["known"])
    except RequestClosedError:
        return redirect(request.get_full_path())  # asked for anew, whole
    except TakenError:
        return _too_late(request, around, now)
    request.session["visit"] = str(booked.pk)
    return redirect("site_visit_booked", around["lang"], site.slug)


def _form(request: HttpRequest, around: dict[str, Any], now: datetime) -> VisitForm:
    """Return the form of who comes, or of where alone for who asked for care a moment ago."""
    site, words = around["site"], around["w"]
    data = request.POST if request.method == "POST" else None
    known = around["known"] = _known(request, site, now)
    asked: dict[str, Any] = {"words": words, "today": now.astimezone(site.zone).date()}
    if known is None:
        return VisitForm(data, asker=asker_of(request), **asked)
    at = said(known.received_at.astimezone(site.zone), words)
    around["known_says"] = words("visit.known", at=at)
    around["anew"] = f"?{request.GET.urlencode()}&new=1"
    return AgainForm(data, initial={"known": known.pk}, **asked)


def _known(request: HttpRequest, site: Site, now: datetime) -> CareRequest | None:
    """Return the open request of the person at this browser, for which no visit is booked yet."""
    if "new" in request.GET or asker_of(request) != "self":
        return None
    found = asked_here(request, site, now)
    if found is None or found.asker != "self" or found.closed_at or found.person_id:
        return None
    if request.method == "POST" and request.POST.get("known") != str(found.pk):
        return None
    return (
        None
        if Appointment.objects.filter(clinic=site.clinic, care_request=found).exists()
        else found
    )


@transaction.atomic
def _ask_and_book(
    site: Site, form: VisitForm, chosen: Offer, now: datetime, *, known: CareRequest | None
) -> Appointment:
    """Keep the request and the visit together, or neither; a request that is known takes the visit."""
    given = dict(form.cleaned_data)
    visit_id: UUID = given.pop("visit_id")
    mode, place = given.pop("mode"), given.pop("place")
    contact = given.pop("emergency_contact")
    if known is not None:
        asked = add_where(care_request=known, place=place, emergency_contact=contact)
    else:
        told = Asked(language=given.pop("speak"), place=place, emergency_contact=contact, **given)
        asked = ask(site=site, asked=told, at=now)
    booked = actions.book_visit(
        visit=actions.Visit(
            id=visit_id,
            site=site,
            clinician=chosen.clinician,
            starts=chosen.starts,
            is_remote=mode == "remote",
            place=place,
            emergency_contact=contact,
        ),
        person=None,
        care_request=asked,
        at=now,
        actor="public",
    )
    local = booked.starts.astimezone(site.zone)
    how = "by video" if booked.is_remote else "at the clinic"
    said = f"{local:%a %-d %b %Y, %H:%M %Z} with {chosen.clinician.name}, {how}"
    note_visit(care_request=asked, words=said, by=None, at=now)
    return booked


def _too_late(request: HttpRequest, around: dict[str, Any], now: datetime) -> HttpResponse:
    shown = _offered(around, visit_offers(around["site"], now=now))
    shown["taken"] = around["w"]["visit"]["taken"]
    return render(request, "booking/site_visit.html", shown, status=409)


def chosen_of(request: HttpRequest, offers: Sequence[Offer]) -> Offer | None:
    """Return the offer that the address names, if it still stands."""
    asked = request.GET.get("at", ""), request.GET.get("with", "")
    return next(
        (each for each in offers if (key_of(each.starts), str(each.clinician.pk)) == asked), None
    )


def key_of(starts: datetime) -> str:
    """Return how an address names an instant."""
    return starts.strftime("%Y-%m-%dT%H:%MZ")


def _offered(around: dict[str, Any], offers: Sequence[Offer]) -> dict[str, Any]:
    site, words = around["site"], around["w"]
    ways = ways_of(site.clinic.ways)
    zone = zone_words(site.time_zone, words.language)
    local = [(each, each.starts.astimezone(site.zone)) for each in offers]
    free = {day: list(found) for day, found in groupby(local, key=lambda each: each[1].date())}
    first, last = (min(free), sorted(free)[:DAYS_SHOWN][-1]) if free else (None, None)
    around["days"] = [
        (_day(day, words), _by_clinician(free.get(day, []))) for day in _days(first, last)
    ]
    around["lead"] = words("visit.lead", minutes=ways.visit_minutes, zone=zone)
    around["none"] = words("visit.none", days=ways.visit_days_ahead)
    return around


def _days(first: date | None, last: date | None) -> list[date]:
    """Return every day from the first to the last, those without a time too."""
    if first is None or last is None:
        return []
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _by_clinician(found: Sequence[tuple[Offer, datetime]]) -> list[tuple[Any, list[Any]]]:
    """Return the times of a day, each with its key, under the clinician that they are with."""
    rows: dict[UUID, tuple[Any, list[Any]]] = {}
    for each, at in found:
        row = rows.setdefault(each.clinician.pk, (each.clinician, []))
        row[1].append((at.strftime("%H:%M"), key_of(each.starts)))
    return sorted(rows.values(), key=lambda row: str(row[0].name))


def _about(around: dict[str, Any], chosen: Offer, form: VisitForm) -> dict[str, Any]:
    site, words = around["site"], around["w"]
    at = said(chosen.starts.astimezone(site.zone), words)
    around["chosen"] = words("visit.chosen", at=at, name=chosen.clinician.name)
    around["form"] = form
    return around


def _day(day: date, words: Words) -> str:
    weekday, month = DAYS[words.language][day.weekday()], MONTHS[words.language][day.month - 1]
    return (
        f"{weekday} {day.day} de {month}"
        if words.language == "es"
        else f"{weekday} {day.day} {month}"
    )
