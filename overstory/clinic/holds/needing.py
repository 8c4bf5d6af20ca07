"""What a plan lists for a course and for each session, and whether it is there on that day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from overstory.clinic.holds.knowing import Known
from overstory.clinic.holds.models import HoldRow
from overstory.clinic.holds.values import Coming, Course, Hold, Kind, Way
from overstory.clinic.ui.templatetags.overstory import when
from overstory.engine.evaluate import evaluate
from overstory.engine.facts import Facts
from overstory.engine.reading import read_condition
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocol_surroundings import SessionNeed
from overstory.knowledge.shapes.shared import cites
from overstory.pathway.planning.needs import ASK_AGAIN, fresh_limits

Need = Mapping[str, Any]
"""A need as `overstory.plan/1` has it."""
KINDS = {
    "escort": Kind.ESCORT, "test": Kind.TEST, "check": Kind.CHECK, "fact": Kind.FACT,
    "gate": Kind.GATE, "equipment": Kind.EQUIPMENT,
}  # fmt: skip
"""Needs that are holds by themselves; consent and enrolment are worked out from their own rows."""
OWNERS = {
    Kind.ESCORT: "coordinator", Kind.TEST: "nurse", Kind.CHECK: "prescriber or nurse", Kind.FACT: "nurse",
    Kind.GATE: "nurse", Kind.EQUIPMENT: "nurse",
}  # fmt: skip
BEFORE_COURSE = "before-course"
LATE = frozenset({BEFORE_COURSE, "every-session"})
UNVERIFIED = "recalled"


@dataclass(frozen=True, slots=True)
class Needing:
    """What the needs of one course are judged by."""

    course: Course
    known: Known
    knowledge: Knowledge
    entries: Mapping[str, SessionNeed]
    limits: dict[str, Mapping[str, timedelta]] = field(default_factory=dict)

    @property
    def facts(self) -> Facts:
        """The facts of now."""
        return self.known.assessed.gathered.facts

    def holds(self, coming: Coming, *, is_first: bool) -> Iterable[Hold]:
        """Yield the holds of a session from what the plan lists; those of the course with the first."""
        seen = set()
        before: Iterable[Need] = self.course.plan.content["before_course"]
        with_course = is_first and not self.course.begun
        lists = [(each, True) for each in before if with_course]
        lists += [(each, False) for each in coming.session["needs"]]
        late = self._needed_since(coming)
        lists += [(each, True) for each in late if with_course and self._is_of_course(each)]
        lists += [(each, False) for each in late if not self._is_of_course(each)]
        for need, of_course in lists:
            if need["id"] in seen or not self._holds(need):
                continue
            seen.add(need["id"])
            yield self._hold(need, coming, of_course=of_course or self._is_of_course(need))

    def _holds(self, need: Need) -> bool:
        """Whether a need keeps anything from happening: not advice, not remembered, not for afterwards."""
        if need["kind"] not in KINDS or not need["blocks"] or need["status"] == UNVERIFIED:
            return False
        entry = self.entries.get(need["id"])
        if entry is None or not entry.only_if:
            return True
        condition = read_condition(entry.only_if, self.knowledge.vocabulary)
        return evaluate(condition, self.facts).truth is not False

    def _needed_since(self, coming: Coming) -> list[Need]:
        """What was known to be needless when the plan was made, and is not any more."""
        content = self.course.plan.content
        listed = {each["id"] for each in content["before_course"]}
        listed |= {each["id"] for session in content["sessions"] for each in session["needs"]}
        return [
            need_of(each)
            for each in self.entries.values()
            if each.only_if
            and each.id not in listed
            and each.when in LATE
            and coming.treatment in each.applies_to
            and content["jurisdiction"] in each.jurisdictions
        ]

    def _is_of_course(self, need: Need) -> bool:
        entry = self.entries.get(need["id"])
        return entry is not None and entry.when == BEFORE_COURSE

    def _hold(self, need: Need, coming: Coming, *, of_course: bool) -> Hold:
        kind = KINDS[need["kind"]]
        by_facts = bool(need["facts"]) and kind is not Kind.ESCORT
        missing = self._missing(need, coming) if by_facts else ()
        check = None if by_facts else self._check(need, coming, of_course=of_course)
        is_open = bool(missing) if by_facts else not self._is_met(need, coming, check)
        return Hold(
            id=f"need.{need['id']}",
            kind=kind,
            says=need["says"],
            why=why_of(need),
            owner=OWNERS[kind],
            closes=self._closes(kind, missing, of_course=of_course),
            by=coming.day,
            way=Way.BOARD if by_facts else Way.CHECK,
            is_open=is_open,
            keeps=(of_course or kind is Kind.ESCORT) and not (self.course.begun and not of_course),
            told=self._told(need, check, is_open=is_open),
            treatment=coming.treatment,
            need=need["id"],
            for_day=None if of_course else coming.day,
            row=check.pk if check is not None else None,
            is_against=check is not None and not check.is_clear,
        )

    def _closes(self, kind: Kind, missing: tuple[str, ...], *, of_course: bool) -> str:
        if missing:
            labels = ", ".join(self.knowledge.vocabulary[each].label for each in missing)
            return f"Answer on the board: {labels}."
        if kind is Kind.ESCORT:
            return "Write down who comes, or how they get home."
        return "Write down that it was done." if of_course else "Write it down on the day."

    def _told(self, need: Need, check: HoldRow | None, *, is_open: bool) -> str:
        if check is not None:
            zone = self.course.plan.person.site.time_zone
            found = "" if check.is_clear else "Something stands against it. "
            return f"{found}{check.words} ({check.by.name}, {when(check.at, zone)})"
        return "On record." if not is_open and need["facts"] else ""

    def _missing(self, need: Need, coming: Coming) -> tuple[str, ...]:
        """The facts that are not known now, or will be too old on the day of the session."""
        limits = self._limits(coming.treatment) if need["id"] == ASK_AGAIN else {}
        limit = self._fresh(need)
        return tuple(
            each for each in need["facts"] if not self._is_fresh(each, limits.get(each, limit), coming)
        )  # fmt: skip

    def _limits(self, treatment: str) -> Mapping[str, timedelta]:
        """How long the facts of a treatment's rules stay fresh, worked out once a course."""
        if treatment not in self.limits:
            self.limits[treatment] = fresh_limits(treatment=treatment, knowledge=self.knowledge)
        return self.limits[treatment]

    def _is_fresh(self, name: str, limit: timedelta | None, coming: Coming) -> bool:
        fact = self.facts[name]
        if not fact.is_known:
            return False
        if limit is None:
            return True
        if fact.at is None:
            return False
        true_on = fact.at.astimezone(self.course.plan.person.site.zone).date()
        return timedelta() <= coming.day - true_on <= limit

    def _fresh(self, need: Need) -> timedelta | None:
        """How old a fact or check may be on the day; the plan's own number, else how often it is due."""
        if need["fresh_days"] is not None:
            return timedelta(days=need["fresh_days"])
        entry = self.entries.get(need["id"])
        if entry is not None and entry.repeat_weeks is not None:
            return timedelta(weeks=entry.repeat_weeks.high or entry.repeat_weeks.low)
        return None

    def _check(self, need: Need, coming: Coming, *, of_course: bool) -> HoldRow | None:
        """The last that was written of a need, for the day of the session or for the course."""
        rows = (
            each
            for each in self.known.checks
            if each.course == self.course.plan.course and each.need == need["id"]
        )
        if not of_course:
            return max(
                (each for each in rows if each.for_day == coming.day), key=_order, default=None
            )
        return max((each for each in rows if each.for_day is None), key=_order, default=None)

    def _is_met(self, need: Need, coming: Coming, check: HoldRow | None) -> bool:
        if check is not None and not check.is_clear:
            return False
        if check is not None and (
            check.for_day is not None or self._is_in_time(need, check, coming.day)
        ):
            return True
        return bool(need["facts"]) and all(
            self.facts[each].value is True and self._is_fresh(each, self._fresh(need), coming)
            for each in need["facts"]
        )

    def _is_in_time(self, need: Need, check: HoldRow, day: date) -> bool:
        """Whether a check of the course counts on a day: done by then, and not so long ago that it is due."""
        limit, done_on = self._fresh(need), check.first_day
        if done_on is None or done_on > day:
            return False
        return limit is None or day - done_on < limit


def _order(check: HoldRow) -> tuple[Any, ...]:
    return check.at, str(check.pk)


def need_of(entry: SessionNeed) -> Need:
    """Return a need of the knowledge as a plan lists it."""
    return {
        "id": entry.id,
        "kind": entry.kind,
        "says": entry.says,
        "status": entry.status,
        "facts": entry.facts,
        "fresh_days": entry.fresh_days.value if entry.fresh_days else None,
        "blocks": entry.blocks,
        "sources": [{"id": each.id, "at": each.at} for each in cites(entry.source)],
    }


def why_of(need: Need) -> str:
    """Return the sources and the status of a need, in words."""
    said = "; ".join(
        f"{each['id']}, {each['at']}" if each.get("at") else each["id"] for each in need["sources"]
    )
    return f"{said} ({need['status']})".strip()
