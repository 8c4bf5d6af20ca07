"""How the appointments of a course fit the version of its plan in force, and times for what has none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from overstory.clinic.booking.fitting import Fit
from overstory.clinic.booking.forms import places_for
from overstory.clinic.booking.holding import fit_with_holds
from overstory.clinic.booking.proposing import Proposals, Wanted, times_beside
from overstory.clinic.care.planned import CarePlan


def fit_of(plan: CarePlan, *, now: datetime) -> Fit:
    """Return how the appointments of a course fit a version of its plan, from the day of now on."""
    return fit_with_holds(plan, at=now)


def usual(fit: Fit, places: Sequence[Any]) -> dict[str, Any]:
    """Return the time of day and the places of the appointments that stay, as a form begins with."""
    rows = [row for _, row in fit.kept] or list(fit.to_cancel)
    times = [f"{each.wall_time:%H:%M}" for each in rows]
    found = {"at": max(set(times), key=times.count, default="09:00")}
    for treatment in dict.fromkeys(each["treatment"] for each in fit.to_book):
        own = (each for each in places_for(places, treatment) if each.__dict__["is_own"])
        found[treatment] = next((str(each.pk) for each in own), "")
    return found


def times_for(plan: CarePlan, fit: Fit, *, wanted: Wanted, now: datetime) -> Proposals:
    """
    Return where each session without an appointment could stand on its day.

    The least gaps to the sessions before and after it are kept in real hours.
    """
    every = sorted([*(each for each, _ in fit.kept), *fit.to_book], key=lambda each: each["n"])
    stands = {each["n"]: row.starts for each, row in fit.kept}
    return times_beside(plan=plan, sessions=every, stands=stands, wanted=wanted, now=now)
