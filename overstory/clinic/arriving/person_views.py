"""What staff give a person of their visits: the page to print, a link, a private calendar; what was sent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.arriving import feeds
from overstory.clinic.arriving.course_page import course_page
from overstory.clinic.arriving.course_pdf import course_pdf
from overstory.clinic.arriving.links import KIND, make_link
from overstory.clinic.arriving.reviewing import replies_of, sent_to
from overstory.clinic.arriving.rows import ArrivalLink
from overstory.clinic.arriving.words import spoken, words
from overstory.clinic.care.adopted import InForce, in_force
from overstory.clinic.care.reaching import around, person_of
from overstory.clinic.intake.links import NoBirthDateError
from overstory.clinic.intake.sending import NOTHING
from overstory.clinic.intake.showing import moment_words
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.messages import Message, send, why_withheld
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.clinic.ui.windows import window
from overstory.clinic.ui.words import LANGUAGES
from overstory.exchange.aid.pdf import PdfError

SHOWN = 40


@may(May.SEE_PLAN)
@require_GET
def visits(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show what a person was sent and answered, and what can be given to them."""
    person = person_of(request, person_id)
    force = in_force(request.clinic)
    ids = person.ids
    told = request.clinic.messages.filter(to_person__in=ids).order_by("-made_at", "pk")
    held = feeds.in_use(person)
    shown = around(
        request, person, force,
        page=course_page(person, at=timezone.now(), force=force, language="en"),
        reminders=list(sent_to(ids)[:SHOWN]), replies=list(replies_of(ids)[:SHOWN]),
        link=ArrivalLink.objects.filter(person=person, appointment=None, revoked_at=None).first(),
        feed=held, why_not=why_withheld(person, NOTHING), language=spoken(person.language),
        languages=LANGUAGES, now=timezone.now(), window=window(request, told),
    )  # fmt: skip
    return render(request, "arriving/visits.html", shown)


@may(May.SEE_PLAN)
@require_GET
def to_print(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show the page of a course as the person gets it, in a language, to be printed."""
    person = person_of(request, person_id)
    force = in_force(request.clinic)
    language = _language(request, person)
    made = course_page(person, at=timezone.now(), force=force, language=language)
    shown = around(
        request, person, force, page=made, w=words(language), language=language,
        other="en" if language == "es" else "es",
    )  # fmt: skip
    return render(request, "arriving/print.html", shown)


@may(May.SEE_PLAN)
@require_GET
def pdf(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Give the page of a course as a PDF."""
    person = person_of(request, person_id)
    return pdf_answer(person, timezone.now(), in_force(request.clinic), _language(request, person))


@may(May.SEND_QUESTIONNAIRES)
@require_POST
def link(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Make a link to a person's visits, to show, print or send; or end all that are open."""
    person, now = person_of(request, person_id), timezone.now()
    if request.POST.get("what") == "revoke":
        count = KIND.revoke(person=person, by=request.user, at=now)
        messages.success(request, f"{count} link{'s' if count != 1 else ''} ended.")
        return redirect("visits", person.pk)
    try:
        made = make_link(person=person, by=request.user, at=now)
    except NoBirthDateError as error:
        messages.error(request, f"No link: {error}.")
        return redirect("visits", person.pk)
    address = f"{settings.ORIGIN}{reverse('arrival_open', args=(made.token,))}"
    message = None
    if request.POST.get("what") == "message":
        message = _send(made.link, person, address, now)
    qr = segno.make(address, error="m", micro=False).svg_data_uri(scale=6, border=2)
    shown = around(
        request, person, in_force(request.clinic),
        link=made.link, address=address, qr=qr, message=message,
    )  # fmt: skip
    return render(request, "arriving/link_made.html", shown)


@may(May.SEND_QUESTIONNAIRES)
@require_POST
def calendar(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Make the address of a person's private calendar, shown once; or stop it."""
    person, now = person_of(request, person_id), timezone.now()
    if request.POST.get("what") == "stop":
        feeds.stop_feed(person=person, actor=request.user.actor, at=now)
        messages.success(request, "The calendar is stopped; its address is none any more.")
        return redirect("visits", person.pk)
    token = feeds.make_feed(person=person, by=request.user, actor=request.user.actor, at=now)
    address = f"{settings.ORIGIN}{reverse('calendar_feed', args=(token,))}"
    qr = segno.make(address, error="m", micro=False).svg_data_uri(scale=6, border=2)
    shown = around(request, person, in_force(request.clinic), address=address, qr=qr)
    return render(request, "arriving/calendar_made.html", shown)


def pdf_answer(person: Person, at: datetime, force: InForce, language: str) -> HttpResponse:
    """Return the PDF as a file to save; where none can be made here, say so."""
    page = course_page(person, at=at, force=force, language=language)
    try:
        made = course_pdf(page, jurisdiction=person.clinic.jurisdiction)
    except PdfError as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="visits-{language}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


def _send(made: ArrivalLink, person: Person, address: str, at: datetime) -> Message:
    """Write the message with a link; the worker delivers it, or it is withheld and says why."""
    language = spoken(person.language)
    say = words(language)
    body = say(
        "message.link_body",
        address=address,
        until=moment_words(made.expires_at, person.site, language),
        phone=person.site.phone,
    )
    subject = say("message.link_subject")
    return send(clinic=person.clinic, to=person, subject=subject, body=body, at=at)


def _language(request: StaffRequest, person: Person) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in LANGUAGES else spoken(person.language)
