"""The ways through the staff's pages: each shown to those who may go there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse


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
    ("Rooms", "resources", "see_calendar"),
    ("Roster", "roster", "see_roster"),
    ("Sites", "sites", "run_sites"),
    ("Staff", "staff", "run_staff"),
    ("Knowledge", "knowledge", "see_knowledge"),
    ("Audit", "audit", "see_audit"),
)
"""Words, the name of the page, and what one must be allowed (`May`, in small letters)."""


def ways(can: Mapping[str, bool], path: str) -> list[Way]:
    """Return the ways that are open to the reader, and mark the one they are on."""
    found = []
    for label, name, needed in WAYS:
        if not can.get(needed):
            continue
        try:
            address = reverse(name)
        except NoReverseMatch:
            continue
        here = path == address if address == "/" else path.startswith(address)
        found.append(Way(label, address, here))
    return found
