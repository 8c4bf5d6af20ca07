"""What happened to a plan, what changes by it, and the versions that were kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.care import living_actions as actions
from overstory.clinic.care.adopted import InForce, in_force
from overstory.clinic.care.living_forms import FORMS, ChangeForm, EditForm, EventForm
from overstory.clinic.care.living_holds import holds_of
from overstory.clinic.care.living_versions import DIFFERS, against_changing, compared
from overstory.clinic.care.living_versions import versions as versions_of
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.reaching import around, person_of
from overstory.clinic.care.standing import sessions_beside
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.pathway.planning.allowing import allowed_events
from overstory.pathway.planning.editing import openings
from overstory.pathway.planning.events import EventKind


@may(May.DRAFT_PLAN)
@require_GET
def change(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """List the events that a version allows, and what it leaves open."""
    person, row = _of(request, person_id, plan_id)
    against = against_changing(row)
    shown: dict[str, Any] = {"against": against}
    if not against:
        ground = actions.ground_of(row, at=timezone.now())
        shown["force"], revision = ground.force, ground.revision
        sessions = {each.n: each for each in revision.plan.sessions}
        shown["openings"] = [(each, sessions[each.n]) for each in openings(revision)]
        if row.signed_at is not None:
            shown["events"] = allowed_events(revision)
    return render(request, "care/plan_change.html", _around(request, person, row, **shown))


@may(May.DRAFT_PLAN)
def event(request: StaffRequest, person_id: UUID, plan_id: UUID, event: str) -> HttpResponse:
    """Ask what happened, show what changes by it, and keep that as the next version."""
    person, row = _of(request, person_id, plan_id)
    ground = actions.ground_of(row, at=timezone.now())
    kind = EventKind(event)
    allowed = next(each for each in allowed_events(ground.revision) if each.kind is kind)
    form = FORMS.get(kind, EventForm)(
        request.POST or None,
        ground=ground,
        allowed=allowed,
        initial={"sessions": request.GET.getlist("session")},
    )
    why_not = allowed.why_not
    if row.signed_at is None:
        why_not = "Events happen to a signed plan; this version is a draft."
    return _answer(request, person, ground, form, title=kind.value, why_not=why_not)


@may(May.DRAFT_PLAN)
def edit(request: StaffRequest, person_id: UUID, plan_id: UUID, n: int) -> HttpResponse:
    """Change one session within its protocol, shown before it is kept as the next version."""
    person, row = _of(request, person_id, plan_id)
    ground = actions.ground_of(row, at=timezone.now())
    plan = ground.revision.plan
    opening = next((each for each in openings(ground.revision) if each.n == n), None)
    if opening is None:
        raise Http404
    session = plan.sessions[n - 1]
    form = EditForm(request.POST or None, ground=ground, opening=opening, session=session)
    return _answer(request, person, ground, form, title="session", session=session)


def _answer(
    request: StaffRequest, person: Person, ground: actions.Ground, form: ChangeForm, **more: Any
) -> HttpResponse:
    """The form; once it is filled the preview; once that is read the next version."""
    row = ground.row
    against = against_changing(row) or more.get("why_not", "")
    shown = _around(request, person, row, force=ground.force, form=form, against=against, **more)
    if request.method != "POST":
        return render(request, "care/plan_happened.html", shown)
    if not form.is_valid():
        return render(request, "care/plan_happened.html", shown, status=422)
    now = timezone.now()
    seen = form.kept()
    try:
        if seen.sha256:
            kept = actions.keep(
                row=row, happened=form.happened(), seen=seen, by=request.user, at=now
            )
            messages.success(request, f"Version {kept.n} is kept as a draft. Nothing is signed.")
            return redirect("plan", person.pk, kept.pk)
        preview = actions.previewed(ground=ground, happened=form.happened(), at=now)
    except actions.OutdatedError as error:
        return render(request, "care/plan_happened.html", shown | {"against": error}, status=409)
    except actions.ChangeError as error:
        by_worse = isinstance(error, actions.NeedsWorseError) and "worse" in form.fields
        form.add_error("worse" if by_worse else None, str(error))
        return render(request, "care/plan_happened.html", shown, status=422)
    lines = compared(before=preview.before, after=preview.after)
    differ = [each for each in lines if each.what in DIFFERS]
    shown |= {"preview": preview, "lines": lines, "differ": differ}
    shown["preview_change"] = preview.after.changes[-1]
    return render(request, "care/plan_happened.html", shown)


@may(May.DRAFT_PLAN)
@require_POST
def discard(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """End a draft that nobody signs."""
    person, row = _of(request, person_id, plan_id)
    try:
        actions.discard(row=row, by=request.user, at=timezone.now())
    except actions.ChangeError as error:
        messages.error(request, str(error))
        return redirect("plan", person.pk, row.pk)
    messages.success(request, f"Draft {row.n} is discarded.")
    return redirect("plan_versions", person.pk, row.pk)


@may(May.SEE_PLAN)
@require_GET
def versions(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """List the versions of a plan with what each changed."""
    person, row = _of(request, person_id, plan_id)
    rows = request.clinic.plans.filter(course=row.course).select_related("drafted_by", "signed_by")
    found = versions_of(list(rows.order_by("n")))
    return render(request, "care/plan_versions.html", _around(request, person, row, versions=found))


@may(May.SEE_PLAN)
@require_GET
def printed(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Show a version on paper: everything on it, nothing folded away."""
    person, row = _of(request, person_id, plan_id)
    shown = _around(
        request, person, row, content=row.content, holds=holds_of(row),
        sessions=sessions_beside(row),
    )  # fmt: skip
    return render(request, "care/plan_print.html", shown)


def _of(request: StaffRequest, person_id: UUID, plan_id: UUID) -> tuple[Person, CarePlan]:
    person = person_of(request, person_id)
    rows = request.clinic.plans.filter(person__in=person.ids).select_related(
        "drafted_by", "signed_by", "clinic", "person__site", "ending__by"
    )
    return person, get_object_or_404(rows, pk=plan_id)


def _around(
    request: StaffRequest,
    person: Person,
    row: CarePlan,
    *,
    force: InForce | None = None,
    **more: Any,
) -> dict[str, Any]:
    return around(request, person, force or in_force(request.clinic), plan=row, **more)
