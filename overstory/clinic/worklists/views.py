"""A worklist whole, one of its lines, and who owns it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from overstory.clinic.audit.reading import saw
from overstory.clinic.care.adopted import in_force
from overstory.clinic.intake.asking_forms import GiveForm
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.permissions import May
from overstory.clinic.ui.windows import window
from overstory.clinic.worklists.lines import Row
from overstory.clinic.worklists.lists import Listed, NoListError, list_named
from overstory.clinic.worklists.owning import TakenError, give
from overstory.clinic.worklists.shown import line_of

WHICH = (("all", "All"), ("nobody", "Without an owner"), ("mine", "Mine"))
GONE = "This no longer waits: someone has done it."


class HandForm(GiveForm):
    """Whom a line is handed to; `seen` is the owner that the page showed."""

    seen = forms.UUIDField(required=False, widget=forms.HiddenInput)


@may(May.SEE_PLAN)
@require_GET
def worklist(request: StaffRequest, listed: str) -> HttpResponse:
    """Show a worklist, the first due first: all of it, the reader's lines, or those of nobody."""
    found, now = _list(request, listed), timezone.now()
    asked = request.GET.get("of", "all")
    which = asked if asked in dict(WHICH) else "all"
    rows: Any = found.rows(request.clinic, now, of=which, reader=request.user.pk)
    shown = window(request, rows)
    held = [Row(*each) for each in shown.rows]
    saw(request, *(f"person:{each.person}" for each in held), action=f"list {listed}")
    force = in_force(request.clinic)
    lines = [line_of(each, now=now, force=force) for each in held]
    context = {
        "listed": found, "lines": lines, "window": shown, "which": which, "tabs": WHICH,
    }  # fmt: skip
    return render(request, "worklists/list.html", context)


@may(May.SEE_PLAN)
@require_GET
def worklist_line(request: StaffRequest, listed: str, row_id: UUID) -> HttpResponse:
    """Show one line: who owned it and owns it, and to whom it can be handed."""
    found, now = _list(request, listed), timezone.now()
    row = found.find(request.clinic, row_id, now)
    if row is None:
        raise Http404
    form = HandForm(clinic=request.clinic, initial={"seen": row.owner})
    return _line(request, found, row, form)


@may(May.SEE_PLAN)
@require_POST
def worklist_give(request: StaffRequest, listed: str, row_id: UUID) -> HttpResponse:
    """Take a line, or hand it to someone; where somebody else took it meanwhile, say who."""
    found, now = _list(request, listed), timezone.now()
    row = found.find(request.clinic, row_id, now)
    if row is None:
        return _gone(request, found, row_id)
    given = request.POST.copy()
    given.setdefault("to", str(request.user.pk))
    form = HandForm(given, clinic=request.clinic)
    if not form.is_valid():
        return _line(request, found, row, form, status=422)
    try:
        give(
            clinic=request.clinic, listed=found.name, row=row_id, to=form.cleaned_data["to"],
            seen=form.cleaned_data["seen"], by=request.user, at=now,
        )  # fmt: skip
    except TakenError as error:
        messages.warning(request, str(error))
    if request.POST.get("back") == "home":
        return redirect("home")
    return redirect("worklist", found.name)


def _list(request: StaffRequest, name: str) -> Listed:
    try:
        found = list_named(name)
    except NoListError:
        raise Http404 from None
    if not request.user.may(found.may):
        raise Http404
    return found


def _gone(request: StaffRequest, found: Listed, row_id: UUID) -> HttpResponse:
    """Tell who presses on a line of the own clinic that was done meanwhile; a stranger's is not there."""
    if not request.clinic.owned_lines.filter(listed=found.name, row=row_id).exists():
        raise Http404
    messages.info(request, GONE)
    return redirect("worklist", found.name)


def _line(
    request: StaffRequest, found: Listed, row: Row, form: HandForm, status: int = 200
) -> HttpResponse:
    saw(request, f"person:{row.person}", action=f"list {found.name}")
    now, force = timezone.now(), in_force(request.clinic)
    owned = request.clinic.owned_lines.filter(listed=found.name, row=row.row)
    context = {
        "listed": found,
        "line": line_of(row, now=now, force=force),
        "zone": row.zone,
        "form": form,
        "owned": owned.select_related("owner", "by").order_by("-since")[:20],
    }
    return render(request, "worklists/line.html", context, status=status)
