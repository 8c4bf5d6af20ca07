"""The ledger of past trials: what counts as failed and why, adding one, correcting one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.care import actions
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.facts import gathered
from overstory.clinic.care.forms import TrialForm
from overstory.clinic.care.ledgers import ledger_of
from overstory.clinic.care.models import StatedTrial
from overstory.clinic.care.reaching import give_again, person_of, with_steps
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.pathway.trials import TrialError


@dataclass(frozen=True, slots=True)
class Correction:
    """The row that a form corrects, and its values as the form first shows them."""

    row: StatedTrial | None
    values: dict[str, object]


@require_GET
@may(May.SEE_BOARD)
def ledger(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show the past trials, resistance by every definition, and a form for one more."""
    person = person_of(request, person_id)
    correction = _correction(person, request.GET.get("correct", ""))
    form = TrialForm(initial=dict(correction.values), corrects=correction.row)
    return _page(request, person, form)


@require_POST
@may(May.STATE_FACTS)
def state_trial(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Write down a past trial, or one instead of a row that was wrong."""
    person = person_of(request, person_id)
    correction = _correction(person, request.POST.get("corrects", ""))
    form = TrialForm(request.POST, corrects=correction.row)
    if not form.is_valid():
        return _page(request, person, form, status=422)
    try:
        actions.state_trial(
            person=person, statement=form.statement(), by=request.user, at=timezone.now()
        )
    except (TrialError, actions.NothingToRetractError, actions.OtherContentError) as error:
        form.add_error(None, str(error))
        give_again(form, request.POST)
        return _page(request, person, form, status=409)
    return redirect("ledger", person_id=person.pk)


@require_POST
@may(May.STATE_FACTS)
def retract_trial(request: StaffRequest, person_id: UUID, row_id: UUID) -> HttpResponse:
    """Take back a past trial that was wrong."""
    person = person_of(request, person_id)
    row = get_object_or_404(StatedTrial.objects.of(person.ids), pk=row_id)
    with suppress(actions.NothingToRetractError):  # taken back already: the page shows it so
        actions.retract_trial(
            person=person, row=row, key=uuid4(), by=request.user, at=timezone.now()
        )
    return redirect("ledger", person_id=person.pk)


def _correction(person: Person, key: str) -> Correction:
    try:
        row_id = UUID(key)
    except ValueError:
        return Correction(None, {})
    row = get_object_or_404(StatedTrial.objects.of(person.ids), pk=row_id)
    return Correction(row, {**(row.trial or {}), "is_whole": row.is_whole})


def _page(
    request: StaffRequest, person: Person, form: TrialForm, status: int = 200
) -> HttpResponse:
    force = in_force(request.clinic)
    at = timezone.now()
    found = gathered(person, at, force.knowledge)
    more: dict[str, Any] = {
        "form": form,
        "ledger": ledger_of(found, force.knowledge),
        "left_out": found.left_out,
    }
    context = with_steps(request, person, force, at=at, ids=found.ids, **more)
    return render(request, "care/ledger.html", context, status=status)
