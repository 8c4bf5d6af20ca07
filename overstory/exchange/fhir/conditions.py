"""Diagnoses: what an entry says now, ever or recently, and what a refuted one rules out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from overstory.exchange.fhir.codebook import Meant, code_in, codes_of, name_of
from overstory.exchange.fhir.desk import Desk
from overstory.exchange.fhir.gathering import Claim, Finding, NotUnderstood
from overstory.exchange.fhir.moments import Moment
from overstory.exchange.fhir.references import Found
from overstory.exchange.fhir.shapes import Condition
from overstory.knowledge.shapes.codes import ConditionCodes

ACTIVE = frozenset({"active", "recurrence", "relapse"})
NOT_ACTIVE = frozenset({"inactive", "remission", "resolved"})
NOT_CONFIRMED = frozenset({"unconfirmed", "provisional", "differential", "entered-in-error"})
WEEK_DAYS = 7
MONTHS_A_YEAR = 12


def read_condition(found: Found, condition: Condition, desk: Desk) -> Iterator[Finding]:
    """Yield what the diagnosis says, or why it says nothing."""
    verified = code_in(condition.verification_status)
    name = name_of(condition.code)
    if verified in NOT_CONFIRMED:
        yield NotUnderstood(found.place, f"{name}: its verification status is {verified}")
        return
    if verified not in ("", "confirmed", "refuted"):
        yield NotUnderstood(found.place, f"{name}: {verified!r} is no verification status of FHIR")
        return
    meant = list(desk.book.meant(condition.code))
    if not meant:
        yield NotUnderstood(found.place, _why_nothing(condition, desk))
    elif verified == "refuted":
        yield from _refuted(found, meant, name)
    else:
        yield from _stated(found, condition, meant, desk)


def _why_nothing(condition: Condition, desk: Desk) -> str:
    name = name_of(condition.code)
    hint = desk.book.hint(condition.code)
    if hint:
        return f"{name}: {hint}"
    if not any(system in ("icd-10-cm", "snomed-ct") for system, _ in codes_of(condition.code)):
        return f"{name}: it has no ICD-10-CM or SNOMED CT code"
    return f"{name}: no fact needs this diagnosis"


def _refuted(found: Found, meant: list[Meant], name: str) -> Iterator[Finding]:
    ruled_out = [each for each in meant if each.whole and each.entry.value is True]
    for each in ruled_out:
        yield Claim(each.entry.fact, False, found.place, refuted=True)
    if not ruled_out:
        why = f"{name}: refuted, but the code covers only a part of the fact {meant[0].entry.fact}"
        yield NotUnderstood(found.place, why)


def _stated(
    found: Found, condition: Condition, meant: list[Meant], desk: Desk
) -> Iterator[Finding]:
    onset = desk.moment(condition.onset_date_time) or desk.start(condition.onset_period)
    recorded = desk.moment(condition.recorded_date)
    began = onset or recorded
    if began and began.earliest > desk.clock.at:
        yield NotUnderstood(
            found.place, f"{name_of(condition.code)}: begins after the moment asked about"
        )
        return
    active = _is_active(condition)
    if active is None:
        status = code_in(condition.clinical_status)
        yield NotUnderstood(found.place, f"{status!r} is no clinical status that fits the entry")
        return
    results = [_say(found, each.entry, active, onset, recorded, desk) for each in meant]
    claims = [each for each in results if isinstance(each, Claim)]
    yield from claims or results[:1]


def _is_active(condition: Condition) -> bool | None:
    status = code_in(condition.clinical_status)
    abated = condition.abatement_date_time or condition.abatement_period or any(
        (condition.abatement_string, condition.abatement_age, condition.abatement_range)
    )  # fmt: skip
    if status in ACTIVE:
        return None if abated else True
    if status in NOT_ACTIVE:
        return False
    return None if status else not abated


def _say(
    found: Found,
    entry: ConditionCodes,
    active: bool,
    onset: Moment | None,
    recorded: Moment | None,
    desk: Desk,
) -> Finding:
    began = onset or recorded
    if entry.weeks_since:
        return _weeks_since(found, entry, onset, desk)
    if entry.within_months is not None:
        return _recent(found, entry, began, desk)
    if entry.tense == "ever" or (entry.tense == "past" and not active):
        return Claim(entry.fact, entry.value, found.place)
    if entry.tense == "past":
        return NotUnderstood(
            found.place, f"the entry is active, and {entry.fact} is about the past"
        )
    if not active:
        why = f"the entry is not active; {entry.fact} is about now, and stays unknown"
        return NotUnderstood(found.place, why)
    if entry.tense == "acute":
        return Claim(entry.fact, entry.value, found.place, at=recorded or onset)
    return Claim(entry.fact, entry.value, found.place, said=recorded or onset)


def _weeks_since(found: Found, entry: ConditionCodes, onset: Moment | None, desk: Desk) -> Finding:
    if onset is None or not onset.is_a_day:
        why = f"the day on which it began is not recorded, so {entry.fact} stays unknown"
        return NotUnderstood(found.place, why)
    at = desk.clock.at
    weeks = (at.date() - onset.earliest.astimezone(at.tzinfo).date()).days / WEEK_DAYS
    now = Moment(at, at)
    return Claim(entry.fact, weeks, found.place, at=now, said=onset)


def _recent(found: Found, entry: ConditionCodes, began: Moment | None, desk: Desk) -> Finding:
    months = entry.within_months or 0
    since = _months_before(desk.clock.at, months)
    if began is None or (began.earliest < since <= began.latest):
        why = f"it is not recorded whether it was within {months} months, so {entry.fact} stays unknown"
        return NotUnderstood(found.place, why)
    if began.latest < since:
        why = f"it was more than {months} months ago; that says nothing of {entry.fact}"
        return NotUnderstood(found.place, why)
    return Claim(entry.fact, entry.value, found.place)


def _months_before(at: datetime, months: int) -> datetime:
    count = at.year * MONTHS_A_YEAR + at.month - 1 - months
    year, month = divmod(count, MONTHS_A_YEAR)
    day = at.day
    while True:
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            day -= 1
