"""The lines of worklists: rows of several kinds in one shape, so that a list is one question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    CharField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from overstory.clinic.people.models import Clinic
from overstory.clinic.safety.models import Alert
from overstory.clinic.worklists.models import Owned

SHAPE = (
    "it_kind", "it_row", "it_person", "it_name", "it_called", "it_zone", "it_more", "it_code",
    "it_since", "it_due", "it_owner", "it_owner_name",
    "it_alert",
)  # fmt: skip
FIRST_DUE = ("it_due", "it_since", "it_row")


@dataclass(frozen=True, slots=True)
class Row:
    """One line as it is read: what stands in it, of whom, since when, until when, and who owns it."""

    kind: str
    row: UUID
    person: UUID
    name: str
    called: str
    zone: str
    more: str
    code: str
    since: datetime
    due: datetime
    owner: UUID | None
    owner_name: str | None
    has_alert: bool


@dataclass(frozen=True, slots=True)
class Part:
    """
    One kind of row in a list.

    `rows` are those of a clinic that stand in it at a moment. The others name columns: of the person,
    of what more is said, of since when it waits and of when it is due, and of who owns it where nobody
    took it. `lasts` is added to the column of when it is due.
    """

    kind: str
    rows: Callable[[Clinic, datetime], QuerySet[Any]]
    person: str
    since: str
    due: str
    more: str = ""
    code: str = ""
    owner: str = ""
    lasts: timedelta | None = None

    def shaped(self, listed: str, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return rows in the shape that all parts share, each with its owner."""
        person = f"{self.person}__"
        found: QuerySet[Any] = rows.order_by().annotate(
            it_kind=Value(self.kind, output_field=CharField()),
            it_row=F("pk"),
            it_person=F(f"{person}pk"),
            it_name=F(f"{person}legal_name"),
            it_called=F(f"{person}called"),
            it_zone=F(f"{person}site__time_zone"),
            it_more=F(self.more) if self.more else Value("", output_field=CharField()),
            it_code=F(self.code) if self.code else Value("", output_field=CharField()),
            it_since=F(self.since),
            it_due=self._due(),
            it_alert=self._alert(),
            **self._owner(listed),
        )
        return found

    def _alert(self) -> Any:
        """Whether an alert is open about the human, whichever of their rows it or the line names."""
        row, kept = OuterRef(f"{self.person}__pk"), OuterRef(f"{self.person}__merged_into")
        of = Q(person=row) | Q(person=kept)
        of |= Q(person__merged_into=row) | Q(person__merged_into=kept)
        return Exists(Alert.objects.filter(of, closed_at=None))

    def _due(self) -> Any:
        due: Any = Cast(F(self.due), DateTimeField())
        if self.lasts is not None:
            due = ExpressionWrapper(F(self.due) + self.lasts, output_field=DateTimeField())
        return due

    def _owner(self, listed: str) -> dict[str, Any]:
        taken = Owned.objects.filter(listed=listed, row=OuterRef("pk"), until=None)
        key: Any = Subquery(taken.values("owner")[:1], output_field=UUIDField())
        name: Any = Subquery(taken.values("owner__called")[:1], output_field=CharField())
        if self.owner:
            key = Coalesce(key, F(f"{self.owner}__pk"))
            name = Coalesce(name, F(f"{self.owner}__called"))
        return {"it_owner": key, "it_owner_name": name}


def read(
    parts: Sequence[Part],
    listed: str,
    clinic: Clinic,
    now: datetime,
    *,
    of: str = "all",
    reader: UUID | None = None,
) -> QuerySet[Any, tuple[Any, ...]]:
    """Return the lines of a list, not yet asked, the first due first: all, the reader's, or nobody's."""
    wanted = {"mine": Q(it_owner=reader), "nobody": Q(it_owner=None)}.get(of, Q())
    shaped = [
        part.shaped(listed, part.rows(clinic, now)).filter(wanted).values_list(*SHAPE)
        for part in parts
    ]
    every = shaped[0].union(*shaped[1:], all=True) if len(shaped) > 1 else shaped[0]
    ordered: QuerySet[Any, tuple[Any, ...]] = every.order_by(*FIRST_DUE)
    return ordered


def read_first(
    lists: Mapping[str, Sequence[Part]], clinic: Clinic, now: datetime, *, most: int
) -> dict[str, list[Row]]:
    """Return the first due lines of several lists, at most so many of each, in one query."""
    shaped = [
        _of(_first_due(part.shaped(listed, part.rows(clinic, now)), most), listed)
        for listed, parts in lists.items()
        for part in parts
    ]
    found: dict[str, list[Row]] = {listed: [] for listed in lists}
    if shaped:
        for listed, *held in shaped[0].union(*shaped[1:], all=True).order_by(*FIRST_DUE):
            found[listed].append(Row(*held))
    return {listed: rows[:most] for listed, rows in found.items()}


def _first_due(rows: QuerySet[Any], most: int) -> QuerySet[Any]:
    """Return the first due of rows in the shape; a part of a union has no limit of its own in SQLite."""
    return rows.filter(pk__in=rows.order_by(*FIRST_DUE).values("pk")[:most])


def _of(rows: QuerySet[Any], listed: str) -> QuerySet[Any, tuple[Any, ...]]:
    named = Value(listed, output_field=CharField())
    found: QuerySet[Any, tuple[Any, ...]] = rows.annotate(it_listed=named)
    return found.values_list("it_listed", *SHAPE)


def age_words(since: datetime, now: datetime) -> str:
    """Return for how long something waits: `12 min`, `5 h`, `3 days`; nothing for what is to come."""
    minutes = int((now - since).total_seconds() // 60)
    if minutes < 0:
        return ""
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"
