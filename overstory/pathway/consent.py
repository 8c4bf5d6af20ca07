"""When a signature on a consent text counts for a session, and when it has ended."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.consent import Before, ConsentDocument, ConsentPolicy


class Standing(StrEnum):
    """Whether a signature counts at a moment, or why it does not."""

    STANDS = "stands"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    OTHER_ROUTE = "other-route"
    TOO_LATE = "too-late"
    NOT_YET = "not-yet"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as the rules see it: for what, when, and until when where it was withdrawn."""

    treatment: str
    route: str
    signed_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A session for which a signature must count: when it starts, where, and by which route if known."""

    starts: datetime
    zone: ZoneInfo
    route: str = ""


def standing_of(signature: Signature, session: Session, policy: ConsentPolicy) -> Standing:
    """
    Return whether a signature counts for a session, or the first reason why it does not.

    A session whose route is not known is not refused for it: the route is settled by the order.
    """
    if signature.signed_at > session.starts:
        return Standing.NOT_YET
    if signature.withdrawn_at is not None and signature.withdrawn_at <= session.starts:
        return Standing.WITHDRAWN
    if session.starts >= ends_at(signature.signed_at, session.zone, policy):
        return Standing.ENDED
    if _is_other_route(signature, session, policy):
        return Standing.OTHER_ROUTE
    if _is_too_late(signature, session, policy):
        return Standing.TOO_LATE
    return Standing.STANDS


def ends_at(signed_at: datetime, zone: ZoneInfo, policy: ConsentPolicy) -> datetime:
    """
    Return when a signature has to be given again: the same day so many months on, at its wall time.

    In a month without that day it is the last one.
    """
    local = signed_at.astimezone(zone)
    years, month = divmod(local.month - 1 + policy.again_after_months, 12)
    last = monthrange(local.year + years, month + 1)[1]
    return local.replace(year=local.year + years, month=month + 1, day=min(local.day, last))


def before_of(treatment: str, policy: ConsentPolicy) -> Before:
    """Return by when one signs for a treatment; the stricter where the policy does not name it."""
    for each in policy.signed_before:
        if treatment in each.treatments:
            return each.before
    return "session-day"


def document_of(
    *, treatment: str, jurisdiction: str, knowledge: Knowledge
) -> ConsentDocument | None:
    """Return the document in use for a treatment where the person is; none where there is none."""
    found = [
        each
        for each in knowledge.sections.get("consent_documents", ())
        if each.treatment == treatment and each.jurisdiction == jurisdiction
    ]
    return found[-1] if found else None


def consent_policy(knowledge: Knowledge) -> ConsentPolicy:
    """Return the policy on signatures."""
    policy: ConsentPolicy = knowledge.sections["consent_policy"][0]
    return policy


def needs_witness(*, how: str, signer: str, policy: ConsentPolicy) -> bool:
    """Return whether somebody besides signs: for how the text was read, or for who signs."""
    return how in policy.witness_when or signer in policy.witness_when


def _is_other_route(signature: Signature, session: Session, policy: ConsentPolicy) -> bool:
    return bool(policy.again_on_route_change and session.route and session.route != signature.route)


def _is_too_late(signature: Signature, session: Session, policy: ConsentPolicy) -> bool:
    if before_of(signature.treatment, policy) == "session-start":
        return signature.signed_at >= session.starts
    signed, starts = (
        each.astimezone(session.zone).date() for each in (signature.signed_at, session.starts)
    )
    return signed >= starts
