"""From the board to a booked course with the person: chosen or declined, consented to, planned, missed."""

from __future__ import annotations

import pytest

from tests.journeys.choosing import (
    evaluates,
    finds,
    plans,
    records,
    signs_consent,
    step,
    talks_it_over,
)

FREE_TO_CHOOSE = (
    ("Ines", "esketamine", ("esketamine",), "2026-11-30"),
    ("Ruth", "tms", ("tms",), "2026-11-30"),
    ("Theo", "ketamine-then-tms", ("ketamine-then-tms", "esketamine", "tms"), "2026-12-14"),
)
"""Who is evaluated in the demo, what they choose, which consents it needs, and the first day."""


@pytest.mark.parametrize(("name", "treatment", "documents", "start"), FREE_TO_CHOOSE)
def test_a_choice_becomes_a_plan_and_a_booked_course(someone, name, treatment, documents, start):
    doctor = someone().enter_as("psychiatrist")
    person = finds(doctor, name)
    legal_name = doctor.page.locator(".care-who").inner_text().split("(")[1].split(")")[0]

    evaluates(doctor, person)
    if treatment == "tms":
        talks_it_over(doctor)
    records(doctor, person, treatment, "It fits the work and the way home.")
    assert "not signed" in step(doctor, "Consent")
    for document in documents:
        signs_consent(doctor, person, document, legal_name)
    doctor.looks()
    doctor.go(f"{person}consents/")
    assert "signed for" in step(doctor, "Consent")
    doctor.click("Propose a plan", role="link")
    plans(doctor, start)
    doctor.follow("Book the course")
    doctor.looks()
    doctor.click("Book all")
    doctor.reads("sessions are held as tentative until")
    doctor.looks()

    doctor.go(f"{person}plans/")
    assert "booked or done" in step(doctor, "Course")
    doctor.looks()


def test_a_person_who_declines_is_asked_for_nothing_more(someone):
    doctor = someone().enter_as("psychiatrist")
    person = finds(doctor, "Maya")

    records(doctor, person, "usual-care", "Wants to go on with the therapist alone.")

    doctor.reads("None of these: the care you have now")
    for name in ("Consent", "Plan", "Course"):
        assert "nothing to" in step(doctor, name)
    doctor.page.emulate_media(media="print")
    assert not doctor.page.locator(".care-steps").is_visible()
    doctor.reads("Wants to go on with the therapist alone.")


def test_a_missed_session_makes_a_new_version_that_is_booked_again(someone):
    doctor = someone().enter_as("psychiatrist")
    doctor.go("/calendar/?site=larkspur-harbor&day=2026-11-20")
    doctor.looks()
    doctor.press(doctor.page.locator('.block a[href$="/move/"]', has_text="TMS").first)
    doctor.click("Nobody came")
    doctor.reads("Noted: nobody came.")
    doctor.looks()

    doctor.follow("What it changes in the plan")
    assert doctor.page.locator('main input[name="sessions"]:checked').count() == 1
    doctor.looks()
    doctor.click("Show what would change")
    doctor.reads("What would change, and why")
    doctor.looks()
    doctor.click("Keep as draft")
    doctor.reads("What version 2 changed")
    doctor.looks()
    doctor.click("Sign: I have read this plan")
    if doctor.page.get_by_role("button", name="Yes, it is me").count():
        doctor.click("Yes, it is me")

    doctor.reads("Appointments of version 2")
    doctor.looks()
    doctor.click("Show the times")
    doctor.looks()
    doctor.click("Book ")
    doctor.reads("The calendar fits the plan")
    doctor.looks()
