"""Choosing with the person: the aid on screen, what matters, how sure, questions, the recorded choice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from overstory.clinic.audit.models import Entry
from overstory.clinic.care import choosing_actions as actions
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.choosing_rows import Choice, ChoiceQuestion, SureTest, ValuesGiven
from overstory.clinic.people.permissions import ROLES, May, Role
from tests.clinic.knowing import state, state_example

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Monday, 10:00 in New York."""
MATTERS = {
    "fast-relief": 5, "no-new-drug": 0, "stay-clear": 2, "few-visits": 1, "few-days": 0,
    "drive-home": 3, "low-cost": 4, "strong-proof": 5, "talking": 0, "no-needle": 1,
}  # fmt: skip


@pytest.fixture
def now():
    with time_machine.travel(AT, tick=False):
        yield AT


@pytest.fixture
def sam(person):
    state_example(person, AT, name="sam")
    return person


@pytest.fixture
def nurse(staff):
    return staff(Role.NURSE, name="Nora Nurse")


@pytest.fixture
def desk(signed_in, nurse):
    return signed_in(who=nurse)


def at(name, person, *more):
    return reverse(name, args=(person.pk, *more))


def test_the_page_opens(now, sam, desk):
    assert desk.get(at("choice", sam)).status_code == 200
    assert desk.get(at("choice_record", sam)).status_code == 200
    assert desk.get(at("consents", sam)).status_code == 200
    assert desk.get(at("consent_sign", sam, "tms")).status_code == 200
