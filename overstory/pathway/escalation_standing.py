"""Where an alert stands after all that was done about it: its tier, its deadline, who has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from overstory.knowledge.shapes.safety import EscalationRung
from overstory.pathway.escalation_values import RANKS, UNSCREENED, Act, AlertState, OpenHours

NOTHING_FOLLOWS = frozenset({"mistaken", "no-risk-found"})
"""Ways of closing an alert after which no contact is planned."""
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class EscalationError(ValueError):
    """A ladder that has no rung for a tier."""


@dataclass(frozen=True, slots=True)
class Standing:
    """
    Where an alert stands after all acts.

    `since` is when the people of this tier had to be told, `by` when they must have acted.
    `turn` counts how often it had to be acknowledged anew; `to` is who took it over and did not
    acknowledge it yet.
    """

    tier: str
    since: datetime
    by: datetime
    any_hour: bool
    turn: int = 0
    to: str = ""
    acknowledged_by: str = ""
    assessed_at: datetime | None = None
    assessed_by: str = ""
    tries: int = 0
    reached: bool = False
    contacts: int = 0
    appointed: bool = False
    disposition: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """The ladder by tier, and the sites' hours: all that times come from."""

    ladder: Mapping[str, EscalationRung]
    hours: Mapping[str, OpenHours]

    def rung(self, tier: str) -> EscalationRung:
        """
        Return the rung of a tier; one that is no tier counts as not screened.

        :raises EscalationError: if the ladder has none.
        """
        wanted = "low" if tier == "none" else tier if tier in RANKS else UNSCREENED
        if wanted not in self.ladder:
            raise EscalationError(f"the ladder has no rung for {wanted!r}")
        return self.ladder[wanted]

    def rung_of_open(self) -> EscalationRung:
        """
        Return the rung of positive screens that are not closed.

        :raises EscalationError: if the ladder has none.
        """
        if "open" not in self.ladder:
            raise EscalationError("the ladder has no rung for alerts that stay open")
        return self.ladder["open"]

    def business_hours(self, alert: AlertState, stands: Standing) -> OpenHours | None:
        """Return the hours in which the minutes of an alert count; none if they always do."""
        if alert.on_site or stands.any_hour or not self.rung(stands.tier).business_hours:
            return None
        return self.hours.get(alert.site)

    def evening(self, alert: AlertState, stands: Standing) -> datetime | None:
        """
        Return from when those on call are called for what must be done the same day.

        That is the last close of that day, or the beginning where the site does not open any more;
        none where minutes never wait for business hours, or the day does not matter.
        """
        hours = self.business_hours(alert, stands)
        if hours is None or not self.rung(stands.tier).same_day:
            return None
        span = hours.span_of(stands.since)
        return max(span[1], stands.since) if span else stands.since

    def deadline(self, alert: AlertState, stands: Standing) -> datetime:
        """Return by when the people of the tier must have acted; at the latest when the day ends."""
        by, site = self._by(alert, stands), self.hours.get(alert.site)
        if site is None or not self.rung(stands.tier).same_day:
            return by
        return min(by, site.day_ends(stands.since))

    def _by(self, alert: AlertState, stands: Standing) -> datetime:
        rung = self.rung(stands.tier)
        minutes = rung.on_site_minutes if alert.on_site else rung.remote_minutes
        if minutes is None:
            minutes = rung.on_site_minutes
        if minutes is None:
            days, site = rung.business_days or 0, self.hours.get(alert.site)
            return site.close_after(stands.since, days) if site else stands.since + days * DAY
        hours = self.business_hours(alert, stands)
        return hours.after(stands.since, minutes) if hours else stands.since + minutes * MINUTE


def is_higher(tier: str, than: str) -> bool:
    """Return whether a tier stands above another; one that is no tier counts as not screened."""
    return _rank(tier) > _rank(than)


def standing(
    *, alert: AlertState, hours: Mapping[str, OpenHours], ladder: Sequence[EscalationRung]
) -> Standing:
    """Return where an alert stands after all of its acts."""
    return stand(alert, Times({each.tier: each for each in ladder}, hours))


def contacts_left(*, stands: Standing, ladder: Sequence[EscalationRung]) -> int:
    """Return how many contacts (follow-ups and an appointment) are still to come."""
    return len(contacts(stands, Times({each.tier: each for each in ladder}, {})))


def stand(alert: AlertState, times: Times) -> Standing:
    """Return where an alert stands after all of its acts, by these times."""
    tier = alert.tier if alert.tier in RANKS else UNSCREENED
    stands = Standing(tier, alert.raised_at, alert.raised_at, alert.any_hour)
    stands = replace(stands, by=times.deadline(alert, stands))
    for act in alert.acts:
        stands = _after(alert, stands, act, times)
    return stands


def contacts(stands: Standing, times: Times) -> list[tuple[str, int, datetime]]:
    """Return the contacts still to come after an assessment: what, which, and by when."""
    base = stands.assessed_at
    if base is None or stands.tier == "none" or stands.disposition in NOTHING_FOLLOWS:
        return []
    rung = times.rung(stands.tier)
    hours = rung.follow_up_hours[stands.contacts :]
    found = [
        ("follow-up", stands.contacts + index, base + hour * HOUR)
        for index, hour in enumerate(hours)
    ]
    if rung.appointment_days is not None and not stands.appointed:
        found.append(("appointment", 0, base + rung.appointment_days * DAY))
    return sorted(found, key=lambda each: each[2])


def _after(alert: AlertState, stands: Standing, act: Act, times: Times) -> Standing:
    """Return where an alert stands after one more act."""
    match act.kind:
        case "raised-tier":
            tier = act.tier if is_higher(act.tier, stands.tier) else stands.tier
            fresh = _anew(alert, stands, act, tier, times)
            is_met = stands.assessed_at is not None
            return replace(fresh, by=fresh.by if is_met else min(fresh.by, stands.by))
        case "screened":
            may_set = stands.tier == UNSCREENED or is_higher(act.tier, stands.tier)
            return _anew(alert, stands, act, act.tier if may_set else stands.tier, times)
        case "handed-over":
            turn = stands.turn + 1
            return replace(stands, turn=turn, to=act.to, acknowledged_by="", since=act.at)
        case "acknowledged":
            return replace(stands, acknowledged_by=act.by, to="")
        case "contact-tried":
            return _tried(stands, act)
        case "assessed" | "lowered":
            return _assessed(stands, act)
        case "followed-up":
            return replace(stands, contacts=stands.contacts + (act.outcome == "reached"))
        case "appointed":
            return replace(stands, appointed=True)
        case "closed":
            return _closed(stands, act)
    return stands


def _anew(alert: AlertState, stands: Standing, act: Act, tier: str, times: Times) -> Standing:
    """Return an alert that its people must acknowledge anew."""
    fresh = replace(
        stands,
        tier=tier if tier in RANKS else UNSCREENED,
        since=act.at,
        any_hour=act.any_hour or (stands.any_hour and act.kind != "screened"),
        turn=stands.turn + 1,
        to="",
        acknowledged_by="",
        assessed_at=None,
        assessed_by="",
        tries=0,
        reached=False,
    )
    return replace(fresh, by=times.deadline(alert, fresh))


def _tried(stands: Standing, act: Act) -> Standing:
    return replace(
        stands,
        tries=stands.tries + 1,
        reached=stands.reached or act.outcome == "reached",
        acknowledged_by=stands.acknowledged_by or act.by,
    )


def _assessed(stands: Standing, act: Act) -> Standing:
    """Return an alert that was assessed; only a lowering lowers, but for one not screened."""
    is_free = act.kind == "lowered" or stands.tier == UNSCREENED
    tier = act.tier if is_free or is_higher(act.tier, stands.tier) else stands.tier
    return replace(
        stands,
        tier=tier if tier in RANKS else UNSCREENED,
        assessed_at=act.at,
        assessed_by=act.by,
        acknowledged_by=stands.acknowledged_by or act.by,
        contacts=0,
    )


def _closed(stands: Standing, act: Act) -> Standing:
    """Return an alert that was closed; handed on without an assessment, its contacts count from then."""
    return replace(
        stands,
        disposition=act.outcome,
        assessed_at=stands.assessed_at or act.at,
        assessed_by=stands.assessed_by or act.by,
    )


def _rank(tier: str) -> int:
    return RANKS.index(tier if tier in RANKS else UNSCREENED)
