"""The public pages of a site, letters in and out."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_GET

from overstory.clinic.audit.reading import saw
from overstory.clinic.intake import asking_actions as actions
from overstory.clinic.intake.after_alert import call_words
from overstory.clinic.intake.asking import CareRequest
from overstory.clinic.intake.asking_forms import (
    AskForm,
    LetterForm,
    ReferForm,
)
from overstory.clinic.intake.comparing import compared, told
from overstory.clinic.intake.page_top import phone_closed
from overstory.clinic.intake.uploads import KINDS
from overstory.clinic.people.doors import StaffRequest, may, public
from overstory.clinic.people.forms.phones import lacks_area_code
from overstory.clinic.people.models import Person, Site
from overstory.clinic.people.permissions import May
from overstory.clinic.safety.crisis import crisis_for
from overstory.clinic.ui.words import DAYS, Words, day_words, words_of

FOLDER = Path(__file__).parent / "words"
JUST_ASKED = timedelta(hours=2)


@public
@require_GET
def site_language(request: HttpRequest, slug: str) -> HttpResponse:
    """Send to the site's page in the language that the browser asks for."""
    get_object_or_404(Site, slug=slug)
    return redirect("site_home", get_language_from_request(request)[:2], slug)


@public
@require_GET
def site_home(request: HttpRequest, lang: str, slug: str) -> HttpResponse:
    """Show what a site offers, and the ways to ask for care."""
    around = front(request, lang, slug)
    site, words = around["site"], around["w"]
    hours = {each.weekday: each for each in site.hours.all()}
    page = compared(site=site, at=timezone.now(), language=lang)
    names = {id_: name for id_, name, _ in page.glance}
    cards = {card.id: card for card in page.cards}
    around["hours"] = [(name, hours.get(day)) for day, name in enumerate(DAYS[words.language])]
    around["offers"] = [
        (names[each], cards[each].rows[0][1]) for each in site.offers if each in names
    ]
    return render(request, "intake/site_home.html", around)


@public
@require_GET
def site_compare(request: HttpRequest, lang: str, slug: str) -> HttpResponse:
    """Show the options in a table and each in full, with what the trials found and the sources."""
    around = front(request, lang, slug)
    page = compared(site=around["site"], at=timezone.now(), language=lang)
    around |= {**told(page), "has_next_steps": True}
    return render(request, "intake/site_compare.html", around)


@public
def site_ask(request: HttpRequest, lang: str, slug: str) -> HttpResponse:
    """Take a request for care."""
    around = front(request, lang, slug)
    site, words = around["site"], around["w"]
    now = timezone.now()
    today = now.astimezone(site.zone).date()
    if request.method != "POST":
        return render(
            request,
            "intake/site_ask.html",
            {**around, "form": AskForm(words=words, today=today, asker=asker_of(request))},
        )
    form = AskForm(request.POST, words=words, today=today)
    if not form.is_valid():
        return render(request, "intake/site_ask.html", {**around, "form": form}, status=422)
    kept = actions.ask(site=site, asked=form.asked(), at=now)
    request.session["asked"] = str(kept.pk)
    return redirect("site_thanks", lang, slug)


@public
def site_refer(request: HttpRequest, lang: str, slug: str) -> HttpResponse:
    """Take a referral with its letters."""
    around = front(request, lang, slug)
    site, words = around["site"], around["w"]
    now = timezone.now()
    today = now.astimezone(site.zone).date()
    if request.method != "POST":
        form = ReferForm(words=words, today=today)
        return render(request, "intake/site_refer.html", {**around, "form": form})
    form = ReferForm(request.POST, request.FILES, words=words, today=today)
    if not form.is_valid():
        return render(request, "intake/site_refer.html", {**around, "form": form}, status=422)
    kept = actions.ask(site=site, asked=form.asked(), files=form.files_given(), at=now)
    request.session["asked"] = str(kept.pk)
    return redirect("site_thanks", lang, slug)


@public
@require_GET
def site_thanks(request: HttpRequest, lang: str, slug: str) -> HttpResponse:
    """Say that the request is kept, until when it is answered, and what to do meanwhile."""
    around = front(request, lang, slug)
    site, words = around["site"], around["w"]
    now = timezone.now()
    kept = asked_here(request, site, now)
    if kept is None:
        return redirect("site_home", lang, slug)
    around["kept"] = kept
    around["received"] = words(
        "thanks.saved", at=said(kept.received_at.astimezone(site.zone), words)
    )
    due = said(kept.due_at.astimezone(site.zone), words)
    is_referral = kept.asker == "professional"
    around["next"] = [] if is_referral else _next(kept, due, words)
    around["due"] = words("refer.thanks", due=due) if is_referral else ""
    around["call"] = call_words(site, lang, now)
    around["doubt"] = phone_doubt(kept, words)
    names = [each.name for each in kept.uploads.defer("content").order_by("at", "pk")]
    around["files"] = words("refer.received", names=", ".join(names)) if names else ""
    return render(request, "intake/site_thanks.html", around)


def phone_doubt(kept: CareRequest, words: Words) -> str:
    """Ask whether the area code is missing in the number that they can be reached by, if it is short."""
    phone = kept.phone if kept.asker == "self" else kept.asker_phone
    is_short = lacks_area_code(phone, kept.clinic.country)
    return words("thanks.area_code", phone=phone) if is_short else ""


def _next(kept: CareRequest, due: str, words: Words) -> list[str]:
    """Say what comes after a request, and by which way."""
    first = words(f"thanks.by_{kept.prefers}", due=due)
    if kept.asker != "self":
        return [first, words("thanks.relative")]
    way = "link" if kept.prefers == "email" else "ask"
    return [first, words("thanks.find"), words(f"thanks.questions_{way}")]


@may(May.SEE_PERSON)
@require_GET
def upload(request: StaffRequest, upload_id: UUID) -> HttpResponse:
    """Hand out an uploaded file as an attachment, never shown in the page."""
    found = get_object_or_404(request.clinic.uploads, pk=upload_id)
    saw(request, f"person:{found.person_id}" if found.person_id else f"upload:{found.pk}")
    answer = HttpResponse(found.content, content_type=KINDS[found.kind][0])
    disposition = content_disposition_header(as_attachment=True, filename=found.name)
    answer["Content-Disposition"] = disposition or "attachment"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "no-store"
    return answer


@may(May.REFER_OUT)
def refer_out(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Write a letter that refers a person to someone else."""
    person = get_object_or_404(request.clinic.persons, pk=person_id)
    if request.method != "POST":
        form = LetterForm(initial={"id": uuid4(), **_letter_start(request, person)})
        return render(request, "intake/refer_out.html", {"person": person, "form": form})
    form = LetterForm(request.POST)
    if not form.is_valid():
        return render(
            request, "intake/refer_out.html", {"person": person, "form": form}, status=422
        )
    given = form.cleaned_data
    letter = actions.write_letter(
        person=person,
        to=given["to"],
        subject=given["subject"],
        text=given["text"],
        id_=given["id"],
        by=request.user,
        at=timezone.now(),
    )
    return redirect("letter", person.pk, letter.pk)


@may(May.REFER_OUT)
@require_GET
def letter(request: StaffRequest, person_id: UUID, letter_id: UUID) -> HttpResponseBase:
    """Show a letter as it is printed."""
    person = get_object_or_404(request.clinic.persons, pk=person_id)
    found = get_object_or_404(person.letters.select_related("by"), pk=letter_id)
    return render(
        request, "intake/letter.html", {"person": person, "letter": found, "site": person.site}
    )


def asked_here(request: HttpRequest, site: Site, now: datetime) -> CareRequest | None:
    """Return the request that this browser sent to a site a moment ago, if it did."""
    if "asked" not in request.session:
        return None
    wanted, since = request.session["asked"], now - JUST_ASKED
    return CareRequest.objects.filter(pk=wanted, site=site, received_at__gt=since).first()


def asker_of(request: HttpRequest) -> str:
    """Return for whom the address asks: `self`, or `relative`."""
    return "relative" if request.GET.get("for") == "relative" else "self"


def said(moment: Any, words: Words) -> str:
    """Return a local moment in the words of a language, with its zone."""
    return f"{day_words(moment.date(), words.language)}, {moment:%H:%M %Z}"


def front(request: HttpRequest, lang: str, slug: str) -> dict[str, Any]:
    """Return what every public page of a site shows, and set whose clinic it is."""
    site = get_object_or_404(Site.objects.select_related("clinic"), slug=slug)
    request.clinic = site.clinic  # type: ignore[attr-defined]
    words = words_of(FOLDER, "front", lang)
    now = timezone.now()
    today = now.astimezone(site.zone).date()
    other = "en" if lang == "es" else "es"
    match = request.resolver_match
    name = match.url_name if match else "site_home"
    query = request.META.get("QUERY_STRING", "")
    other_page = reverse(name or "site_home", args=(other, slug)) + (f"?{query}" if query else "")
    return {
        "site": site,
        "lang": lang,
        "w": words,
        "crisis": crisis_for(site, lang, today),
        "phone_closed": phone_closed(site, lang, now),
        "is_invented": site.clinic.is_invented,
        "other": (words["other_language"], other_page),
        "visit_page": _visit_page(lang, slug),
    }


def _visit_page(lang: str, slug: str) -> str:
    """Return where a visit is booked, once that part of the clinic is there."""
    try:
        return reverse("site_visit", args=(lang, slug))
    except NoReverseMatch:
        return ""


def _letter_start(request: StaffRequest, person: Person) -> dict[str, str]:
    born = f", born {person.birth_date:%-d %B %Y}" if person.birth_date else ""
    text = (
        f"Dear colleague,\n\nthank you for seeing {person.legal_name}{born}.\n\n"
        f"Reason for referral:\n\n\nWhat has been tried:\n\n\nWhat we ask of you:\n\n\n"
        f"With kind regards,\n{request.user.name}\n{request.clinic.name}"
    )
    return {"subject": f"Referral: {person.legal_name}{born}", "text": text}
