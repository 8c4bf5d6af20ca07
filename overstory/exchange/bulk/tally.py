"""What is counted on the way: lines by type, problems with their places, what was not understood."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

Place = tuple[int, int]
"""The number of a stretch, and of a line in it."""

MOST_PLACES = 5
MOST_PROBLEMS = 200
MOST_CODES = 2000
MOST_KINDS = 1000
OTHER_CODES = "(other codes)"
OTHER_REASONS = "(other reasons)"

FACT_FORMS = (
    (re.compile(r"says the same of (\w+) as .*", re.DOTALL), "says the same as another"),
    (re.compile(r"of (\w+) the newest is used: .*", re.DOTALL), "a newer one is used"),
    (re.compile(r"born [^:]*: [^;]*; ask for the day", re.DOTALL), "the birth date leaves two ages"),
    (re.compile(r"born .*", re.DOTALL), "born after the moment asked about"),
    (re.compile(r"a newer version of it stands in .*", re.DOTALL), "a newer version of it is used"),
    (re.compile(r"it is about .*, not about the patient", re.DOTALL), "it is about someone else"),
    (re.compile(r"is later than the moment asked about.*", re.DOTALL), "it is later than asked about"),
    (re.compile(r"the patient is recorded as deceased.*", re.DOTALL), "the patient is recorded as deceased"),
    (re.compile(r"its shape is not that of FHIR R4: (.*)", re.DOTALL), "its shape is not that of FHIR R4"),
)  # fmt: skip
MASKS = (
    (re.compile(r"line\[\d+\](?: \([^)]*\))?[^\s;,]*"), "another line"),
    (re.compile(r"'[^']*'"), "'…'"),
    (re.compile(r"\S*\b[A-Z][A-Za-z]+/[A-Za-z0-9.|-]+"), "…"),
    (re.compile(r"\b\d{4}-\d\d[-\dT:.+Z]*"), "…"),
    (re.compile(r"(?<![\w-])-?\d+(?:\.\d+)?(?![\w-])"), "#"),
)


class Problem(msgspec.Struct):
    """Something to be looked at: how often it was met, and where, the first places first."""

    count: int = 0
    places: list[tuple[Place, str]] = []


class Kind(msgspec.Struct):
    """One way of not being understood: how often, by code, and the first places."""

    count: int = 0
    codes: dict[str, int] = {}
    places: list[Place] = []


class Tally(msgspec.Struct):
    """
    What one piece of the work counted; pieces are added up in their order.

    `kinds` is what was not understood, by `resource type|reason`; `kept` the resources that others
    may refer to, `shared` the different ones among them.
    """

    lines: dict[str, int] = {}
    problems: dict[str, Problem] = {}
    kinds: dict[str, Kind] = {}
    people: int = 0
    kept: int = 0
    shared: int = 0

    def problem(self, name: str, place: Place, why: str) -> None:
        """Count a problem and keep its place, up to `MOST_PROBLEMS` of them."""
        found = self.problems.setdefault(name, Problem())
        found.count += 1
        if len(found.places) < MOST_PROBLEMS:
            found.places.append((place, why))

    def not_understood(self, resource_type: str, reason: str, code: str, place: Place) -> None:
        """Count what made no fact, by type, reason and code."""
        kind = self._kind(f"{resource_type}|{reason}")
        kind.count += 1
        _add(kind.codes, code, 1)
        if len(kind.places) < MOST_PLACES:
            kind.places.append(place)

    def add(self, other: Tally) -> None:
        """Add what another piece counted, and keep its first places."""
        self.people += other.people
        for name, count in other.lines.items():
            self.lines[name] = self.lines.get(name, 0) + count
        for name, problem in other.problems.items():
            mine = self.problems.setdefault(name, Problem())
            mine.count += problem.count
            mine.places = sorted([*mine.places, *problem.places])[:MOST_PROBLEMS]
        for name, kind in other.kinds.items():
            ours = self._kind(name)
            ours.count += kind.count
            ours.places = sorted([*ours.places, *kind.places])[:MOST_PLACES]
            for code, count in kind.codes.items():
                _add(ours.codes, code, count)

    def _kind(self, name: str) -> Kind:
        """One kind by its name; what is beyond `MOST_KINDS` is counted together."""
        if name not in self.kinds and len(self.kinds) >= MOST_KINDS:
            name = f"{name.partition('|')[0]}|{OTHER_REASONS}"
        return self.kinds.setdefault(name, Kind())


def _add(codes: dict[str, int], code: str, count: int) -> None:
    if code not in codes and len(codes) >= MOST_CODES:
        code = OTHER_CODES
    codes[code] = codes.get(code, 0) + count


@lru_cache(maxsize=8192)
def kind_of(why: str) -> tuple[str, str]:
    """Return the reason and the code of what was not understood, without what is one person's own."""
    for form, reason in FACT_FORMS:
        found = form.fullmatch(why)
        if found:
            return reason, found[1][:80] if form.groups else ""
    code, colon, reason = why.partition(": ")
    if not colon:
        code, reason = "", why
    return masked(reason), code


def masked(text: str) -> str:
    """Return the text with places, quotations, dates and numbers left out."""
    for form, instead in MASKS:
        text = form.sub(instead, text)
    return text[:160]
