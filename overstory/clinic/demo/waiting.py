"""What is on record of invented courses: who pays, who is enrolled, what was checked; some still wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from overstory.clinic.booking.holding import holds_of_plan
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.demo.world import World
from overstory.clinic.holds import actions
from overstory.clinic.holds.values import Way
from overstory.clinic.people.models import Site, Staff

WAIT = 4
"""Every so many courses wait for their authorization still."""
PROGRAMME = "esketamine"


def site_is_enrolled(world: World, site: Site, by: Staff, *, at: datetime) -> None:
    """Put a site's enrolment in the programme of esketamine on record."""
    actions.enrol(
        of=site,
        enrolled=actions.Enrolled(PROGRAMME, f"SET-{site.slug}", (at - timedelta(days=90)).date()),
        said=actions.Words(world.key("setting", site.slug), "Invented: the programme's letter."),
        by=by,
        at=at,
    )


def arranged(
    world: World, what: str, plan: CarePlan, parts: Sequence[str], *, place: int, at: datetime
) -> None:
    """Put on record what a course's first session waits for; of some, the payer has not answered yet."""
    desk = world.at_site("coordinator", site=plan.person.site)
    if place % WAIT:
        _authorized(world, what, plan, parts, desk, at)
    if PROGRAMME in parts:
        enrolled = actions.Enrolled(PROGRAMME, f"PAT-{what}", at.date() - timedelta(days=1))
        said = actions.Words(world.key("enrolled", what), "Invented: the form, signed by both.")
        actions.enrol(of=plan.person, enrolled=enrolled, said=said, by=desk, at=at)
    doctor = world.at_site("psychiatrist", site=plan.person.site)
    for hold in holds_of_plan(plan, at=at).keeping:
        if hold.way is not Way.CHECK:
            continue
        is_escort = hold.for_day is not None
        words = "Invented: a sister drives them home." if is_escort else "Invented: nothing found."
        today = at.astimezone(plan.person.site.zone).date()
        actions.check(
            plan=plan, checked=actions.Checked(hold.need, hold.for_day, today, True),
            said=actions.Words(world.key("check", what, hold.need), words),
            may_decide=True, by=desk if is_escort else doctor, at=at,
        )  # fmt: skip


def _authorized(
    world: World, what: str, plan: CarePlan, parts: Sequence[str], desk: Staff, at: datetime
) -> None:
    payer = plan.person.covers_now().values_list("insurer", flat=True).first()
    if payer is None:
        return
    for treatment in parts:
        sessions = sum(each["treatment"] == treatment for each in plan.content["sessions"])
        if not sessions:
            continue
        approved = actions.Approved(
            payer, treatment, f"INV-{what}", sessions, at.date() - timedelta(days=1),
            at.date() + timedelta(days=200),
        )  # fmt: skip
        said = actions.Words(world.key("authorized", what, treatment), "Invented: the payer's fax.")
        actions.authorize(person=plan.person, approved=approved, said=said, by=desk, at=at)
