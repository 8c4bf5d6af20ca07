"""Who must act on each alert now, by when, and what they must do. Never silent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from overstory.knowledge.shapes.safety import EscalationRung
from overstory.pathway.escalation_values import (
    RANKS,
    UNSCREENED,
    URGENT,
    Act,
    AlertState,
    Due,
    Member,
    OpenHours,
)

DIRECTOR, MANAGER = "medical-director", "manager"
PRESCRIBERS = frozenset({"psychiatrist", DIRECTOR})
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
    `turn` counts how often it had to be acknowledged anew.
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
class _Scene:
    """All that stands around the alerts at one moment."""

    roster: Sequence[Member]
    hours: Mapping[str, OpenHours]
    now: datetime
    ladder: Mapping[str, EscalationRung]

    def rung(self, tier: str) -> EscalationRung:
        wanted = "low" if tier == "none" else tier if tier in RANKS else UNSCREENED
        if wanted not in self.ladder:
            raise EscalationError(f"the ladder has no rung for {wanted!r}")
        return self.ladder[wanted]


def escalate(
    *,
    alerts: Iterable[AlertState],
    roster: Sequence[Member],
    hours: Mapping[str, OpenHours],
    now: datetime,
    ladder: Sequence[EscalationRung],
) -> tuple[Due, ...]:
    """
    Return what is due, the most urgent tiers first, then by deadline.

    `hours` are the sites' by id; without them, minutes of business hours count on any clock. Each
    alert that is open has at least one `Due` with named people or with `nobody`. A tier that is no
    tier counts as not screened. Numbers: the knowledge's escalation ladder.

    :raises EscalationError: if the ladder has no rung for a tier.
    """
    scene = _Scene(roster, hours, now, {each.tier: each for each in ladder})
    found = [due for alert in alerts for due in _of(alert, scene)]
    if nobody_on_call(roster=roster, now=now):
        found.append(_loud(scene))
    return tuple(sorted(found, key=lambda due: (not _beats(due), due.by, due.alert, due.key)))


def nobody_on_call(*, roster: Sequence[Member], now: datetime) -> bool:
    """Return whether no one is on call and no prescriber is at work."""
    return not any(
        each.on_call(now) is not None or (each.roles & PRESCRIBERS and each.on_shift(now))
        for each in roster
    )


def is_higher(tier: str, than: str) -> bool:
    """Return whether a tier stands above another; one that is no tier counts as not screened."""
    return _rank(tier) > _rank(than)


def standing(
    *, alert: AlertState, hours: Mapping[str, OpenHours], ladder: Sequence[EscalationRung]
) -> Standing:
    """Return where an alert stands after all of its acts."""
    return _standing(alert, _Scene((), hours, alert.raised_at, {e.tier: e for e in ladder}))


def contacts_left(*, stands: Standing, ladder: Sequence[EscalationRung]) -> int:
    """Return how many contacts (follow-ups and an appointment) are still to come."""
    scene = _Scene((), {}, stands.since, {each.tier: each for each in ladder})
    return len(_contacts(stands, scene))


def _of(alert: AlertState, scene: _Scene) -> list[Due]:
    stands = _standing(alert, scene)
    found = []
    if alert.closed_at is None:
        found.append(_next_step(alert, stands, scene))
        found += _unclosed(alert, stands, scene)
    found += [_contact(alert, stands, scene, each) for each in _contacts(stands, scene)[:1]]
    return found


def _standing(alert: AlertState, scene: _Scene) -> Standing:
    tier = alert.tier if alert.tier in RANKS else UNSCREENED
    stands = Standing(tier, alert.raised_at, alert.raised_at, alert.any_hour)
    stands = replace(stands, by=_deadline(alert, stands, scene))
    for act in alert.acts:
        stands = _after(alert, stands, act, scene)
    return stands


def _after(alert: AlertState, stands: Standing, act: Act, scene: _Scene) -> Standing:
    """Return where an alert stands after one more act."""
    match act.kind:
        case "raised-tier":
            tier = act.tier if is_higher(act.tier, stands.tier) else stands.tier
            return _anew(alert, stands, scene, act, tier, at_latest=stands.by)
        case "screened":
            may_set = stands.tier == UNSCREENED or is_higher(act.tier, stands.tier)
            return _anew(alert, stands, scene, act, act.tier if may_set else stands.tier)
        case "handed-over":
            return replace(
                stands, turn=stands.turn + 1, to=act.to, acknowledged_by="", since=act.at
            )
        case "acknowledged":
            return replace(stands, acknowledged_by=act.by, to="")
        case "contact-tried":
            return replace(
                stands,
                tries=stands.tries + 1,
                reached=stands.reached or act.outcome == "reached",
                acknowledged_by=stands.acknowledged_by or act.by,
            )
        case "assessed" | "lowered":
            free = act.kind == "lowered" or stands.tier == UNSCREENED
            tier = act.tier if free or is_higher(act.tier, stands.tier) else stands.tier
            return replace(
                stands,
                tier=tier if tier in RANKS else UNSCREENED,
                assessed_at=act.at,
                assessed_by=act.by,
                acknowledged_by=stands.acknowledged_by or act.by,
                contacts=0,
            )
        case "followed-up":
            return replace(stands, contacts=stands.contacts + (act.outcome == "reached"))
        case "appointed":
            return replace(stands, appointed=True)
        case "closed":
            return replace(stands, disposition=act.outcome)
    return stands


def _anew(
    alert: AlertState,
    stands: Standing,
    scene: _Scene,
    act: Act,
    tier: str,
    at_latest: datetime | None = None,
) -> Standing:
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
    by = _deadline(alert, fresh, scene)
    return replace(fresh, by=by if at_latest is None else min(by, at_latest))


def _deadline(alert: AlertState, stands: Standing, scene: _Scene) -> datetime:
    rung = scene.rung(stands.tier)
    minutes = rung.on_site_minutes if alert.on_site else rung.remote_minutes
    if minutes is None:
        minutes = rung.on_site_minutes
    hours = scene.hours.get(alert.site)
    if minutes is None:
        days = rung.business_days or 0
        return hours.close_after(stands.since, days) if hours else stands.since + days * DAY
    if hours and _in_business_hours(alert, stands, rung):
        return hours.after(stands.since, minutes)
    return stands.since + minutes * MINUTE


def _in_business_hours(alert: AlertState, stands: Standing, rung: EscalationRung) -> bool:
    return rung.business_hours and not alert.on_site and not stands.any_hour


def _next_step(alert: AlertState, stands: Standing, scene: _Scene) -> Due:
    """Return who must acknowledge, assess or close an open alert."""
    rung = scene.rung(stands.tier)
    if stands.assessed_at is not None:
        unclosed = alert.raised_at + (scene.ladder["open"].unclosed_hours or 0) * HOUR
        called = _Called((stands.assessed_by,), 1, False)
        return _due(alert, stands, scene, "close", called, by=unclosed)
    if stands.acknowledged_by:
        late = scene.now >= stands.by
        rounds = 1 + _rounds(alert, stands, rung, scene, stands.by) if late else 0
        called = _climb(alert, stands, rung, scene, stands.by, rounds)
        if not late:
            called = _Called((stands.acknowledged_by,), 1, False)
        else:
            called = replace(called, who=(stands.acknowledged_by, *called.who))
        return _due(alert, stands, scene, "assess", called, by=stands.by)
    rounds = _rounds(alert, stands, rung, scene, stands.since)
    further = _begin(alert, stands, rung, scene, stands.since, rounds + 1)
    called = _climb(alert, stands, rung, scene, stands.since, rounds)
    if stands.to:
        called = replace(called, who=(stands.to, *(called.who if rounds else ())))
    due = _due(alert, stands, scene, "answer", called, by=stands.by)
    return due if due.everyone or further <= scene.now else replace(due, next_at=further)


@dataclass(frozen=True, slots=True)
class _Called:
    who: tuple[str, ...]
    step: int
    everyone: bool


def _rounds(
    alert: AlertState,
    stands: Standing,
    rung: EscalationRung,
    scene: _Scene,
    since: datetime,
) -> int:
    """Return how many times the wait for an acknowledgement has passed."""
    wait = rung.acknowledge_minutes
    if wait is None:
        return int(scene.now >= stands.by)
    hours = scene.hours.get(alert.site)
    if hours and _in_business_hours(alert, stands, rung):
        return int(hours.minutes_between(since, scene.now) // wait)
    return max(int((scene.now - since) // (wait * MINUTE)), 0)


def _climb(
    alert: AlertState,
    stands: Standing,
    rung: EscalationRung,
    scene: _Scene,
    since: datetime,
    rounds: int,
) -> _Called:
    """
    Return all who were called in these rounds and since.

    Round 0 calls the first; each further one the next rung of those who are on call at its
    beginning. Where there is no next one, everyone is called, and that stays so.
    """
    who = [
        *_first(alert, stands, rung, scene, since),
        *_first(alert, stands, rung, scene, scene.now),
    ]
    ahead = 0 if _is_urgent(alert, stands) else 1
    for number in range(1, rounds + 1):
        ranks = _ranks(scene.roster, _begin(alert, stands, rung, scene, since, number))
        if number - ahead >= len(ranks):
            return _Called((*who, *_everyone(scene)), number + 1, True)
        who += ranks[number - ahead]
    return _Called(tuple(who), rounds + 1, False)


def _begin(
    alert: AlertState,
    stands: Standing,
    rung: EscalationRung,
    scene: _Scene,
    since: datetime,
    number: int,
) -> datetime:
    wait = rung.acknowledge_minutes
    if wait is None:
        return stands.by
    hours = scene.hours.get(alert.site)
    if hours and _in_business_hours(alert, stands, rung):
        return hours.after(since, wait * number)
    return since + wait * number * MINUTE


def _is_urgent(alert: AlertState, stands: Standing) -> bool:
    """Return whether those on call are told at once, whatever the hour."""
    unscreened_far = stands.tier == UNSCREENED and not alert.on_site
    return stands.tier in URGENT or (unscreened_far and stands.any_hour)


def _first(
    alert: AlertState, stands: Standing, rung: EscalationRung, scene: _Scene, moment: datetime
) -> list[str]:
    """Return who is called first: who is at work at the site and may act, and who is on call."""
    at_work = [each for each in scene.roster if each.on_shift(moment, alert.site)]
    suited = [each.id for each in at_work if each.roles & set(rung.roles)]
    ranks = _ranks(scene.roster, moment)
    on_call = ranks[0] if ranks else []
    if stands.tier == "imminent" and alert.on_site:
        return [*(each.id for each in at_work), *on_call]
    if _is_urgent(alert, stands):
        return [*suited, *on_call]
    if suited or not _in_business_hours(alert, stands, rung):
        return suited or on_call
    holders = [e.id for e in scene.roster if e.roles & set(rung.roles) and not e.away(moment)]
    return holders or on_call


def _ranks(roster: Sequence[Member], moment: datetime) -> list[list[str]]:
    """Return who is on call, the first to be called first; each rung that someone holds is a rank."""
    rungs: dict[int, list[str]] = {}
    for each in roster:
        rung = each.on_call(moment)
        if rung is not None:
            rungs.setdefault(rung, []).append(each.id)
    return [rungs[rung] for rung in sorted(rungs)]


def _everyone(scene: _Scene) -> list[str]:
    """Return all who are at work or on call, and those who answer for the clinic."""
    now = scene.now
    return [
        each.id
        for each in scene.roster
        if each.on_shift(now)
        or each.on_call(now) is not None
        or (each.roles & {DIRECTOR, MANAGER} and not each.away(now))
    ]


def _answerable(scene: _Scene) -> list[str]:
    """Return the medical director and the manager, on leave or not."""
    return [each.id for each in scene.roster if each.roles & {DIRECTOR, MANAGER}]


def _due(
    alert: AlertState,
    stands: Standing,
    scene: _Scene,
    what: str,
    called: _Called,
    *,
    by: datetime,
) -> Due:
    """Return what is due, with those of the people who can be reached, or with nobody said aloud."""
    rung = scene.rung(stands.tier)
    there = {each.id for each in scene.roster if not each.away(scene.now)}
    who = [each for each in dict.fromkeys(called.who) if each in there]
    alone = not who or (what == "answer" and not _first(alert, stands, rung, scene, scene.now))
    if alone and not who:
        who = [*_first(alert, stands, rung, scene, scene.now)]
        alone = not who
    if alone:
        who = list(dict.fromkeys([*who, *_answerable(scene)]))
    tries = int(rung.remote_tries or 0)
    failed = bool(tries) and not alert.on_site and stands.tries >= tries and not stands.reached
    urgent = what in {"answer", "assess"} and stands.tier == "imminent"
    return Due(
        alert=alert.id,
        what=what,
        tier=stands.tier,
        rung=rung.id,
        by=by,
        since=stands.since,
        who=tuple(who),
        key=f"{what}.{stands.turn}.{called.step}",
        step=called.step,
        everyone=called.everyone,
        nobody=alone,
        overdue=scene.now > by,
        emergency=called.everyone or failed or urgent or (alone and what == "answer"),
        must_do=tuple(rung.must_do),
        acknowledged_by=stands.acknowledged_by,
        transfer_by=None
        if rung.transfer_minutes is None
        else stands.since + rung.transfer_minutes * MINUTE,
        tries=stands.tries,
        tries_needed=0 if alert.on_site else tries,
    )


def _unclosed(alert: AlertState, stands: Standing, scene: _Scene) -> list[Due]:
    """Return the breach that the medical director is told of, once its time has come."""
    rung = scene.ladder["open"]
    by = alert.raised_at + (rung.unclosed_hours or 0) * HOUR
    if scene.now < by:
        return []
    directors = [each.id for each in scene.roster if each.roles & set(rung.roles)]
    called = _Called(tuple(directors), 1, False)
    due = _due(alert, stands, scene, "unclosed", called, by=by)
    return [replace(due, rung=rung.id, must_do=tuple(rung.must_do), emergency=False, overdue=True)]


def _contacts(stands: Standing, scene: _Scene) -> list[tuple[str, int, datetime]]:
    """Return the contacts still to come after an assessment: what, which, and by when."""
    base = stands.assessed_at
    if base is None or stands.tier == "none" or stands.disposition in NOTHING_FOLLOWS:
        return []
    rung = scene.rung(stands.tier)
    hours = rung.follow_up_hours[stands.contacts :]
    found = [
        ("follow-up", stands.contacts + index, base + hour * HOUR)
        for index, hour in enumerate(hours)
    ]
    if rung.appointment_days is not None and not stands.appointed:
        found.append(("appointment", 0, base + rung.appointment_days * DAY))
    return sorted(found, key=lambda each: each[2])


def _contact(
    alert: AlertState, stands: Standing, scene: _Scene, contact: tuple[str, int, datetime]
) -> Due:
    what, number, by = contact
    rung = scene.rung(stands.tier)
    late = scene.now > by
    suited = [e.id for e in scene.roster if e.roles & set(rung.roles) and e.on_shift(scene.now)]
    known = {each.id for each in scene.roster if not each.away(scene.now)}
    who = [stands.assessed_by] if stands.assessed_by in known else suited
    if late:
        who = [*who, *suited, *(e.id for e in scene.roster if DIRECTOR in e.roles)]
    called = _Called(tuple(who), 2 if late else 1, False)
    due = _due(alert, stands, scene, what, called, by=by)
    return replace(due, since=stands.assessed_at or due.since, key=f"{due.key}.{number}")


def _loud(scene: _Scene) -> Due:
    """Return that nobody is on call, to those who answer for the clinic."""
    return Due(
        alert="",
        what="nobody",
        tier="",
        rung="",
        by=scene.now,
        since=scene.now,
        who=tuple(_answerable(scene)),
        key="nobody",
        nobody=True,
        overdue=True,
    )


def _beats(due: Due) -> bool:
    return due.tier in URGENT and due.what in {"answer", "assess"}


def _rank(tier: str) -> int:
    return RANKS.index(tier if tier in RANKS else UNSCREENED)
