"""The staff's pages of a choice: the aid with the patient on the screen, and what was chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overstory.clinic.care import choosing_actions as actions
from overstory.clinic.care import choosing_links as links
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.assessing import Assessed, assess_person
from overstory.clinic.care.choosing_aid import Aid, aid_of, pdf_of, shown_aid
from overstory.clinic.care.choosing_forms import (
    ChoiceForm,
    QuestionForm,
    SureForm,
    ValuesForm,
    option_choices,
)
from overstory.clinic.care.choosing_own import Own, own_of
from overstory.clinic.care.choosing_reading import chosen_by, said_of
from overstory.clinic.care.choosing_rows import MOMENTS
from overstory.clinic.care.choosing_sending import send_choice_link
from overstory.clinic.care.choosing_words import comparison_words, words
from overstory.clinic.care.consenting import LANGUAGES
from overstory.clinic.care.guarding import guarding
from overstory.clinic.care.reaching import around, crisis_path, give_again, person_of
from overstory.clinic.care.steps import progress_of
from overstory.clinic.intake.links import LinkError
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.exchange.aid.pdf import PdfError
from overstory.pathway.choice import Option, options

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
    force, now = in_force(request.clinic), timezone.now()
    aid = aid_of(person, at=now, force=force, language=language)
    own = own_of(person, aid, at=now, language=language)
    return pdf_answer(aid, language, own)


@may(May.RECORD_CHOICE)
@require_POST
def choice_values(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Keep what matters to the person, said with staff."""
    person, force = person_of(request, person_id), in_force(request.clinic)
    language = language_of(request, person)
    form = ValuesForm(request.POST, knowledge=force.knowledge, language=language, held={})
    if not form.is_valid():
        return _aid_page(request, person, values_form=form)

    def write(said: actions.Saying) -> None:
        actions.say_values(
            person=person, said=said, importance=form.importance(), knowledge=force.knowledge
        )

    return _said(request, person, form.cleaned_data["key"], write, place="values")


@may(May.RECORD_CHOICE)
@require_POST
def choice_sure(request: StaffRequest, person_id: UUID, moment: str) -> HttpResponse:
    """Keep a SURE test taken with staff."""
    person, force = person_of(request, person_id), in_force(request.clinic)
    if moment not in MOMENTS:
        raise Http404
    aid_words = comparison_words(language_of(request, person)).aid
    form = SureForm(request.POST, said=aid_words["sure"], prefix=moment)
    if not form.is_valid():
        return _aid_page(request, person, **{f"sure_{moment}": form})

    def write(said: actions.Saying) -> None:
        actions.take_sure(
            person=person,
            said=said,
            moment=moment,
            answers=form.answers(),
            knowledge=force.knowledge,
        )

    return _said(request, person, form.cleaned_data["key"], write, place=f"sure-{moment}")


@may(May.RECORD_CHOICE)
@require_POST
def choice_ask(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Keep a question of the person."""
    person = person_of(request, person_id)
    say = words(language_of(request, person))
    form = QuestionForm(request.POST, label=say("questions.label"))
    if not form.is_valid():
        return _aid_page(request, person, question_form=form)

    def write(said: actions.Saying) -> None:
        actions.ask(person=person, said=said, words=form.cleaned_data["words"])

    return _said(request, person, form.cleaned_data["key"], write, place="questions")


@may(May.RECORD_CHOICE)
@never_cache
@GET_POST
def choice_record(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Record what was chosen, or noted as a wish."""
    person, force, now = person_of(request, person_id), in_force(request.clinic), timezone.now()
    assessed = assess_person(person, at=now, force=force)
    shown = options(
        assessment=assessed.assessment, facts=assessed.gathered.facts, knowledge=force.knowledge
    )
    form = ChoiceForm(
        request.POST if request.method == "POST" else None,
        clinic=request.clinic,
        by=request.user,
        options=option_choices(shown),
        now=now,
        zone=person.site.zone,
    )
    more: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_choice(
                person=person, chosen=form.chosen(), force=force, by=request.user, at=now
            )
        except actions.ChoiceRefusedError as error:
            more["refused"] = error
        except actions.ChangedMeanwhileError as error:
            form.add_error(
                None, f"{error}. Read it under what was chosen before; sent again, yours holds."
            )
            give_again(form, request.POST, seen_at=now.isoformat())
        except actions.SaidError as error:
            form.add_error(None, f"{error}.")
        else:
            messages.success(request, "Recorded.")
            return redirect("choice_history", person.pk)
    return _record_page(request, assessed, shown, form, **more)


@may(May.RECORD_CHOICE)
@never_cache
@require_GET
def choice_history(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show what was chosen and said before, the patient's own link, and what comes next."""
    person, force, now = person_of(request, person_id), in_force(request.clinic), timezone.now()
    ids = person.ids
    entries = force.knowledge.sections["options"]
    shown = around(
        request, person, force, now=now,
        progress=progress_of(person, ids=ids, force=force, by=request.user, at=now),
        chosen=chosen_by(ids),
        said=said_of(ids, knowledge=force.knowledge),
        link=person.choice_links.filter(revoked_at=None).first(),
        names={each.id: each.words.name.en for each in entries},
        labels=[(each.id, each.label.en) for each in force.knowledge.sections["choice_values"]],
    )  # fmt: skip
    return render(request, "care/choice_history.html", shown)


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
        return redirect("choice_history", person.pk)
    try:
        made = links.make_link(person=person, by=request.user, at=now)
    except LinkError as error:
        messages.error(request, f"No link was made: {error}.")
        return redirect("choice_history", person.pk)
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


def pdf_answer(aid: Aid, language: str, own: Own) -> HttpResponse:
    """Return the PDF as a file to save; where none can be made here, say so."""
    try:
        made = pdf_of(aid, language=language, own=own.for_paper)
    except PdfError as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="options-{language}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


def _said(
    request: StaffRequest,
    person: Person,
    key: UUID,
    write: Callable[[actions.Saying], None],
    *,
    place: str,
) -> HttpResponse:
    giver = actions.Giver(staff=request.user)
    try:
        write(actions.Saying(key, giver, timezone.now()))
    except actions.SaidError as error:
        messages.error(request, f"Not saved: {error}.")
    language = language_of(request, person)
    return redirect(f"{reverse('choice', args=(person.pk,))}?language={language}#{place}")


def _aid_page(request: StaffRequest, person: Person, **forms: Any) -> HttpResponse:
    now, force = timezone.now(), in_force(request.clinic)
    language = language_of(request, person)
    words_of_aid, say = comparison_words(language), words(language)
    aid = aid_of(person, at=now, force=force, language=language)
    sure_words = words_of_aid.aid["sure"]
    given = {
        "values_form": ValuesForm(
            knowledge=force.knowledge, language=language, held=aid.said.importance
        ),
        "sure_before": SureForm(said=sure_words, prefix="before"),
        "sure_after": SureForm(said=sure_words, prefix="after"),
        "question_form": QuestionForm(label=say("questions.label")),
    }
    shown = around(
        request, person, force, language=language, said=aid.said, w=say,
        other_language="en" if language == "es" else "es",
        **shown_aid(aid, words_of_aid.compare), **{**given, **forms},
    )  # fmt: skip
    return render(request, "care/choice.html", shown, status=422 if forms else 200)


def _record_page(
    request: StaffRequest,
    assessed: Assessed,
    options_now: tuple[Option, ...],
    form: ChoiceForm,
    **more: Any,
) -> HttpResponse:
    person, force = assessed.gathered.person, assessed.in_force
    verdicts = [
        (each.entry.words.name.en, str(each.verdict)) for each in options_now if each.verdict
    ]
    today = timezone.now().astimezone(person.site.zone).date()
    shown = around(
        request, person, force, form=form, verdicts=verdicts,
        safety=assessed.assessment.safety, crisis=crisis_path(request, force, today),
        **guarding(request, assessed), **more,
    )  # fmt: skip
    is_wrong = request.method == "POST"
    return render(request, "care/choice_record.html", shown, status=422 if is_wrong else 200)
