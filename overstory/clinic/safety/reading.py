"""Rows to the values that escalation works on: alerts, who is there, when sites are open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import FilteredRelation, Q, QuerySet, Subquery

from overstory.clinic.people.calendar import holidays_of
from overstory.clinic.people.clinics import Clinic, Site
from overstory.clinic.people.staff import Staff
from overstory.clinic.safety.models import Alert, AlertAct, WorkerBeat
from overstory.pathway.escalation_values import Act, AlertState, Duty, Member, OpenHours

ACTS = (
    "alert_id", "alert__kind", "alert__site_id", "alert__tier", "alert__on_site",
    "alert__any_hour", "alert__raised_at", "alert__closed_at",
    "kind", "at", "by_id", "tier", "outcome", "to_staff_id", "any_hour",
)  # fmt: skip
LOOKED_BACK = timedelta(days=2)
"""How far back the roster is read: an alert that waits longer has long reached everyone."""
CLOSED_BACK = timedelta(days=60)
"""How far back closures are read: business hours are counted from when an alert was raised."""


CLOCKS_APART = timedelta(minutes=1)
"""How far the clocks of a worker and of who serves a page may be apart."""


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works in a clinic with their duties, and when a worker last came through a whole round."""

    members: tuple[Member, ...]
    beat: datetime | None


def watched(clinic: Clinic) -> tuple[AlertState, ...]:
    """Return the alerts that are open or have contacts still to come, in one query."""
    rows = AlertAct.objects.filter(alert__clinic=clinic, alert__settled_at=None)
    return _states(rows.order_by("alert_id", "seq").values_list(*ACTS))


def state_of(alert: Alert) -> AlertState:
    """Return one alert with its acts, in one query."""
    rows = AlertAct.objects.filter(alert=alert).order_by("seq").values_list(*ACTS)
    return _states(rows)[0]


def _states(rows: Iterable[Sequence[Any]]) -> tuple[AlertState, ...]:
    heads: dict[UUID, Sequence[Any]] = {}
    acts: dict[UUID, list[Act]] = {}
    for row in rows:
        heads[row[0]] = row
        kind, at, by, tier, outcome, to, any_hour = row[8:]
        done = Act(kind, at, str(by or ""), tier, outcome, str(to or ""), any_hour)
        acts.setdefault(row[0], []).append(done)
    return tuple(
        AlertState(
            id=str(pk),
            kind=head[1],
            site=str(head[2]),
            tier=head[3],
            on_site=head[4],
            any_hour=head[5],
            raised_at=head[6],
            acts=tuple(acts[pk]),
            closed_at=head[7],
        )
        for pk, head in heads.items()
    )


def pulse(now: datetime) -> QuerySet[WorkerBeat, Any]:
    """
    Return when a worker last came through a whole round, as a subquery.

    A beat from far ahead, of a clock that was put back since, does not count: it would hide silence.
    """
    return WorkerBeat.objects.filter(at__lte=now + CLOCKS_APART).order_by("-at").values("at")[:1]


def crew(
    clinic: Clinic, now: datetime, *, since: datetime | None = None, until: datetime | None = None
) -> Crew:
    """Return who works here with the duties from `since` until now or `until`, and the last beat."""
    first = max(since or now, now - LOOKED_BACK)

    def during(name: str) -> Q:
        return Q(
            **{
                f"{name}__withdrawn_at": None,
                f"{name}__starts__lte": until or now,
                f"{name}__ends__gt": first,
            }
        )

    rows = (
        Staff.objects.filter(clinic=clinic, is_active=True)
        .annotate(
            held=FilteredRelation("roles", condition=Q(roles__until=None)),
            calls=FilteredRelation("on_calls", condition=during("on_calls")),
            work=FilteredRelation("shifts", condition=during("shifts")),
            gone=FilteredRelation("leaves", condition=during("leaves")),
            beat=Subquery(pulse(now)),
        )
        .order_by("name", "id")
        .values_list(
            "id", "name", "beat", "held__role",
            "calls__starts", "calls__ends", "calls__rung",
            "work__starts", "work__ends", "work__site_id",
            "gone__starts", "gone__ends",
        )
    )  # fmt: skip
    return _crew(rows)


def _crew(rows: Iterable[Sequence[Any]]) -> Crew:
    names: dict[UUID, str] = {}
    roles: dict[UUID, set[str]] = {}
    duties: dict[UUID, dict[Duty, None]] = {}
    beat = None
    for pk, name, beat_at, role, *spans in rows:
        names[pk], beat = name, beat_at
        roles.setdefault(pk, set()).update([role] if role else [])
        held = duties.setdefault(pk, {})
        if spans[0]:
            held[Duty("on-call", spans[0], spans[1], rung=spans[2])] = None
        if spans[3]:
            held[Duty("shift", spans[3], spans[4], site=str(spans[5]))] = None
        if spans[6]:
            held[Duty("leave", spans[6], spans[7])] = None
    members = tuple(
        Member(str(pk), name, frozenset(roles[pk]), tuple(duties[pk])) for pk, name in names.items()
    )
    return Crew(members, beat)


def open_hours(clinic: Clinic, now: datetime) -> Mapping[str, OpenHours]:
    """Return when the clinic's sites are open, in one query; one without hours has its zone alone."""
    recent = (now - CLOSED_BACK).date()
    rows = (
        Site.objects.filter(clinic=clinic)
        .annotate(
            shut=FilteredRelation(
                "closures",
                condition=Q(closures__ended_at=None, closures__last_day__gte=recent),
            )
        )
        .values_list(
            "id", "time_zone", "hours__weekday", "hours__opens", "hours__closes",
            "shut__first_day", "shut__last_day",
        )
    )  # fmt: skip
    holidays = _holidays(clinic, now)
    zones: dict[str, str] = {}
    weeks: dict[str, dict[int, tuple[time, time]]] = {}
    closed: dict[str, set[date]] = {}
    for pk, zone, weekday, opens, closes, first, last in rows:
        site = str(pk)
        zones[site] = zone
        week, shut = weeks.setdefault(site, {}), closed.setdefault(site, set(holidays))
        if weekday is not None:
            week[weekday] = (opens, closes)
        if first:
            shut.update(first + timedelta(days=n) for n in range((last - first).days + 1))
    return {
        site: OpenHours(ZoneInfo(zone), weeks[site], frozenset(closed[site]))
        for site, zone in zones.items()
    }


def _holidays(clinic: Clinic, now: datetime) -> set[date]:
    years = range(now.year - 1, now.year + 2)
    return {day for year in years for day in holidays_of(clinic.jurisdiction, clinic.country, year)}
