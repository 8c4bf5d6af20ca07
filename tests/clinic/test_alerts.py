"""Raising alerts and acting on them: nothing is lost, nothing collapses that is worse."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction

from overstory.clinic.audit.models import Entry
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.actions import (
    AlertRefusedError,
    Done,
    Told,
    act,
    raise_alert,
    tell_where,
)
from overstory.clinic.safety.models import Alert, AlertAct
from overstory.clinic.safety.watch import due, look
from tests.clinic.conftest import make_person


def make(site, person, at, **more):
    known = {
        "kind": "item-9",
        "tier": "unscreened",
        "source": f"answer:{uuid.uuid4()}",
        "says": "Answered item 9 of the PHQ-9: several days",
        "actor": "link:1",
    }
    return raise_alert(person=person, site=site, at=at, **{**known, **more})


def do(alert, by, at, kind, **more):
    return act(alert=alert, done=Done(kind, uuid.uuid4(), **more), by=by, at=at)


def kinds(alert):
    return list(alert.acts.order_by("seq").values_list("kind", flat=True))


def tier(alert, at):
    return next(each.tier for each in due(alert.clinic, at) if each.alert == str(alert.pk))


def test_a_repeat_within_a_day_is_an_act_on_the_open_alert(site, person, at):
    first = make(site, person, at)

    second = make(site, person, at + timedelta(hours=23), says="Again")

    assert second == first
    assert kinds(first) == ["raised", "repeated"]
    assert first.acts.get(kind="repeated").says == "Again"


def test_after_a_day_it_is_an_alert_of_its_own(site, person, at):
    first = make(site, person, at)

    # alerts of one person collapse within 24 hours (measures dossier, row "duplicate alerts")
    second = make(site, person, at + timedelta(hours=24))

    assert second != first


def test_a_higher_tier_never_collapses(site, person, at):
    first = make(site, person, at, tier="low", kind="cssrs")

    make(site, person, at + timedelta(hours=1), tier="high", kind="cssrs")

    assert kinds(first) == ["raised", "raised-tier"]
    assert tier(first, at + timedelta(hours=1)) == "high"


def test_a_lower_tier_lowers_nothing(site, person, at):
    first = make(site, person, at, tier="high", kind="cssrs")

    make(site, person, at + timedelta(hours=1), tier="low", kind="cssrs")

    assert tier(first, at + timedelta(hours=1)) == "high"


def test_not_screened_stands_above_low(site, person, at):
    first = make(site, person, at, tier="low", kind="cssrs")

    make(site, person, at + timedelta(hours=1), tier="unscreened")

    assert kinds(first) == ["raised", "raised-tier"]


def test_item_9_of_three_after_item_9_of_one_must_be_acknowledged_anew(site, person, at, staff):
    nurse = staff(Role.NURSE)
    first = make(site, person, at, told=Told(item_9=1))
    do(first, nurse, at, "acknowledged")

    make(site, person, at + timedelta(minutes=5), told=Told(item_9=3))

    found = [each for each in due(site.clinic, at + timedelta(minutes=5)) if each.alert]
    assert [each.what for each in found] == ["answer"]
    # 2 hours by any clock (escalation ladder of the clinical dossiers), and never later than before
    assert found[0].by == at + timedelta(hours=2)


def test_item_9_that_is_not_known_counts_as_one_that_cannot_wait(site, person, at):
    assert make(site, person, at).any_hour
    assert not make(site, make_person(site.clinic, site), at, told=Told(item_9=2)).any_hour
    assert make(site, make_person(site.clinic, site), at, told=Told(item_9=3)).any_hour


def test_a_closed_alert_swallows_nothing(site, person, at, staff):
    doctor = staff(Role.PSYCHIATRIST)
    first = make(site, person, at)
    do(first, doctor, at, "assessed", tier="none", says="C-SSRS: all no")
    do(first, doctor, at, "closed", outcome="no-risk-found", says="Next visit Monday")

    second = make(site, person, at + timedelta(hours=1))

    assert second != first


def test_self_injury_stands_apart_from_thoughts_of_suicide(site, person, at):
    thoughts = make(site, person, at, tier="high", kind="cssrs")

    injury = make(site, person, at, tier="low", kind="self-injury")

    assert injury != thoughts
    assert make(site, person, at + timedelta(hours=1), tier="low", kind="self-injury") == injury
    assert make(site, person, at + timedelta(hours=1), tier="low", kind="cssrs") == thoughts


def test_the_same_answer_sent_twice_raises_once(site, person, at):
    first = make(site, person, at, source="answer:1")

    assert make(site, person, at, source="answer:1") == first
    make(site, person, at, source="answer:2")
    make(site, person, at, source="answer:2")
    assert kinds(first) == ["raised", "repeated"]
    assert Alert.objects.count() == 1


def test_what_is_said_on_site_is_no_repeat_of_what_was_said_at_home(site, person, at):
    home = make(site, person, at, told=Told(item_9=1))

    here = make(site, person, at + timedelta(hours=1), told=Told(item_9=1, on_site=True))

    assert here != home
    assert make(site, person, at + timedelta(hours=2), told=Told(item_9=1, on_site=True)) == here


def test_a_merged_person_is_the_same_person(site, person, at):
    twin = make_person(site.clinic, site, merged_into=person)
    first = make(site, twin, at)

    assert make(site, person, at) == first


def test_a_writer_who_is_not_known_gets_an_alert_each_time(site, at):
    assert make(site, None, at, kind="request-text") != make(site, None, at, kind="request-text")


def test_a_tier_that_is_no_tier_is_not_screened(site, person, at):
    assert make(site, person, at, tier="fine").tier == "unscreened"


def test_a_kind_that_is_no_kind_is_refused(site, person, at):
    with pytest.raises(AlertRefusedError, match="no kind"):
        make(site, person, at, kind="weather")


def test_what_was_said_and_where_they_are_is_sealed_and_not_in_the_record(site, person, at):
    alert = make(
        site,
        person,
        at,
        says="I bought rope",
        told=Told({"item_9": 3}, 3, False, "555 0177", "pier 4"),
    )
    tell_where(
        alert=alert, phone="555 0188", place="bridge", key=uuid.uuid4(), at=at, actor="link:1"
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT says, answers FROM safety_alert")
        rows = [b"".join(bytes(cell) for cell in row) for row in cursor.fetchall()]
        cursor.execute("SELECT phone, place FROM safety_alertact WHERE kind = 'told-where'")
        rows += [b"".join(bytes(cell) for cell in row) for row in cursor.fetchall()]
    assert len(rows) == 3
    assert not any(word in row for row in rows for word in (b"rope", b"555 01", b"pier", b"bridge"))
    kept = str(list(Entry.objects.values_list("action", "subject", "more")))
    assert "raised an alert" in kept
    assert not any(word in kept for word in ("rope", "555 01", "pier", "bridge", "unscreened"))


def test_where_someone_is_sent_twice_is_kept_once(site, person, at):
    alert, key = make(site, person, at), uuid.uuid4()

    for _ in range(2):
        tell_where(alert=alert, phone="1", place="2", key=key, at=at, actor="link:1")

    assert kinds(alert) == ["raised", "told-where"]


def test_an_act_sent_twice_is_done_once(site, person, at, staff):
    alert, nurse, done = (
        make(site, person, at),
        staff(Role.NURSE),
        Done("acknowledged", uuid.uuid4()),
    )

    assert act(alert=alert, done=done, by=nurse, at=at) == act(
        alert=alert, done=done, by=nurse, at=at
    )
    assert kinds(alert) == ["raised", "acknowledged"]


def test_a_nurse_who_finds_high_hands_it_on(site, person, at, staff):
    alert = make(site, person, at)

    found = do(alert, staff(Role.NURSE), at, "assessed", tier="high", says="Question 5: yes")

    assert found.kind == "screened"
    step = next(each for each in due(site.clinic, at) if each.alert)
    assert (step.what, step.tier) == ("answer", "high")


def test_a_nurse_settles_what_a_nurse_may(site, person, at, staff):
    alert = make(site, person, at)

    assert do(alert, staff(Role.NURSE), at, "assessed", tier="low", says="x").kind == "assessed"


def test_a_coordinator_screens_but_a_clinician_assesses(site, person, at, staff):
    alert = make(site, person, at)

    found = do(alert, staff(Role.COORDINATOR), at, "assessed", tier="low", says="x")

    assert found.kind == "screened"


def test_a_tier_is_lowered_by_a_clinician_with_a_reason_only(site, person, at, staff):
    alert = make(site, person, at, tier="high", kind="cssrs")

    with pytest.raises(AlertRefusedError, match="clinician"):
        do(alert, staff(Role.NURSE), at, "assessed", tier="low", says="seems fine")
    with pytest.raises(AlertRefusedError, match="reason"):
        do(alert, staff(Role.PSYCHIATRIST), at, "assessed", tier="low", says=" ")
    found = do(alert, staff(Role.PSYCHIATRIST), at, "assessed", tier="low", says="Full SAFE-T")

    assert found.kind == "lowered"
    assert tier(alert, at) == "low"


def test_an_alert_is_not_closed_before_someone_assessed_or_handed_on(site, person, at, staff):
    doctor = staff(Role.PSYCHIATRIST)
    alert = make(site, person, at, tier="high", kind="cssrs")

    with pytest.raises(AlertRefusedError, match="assessment"):
        do(alert, doctor, at, "closed", outcome="not-reached", says="x")
    do(alert, doctor, at, "contact-tried", outcome="welfare-check")
    with pytest.raises(AlertRefusedError, match="assessment"):
        do(alert, doctor, at, "closed", outcome="safety-plan", says="x")
    do(alert, doctor, at, "closed", outcome="not-reached", says="Police confirmed at 11:40")

    assert alert.closed_at == at


def test_a_high_tier_is_not_closed_as_if_nothing_was_found(site, person, at, staff):
    doctor = staff(Role.PSYCHIATRIST)
    alert = make(site, person, at, tier="high", kind="cssrs")
    do(alert, doctor, at, "assessed", tier="high", says="x")

    with pytest.raises(AlertRefusedError, match="no thoughts"):
        do(alert, doctor, at, "closed", outcome="no-risk-found", says="x")


def test_a_mistake_is_closed_by_a_clinician_with_a_reason_only(site, person, at, staff):
    alert = make(site, person, at)

    with pytest.raises(AlertRefusedError, match="mistake"):
        do(alert, staff(Role.COORDINATOR), at, "closed", outcome="mistaken", says="typo")
    do(alert, staff(Role.THERAPIST), at, "closed", outcome="mistaken", says="A test entry")

    assert alert.settled_at == at


def test_an_alert_is_settled_once_its_contacts_are_made(site, person, at, staff):
    doctor = staff(Role.PSYCHIATRIST)
    alert = make(site, person, at, tier="high", kind="cssrs")
    do(alert, doctor, at, "assessed", tier="high", says="x")
    do(alert, doctor, at, "closed", outcome="safety-plan", says="x")

    do(alert, doctor, at + timedelta(hours=20), "followed-up", outcome="no-answer")
    do(alert, doctor, at + timedelta(hours=21), "followed-up", outcome="reached")
    assert alert.settled_at is None
    do(alert, doctor, at + timedelta(hours=60), "followed-up", outcome="reached")

    assert alert.settled_at == at + timedelta(hours=60)
    assert not [each for each in due(site.clinic, at + timedelta(hours=61)) if each.alert]
    with pytest.raises(AlertRefusedError, match="settled"):
        do(alert, doctor, at + timedelta(hours=62), "followed-up", outcome="reached")


def test_nothing_but_a_note_or_a_contact_comes_after_closing(site, person, at, staff):
    doctor = staff(Role.PSYCHIATRIST)
    alert = make(site, person, at, tier="high", kind="cssrs")
    do(alert, doctor, at, "assessed", tier="high", says="x")
    do(alert, doctor, at, "closed", outcome="safety-plan", says="x")

    with pytest.raises(AlertRefusedError, match="closed"):
        do(alert, doctor, at, "assessed", tier="low", says="x")
    assert do(alert, doctor, at, "note", says="Wife called").kind == "note"


def test_an_alert_goes_to_a_colleague_of_the_same_clinic_only(
    site, person, at, staff, other_clinic
):
    alert = make(site, person, at)

    with pytest.raises(AlertRefusedError, match="colleague"):
        do(alert, staff(Role.NURSE), at, "handed-over", to=staff(Role.NURSE, of=other_clinic))


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("raised", {}),
        ("raised-tier", {"tier": "high"}),
        ("assessed", {"tier": "unscreened"}),
        ("assessed", {}),
        ("contact-tried", {"outcome": "maybe"}),
        ("closed", {"outcome": "whatever"}),
    ],
)
def test_what_is_no_act_is_refused(site, person, at, staff, kind, more):
    alert = make(site, person, at)

    with pytest.raises(AlertRefusedError):
        do(alert, staff(Role.PSYCHIATRIST), at, kind, **more)

    assert kinds(alert) == ["raised"]


def test_an_alert_that_is_not_kept_leaves_no_record(site, person, at):
    def fails():
        with transaction.atomic():
            make(site, person, at)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()

    assert not Alert.objects.exists()
    assert not AlertAct.objects.exists()
    assert not Entry.objects.exists()


def test_the_watch_asks_three_queries_for_one_alert_and_for_many(
    site, at, staff, django_assert_num_queries
):
    staff(Role.NURSE)
    for number in range(30):
        make(site, make_person(site.clinic, site, legal_name=f"P {number}"), at)

    with django_assert_num_queries(3):
        found = look(site.clinic, at)

    assert len(found.open) == 30


def test_another_clinics_alerts_are_not_watched(site, stranger, at):
    make(stranger.site, stranger, at)

    assert not look(site.clinic, at).open
