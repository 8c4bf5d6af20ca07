"""All that is written about persons, staff and their times; each in one transaction, on record."""

from __future__ import annotations

from overstory.clinic.people.actions.persons import (
    PersonDetails,
    SentBeforeError,
    add_contact,
    add_cover,
    edit_person,
    end_contact,
    end_cover,
    merge,
    register_person,
    say_channel,
    unmerge,
)

__all__ = [
    "PersonDetails",
    "SentBeforeError",
    "add_contact",
    "add_cover",
    "edit_person",
    "end_contact",
    "end_cover",
    "merge",
    "register_person",
    "say_channel",
    "unmerge",
]
