"""The open holds of courses, in one list: everything that keeps a session from being confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import cached_property
from typing import Any
from uuid import UUID

from overstory.clinic.care.adopted import InForce
from overstory.clinic.care.consenting import standing_in
from overstory.clinic.care.consenting_rows import Consent
from overstory.clinic.care.deciding import ShownReason, Unsettled, against_in, unsettled_in
from overstory.clinic.care.living_holds import CLOSABLE, OF_THE_PLAN, HoldHere, holds_with
from overstory.clinic.holds.knowing import Known, known_of
from overstory.clinic.holds.models import HoldRow
from overstory.clinic.holds.needing import Needing, why_of
from overstory.clinic.holds.paying import payment_hold, payments
from overstory.clinic.holds.units import Allowance
from overstory.clinic.holds.values import (
    Coming,
    Course,
    CourseHolds,
    Hold,
    Kind,
    SessionHolds,
    Way,
    ordered,
)
from overstory.clinic.ui.templatetags.overstory import TREATMENTS, VERDICTS, day, when
from overstory.engine.facts import Unknown
from overstory.knowledge.shapes.consent import ConsentPolicy
from overstory.pathway.consent import Session, consent_policy
from overstory.pathway.suitability import TreatmentAssessment
from overstory.pathway.verdicts import PERMITTING

NOON = time(12)
"""A session without an appointment is judged as if it stood at this time of its day."""
SETTING = "rems-setting"
"""The need of the knowledge that a site's enrolment is part of."""
NEVER = frozenset({"contraindicated", "not-indicated"})
"""What keeps a course from going on too; the rest is looked at on each day of a course that has begun."""
PLAN_KINDS = {"unverified": Kind.UNVERIFIED, "decision": Kind.DECISION}
AGAINST_KINDS = frozenset({"contraindication", "defer"})


def holds_of_courses(
    courses: Sequence[Course], *, force: InForce, at: datetime
) -> dict[UUID, CourseHolds]:
    """
    Return the holds of every session to come, by plan; worked out from rows, facts and the moment.

    A number of queries that does not grow with the courses.
    """
    known = known_of(courses, force=force, at=at)
    return {
        each.plan.pk: _Listing(each, known[each.plan.person.pk], force, at).holds()
        for each in courses
    }


@dataclass
class _Listing:
    """The holds of one course being worked out."""

    course: Course
    known: Known
    force: InForce
    at: datetime
    open_decisions: dict[str, tuple[Unsettled, ...]] = field(default_factory=dict)

    def holds(self) -> CourseHolds:
        """Return the holds of each session to come."""
        sessions = tuple(
            SessionHolds(each, ordered(tuple(self._of(each, is_first=not n))))
            for n, each in enumerate(self.course.coming)
        )
        return CourseHolds(self.course, sessions)

    def _of(self, coming: Coming, *, is_first: bool) -> Iterable[Hold]:
        yield payment_hold(coming, self.known, self._payments, self._today)
        yield from self._enrolments(coming)
        yield from self._consents(coming)
        yield from self._suitability(coming)
        yield from self._decisions(coming)
        yield from self._of_plan(coming)
        yield from self._needing.holds(coming, is_first=is_first)

    @cached_property
    def _today(self) -> date:
        return self.at.astimezone(self.course.plan.person.site.zone).date()

    @cached_property
    def _payments(self) -> Mapping[object, Allowance]:
        return payments(self.course, self.known)

    @cached_property
    def _needing(self) -> Needing:
        entries = self.force.knowledge.sections["session_needs"]
        return Needing(
            self.course, self.known, self.force.knowledge, {each.id: each for each in entries}
        )

    def _needs(self, coming: Coming, kind: str) -> list[Mapping[str, Any]]:
        """The needs of a kind that the plan lists for a treatment, at whichever of its sessions."""
        return [
            need
            for each in self.course.plan.content["sessions"]
            if each["treatment"] == coming.treatment
            for need in each["needs"]
            if need["kind"] == kind
        ]

    def _enrolments(self, coming: Coming) -> Iterable[Hold]:
        """The person and the site in the safety programme, where the plan's knowledge asks for it."""
        need = next(iter(self._needs(coming, "enrolment")), None)
        if need is None:
            return
        yield self._enrolment(
            coming, need, self.known.enrolments, way=Way.ENROL_PERSON, owner="prescriber",
            says=need["says"], closes="Type the enrolment of the person, signed by both.",
        )  # fmt: skip
        setting = [each for each in self._needs(coming, "equipment") if each["id"] == SETTING]
        yield self._enrolment(
            coming, setting[0] if setting else need, self.known.of_site, way=Way.ENROL_SITE,
            owner="medical director or manager", closes="Type the enrolment of the site.",
            says=f"{self.course.plan.person.site.name} is enrolled in the programme as a setting.",
        )  # fmt: skip

    def _enrolment(
        self, coming: Coming, need: Mapping[str, Any], rows: Iterable[HoldRow], *, way: Way,
        owner: str, says: str, closes: str,
    ) -> Hold:  # fmt: skip
        found = [
            each
            for each in rows
            if each.treatment == coming.treatment
            and each.first_day is not None
            and each.first_day <= coming.day
        ]
        row = found[-1] if found else None
        return Hold(
            id=f"{way}.{coming.treatment}", kind=Kind.ENROLMENT, says=says, why=why_of(need),
            owner=owner, closes=closes, by=coming.day, way=way, is_open=row is None,
            told=f"Number {row.number}, signed {day(row.first_day)}." if row else "",
            treatment=coming.treatment,
        )  # fmt: skip

    def _consents(self, coming: Coming) -> Iterable[Hold]:
        """The consents that count on the day: of what is given, and of the combination."""
        plan = self.course.plan
        if self._needs(coming, "consent"):
            route = (coming.session.get("dose") or {}).get("route", "")
            yield self._consent(coming, coming.treatment, route)
        if plan.treatment not in self.course.parts and self._asks_consent:
            yield self._consent(coming, plan.treatment, "")

    @cached_property
    def _asks_consent(self) -> bool:
        sessions = self.course.plan.content["sessions"]
        return any(need["kind"] == "consent" for each in sessions for need in each["needs"])

    def _consent(self, coming: Coming, treatment: str, route: str) -> Hold:
        zone = self.course.plan.person.site.zone
        starts = coming.starts or datetime.combine(coming.day, NOON, tzinfo=zone)
        rows: Iterable[Consent] = (
            each
            for each in self.known.consents
            if each.treatment == treatment and each.signed_at <= self.at
        )
        row = standing_in(rows, Session(starts=starts, zone=zone, route=route), self._policy)
        name = TREATMENTS[treatment]
        said = f"{row.typed_name}, {when(row.signed_at, zone.key)}." if row else ""
        return Hold(
            id=f"consent.{treatment}", kind=Kind.CONSENT, treatment=treatment,
            says=f"{name}: {'consent' if row else 'no consent that counts on that day'}.",
            why="The consent policy in force (site-policy)", owner="whoever takes consent",
            closes="Take the consent with the person, before the day.", by=coming.day,
            way=Way.SIGN_CONSENT, is_open=row is None, told=said,
        )  # fmt: skip

    @cached_property
    def _policy(self) -> ConsentPolicy:
        return consent_policy(self.force.knowledge)

    def _suitability(self, coming: Coming) -> Iterable[Hold]:
        """What the facts of now say against the treatment, or leave open."""
        for found in self._treatments(coming):
            verdict = found.verdict.value
            if found.verdict in PERMITTING:
                continue
            says = f"{TREATMENTS[found.treatment]}, by what is known now: "
            yield Hold(
                id=f"suitability.{found.treatment}", kind=Kind.SUITABILITY,
                says=f"{says}{VERDICTS[verdict][0].lower()}. {self._because(found)}".strip(),
                why="The rules on the board, each with its source", owner="prescriber",
                closes="See the board: answer or fix it, or change the plan.", by=coming.day,
                way=Way.BOARD, is_open=True, treatment=found.treatment,
                keeps=verdict in NEVER or not self._is_of_the_day(found.asks),
            )  # fmt: skip

    def _because(self, found: TreatmentAssessment) -> str:
        """The rules that stand against a treatment; where none is known to, what is to be asked."""
        rules = dict.fromkeys(
            each.rule.words.says
            for each in found.rules
            if each.answer is True and each.rule.kind in AGAINST_KINDS
        )
        if rules:
            return " ".join(rules)
        vocabulary = self.force.knowledge.vocabulary
        asks = ", ".join(vocabulary[each].label for each in found.asks)
        return f"To ask: {asks}." if asks else ""

    def _decisions(self, coming: Coming) -> Iterable[Hold]:
        """What is left to a physician and not written, or was decided against."""
        against = self._against
        for found in self._treatments(coming):
            for no in against[found.treatment]:
                yield self._decision(
                    coming, found, f"against.{no.row.rule}", Kind.DECISION,
                    f"{no.row.by.name} decided against it: {no.says}",
                )  # fmt: skip
            ruled = {no.row.rule for no in against[found.treatment]}
            for each in self._unsettled(found.treatment):
                if each.rule in ruled:
                    continue
                kind = Kind.QUESTION if each.is_unknown else Kind.DECISION
                asks = next((x.asks for x in found.rules if x.rule.id == each.rule), ())
                made = self._decision(coming, found, each.rule, kind, f"{each.says} ({each.why})")
                keeps = kind is Kind.DECISION or not self._is_of_the_day(asks)
                yield replace(made, keeps=keeps)

    def _is_of_the_day(self, asks: Sequence[str]) -> bool:
        """
        Whether what is unknown is asked again on the day itself.

        It is in a course that has begun, and where every answer was known and only grew too old: a plan
        lists those with the session on whose day they are asked again.
        """
        facts = self.known.assessed.gathered.facts
        stale = bool(asks) and all(facts[each].unknown is Unknown.STALE for each in asks)
        return self.course.begun or stale

    @cached_property
    def _against(self) -> Mapping[str, tuple[ShownReason, ...]]:
        return against_in(self.known.reasons, self.known.assessed.assessment)

    def _unsettled(self, treatment: str) -> tuple[Unsettled, ...]:
        if treatment not in self.open_decisions:
            found = unsettled_in(self.known.reasons, treatment, self.known.assessed.assessment)
            self.open_decisions[treatment] = tuple(found)
        return self.open_decisions[treatment]

    def _decision(
        self, coming: Coming, found: TreatmentAssessment, name: str, kind: Kind, says: str
    ) -> Hold:
        sources = next(
            (each.rule.sources for each in found.rules if f"{name}".endswith(each.rule.id)), ()
        )
        said = "; ".join(f"{each.id}, {each.at}" if each.at else each.id for each in sources)
        answer = kind is Kind.QUESTION
        return Hold(
            id=f"decision.{found.treatment}.{name}", kind=kind, says=says,
            why=said or "The rules on the board", owner="nurse" if answer else "prescriber",
            closes="Answer the question on the board."
            if answer
            else "A prescriber writes on the board whether they go on, and why.",
            by=coming.day, way=Way.BOARD, is_open=True, treatment=found.treatment,
        )  # fmt: skip

    def _treatments(self, coming: Coming) -> list[TreatmentAssessment]:
        """The component that is given, and the combination where the plan is one."""
        wanted = {coming.treatment, self.course.plan.treatment}
        return [
            each for each in self.known.assessed.assessment.treatments if each.treatment in wanted
        ]

    def _of_plan(self, coming: Coming) -> Iterable[Hold]:
        """What the plan itself holds: parts that nobody verified, decisions, what a draft waits for."""
        for each in self._plan_holds:
            if not ({OF_THE_PLAN, coming.n} & set(each.of)):
                continue
            is_open = bool({OF_THE_PLAN, coming.n} & set(each.open_for))
            closed = [row for row in each.closed if row.n in {None, coming.n}]
            zone = self.course.plan.person.site.time_zone
            yield Hold(
                id=f"plan.{each.id}", kind=PLAN_KINDS.get(each.why, Kind.QUESTION), says=each.says,
                why=each.cites or "The plan", owner="prescriber", closes=each.closes,
                by=coming.day, is_open=is_open,
                way=Way.CLOSE if each.why in CLOSABLE else Way.PLAN,
                told="; ".join(f"{row.words} ({row.by.name}, {when(row.at, zone)})" for row in closed),
                need=each.id, treatment=coming.treatment,
            )  # fmt: skip

    @cached_property
    def _plan_holds(self) -> tuple[HoldHere, ...]:
        return holds_with(self.course.plan, self.known.closings[self.course.plan.pk])
