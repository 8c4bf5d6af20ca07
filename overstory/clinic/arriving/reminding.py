"""The worker's round of reminders: what is due is worked out from rows, and written once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from overstory.clinic.arriving.asked import is_open
from overstory.clinic.arriving.due import rule_due
from overstory.clinic.arriving.links import reminder_link
from overstory.clinic.arriving.reachable import reachable
from overstory.clinic.arriving.rows import ArrivalLink, Readiness, Reminder
from overstory.clinic.arriving.words import spoken, words
from overstory.clinic.audit.record import Deed, record
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.adopted import in_force
from overstory.clinic.intake.links import NoBirthDateError
from overstory.clinic.intake.sending import NOTHING
from overstory.clinic.intake.showing import moment_words
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.messages import Message, send, why_withheld
from overstory.clinic.people.models import Person
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.arriving import ReminderRule

AT_ONCE = 50
"""So many reminders are written in one round, so that alerts are not kept waiting."""
ONE_DAY = timedelta(days=1)
CHANGED = "the visit was changed or has begun"


def remind(clinic: Clinic, now: datetime) -> int:
    """
    Write the reminders of a clinic that are due; return how many.

    Safe to repeat, to run beside another worker, and to be killed at any point: a reminder stands with
    its message in one transaction, once for each visit and rule. Those not yet sent of visits that were
    changed since are held back first.
    """
    hold_back(clinic, now)
    wanted = due_now(clinic, now)
    if not wanted:
        return 0
    reach = reachable(whose_id(each) for each, _ in wanted)
    may = [(each, rule) for each, rule in wanted if not reach.why(whose_id(each))]
    return sum(_write(each, rule, now) for each, rule in may[:AT_ONCE])


def hold_back(clinic: Clinic, now: datetime) -> None:
    """Hold back the reminders that wait of visits that were moved, cancelled or have begun."""
    waiting = Message.objects.filter(
        clinic=clinic, sent_at=None, withheld="", reminder__isnull=False
    )
    over = waiting.exclude(
        reminder__appointment__state="booked",
        reminder__appointment__starts__gt=now,
    )
    over.update(withheld=CHANGED)


def due_now(clinic: Clinic, now: datetime) -> list[tuple[Appointment, ReminderRule]]:
    """
    Return the visits of which a reminder is due and not written, each with its rule.

    Of several visits a person has on one day the first is told. One that is tentative is told as such.
    """
    knowledge = in_force(clinic).knowledge
    rules: Sequence[ReminderRule] = knowledge.sections["reminders"]
    found = []
    for each in first_of_day(to_come(clinic, now, days=max(r.days_before for r in rules) + 1)):
        rule = rule_due(rules, on=each.wall_date, zone=each.site.zone, starts=each.starts, now=now)
        if rule is not None and each.state == "booked":
            found.append((each, rule))
    return _unwritten(found, knowledge, now)


def to_come(clinic: Clinic, now: datetime, *, days: int) -> QuerySet[Appointment]:
    """Return a clinic's visits of persons from yesterday until so many days ahead, the first first."""
    standing = clinic.appointments.filter(
        Q(person__isnull=False) | Q(care_request__person__isnull=False),
        state__in=["booked", "done"],
        starts__gt=now - ONE_DAY,
        starts__lt=now + (days + 1) * ONE_DAY,
    )
    rows = standing.select_related("site", "care_request", "plan__signed_by").defer(
        "place", "emergency_contact", "care_request__words", "plan__content"
    )
    return rows.order_by("starts", "pk")


def first_of_day(appointments: Iterable[Appointment]) -> list[Appointment]:
    """Return the first visit of each person and day, of visits in order of time."""
    seen: dict[tuple[UUID, object], Appointment] = {}
    for each in appointments:
        seen.setdefault((whose_id(each), each.wall_date), each)
    return list(seen.values())


def newest_replies(appointments: Iterable[Appointment]) -> dict[UUID, tuple[datetime, str]]:
    """Return when the newest reply to each visit came, and its state."""
    rows = Readiness.objects.filter(appointment__in=[each.pk for each in appointments])
    said = rows.order_by("at").values_list("appointment", "at", "state")
    return {pk: (at, state) for pk, at, state in said}


def _unwritten(
    due: Sequence[tuple[Appointment, ReminderRule]], knowledge: Knowledge, now: datetime
) -> list[tuple[Appointment, ReminderRule]]:
    """Leave out what was written, and what waits for answers only where none is missing."""
    visits = [each for each, _ in due]
    written = set(
        Reminder.objects.filter(appointment__in=[each.pk for each in visits]).values_list(
            "appointment", "rule"
        )
    )
    told = {pk for pk, _ in written}
    left = [(each, rule) for each, rule in due if (each.pk, rule.id) not in written]
    last = newest_replies(each for each, rule in left if rule.only_open)

    def waits(visit: Appointment) -> bool:
        newest = last.get(visit.pk)
        is_new = visit.pk not in told and newest is None
        return is_new or is_open(visit, newest, knowledge=knowledge, now=now)

    return [(each, rule) for each, rule in left if not rule.only_open or waits(each)]


@transaction.atomic
def _write(given: Appointment, rule: ReminderRule, now: datetime) -> bool:
    """Write one reminder, unless another worker did or the visit changed meanwhile."""
    visit = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("site", "clinic", "person", "care_request__person")
        .get(pk=given.pk)
    )
    stands = visit.state == "booked" and visit.starts == given.starts
    if not stands or visit.starts <= now or visit.whose is None:
        return False
    if Reminder.objects.filter(appointment=visit, rule=rule.id).exists():
        return False
    person = visit.whose.kept
    if why_withheld(person, NOTHING):
        return False
    row = Reminder(appointment=visit, rule=rule.id, at=now)
    row.message, row.link = _message(visit, person, now)
    row.save(force_insert=True)
    more = {"appointment": str(visit.pk), "rule": rule.id}
    record(Deed(visit.clinic_id, now, "system", "wrote a reminder", f"person:{person.pk}", more))
    return True


def _message(
    visit: Appointment, person: Person, now: datetime
) -> tuple[Message, ArrivalLink | None]:
    """Write the message of a reminder; without a birth date there is no link in it."""
    language = spoken(person.language)
    say = words(language)
    when = moment_words(visit.starts, visit.site, language)
    if visit.is_tentative:
        when = f"{when}\n{say('message.tentative')}"
    blanks = {
        "when": when,
        "phone": visit.site.phone,
    }
    link = None
    try:
        made = reminder_link(appointment=visit, person=person, at=now)
    except NoBirthDateError:
        body = say("message.body_plain", **blanks)
    else:
        link = made.link
        address = f"{settings.ORIGIN}{reverse('arrival_open', args=(made.token,))}"
        body = say("message.body", address=address, **blanks)
    subject = say("message.subject")
    return send(clinic=visit.clinic, to=person, subject=subject, body=body, at=now), link


def whose_id(visit: Appointment) -> UUID:
    """Return the id of the person who comes, without asking the database again."""
    asked = visit.care_request
    found = visit.person_id or (asked.person_id if asked is not None else None)
    assert found is not None, "a visit of nobody is not among those to come"
    return found
