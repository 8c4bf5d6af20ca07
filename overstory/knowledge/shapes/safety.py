"""Safety knowledge: triage, self-injury, actions, the escalation ladder, crisis lines, figures."""

from __future__ import annotations

from typing import Literal

from overstory.knowledge.shapes.shared import Cites, Shape, Status, Text

Level = Literal["none", "low", "moderate", "high", "unknown"]
Tier = Literal["none", "low", "moderate", "high", "imminent"]
Trigger = Literal["item-9", "ideation", "self-injury"]


class TriageQuestion(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One question of a screen, in our own words; `asked` says when it is asked."""

    id: str
    about: str
    window: str = ""
    asked: str = "always"


class TriageLevel(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One result of a screen: it is reached when any of `any_of` is so and no result above it is.

    The results of a screen stand from the most serious down. `tier` is where it stands among all
    instruments; none where the result is no tier.
    """

    level: str
    any_of: list[str]
    says: str
    source: Cites
    status: Status
    tier: Tier | None = None


class Triage(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one screen is read. `overstory.pathway.triage` does it; a test holds the two together."""

    id: str
    instrument: str
    says: str
    questions: list[TriageQuestion]
    levels: list[TriageLevel]
    source: Cites
    status: Status


class SelfInjuryEntry(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One thing known about self-injury; `value` is in `unit`, of the `population`.

    A `location` or `method` with `urgent: true` is an emergency whatever the stated intent.
    """

    id: str
    kind: Literal[
        "definition", "frequency", "onset", "condition", "warning-sign", "method", "location",
        "red-flag", "function", "practice", "treatment",
    ]  # fmt: skip
    says: Text
    source: Cites
    status: Status
    code: str = ""
    group: Literal["", "intrapersonal", "interpersonal"] = ""
    common: bool = False
    urgent: bool = False
    value: float | None = None
    greatest: float | None = None
    unit: str = ""
    population: str = ""
    note: str = ""


class SafetyFigure(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One number of safety work: `value` in `unit`, with `against` for what it is compared with."""

    id: str
    says: str
    value: float
    unit: str
    source: Cites
    status: Status
    against: float | None = None
    population: str = ""
    sample: int | None = None
    time_frame: str = ""
    note: str = ""


class SafetyStep(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One step of SAFE-T, of a safety plan, of means safety or of an accreditation requirement."""

    id: str
    part_of: Literal["safe-t", "safety-plan", "means-safety", "accreditation"]
    order: int
    says: Text
    source: Cites
    status: Status
    at_least: int | None = None
    flag_if_empty: bool = False
    note: str = ""


class SafetyAction(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What people do at a safety level, or when something is reported (a trigger)."""

    id: str
    at: Level | Trigger
    order: int
    says: str
    source: Cites
    status: Status


class EscalationRung(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Who acts, how soon, and what must be done; every time is a setting of the clinic.

    Minutes count from the answer or finding; `follow_up_hours` are the contacts after it. `roles`
    are the staff who may act, by their names in the clinic. An alert that nobody acknowledges in
    `acknowledge_minutes` (on site, where that is given, `acknowledge_on_site_minutes`) goes to the
    next who are on call. With `business_hours` the minutes of someone who is elsewhere count only
    while the site is open, except from an item 9 of `any_hour_from_item_9`. With `same_day` the
    deadline is never after the day of the answer or finding ends where the site is, and once the
    site is closed for that day the minutes count and those on call are called at any hour.
    `business_days` is a deadline by the close of a later day of opening. `unclosed_hours` is how
    long a positive screen may stay open.
    """

    id: str
    tier: Tier | Literal["unscreened", "open"]
    order: int
    triggers: list[str]
    who: str
    must_do: list[str]
    source: Cites
    status: Status
    on_site_minutes: float | None = None
    remote_minutes: float | None = None
    remote_tries: int | None = None
    transfer_minutes: float | None = None
    follow_up_hours: list[float] = []
    appointment_days: float | None = None
    roles: list[str] = []
    acknowledge_minutes: float | None = None
    acknowledge_on_site_minutes: float | None = None
    business_hours: bool = False
    business_days: int | None = None
    any_hour_from_item_9: int | None = None
    same_day: bool = False
    unclosed_hours: float | None = None
    note: str = ""


class Reach(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One way to reach a line: call or text a number (with a word or key), or open a page."""

    how: Literal["call", "text", "chat"]
    to: str
    word: str = ""


class CrisisLine(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One line of a country; `name_es` is its name in Spanish where that differs.

    `people` names whom it is for if not for all; `languages` are ISO 639-1 codes where a source
    names them.
    """

    name: str
    reach: list[Reach]
    source: Cites
    status: Status
    name_es: str = ""
    people: str = ""
    languages: list[str] = []
    note: str = ""


class CrisisCountry(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The emergency numbers and crisis lines of one country (ISO 3166-1 code in `cc`).

    `verified_on` and `expires` are `YYYY-MM-DD`; after `expires` the lines are not shown. A country
    that is not `enabled` is never shown; `why_not` says what a person has to verify.
    """

    cc: str
    emergency: list[str]
    lines: list[CrisisLine]
    verified_on: str
    expires: str
    enabled: bool
    source: Cites
    status: Status
    why_not: str = ""


class CrisisFallback(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is shown where no line can be: true everywhere."""

    id: str
    says: Text
    url: str
    source: Cites
    status: Status


class CrisisWords(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A piece of a sentence about a crisis line; `{to}` and `{word}` are filled in."""

    id: Literal["emergency", "call", "call-and-press", "text", "text-a-word", "chat", "or"]
    says: Text


SAFETY_SECTIONS = {
    "triages": list[Triage],
    "self_injury": list[SelfInjuryEntry],
    "safety_figures": list[SafetyFigure],
    "safety_steps": list[SafetyStep],
    "safety_actions": list[SafetyAction],
    "escalation": list[EscalationRung],
    "crisis_lines": list[CrisisCountry],
    "crisis_fallback": list[CrisisFallback],
    "crisis_words": list[CrisisWords],
}
"""The top-level keys of the files under `safety/`."""
