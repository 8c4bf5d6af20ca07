"""Who must act on each alert now, by when, and what they must do. Never silent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from overstory.knowledge.shapes.safety import EscalationRung
from overstory.pathway.escalation_standing import (
    HOUR,
    MINUTE,
    EscalationError,
    Standing,
    Times,
    contacts,
    contacts_left,
    is_higher,
    stand,
    standing,
)
from overstory.pathway.escalation_values import (
    UNSCREENED,
    URGENT,
    AlertState,
    Due,
    Member,
    OpenHours,
)

__all__ = [
    "EscalationError",
    "Standing",
    "contacts_left",
    "escalate",
    "is_higher",
    "nobody_on_call",
    "standing",
]
DIRECTOR, MANAGER = "medical-director", "manager"
PRESCRIBERS = frozenset({"psychiatrist", DIRECTOR})


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
    scene = _Scene(roster, now, Times({each.tier: each for each in ladder}, hours))
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


@dataclass(frozen=True)
class _Scene:
    """All that stands around the alerts at one moment; who is there is worked out once a moment."""

    roster: Sequence[Member]
    now: datetime
    times: Times
    ranked: dict[datetime, list[list[str]]] = field(default_factory=dict)
    working: dict[tuple[datetime, str], list[Member]] = field(default_factory=dict)

    def ranks(self, moment: datetime) -> list[list[str]]:
        """Return who is on call, the first first; each rung that someone holds is a rank."""
        if moment not in self.ranked:
            rungs: dict[int, list[str]] = {}
            for each in self.roster:
                rung = each.on_call(moment)
                if rung is not None:
                    rungs.setdefault(rung, []).append(each.id)
            self.ranked[moment] = [rungs[rung] for rung in sorted(rungs)]
        return self.ranked[moment]

    def at_work(self, moment: datetime, site: str) -> list[Member]:
        """Return who is on shift at a site."""
        key = (moment, site)
        if key not in self.working:
            self.working[key] = [each for each in self.roster if each.on_shift(moment, site)]
        return self.working[key]

    @cached_property
    def there(self) -> frozenset[str]:
        """Those who are not on leave now."""
        return frozenset(each.id for each in self.roster if not each.away(self.now))

    @cached_property
    def everyone(self) -> tuple[str, ...]:
        """All who are at work or on call now, and those who answer for the clinic."""
        return tuple(
            each.id
            for each in self.roster
            if each.on_shift(self.now)
            or each.on_call(self.now) is not None
            or (each.roles & {DIRECTOR, MANAGER} and each.id in self.there)
        )

    @cached_property
    def answerable(self) -> tuple[str, ...]:
        """The medical director and the manager, on leave or not."""
        return tuple(each.id for each in self.roster if each.roles & {DIRECTOR, MANAGER})


@dataclass(frozen=True, slots=True)
class _Case:
    """One alert as it stands, its rung of the ladder, and what stands around it."""

    alert: AlertState
    stands: Standing
    rung: EscalationRung
    hours: OpenHours | None
    evening: datetime | None
    scene: _Scene

    @property
    def wait_minutes(self) -> float | None:
        """How long those who were called have to acknowledge before the next are called."""
        here = self.rung.acknowledge_on_site_minutes if self.alert.on_site else None
        return self.rung.acknowledge_minutes if here is None else here

    def calls_at(self, moment: datetime) -> bool:
        """Return whether those on call are told at once: always, or as the day has no open hour left."""
        return self.is_urgent or (self.evening is not None and moment >= self.evening)

    @property
    def is_urgent(self) -> bool:
        """Whether those on call are told at once, whatever the hour."""
        unscreened_far = self.stands.tier == UNSCREENED and not self.alert.on_site
        return self.stands.tier in URGENT or (unscreened_far and self.stands.any_hour)


@dataclass(frozen=True, slots=True)
class _Called:
    who: tuple[str, ...]
    step: int = 1
    everyone: bool = False


def _of(alert: AlertState, scene: _Scene) -> list[Due]:
    stands = stand(alert, scene.times)
    hours = scene.times.business_hours(alert, stands)
    evening = scene.times.evening(alert, stands)
    case = _Case(alert, stands, scene.times.rung(stands.tier), hours, evening, scene)
    found = []
    if alert.closed_at is None:
        found.append(_next_step(case))
        found += _unclosed(case)
    return found + [_contact(case, each) for each in contacts(stands, scene.times)[:1]]


def _next_step(case: _Case) -> Due:
    """Return who must acknowledge, assess or close an open alert."""
    stands = case.stands
    if stands.assessed_at is not None:
        unclosed = case.alert.raised_at + _unclosed_hours(case) * HOUR
        return _due(case, "close", _Called((stands.assessed_by,)), by=unclosed)
    if not stands.acknowledged_by:
        return _unanswered(case)
    if case.scene.now < stands.by:
        return _due(case, "assess", _Called((stands.acknowledged_by,)), by=stands.by)
    called = _climb(case, stands.by, 1 + _rounds(case, stands.by))
    called = replace(called, who=(stands.acknowledged_by, *called.who))
    return _due(case, "assess", called, by=stands.by)


def _unanswered(case: _Case) -> Due:
    stands = case.stands
    rounds = _rounds(case, stands.since)
    called = _climb(case, stands.since, rounds)
    if stands.to:
        called = replace(called, who=(stands.to, *(called.who if rounds else ())))
    further = _begin(case, stands.since, rounds + 1)
    ends = called.everyone or further <= case.scene.now
    due = _due(case, "answer", called, by=stands.by)
    return due if ends else replace(due, next_at=further)


def _rounds(case: _Case, since: datetime) -> int:
    """Return how many times the wait for an acknowledgement has passed."""
    now, wait = case.scene.now, case.wait_minutes
    if wait is None:
        return int(now >= case.stands.by)
    if case.hours is None or case.calls_at(since):
        return max(int((now - since) // (wait * MINUTE)), 0)
    if case.evening is None or now < case.evening:
        return int(case.hours.minutes_between(since, now) // wait)
    late = int((now - case.evening) // (wait * MINUTE))
    return _by_day(case.hours, since, case.evening, wait) + 1 + late


def _begin(case: _Case, since: datetime, number: int) -> datetime:
    """Return when a round begins; the first after the site has closed for the day begins then."""
    wait = case.wait_minutes
    if wait is None:
        return case.stands.by
    if case.hours is None or case.calls_at(since):
        return since + wait * number * MINUTE
    if case.evening is not None:
        late = number - 1 - _by_day(case.hours, since, case.evening, wait)
        if late >= 0:
            return case.evening + wait * late * MINUTE
    return case.hours.after(since, wait * number)


def _by_day(hours: OpenHours, since: datetime, evening: datetime, wait: float) -> int:
    """Return how many rounds begin while the site is open."""
    return int(hours.minutes_between(since, evening) // wait)


def _climb(case: _Case, since: datetime, rounds: int) -> _Called:
    """
    Return all who were called in these rounds and since.

    Round 0 calls the first; each further one the next rung of those who are on call at its
    beginning. Where there is no next one, everyone is called, and that stays so.
    """
    scene = case.scene
    who = [*_first(case, since), *_first(case, scene.now)]
    ahead = 0 if case.calls_at(since) else 1
    for number in range(1, rounds + 1):
        ranks = scene.ranks(_begin(case, since, number))
        if number - ahead >= len(ranks):
            return _Called((*who, *scene.everyone), number + 1, everyone=True)
        who += ranks[number - ahead]
    return _Called(tuple(who), rounds + 1)


def _first(case: _Case, moment: datetime) -> list[str]:
    """Return who is called first: who is at work at the site and may act, and who is on call."""
    roles, scene = set(case.rung.roles), case.scene
    at_work = scene.at_work(moment, case.alert.site)
    suited = [each.id for each in at_work if each.roles & roles]
    ranks = scene.ranks(moment)
    on_call = ranks[0] if ranks else []
    if case.stands.tier == "imminent" and case.alert.on_site:
        return [*(each.id for each in at_work), *on_call]
    if case.calls_at(moment):
        return [*suited, *on_call]
    if suited or case.hours is None:
        return suited or on_call
    holders = [each.id for each in scene.roster if each.roles & roles and not each.away(moment)]
    return holders or on_call


def _due(case: _Case, what: str, called: _Called, *, by: datetime) -> Due:
    """Return what is due, with those of the people who can be reached, or with nobody said aloud."""
    stands, scene, rung = case.stands, case.scene, case.rung
    who, alone = _reachable(case, what, called)
    tries = 0 if case.alert.on_site else rung.remote_tries or 0
    failed = 0 < tries <= stands.tries and not stands.reached
    is_first = what in {"answer", "assess"}
    return Due(
        alert=case.alert.id,
        what=what,
        tier=stands.tier,
        rung=rung.id,
        by=by,
        since=stands.since,
        who=who,
        key=f"{what}.{stands.turn}.{called.step}",
        step=called.step,
        everyone=called.everyone,
        nobody=alone,
        overdue=scene.now > by,
        emergency=is_first and (called.everyone or failed or alone or stands.tier == "imminent"),
        must_do=tuple(rung.must_do),
        acknowledged_by=stands.acknowledged_by,
        transfer_by=stands.since + rung.transfer_minutes * MINUTE
        if rung.transfer_minutes is not None
        else None,
        tries=stands.tries,
        tries_needed=tries,
    )


def _reachable(case: _Case, what: str, called: _Called) -> tuple[tuple[str, ...], bool]:
    """Return the called who are not on leave, and whether nobody who could act is there."""
    scene = case.scene
    who = [each for each in dict.fromkeys(called.who) if each in scene.there]
    if who and what != "answer":
        return tuple(who), False
    first = _first(case, scene.now)
    if not who:
        who = first
    if not first:
        who = list(dict.fromkeys([*who, *scene.answerable]))
    return tuple(who), not first


def _unclosed_hours(case: _Case) -> float:
    return case.scene.times.rung_of_open().unclosed_hours or 0


def _unclosed(case: _Case) -> list[Due]:
    """Return the breach that the medical director is told of, once its time has come."""
    rung = case.scene.times.rung_of_open()
    by = case.alert.raised_at + _unclosed_hours(case) * HOUR
    if case.scene.now < by:
        return []
    directors = [each.id for each in case.scene.roster if each.roles & set(rung.roles)]
    due = _due(case, "unclosed", _Called(tuple(directors)), by=by)
    return [replace(due, rung=rung.id, must_do=tuple(rung.must_do), overdue=True)]


def _contact(case: _Case, contact: tuple[str, int, datetime]) -> Due:
    """Return a contact that is to come, for who assessed the person; late, for the director too."""
    what, number, by = contact
    scene, stands = case.scene, case.stands
    late = scene.now > by
    roles = set(case.rung.roles)
    suited = [e.id for e in scene.roster if e.roles & roles and e.on_shift(scene.now)]
    who = [stands.assessed_by] if stands.assessed_by in scene.there else suited
    if late:
        who = [*who, *suited, *(each.id for each in scene.roster if DIRECTOR in each.roles)]
    due = _due(case, what, _Called(tuple(who), 2 if late else 1), by=by)
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
        who=scene.answerable,
        key="nobody",
        nobody=True,
        overdue=True,
    )


def _beats(due: Due) -> bool:
    return due.tier in URGENT and due.what in {"answer", "assess"}
