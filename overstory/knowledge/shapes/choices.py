"""What a person choosing wants to know of each option, and how a fit to a wish is counted."""

from __future__ import annotations

from typing import Literal

from overstory.knowledge.shapes.rules import Grade
from overstory.knowledge.shapes.shared import Cites, Jurisdiction, Shape, Status, Text

OptionId = Literal[
    "esketamine", "ketamine-iv", "kap", "tms", "ketamine-then-tms", "usual-care", "not-yet"
]
Trait = Literal[
    "uses_drug", "dissociation", "driving", "talking_therapy", "needle",
    "onset_days", "visits", "days_a_week", "course_cost", "evidence",
]  # fmt: skip


class Quantity(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A number or a range, in the unit that its field names.

    Without `high` it is open upwards ("or more"); `high` equal to `low` is one number. `note` says
    to a patient what the ends of the range stand for.
    """

    low: float
    high: float | None = None
    note: Text | None = None
    source: Cites
    status: Status


class Cost(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What one thing was reported to cost before insurance, in whole units of `currency`.

    Reports that disagree stand as separate entries, each with its own source; none is averaged.
    `as_of` is the date of the report, as precise as known.
    """

    what: Text
    per: Literal["visit", "course"]
    low: float
    high: float
    currency: str
    jurisdiction: Jurisdiction
    as_of: str
    source: Cites
    status: Status


class ControlFigure(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The comparison group of an `evidence` entry, which tells of an option without own trials."""

    evidence: str
    words: Text


class OptionWords(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    An option in words for patients; they hold no numbers, which stand beside them with a source.

    `good` and `hard` have the same length for every option, so that each is told in equal detail.
    """

    name: Text
    short: Text
    how: Text
    feels: Text
    good: list[Text]
    hard: list[Text]
    watched: Text
    therapy: Text
    not_known: Text


class OptionEntry(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One option of the choice, the same fields for each.

    `onset_days` is days until some people felt better, `visits` those of the first course,
    `chair_minutes` one usual visit, `weeks` the first course, `no_driving_days` days of the first
    course on which one may not drive. Where one of them is absent nobody has given a number, and
    `open_words` says what can be said instead.

    `pictures` has, by indication, which `evidence` entries are drawn for each outcome; an indication
    that it does not name is told with those of the first. `only_when` has, by the id of an entry,
    the condition under which its people are like this person; it is shown unless that is false.
    `parts` are the options of which this one is made; `grade` is the evidence grade of an option
    without indications of its own. `source` and `status` stand for the words.
    """

    id: OptionId
    place: int
    words: OptionWords
    uses_drug: Literal["new", "unchanged", "none"]
    dissociation: Literal["expected", "possible", "none"]
    driving: Literal["next-day", "same-day", "as-now"]
    talking_therapy: Literal["part", "beside", "possible"]
    needle: bool
    grade: Grade | None = None
    parts: list[OptionId] = []
    source: Cites
    status: Status
    onset_days: Quantity | None = None
    visits: Quantity | None = None
    chair_minutes: Quantity | None = None
    weeks: Quantity | None = None
    days_a_week: Quantity | None = None
    no_driving_days: Quantity | None = None
    open_words: dict[str, Text] = {}
    costs: list[Cost] = []
    pictures: dict[str, dict[str, list[str]]] = {}
    only_when: dict[str, str] = {}
    control_figures: list[ControlFigure] = []


class FitStep(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number up to and including `at_most` has this `fit`; the last step has no `at_most`."""

    at_most: float | None = None
    fit: int


class ChoiceValue(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Something that may matter to a person, and how well each option fits it.

    `trait` names what of an option is looked at: its code in `fits`, or its number (the high end of
    a range, for `onset_days` the low end) in `steps`; 0 does not fit, 1 in part, 2 fits. `fact` is
    the preference on record that stands for it: where that equals `fact_is`, the importance is
    `importance` (0 to 5), unless the person gave another.
    """

    id: str
    place: int
    label: Text
    counts: Text
    trait: Trait
    fits: dict[str, int] = {}
    steps: list[FitStep] = []
    fact: str = ""
    fact_is: bool = True
    importance: int = 0
    source: Cites
    status: Status


class AidPolicy(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The decision aid's own settings.

    `update_months` is after how many months it is gone over again at the latest; `per` the group of
    people that every picture shows, `rare_per` the group for rare harms; `most_important` the highest
    importance that can be given; with fewer than `sure_at` yes answers of the SURE test a person is
    not sure yet; a result in a group of fewer than `small_group` people is called a small one.
    `harms` names the kinds of harm that every option is told with, in order.
    """

    update_months: int
    per: int
    rare_per: int
    most_important: int
    sure_at: int
    small_group: int
    harms: list[str]
    source: Cites
    status: Status
