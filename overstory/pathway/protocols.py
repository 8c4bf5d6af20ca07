"""Which protocols there are for somebody, and which of them may be planned under a site's policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from overstory.knowledge.load import Knowledge
from overstory.knowledge.protocol_standing import Standing, in_full
from overstory.knowledge.shapes.protocols import Combination, Protocol
from overstory.knowledge.shapes.rules import TreatmentId
from overstory.knowledge.shapes.shared import Cite, Jurisdiction
from overstory.pathway.site_courses import ProtocolChange, groups_of, unverified

SHOWN_ONLY = frozenset({"figures", "decisions", "minutes"})
"""Parts that explain, ask, or follow from the trains; they are shown unverified and hold nothing."""


class NoProtocolError(ValueError):
    """There is no protocol of that name, or none that fits; the message says what there is."""


class Why(StrEnum):
    """Why a protocol may not be planned."""

    NEVER = "never-planned"
    ELSEWHERE = "other-jurisdiction"
    SITE_POLICY = "needs-site-policy"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    One reason why a protocol may not be planned, in words.

    `adopts` names the unverified parts that a site policy has to adopt for it; `sources` are those
    the parts are attributed to.
    """

    why: Why
    says: str
    adopts: tuple[str, ...] = ()
    sources: tuple[Cite, ...] = ()


@dataclass(frozen=True, slots=True)
class ProtocolHold:
    """An unverified part of a protocol that a named clinician verifies before the first order."""

    part: str
    path: str
    says: str
    numbers: tuple[tuple[str, float], ...]
    sources: tuple[Cite, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """
    A protocol, whole, with whether it may be planned.

    `refusals` is empty if it may; `holds` then are what has to be verified before an order;
    `unverified` are all parts that are only recalled; `enabled` is what a site said of it.
    """

    protocol: Protocol
    refusals: tuple[Refusal, ...]
    holds: tuple[ProtocolHold, ...]
    unverified: tuple[Standing, ...]
    enabled: ProtocolChange | None = None

    @property
    def plannable(self) -> bool:
        """Whether a plan of it may be made here."""
        return not self.refusals


def judge(
    *, protocol: Protocol, knowledge: Knowledge, jurisdiction: Jurisdiction | None = None
) -> Judged:
    """
    Return whether a protocol may be planned with the knowledge as the site has it, and why not.

    The knowledge carries the site's policy where it was made by `with_policy`.
    """
    whole = in_full(protocol, knowledge)
    enabled = {each.protocol: each for each in knowledge.sections.get("site_protocols", ())}.get(
        protocol.id
    )
    adopted = frozenset(enabled.adopts) if enabled else frozenset()
    recalled = unverified(whole)
    refusals = tuple(_refusals(whole, jurisdiction, enabled, recalled))
    holds = tuple(
        ProtocolHold(each.group, each.path, each.words, each.numbers, each.sources)
        for each in recalled
        if each.numbers and each.group not in adopted | SHOWN_ONLY
    )
    return Judged(whole, refusals, holds if not refusals else (), recalled, enabled)


def protocol_named(*, protocol_id: str, knowledge: Knowledge) -> Protocol:
    """
    Return the protocol of that id, its course template filled in.

    :raises NoProtocolError: if there is none.
    """
    every: tuple[Protocol, ...] = knowledge.sections.get("protocols", ())
    for each in every:
        if each.id == protocol_id:
            return in_full(each, knowledge)
    raise NoProtocolError(
        f"no protocol is named {protocol_id!r}; there is {', '.join(each.id for each in every)}"
    )


def protocols_of(
    *,
    knowledge: Knowledge,
    treatment: TreatmentId | None = None,
    jurisdiction: Jurisdiction | None = None,
) -> tuple[Protocol, ...]:
    """Return the protocols of a treatment and a jurisdiction, in the order of the knowledge."""
    return tuple(
        in_full(each, knowledge)
        for each in knowledge.sections.get("protocols", ())
        if treatment in (None, each.treatment)
        and (jurisdiction is None or jurisdiction in each.jurisdictions)
    )


def default_protocol(
    *,
    knowledge: Knowledge,
    treatment: TreatmentId,
    jurisdiction: Jurisdiction,
    indications: Iterable[str],
    age_years: float | None,
) -> Protocol:
    """
    Return what is planned where nobody names a protocol.

    It is the first default of the knowledge that is meant for one of the indications and the age.

    :raises NoProtocolError: if no default fits; the message names those that there are.
    """
    wanted = set(indications)
    defaults = [
        each
        for each in protocols_of(
            knowledge=knowledge, treatment=treatment, jurisdiction=jurisdiction
        )
        if each.default
    ]
    for each in defaults:
        if fits_age(each, age_years) and (not each.indications or wanted & set(each.indications)):
            return each
    meant = "; ".join(f"{each.id} is for {_meant(each)}" for each in defaults) or "there is none"
    raise NoProtocolError(f"no default of {treatment} fits in the {jurisdiction}: {meant}")


def fits_age(protocol: Protocol, age_years: float | None) -> bool:
    """Return whether a protocol is meant for an age; one that names none is for every age."""
    ages = protocol.ages
    if ages is None:
        return True
    if age_years is None:
        return False
    above = ages.greatest_years is not None and int(age_years) > ages.greatest_years
    below = ages.least_years is not None and age_years < ages.least_years
    return not (above or below)


def combination_of(*, first: TreatmentId, knowledge: Knowledge) -> Combination:
    """
    Return the combination that begins with a treatment.

    :raises NoProtocolError: if there is none.
    """
    every: tuple[Combination, ...] = knowledge.sections.get("combinations", ())
    for each in every:
        if each.first == first:
            return each
    raise NoProtocolError(
        f"no combination begins with {first}; those that there are begin with "
        f"{', '.join(each.first for each in every)}"
    )


def _refusals(
    protocol: Protocol,
    jurisdiction: Jurisdiction | None,
    enabled: ProtocolChange | None,
    recalled: tuple[Standing, ...],
) -> Iterator[Refusal]:
    if protocol.never:
        yield Refusal(Why.NEVER, protocol.never)
        return
    if jurisdiction is not None and jurisdiction not in protocol.jurisdictions:
        yield Refusal(Why.ELSEWHERE, f"It is for the {' and the '.join(protocol.jurisdictions)}.")
    if enabled is not None:
        return
    deciding = [each for each in recalled if each.decides]
    groups = groups_of(deciding)
    if protocol.site_enabled:
        yield Refusal(Why.SITE_POLICY, "Only a site policy that names it enables it.", groups)
    if deciding:
        cited = tuple(dict.fromkeys(cite for each in deciding for cite in each.sources))
        says = f"Nobody has read these again in their source: {', '.join(groups)}."
        yield Refusal(Why.UNVERIFIED, says, groups, cited)


def _meant(protocol: Protocol) -> str:
    what = " or ".join(protocol.indications) or "every indication"
    ages = protocol.ages
    if ages is None:
        return what
    if ages.greatest_years is None:
        return f"{what} from {ages.least_years:g} years"
    if ages.least_years is None:
        return f"{what} to {ages.greatest_years:g} years"
    return f"{what} from {ages.least_years:g} to {ages.greatest_years:g} years"
