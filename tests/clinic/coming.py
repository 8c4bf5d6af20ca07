"""Someone with a signed plan whose sessions are booked, for tests of what comes before a visit."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.models import CarePlan
from overstory.clinic.care.planning_actions import Wish, draft, sign
from overstory.clinic.people.actions.persons import say_channel
from overstory.pathway.slots import instant
from tests.clinic.holding import close_all
from tests.clinic.knowing import adopt_running, go_on, state_example

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday, 10:00 in New York."""
START = date(2026, 11, 30)


def with_plan(person, doctor, *, treatment: str, director=None, at: datetime = AT) -> CarePlan:
    """Sign a plan of a treatment for someone like the example Sam, from the Monday after."""
    state_example(person, at - timedelta(hours=1), name="sam")
    if director is not None:
        adopt_running(person.clinic, director, at - timedelta(hours=1))
    go_on(person, doctor, at)
    wish = Wish(id=uuid4(), treatment=treatment, start=START)
    plan = draft(person=person, wish=wish, by=doctor, at=at)
    return sign(plan=plan, sha256_seen=plan.content_sha256, by=doctor, at=at)


def booked(plan: CarePlan, *, at: datetime = AT, hour: int = 10, **more) -> list[Appointment]:
    """Book every session of a plan on its day at an hour of the site's clock; nothing holds the first."""
    site = plan.person.site
    close_all(plan, plan.signed_by, at)
    return [
        coming(
            plan.person, on=date.fromisoformat(each["date"]), hour=hour, at=at, plan=plan, n=each["n"],
            kind="session", treatment=each["treatment"], minutes=each["minutes"]["chair"], site=site,
            **more,
        )
        for each in plan.content["sessions"]
    ]  # fmt: skip


def coming(
    person, *, on: date, hour: int = 10, at: datetime = AT, site=None, **more
) -> Appointment:
    """Book one visit; an evaluation where nothing else is said."""
    site = site or person.site
    known = {"kind": "evaluation", "minutes": 60, "made_at": at, **more}
    starts = instant(on=on, at=time(hour), zone=site.zone)
    return Appointment.objects.create(
        clinic=site.clinic, site=site, person=person, starts=starts, wall_date=on,
        wall_time=time(hour), zone=site.time_zone, **known,
    )  # fmt: skip


def may_write(person, *, given: bool = True, at: datetime = AT) -> None:
    """Let the person say whether they may be written to."""
    say_channel(person=person, channel="email", is_given=given, by=None, at=at)
