"""A day that is repaired: what drops out, whom that touches, and what is proposed and accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from overstory.clinic.audit.reading import saw
from overstory.clinic.booking import resource_actions
from overstory.clinic.booking.actions import NotBookableError
from overstory.clinic.booking.forms import day_in
from overstory.clinic.booking.occupying import TakenError
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.models import Site
from overstory.clinic.people.permissions import May
from overstory.clinic.week import repairing_actions as actions
from overstory.clinic.week.board_views import site_asked, sites_of
from overstory.clinic.week.models import Repair
from overstory.clinic.week.repair_forms import OutForm
from overstory.clinic.week.repairing import Hit, Proposed, proposed
from overstory.clinic.week.seats import Coming
from overstory.clinic.week.showing import what_of
from overstory.pathway.timetable.rearranged import Line

MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line of a proposal in words: who, from where, to where, and who has to be told."""

    id: str
    coming: Coming
    what: str
    was_at: str
    was_where: str
    now_at: str
    now_where: str
    is_later: bool
    is_call: bool
    why: str
    is_hit: bool


@may(May.BOOK)
def repair(request: StaffRequest) -> HttpResponse:
    """Show whom a day touches that cannot stay as it is, what could be done, and do what is accepted."""
    sites = sites_of(request)
    site = site_asked(request, sites)
    if site is None:
        raise Http404
    now = timezone.now()
    on = day_in(request.GET.get("day", ""), now.astimezone(site.zone).date())
    if request.method == "POST":
        return _accept(request, site, on, now)
    return render(
        request, "week/repair.html", _shown(request, sites, site, proposed(site, on, now=now))
    )


def _accept(request: StaffRequest, site: Site, on: date, now: datetime) -> HttpResponse:
    try:
        accepted = actions.Accepted(
            key=UUID(request.POST.get("key", "")),
            on=on,
            seen=request.POST.get("seen", ""),
            chosen=frozenset(UUID(each) for each in request.POST.getlist("line")),
        )
    except ValueError:
        raise Http404 from None
    refused = "Choose at least one line."
    if accepted.chosen:
        try:
            done = actions.accept(site=site, accepted=accepted, by=request.user, at=now)
        except (
            actions.RepairChangedError, actions.RepairIncompleteError, NotBookableError, TakenError,
        ) as error:  # fmt: skip
            refused = f"Nothing was moved. {error}"
        else:
            return redirect("repaired", done.pk)
    shown = _shown(request, sites_of(request), site, proposed(site, on, now=now))
    return render(request, "week/repair.html", shown | {"refused": refused}, status=409)


@may(May.BOOK)
@require_GET
def repaired(request: StaffRequest, repair_id: UUID) -> HttpResponse:
    """Show what a repair moved, and who has to be told."""
    rows = Repair.objects.select_related("site", "by")
    found = get_object_or_404(rows, site__clinic=request.clinic, pk=repair_id)
    lines = found.lines.select_related(
        "was__person", "was__care_request__person", "was__clinician", "now__site"
    )
    shown = list(lines.order_by("was__starts", "was__pk")[:MOST_LINES])
    saw(request, *(f"person:{each.was.whose.pk}" for each in shown if each.was.whose))
    return render(request, "week/repaired.html", {
        "repair": found, "site": found.site, "zone": found.site.time_zone,
        "to_call": [each for each in shown if each.now is None or each.now.starts != each.was.starts],
        "quiet": [each for each in shown if each.now and each.now.starts == each.was.starts],
    })  # fmt: skip


@may(May.BOOK)
def out(request: StaffRequest) -> HttpResponse:
    """Say that a room, chair or device is out for some hours, and go on to whom that touches."""
    sites = sites_of(request)
    site = site_asked(request, sites)
    if site is None:
        raise Http404
    form = OutForm(
        request.POST if request.method == "POST" else None, site=site,
        on=day_in(request.GET.get("day", ""), timezone.now().astimezone(site.zone).date()),
        resource=request.GET.get("resource", ""),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            resource_actions.add_outage(
                key=given["id"], resource=given["resource"], starts=given["starts"],
                ends=given["ends"], why=given["why"], by=request.user, at=timezone.now(),
            )  # fmt: skip
        except resource_actions.ResourceError as error:
            form.add_error("ends_at", str(error))
        else:
            messages.success(request, f"{given['resource'].name} is out. Nothing was moved yet.")
            return redirect(f"{reverse('repair')}?site={site.slug}&day={given['day']}")
    status = 422 if request.method == "POST" else 200
    return render(
        request, "week/out.html", {"form": form, "site": site, "sites": sites}, status=status
    )


def _shown(
    request: StaffRequest, sites: Sequence[Site], site: Site, found: Proposed
) -> dict[str, Any]:
    trouble = found.trouble
    told = [*(each.coming for each in trouble.hits), *_comings(found)]
    saw(request, *sorted({f"person:{each.whose}" for each in told if each.whose}))
    one = timedelta(days=1)
    lines = list(_lines(found))
    return {
        "sites": sites, "site": site, "zone": site.time_zone, "on": trouble.on,
        "before": trouble.on - one, "after": trouble.on + one, "key": uuid4(), "seen": found.seen,
        "hits": [(each, what_of(each.coming)) for each in trouble.hits], "lines": lines,
        "around": sorted(trouble.around.items()), "unplaced": [x for x in lines if not x.now_at],
        "closed": trouble.board.closed.get(trouble.on),
        "reasons": _reasons(trouble.hits),
    }  # fmt: skip


def _reasons(hits: Sequence[Hit]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for each in hits:
        found[each.why] = found.get(each.why, 0) + 1
    return list(found.items())


def _comings(found: Proposed) -> list[Coming]:
    return [found.trouble.rules.comings[each.visit.id] for each in found.lines]


def _lines(found: Proposed) -> Iterator[LineShown]:
    places = {str(each.resource): each.name for each in found.trouble.board.lanes if each.resource}
    comings = found.trouble.rules.comings
    zone = found.trouble.board.site.zone
    for line in sorted(found.lines, key=lambda each: (each.visit.starts, each.visit.id)):
        yield _line(line, comings[line.visit.id], places, zone, found.why(line))


def _line(
    line: Line, coming: Coming, places: Mapping[str, str], zone: ZoneInfo, why: str
) -> LineShown:
    to = line.to
    was, now = line.visit.starts.astimezone(zone), to.starts.astimezone(zone) if to else None
    is_later = now is not None and now.date() != was.date()
    at = "" if now is None else f"{now:%a %-d %b, %H:%M}" if is_later else f"{now:%H:%M}"
    return LineShown(
        id=line.visit.id,
        coming=coming,
        what=what_of(coming),
        was_at=f"{was:%H:%M}",
        was_where=places.get(line.visit.place, coming.clinician),
        now_at=at,
        now_where=places.get(to.place, coming.clinician) if to else "",
        is_later=is_later,
        is_call=now != was,
        why=why,
        is_hit=line.is_hit,
    )
