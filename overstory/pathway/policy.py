"""Site policy: what a clinic's medical director changes in what is a site's to set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from types import MappingProxyType

import msgspec

from overstory.knowledge.load import Knowledge
from overstory.knowledge.rules import ReadRule, RuleError, read_rule
from overstory.pathway.site_courses import (
    ProtocolChange,
    SiteCourseError,
    VisitChange,
    with_site_courses,
)
from overstory.pathway.site_numbers import NumberChange, SiteNumberError, with_site_numbers
from overstory.pathway.site_tables import SiteTableError, TableChange, with_site_tables

NEVER_CHANGED = {
    "alert": "an alert is no site's to change; it is how danger is seen",
    "notice": "a notice is no site's to change; it is what everybody must be told",
}


class PolicyError(ValueError):
    """A site policy that cannot be used; the message names the rule and what would be allowed."""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """
    One change to one rule, with its reason.

    `leave_out` leaves the rule out; `when` replaces its condition; `kind` turns a contraindication that
    allows it into a physician-decision.
    """

    rule: str
    reason: str
    leave_out: bool = False
    when: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class SitePolicy:
    """A clinic's changes, who adopted them and when; the clinic's own words, not ours."""

    clinic: str
    adopted_by: str
    adopted_on: str
    changes: tuple[RuleChange, ...]
    protocols: tuple[ProtocolChange, ...] = ()
    visits: tuple[VisitChange, ...] = ()
    tables: tuple[TableChange, ...] = ()
    numbers: tuple[NumberChange, ...] = ()


def with_policy(knowledge: Knowledge, policy: SitePolicy) -> Knowledge:
    """
    Return the knowledge as the site has it; its hash covers the policy too.

    Its section `site_protocols` has what the site enabled, `site_tables` the tables it adopted; the
    visits have the site's minutes, and courses and doses its numbers.

    :raises PolicyError: for an unknown rule, protocol, visit, table or number, or a change that its
        status does not leave to a site.
    """
    changes = {change.rule: change for change in policy.changes}
    unknown = sorted(set(changes) - {rule.id for rule in knowledge.rules})
    if unknown:
        raise PolicyError(f"no rule is named {', '.join(unknown)}; see overstory knowledge list")
    rules = _changed(knowledge, changes.values(), {rule.id: rule for rule in knowledge.rules})
    digest = sha256(f"{knowledge.sha256}{policy!r}".encode()).hexdigest()
    try:
        sections = with_site_courses(
            knowledge=knowledge, protocols=policy.protocols, visits=policy.visits
        )
        sections = with_site_tables(sections=sections, tables=policy.tables)
        sections = with_site_numbers(sections=sections, numbers=policy.numbers)
    except (SiteCourseError, SiteTableError, SiteNumberError) as error:
        raise PolicyError(str(error)) from None
    return replace(
        knowledge, rules=tuple(rules), sections=MappingProxyType(sections), sha256=digest
    )


def _changed(
    knowledge: Knowledge, changes: Iterable[RuleChange], rules: dict[str, ReadRule]
) -> Iterable[ReadRule]:
    for change in changes:
        new = _change(knowledge, rules[change.rule], change)
        if new is None:
            del rules[change.rule]
        else:
            rules[change.rule] = new
    return rules.values()


def _change(knowledge: Knowledge, rule: ReadRule, change: RuleChange) -> ReadRule | None:
    words = rule.words
    if rule.kind in NEVER_CHANGED:
        raise PolicyError(f"{rule.id}: {NEVER_CHANGED[rule.kind]}")
    if change.kind is not None:
        if not (words.downgrade and change.kind == "physician-decision"):
            raise PolicyError(
                f"{rule.id}: a site may only turn a contraindication that allows it into a "
                f"physician-decision; this one {'does' if words.downgrade else 'does not'}"
            )
        words = msgspec.structs.replace(words, kind="physician-decision")
    if change.leave_out or change.when is not None:
        if words.status != "site-policy":
            raise PolicyError(
                f"{rule.id}: its status is {words.status}; a site may change or leave out only "
                "rules of status site-policy"
            )
        if change.leave_out:
            return None
        words = msgspec.structs.replace(words, when=change.when)
    words = msgspec.structs.replace(words, note=f"Changed by the site: {change.reason}")
    try:
        return read_rule(words, knowledge.vocabulary, file=rule.file)
    except RuleError as error:
        raise PolicyError(str(error)) from None
