"""How far someone is on the way from the evaluation to a booked course, worked out from rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from overstory.clinic.care.adopted import InForce
from overstory.clinic.care.asked_so_far import Asked, asked_so_far, columns
from overstory.clinic.care.choosing_actions import NOT_YET
from overstory.clinic.care.choosing_rows import Choice
from overstory.clinic.care.decided import Assessment
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May, allowed
from overstory.clinic.people.staff import Staff
from overstory.clinic.ui.templatetags.overstory import TREATMENTS, day, when
from overstory.pathway.consent import Session, Signature, Standing, consent_policy, standing_of
from overstory.pathway.planning.choosing import FORMS
from overstory.pathway.suitability import COMBINATION

STANDS = frozenset({Standing.STANDS, Standing.TOO_LATE})
"""A signature that counts now, or from the next day on."""
BOOKED = ("booked", "done")
OF_CHOICE = ("option", "look_again_on")
OF_CONSENT = tuple(
    f"consents__{each}" for each in ("treatment", "route", "signed_at", "withdrawal__at")
)
OF_PLAN = ("pk", "n", "treatment", "signed_at", "booked", "tentative")


Signatures: TypeAlias = Mapping[str, Standing]
"""How the newest signature of each treatment stands now."""


class Stage(StrEnum):
    """How a step stands: done, done but only tentative, the next one, to come, or not needed."""

    DONE = "done"
    TENTATIVE = "tentative"
    NEXT = "next"
    LATER = "later"
    NOT_NEEDED = "not-needed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what stands, in words, and where one goes on with it, if the reader may."""

    name: str
    stage: Stage
    says: str
    address: str = ""
    action: str = ""
    needs: May = May.SEE_PLAN


@dataclass(frozen=True, slots=True)
class Progress:
    """
    The five steps, and the treatment that is on its way: chosen or planned; empty for none.

    `is_booked` tells whether any session of its course stands, so that the person can be given a page of it.
    """

    treatment: str
    is_booked: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Stand:
    """What is on record of the way: the newest of each kind."""

    assessed_at: datetime | None
    asked: Asked
    choice: Mapping[str, Any]
    plan: Mapping[str, Any]
    signatures: Signatures
    zone: str

    @property
    def option(self) -> str:
        """What was chosen; empty where nothing was."""
        return str(self.choice.get("option") or "")

    @property
    def treatment(self) -> str:
        """The treatment that is on its way: the plan's, else the one chosen; empty for none."""
        chosen = self.option if self.option in TREATMENTS else ""
        return str(self.plan.get("treatment") or chosen)

    @property
    def lacking(self) -> tuple[str, ...]:
        """
        The treatment of which the consent is still to be signed; none where all are.

        A combination needs that of each part besides its own, of ketamine in one of its forms.
        """
        needed: list[tuple[str, ...]] = [(self.treatment,)]
        if self.treatment == COMBINATION:
            needed += [FORMS, ("tms",)]
        return next((each for each in needed if not self._is_signed(each)), ())

    def _is_signed(self, any_of: tuple[str, ...]) -> bool:
        return any(self.signatures.get(each) in STANDS for each in any_of)

    @property
    def is_over(self) -> bool:
        """Whether the person chose none of the treatments, or not yet, and nothing is planned."""
        return bool(self.option) and not self.treatment


def progress_of(
    person: Person, *, ids: list[UUID], force: InForce, by: Staff, at: datetime
) -> Progress:
    """
    Return the five steps of the way; the first that is not done is the next.

    `ids` are of all rows of this human. A consent counts here if its newest signature does, now or
    from the next day on; whether it counts for a session is asked of that session. One query.
    """
    stand = _stand(person, ids, force, at)
    found = (
        _evaluation(stand, person),
        _choice(stand, person),
        _consent(stand, person),
        _plan(stand, person),
        _course(stand, person),
    )
    may = allowed(by.role_names)
    first = next((each for each in found if each.stage is Stage.LATER), None)
    steps = tuple(
        replace(
            each,
            stage=Stage.NEXT if each is first else each.stage,
            address=each.address if each.needs in may else "",
        )
        for each in found
    )
    return Progress(stand.treatment, bool(stand.plan.get("booked")), steps)


def _evaluation(stand: _Stand, person: Person) -> Step:
    if stand.assessed_at is None:
        asked = stand.asked
        says = "; ".join(each for each in (asked.says, "no assessment is recorded") if each)
        return Step("Evaluation", Stage.LATER, says, asked.address, asked.action, asked.needs)
    board, needs = reverse("board", args=(person.pk,)), May.SEE_BOARD
    says = f"assessed {when(stand.assessed_at, stand.zone)}"
    return Step("Evaluation", Stage.DONE, says, board, "The board of now", needs)


def _choice(stand: _Stand, person: Person) -> Step:
    needs = May.RECORD_CHOICE
    if not stand.option:
        options = reverse("choice", args=(person.pk,))
        return Step("Choice", Stage.LATER, "nothing chosen yet", options, "To the options", needs)
    past = reverse("choice_history", args=(person.pk,))
    says, stage = TREATMENTS.get(stand.option, "none of these treatments"), Stage.DONE
    if stand.option == NOT_YET:
        says = f"not yet; look again on {day(stand.choice['look_again_on'])}"
    if stand.treatment not in {"", stand.option}:
        says, stage = f"{says}; the plan is for {TREATMENTS[stand.treatment]}", Stage.LATER
    return Step("Choice", stage, says, past, "What was said", needs)


def _consent(stand: _Stand, person: Person) -> Step:
    every = reverse("consents", args=(person.pk,))
    if stand.is_over:
        return Step("Consent", Stage.NOT_NEEDED, "nothing to sign")
    if not stand.treatment:
        return Step("Consent", Stage.LATER, "follows the choice", every, "The texts")
    lacking = stand.lacking
    if not lacking:
        says = f"signed for {TREATMENTS[stand.treatment]}"
        return Step("Consent", Stage.DONE, says, every, "What was signed")
    says = f"not signed for {' or '.join(TREATMENTS[each] for each in lacking)}"
    if len(lacking) > 1:
        return Step("Consent", Stage.LATER, says, every, "The texts")
    sign = reverse("consent_sign", args=(person.pk, lacking[0]))
    return Step("Consent", Stage.LATER, says, sign, "Read and sign", May.TAKE_CONSENT)


def _plan(stand: _Stand, person: Person) -> Step:
    plan = stand.plan
    if plan:
        address = reverse("plan", args=(person.pk, plan["pk"]))
        if plan["signed_at"]:
            return Step("Plan", Stage.DONE, f"version {plan['n']} is signed", address, "The plan")
        says = f"version {plan['n']} waits for a signature"
        return Step("Plan", Stage.LATER, says, address, "To the plan")
    if stand.is_over:
        return Step("Plan", Stage.NOT_NEEDED, "nothing to plan")
    asked = f"?treatment={stand.treatment}" if stand.treatment else ""
    address = f"{reverse('plans', args=(person.pk,))}{asked}"
    return Step("Plan", Stage.LATER, "no plan yet", address, "Propose a plan", May.DRAFT_PLAN)


def _course(stand: _Stand, person: Person) -> Step:
    plan = stand.plan
    if stand.is_over:
        return Step("Course", Stage.NOT_NEEDED, "nothing to book")
    if not plan or not plan["signed_at"]:
        return Step("Course", Stage.LATER, "follows a signed plan")
    if not plan["booked"]:
        name = "book_course" if plan["n"] == 1 else "rebook"
        address = reverse(name, args=(person.pk, plan["pk"]))
        says = "nothing is booked"
        return Step("Course", Stage.LATER, says, address, "Book the course", May.BOOK)
    count, waits = plan["booked"], plan["tentative"]
    says = f"{count} session{'s' if count > 1 else ''} booked or done"
    if waits:
        which = "tentative" if waits == count else f"{waits} of them tentative"
        address = reverse("holds", args=(person.pk, plan["pk"]))
        says = f"{says}, {which}: a hold is open"
        return Step("Course", Stage.TENTATIVE, says, address, "What it waits for", May.SEE_PLAN)
    address = reverse("rebook", args=(person.pk, plan["pk"]))
    return Step("Course", Stage.DONE, says, address, "Its appointments", May.BOOK)


def _stand(person: Person, ids: list[UUID], force: InForce, at: datetime) -> _Stand:
    """What is on record, with every signature in a row of its own."""
    assessed = Assessment.objects.filter(person__in=ids).order_by("-at")
    standing = Choice.objects.filter(person__in=ids, is_wish=False, superseded_by=None)
    choices, plans = standing.order_by("-at", "-pk"), _plans(ids)
    rows: list[Mapping[str, Any]] = list(
        Person.objects.filter(pk__in=ids)
        .order_by("-consents__signed_at", "-consents__id")
        .values(
            *OF_CONSENT,
            assessed=Subquery(assessed.values("at")[:1]),
            **columns(ids),
            **{each: Subquery(choices.values(each)[:1]) for each in OF_CHOICE},
            **{f"plan_{each}": Subquery(plans.values(each)[:1]) for each in OF_PLAN},
        )
    )
    plan = {each: rows[0][f"plan_{each}"] for each in OF_PLAN}
    return _Stand(
        assessed_at=rows[0]["assessed"],
        asked=asked_so_far(rows[0], person, at),
        choice=rows[0],
        plan=plan if plan["pk"] else {},
        signatures=_signatures(rows, person, force, at),
        zone=person.site.time_zone,
    )


def _plans(ids: list[UUID]) -> QuerySet[CarePlan, Any]:
    """Return the versions that have not ended, the one in force first, with what is booked of the course."""
    course = CarePlan.objects.filter(course=OuterRef("course")).order_by().values("course")
    taken = Q(appointments__state__in=BOOKED)
    waits = Q(appointments__state="booked", appointments__is_tentative=True)
    return (
        CarePlan.objects.filter(person__in=ids, ended_at=None)
        .annotate(
            booked=Subquery(course.values(found=Count("appointments", taken))),
            tentative=Subquery(course.values(found=Count("appointments", waits))),
        )
        .order_by(F("signed_at").desc(nulls_last=True), "-drafted_at")
    )


def _signatures(
    rows: list[Mapping[str, Any]], person: Person, force: InForce, at: datetime
) -> Signatures:
    """How the newest signature of each treatment stands now."""
    policy = consent_policy(force.knowledge)
    session = Session(starts=at, zone=person.site.zone)
    found: dict[str, Standing] = {}
    for row in rows:
        treatment, *more = (row[each] for each in OF_CONSENT)
        if treatment is not None and treatment not in found:
            found[treatment] = standing_of(Signature(treatment, *more), session, policy)
    return found
