"""Clinics, sites, staff and the persons in care."""

from __future__ import annotations

from overstory.clinic.people.clinics import Clinic, Closure, Site, SiteHours
from overstory.clinic.people.messages import Message
from overstory.clinic.people.persons import ChannelConsent, Contact, Cover, Person
from overstory.clinic.people.staff import Invitation, Staff, StaffRole
from overstory.clinic.people.times import DutyLeave, OnCall, Shift

__all__ = [
    "ChannelConsent",
    "Clinic",
    "Closure",
    "Contact",
    "Cover",
    "DutyLeave",
    "Invitation",
    "Message",
    "OnCall",
    "Person",
    "Shift",
    "Site",
    "SiteHours",
    "Staff",
    "StaffRole",
]
