"""Stories of coming: who may be written to before their visits, and what some told by phone."""

from __future__ import annotations

from datetime import datetime, timedelta

from overstory.clinic.arriving.answering import Told, answer
from overstory.clinic.arriving.asked import standing_of
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.demo.world import World
from overstory.clinic.people.actions import say_channel

MAY_BE_WRITTEN_TO, TELLS, IS_NOT_READY = 0.7, 0.4, 0.6
"""Shares of those with a course: who agreed to e-mail, who told something, who was not ready then."""
LOOKED_AT, NEAR = timedelta(hours=18), timedelta(days=2)


def before_visits(world: World, what: str, plan: CarePlan, *, at: datetime) -> None:
    """Ask someone with a plan whether they may be written to, and what a visit that is near needs."""
    random = world.random("before visits", what)
    desk = world.at_site("coordinator", site=plan.person.site)
    is_given = random.random() < MAY_BE_WRITTEN_TO
    say_channel(person=plan.person, channel="email", is_given=is_given, by=desk, at=at)
    near = (world.base + LOOKED_AT, world.base + NEAR)
    rows = plan.appointments.filter(state="booked", starts__range=near)
    visit = rows.select_related("plan", "site").order_by("starts").first()
    if visit is None or random.random() >= TELLS:
        return
    knowledge = in_force(plan.clinic).knowledge
    asked = standing_of(visit, (), knowledge=knowledge, now=at).asked
    answers: dict[str, str] = {each.id: each.ready for each in asked}
    if random.random() < IS_NOT_READY:
        answers[random.choice(asked).id] = "not-sure"
    told = Told(world.key("before visits", what), at, staff=desk)
    answer(appointment=visit, answers=answers, told=told, knowledge=knowledge)
