"""The suitability board, what was recorded from it, and a physician's reasons."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.care.actions import OtherContentError
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.assessing import (
    Assessed,
    OtherKnowledgeError,
    assess_person,
    made_again,
    record_assessment,
)
from overstory.clinic.care.boards import QuestionLine, board_of, moves
from overstory.clinic.care.deciding import UndecidableError, write, written
from overstory.clinic.care.forms import FactForm, ReasonForm
from overstory.clinic.care.guarding import guarding
from overstory.clinic.care.models import Assessment, StatedFact
from overstory.clinic.care.reaching import around, crisis_path, give_again, person_of, with_steps
from overstory.clinic.care.stated import taken_back
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.clinic.people.stepup import step_up
from overstory.clinic.ui.windows import window

FIRST_QUESTIONS = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the form that answers it in place."""

    line: QuestionLine
    form: FactForm


@require_GET
@may(May.SEE_BOARD)
def board(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show the five options for a person: verdict, why, what is missing, what would change it."""
    return render(request, "care/board.html", board_context(request, person_id))


def board_context(
    request: StaffRequest, person_id: UUID, reason: ReasonForm | None = None
) -> dict[str, Any]:
    """Return what the board shows now; `reason` is a form that was refused."""
    person = person_of(request, person_id)
    at = timezone.now()
    force = in_force(request.clinic)
    assessed = assess_person(person, at=at, force=force)
    said = written(assessed)
    shown = board_of(
        assessed.assessment,
        facts=assessed.gathered.facts,
        knowledge=force.knowledge,
        against=said.against,
        settled=said.settled,
    )
    return with_steps(
        request, person, force,
        at=at, ids=assessed.gathered.ids,
        board=shown,
        reasons=said.newest,
        refused=reason,
        first_questions=asked_in_place(shown.questions[:FIRST_QUESTIONS], assessed, back="board"),
        more_questions=shown.questions[FIRST_QUESTIONS:],
        safety=assessed.assessment.safety,
        crisis=crisis_path(request, force, at.astimezone(person.site.zone).date()),
        answered=_answered(request, person, assessed, at),
        left_out=assessed.gathered.left_out,
        **guarding(request, assessed),
        key=uuid.uuid4(),
    )  # fmt: skip


def asked_in_place(
    questions: Iterable[QuestionLine], assessed: Assessed, *, back: str
) -> list[Asked]:
    """Return questions with forms that answer them where they stand."""
    knowledge, found = assessed.in_force.knowledge, assessed.gathered
    return [
        Asked(
            each,
            FactForm(
                kind=knowledge.vocabulary[each.fact.name],
                knowledge=knowledge,
                zone=found.person.site.zone,
                row=found.stated.get(each.fact.name),
                auto_id=f"{each.fact.name}_%s",
                initial={"back": back},
            ),
        )
        for each in questions
    ]


def _answered(
    request: StaffRequest, person: Person, assessed: Assessed, at: datetime
) -> dict[str, Any] | None:
    """Return the answer that brought the reader here, and the verdicts that it moved."""
    try:
        key = UUID(request.GET.get("answered", ""))
    except ValueError:
        return None
    row = StatedFact.objects.of(person.ids).filter(pk=key).first()
    if row is None or row.pk in taken_back(
        StatedFact.objects.of(person.ids).values_list("pk", "retracts_id")
    ):
        return None
    before = assess_person(person, at=at, force=assessed.in_force, without=row)
    kind = assessed.in_force.knowledge.vocabulary.get(row.name)
    return {
        "label": kind.label if kind else row.name,
        "name": row.name,
        "row": row.pk,
        "moves": moves(before.assessment, assessed.assessment),
    }


@require_POST
@may(May.SEE_BOARD)
def record(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Keep what the board says now, with the facts it rests on."""
    person = person_of(request, person_id)
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        key = uuid.uuid4()
    row = record_assessment(
        person=person,
        key=key,
        force=in_force(request.clinic),
        by=request.user,
        at=timezone.now(),
    )
    return redirect("assessment", person_id=person.pk, assessment_id=row.pk)


@require_GET
@may(May.SEE_BOARD)
def recorded(
    request: StaffRequest, person_id: UUID, assessment_id: UUID | None = None
) -> HttpResponse:
    """List the recorded assessments, or show one of them and whether it can be made again."""
    person = person_of(request, person_id)
    force = in_force(request.clinic)
    rows = Assessment.objects.filter(person__in=person.ids).select_related("by", "adoption")
    if assessment_id is None:
        shown = window(request, rows.order_by("-at"))
        context = with_steps(request, person, force, at=timezone.now(), window=shown)
        return render(request, "care/assessments.html", context)
    row = get_object_or_404(rows, pk=assessment_id)
    try:
        again, why_not = made_again(row, force.knowledge), ""
    except OtherKnowledgeError as error:
        again, why_not = None, str(error)
    more = {"row": row, "answer": row.content["answer"], "again": again, "why_not": why_not}
    return render(request, "care/assessment.html", around(request, person, force, **more))


@require_POST
@may(May.DECIDE)
@step_up
def write_reason(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Keep a prescriber's written reason for a rule that leaves it to a physician."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        context = board_context(request, person_id, reason=form)
        return render(request, "care/board.html", context, status=422)
    person = person_of(request, person_id)
    try:
        write(
            person=person,
            reason=form.reason(),
            force=in_force(request.clinic),
            by=request.user,
            at=timezone.now(),
        )
    except (UndecidableError, OtherContentError) as error:
        form.add_error(None, str(error))
        give_again(form, request.POST)
        context = board_context(request, person_id, reason=form)
        return render(request, "care/board.html", context, status=409)
    where = reverse("board", kwargs={"person_id": person.pk})
    return redirect(f"{where}#{form.cleaned_data['treatment']}")
