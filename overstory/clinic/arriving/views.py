"""The staff's pages before visits: who has to be called or asked, and what one person answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.arriving import answering
from overstory.clinic.arriving.answering import AnswerError, Told
from overstory.clinic.arriving.asked import standing_of
from overstory.clinic.arriving.forms import ReadyForm, WordsForm
from overstory.clinic.arriving.lines import Line, is_today, kinds_in, soon_of, told_in
from overstory.clinic.arriving.reviewing import labels_of, waiting_of
from overstory.clinic.arriving.rows import Readiness
from overstory.clinic.arriving.words import words
from overstory.clinic.audit.reading import saw
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.adopted import in_force
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.permissions import May
from overstory.clinic.ui.windows import window


@may(May.SEE_PLAN)
@require_GET
def arrivals(request: StaffRequest) -> HttpResponse:
    """List who has to be called or asked before a visit, or whose answers wait for review."""
    now, knowledge = timezone.now(), in_force(request.clinic).knowledge
    show = "again" if request.GET.get("show") == "again" else "soon"
    shown: dict[str, Any] = {"show": show, "now": now}
    if show == "again":
        page = window(request, waiting_of(request.clinic))
        page.rows[:] = [labels_of(each, knowledge) for each in page.rows]
        saw(request, *dict.fromkeys(f"person:{each.person.pk}" for each in page.rows))
    else:
        soon = soon_of(request.clinic, now)
        page = window(request, soon.lines)
        lines = [each for each in page.rows if not each.is_quiet(now)]
        shown |= {
            "kinds": kinds_in(soon.lines),
            "soon": soon,
            "days": _by_day(lines, told_in(lines, knowledge), now),
            "quiet": [each for each in page.rows if each.is_quiet(now)],
            "is_today_free": page.number == 1
            and not any(is_today(each.visit, now) for each in lines),
        }
        saw(request, *dict.fromkeys(f"person:{each.person.pk}" for each in page.rows))
    return render(request, "arriving/arrivals.html", {**shown, "window": page})


def _by_day(lines: list[Line], told: Mapping[UUID, Any], now: datetime) -> list[dict[str, Any]]:
    """Lines by the day of their visit, in their order, each with what keeps from being ready."""
    days: dict[tuple[date, bool], list[tuple[Line, Any]]] = {}
    for each in lines:
        key = (each.visit.wall_date, is_today(each.visit, now))
        days.setdefault(key, []).append((each, told.get(each.visit.pk, ())))
    return [{"on": on, "is_today": today, "lines": rows} for (on, today), rows in days.items()]


@may(May.SEE_PLAN)
def before(request: StaffRequest, appointment_id: UUID) -> HttpResponse:
    """Show what was sent and answered before one visit; take answers that are told by phone."""
    visit = _visit(request, appointment_id)
    now, knowledge = timezone.now(), in_force(request.clinic).knowledge
    replies = list(visit.readiness.select_related("by").order_by("at"))
    standing = standing_of(visit, replies, knowledge=knowledge, now=now)
    is_sent = request.method == "POST" and request.user.may(May.ENTER_ANSWERS)
    form = ReadyForm(
        request.POST if is_sent else None, visit=visit, standing=standing, knowledge=knowledge,
        say=words("en"), phone=visit.site.phone, begins_empty=True,
    )  # fmt: skip
    is_open = visit.state == "booked" and visit.starts > now
    shown: dict[str, Any] = {
        "visit": visit, "person": visit.whose, "standing": standing, "form": form,
        "can_answer": is_open and standing.asked and request.user.may(May.ENTER_ANSWERS),
        "is_open": is_open, "answers": _answers(replies, standing.questions),
        "reminders": visit.reminders.select_related("message", "link").order_by("at"),
        "deeds": visit.arrival_deeds.select_related("by").order_by("at"),
        "settle_form": WordsForm(auto_id="settle_%s"), "take_key": uuid4(),
    }  # fmt: skip
    if is_sent:
        if not form.is_valid() or not form.answers():
            shown["error"] = "Nothing was answered yet: choose an answer to at least one question."
            return render(request, "arriving/before.html", shown, status=422)
        told = Told(form.cleaned_data["key"], now, staff=request.user)

        def write() -> None:
            answering.answer(
                appointment=visit, answers=form.answers(), told=told, knowledge=knowledge
            )

        return _done(request, visit, write, "Saved, as it was told to you.")
    return render(request, "arriving/before.html", shown)


@may(May.SEND_QUESTIONNAIRES)
@require_POST
def take(request: StaffRequest, appointment_id: UUID) -> HttpResponse:
    """Make the reader the one who sees to someone before a visit."""
    visit = _visit(request, appointment_id)
    form = _keyed(request)
    if form is None:
        return redirect("before_visit", visit.pk)

    def write() -> None:
        answering.take(appointment=visit, key=form, by=request.user, at=timezone.now())

    return _done(request, visit, write, "You have taken it.")


@may(May.SEND_QUESTIONNAIRES)
@require_POST
def settle(request: StaffRequest, appointment_id: UUID) -> HttpResponse:
    """Say how what was to be done before a visit was settled."""
    visit = _visit(request, appointment_id)
    form = WordsForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Not saved: say in a sentence how it was settled.")
        return redirect("before_visit", visit.pk)
    said = form.cleaned_data

    def write() -> None:
        answering.settle(
            appointment=visit, words=said["words"], key=said["key"], by=request.user,
            at=timezone.now(),
        )  # fmt: skip

    return _done(request, visit, write, "Settled. A later answer opens it again.")


@may(May.STATE_FACTS)
@require_POST
def review(request: StaffRequest, appointment_id: UUID, readiness_id: UUID) -> HttpResponse:
    """Say what was found when something that was answered was asked again."""
    visit = _visit(request, appointment_id)
    row = get_object_or_404(visit.readiness.filter(waits=True), pk=readiness_id)
    form = WordsForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Not saved: say in a sentence what was found.")
        return redirect("before_visit", visit.pk)
    said = form.cleaned_data

    def write() -> None:
        answering.review(
            readiness=row, words=said["words"], key=said["key"], by=request.user,
            at=timezone.now(),
        )  # fmt: skip

    return _done(request, visit, write, "Reviewed. State what changed under Facts.")


def _visit(request: StaffRequest, appointment_id: UUID) -> Appointment:
    rows = request.clinic.appointments.select_related(
        "site__clinic", "plan", "person__site", "care_request__person"
    )
    found: Appointment = get_object_or_404(rows, pk=appointment_id)
    saw(request, f"person:{found.whose.pk}" if found.whose else f"appointment:{found.pk}")
    return found


def _keyed(request: StaffRequest) -> UUID | None:
    """The key that the form carries; none where it is none."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        messages.error(request, "Not saved: load the page again and send it once more.")
        return None


def _done(
    request: StaffRequest, visit: Appointment, write: Callable[[], object], says: str
) -> HttpResponse:
    try:
        write()
    except AnswerError as error:
        messages.error(request, f"Not saved: {error}.")
    else:
        messages.success(request, says)
    return redirect("before_visit", visit.pk)


def _answers(replies: list[Readiness], questions: Any) -> list[dict[str, Any]]:
    """Each reply with what was answered in words, the newest first, and the form of its review."""
    reviewed = {
        each.readiness_id: each
        for each in (replies[0].appointment.arrival_deeds.select_related("by") if replies else ())
        if each.readiness_id
    }
    return [
        {
            "row": reply,
            "said": [
                (each.label, reply.answers[each.id], reply.answers[each.id] == each.ready)
                for each in questions
                if each.id in reply.answers
            ],
            "review": reviewed.get(reply.pk),
            "form": WordsForm(auto_id=f"review_{reply.pk}_%s"),
            "review_at": reverse("before_visit_review", args=(reply.appointment_id, reply.pk)),
        }
        for reply in reversed(replies)
    ]
