"""What people in the journeys do on the way from a choice to a booked course."""

from __future__ import annotations

from tests.journeys.visiting import Visitor

SURE = ("sure", "understand", "matters", "support")


def finds(reader: Visitor, name: str) -> str:
    """Find someone by name and open their page; return its address."""
    reader.go(f"/people/?q={name}")
    reader.follow(name)
    return reader.path


def evaluates(doctor: Visitor, person: str) -> None:
    """Read the board, keep it as an assessment, and go on to the options."""
    doctor.go(f"{person}board/")
    doctor.looks()
    doctor.click("Record this assessment")
    doctor.go(f"{person}board/")
    doctor.follow("Options with the person")
    doctor.looks()


def talks_it_over(doctor: Visitor) -> None:
    """Take the SURE test before and after, say what matters, and write a question."""
    tells_sure(doctor, "before", "no")
    values = doctor.page.locator("#values form")
    for number in range(values.locator("fieldset").count()):
        values.locator("fieldset").nth(number).locator('input[value="3"]').check()
    doctor.press(values.get_by_role("button"))
    doctor.page.locator('#questions textarea[name="words"]').fill("What if I miss a day?")
    doctor.press(doctor.page.locator("#questions form").get_by_role("button"))
    doctor.reads("What if I miss a day?")
    tells_sure(doctor, "after", "yes")
    doctor.looks()


def tells_sure(doctor: Visitor, moment: str, answer: str) -> None:
    """Answer the four questions of a SURE test alike."""
    form = doctor.page.locator(f'form[action*="/sure/{moment}/"]')
    if not form.is_visible():
        form.locator("xpath=..").locator("summary").click()
    for name in SURE:
        form.locator(f'input[name="{moment}-{name}"][value="{answer}"]').check()
    doctor.press(form.get_by_role("button"))


def records(doctor: Visitor, person: str, option: str, discussed: str, **more: str) -> None:
    """Record what was chosen, with a sister there."""
    doctor.go(f"{person}choice/record/")
    doctor.looks()
    doctor.tell(option=option, relatives="Rosa Fields, sister", discussed=discussed, **more)
    doctor.click("Record")
    doctor.reads("Recorded.")
    doctor.looks()


def signs_consent(doctor: Visitor, person: str, treatment: str, name: str) -> None:
    """Let the person sign: read aloud, so that a witness is needed; the first time without one."""
    doctor.go(f"{person}consents/sign/{treatment}/")
    doctor.tell(
        how_read="read-aloud", has_capacity="yes", capacity_words="Says why and why not.",
        teach_back="I may stop at any time.", dose_today="no", copy_given="yes", typed_name=name,
        witness_name="Rosa Fields",
    )  # fmt: skip
    route = doctor.page.locator('main input[name="route"]')
    route.first.check()
    doctor.click("Sign")
    if doctor.page.get_by_role("button", name="Yes, it is me").count():
        doctor.click("Yes, it is me")
    doctor.reads("Signed. Print this page for their copy.")
    doctor.reads("Rosa Fields")


def plans(doctor: Visitor, start: str) -> str:
    """Propose what was chosen, read it, sign it; return the address of the plan."""
    doctor.tell(start=start)
    doctor.click("Propose")
    doctor.reads("not signed")
    doctor.looks()
    doctor.click("Sign: I have read this plan")
    if doctor.page.get_by_role("button", name="Yes, it is me").count():
        doctor.click("Yes, it is me")
    doctor.reads("Signed by")
    return doctor.path


def step(reader: Visitor, name: str) -> str:
    """Return what the page says of one step of the way."""
    return reader.page.locator(".care-steps li", has_text=name).first.inner_text()
