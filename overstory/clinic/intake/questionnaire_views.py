"""The staff's pages of questionnaires: who was sent what, links, answers, entering on behalf."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import segno
from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overstory.clinic.audit.reading import saw
from overstory.clinic.intake import links
from overstory.clinic.intake.answers import Held, by_words, held_of, reply_of, said_by
from overstory.clinic.intake.filling import STATES, Answer, Questionnaire
from overstory.clinic.intake.giving import Giver, give
from overstory.clinic.intake.questionnaire_forms import SendForm, pack_says
from overstory.clinic.intake.sending import (
    ByEmail,
    agree_to_email,
    by_email,
    newest_link,
    prefers_email,
    send_link,
)
from overstory.clinic.intake.showing import answer_words, in_language, show, unit_words, words
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May, allowed
from overstory.clinic.ui.windows import window
from overstory.knowledge.load import load_knowledge
from overstory.pathway.pack_replies import ReplyError, read_reply
from overstory.pathway.pack_skips import unrecognized
from overstory.pathway.pack_values import Question, Reply
from overstory.pathway.packs import PackError, ReadPack, read_pack

GET_POST = require_http_methods(["GET", "POST"])
LABELS = {
    "made": ("Made, not sent yet", "warn"),
    "sent": ("Sent, not opened", "unknown"),
    "opened": ("Opened, no answer yet", "unknown"),
    "half-done": ("Half done", "warn"),
    "submitted": ("Submitted", "good"),
    "expired": ("Expired", "warn"),
    "locked": ("Locked: wrong birth dates", "stop"),
    "staff": ("Staff enter it", "info"),
    "withdrawn": ("Withdrawn", "unknown"),
}


@may(May.SEND_QUESTIONNAIRES)
@require_GET
def worklist(request: StaffRequest) -> HttpResponse:
    """Show who was sent what, and how far each is."""
    now = timezone.now()
    state = request.GET.get("state", "")
    rows = request.clinic.questionnaires.listed()
    if state in STATES:
        rows = rows.in_state(state, now)
    shown = window(request, rows)
    saw(request, *(f"person:{each.person_id}" for each in shown.rows))
    context = {
        "window": shown,
        "rows": [_row(each, now) for each in shown.rows],
        "states": [(name, LABELS[name][0], name == state) for name in LABELS],
        "state": state,
    }
    return render(request, "intake/questionnaires.html", context)


@may(May.SEND_QUESTIONNAIRES)
@never_cache
@GET_POST
def of_person(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show the questionnaires of a person, and begin another."""
    rows = request.clinic.persons.annotate(is_alone=Person.alone()).select_related("site")
    person = get_object_or_404(rows, pk=person_id)
    email, prefers = by_email(person), prefers_email(person)
    going = request.clinic.questionnaires.listed().going().filter(person=person)
    form = SendForm(
        request.POST if request.method == "POST" else None,
        initial={"key": uuid4(), "way": "message" if email.may_send and prefers else "show"},
        going={each.pack: each for each in reversed(going)} if request.method == "POST" else {},
        may_agree=_may_agree(request, email),
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _begun(request, person, form.cleaned_data)
        except links.LinkError as error:
            form.add_error(None, str(error))
    if form.same is None:
        del form.fields["another"]
    now = timezone.now()
    shown = window(request, request.clinic.questionnaires.listed().filter(person=person))
    context = {
        "person": person,
        "form": form,
        "window": shown,
        "rows": [_row(each, now) for each in shown.rows],
        "same": _row(form.same, now) if form.same else None,
        "may_agree": _may_agree(request, email),
        "email": email,
        "prefers_email": prefers,
    }
    status = 422 if form.errors else 200
    return render(request, "intake/person_questionnaires.html", context, status=status)


def _begun(request: StaffRequest, person: Person, asked: dict[str, Any]) -> HttpResponse:
    """Begin a questionnaire, and lead to its link or to its answers."""
    more = {"person": person, "pack": asked["pack"], "by": request.user, "key": asked["key"]}
    now = timezone.now()
    if asked["way"] == "enter":
        made = links.begin(**more, at=now)
        return redirect("questionnaire", person_id=person.pk, form_id=made.pk)
    new = links.begin_with_link(**more, at=now)
    return _with_link(request, new, asked["way"], now)


def _may_agree(request: StaffRequest, email: ByEmail) -> bool:
    """Return whether nothing but consent keeps e-mail from a person, and the reader may record it."""
    return May.EDIT_PERSON in allowed(request.user.role_names) and email.may_agree


@may(May.SEND_QUESTIONNAIRES)
@never_cache
@require_POST
def new_link(request: StaffRequest, person_id: UUID, form_id: UUID) -> HttpResponse:
    """Make a new link to a questionnaire; the one before is revoked."""
    form, now = _mine(request, person_id, form_id), timezone.now()
    try:
        new = links.make_link(questionnaire=form, by=request.user, at=now)
        return _with_link(request, new, request.POST.get("way", ""), now)
    except links.LinkError as error:
        messages.error(request, f"No link was made: {error}.")
        return redirect("questionnaire", person_id=person_id, form_id=form_id)


def _with_link(request: StaffRequest, made: links.NewLink, way: str, now: datetime) -> HttpResponse:
    """
    Show a link, once: only its hash is kept, so no later page could show it.

    That is why this answer to a POST is a page and no redirect; sent again, it is a newer link.
    """
    form = made.link.questionnaire
    address = f"{settings.ORIGIN}{reverse('open_link', args=(made.token,))}"
    if way == "agreed" and _may_agree(request, by_email(form.person)):
        agree_to_email(person=form.person, by=request.user, at=now)
    is_sent = way in ("message", "agreed")
    message = send_link(link=made.link, address=address, at=now) if is_sent else None
    qr = segno.make(address, error="m", micro=False)
    context = {
        "person": form.person,
        "form": form,
        "site": form.site,
        "link": made.link,
        "address": address,
        "qr": qr.svg_data_uri(scale=6, border=2),
        "message": message,
        "may_agree": bool(message and message.withheld)
        and _may_agree(request, by_email(form.person)),
        "had_link": form.links.exclude(pk=made.link.pk).exists(),
    }
    return render(request, "intake/link.html", context)


@may(May.SEE_PERSON)
@never_cache
@require_GET
def questionnaire(request: StaffRequest, person_id: UUID, form_id: UUID) -> HttpResponse:
    """Show what was answered, by whom and when, earlier answers included; and the scores."""
    form = _mine(request, person_id, form_id)
    held, pack, now = held_of(form), _pack(form), timezone.now()
    context = {
        "person": form.person,
        "form": form,
        "row": _row(form, now),
        "pack": pack.words,
        "says": pack_says(pack.words),
        "parts": _parts(pack, held),
        "unanswered": [
            {"key": each.key, "asks": each.asks.en}
            for each in pack.questions(held.replies)
            if each.key not in held.newest
        ],
        "alert": _has_alert(request, form.person),
        "may_agree": _may_agree(request, by_email(form.person)),
        "link": newest_link(form),
        "key": uuid4(),
        "scores": said_by(form, held).scores,
        "progress": pack.progress(held.replies),
        "no_longer": [
            in_language(pack.words_of(key), "en") or key for key in pack.no_longer(held.replies)
        ],
        "next": pack.next_after(None, held.replies),
        "is_open": form.submitted_at is None and form.withdrawn_at is None,
    }
    return render(request, "intake/questionnaire.html", context)


@may(May.ENTER_ANSWERS)
@require_POST
def end(request: StaffRequest, person_id: UUID, form_id: UUID) -> HttpResponse:
    """Hand a questionnaire in for a person, or withdraw it."""
    form = _mine(request, person_id, form_id)
    now = timezone.now()
    if request.POST.get("what") == "withdraw":
        links.withdraw(questionnaire=form, by=request.user, at=now)
    else:
        links.submit(questionnaire=form, by=request.user, actor=request.actor, at=now)
    return redirect("questionnaire", person_id=person_id, form_id=form_id)


@may(May.ENTER_ANSWERS)
@never_cache
@GET_POST
def enter(request: StaffRequest, person_id: UUID, form_id: UUID, key: str) -> HttpResponse:
    """Enter one answer for a person, or correct one."""
    form = _mine(request, person_id, form_id)
    held, pack = held_of(form), _pack(form)
    try:
        question = pack.question(key, held.replies)
    except PackError:
        return redirect("questionnaire", person_id=person_id, form_id=form_id)
    sent, refused = None, None
    if request.method == "POST":
        sent = dict(request.POST.lists())
        try:
            return _entered(request, form, pack, key, read_reply(question, sent))
        except ReplyError as error:
            refused = error
        except links.NotOpenError:
            messages.error(request, "This questionnaire was withdrawn; nothing was saved.")
            return redirect("questionnaire", person_id=person_id, form_id=form_id)
    say = words("en")
    before = pack.before(key, held.replies)
    context = {
        "person": form.person,
        "form": form,
        "pack": pack.words,
        "w": say,
        "q": show(
            pack=pack,
            question=question,
            reply=held.replies.get(key),
            language="en",
            sent=sent,
            error=refused,
        ),
        "before": before.key if before else "",
        "unit_words": unit_words(question.unit, "en"),
        "history": [_history(each, question) for each in held.rows if each.question == key],
    }
    return render(request, "intake/enter.html", context, status=422 if refused else 200)


def _entered(
    request: StaffRequest, form: Questionnaire, pack: ReadPack, key: str, reply: Reply
) -> HttpResponse:
    giver = Giver(request.actor, request.user, on_site=request.POST.get("here") == "yes")
    saved = give(questionnaire=form, question=key, reply=reply, giver=giver, at=timezone.now())
    is_screen = pack.words.who == "staff"
    if saved.alerts:
        now = "" if is_screen else " Do the C-SSRS now, before the person leaves or hangs up."
        messages.warning(request, f"An alert was raised.{now}")
        if not is_screen:
            return redirect("questionnaire", person_id=form.person_id, form_id=form.pk)
    following = pack.next_after(key, held_of(form).replies)
    if following is None and is_screen:
        links.submit(questionnaire=form, by=request.user, actor=request.actor, at=timezone.now())
    if following is None or form.submitted_at:
        return redirect("questionnaire", person_id=form.person_id, form_id=form.pk)
    return redirect(
        "questionnaire_page", person_id=form.person_id, form_id=form.pk, key=following.key
    )


def _mine(request: StaffRequest, person_id: UUID, form_id: UUID) -> Questionnaire:
    others = request.clinic.persons.filter(merged_into=OuterRef("person"))
    rows = request.clinic.questionnaires.listed().annotate(is_of_one_row=~Exists(others))
    form: Questionnaire = get_object_or_404(
        rows.select_related("person__clinic", "site__clinic"), pk=form_id, person_id=person_id
    )
    form.person.__dict__["is_alone"] = form.__dict__["is_of_one_row"]
    return form


def _pack(form: Questionnaire) -> ReadPack:
    return read_pack(form.pack, load_knowledge())


def _row(form: Questionnaire, now: Any) -> dict[str, Any]:
    label, tone = LABELS[form.state(now)]
    return {"form": form, "label": label, "tone": tone}


def _parts(pack: ReadPack, held: Held) -> list[dict[str, Any]]:
    """Return what was answered by part: the answer that holds, who gave it, and earlier ones."""
    parts: dict[str, dict[str, Any]] = {}
    for each in pack.questions(held.replies):
        part = parts.setdefault(each.part.id, {"title": each.part.title.en, "rows": []})
        row = held.newest.get(each.key)
        if row is None:
            continue
        part["rows"].append(
            {
                "key": each.key,
                "asks": each.asks.en,
                "held": _history(row, each),
                "earlier": [_history(old, each) for old in held.before(each.key)],
                "unrecognized": _unrecognized(row) if each.kind == "medicines" else (),
            }
        )
    return list(parts.values())


def _unrecognized(row: Answer) -> tuple[str, ...]:
    """Return what of a list of medicines names none that is known here."""
    listed = row.value.get("value") or ""
    return unrecognized(listed.splitlines(), load_knowledge())


def _has_alert(request: StaffRequest, person: Person) -> bool:
    """Return whether an alert about the person is open."""
    of_person = Q(person=person) | Q(person__merged_into=person)
    return bool(request.clinic.alerts.open().filter(of_person).exists())


def _history(row: Answer, question: Question) -> dict[str, Any]:
    return {
        "says": answer_words(question, reply_of(row.value), "en"),
        "by": by_words(row),
        "at": row.at,
        "is_unknown": "declined" in row.value,
    }
