"""The staff's pages of a choice: the aid with the patient on the screen, and what was chosen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overstory.clinic.care import choosing_actions as actions
from overstory.clinic.care import choosing_links as links
from overstory.clinic.care.adopted import InForce, in_force
from overstory.clinic.care.choosing_aid import Aid, aid_of, pdf_of, shown_aid
from overstory.clinic.care.choosing_forms import (
    ChoiceForm,
    QuestionForm,
    SureForm,
    ValuesForm,
    option_choices,
)
from overstory.clinic.care.choosing_reading import choosing_of
from overstory.clinic.care.choosing_sending import send_choice_link
from overstory.clinic.care.choosing_words import comparison_words, words
from overstory.clinic.care.consenting import LANGUAGES
from overstory.clinic.care.reaching import around, crisis_path, person_of
from overstory.clinic.intake.links import LinkError
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.exchange.aid.pdf import PdfError

GET_POST = require_http_methods(["GET", "POST"])


@may(May.RECORD_CHOICE)
@never_cache
@require_GET
def choice(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show the decision aid with the patient on the screen."""
    return _aid_page(request, person_of(request, person_id))


@may(May.RECORD_CHOICE)
@require_GET
def choice_pdf(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Give the decision aid as a PDF to keep."""
    person = person_of(request, person_id)
    language = language_of(request, person)
    force = in_force(request.clinic)
    aid = aid_of(person, at=timezone.now(), force=force, language=language)
    return pdf_answer(aid, language)


@may(May.RECORD_CHOICE)
@require_POST
def choice_values(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Keep what matters to the person, said with staff."""
    person, force = person_of(request, person_id), in_force(request.clinic)
    language = language_of(request, person)
    form = ValuesForm(request.POST, knowledge=force.knowledge, language=language, held={})
    if not form.is_valid():
        return _aid_page(request, person, values_form=form)
    return _said(
        request,
        person,
        lambda at: actions.say_values(
            person=person, key=form.cleaned_data["key"], importance=form.importance(),
            giver=actions.Giver(staff=request.user), at=at, knowledge=force.knowledge,
        ),
        place="values",
    )  # fmt: skip


@may(May.RECORD_CHOICE)
@require_POST
def choice_sure(request: StaffRequest, person_id: UUID, moment: str) -> HttpResponse:
    """Keep a SURE test taken with staff."""
    person, force = person_of(request, person_id), in_force(request.clinic)
    aid_words = comparison_words(language_of(request, person)).aid
    form = SureForm(request.POST, said=aid_words["sure"], prefix=moment)
    if not form.is_valid():
        return _aid_page(request, person, **{f"sure_{moment}": form})
    return _said(
        request,
        person,
        lambda at: actions.take_sure(
            person=person, key=form.cleaned_data["key"], moment=moment, answers=form.answers(),
            giver=actions.Giver(staff=request.user), at=at, knowledge=force.knowledge,
        ),
        place=f"sure-{moment}",
    )  # fmt: skip


@may(May.RECORD_CHOICE)
@require_POST
def choice_ask(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Keep a question of the person."""
    person = person_of(request, person_id)
    say = words(language_of(request, person))
    form = QuestionForm(request.POST, label=say("questions.label"))
    if not form.is_valid():
        return _aid_page(request, person, question_form=form)
    return _said(
        request,
        person,
        lambda at: actions.ask(
            person=person, key=form.cleaned_data["key"], words=form.cleaned_data["words"],
            giver=actions.Giver(staff=request.user), at=at,
        ),
        place="questions",
    )  # fmt: skip


@may(May.RECORD_CHOICE)
@never_cache
@GET_POST
def choice_record(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Record what was chosen, or noted as a wish; show what was chosen before."""
    person, force, now = person_of(request, person_id), in_force(request.clinic), timezone.now()
    aid = aid_of(person, at=now, force=force, language="en")
    standing = actions.standing_choice(person)
    form = ChoiceForm(
        request.POST if request.method == "POST" else None,
        clinic=request.clinic,
        by=request.user,
        options=option_choices(aid.options),
        today=now.astimezone(person.site.zone).date(),
        initial={"seen": standing.pk if standing else None},
    )
    more: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_choice(
                person=person, chosen=form.chosen(), force=force, by=request.user, at=now
            )
        except actions.ChoiceRefusedError as error:
            more["refused"] = error
        except (actions.SaidError, actions.ChangedMeanwhileError) as error:
            form.add_error(None, f"{error}.")
        else:
            messages.success(request, "Recorded.")
            return redirect("choice_record", person.pk)
    return _record_page(request, person, force, aid, form, **more)


@may(May.RECORD_CHOICE)
@never_cache
@require_POST
def choice_link(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """
    Make a link to the aid and show it, once: only its hash is kept, so no later page could show it.

    That is why this answer to a POST is a page and no redirect; sent again, it is a newer link.
    """
    person, now = person_of(request, person_id), timezone.now()
    if request.POST.get("what") == "revoke":
        links.revoke(person=person, by=request.user, at=now)
        messages.success(request, "The link is revoked.")
        return redirect("choice", person.pk)
    try:
        made = links.make_link(person=person, by=request.user, at=now)
    except LinkError as error:
        messages.error(request, f"No link was made: {error}.")
        return redirect("choice", person.pk)
    address = f"{settings.ORIGIN}{reverse('choice_open', args=(made.token,))}"
    message = None
    if request.POST.get("what") == "message":
        message = send_choice_link(link=made.link, person=person, address=address, at=now)
    qr = segno.make(address, error="m", micro=False).svg_data_uri(scale=6, border=2)
    shown = around(
        request, person, in_force(request.clinic),
        link=made.link, address=address, qr=qr, message=message,
    )  # fmt: skip
    return render(request, "care/choice_link_made.html", shown)


def language_of(request: StaffRequest, person: Person) -> str:
    """Return the language that the page was asked in, else the person's, else English."""
    asked = (request.POST.get("language"), request.GET.get("language"), person.language, "en")
    return next(each for each in asked if each in LANGUAGES)


def pdf_answer(aid: Aid, language: str) -> HttpResponse:
    """Return the PDF as a file to save; where none can be made here, say so."""
    try:
        made = pdf_of(aid, language=language)
    except PdfError as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="options-{language}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


def _said(
    request: StaffRequest, person: Person, write: Callable[[datetime], object], *, place: str
) -> HttpResponse:
    try:
        write(timezone.now())
    except actions.SaidError as error:
        messages.error(request, f"Not saved: {error}.")
    language = language_of(request, person)
    return redirect(f"{reverse('choice', args=(person.pk,))}?language={language}#{place}")


def _aid_page(request: StaffRequest, person: Person, **forms: Any) -> HttpResponse:
    now, force = timezone.now(), in_force(request.clinic)
    language = language_of(request, person)
    said, say = comparison_words(language), words(language)
    aid = aid_of(person, at=now, force=force, language=language)
    held = choosing_of(person, knowledge=force.knowledge)
    given = {
        "values_form": ValuesForm(
            knowledge=force.knowledge, language=language, held=held.importance
        ),
        "sure_before": SureForm(said=said.aid["sure"], prefix="before"),
        "sure_after": SureForm(said=said.aid["sure"], prefix="after"),
        "question_form": QuestionForm(label=say("questions.label")),
    }
    shown = around(
        request, person, force, language=language, held=held, w=say,
        other_language="en" if language == "es" else "es",
        link=person.choice_links.filter(revoked_at=None).first(),
        now=now, **shown_aid(aid, said.compare), **{**given, **forms},
    )  # fmt: skip
    return render(request, "care/choice.html", shown, status=422 if forms else 200)


def _record_page(
    request: StaffRequest, person: Person, force: InForce, aid: Aid, form: ChoiceForm, **more: Any
) -> HttpResponse:
    now = timezone.now()
    held = choosing_of(person, knowledge=force.knowledge)
    verdicts = [
        (each.id, each.entry.words.name.en, str(each.verdict) if each.verdict else "")
        for each in aid.options
    ]
    shown = around(
        request, person, force, form=form, held=held, verdicts=verdicts,
        names={name: words for name, words, _ in verdicts},
        safety=aid.given.assessment.safety,
        crisis=crisis_path(request, force, now.astimezone(person.site.zone).date()),
        **more,
    )  # fmt: skip
    is_wrong = request.method == "POST"
    return render(request, "care/choice_record.html", shown, status=422 if is_wrong else 200)
