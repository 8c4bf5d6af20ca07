"""The invented clinic as it stands when it is filled: people at every step, every verdict, nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from overstory.clinic.audit.verifying import verify
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.assessing import assess_person
from overstory.clinic.care.models import Assessment, CarePlan
from overstory.clinic.demo.seeding import seed_clinic
from overstory.clinic.people.duty import uncovered
from overstory.clinic.people.models import Clinic
from overstory.clinic.people.permissions import Role
from overstory.clinic.safety.models import Alert
from tests.clinic.invented import NOON, content


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker) -> Iterator[Clinic]:
    """The demo, filled once for all tests of this file and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield seed_clinic(seed=1, now=NOON).clinic
        transaction.set_rollback(True)


def test_the_demo_has_people_at_every_step_of_the_pathway(demo):
    requests, forms = demo.care_requests, demo.questionnaires.listed()

    assert demo.is_invented
    assert len({each.time_zone for each in demo.sites.all()}) == 2
    assert demo.persons.count() + requests.filter(person=None).count() == 60
    assert requests.open().count() >= 8
    assert requests.late(NOON).exists()
    states = Counter(each.state(NOON) for each in forms)
    assert states["sent"] >= 4
    assert states["half-done"] >= 4
    assert states["submitted"] >= 5
    assert Alert.objects.filter(closed_at=None).count() == 1
    assert Alert.objects.filter(settled_at__isnull=False).count() == 1
    assert Assessment.objects.count() >= 5
    plans = Counter(bool(each.signed_at) for each in CarePlan.objects.all())
    assert plans[True] >= 6
    assert plans[False] >= 1
    assert Counter(a.kind for a in Appointment.objects.all())["session"] > 100
    assert all(demo.staff.holding(role).exists() for role in Role)
    assert uncovered(demo, NOON, NOON + timedelta(days=14)) == []
    assert verify(demo.pk).holds


def test_the_board_says_every_verdict_for_every_treatment_of_someone(demo):
    force = in_force(demo)

    found = {
        (each.treatment, each.verdict.value)
        for person in demo.persons.all()
        for each in assess_person(person, at=NOON, force=force).assessment.treatments
    }

    kinds = {"contraindicated", "not-indicated", "not-now", "cannot-say-yet", "with-conditions"}
    for treatment in ("esketamine", "ketamine-iv", "kap", "tms", "ketamine-then-tms"):
        assert {verdict for name, verdict in found if name == treatment} >= kinds
    # The others are off-label or of low certainty, so that they are never more than with conditions.
    assert {("esketamine", "suitable"), ("tms", "suitable")} <= found


def test_a_second_time_nothing_is_doubled_and_the_same_seed_gives_the_same(demo):
    before = content(demo)

    again = seed_clinic(seed=2, now=NOON + timedelta(days=3))

    assert not again.is_new
    assert content(again.clinic) == before
