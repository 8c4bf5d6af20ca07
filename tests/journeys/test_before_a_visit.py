"""A reminder leads to a few questions on a phone, and staff see who is not ready and see to it."""

from __future__ import annotations

import io
import re
import time
from datetime import UTC, datetime
from pathlib import Path

from pypdf import PdfReader

WAITS_S = 40
SHEETS = 2
"""On so few sheets, none of them blank, a browser prints what a person gets of their course."""
EVENING = datetime(2026, 11, 24, 0, 10, tzinfo=UTC)
"""Monday, 19:10 in New York and 17:10 in Denver: reminders of Tuesday's visits are due."""


def test_from_the_reminder_on_a_phone_to_the_line_that_staff_settle(someone, house):
    house.kill()
    house.open(at=EVENING)
    desk = someone().enter_as("coordinator")
    desk.go("/arrivals/")
    desk.reads("Arrivals")
    desk.looks()
    rows = desk.main().get_by_role("row").filter(has_text="no consent to e-mail")
    row = rows.filter(has_not_text="Evaluation").first
    desk.press(row.get_by_role("link").first)
    desk.reads("What was sent")
    desk.looks()
    before = desk.path
    desk.follow("All of their visits")
    desk.reads("No reminder can go out: no consent to e-mail")
    desk.looks()
    desk.follow("Look at it and print")
    desk.reads("To move or cancel")
    desk.looks()
    _prints(desk)
    desk.follow("Back")
    desk.follow("Ask, and record what they say")
    born, email = _said(desk, "Birth date"), _said(desk, "E-mail")
    desk.main().locator("details.more", has_text="Change").locator("summary").click()
    desk.tell(email="yes")
    desk.press(desk.main().locator("form[action*=channels]").get_by_role("button"))

    phone = someone(phone=True)
    phone.go(_link_of(house.home / "mail", email))
    phone.reads("Your date of birth")
    phone.looks(invented=False)
    on = datetime.strptime(born, "%d %b %Y")  # noqa: DTZ007 - a birth date has no zone
    phone.tell(year=str(on.year), month=str(on.month), day=str(on.day))
    phone.click("Open my visits")
    phone.reads("Your next visit")
    phone.looks(invented=False)
    phone.follow("All visits and how to prepare")
    phone.looks(invented=False)
    phone.follow("Back to my visits")
    phone.follow("Answer a few short questions")
    phone.looks(invented=False)
    for each in phone.page.locator("fieldset.asked").all():
        each.get_by_label("Not sure").check()
    phone.click("Send my answers")
    phone.reads("Your visit stands until we tell you otherwise")
    phone.looks(invented=False)

    desk.go("/arrivals/")
    desk.reads("Not ready")
    desk.go(before)
    desk.reads("by their link")
    desk.looks()
    _settles(desk, "Called: the sister drives.")
    desk.reads("Settled. A later answer opens it again.")


def _prints(desk) -> None:
    """Print the page: it begins on the first sheet, and takes few."""
    sheets = PdfReader(io.BytesIO(desk.page.pdf(format="Letter"))).pages
    assert "Your visits" in sheets[0].extract_text()
    assert len(sheets) <= SHEETS


def _settles(desk, words: str) -> None:
    """Say on the page of a visit what was done about an answer."""
    desk.page.get_by_text("Settle it").click()
    desk.page.locator("#settle_words").fill(words)
    desk.press(desk.page.locator("details.more").get_by_role("button", name="Save"))


def _said(desk, label: str) -> str:
    """What stands on the page of someone's details."""
    return desk.main().locator(f'dt:text-is("{label}") + dd').first.inner_text()


def _link_of(folder: Path, email: str) -> str:
    """Wait for the mail that the worker sends to an address, and return the link in it."""
    until = time.monotonic() + WAITS_S
    while time.monotonic() < until:
        for path in folder.glob("*"):
            text = path.read_text("utf-8")
            found = re.search(r"/q/visits/[\w-]+/", text)
            if f"To: {email}" in text and found:
                return found.group()
        time.sleep(0.2)
    raise AssertionError(f"no reminder was sent to {email}")
