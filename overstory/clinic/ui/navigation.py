"""The ways through the staff's pages: each shown to those who may go there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from overstory.clinic.ui.addresses import address_of, has_page


@dataclass(frozen=True, slots=True)
class Way:
    """One way in the menu: its words, address, and whether the reader is there now."""

    label: str
    address: str
    is_here: bool


WAYS = (
    ("Today", "home", "see_day"),
    ("Alerts", "alerts", "see_alerts"),
    ("Messages", "messages", "see_day"),
    ("Requests", "requests", "work_requests"),
    ("People", "people", "find_persons"),
    ("Questionnaires", "questionnaires", "send_questionnaires"),
    ("Calendar", "calendar", "see_calendar"),
    ("Arrivals", "arrivals", "see_plan"),
    ("Holds", "hold_list", "see_plan"),
    ("Rooms", "resources", "see_calendar"),
    ("Roster", "roster", "see_roster"),
    ("Sites", "sites", "run_sites"),
    ("Staff", "staff", "run_staff"),
    ("Knowledge", "knowledge", "see_knowledge"),
    ("Audit", "audit", "see_audit"),
)
"""Words, the name of the page, and what one must be allowed (`May`, in small letters)."""


ALERTS = "Alerts"
ITEM = '<li{}><a href="{}"{}>{}{}</a></li>\n'
HERE = format_html(' aria-current="{}"', "page")
HELD = format_html(' class="{}"', "is-here")
"""The item that stays in sight where the menu is wider than the screen."""


def menu_items(can: Mapping[str, bool], path: str, *, alerts: int) -> SafeString:
    """Return the items of the menu, with the count of open alerts; each menu is drawn once."""
    found = ways(can, path)
    return _drawn(tuple((each.label, each.address, each.is_here) for each in found), alerts)


@lru_cache(maxsize=512)
def _drawn(items: tuple[tuple[str, str, bool], ...], alerts: int) -> SafeString:
    count = format_html(' <span class="count">{}</span>', alerts) if alerts else ""
    return format_html_join(
        "",
        ITEM,
        (
            (
                HELD if is_here else "",
                address,
                HERE if is_here else "",
                label,
                count if label == ALERTS else "",
            )
            for label, address, is_here in items
        ),
    )


def ways(can: Mapping[str, bool], path: str) -> list[Way]:
    """Return the ways that are open to the reader, and mark the one they are on."""
    found = []
    for label, name, needed in WAYS:
        if not can.get(needed):
            continue
        if not has_page(name):
            continue
        address = address_of(name)
        here = path == address if address == "/" else path.startswith(address)
        found.append(Way(label, address, here))
    return found
