"""Sites: their details, hours and closures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction

from overstory.clinic.people.actions.recording import keep
from overstory.clinic.people.clinics import Clinic, Closure, Site, SiteHours
from overstory.clinic.people.staff import Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDetails:
    """What a site says of itself."""

    slug: str
    name: str
    time_zone: str
    phone: str
    address: str
    crisis_text: str
    offers: list[str]


@transaction.atomic
def add_site(*, key: UUID, clinic: Clinic, details: SiteDetails, by: Staff, at: datetime) -> Site:
    """Add a site; sent twice, there is one."""
    site, is_new = Site.objects.get_or_create(pk=key, clinic=clinic, defaults=asdict(details))
    if is_new:
        keep(clinic, "added a site", f"site:{site.pk}", by=by, at=at)
    return site


@transaction.atomic
def edit_site(*, site: Site, details: SiteDetails, by: Staff, at: datetime) -> None:
    """Change what a site says of itself."""
    held = Site.objects.select_for_update().get(pk=site.pk)
    wanted = asdict(details)
    changed = sorted(name for name, value in wanted.items() if getattr(held, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(held, name, wanted[name])
    held.save(update_fields=changed)
    keep(site.clinic, "edited a site", f"site:{site.pk}", by=by, at=at, fields=changed)


@transaction.atomic
def set_hours(
    *, site: Site, hours: Mapping[int, tuple[time, time]], by: Staff, at: datetime
) -> None:
    """Set when a site is open on each day of the week (Monday is 0); a day left out is closed."""
    held = {each.weekday: (each.opens, each.closes) for each in site.hours.all()}
    if held == dict(hours):
        return
    site.hours.all().delete()
    SiteHours.objects.bulk_create(
        SiteHours(site=site, weekday=day, opens=opens, closes=closes)
        for day, (opens, closes) in sorted(hours.items())
    )
    days = sorted(set(held.items()) ^ set(hours.items()))
    keep(
        site.clinic, "set hours", f"site:{site.pk}", by=by, at=at,
        weekdays=sorted({day for day, _ in days}),
        hours={str(day): [f"{each:%H:%M}" for each in span] for day, span in sorted(hours.items())},
    )  # fmt: skip


@transaction.atomic
def add_closure(
    *, key: UUID, site: Site, first_day: date, last_day: date, why: str, by: Staff, at: datetime
) -> Closure:
    """Close a site on some days; sent twice, there is one closure."""
    closure, is_new = Closure.objects.get_or_create(
        pk=key, site=site, defaults={"first_day": first_day, "last_day": last_day, "why": why}
    )
    if is_new:
        keep(site.clinic, "closed a site", f"site:{site.pk}", by=by, at=at, closure=str(key))
    return closure


@transaction.atomic
def end_closure(*, closure: Closure, by: Staff, at: datetime) -> None:
    """Take a closure back; it stays on record."""
    if Closure.objects.filter(pk=closure.pk, ended_at=None).update(ended_at=at):
        site = closure.site
        keep(site.clinic, "took a closure back", f"site:{site.pk}", by=by, at=at)
