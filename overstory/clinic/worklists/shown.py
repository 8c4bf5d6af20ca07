"""A line of a worklist as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from overstory.clinic.care.adopted import InForce
from overstory.clinic.ui.addresses import address_of
from overstory.clinic.ui.templatetags.overstory import day, treatment, when
from overstory.clinic.worklists.lines import Row, age_words
from overstory.knowledge.load import Knowledge
from overstory.pathway.consent import consent_policy, ends_at

DAYS = frozenset({"unsigned", "unbooked"})
"""What is due on a day, not at a moment."""
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Line:
    """
    Whose line it is, what waits, until when, for how long, and who owns it; `tone` colours it.

    `next_step` is where one goes on with it without its own page between, empty where that page is the way.
    """

    row: UUID
    address: str
    next_step: str
    name: str
    what: str
    due: str
    word: str
    tone: str
    age: str
    owner: UUID | None
    owner_name: str
    has_alert: bool


def line_of(row: Row, *, now: datetime, force: InForce) -> Line:
    """Return a row in words."""
    due, is_over = _due(row, now, force.knowledge)
    word, tone = _standing(row, is_over)
    return Line(
        row=row.row,
        address=_address(row),
        next_step=address_of("book_course", row.person, row.row) if row.kind == "unbooked" else "",
        name=_name(row),
        what=_what(row, force.knowledge),
        due=due,
        word=word,
        tone=tone,
        age=_age(row, now),
        owner=row.owner,
        owner_name=row.owner_name or "",
        has_alert=bool(row.has_alert),
    )


def _name(row: Row) -> str:
    if set(row.called.casefold().split()) <= set(row.name.casefold().split()):
        return row.name
    return f"{row.called} ({row.name})"


def _due(row: Row, now: datetime, knowledge: Knowledge) -> tuple[str, bool]:
    """Return until when, in words, and whether that is over."""
    if row.kind in DAYS:
        on = row.due.astimezone(UTC).date()
        return f"starts {day(on)}", on < now.astimezone(ZoneInfo(row.zone)).date()
    ends = row.due
    if row.kind == "unchosen":
        return f"assessed {when(ends, row.zone)}", False
    if row.kind == "measure":
        last = (ends.astimezone(ZoneInfo(row.zone)) - MOMENT).date()
        return f"{'was due' if ends <= now else 'due'} by {day(last)}", ends <= now
    if row.kind == "consent":
        ends = ends_at(row.since, ZoneInfo(row.zone), consent_policy(knowledge))
    verbs = ("link works until", "link ended") if row.kind == "sent" else ("ends", "ended")
    return f"{verbs[ends <= now]} {when(ends, row.zone)}", ends <= now


def _age(row: Row, now: datetime) -> str:
    age = age_words(row.since, now)
    if not age:
        return ""
    since = {"sent": "sent", "consent": "signed", "fact": "told", "unsigned": "drafted",
             "unbooked": "signed", "unchosen": "assessed"}.get(row.kind, "opened")  # fmt: skip
    return f"{since} {age} ago"


def _standing(row: Row, is_over: bool) -> tuple[str, str]:
    words = {
        "measure": ("missing", "due"),
        "sent": ("not handed in", "sent"),
        "unchosen": ("no choice yet", "no choice yet"),
        "unsigned": ("start has passed", "not signed"),
        "unbooked": ("start has passed", "not booked"),
    }.get(row.kind, ("ended", "ends soon"))
    return (words[0], "stop") if is_over else (words[1], "info")


def _what(row: Row, knowledge: Knowledge) -> str:
    if row.kind in {"unsigned", "unbooked"}:
        return treatment(row.more)
    if row.kind == "unchosen":
        return "No choice recorded"
    if row.kind == "consent":
        return f"Consent, {treatment(row.more)}"
    if row.kind == "fact":
        return _first_large(knowledge.facts[row.more].label)
    if row.kind == "sent":
        packs = knowledge.sections["packs"]
        return next((each.name for each in packs if each.id == row.more), row.more)
    scales = {each.id: each.short or each.title for each in knowledge.sections["scales"]}
    named = ", ".join(scales.get(each, each) for each in row.more.split())
    others = ", ".join(scales.get(each, each) for each in row.code.split())
    return f"{named} (the plan also names {others})" if others else named


def _first_large(words: str) -> str:
    return words[:1].upper() + words[1:]


def _address(row: Row) -> str:
    if row.kind in {"unsigned", "unbooked"}:
        return address_of("plan", row.person, row.row)
    if row.kind == "unchosen":
        return address_of("board", row.person)
    if row.kind == "consent":
        return address_of("consent", row.person, row.row)
    if row.kind == "fact":
        return f"{address_of('facts', row.person)}{row.more}/"
    if row.kind == "sent":
        return address_of("questionnaire", row.person, row.row)
    return address_of("person_questionnaires", row.person)
