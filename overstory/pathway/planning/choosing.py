"""Which protocol a plan is of: the one that was named, or the default that fits the person."""

from __future__ import annotations

from collections.abc import Sequence

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


def parts_of(
    *, treatment: TreatmentId, named: Sequence[Protocol], assessment: Assessment
) -> tuple[TreatmentAssessment, ...]:
    """
    Return the components of a treatment as they are assessed, in the order in which they are given.

    Of the two forms of ketamine before TMS it is the one that a named protocol is of, else the better
    verdict; esketamine where they tie.
    """
    by_name = {each.treatment: each for each in assessment.treatments}
    if treatment != COMBINATION:
        return (by_name[treatment],)
    forms = [by_name["esketamine"], by_name["ketamine-iv"]]
    wished = [form for form in forms if form.treatment in {each.treatment for each in named}]
    best = max(wished or forms, key=lambda form: ORDER.index(form.verdict))
    return best, by_name["tms"]


def named_protocols(
    *, wanted: Sequence[str], treatment: TreatmentId, knowledge: Knowledge
) -> tuple[Protocol, ...]:
    """
    Return the protocols that were named, each of the treatment or of a part of the combination.

    The name of a combination stands for its form of ketamine and says nothing else.

    :raises PlanWishError: for one that does not exist, is of another treatment, or one too many.
    """
    found = [
        each for each in (_named(name, treatment, knowledge) for name in wanted) if each is not None
    ]
    several = {each.treatment for each in found}
    if len(several) < len(found) or {"esketamine", "ketamine-iv"} <= several:
        raise PlanWishError(f"{', '.join(wanted)}: a plan has one protocol of each component")
    return tuple(found)


def _named(name: str, treatment: TreatmentId, knowledge: Knowledge) -> Protocol | None:
    for each in knowledge.sections.get("combinations", ()):
        if each.id == name and treatment == COMBINATION:
            return None
    try:
        found = protocol_named(protocol_id=name, knowledge=knowledge)
    except NoProtocolError as error:
        raise PlanWishError(str(error)) from None
    allowed = {treatment} if treatment != COMBINATION else {"esketamine", "ketamine-iv", "tms"}
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
