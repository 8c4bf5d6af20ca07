"""What differs between the release that was adopted and the one that runs, and what a policy changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from overstory.knowledge.compare import entries_of
from overstory.knowledge.load import Knowledge

HASH_LENGTH = 16
FIRST = "rules"


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that is not as it was adopted: added, removed or changed; rules say what they say."""

    what: str
    section: str
    id: str
    says: str


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What a site policy does to one rule: left out, or its fields before and after."""

    rule: str
    what: str
    before: str
    after: str


def entry_hashes(knowledge: Knowledge) -> dict[str, str]:
    """Return a short hash of every entry by `section/id`."""
    encoder = msgspec.json.Encoder(order="deterministic")
    return {
        f"{section}/{name}": sha256(encoder.encode(entry)).hexdigest()[:HASH_LENGTH]
        for (section, name), entry in entries_of(knowledge).items()
    }


def changes_since(held: Mapping[str, str], running: Knowledge) -> tuple[Change, ...]:
    """Return every entry that differs from the hashes that were kept, rules first."""
    now = entry_hashes(running)
    says = {rule.id: rule.words.says for rule in running.rules}
    found = []
    for key in sorted(held.keys() | now.keys()):
        if held.get(key) == now.get(key):
            continue
        what = "added" if key not in held else "removed" if key not in now else "changed"
        section, _, name = key.partition("/")
        found.append(Change(what, section, name, says.get(name, "") if section == FIRST else ""))
    return tuple(sorted(found, key=lambda each: each.section != FIRST))


def policy_changes(release: Knowledge, policed: Knowledge) -> tuple[PolicyChange, ...]:
    """Return what a policy does to the rules of a release."""
    after = {rule.id: rule.words for rule in policed.rules}
    found = []
    for rule in release.rules:
        new = after.get(rule.id)
        if new is None:
            found.append(PolicyChange(rule.id, "left out", rule.words.says, ""))
        elif new.kind != rule.words.kind:
            found.append(PolicyChange(rule.id, "kind", rule.words.kind, new.kind))
        elif new.when != rule.words.when:
            found.append(PolicyChange(rule.id, "condition", rule.words.when, new.when))
    return tuple(found)
