"""What stands beside the safety level: the last screen, and the alerts that are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Exists, OuterRef, Q

from overstory.clinic.care.assessing import Assessed
from overstory.clinic.care.contacts import phones_told
from overstory.clinic.care.wording import fact_line
from overstory.clinic.people.doors import StaffRequest
from overstory.clinic.people.permissions import May
from overstory.clinic.safety.models import KINDS, Alert, AlertAct
from overstory.pathway.safety import SCREEN

TOLD = "told-where"
"""The kind of act by which someone gave a phone number or a place."""
TIERS = {"unscreened": "not screened yet", "none": "no risk found"}


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert that is not closed: since when, why, how grave by the last act, and who has it."""

    id: UUID
    since: datetime
    kind: str
    tier: str
    who: str


def has_alert_raised() -> Exists:
    """Return the mark of a person that an alert about them was ever raised."""
    about = Q(person=OuterRef("pk")) | Q(person__merged_into=OuterRef("pk"))
    return Exists(Alert.objects.filter(about))


def guarding(
    request: StaffRequest, assessed: Assessed, *, has_alert: bool = True
) -> dict[str, Any]:
    """
    Return what the safety block shows beside the level, and the phones that were given with alerts.

    No alert is looked for without one.
    """
    found, knowledge = assessed.gathered, assessed.in_force.knowledge
    sees = request.user.may(May.SEE_ALERTS)
    screen = found.facts.given.get(SCREEN)
    acts = acts_on(found.ids) if has_alert else ()
    alerts = open_alerts(acts) if sees else ()
    safety = assessed.assessment.safety
    lacks = safety.crisis_first and request.user.may(May.SEE_ALERTS) and not alerts
    return {
        "last_screen": fact_line(found.facts, SCREEN, knowledge) if screen else None,
        "open_alerts": alerts,
        "phones": phones_told(acts),
        "screen_key": uuid4(),
        "lacks_alert": lacks,
        "to_raise": _to_raise(assessed) if lacks else "",
    }


def _to_raise(assessed: Assessed) -> str:
    """Return what an alert says that is raised for what is on record."""
    facts, knowledge = assessed.gathered.facts, assessed.in_force.knowledge
    lines = [fact_line(facts, each.name, knowledge) for each in assessed.assessment.safety.reasons]
    because = "; ".join(f"{each.label}: {each.value}" for each in lines)
    return f"High risk on record, and no alert was open. {because}."


def acts_on(ids: Sequence[UUID]) -> tuple[AlertAct, ...]:
    """Return what was done about a person's open alerts, and what they told with any, in one query."""
    wanted = Q(alert__closed_at=None) | Q(kind=TOLD)
    acts = AlertAct.objects.filter(wanted, alert__person__in=list(ids))
    return tuple(acts.select_related("alert", "by", "to_staff").order_by("alert__raised_at", "seq"))


def open_alerts(acts: Sequence[AlertAct]) -> tuple[OpenAlert, ...]:
    """Return the alerts of these acts that are not closed, the oldest first."""
    found: dict[UUID, OpenAlert] = {}
    for act in acts:
        if act.alert.closed_at is not None:
            continue
        before = found.get(act.alert_id)
        tier = act.tier or (before.tier if before else act.alert.tier)
        found[act.alert_id] = OpenAlert(
            id=act.alert_id,
            since=act.alert.raised_at,
            kind=KINDS[act.alert.kind],
            tier=TIERS.get(tier, tier),
            who=_holder(act, before.who if before else ""),
        )
    return tuple(found.values())


def _holder(act: AlertAct, before: str) -> str:
    if act.kind == "handed-over" and act.to_staff:
        return act.to_staff.name
    if act.kind == "acknowledged" and act.by:
        return act.by.name
    return before
