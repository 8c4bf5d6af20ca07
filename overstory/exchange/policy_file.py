"""The site-policy file: YAML, read strictly, with the line of whatever is wrong."""

from __future__ import annotations

from typing import Annotated

import msgspec

from overstory.exchange.records import InputError
from overstory.knowledge.strict_yaml import YamlError, read_yaml
from overstory.pathway.policy import RuleChange, SitePolicy
from overstory.pathway.site_courses import ProtocolChange, VisitChange
from overstory.pathway.site_numbers import NumberChange
from overstory.pathway.site_tables import TableChange

MOST_MINUTES = 24 * 60
"""A visit ends on its day."""


class _Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str
    leave_out: bool = False
    when: str | None = None
    kind: str | None = None


class _Protocol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str
    adopts: tuple[str, ...] = ()


class _Visit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str
    prepare_minutes: Annotated[float, msgspec.Meta(ge=0, le=MOST_MINUTES)] | None = None
    observe_minutes: Annotated[float, msgspec.Meta(ge=0, le=MOST_MINUTES)] | None = None


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str


class _Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: float
    reason: str


class _Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    clinic: str
    adopted_by: str
    adopted_on: str
    rules: dict[str, _Change] = {}
    protocols: dict[str, _Protocol] = {}
    visits: dict[str, _Visit] = {}
    tables: dict[str, _Table] = {}
    numbers: dict[str, _Number] = {}


def read_policy_file(text: str, *, name: str) -> SitePolicy:
    """
    Return the site policy that a file holds.

    :raises InputError: if it is not strict YAML or has another shape; it names the file and the line.
    """
    try:
        document = read_yaml(text, name=name)
        policy = msgspec.convert(document.content, type=_Policy, strict=True)
    except YamlError as error:
        raise InputError(str(error)) from None
    except msgspec.ValidationError as error:
        raise InputError(
            f"{name}: {error}; a site policy has clinic, adopted_by, adopted_on and rules, "
            "each rule a reason and one of leave_out, when, kind; it may have protocols, each with a "
            "reason and what it adopts, visits, each with a reason and its minutes, tables, each "
            "with a reason, and numbers, each with a reason and its value"
        ) from None
    changes = tuple(
        RuleChange(rule, change.reason, change.leave_out, change.when, change.kind)
        for rule, change in policy.rules.items()
    )
    return SitePolicy(
        policy.clinic,
        policy.adopted_by,
        policy.adopted_on,
        changes,
        protocols=tuple(
            ProtocolChange(protocol, each.reason, each.adopts)
            for protocol, each in policy.protocols.items()
        ),
        visits=tuple(
            VisitChange(visit, each.reason, each.prepare_minutes, each.observe_minutes)
            for visit, each in policy.visits.items()
        ),
        tables=tuple(TableChange(table, each.reason) for table, each in policy.tables.items()),
        numbers=tuple(
            NumberChange(number, each.value, each.reason) for number, each in policy.numbers.items()
        ),
    )
