"""Plans for tests: invented people, a policy that enables every course, and days in words."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from overstory.knowledge.load import Knowledge
from overstory.knowledge.protocol_standing import in_full
from overstory.knowledge.shapes.protocols import Protocol
from overstory.pathway.plan import PlanWish, propose
from overstory.pathway.planning.editing import Edit, edited
from overstory.pathway.planning.revising import Revision, calendar_of
from overstory.pathway.planning.values import Plan
from overstory.pathway.policy import SitePolicy, with_policy
from overstory.pathway.protocols import judge
from overstory.pathway.site_courses import ProtocolChange, groups_of, unverified
from tests.people import KNOWLEDGE, facts_of_vignette

SPRING = date(2027, 4, 5)
"""A Monday; the next federal holiday after it is Memorial Day, 2027-05-31."""


def planned(
    treatment: str, start: date = SPRING, *, knowledge: Knowledge = KNOWLEDGE, **more: object
) -> Plan:
    """Return the plan of a treatment for the person of the plain vignette, with facts changed."""
    wishes = {
        name: more.pop(name)
        for name in ("protocols", "days", "weeks", "continue_ketamine", "jurisdiction")
        if name in more
    }
    vignette = str(more.pop("vignette", "clear"))
    return propose(
        patient="somebody",
        facts=facts_of_vignette(vignette, **more),
        knowledge=knowledge,
        wish=PlanWish(treatment=treatment, start=start, **wishes),
    )


def dates(plan: Plan, treatment: str | None = None) -> list[str]:
    """Return the days of the sessions of a plan, of one component or of all."""
    return [each.date.isoformat() for each in plan.sessions if treatment in (None, each.treatment)]


def weekdays_from(first: date, count: int, *, but: tuple[date, ...] = ()) -> list[str]:
    """Return so many days from Monday to Friday, those of `but` left out."""
    found: list[str] = []
    day = first
    while len(found) < count:
        if day.weekday() < 5 and day not in but:
            found.append(day.isoformat())
        day += timedelta(days=1)
    return found


@cache
def with_every_course() -> Knowledge:
    """Return the knowledge of a site that enables every course that a site may enable."""
    changes = []
    for each in KNOWLEDGE.sections["protocols"]:
        whole = in_full(each, KNOWLEDGE)
        if judge(protocol=each, knowledge=KNOWLEDGE).refusals and not whole.never:
            changes.append(ProtocolChange(each.id, "for the tests", groups_of(unverified(whole))))
    policy = SitePolicy("A clinic", "its medical director", "2026-11-22", (), tuple(changes))
    return with_policy(KNOWLEDGE, policy)


def plannable(knowledge: Knowledge) -> list[Protocol]:
    """Return the protocols of which a plan may be made."""
    return [
        in_full(each, knowledge)
        for each in knowledge.sections["protocols"]
        if judge(protocol=each, knowledge=knowledge).plannable
    ]


def with_chosen_dose(plan: Plan, *, n: int, mg: int) -> Plan:
    """Return a plan with a dose in mg that its prescriber chose, from session `n` on."""
    revision = Revision(plan, SPRING, KNOWLEDGE, calendar_of(plan))
    wish = Edit(n=n, mg=Decimal(mg), onward=True)
    return edited(revision=revision, edit=wish, facts=facts_of_vignette("clear"))
