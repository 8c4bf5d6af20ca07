"""What staff may do, and which role may do it: an enum and readable lists."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """The roles of staff; one person may have several."""

    MEDICAL_DIRECTOR = "medical-director"
    PSYCHIATRIST = "psychiatrist"
    NURSE = "nurse"
    TECHNICIAN = "tms-technician"
    THERAPIST = "therapist"
    COORDINATOR = "coordinator"
    MANAGER = "manager"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        """The role in words."""
        return "TMS technician" if self is Role.TECHNICIAN else self.value.replace("-", " ")


class May(StrEnum):
    """The things that a page lets its reader see or do."""

    SEE_DAY = "see-day"
    WORK_REQUESTS = "work-requests"
    FIND_PERSONS = "find-persons"
    SEE_PERSON = "see-person"
    EDIT_PERSON = "edit-person"
    MERGE_PERSONS = "merge-persons"
    SEND_QUESTIONNAIRES = "send-questionnaires"
    ENTER_ANSWERS = "enter-answers"
    SEE_ALERTS = "see-alerts"
    ACT_ON_ALERTS = "act-on-alerts"
    LOWER_TIER = "lower-tier"
    SEE_BOARD = "see-board"
    STATE_FACTS = "state-facts"
    WRITE_NOTES = "write-notes"
    IMPORT_RECORDS = "import-records"
    REFER_OUT = "refer-out"
    DECIDE = "decide"
    SEE_PLAN = "see-plan"
    DRAFT_PLAN = "draft-plan"
    SIGN_PLAN = "sign-plan"
    RECORD_CHOICE = "record-choice"
    TAKE_CONSENT = "take-consent"
    SEE_CALENDAR = "see-calendar"
    BOOK = "book"
    WORK_HOLDS = "work-holds"
    RECORD_CHECKS = "record-checks"
    RUN_SITE_HOLDS = "run-site-holds"
    ADOPT_KNOWLEDGE = "adopt-knowledge"
    SEE_KNOWLEDGE = "see-knowledge"
    SEE_ROSTER = "see-roster"
    RUN_ROSTER = "run-roster"
    RUN_STAFF = "run-staff"
    RUN_SITES = "run-sites"
    SEE_AUDIT = "see-audit"


_CARE = (
    May.SEE_DAY,
    May.FIND_PERSONS,
    May.SEE_PERSON,
    May.SEE_ALERTS,
    May.ACT_ON_ALERTS,
    May.SEE_BOARD,
    May.SEE_PLAN,
    May.SEE_CALENDAR,
    May.SEE_KNOWLEDGE,
    May.SEE_ROSTER,
    May.ENTER_ANSWERS,
    May.SEND_QUESTIONNAIRES,
    May.STATE_FACTS,
    May.WRITE_NOTES,
)
_FRONT = (
    May.WORK_REQUESTS,
    May.EDIT_PERSON,
    May.BOOK,
    May.WORK_HOLDS,
    May.REFER_OUT,
)
_PRESCRIBER = (
    *_CARE,
    *_FRONT,
    May.LOWER_TIER,
    May.DECIDE,
    May.DRAFT_PLAN,
    May.SIGN_PLAN,
    May.RECORD_CHOICE,
    May.TAKE_CONSENT,
    May.IMPORT_RECORDS,
    May.RECORD_CHECKS,
)

ROLES: dict[Role, tuple[May, ...]] = {
    Role.MEDICAL_DIRECTOR: (
        *_PRESCRIBER,
        May.ADOPT_KNOWLEDGE,
        May.MERGE_PERSONS,
        May.RUN_ROSTER,
        May.RUN_SITE_HOLDS,
    ),
    Role.PSYCHIATRIST: _PRESCRIBER,
    Role.NURSE: (
        *_CARE,
        May.WORK_REQUESTS,
        May.EDIT_PERSON,
        May.IMPORT_RECORDS,
        May.BOOK,
        May.WORK_HOLDS,
        May.RECORD_CHECKS,
        May.RECORD_CHOICE,
        May.TAKE_CONSENT,
    ),
    Role.TECHNICIAN: (*_CARE, May.BOOK, May.RECORD_CHECKS),
    Role.THERAPIST: (*_CARE, May.LOWER_TIER, May.RECORD_CHOICE),
    Role.COORDINATOR: (
        May.SEE_DAY,
        May.FIND_PERSONS,
        May.SEE_PERSON,
        May.MERGE_PERSONS,
        May.SEE_ALERTS,
        May.ACT_ON_ALERTS,
        May.SEND_QUESTIONNAIRES,
        May.ENTER_ANSWERS,
        May.IMPORT_RECORDS,
        May.RECORD_CHOICE,
        May.SEE_PLAN,
        May.SEE_CALENDAR,
        May.SEE_ROSTER,
        *_FRONT,
    ),
    Role.MANAGER: (
        May.SEE_DAY,
        May.SEE_CALENDAR,
        May.SEE_KNOWLEDGE,
        May.SEE_ROSTER,
        May.RUN_ROSTER,
        May.RUN_STAFF,
        May.RUN_SITES,
        May.RUN_SITE_HOLDS,
    ),
    Role.AUDITOR: (May.SEE_AUDIT, May.SEE_KNOWLEDGE),
}


def allowed(roles: Iterable[str]) -> frozenset[May]:
    """Return all that these roles may do together."""
    return frozenset(may for role in roles for may in ROLES[Role(role)])
