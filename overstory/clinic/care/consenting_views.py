"""The staff's pages of consent: the texts, signing with the person, what was signed, withdrawal."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overstory.clinic.care import consenting_actions as actions
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.choosing_views import language_of
from overstory.clinic.care.choosing_words import words
from overstory.clinic.care.consenting import (
    by_treatment,
    consents_of,
    dosing_days,
    shown_text,
    signed_consent,
)
from overstory.clinic.care.consenting_forms import ROUTES, SignConsentForm, WithdrawForm
from overstory.clinic.care.consenting_rows import Consent
from overstory.clinic.care.reaching import around, person_of
from overstory.clinic.care.steps import progress_of
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.clinic.people.stepup import proof_words, step_up


@may(May.SEE_PLAN)
@require_GET
def consents(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show the texts in use, and what the person signed and took back."""
    person, force, now = person_of(request, person_id), in_force(request.clinic), timezone.now()
    ids = person.ids
    signed = consents_of(person, force=force, at=now)
    shown = around(
        request, person, force, signed=signed,
        progress=progress_of(person, ids=ids, force=force, by=request.user, at=now),
        treatments=by_treatment(person, signed, force=force),
        languages={"en": "English", "es": "Spanish"},
    )  # fmt: skip
    return render(request, "care/consents.html", shown)


@may(May.TAKE_CONSENT)
@never_cache
@require_http_methods(["GET", "POST"])
@step_up
def consent_sign(request: StaffRequest, person_id: UUID, treatment: str) -> HttpResponse:
    """Show the text to the person, and take their signature."""
    person, force, now = person_of(request, person_id), in_force(request.clinic), timezone.now()
    language = language_of(request, person)
    text = shown_text(
        person=person, treatment=treatment, language=language, knowledge=force.knowledge
    )
    if text is None:
        raise Http404
    form = SignConsentForm(request.POST if request.method == "POST" else None, shown=text)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.sign(
                person=person, signing=form.signing(treatment), force=force, by=request.user, at=now
            )
        except actions.NotSignableError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, f"Signed. Print this page for their copy. {proof_words(request)}".strip()
            )
            return redirect("consent", person.pk, row.pk)
    today = now.astimezone(person.site.zone).date()
    shown = around(
        request, person, force, form=form, text=text.content, sha256=text.sha256,
        language=language, other_language="en" if language == "es" else "es",
        treatment=treatment, w=words(language), is_dosing_day=today in dosing_days(person),
    )  # fmt: skip
    return render(request, "care/consent_sign.html", shown, status=422 if form.errors else 200)


@may(May.SEE_PLAN)
@require_GET
def consent(request: StaffRequest, person_id: UUID, consent_id: UUID) -> HttpResponse:
    """Show what was signed, word for word."""
    person, force, now = person_of(request, person_id), in_force(request.clinic), timezone.now()
    row = _of(person, consent_id)
    shown = around(
        request, person, force,
        signed=signed_consent(row, person, force=force, at=now),
        row=row, text=row.text, route_words=ROUTES.get(row.route, row.route),
        w=words(row.language), form=WithdrawForm(),
    )  # fmt: skip
    return render(request, "care/consent.html", shown)


@may(May.SEE_PLAN)
@require_POST
def consent_withdraw(request: StaffRequest, person_id: UUID, consent_id: UUID) -> HttpResponse:
    """Take a consent back for the person; anyone who hears it may write it down."""
    person = person_of(request, person_id)
    row = _of(person, consent_id)
    form = WithdrawForm(request.POST)
    said = form.cleaned_data["words"] if form.is_valid() else ""
    actions.withdraw(consent=row, words=said, by=request.user, at=timezone.now())
    messages.success(request, "Withdrawn. Nothing is given on this consent any more.")
    return redirect("consent", person.pk, row.pk)


def _of(person: Person, consent_id: UUID) -> Consent:
    found: Consent = get_object_or_404(Consent.objects.of(person.ids), pk=consent_id)
    return found
