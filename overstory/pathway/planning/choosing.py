"""Which protocol a plan is of: the one that was named, or the default that fits the person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from overstory.engine.facts import Facts
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocols import Combination, Protocol
from overstory.knowledge.shapes.rules import TreatmentId
from overstory.knowledge.shapes.shared import Jurisdiction
from overstory.pathway.planning.refusals import PlanRefusedError, PlanWishError
from overstory.pathway.protocols import (
    Judged,
    NoProtocolError,
    Refusal,
    combination_of,
    default_protocol,
    fits_age,
    judge,
    protocol_named,
)
from overstory.pathway.suitability import COMBINATION, Assessment, TreatmentAssessment
from overstory.pathway.verdicts import ORDER

FORMS = ("esketamine", "ketamine-iv")
"""The forms of ketamine that may come before TMS, the one that is taken where they tie first."""


@dataclass(frozen=True, slots=True)
class Named:
    """What was named: protocols, and the forms of ketamine that they or a combination begin with."""

    protocols: tuple[Protocol, ...]
    forms: frozenset[str]


def parts_of(
    *, treatment: TreatmentId, forms: Iterable[str], assessment: Assessment
) -> tuple[TreatmentAssessment, ...]:
    """
    Return the components of a treatment as they are assessed, in the order in which they are given.

    Of the two forms of ketamine before TMS it is the one that was named, by a protocol or by the name of
    a combination, else the better verdict; esketamine where they tie.
    """
    by_name = {each.treatment: each for each in assessment.treatments}
    if treatment != COMBINATION:
        return (by_name[treatment],)
    both = [by_name[form] for form in FORMS]
    wished = [each for each in both if each.treatment in set(forms)]
    best = max(wished or both, key=lambda form: ORDER.index(form.verdict))
    return best, by_name["tms"]


def named_protocols(
    *, wanted: Sequence[str], treatment: TreatmentId, knowledge: Knowledge
) -> Named:
    """
    Return what was named: protocols, each of the treatment or of a part of the combination.

    The name of a combination stands for the form of ketamine that it begins with.

    :raises PlanWishError: for one that does not exist, is of another treatment, or one too many.
    """
    first = {each.id: each.first for each in knowledge.sections.get("combinations", ())}
    combined = [name for name in wanted if name in first and treatment == COMBINATION]
    found = [_named(name, treatment, knowledge) for name in wanted if name not in combined]
    forms = {first[name] for name in combined}
    forms |= {each.treatment for each in found if each.treatment in FORMS}
    several = {each.treatment for each in found}
    if len(several) < len(found) or len(combined) > 1 or len(forms) > 1:
        raise PlanWishError(f"{', '.join(wanted)}: a plan has one protocol of each component")
    return Named(tuple(found), frozenset(forms))


def _named(name: str, treatment: TreatmentId, knowledge: Knowledge) -> Protocol:
    try:
        found = protocol_named(protocol_id=name, knowledge=knowledge)
    except NoProtocolError as error:
        raise PlanWishError(str(error)) from None
    allowed = {treatment} if treatment != COMBINATION else {*FORMS, "tms"}
    if found.treatment not in allowed:
        raise PlanWishError(
            f"{name} is a protocol of {found.treatment}, not of {treatment}; "
            f"see overstory protocols list --treatment {treatment}"
        )
    return found


def choose(
    *,
    part: TreatmentAssessment,
    named: Sequence[Protocol],
    facts: Facts,
    knowledge: Knowledge,
    jurisdiction: Jurisdiction,
) -> Judged:
    """
    Return the protocol of one component, judged, if it may be planned for the person.

    :raises PlanRefusedError: if none fits, or the one that was named or fits may not be planned.
    """
    holds = [each.rule.words.indication or "" for each in part.indications if each.answer]
    age = facts["age_years"].value
    years = float(age) if isinstance(age, int | float) else None
    own = [each for each in named if each.treatment == part.treatment]
    if own:
        protocol = own[0]
        _check_meant(protocol, part, holds, years)
    else:
        protocol = _default(part, holds, years, knowledge, jurisdiction)
    judged = judge(protocol=protocol, knowledge=knowledge, jurisdiction=jurisdiction)
    if judged.refusals:
        says = " ".join(each.says for each in judged.refusals)
        raise _refused(
            part, f"{protocol.id} may not be planned here: {says}", protocol.id, judged.refusals
        )
    return judged


def _default(
    part: TreatmentAssessment,
    holds: Sequence[str],
    years: float | None,
    knowledge: Knowledge,
    jurisdiction: Jurisdiction,
) -> Protocol:
    try:
        return default_protocol(
            knowledge=knowledge,
            treatment=part.treatment,  # type: ignore[arg-type]  # it is one of them
            jurisdiction=jurisdiction,
            indications=holds,
            age_years=years,
        )
    except NoProtocolError as error:
        raise _refused(part, str(error)) from None


def _check_meant(
    protocol: Protocol, part: TreatmentAssessment, holds: Sequence[str], years: float | None
) -> None:
    """Refuse a protocol that is for another indication or age than the person's."""
    if protocol.indications and not set(holds) & set(protocol.indications):
        raise _refused(
            part,
            f"{protocol.id} is for {' or '.join(protocol.indications)}; what is indicated here is "
            f"{', '.join(holds)}",
            protocol.id,
        )
    if not fits_age(protocol, years):
        raise _refused(part, f"{protocol.id} is for another age", protocol.id)


def combination_with(*, first: str, knowledge: Knowledge) -> Combination:
    """Return the combination that begins with a form of ketamine."""
    return combination_of(first=first, knowledge=knowledge)  # type: ignore[arg-type]  # it is one of them


def _refused(
    part: TreatmentAssessment, says: str, protocol: str = "", reasons: tuple[Refusal, ...] = ()
) -> PlanRefusedError:
    return PlanRefusedError(
        treatment=part.treatment,
        verdict=part.verdict,
        says=says,
        protocol=protocol,
        reasons=reasons,
    )
