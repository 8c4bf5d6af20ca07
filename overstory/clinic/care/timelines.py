"""What happened with a person, newest first, a window at a time: one query over all that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, F, QuerySet, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import NoReverseMatch, reverse

from overstory.clinic.care.models import (
    Assessment,
    CarePlan,
    ImportedRecord,
    NoteVersion,
    StatedFact,
    StatedTrial,
    WrittenReason,
)
from overstory.clinic.intake.models import CareRequest, Questionnaire, RequestStep
from overstory.clinic.people.doors import StaffRequest
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.clinic.safety.models import Alert
from overstory.clinic.ui.templatetags.overstory import TREATMENTS, day
from overstory.clinic.ui.windows import Window, window
from overstory.knowledge.load import load_knowledge

SIZE = 12
SHAPE = ("it_moment", "it_kind", "it_row", "it_more", "it_who", "it_count")


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One kind of row: its words, its model, and the columns of when, of more words, and of by whom.

    `page` is where one row is read, with the name of its key; `listed` the page that lists them.
    `only` are further conditions on the row.
    """

    name: str
    words: str
    model: Any
    at: str
    more: str = ""
    who: str = ""
    of: str = "person__in"
    page: tuple[str, str] | None = None
    listed: str = ""
    only: tuple[tuple[str, Any], ...] = ()


VISITS: dict[str, Any] = {
    "at": "appointments__made_at", "more": "appointments__wall_date", "listed": "appointments",
    "only": (("appointments__kind", "evaluation"), ("appointments__instead_of", None)),
}  # fmt: skip
"""Evaluation visits, as they were booked first; where one was moved to stands on the page they lead to."""
STEPS = {"taken": "taken", "given": "given to someone", "registered": "registered"}
"""The steps of a request that are told of the person, in words."""
FOR_ALL = (
    Kind("alert", "Alert raised", Alert, "raised_at", "tier", page=("alert", "alert_id")),
    Kind("request", "Asked for care", CareRequest, "received_at", "reason"),
    Kind("request-step", "Request", RequestStep, "at", "what", "by__name",
         of="care_request__person__in", only=(("what__in", tuple(STEPS)),)),
    Kind("asked-visit", "Visit booked with the request", CareRequest, **VISITS),
    Kind("visit", "Visit booked", Person, of="pk__in", **VISITS),
    Kind("questions", "Questionnaire made", Questionnaire, "made_at", "pack", "made_by__name",
         listed="person_questionnaires"),
    Kind("answers", "Questionnaire answered", Questionnaire, "submitted_at", "pack",
         "submitted_by__name", listed="person_questionnaires"),
)  # fmt: skip
FOR_CARE = (
    Kind("assessment", "Assessment recorded", Assessment, "at", "", "by__name",
         page=("assessment", "assessment_id")),
    Kind("import", "Record received", ImportedRecord, "at", "", "by__name",
         page=("imported_record", "record_id")),
    Kind("note", "Note written", NoteVersion, "at", "", "by__name", of="note__person__in",
         listed="notes"),
    Kind("plan", "Plan drafted", CarePlan, "drafted_at", "treatment", "drafted_by__name",
         page=("plan", "plan_id")),
    Kind("reason", "Physician's reason written", WrittenReason, "at", "rule", "by__name",
         listed="board"),
    Kind("trial", "Past medicine recorded", StatedTrial, "recorded_at", "", "by__name",
         listed="ledger"),
)  # fmt: skip
FACTS = Kind("fact", "A fact stated", StatedFact, "recorded_at", listed="facts")
KINDS = {each.name: each for each in (*FOR_ALL, *FOR_CARE, FACTS)}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: when, what in words, by whom, and where to read it."""

    at: datetime
    words: str
    more: str
    who: str
    address: str


def timeline(person: Person, request: StaffRequest, ids: Sequence[UUID]) -> Window:
    """Return a window of what happened that the reader may see, newest first."""
    rows = [_rows(kind, ids) for kind in FOR_ALL]
    if request.user.may(May.SEE_BOARD):
        rows += [_facts(ids), *(_rows(kind, ids) for kind in FOR_CARE)]
    every: Any = rows[0].union(*rows[1:], all=True).order_by("-it_moment", "it_kind", "it_row")
    shown = window(request, every, size=SIZE)
    told = [_happening(person, row) for row in shown.rows]
    return Window(told, shown.number, shown.has_next, shown.query)


def _rows(kind: Kind, ids: Sequence[UUID]) -> QuerySet[Any]:
    """Return the rows of a kind in the shape that all kinds share."""
    found: QuerySet[Any] = kind.model.objects.filter(
        **{kind.of: list(ids), f"{kind.at}__isnull": False}, **dict(kind.only)
    )
    shaped: QuerySet[Any] = (
        found.order_by()
        .annotate(
            it_moment=F(kind.at),
            it_kind=_text(kind.name),
            it_row=Cast("pk", CharField()),
            it_more=Cast(kind.more, CharField()) if kind.more else _text(""),
            it_who=Coalesce(F(kind.who), _text("")) if kind.who else _text(""),
            it_count=Value(1),
        )
        .values(*SHAPE)
    )
    return shaped


def _facts(ids: Sequence[UUID]) -> QuerySet[Any]:
    """Return stated facts, those written together as one."""
    shaped: QuerySet[Any] = (
        StatedFact.objects.of(ids)
        .order_by()
        .values("recorded_at", "by__name")
        .annotate(
            it_moment=F("recorded_at"),
            it_kind=_text(FACTS.name),
            it_row=_text(""),
            it_more=_text(""),
            it_who=Coalesce(F("by__name"), _text("")),
            it_count=Count("pk"),
        )
        .values(*SHAPE)
    )
    return shaped


def _text(words: str) -> Value:
    return Value(words, output_field=CharField())


def _happening(person: Person, row: dict[str, Any]) -> Happening:
    kind, count = KINDS[row["it_kind"]], row["it_count"]
    words = kind.words if count == 1 else f"{count} facts stated"
    more = _more(kind, row["it_more"])
    return Happening(row["it_moment"], words, more, row["it_who"], _address(kind, person, row))


def _more(kind: Kind, code: str) -> str:
    """Return what a row adds in words: the names of treatments, questionnaires and rules."""
    if kind.name == "plan":
        return TREATMENTS.get(code, code)
    if kind.name in ("questions", "answers"):
        packs = load_knowledge().sections["packs"]
        return next((each.name for each in packs if each.id == code), code)
    if kind.name in ("visit", "asked-visit"):
        return f"for {day(code)}"
    if kind.name == "request-step":
        return STEPS[code]
    if kind.name == "reason":
        rules = load_knowledge().rules
        return next((each.words.says for each in rules if each.id == code), code)
    return code.replace("unscreened", "not screened yet") if kind.name == "alert" else code


def _address(kind: Kind, person: Person, row: dict[str, Any]) -> str:
    """Return where to read it, if such a page exists."""
    of_person = {} if kind.name == "alert" else {"person_id": person.pk}
    try:
        if kind.page:
            name, key = kind.page
            return reverse(name, kwargs={**of_person, key: UUID(row["it_row"])})
        return reverse(kind.listed, kwargs=of_person) if kind.listed else ""
    except NoReverseMatch:
        return ""
