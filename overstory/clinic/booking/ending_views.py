"""The page on which a clinician who may sign ends a signed plan."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from overstory.clinic.booking import ending as actions
from overstory.clinic.care.reaching import plan_of
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.permissions import May
from overstory.clinic.people.stepup import proof_words, step_up


class EndForm(forms.Form):
    """Why a plan is ended."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    words = forms.CharField(
        label="Why it ends",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stays on record with your name, and is shown on the plan.",
    )


@may(May.SIGN_PLAN)
@step_up
def end_plan(request: StaffRequest, person_id: UUID, plan_id: UUID) -> HttpResponse:
    """Show what ends with a signed plan, ask why, and end it."""
    plan = plan_of(request, person_id, plan_id)
    now = timezone.now()
    rows = actions.to_cancel(plan, now=now) if plan.is_in_force else []
    start = {"id": uuid4(), "seen": actions.fingerprint(rows)}
    form = EndForm(request.POST if request.method == "POST" else None, initial=start)
    around: dict[str, Any] = {
        "person": plan.person, "site": plan.person.site, "zone": plan.person.site.time_zone,
        "plan": plan, "rows": rows, "form": form,
    }  # fmt: skip
    if not form.is_bound:
        return render(request, "booking/plan_end.html", around)
    if not form.is_valid():
        return render(request, "booking/plan_end.html", around, status=422)
    try:
        actions.end_plan(
            plan=plan, ending=actions.Ending(**form.cleaned_data), by=request.user, at=now
        )
    except actions.NotEndableError as error:
        words = {"words": form.cleaned_data["words"]}
        more = {"refused": str(error), "form": EndForm(initial=start | words)}
        return render(request, "booking/plan_end.html", around | more, status=409)
    messages.success(request, f"{_says(len(rows))} {proof_words(request)}".strip())
    return redirect("plan", plan.person.pk, plan.pk)


def _says(cancelled: int) -> str:
    if not cancelled:
        return "The plan has ended. Nothing was booked of it."
    appointments = "1 appointment is" if cancelled == 1 else f"{cancelled} appointments are"
    return (
        f"The plan has ended, and {appointments} cancelled. Tell the person: no message was sent."
    )
