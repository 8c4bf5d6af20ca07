"""A person's facts: all of them, one with its history, stating one, taking one back."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.care import actions
from overstory.clinic.care.adopted import InForce, in_force
from overstory.clinic.care.facts import Gathered, gathered, value_of
from overstory.clinic.care.forms import FactForm
from overstory.clinic.care.models import StatedFact
from overstory.clinic.care.reaching import around, give_again, person_of, with_steps
from overstory.clinic.care.stated import taken_back
from overstory.clinic.care.topics import topics_of
from overstory.clinic.care.wording import fact_line, plain_value
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.clinic.ui.windows import Window, window
from overstory.engine.facts import FactType
from overstory.knowledge.load import Knowledge


@dataclass(frozen=True, slots=True)
class RowLine:
    """One stated row in words, and whether it can still be taken back."""

    row: StatedFact
    said: str
    is_taken_back: bool

    @property
    def may_retract(self) -> bool:
        """Whether it says something and still counts or may count."""
        return not (self.is_taken_back or self.row.says_nothing)


BACK = {"board": "board", "person": "person", "facts": "facts"}


@require_GET
@may(May.SEE_BOARD)
def facts(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show every fact that is known, and on demand those that are not, by topic."""
    person = person_of(request, person_id)
    force = in_force(request.clinic)
    at = timezone.now()
    found = gathered(person, at, force.knowledge)
    everything = request.GET.get("all") == "1"
    topics = topics_of(found.facts, force.knowledge, everything=everything)
    more: dict[str, Any] = {"topics": topics, "everything": everything, "left_out": found.left_out}
    context = with_steps(request, person, force, at=at, ids=found.ids, **more)
    return render(request, "care/facts.html", context)


@require_GET
@may(May.SEE_BOARD)
def fact(request: StaffRequest, person_id: UUID, name: str) -> HttpResponse:
    """Show one fact: what it means, what stands, what was stated before, and a form to state it."""
    person = person_of(request, person_id)
    force = in_force(request.clinic)
    kind = _kind(force, name)
    found = gathered(person, timezone.now(), force.knowledge)
    form = FactForm(
        kind=kind, knowledge=force.knowledge, zone=person.site.zone, row=found.stated.get(name),
        initial={"back": request.GET.get("back", "")},
    )  # fmt: skip
    return _page(request, found, force, form)


@require_POST
@may(May.STATE_FACTS)
def state(request: StaffRequest, person_id: UUID, name: str) -> HttpResponse:
    """Write down a fact, and go back to where it was asked."""
    person = person_of(request, person_id)
    force = in_force(request.clinic)
    kind = _kind(force, name)
    at = timezone.now()
    found = gathered(person, at, force.knowledge)
    form = FactForm(
        request.POST, kind=kind, knowledge=force.knowledge, zone=person.site.zone,
        row=found.stated.get(name),
    )  # fmt: skip
    if not form.is_valid():
        return _page(request, found, force, form, status=422)
    try:
        row = actions.state_fact(
            person=person,
            statement=form.statement(name=request.user.name, at=at),
            by=request.user,
            at=at,
        )
    except (actions.ChangedMeanwhileError, actions.OtherContentError) as error:
        form.add_error(None, _told(error))
        give_again(form, request.POST, seen=str(form.row.pk) if form.row else "")
        return _page(request, found, force, form, status=409)
    return _back(person, form.cleaned_data["back"], row)


@require_POST
@may(May.STATE_FACTS)
def retract(request: StaffRequest, person_id: UUID, name: str, row_id: UUID) -> HttpResponse:
    """Take back a stated fact that was wrong."""
    person = person_of(request, person_id)
    row = get_object_or_404(StatedFact.objects.of(person.ids), pk=row_id, name=name)
    with suppress(actions.NothingToRetractError):  # taken back already: the page shows it so
        actions.retract_fact(
            person=person, row=row, key=uuid.uuid4(), by=request.user, at=timezone.now()
        )
    if request.POST.get("back") == "board":
        return redirect(f"{reverse('board', kwargs={'person_id': person.pk})}#questions-title")
    return redirect("fact", person_id=person.pk, name=name)


def _kind(force: InForce, name: str) -> FactType:
    if name not in force.knowledge.vocabulary:
        raise Http404
    return force.knowledge.vocabulary[name]


def _page(
    request: StaffRequest, found: Gathered, force: InForce, form: FactForm, status: int = 200
) -> HttpResponse:
    name, knowledge = form.kind.name, force.knowledge
    rows = StatedFact.objects.of(found.ids).filter(name=name).select_related("by")
    gone = taken_back(rows.values_list("pk", "retracts_id"))
    shown: Window = window(request, rows.order_by("-recorded_at", "-id"))
    more: dict[str, Any] = {
        "form": form,
        "entry": knowledge.facts[name],
        "line": fact_line(found.facts, name, knowledge),
        "window": replace(shown, rows=[_row_line(row, gone, knowledge) for row in shown.rows]),
        "roots": [knowledge.facts[each] for each in form.kind.roots],
    }
    context = around(request, found.person, force, **more)
    return render(request, "care/fact.html", context, status=status)


def _row_line(row: StatedFact, gone: frozenset[UUID], knowledge: Knowledge) -> RowLine:
    return RowLine(row, _said(row, knowledge), row.pk in gone)


def _said(row: StatedFact, knowledge: Knowledge) -> str:
    if row.says_nothing:
        return "taken back"
    if row.unknown:
        return "asked, not known"
    kind = knowledge.vocabulary[row.name]
    return plain_value(value_of(kind, row.value), row.name, knowledge)


def _told(error: Exception) -> str:
    if isinstance(error, actions.ChangedMeanwhileError):
        return (
            "Someone else stated this since you opened the page. Look at what stands now, below, "
            "and save again if yours is right."
        )
    return "This form was sent before with another answer. Look at what stands now, and save again."


def _back(person: Person, back: str, row: StatedFact) -> HttpResponse:
    where = reverse(BACK.get(back, "person"), kwargs={"person_id": person.pk})
    return redirect(f"{where}?answered={row.pk}#answered" if back == "board" else where)
