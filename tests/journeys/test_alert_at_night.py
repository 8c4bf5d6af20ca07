"""Item 9 above zero on a phone at night: the crisis page at once, the staff's page, the next rung."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.journeys.telling import (
    Someone,
    after_a_rest,
    answers,
    asks_for_care,
    makes_a_link,
    opens,
    registers,
)
from tests.journeys.visiting import Visitor

NIGHT = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
"""02:40 in New York."""
WHO = Someone("Sidony Marrowlea")


def test_thoughts_of_suicide_at_night_reach_the_next_rung_though_the_worker_is_dead(house, someone):
    phone = someone(phone=True)
    asks_for_care(phone, WHO)
    person = registers(someone().enter_as("coordinator"), WHO)
    opens(phone, makes_a_link(someone().enter_as("nurse"), person, "phq9"), WHO)
    house.kill()
    house.open(at=NIGHT)
    phone.page.reload()
    after_a_rest(phone, WHO)

    answers(phone, {"phq9.9": "3"}, level="3")

    assert phone.path.endswith("/help/")
    phone.reads("988")
    phone.reads("Nobody watches this form")
    phone.looks()
    phone.tell(phone="+1 212 555 0188", place="At home, alone")
    phone.click("Tell the clinic")
    phone.looks()

    nurse = someone().enter_as("nurse")
    nurse.go("/alerts/")
    nurse.reads("Sidony Marrowlea")
    nurse.looks()
    nurse.follow("Sidony Marrowlea")
    nurse.reads("+1 212 555 0188")
    nurse.reads("At home, alone")
    nurse.looks()
    first = called(nurse)

    house.kill()
    house.open(at=NIGHT + timedelta(minutes=130), worker=False)

    later = someone().enter_as("nurse")
    later.go("/people/")
    later.reads("The worker has been silent since 02:4")
    later.reads("overdue")
    later.looks()
    later.go(nurse.path)
    assert called(later) > first
    later.looks()


def called(reader: Visitor) -> set[str]:
    """Return who is named on an alert's page."""
    named = reader.page.locator("main dt", has_text="Named").locator("+ dd").all_inner_texts()
    return {name.strip() for text in named for name in text.split(",") if name.strip()}
