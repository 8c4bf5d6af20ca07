"""A device is down for a day: the day is repaired, and everyone has a place, or a reason and a turn."""

from __future__ import annotations

from tests.journeys.visiting import Visitor

SITE = "larkspur-harbor"
DAY = "2026-11-25"
"""A Wednesday; the demo has courses of TMS then."""


def booked_on(desk: Visitor, lane: str) -> list[str]:
    """Whose blocks stand in a lane of the board."""
    section = desk.page.locator("section.lane", has=desk.page.get_by_role("heading", name=lane))
    return section.locator(".block-who").all_inner_texts()


def test_a_device_is_down_and_the_day_is_repaired(someone):
    desk = someone().enter_as("coordinator")
    board = f"/calendar/?site={SITE}&day={DAY}"
    desk.go(f"{board}&kind=tms-device")
    desk.looks()
    lanes = desk.page.locator("section.lane", has=desk.page.locator(".block"))
    name = lanes.first.locator("h2").inner_text().split("\n")[0]
    hit = booked_on(desk, name)
    assert hit

    desk.follow("Something is out")
    desk.page.get_by_label("What is out").select_option(label=name)
    desk.put("Why", "The coil does not cool.")
    desk.looks()
    desk.click("Show whom it touches")
    desk.reads(f"{name} is out: The coil does not cool.")
    desk.looks()
    for who in hit:
        desk.reads(who)
    desk.click("Accept what is ticked")
    desk.reads("is repaired")
    desk.looks()

    desk.go(board)
    desk.does_not_read("cannot take place")
    assert not booked_on(desk, name)
    after = desk.page.locator("main").inner_text()
    desk.go(f"/calendar/?site={SITE}&day={DAY}&view=week")
    desk.looks()
    after += desk.page.locator("main").inner_text()
    desk.go("/waiting/")
    desk.looks()
    after += desk.page.locator("main").inner_text()
    assert [who for who in hit if who not in after] == []


def test_a_time_given_up_goes_to_someone_who_would_come_sooner(someone):
    desk = someone(phone=True).enter_as("coordinator")
    desk.go(f"/calendar/?site={SITE}&day={DAY}")
    desk.press(desk.page.locator(".block a").first)
    desk.follow("They would come sooner")
    desk.put("Why", "Sleeps worse since Friday.")
    desk.looks()
    desk.click("Put on the waiting list")
    desk.reads("Sleeps worse since Friday.")
    desk.click("I take it")
    desk.page.get_by_text("nobody yet").wait_for(state="detached")
    desk.looks()
    desk.follow("Find a time")
    desk.click("Cancel this appointment")
    desk.reads("is free")
    desk.looks()
