"""Proposing a plan, reading it, signing it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.care import planning_actions as actions
from overstory.clinic.care.adopted import InForce, in_force
from overstory.clinic.care.assessing import assess_person
from overstory.clinic.care.facts import gathered
from overstory.clinic.care.living_forms import CloseHoldForm
from overstory.clinic.care.living_holds import HoldHere, consents_for, holds_of
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.planning_forms import SignForm, WishForm, protocol_choices
from overstory.clinic.care.reaching import around, crisis_path, person_of
from overstory.clinic.care.rhythm import coming_facts, coming_words
from overstory.clinic.care.standing import sessions_beside
from overstory.clinic.care.steps import BOOKED, progress_of
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May, allowed
from overstory.clinic.people.stepup import proof_words, step_up
from overstory.knowledge.shapes.shared import Jurisdiction
from overstory.pathway.planning.placing import CannotPlaceError
from overstory.pathway.planning.refusals import PlanRefusedError, PlanWishError


@may(May.SEE_PLAN)
@require_GET
def plans(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show a person's plans, and the form for another where the reader may draft one."""
    person = person_of(request, person_id)
    return render(request, "care/plans.html", _plans(request, person))


@may(May.DRAFT_PLAN)
@require_POST
def draft(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Keep the plan that is proposed, or say why there is none."""
    person = person_of(request, person_id)
    now = timezone.now()
    today = now.astimezone(person.site.zone).date()
    form = _wish_form(request, in_force(request.clinic), today, data=request.POST)
    if not form.is_valid():
        return render(request, "care/plans.html", _plans(request, person, form=form), status=422)
    try:
        row = actions.draft(person=person, wish=form.wish(), by=request.user, at=now)
    except PlanRefusedError as error:
        return _no_plan(request, person, form, refusal=error)
    except CannotPlaceError as error:
        return _no_plan(request, person, form, unplaced=error)
    except PlanWishError as error:
        form.add_error(None, str(error))
        return _no_plan(request, person, form)
    return redirect("plan", person.pk, row.pk)


@may(May.SEE_PLAN)
@require_GET
def plan(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Show one version of a plan in full."""
    person = person_of(request, person_id)
    row = _of(person, plan_id)
    force = in_force(request.clinic)
    now = timezone.now()
    holds = [(each, _closing(each)) for each in holds_of(row)]
    against, coming = _today(row, person, force, now)
    later, others = _plans_beside(person, row)
    shown = around(
        request, person, force, plan=row, coming=coming, content=row.content, against=against,
        consents=consents_for(row, force=force, at=now) if row.ended_at is None else (),
        holds=holds, open_holds=any(each.is_open for each, _ in holds),
        sign_form=SignForm(initial={"sha256": row.content_sha256}),
        later=later, others=others, sessions=sessions_beside(row),
    )  # fmt: skip
    return render(request, "care/plan.html", shown)


@may(May.SIGN_PLAN)
@step_up
def sign(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Sign a plan."""
    person = person_of(request, person_id)
    row = _of(person, plan_id)
    form = SignForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        return redirect("plan", person.pk, row.pk)
    try:
        actions.sign(
            plan=row,
            sha256_seen=form.cleaned_data["sha256"],
            by=request.user,
            at=timezone.now(),
        )
    except actions.NotSignableError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Signed. {proof_words(request)}".strip())
        if row.n > 1 and May.BOOK in allowed(request.user.role_names):
            return redirect("rebook", person.pk, row.pk)
    return redirect("plan", person.pk, row.pk)


def _today(
    row: CarePlan, person: Person, force: InForce, now: datetime
) -> tuple[tuple[str, ...], str]:
    """What stands against signing a draft, and whether the person can come as often as a plan asks."""
    if row.signed_at is None:
        known = gathered(person, now, force.knowledge)
        against = actions.against_signing(row, force=force, at=now, known=known)
        return against, "" if row.ended_at else coming_words(row.content, known.facts)
    if row.ended_at is not None:
        return (), ""
    return (), coming_words(row.content, coming_facts(person, now, force.knowledge))


def _plans_beside(person: Person, row: CarePlan) -> tuple[list[CarePlan], list[CarePlan]]:
    """The later versions of a plan, and the other plans in force; none of these beside an ended one."""
    later = Q(course=row.course, n__gt=row.n)
    others = Q(signed_at__isnull=False, ended_at=None) & ~Q(course=row.course)
    rows = CarePlan.objects.filter(later | others, person__in=person.ids)
    found = list(rows.defer("content").order_by("n", "signed_at", "pk"))
    return (
        [each for each in found if each.course == row.course],
        [each for each in found if each.course != row.course and row.ended_at is None],
    )


def _closing(hold: HoldHere) -> CloseHoldForm | None:
    """The form that closes a hold, where a named clinician can."""
    if not hold.is_closable:
        return None
    return CloseHoldForm(
        sessions=hold.open_for, initial={"hold": hold.id}, auto_id=f"id_{hold.id}_%s"
    )


def _of(person: Person, plan_id: UUID) -> CarePlan:
    found: CarePlan = get_object_or_404(
        person.plans.select_related(
            "drafted_by", "signed_by", "clinic", "person__site", "ending__by"
        ).annotate(booked=Count("appointments", filter=Q(appointments__state__in=BOOKED))),
        pk=plan_id,
    )
    found.person, found.clinic = person, person.clinic
    return found


def _plans(
    request: StaffRequest, person: Person, *, form: WishForm | None = None, **more: Any
) -> dict[str, Any]:
    now = timezone.now()
    force = in_force(request.clinic)
    assessed = assess_person(person, at=now, force=force)
    today = now.astimezone(person.site.zone).date()
    ids = person.ids
    progress = progress_of(person, ids=ids, force=force, by=request.user, at=now)
    asked = request.GET.get("treatment") or progress.treatment
    return around(
        request, person, force, progress=progress,
        verdicts=[(each.treatment, each.verdict.value) for each in assessed.assessment.treatments],
        safety=assessed.assessment.safety,
        crisis=crisis_path(request, force, today),
        plans=CarePlan.objects.filter(person__in=ids)
        .select_related("signed_by", "drafted_by").order_by("-drafted_at"),
        form=form or _wish_form(request, force, today, initial=_asked(request, asked)),
        **more,
    )  # fmt: skip


def _asked(request: StaffRequest, treatment: str) -> dict[str, str]:
    """Return what the address asks the form to hold: it is only shown, and looked at when it is sent."""
    given = {name: request.GET.get(name, "") for name in ("start", "protocol")}
    return {name: held for name, held in {"treatment": treatment, **given}.items() if held}


def _wish_form(request: StaffRequest, force: InForce, today: date, **more: Any) -> WishForm:
    jurisdiction = cast("Jurisdiction", request.clinic.jurisdiction)
    protocols = protocol_choices(knowledge=force.knowledge, jurisdiction=jurisdiction)
    return WishForm(today=today, protocols=protocols, **more)


def _no_plan(request: StaffRequest, person: Person, form: WishForm, **why: Any) -> HttpResponse:
    return render(request, "care/plans.html", _plans(request, person, form=form, **why), status=422)
