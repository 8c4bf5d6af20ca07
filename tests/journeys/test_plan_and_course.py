"""A plan is drafted from the facts, signed by who proves who they are, and booked whole."""

from __future__ import annotations


def test_a_plan_is_drafted_signed_booked_and_seen_in_the_calendar(someone):
    doctor = someone().enter_as("psychiatrist")
    doctor.go("/people/?q=Ruth")
    doctor.looks()
    doctor.follow("Ruth")
    doctor.looks()
    doctor.follow("Plans")
    doctor.looks()
    doctor.tell(treatment="tms", start="2026-12-07")
    doctor.click("Propose")
    doctor.reads("not signed")
    doctor.looks()

    doctor.click("Sign: I have read this plan")
    doctor.click("Yes, it is me")
    doctor.reads("Signed by")
    doctor.follow("Book the course")
    doctor.looks()
    doctor.tell(at="11:40")
    doctor.click("Show the times")
    doctor.reads("All 36 sessions have a time")
    doctor.looks()
    doctor.click("Book all 36 sessions")
    doctor.reads("36 sessions are held as tentative until")
    doctor.looks()

    doctor.go("/calendar/?site=larkspur-mesa&day=2026-12-07")
    doctor.reads("TMS, session 1")
    doctor.looks()
