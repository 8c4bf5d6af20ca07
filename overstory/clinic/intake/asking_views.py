"""The public pages of a site, the queue of requests, letters in and out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.audit.reading import saw
from overstory.clinic.intake import asking_actions as actions
from overstory.clinic.intake.asking import CareRequest
from overstory.clinic.intake.asking_forms import (
    AskForm,
    CloseForm,
    GiveForm,
    LetterForm,
    ReferForm,
    RegisterForm,
    StepForm,
)
from overstory.clinic.intake.comparing import compared, offered
from overstory.clinic.intake.uploads import KINDS
from overstory.clinic.people.actions import PersonDetails
from overstory.clinic.people.doors import StaffRequest, may, public
from overstory.clinic.people.finding import likely_same
from overstory.clinic.people.models import Person, Site
from overstory.clinic.people.permissions import May
from overstory.clinic.safety.crisis import crisis_for
from overstory.clinic.ui.windows import window
from overstory.clinic.ui.words import DAYS, MONTHS, Words, words_of

FOLDER = Path(__file__).parent / "words"
JUST_ASKED = timedelta(hours=2)
NOBODY = UUID(int=0)
LISTED = (
    "pk", "name", "reason", "asker", "received_at", "due_at", "late_at", "owner__name",
    "site__time_zone",
)  # fmt: skip
"""The columns of the queue; what people wrote in their own words is not read for it."""
TONES = {"late": "stop", "overdue": "warn"}


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
    """Show the options side by side, with what the trials found and the sources."""
    around = front(request, lang, slug)
    page = compared(site=around["site"], at=timezone.now(), language=lang)
    shown = offered(around["site"])
    around["page"] = page
    around["glance"] = [row for row in page.glance if row[0] in shown]
    around["cards"] = [card for card in page.cards if card.id in shown]
    around["harms"], around["effect"] = page.harms, page.words("harms.effect")
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
    kept = CareRequest.objects.filter(
        pk=request.session.get("asked") or NOBODY, site=site, received_at__gt=now - JUST_ASKED
    ).first()
    if kept is None:
        return redirect("site_home", lang, slug)
    around["kept"] = kept
    around["received"] = words(
        "thanks.saved", at=said(kept.received_at.astimezone(site.zone), words)
    )
    due = said(kept.due_at.astimezone(site.zone), words)
    is_referral = kept.asker == "professional"
    around["due"] = words("refer.thanks" if is_referral else "thanks.due", due=due)
    return render(request, "intake/site_thanks.html", around)


@may(May.WORK_REQUESTS)
@require_GET
def requests_queue(request: StaffRequest) -> HttpResponse:
    """Show the open requests, the first due first."""
    found = request.clinic.care_requests.open().values(*LISTED)
    which = request.GET.get("of", "all")
    if which == "mine":
        found = found.filter(owner=request.user)
    elif which == "nobody":
        found = found.filter(owner=None)
    shown = window(request, found)
    saw(request, *(f"request:{each['pk']}" for each in shown.rows))
    now = timezone.now()
    for each in shown.rows:
        word = CareRequest.standing_at(now, due_at=each["due_at"], late_at=each["late_at"])
        each["standing"] = word, _tone(word, has_owner=each["owner__name"] is not None)
    return render(request, "intake/requests.html", {"window": shown, "which": which})


@may(May.WORK_REQUESTS)
@require_GET
def request_page(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """Show one request, who it could be, and what was done."""
    found = _mine(request, request_id)
    saw(request, f"request:{found.pk}")
    return render(request, "intake/request.html", _shown(request, found))


@may(May.WORK_REQUESTS)
@require_POST
def request_act(request: StaffRequest, request_id: UUID, what: str) -> HttpResponse:
    """Take, give, write down, or close a request."""
    found = _mine(request, request_id)
    forms: dict[str, Any] = {
        "give": GiveForm(request.POST, clinic=request.clinic),
        "step": StepForm(request.POST),
        "close": CloseForm(request.POST),
    }
    form = forms.get(what)
    if form is not None and not form.is_valid():
        again = {**_shown(request, found), f"{what}_form": form}
        return render(request, "intake/request.html", again, status=422)
    doing: dict[str, Any] = {"care_request": found, "by": request.user, "at": timezone.now()}
    try:
        if what == "take":
            actions.give(to=request.user, **doing)
        elif what == "give":
            actions.give(to=forms["give"].cleaned_data["to"], **doing)
        elif what == "step":
            actions.note(**forms["step"].cleaned_data, **doing)
        else:
            actions.close(**forms["close"].cleaned_data, **doing)
    except actions.RequestClosedError:
        messages.info(request, "Someone closed this request a moment ago; nothing was changed.")
    return redirect("request", found.pk)


@may(May.EDIT_PERSON)
@require_POST
def request_register(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """Make the one who asked a person in care, or recognise one who is."""
    found = _mine(request, request_id)
    form = RegisterForm(request.POST)
    existing = None
    if not form.is_valid():
        raise Http404
    if form.existing_id():
        existing = get_object_or_404(request.clinic.persons.present(), pk=form.existing_id())
    try:
        person = actions.register(
            care_request=found, existing=existing, by=request.user, at=timezone.now()
        )
    except actions.RequestClosedError:
        messages.info(request, "Someone closed this request a moment ago; nothing was changed.")
        return redirect("request", found.pk)
    messages.success(request, f"{person.legal_name} is registered.")
    return redirect(_person_page(person))


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


def asker_of(request: HttpRequest) -> str:
    """Return for whom the address asks: `self`, or `relative`."""
    return "relative" if request.GET.get("for") == "relative" else "self"


def said(moment: Any, words: Words) -> str:
    """Return a local moment in the words of a language, with its zone."""
    day, month = DAYS[words.language][moment.weekday()], MONTHS[words.language][moment.month - 1]
    clock = moment.strftime("%H:%M %Z")
    if words.language == "es":
        return f"{day} {moment.day} de {month} de {moment.year}, {clock}"
    return f"{day} {moment.day} {month} {moment.year}, {clock}"


def front(request: HttpRequest, lang: str, slug: str) -> dict[str, Any]:
    """Return what every public page of a site shows, and set whose clinic it is."""
    site = get_object_or_404(Site.objects.select_related("clinic"), slug=slug)
    request.clinic = site.clinic  # type: ignore[attr-defined]
    words = words_of(FOLDER, "front", lang)
    today = timezone.now().astimezone(site.zone).date()
    other = "en" if lang == "es" else "es"
    match = request.resolver_match
    name = match.url_name if match else "site_home"
    return {
        "site": site,
        "lang": lang,
        "w": words,
        "crisis": crisis_for(site, lang, today),
        "is_invented": site.clinic.is_invented,
        "other": (words["other_language"], reverse(name or "site_home", args=(other, slug))),
        "visit_page": _visit_page(lang, slug),
    }


def _visit_page(lang: str, slug: str) -> str:
    """Return where a visit is booked, once that part of the clinic is there."""
    try:
        return reverse("site_visit", args=(lang, slug))
    except NoReverseMatch:
        return ""


def _person_page(person: Person) -> str:
    try:
        return reverse("person", args=(person.pk,))
    except NoReverseMatch:
        return reverse("requests")


def _mine(request: StaffRequest, request_id: UUID) -> CareRequest:
    try:
        found = request.clinic.care_requests.select_related("owner", "site", "person", "clinic")
        return get_object_or_404(found, pk=request_id)
    except ValidationError:
        raise Http404 from None


def _shown(request: StaffRequest, found: CareRequest) -> dict[str, Any]:
    details = PersonDetails(
        legal_name=found.name, birth_date=found.birth_date, phone=found.phone, email=found.email
    )
    return {
        "found": found,
        "standing": _standing(found, timezone.now()),
        "steps": found.steps.select_related("by", "to").order_by("at"),
        "uploads": found.uploads.all(),
        "alike": likely_same(request.clinic, details) if found.closed_at is None else [],
        "give_form": GiveForm(clinic=request.clinic),
        "step_form": StepForm(),
        "close_form": CloseForm(),
    }


def _standing(found: CareRequest, now: Any) -> tuple[str, str]:
    """Return where a request stands, in words and tone."""
    if found.closed_at is not None:
        return found.outcome.replace("-", " "), "info"
    word = found.standing_at(now, due_at=found.due_at, late_at=found.late_at)
    return word, _tone(word, has_owner=found.owner_id is not None)


def _tone(standing: str, *, has_owner: bool) -> str:
    return TONES.get(standing) or ("info" if has_owner else "unknown")


def _letter_start(request: StaffRequest, person: Person) -> dict[str, str]:
    born = f", born {person.birth_date:%-d %B %Y}" if person.birth_date else ""
    text = (
        f"Dear colleague,\n\nthank you for seeing {person.legal_name}{born}.\n\n"
        f"Reason for referral:\n\n\nWhat has been tried:\n\n\nWhat we ask of you:\n\n\n"
        f"With kind regards,\n{request.user.name}\n{request.clinic.name}"
    )
    return {"subject": f"Referral: {person.legal_name}{born}", "text": text}
