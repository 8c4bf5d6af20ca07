"""The pages about alerts: the list, one alert, and raising one by hand."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from overstory.clinic.audit.reading import saw
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.permissions import May
from overstory.clinic.people.persons import Person
from overstory.clinic.safety import actions
from overstory.clinic.safety.context import watched_by
from overstory.clinic.safety.crisis import emergency_words
from overstory.clinic.safety.forms import FORMS, ActForm, RaiseForm
from overstory.clinic.safety.ladder import ladder
from overstory.clinic.safety.models import Alert
from overstory.clinic.safety.shown import alert_shown, chosen, rows_of
from overstory.clinic.ui.windows import window

TABS = (("open", "Open"), ("mine", "Waiting for me"), ("follow-ups", "Contacts to come"))


@may(May.SEE_ALERTS)
def alerts(request: StaffRequest) -> HttpResponse:
    """Show the alerts with who must act, the most urgent first; or those that are settled."""
    show = request.GET.get("show", "open")
    context: dict[str, Any] = {"tabs": TABS, "show": show}
    if show == "closed":
        found = request.clinic.alerts.filter(closed_at__isnull=False)
        page = window(request, found.select_related("person", "site").order_by("-closed_at"))
        persons = [each.person_id for each in page.rows]
    else:
        watched, reader = watched_by(request), str(request.user.pk)
        page = window(request, cast("Any", chosen(watched, show, reader)))
        rows = rows_of(page.rows, request.clinic, watched, reader)
        persons = [row.alert.person_id for row in rows]
        context |= {"rows": rows}
    if seen := [f"person:{each}" for each in dict.fromkeys(persons) if each]:
        saw(request, *seen)
    return render(request, "safety/alerts.html", context | {"window": page})


@may(May.SEE_ALERTS)
def alert(request: StaffRequest, alert_id: UUID) -> HttpResponse:
    """Show one alert: what was answered, how to reach the person, and what must be done now."""
    return _page(request, _alert(request, alert_id))


@require_POST
@may(May.ACT_ON_ALERTS)
def alert_act(request: StaffRequest, alert_id: UUID, kind: str) -> HttpResponse:
    """Keep what was done about an alert."""
    if kind not in FORMS:
        raise Http404
    found = _alert(request, alert_id)
    form = FORMS[kind](request.POST, clinic=request.clinic)
    if not form.is_valid():
        return _page(request, found, filled=form, status=422)
    try:
        actions.act(alert=found, done=form.done(), by=request.user, at=timezone.now())
    except actions.AlertRefusedError as error:
        form.add_error(None, str(error))
        return _page(request, found, filled=form, status=422)
    return redirect("alert", alert_id=found.pk)


@may(May.ACT_ON_ALERTS)
def alert_raise(request: StaffRequest, person_id: UUID | None = None) -> HttpResponse:
    """Raise an alert by hand, about a person or about someone who is not on record."""
    person = get_object_or_404(request.clinic.persons, pk=person_id) if person_id else None
    site = person.site_id if person else None
    form = RaiseForm(request.POST or None, clinic=request.clinic, initial={"site": site})
    if request.method == "POST" and form.is_valid():
        return redirect("alert", alert_id=_raised(request, form, person).pk)
    context = {"form": form, "person": person}
    return render(request, "safety/raise.html", context, status=422 if form.errors else 200)


def _raised(request: StaffRequest, form: RaiseForm, person: Person | None) -> Alert:
    said = form.cleaned_data
    return actions.raise_alert(
        person=person,
        site=said["site"],
        kind=said["strand"],
        tier=said["tier"],
        source=f"staff:{said['key']}",
        says=said["says"],
        at=timezone.now(),
        actor=request.actor,
        told=actions.Told(on_site=said["on_site"], phone=said["phone"], place=said["place"]),
    )


def _alert(request: StaffRequest, alert_id: UUID) -> Alert:
    found = request.clinic.alerts.select_related("person", "site", "clinic")
    return get_object_or_404(found, pk=alert_id)


def _page(
    request: StaffRequest, alert: Alert, *, filled: ActForm | None = None, status: int = 200
) -> HttpResponse:
    if alert.person_id:
        saw(request, f"person:{alert.person_id}", action="alert")
    watched = watched_by(request)
    shown = alert_shown(alert, watched, str(request.user.pk), filled)
    context = {
        "alert": alert,
        "shown": shown,
        "ladder": ladder().rungs,
        "emergency": emergency_words(
            request.clinic, watched.now.astimezone(alert.site.zone).date()
        ),
    }
    return render(request, "safety/alert.html", context, status=status)
