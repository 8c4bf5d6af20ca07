"""The knowledge page: what runs, what was adopted, what differs, and the adoption form."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.care.adopted import PolicyTextError, adopted, policed
from overstory.clinic.care.adopting import Act, OtherReleaseError, adopt, seal_of
from overstory.clinic.care.forms import AdoptionForm
from overstory.clinic.care.releases import changes_since, policy_changes
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.permissions import May
from overstory.clinic.people.stepup import step_up
from overstory.clinic.ui.windows import window
from overstory.knowledge.load import Knowledge, load_knowledge


@require_GET
@may(May.SEE_KNOWLEDGE)
def knowledge(request: StaffRequest) -> HttpResponse:
    """Show the running release, what was adopted, what differs, and the acts of adoption."""
    return _page(request, AdoptionForm(initial=_first(request)))


@require_POST
@may(May.ADOPT_KNOWLEDGE)
def check_policy(request: StaffRequest) -> HttpResponse:
    """Check a site policy and show what it changes; nothing is kept."""
    form = AdoptionForm(request.POST)
    return _page(request, form, status=200 if form.is_valid() else 422)


@require_POST
@may(May.ADOPT_KNOWLEDGE)
@step_up
def adopt_knowledge(request: StaffRequest) -> HttpResponse:
    """Adopt the running release with the site policy, signed."""
    form = AdoptionForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    cleaned = form.cleaned_data
    act = Act(cleaned["key"], cleaned["sha256"], cleaned["policy"], cleaned["words"])
    try:
        adopt(clinic=request.clinic, act=act, by=request.user, at=timezone.now())
    except (OtherReleaseError, PolicyTextError) as error:
        form.add_error(None, str(error))
        return _page(request, form, status=409)
    return redirect("knowledge")


def _first(request: StaffRequest) -> dict[str, Any]:
    found = adopted(request.clinic)
    return {"policy": found.adoption.policy if found else ""}


def _page(request: StaffRequest, form: AdoptionForm, status: int = 200) -> HttpResponse:
    rows = request.clinic.adoptions.select_related("by").defer("entries").order_by("-at")
    found = adopted(request.clinic)
    running = load_knowledge()
    is_checked = form.is_bound and "policy" in form.cleaned_data
    policy = form.cleaned_data["policy"] if is_checked else found.adoption.policy if found else ""
    context = {
        "running": running,
        "changes": changes_since(found.adoption.entries, running) if found else (),
        "policy_changes": policy_changes(running, _policed(policy)),
        "is_checked": is_checked,
        "adopted": found,
        "is_intact": found is None or seal_of(found.adoption) == found.adoption.seal,
        "form": form,
        "window": window(request, rows),
        "zone": _zone(request),
    }
    return render(request, "care/knowledge.html", context, status=status)


def _policed(policy: str) -> Knowledge:
    """Return the knowledge with a policy; without it where the policy does not fit."""
    try:
        return policed(policy)
    except PolicyTextError:
        return load_knowledge()


def _zone(request: StaffRequest) -> str:
    site = request.clinic.sites.order_by("name").first()
    return site.time_zone if site else "UTC"
