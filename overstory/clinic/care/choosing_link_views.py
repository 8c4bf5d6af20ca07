"""The patient's own pages by their link: the options, what matters, how sure, what to ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overstory.clinic.audit.reading import saw
from overstory.clinic.care import choosing_actions as actions
from overstory.clinic.care import choosing_links as links
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.choosing_aid import Aid, aid_of, shown_aid
from overstory.clinic.care.choosing_forms import QuestionForm, SureForm, ValuesForm
from overstory.clinic.care.choosing_own import Own, own_of
from overstory.clinic.care.choosing_reading import said_of
from overstory.clinic.care.choosing_rows import MOMENTS, QUESTION, ChoiceLink
from overstory.clinic.care.choosing_views import pdf_answer
from overstory.clinic.care.choosing_words import comparison_words, words
from overstory.clinic.care.consenting import shown_text
from overstory.clinic.care.facts import gathered
from overstory.clinic.care.own_link_views import OwnPages, is_danger
from overstory.clinic.intake import browsers
from overstory.clinic.intake.links import NotOpenError
from overstory.clinic.people.doors import by_link

GET_POST = require_http_methods(["GET", "POST"])
PAGES = OwnPages(links.KIND, words, home="choice_home", language="choice_language")
STEPS = ("before", "aid", "values", "after", "questions")


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
def home(request: HttpRequest, choice_link_id: UUID) -> HttpResponse:
    """Show the steps, and which of them are done; a person in danger meets the crisis lines first."""
    link = PAGES.link(request, choice_link_id)
    if refused := PAGES.refused(request, link):
        return refused
    person, context, force = link.person, PAGES.around(request, link), in_force(link.person.clinic)
    found = gathered(person, timezone.now(), force.knowledge)
    said = said_of(found.ids, knowledge=force.knowledge)
    done = {
        "before": said.before,
        "after": said.after,
        "values": said.values,
        "questions": [each for each in said.questions if each.by is None],
    }
    say = context["w"]
    context["steps"] = [
        (name, say.at(f"home.steps.{name}"), bool(done.get(name))) for name in STEPS
    ]
    context["is_danger"] = is_danger(person, found.facts, force.knowledge)
    context["aid_crisis"] = comparison_words(context["lang"]).aid["crisis"]
    context["texts"] = [
        (each.treatment, shown_title(each, context["lang"]))
        for each in force.knowledge.sections["consent_documents"]
        if each.jurisdiction == person.clinic.jurisdiction and each.treatment in person.site.offers
    ]
    saw(request, f"person:{person.pk}", action="own options")
    return render(request, "care/choice_home.html", context)


@by_link
@never_cache
@require_GET
def aid(request: HttpRequest, choice_link_id: UUID) -> HttpResponse:
    """Show the person's own aid, with nothing of what they answered about suicide."""
    link = PAGES.link(request, choice_link_id)
    if refused := PAGES.refused(request, link):
        return refused
    context = PAGES.around(request, link)
    made, context["own"] = _made(link, context["lang"])
    context |= shown_aid(made, comparison_words(context["lang"]).compare)
    saw(request, f"person:{link.person.pk}", action="own options")
    return render(request, "care/choice_own_aid.html", context)


@by_link
@never_cache
@require_GET
def pdf(request: HttpRequest, choice_link_id: UUID) -> HttpResponse:
    """Give the person their own aid as a PDF."""
    link = PAGES.link(request, choice_link_id)
    if refused := PAGES.refused(request, link):
        return refused
    lang = browsers.language_for(request, link.person.language)
    saw(request, f"person:{link.person.pk}", action="own options")
    made, own = _made(link, lang)
    return pdf_answer(made, lang, own)


@by_link
@csrf_exempt
@never_cache
@GET_POST
def values(request: HttpRequest, choice_link_id: UUID) -> HttpResponse:
    """Take what matters to the person."""
    link = PAGES.link(request, choice_link_id)
    if refused := PAGES.refused(request, link):
        return refused
    context, force = PAGES.around(request, link), in_force(link.person.clinic)
    held = said_of(link.person.ids, knowledge=force.knowledge).importance
    form = ValuesForm(
        request.POST if request.method == "POST" else None,
        knowledge=force.knowledge, language=context["lang"], held=held,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():

        def write(said: actions.Saying) -> None:
            actions.say_values(
                person=link.person,
                said=said,
                importance=form.importance(),
                knowledge=force.knowledge,
            )

        return _saved(request, link, form.cleaned_data["key"], write)
    most = force.knowledge.sections["aid"][0].most_important
    context |= {
        "form": form,
        "lead": context["w"]("values.lead", most=most),
        "has_said": bool(held),
        "error": context["w"]("values.error") if form.errors else "",
    }
    status = 422 if form.errors else 200
    return render(request, "care/choice_values.html", context, status=status)


@by_link
@csrf_exempt
@never_cache
@GET_POST
def sure(request: HttpRequest, choice_link_id: UUID, moment: str) -> HttpResponse:
    """Take the SURE test before the aid, or after it."""
    link = PAGES.link(request, choice_link_id)
    if refused := PAGES.refused(request, link):
        return refused
    if moment not in MOMENTS:
        raise Http404
    context, force = PAGES.around(request, link), in_force(link.person.clinic)
    said = comparison_words(context["lang"]).aid["sure"]
    form = SureForm(request.POST if request.method == "POST" else None, said=said)
    say, error = context["w"], ""
    if request.method == "POST":
        error = say("sure.error")
        if form.is_valid() and any(each is not None for each in form.answers().values()):

            def write(saying: actions.Saying) -> None:
                actions.take_sure(
                    person=link.person,
                    said=saying,
                    moment=moment,
                    answers=form.answers(),
                    knowledge=force.knowledge,
                )

            return _saved(request, link, form.cleaned_data["key"], write)
    held = said_of(link.person.ids, knowledge=force.knowledge)
    taken = held.before if moment == "before" else held.after
    context |= {"form": form, "title": say(f"sure.{moment}"), "error": error}
    context["result"] = say(f"sure.{_result(taken.result.is_sure)}") if taken else ""
    status = 422 if error else 200
    return render(request, "care/choice_sure.html", context, status=status)


@by_link
@csrf_exempt
@never_cache
@GET_POST
def questions(request: HttpRequest, choice_link_id: UUID) -> HttpResponse:
    """Take the person's questions, and show those that they wrote by this link."""
    link = PAGES.link(request, choice_link_id)
    if refused := PAGES.refused(request, link):
        return refused
    context = PAGES.around(request, link)
    say = context["w"]
    form = QuestionForm(
        request.POST if request.method == "POST" else None, label=say("questions.label")
    )
    if request.method == "POST" and form.is_valid():

        def write(said: actions.Saying) -> None:
            actions.ask(person=link.person, said=said, words=form.cleaned_data["words"])

        return _saved(request, link, form.cleaned_data["key"], write, to="choice_questions")
    error = say("questions.error", most=actions.MOST_LETTERS) if form.errors else ""
    rows = link.person.choice_said.filter(kind=QUESTION, by=None).order_by("at")
    context |= {"form": form, "rows": rows, "error": error}
    status = 422 if error else 200
    return render(request, "care/choice_questions.html", context, status=status)


@by_link
@never_cache
@require_GET
def text(request: HttpRequest, choice_link_id: UUID, treatment: str) -> HttpResponse:
    """Show a consent text to read at home; it is not signed here."""
    link = PAGES.link(request, choice_link_id)
    if refused := PAGES.refused(request, link):
        return refused
    context = PAGES.around(request, link)
    knowledge = in_force(link.person.clinic).knowledge
    shown = shown_text(
        person=link.person, treatment=treatment, language=context["lang"], knowledge=knowledge
    )
    if shown is None:
        raise Http404
    context["text"] = shown.content
    context["version"] = context["w"](
        "consent.version", version=shown.document.version, date=shown.document.date
    )
    return render(request, "care/consent_own_text.html", context)


@by_link
@csrf_exempt
@require_POST
def language(request: HttpRequest, choice_link_id: UUID) -> HttpResponse:
    """Change the language of the pages on this browser."""
    return PAGES.speak(request, choice_link_id)


def _made(link: ChoiceLink, lang: str) -> tuple[Aid, Own]:
    """Return the aid of a link's person, and what they take home beside it."""
    person, now = link.person, timezone.now()
    made = aid_of(person, at=now, force=in_force(person.clinic), language=lang, by_link=True)
    return made, own_of(person, made, at=now, language=lang)


def shown_title(document: Any, lang: str) -> str:
    """Return the title of a document in a language."""
    return str(document.title.es if lang == "es" else document.title.en)


def _result(is_sure: bool | None) -> str:
    return {True: "sure", False: "unsure", None: "open"}[is_sure]


def _saved(
    request: HttpRequest,
    link: ChoiceLink,
    key: UUID,
    write: Callable[[actions.Saying], None],
    to: str = "choice_home",
) -> HttpResponse:
    try:
        write(actions.Saying(key, actions.Giver(link=link), timezone.now()))
    except NotOpenError as error:
        return PAGES.over(request, link, error.why, unsaved=True)
    except actions.SaidError:
        return PAGES.over(request, link, "revoked", unsaved=True)
    return redirect(to, choice_link_id=link.pk)
