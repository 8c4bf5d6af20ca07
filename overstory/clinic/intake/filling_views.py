"""The patient's pages of a questionnaire: one question a page, looked over, handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from overstory.clinic.audit.reading import saw
from overstory.clinic.intake import browsers, links
from overstory.clinic.intake.after_alert import after_alert
from overstory.clinic.intake.answers import Held, held_of
from overstory.clinic.intake.filling import Answer, IntakeLink
from overstory.clinic.intake.frame_views import (
    around,
    awake,
    over_page,
    own_path,
    pack_of,
    refused,
)
from overstory.clinic.intake.giving import Giver, give
from overstory.clinic.intake.next_visit import next_visit_words
from overstory.clinic.intake.showing import (
    answer_words,
    in_language,
    moment_words,
    show,
    unit_words,
    words,
)
from overstory.clinic.people.doors import by_link
from overstory.clinic.people.models import Site
from overstory.clinic.safety.actions import last_told, tell_where
from overstory.clinic.safety.models import Alert
from overstory.knowledge.load import load_knowledge
from overstory.pathway.pack_replies import ReplyError, read_reply
from overstory.pathway.pack_values import Reply
from overstory.pathway.packs import PackError, ReadPack

GET_POST = require_http_methods(["GET", "POST"])
MOST_UNFOLDED = 4
"""As many parts as the list of answers shows unfolded."""


@by_link
@never_cache
@require_GET
@awake
def go_on(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Go to the first question without an answer, or to the list of answers."""
    link = browsers.find_link(request, link_id)
    if stop := refused(request, link):
        return stop
    held = held_of(link.questionnaire)
    return _to_next(link, pack_of(link), None, held)


@by_link
@csrf_exempt
@never_cache
@GET_POST
@awake
def page(request: HttpRequest, link_id: UUID, key: str) -> HttpResponse:
    """Show one question, and save its answer."""
    link = browsers.find_link(request, link_id)
    if stop := refused(request, link):
        return stop
    held, pack = held_of(link.questionnaire), pack_of(link)
    try:
        question = pack.question(key, held.replies)
    except PackError:
        return _to_next(link, pack, None, held)
    if request.method == "GET":
        return _page(request, link, held, key)
    sent = dict(request.POST.lists())
    if wanted := request.POST.get("language"):
        return _in_other_words(request, link, held, key, wanted)
    try:
        reply = read_reply(question, sent)
    except ReplyError as error:
        return _page(request, link, held, key, sent=sent, error=error)
    giver = Giver(request.actor, language=browsers.language_of(request, link))  # type: ignore[attr-defined]
    try:
        saved = give(
            questionnaire=link.questionnaire,
            question=key,
            reply=reply,
            giver=giver,
            at=timezone.now(),
            seen=_seen(request),
        )
    except links.NotOpenError as error:
        return over_page(request, link, error.why, unsaved=True)
    if saved.alerts:
        return redirect("fill_help", link_id=link.pk)
    return _to_next(link, pack, key, held_of(link.questionnaire))


def _in_other_words(
    request: HttpRequest, link: IntakeLink, held: Held, key: str, wanted: str
) -> HttpResponse:
    """Show the same question in the other language, with what was put in and is not saved yet."""
    lang = "es" if wanted == "es" else "en"
    browsers.speak(request, lang)
    answer = _page(request, link, held, key, sent=dict(request.POST.lists()))
    browsers.choose_language(answer, lang)
    return answer


def _seen(request: HttpRequest) -> int | None:
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


def _page(
    request: HttpRequest,
    link: IntakeLink,
    held: Held,
    key: str,
    *,
    sent: dict[str, Any] | None = None,
    error: ReplyError | None = None,
) -> HttpResponse:
    context = around(request, link)
    pack, replies, site = pack_of(link), held.replies, link.questionnaire.site
    question, before = pack.question(key, replies), pack.before(key, replies)
    row, place, seen = held.newest.get(key), pack.place(key, replies), _seen(request)
    step = words(context["lang"])("page.step", part=place.part, of=place.of)
    context |= {
        "q": show(
            pack=pack,
            question=question,
            reply=replies.get(key),
            language=context["lang"],
            sent=sent,
            error=error,
        ),
        "percent": place.percent,
        "before": before.key if before else "",
        "seen": seen if seen is not None else row.number if row else 0,
        "saved": _when(held.saved_at, link, context["lang"]),
        "by_staff_words": _by_staff(row, site, context["lang"]),
        "unit_words": unit_words(question.unit, context["lang"]),
        "has_answers": bool(replies),
        "step": step if place.of > 1 else "",
    }
    return render(request, "intake/fill_page.html", context, status=422 if error else 200)


def _by_staff(row: Answer | None, site: Site, lang: str) -> str:
    if row is None or row.by is None:
        return ""
    return words(lang)("page.by_staff", when=moment_words(row.at, site, lang))


@by_link
@csrf_exempt
@never_cache
@GET_POST
@awake
def check(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Show all answers, and hand them in."""
    link = browsers.find_link(request, link_id)
    if stop := refused(request, link):
        return stop
    if request.method == "POST":
        links.submit(
            questionnaire=link.questionnaire,
            by=None,
            actor=request.actor,  # type: ignore[attr-defined]
            at=timezone.now(),
        )
        told = _told_here(link).first()
        asks = told is not None and not any(last_told(told, request.actor))  # type: ignore[attr-defined]
        return redirect("fill_help" if asks else "fill_done", link_id=link.pk)
    context = around(request, link)
    held, pack = held_of(link.questionnaire), pack_of(link)
    replies = held.replies
    context["parts"] = _review(pack, held, context["lang"])
    context["folds"] = len(context["parts"]) > MOST_UNFOLDED
    context["no_longer"] = [
        in_language(pack.words_of(key), context["lang"]) for key in pack.no_longer(replies)
    ]
    left = pack.progress(replies)
    context["open_count"] = left.of - left.done
    context["says_open"] = words(context["lang"])(
        "check.open_many" if context["folds"] else "check.open_count", count=left.of - left.done
    )
    context["no_way"] = _no_way(replies)
    context["saved"] = _when(held.saved_at, link, context["lang"])
    saw(request, f"person:{link.questionnaire.person_id}", action="own answers")
    return render(request, "intake/fill_check.html", context)


def _no_way(replies: Mapping[str, Reply]) -> str:
    """Return the question by which all ways to be reached were taken back; empty if it was not."""
    for each in load_knowledge().sections["pack_questions"]:
        reply = replies.get(f"own.{each.id}") if each.channels else None
        if reply is not None and reply.value is not None and not reply.value:
            return f"own.{each.id}"
    return ""


def _review(pack: ReadPack, held: Held, language: str) -> list[dict[str, Any]]:
    """Return the questions that apply by part, each with its answer in words."""
    replies = held.replies
    parts: dict[str, dict[str, Any]] = {}
    for each in pack.questions(replies):
        reply = replies.get(each.key)
        title = in_language(each.part.title, language)
        part = parts.setdefault(title, {"title": title, "rows": []})
        part["rows"].append(
            {
                "key": each.key,
                "asks": in_language(each.asks, language),
                "lang": "en" if each.english_only else language,
                "answer": answer_words(each, reply, language) if reply else "",
                "declined": reply.declined if reply else "",
            }
        )
    for part in parts.values():
        part["says"] = _part_words(part["rows"], language)
    return list(parts.values())


def _part_words(rows: Sequence[Mapping[str, Any]], language: str) -> str:
    """Say how many questions of a part are answered, and apart how many were not said or not sure."""
    say, of = words(language), len(rows)
    unsaid = sum(each["declined"] == "rather-not-say" for each in rows)
    unsure = sum(each["declined"] == "not-sure" for each in rows)
    done = sum(bool(each["answer"]) for each in rows) - unsaid - unsure
    more = [
        say(f"check.part_{name}", count=count)
        for name, count in (("unsaid", unsaid), ("unsure", unsure))
        if count
    ]
    return ", ".join([say("check.part", done=done, of=of), *more])


@by_link
@csrf_exempt
@never_cache
@GET_POST
def crisis_help(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Show the crisis text, and take down where the person can be reached now."""
    link = browsers.find_link(request, link_id)
    unsaved = request.method == "POST"
    if not browsers.is_bound(request, link):
        return over_page(request, link, "other_browser", unsaved=unsaved, status=403)
    context = around(request, link)
    alert = _alerts(link).first()
    if alert is None:
        return redirect("fill", link_id=link.pk)
    if request.method == "POST":
        phone = request.POST.get("phone", "").strip()[:40]
        place = request.POST.get("place", "").strip()[:200]
        if phone or place:
            before, _ = last_told(alert, request.actor)  # type: ignore[attr-defined]
            tell_where(
                alert=alert,
                phone=phone,
                place=place,
                key=_key(request),
                at=timezone.now(),
                actor=request.actor,  # type: ignore[attr-defined]
            )
            return redirect(_after_telling(request, phone, before))
        context["error"] = words(context["lang"])("help.need_one")
    now = timezone.now()
    context |= after_alert(alert=alert, actor=request.actor, language=context["lang"], now=now)  # type: ignore[attr-defined]
    context["key"] = uuid4()
    given = context["given"]
    context["doubt"] = given["doubt"] if given and "right" not in request.GET else ""
    asks = given is None or "change" in request.GET or "error" in context
    context["asks"] = asks or bool(context["doubt"])
    context["over"] = links.why_over(link, now)
    return render(
        request, "intake/fill_help.html", context, status=422 if "error" in context else 200
    )


def _after_telling(request: HttpRequest, phone: str, before: str) -> str:
    """Return where to go on; a number that was written twice the same is not doubted again."""
    return f"{request.path}{'?right=1' if phone and phone == before else ''}#given"


def _alerts(link: IntakeLink) -> QuerySet[Alert]:
    """Return the alerts about the person, open ones first, then the newest."""
    form = link.questionnaire
    alerts: QuerySet[Alert] = form.clinic.alerts.filter(person_id__in=form.person.ids)
    alerts = alerts.select_related("site", "clinic")
    return alerts.order_by(F("closed_at").desc(nulls_first=True), "-raised_at")


def _told_here(link: IntakeLink) -> QuerySet[Alert]:
    """Return the open alerts that were raised, or reported again, since the questionnaire was made."""
    since = _alerts(link).filter(
        acts__kind__in=("raised", "repeated", "raised-tier"),
        acts__at__gte=link.questionnaire.made_at,
    )
    return _alerts(link).filter(closed_at=None, pk__in=since.order_by().values("pk"))


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()


@by_link
@never_cache
@require_GET
def done(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Thank for the answers, and repeat what was promised where an alert is open."""
    link = browsers.find_link(request, link_id)
    if not browsers.is_bound(request, link):
        return over_page(request, link, "other_browser", status=403)
    if link.questionnaire.submitted_at is None:
        return redirect("fill", link_id=link.pk)
    context = around(request, link)
    now, lang = timezone.now(), context["lang"]
    context["visit"] = next_visit_words(link, lang, now)
    if alert := _told_here(link).first():
        context |= after_alert(alert=alert, actor=request.actor, language=lang, now=now)  # type: ignore[attr-defined]
    return render(request, "intake/fill_done.html", context)


@by_link
@csrf_exempt
@require_POST
def language(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Change the language of the pages on this browser."""
    link = browsers.find_link(request, link_id)
    wanted = "es" if request.POST.get("language") == "es" else "en"
    answer = redirect(own_path(request.POST.get("back", ""), link))
    browsers.choose_language(answer, wanted)
    return answer


def _to_next(link: IntakeLink, pack: ReadPack, key: str | None, held: Held) -> HttpResponse:
    found = pack.next_after(key, held.replies)
    if found is None:
        return redirect("fill_check", link_id=link.pk)
    return redirect("fill_page", link_id=link.pk, key=found.key)


def _when(moment: datetime | None, link: IntakeLink, lang: str) -> str:
    if moment is None:
        return ""
    return words(lang)("page.saved", when=moment_words(moment, link.questionnaire.site, lang))
