"""A course is booked while something is open; it is confirmed when the last hold closes."""

from __future__ import annotations

from tests.journeys.choosing import finds, signs_consent


def test_a_tentative_course_is_confirmed_when_its_last_hold_closes(someone):
    doctor = someone().enter_as("psychiatrist")
    person = finds(doctor, "Ruth")
    name = doctor.page.locator(".care-who").inner_text().split("(")[1].split(")")[0]
    doctor.follow("Plans")
    doctor.tell(treatment="tms", start="2026-12-07")
    doctor.click("Propose")
    plan = doctor.path
    doctor.click("Sign: I have read this plan")
    doctor.click("Yes, it is me")
    doctor.go(f"{plan}book/?at=11:40")
    doctor.click("Book all")
    doctor.reads("sessions are held as tentative until")
    doctor.reads("tentative")

    doctor.go(f"{plan}holds/")
    doctor.reads("no authorization is on record")
    doctor.looks()
    signs_consent(doctor, person, "tms", name)
    doctor.go(f"{plan}holds/")
    doctor.reads("1 hold keeps the next session from being confirmed; the course is tentative.")

    desk = someone().enter_as("coordinator")
    desk.go("/holds/")
    desk.looks()
    desk.go(f"{person}payers/")
    desk.looks()
    desk.page.get_by_text("Add an authorization").click()
    form = desk.page.locator('form[action$="/authorize/"]')
    form.locator('[name="treatment"]').select_option("tms")
    for field, value in {
        "number": "A-7781", "units": "36", "first_day": "2026-12-01", "last_day": "2027-03-31",
        "words": "Letter of 20 November.",
    }.items():  # fmt: skip
        form.locator(f'[name="{field}"]').fill(value)
    desk.press(form.get_by_role("button", name="Keep the authorization"))
    desk.reads("0 of 36 sessions left (36 booked or done)")
    desk.go(f"{plan}holds/")
    desk.reads("Nothing keeps the next session from being confirmed.")
    desk.looks()
    desk.go(f"{person}appointments/")
    desk.does_not_read("tentative")
    desk.reads("booked")
