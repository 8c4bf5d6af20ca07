"""What is written when an offer is chosen: the whole course, at exactly the times that were shown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from django.db import transaction

from overstory.clinic.booking import actions, course_actions
from overstory.clinic.booking.models import Appointment, Resource
from overstory.clinic.booking.needed import Session, kind_for
from overstory.clinic.booking.occupying import TakenError
from overstory.clinic.booking.proposing import Proposal, Proposals
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.models import Staff

QUICKER = "Someone else was quicker. Choose among the times that are free now."


@transaction.atomic
def book_offer(
    *, plan: CarePlan, times: str, seen: str, key: UUID, by: Staff, at: datetime
) -> tuple[Appointment, ...]:
    """
    Book every session of a signed plan at the times of an offer; all of them, or none.

    `times` is what the page carried, `seen` its hash. Every session is looked at as one that is moved
    is, in the transaction that writes them. The same form sent twice is one course.

    :raises NotBookableError: if the plan is not in force, or something stands against a session.
    :raises ProposalChangedError: if the times are not those that were shown, or are not free any more.
    """
    locked = CarePlan.objects.select_for_update().get(pk=plan.pk)
    before = course_actions.booked_of(locked)
    if before:
        return before
    course_actions.refuse_unbookable(locked)
    actions.lock_site(locked.person.site)
    found = _offered(locked, times)
    if found.fingerprint != seen:
        raise course_actions.ProposalChangedError("These are not the times that were shown.")
    try:
        return course_actions.write_course(plan=locked, found=found, key=key, by=by, at=at)
    except TakenError as error:
        raise course_actions.ProposalChangedError(f"{error} {QUICKER}") from None


def _offered(plan: CarePlan, times: str) -> Proposals:
    """
    Read the times of an offer.

    :raises ProposalChangedError: if they do not name each session of the plan once, at the person's site.
    """
    sessions = {str(each["n"]): each for each in plan.content["sessions"]}
    rows = [each.split("@") for each in times.split(";")]
    if sorted(row[0] for row in rows) != sorted(sessions) or any(len(row) != 3 for row in rows):
        raise course_actions.ProposalChangedError(
            "An offer has a time for each session of the plan."
        )
    try:
        resources = Resource.objects.select_related("site", "staff").in_bulk(
            {UUID(row[2]) for row in rows}
        )
        placed = [
            _proposal(sessions[n], _instant(starts), resources.get(UUID(place)))
            for n, starts, place in rows
        ]
    except ValueError:
        raise course_actions.ProposalChangedError("These times cannot be read.") from None
    if any(each.resource.site_id != plan.person.site_id for each in placed):
        raise course_actions.ProposalChangedError("An offer is at the site of the person.")
    return Proposals(tuple(sorted(placed, key=lambda each: each.n)), ())


def _proposal(session: Session, starts: datetime, place: Resource | None) -> Proposal:
    treatment = session["treatment"]
    if place is None or place.kind != kind_for(treatment):
        raise ValueError(treatment)
    return Proposal(
        n=session["n"],
        day=date.fromisoformat(session["date"]),
        treatment=treatment,
        minutes=session["minutes"]["chair"],
        resource=place,
        starts=starts,
        moved_minutes=0,
    )


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found.astimezone(UTC)
