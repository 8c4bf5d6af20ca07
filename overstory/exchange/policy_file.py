"""The site-policy file: YAML, read strictly, with the line of whatever is wrong."""

from __future__ import annotations

import msgspec

from overstory.exchange.records import InputError
from overstory.knowledge.strict_yaml import YamlError, read_yaml
from overstory.pathway.policy import RuleChange, SitePolicy


class _Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str
    leave_out: bool = False
    when: str | None = None
    kind: str | None = None


class _Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    clinic: str
    adopted_by: str
    adopted_on: str
    rules: dict[str, _Change]


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
            "each rule a reason and one of leave_out, when, kind"
        ) from None
    changes = tuple(
        RuleChange(rule, change.reason, change.leave_out, change.when, change.kind)
        for rule, change in policy.rules.items()
    )
    return SitePolicy(policy.clinic, policy.adopted_by, policy.adopted_on, changes)
