"""A questionnaire or rating scale: items, answers, codes, scoring, bands, change, licence; a crosswalk."""

from __future__ import annotations

from typing import Literal

import msgspec

from overstory.knowledge.shapes.shared import Cites, Shape, Status

Who = Literal["self", "rater", "staff", "self-or-staff"]
Ship = Literal["yes", "pack", "no"]
FindingKind = Literal["critical", "flag", "warning", "part"]
MarkKind = Literal[
    "response", "partial-response", "remission", "recovery", "minimal-change", "reliable-change",
    "not-reliable", "deterioration", "watch", "relapse",
]  # fmt: skip


class Option(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One answer: its value on the form, its code, and what it counts where that is another number.

    `loinc` is a LOINC answer code (`LA…`).
    """

    value: float
    label: str = ""
    loinc: str = ""
    counts: float | None = None


class AnswerSet(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The answers an item can have: a list, or any number (`whole` or not) in `range`."""

    options: list[Option] = []
    range: tuple[float, float] | None = None
    whole: bool = True


class Item(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One question. `text` is the instrument's wording, only where the licence lets us ship it.

    `topic` is a short label in our own words. `answers` names one of the scale's answer sets.
    A `reversed` item counts the greatest value plus the least minus the answer. Where `asked_if` (a
    condition over the items before) is false, the item is not asked and not missing. An item that is
    not `scored` does not count towards the total; the form is complete without it unless `needed`.
    """

    id: str
    topic: str = ""
    text: str = ""
    loinc: str = ""
    answers: str = "default"
    scored: bool = True
    needed: bool = False
    reversed: bool = False
    asked_if: str = ""
    note: str = ""


class Code(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A code and what it stands for."""

    code: str
    what: str


class Codes(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The LOINC codes of the panel and total; without them the scale's id in our own code system.

    `others` belong to the instrument too. `never` are codes met in public material that mean
    something else, are retired or do not exist: a reader does not take them for this instrument.
    The codes of the items have the same source and status.
    """

    panel: str = ""
    total: str = ""
    answer_list: str = ""
    others: list[Code] = []
    never: list[Code] = []
    source: Cites | None = None
    status: Status | None = None


class Recall(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The time that the questions are about; `days` is left out where it is not a number of days."""

    words: str
    days: float | None = None


class Licence(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Whether the wording may stand in this repository.

    `yes`: it may, with the notice. `pack`: a site loads it from a licensed content pack; structure
    and scoring ship. `no`: neither ship the wording nor expect a pack without the holder's consent.
    """

    ship: Ship
    notice: str = ""
    why: str = ""
    source: Cites | None = None


class Domain(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Items of which only the greatest answer counts towards the total."""

    id: str
    items: list[str]


class Pair(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Items of which the form asks one: answering one is enough; `exclusive` refuses both."""

    items: list[str]
    exclusive: bool = False


class Skip(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Items that count `counts` when left out, once the sum of `items`, all answered, is `sum`."""

    items: list[str]
    sum: float
    leaves_out: list[str]
    counts: float


class Prorate(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    How many items may be missing; the mean of the others stands for them and the total is marked.

    Items in `never` may not be missing. A prorated total serves no eligibility and no remission.
    """

    most_missing: int
    never: list[str] = []
    source: Cites
    status: Status
    note: str = ""


class Scoring(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    How answers become a total: the sum or mean of the items, times `multiply` or through `table`.

    `range` is the least and greatest total. `none` has no total: the items are read one by one.
    `table` turns each raw sum (as text) into the total.
    """

    method: Literal["sum", "mean", "none"]
    range: tuple[float, float] | None = None
    domains: list[Domain] = []
    pairs: list[Pair] = []
    skips: list[Skip] = []
    multiply: float = 1
    table: dict[str, float] = {}
    prorate: Prorate | None = None
    note: str = ""


class Subscore(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The sum of some items."""

    id: str
    label: str
    items: list[str]
    range: tuple[float, float]
    source: Cites | None = None
    status: Status | None = None


class Band(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Totals from `least` to `greatest`, both included, and their name."""

    least: float
    greatest: float
    label: str


class BandSet(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One published set of bands; of several, the first is used and the others are shown."""

    id: str
    bands: list[Band]
    source: Cites
    status: Status
    note: str = ""


class Finding(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Something that the answers show: a condition over the items, the total and earlier findings.

    The facts of `when` are `item<id>` (or the id, if it starts with a letter), `total`, `raw`, the
    ids of subscores and of the findings above. `critical` comes first and says what to `do`; a
    `part` only serves other findings. `otherwise` is what may be said when the answer is false.
    """

    id: str
    kind: FindingKind
    when: str
    says: str
    do: str = ""
    otherwise: str = ""
    source: Cites
    status: Status
    note: str = ""


class Mark(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What counts as a change. All that is given must hold.

    `percent` and `below_percent`: improvement since the first rating. `points`: change in points;
    from there to `points_to` sources differ and the answer is unknown. `at_most`, `below`,
    `at_least`: the later total. `bands`: bands up. `times` and `days_apart`: how often, and how far
    apart. `with_mark` is an earlier mark that must hold; `also` something that this scale does not
    show, so that the answer is at best unknown. Only the first mark of a kind decides.
    """

    id: str
    kind: MarkKind
    percent: float | None = None
    below_percent: float | None = None
    points: float | None = None
    points_to: float | None = None
    at_most: float | None = None
    below: float | None = None
    at_least: float | None = None
    bands: int | None = None
    times: int | None = None
    days_apart: tuple[float, float | None] | None = None
    with_mark: str = ""
    also: str = ""
    population: str = ""
    source: Cites
    status: Status
    note: str = ""


class Figure(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number worth knowing about the instrument that decides nothing."""

    says: str
    value: float
    to: float | None = None
    unit: str = ""
    source: Cites
    status: Status


class Scale(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One instrument. `source` and `status` hold for its structure: items, answers, range, window.

    `minutes` is the least and the greatest usual time. `fills` names the facts of the vocabulary
    that a score fills: `total`, or `item<id>`. `variant_of` names the scale that this is a version
    of; totals of different scales are never compared.
    """

    id: str
    title: str
    short: str
    measures: str
    better: Literal["lower", "higher", "neither"]
    who: Who
    recall: Recall
    licence: Licence
    items: list[Item]
    answers: dict[str, AnswerSet] = {}
    scoring: Scoring
    source: Cites
    status: Status
    minutes: tuple[float, float] | None = None
    codes: Codes = Codes()
    subscores: list[Subscore] = []
    bands: list[BandSet] = []
    findings: list[Finding] = []
    marks: list[Mark] = []
    figures: list[Figure] = []
    fills: dict[str, str] = {}
    variant_of: str = ""
    note: str = ""

    @property
    def ranged_bands(self) -> list[tuple[tuple[float, float], list[tuple[float, float]]]]:
        """Each set of bands with the range that it covers without gap, where totals are whole."""
        if not self.scoring.range or self.scoring.table or self.scoring.method != "sum":
            return []
        spans = [[(each.least, each.greatest) for each in bands.bands] for bands in self.bands]
        return [(self.scoring.range, each) for each in spans]


class CrosswalkRow(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Totals of one scale and the totals of the other that stand for them, all included."""

    from_: tuple[float, float] = msgspec.field(name="from")
    to: tuple[float, float]
    doubtful: str = ""
    source: Cites | None = None
    status: Status | None = None


class Crosswalk(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A table from one scale's totals to another's: approximate, for groups, not for one person.

    `of: improvement` maps points of improvement instead of totals. Between rows there is no answer.
    """

    id: str
    from_: str = msgspec.field(name="from")
    to: str
    of: Literal["total", "improvement"] = "total"
    label: str
    rows: list[CrosswalkRow]
    source: Cites
    status: Status
    population: str = ""
    note: str = ""
