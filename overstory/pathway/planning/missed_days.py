"""How many days of treatment in a row were missed, those that an earlier version lost included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from overstory.knowledge.shapes.protocol_parts import Phase
from overstory.pathway.planning.layout import WORKING_DAYS
from overstory.pathway.planning.open_days import ONE_DAY
from overstory.pathway.planning.revising import Revision
from overstory.pathway.planning.values import Session
from overstory.pathway.protocols import protocol_named

EXTENSION = "extension"


def days_in_a_row(*, revision: Revision, gone: Sequence[Session]) -> int:
    """
    Return the most days of treatment missed in a row.

    Of a daily course the working days since the last session that stands count as well, for they were
    missed in an earlier version. Days that were planned on which the clinic is closed do not count.
    """
    lost = {each.n for each in gone}
    own = revision.of(gone[0].treatment)
    kept = [each.date for each in own if each.n not in lost]
    runs: dict[date | None, list[Session]] = {}
    for each in gone:
        runs.setdefault(_last_before(kept, each.date), []).append(each)
    return max(
        _missed_up_to(revision, last, run[0]) + len({each.date for each in run}) - 1
        for last, run in runs.items()
    )


def is_daily(*, revision: Revision, session: Session) -> bool:
    """Return whether a session stands in a phase with one on every working day."""
    for each in schedule_of(revision=revision, treatment=session.treatment):
        if each.name == session.phase:
            most = max(each.per_week) if isinstance(each.per_week, list) else each.per_week
            return each.weekdays and most == WORKING_DAYS
    return session.phase == EXTENSION


def schedule_of(*, revision: Revision, treatment: str) -> list[Phase]:
    """Return the phases of the protocol of a component of the plan."""
    for name in revision.plan.protocols:
        protocol = protocol_named(protocol_id=name, knowledge=revision.knowledge)
        if protocol.treatment == treatment:
            return list(protocol.schedule)
    return []


def _missed_up_to(revision: Revision, last: date | None, session: Session) -> int:
    """Days missed from the last session that stands to the first of a run, that one included."""
    if last is None or not is_daily(revision=revision, session=session):
        return 1
    beside = {each.date for each in revision.plan.sessions if each.treatment != session.treatment}
    clinic = replace(revision.days, paused=frozenset())
    between = (last + ahead * ONE_DAY for ahead in range(1, (session.date - last).days))
    return 1 + sum(clinic.is_working(day) and day not in beside for day in between)


def _last_before(kept: Sequence[date], day: date) -> date | None:
    return max((each for each in kept if each < day), default=None)
