"""Reminders: each is written once whatever the worker does, at the right wall time, and to nobody without consent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overstory.clinic.arriving import reminding
from overstory.clinic.arriving.due import due_at, rule_due
from overstory.clinic.arriving.rows import ArrivalLink, Reminder
from overstory.clinic.booking.models import Appointment
from overstory.clinic.people.messages import Message, neutral
from overstory.clinic.people.models import Clinic
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.worker import deliver, tick
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.shapes.arriving import ReminderRule
from overstory.knowledge.shapes.shared import Cite
from tests.clinic.coming import AT, coming, may_write
from tests.clinic.conftest import make_person, make_site
from tests.clinic.test_worker import _threaded

TUESDAY = date(2026, 11, 24)
EVE = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
"""16:00 in New York on the Monday before (`reminders`: day-before, at 16)."""
NEW_YORK = ZoneInfo("America/New_York")


def rule(days: int, hour: int) -> ReminderRule:
    return ReminderRule(
        id="r", says="", days_before=days, at_hour=hour, source=Cite(id="x"), status="site-policy"
    )


@pytest.fixture
def willing(person):
    may_write(person)
    return person


@pytest.fixture
def visit(willing) -> Appointment:
    return coming(willing, on=TUESDAY)


def to_maya() -> list[Message]:
    return list(Message.objects.filter(to_person__isnull=False))


def test_the_shipped_rules_are_the_afternoon_before_and_the_morning_of_the_day():
    """The project's own setting, status site-policy: 16:00 on the day before, 7:00 on the day."""
    rules = load_knowledge().sections["reminders"]

    assert [(each.days_before, each.at_hour, each.only_open, each.status) for each in rules] == [
        (1, 16, False, "site-policy"),
        (0, 7, True, "site-policy"),
    ]


@pytest.mark.parametrize(
    ("on", "days", "hour", "utc"),
    [
        # clocks go forward on 2027-03-14 at 2 and back on 2026-11-01 at 2 in New York
        (date(2027, 3, 15), 1, 16, "2027-03-14T20:00"),
        (date(2027, 3, 14), 1, 16, "2027-03-13T21:00"),
        (date(2027, 3, 14), 0, 2, "2027-03-14T07:00"),  # 2:00 is skipped: 3:00 EDT
        (date(2026, 11, 2), 1, 16, "2026-11-01T21:00"),
        (date(2026, 11, 1), 0, 1, "2026-11-01T05:00"),  # 1:00 comes twice: the first
        (date(2026, 11, 2), 1, 0, "2026-11-01T04:00"),  # midnight
    ],
)
def test_a_reminder_is_due_at_an_hour_of_the_sites_clock(on, days, hour, utc):
    assert due_at(rule(days, hour), on=on, zone=NEW_YORK) == datetime.fromisoformat(f"{utc}+00:00")


def test_the_last_rule_whose_time_has_come_is_due_and_none_once_the_visit_began():
    rules = [rule(2, 10), rule(1, 16)]
    starts = datetime(2026, 11, 24, 15, tzinfo=UTC)

    def due(now):
        return rule_due(rules, on=TUESDAY, zone=NEW_YORK, starts=starts, now=now)

    assert due(starts - timedelta(days=3)) is None
    assert due(datetime(2026, 11, 22, 15, tzinfo=UTC)) is rules[0]
    assert due(EVE - timedelta(seconds=1)) is rules[0]
    assert due(EVE) is rules[1]
    assert due(starts) is None


def test_it_goes_out_at_its_time_and_not_before(visit):
    tick(EVE - timedelta(seconds=1))
    assert to_maya() == []

    tick(EVE)
    tick(EVE + timedelta(minutes=1))

    assert [each.to for each in mail.outbox] == [["maya@example.org"]]
    assert "Tuesday 24 November 2026, 10:00 EST" in mail.outbox[0].body


def test_it_says_nothing_of_the_treatment_nor_who_it_is_for(visit):
    Appointment.objects.update(kind="session", treatment="esketamine")
    tick(EVE)

    text = f"{mail.outbox[0].subject} {mail.outbox[0].body}"
    assert neutral(text)
    for word in ("Maya", "Fields", "Fern", "treatment", "esketamine", "clinic", "psych", "session"):
        assert word.lower() not in text.lower()


def test_a_second_delivery_carries_the_same_message_id(visit):
    """A worker killed between the mail server's yes and its own note sends again: readers drop the double."""
    tick(EVE)
    first = mail.outbox[0].extra_headers["Message-ID"]
    Message.objects.update(sent_at=None, taken_until=None)
    deliver(EVE + timedelta(minutes=6))

    assert mail.outbox[1].extra_headers["Message-ID"] == first


def test_nobody_is_written_to_without_consent_or_address(willing, clinic, site):
    coming(willing, on=TUESDAY)
    may_write(willing, given=False, at=AT + timedelta(minutes=1))
    coming(make_person(clinic, site, legal_name="Otto Other", email=""), on=TUESDAY)

    tick(EVE)

    assert to_maya() == []
    assert not ArrivalLink.objects.exists()


def test_consent_on_a_row_that_was_merged_counts_and_so_does_taking_it_back(clinic, site, person):
    old = make_person(clinic, site, legal_name="Maya F.", merged_into=person)
    coming(old, on=TUESDAY)
    may_write(old)
    tick(EVE)
    assert len(to_maya()) == 1
    assert Message.objects.get(to_person=person).withheld == ""

    coming(old, on=date(2026, 11, 25))
    may_write(person, given=False, at=AT + timedelta(hours=1))
    tick(EVE + timedelta(days=1))
    assert len(to_maya()) == 1


def test_without_a_birth_date_the_reminder_has_no_link(willing, visit):
    willing.birth_date = None
    willing.save()

    tick(EVE)

    assert "/q/" not in mail.outbox[0].body
    assert "10:00" in mail.outbox[0].body


def test_the_first_visit_of_a_day_is_told_and_the_rest_of_that_day_is_not(willing):
    for hour in (9, 10, 11):
        coming(willing, on=TUESDAY, hour=hour)

    tick(EVE)

    assert [each.appointment.wall_time.hour for each in Reminder.objects.all()] == [9]


def test_one_that_is_booked_late_is_told_at_once_and_once(willing):
    late = EVE + timedelta(hours=3)
    coming(willing, on=TUESDAY, at=late)

    tick(late)
    tick(late + timedelta(minutes=1))

    assert len(mail.outbox) == 1


def test_who_agrees_to_be_written_to_on_the_day_is_told_that_day(person):
    visit = coming(person, on=TUESDAY)
    tick(EVE)
    may_write(person, at=EVE + timedelta(hours=1))

    tick(visit.starts - timedelta(hours=2))
    tick(visit.starts - timedelta(hours=1))

    assert [each.rule for each in Reminder.objects.all()] == ["on-the-day"]


@pytest.mark.parametrize("state", ["cancelled", "moved", "no-show", "done"])
def test_a_visit_that_ended_is_not_told(visit, state):
    Appointment.objects.update(state=state)

    tick(EVE)

    assert to_maya() == []


@pytest.mark.parametrize("change", [{"state": "cancelled"}, {"state": "moved"}])
def test_one_that_waits_to_be_sent_is_held_back_when_the_visit_changes(visit, change):
    reminding.remind(visit.clinic, EVE)
    Appointment.objects.update(**change)

    tick(EVE + timedelta(minutes=1))

    assert mail.outbox == []
    assert Message.objects.get().withheld == reminding.CHANGED


def test_a_mail_server_that_was_down_past_the_visit_sends_nothing_late(visit):
    reminding.remind(visit.clinic, EVE)

    tick(visit.starts)

    assert mail.outbox == []


def test_one_clinic_that_fails_keeps_no_other_from_its_reminders(visit, other_clinic):
    Clinic.objects.filter(pk=other_clinic.pk).update(ways={"no-such-way": 1})

    assert not tick(EVE).is_whole
    assert len(mail.outbox) == 1


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["round", "killed", "cancel", "move", "consent", "no consent", "wait"]),
        st.integers(0, 3),
    ),
    max_size=14,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(deeds=DEEDS)
def test_whatever_happens_each_visit_is_told_once_a_rule_and_only_while_it_stands(
    clinic, site, deeds
):
    mail.outbox.clear()
    person = make_person(clinic, site, email=f"p{Appointment.objects.count()}@example.org")
    visits = [coming(person, on=TUESDAY + timedelta(days=n)) for n in range(4)]
    now, willing = EVE - timedelta(hours=1), False
    for what, n in deeds:
        now += timedelta(minutes=5)
        visit = visits[n]
        visit.refresh_from_db()
        if what == "round":
            tick(now)
        elif what == "killed":
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(reminding, "record", _killed)
                with pytest.raises(SystemExit):
                    reminding.remind(clinic, now) or _killed()
        elif what == "wait":
            now += timedelta(hours=12)
        elif what in {"consent", "no consent"}:
            willing = what == "consent"
            may_write(person, given=willing, at=now)
        elif visit.state == "booked":
            visit.state, visit.ended_at = "cancelled" if what == "cancel" else "moved", now
            visit.save()
            if what == "move":
                visits[n] = coming(person, on=visit.wall_date, hour=11, at=now, instead_of=visit)
        written = Reminder.objects.filter(appointment__person=person)
        assert len({(row.appointment_id, row.rule) for row in written}) == written.count()
        for row in written.filter(at=now).select_related("appointment", "message"):
            assert willing
            assert row.appointment.state == "booked"
            assert row.appointment.starts > now
    sent = Message.objects.filter(to_person=person, sent_at__isnull=False).count()
    assert sent == len([each for each in mail.outbox if each.to == [person.email]])
    for row in Reminder.objects.filter(appointment__person=person).select_related("message"):
        ended = row.appointment.ended_at
        assert row.message.sent_at is None or ended is None or row.message.sent_at <= ended


def _killed(*_):
    raise SystemExit


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_and_send_each_reminder_once():
    clinic = Clinic.objects.create(name="Fern Clinic", jurisdiction="US", country="US")
    site = make_site(clinic, slug="fern-north")
    for n in range(6):
        who = make_person(clinic, site, legal_name=f"P {n}", email=f"p{n}@example.org")
        may_write(who)
        coming(who, on=TUESDAY, hour=9 + n)

    _threaded(lambda: tick(EVE))
    tick(EVE + timedelta(minutes=1))

    assert Reminder.objects.count() == 6
    assert sorted(each.to[0] for each in mail.outbox) == [f"p{n}@example.org" for n in range(6)]
    assert connection.vendor in {"sqlite", "postgresql"}


def test_a_round_asks_little_of_many(clinic, site, staff, django_assert_max_num_queries):
    staff(Role.NURSE)
    for n in range(300):
        coming(make_person(clinic, site, legal_name=f"P {n}"), on=TUESDAY)

    with django_assert_max_num_queries(8):
        assert reminding.remind(clinic, EVE) == 0
