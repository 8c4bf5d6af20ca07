"""What trials found, what harms cost, where sources disagree, and what clinic texts get wrong."""

from __future__ import annotations

from typing import Literal

from overstory.knowledge.shapes.rules import TreatmentId
from overstory.knowledge.shapes.shared import Cites, Jurisdiction, Shape, Status, Text

Design = Literal[
    "randomised-blinded", "randomised-open", "randomised-withdrawal", "crossover", "open-label",
    "cohort", "registry", "case-report", "case-series", "meta-analysis", "review", "registered",
]  # fmt: skip
Outcome = Literal[
    "response", "remission", "change", "relapse", "sustained", "suicidal-thoughts", "onset",
    "harm", "abstinence", "feasibility", "excitability",
]  # fmt: skip
Analysis = Literal[
    "intention-to-treat", "treated", "completer", "observed-cases",
    "last-observation-carried-forward", "not-recorded",
]  # fmt: skip
Measure = Literal[
    "difference-per-100", "difference-points", "difference-percent", "odds-ratio", "risk-ratio",
    "hazard-ratio", "effect-size-d", "effect-size-g", "number-needed-to-treat", "median-days",
    "difference-days", "beta", "change-percent", "interaction",
]  # fmt: skip


class Sample(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many people: `randomised` (or enrolled, where nobody was randomised) and `analysed`."""

    randomised: int | None = None
    analysed: int | None = None
    source: Cites | None = None
    status: Status | None = None


class Arm(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One group of a trial and what it had.

    `per_100` is people with the outcome in every 100; `per_100_range` where a report gives several
    scales or raters; `events` of `people` are counts. `value` is in `unit` (points, days, percent).
    Its `source` and `status` hold where they differ from the entry's.
    """

    name: str
    role: Literal["active", "control"]
    people: int | None = None
    events: int | None = None
    per_100: float | None = None
    interval: tuple[float, float] | None = None
    per_100_range: tuple[float, float] | None = None
    value: float | None = None
    standard_deviation: float | None = None
    unit: str = ""
    source: Cites | None = None
    status: Status | None = None


class Estimate(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A comparison of two groups: active minus control, or active to control for a ratio.

    `interval` is the 95 % interval; `p` the p value as printed, which may be "<.001". `of` names
    the groups or the time where an entry has several. Its `source` and `status` hold where they
    differ from the entry's.
    """

    measure: Measure
    value: float | None = None
    interval: tuple[float, float] | None = None
    standard_error: float | None = None
    p: str = ""
    of: str = ""
    source: Cites | None = None
    status: Status | None = None


class EvidenceWords(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The entry's frame in words for patients, each in English and Spanish."""

    who: Text
    compared_with: Text
    outcome: Text
    time_frame: Text


class Evidence(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One outcome of one study.

    `row` is the row of the clinical dossiers that it encodes; `study` its name. `condition` is the
    short name of an indication or of the illness studied; `ages` in years, where the study was of
    an age group. `bearing: indirect` marks another route, drug or population than the treatment's.
    `analysis` tells who was counted: everyone randomised, everyone treated, those with a rating at
    the time (observed cases), those who finished. `verdict`: positive or negative on this outcome
    as the study tested it, `inconclusive` where it was not formally tested or too few to tell,
    `uncontrolled` where nobody was randomised to a control. `use_for_choice` marks the entries
    shown to patients as the chance of an outcome; only they need `words`. Results stand in `arms`
    and `estimates`; `status` is of every number that has none of its own.
    """

    id: str
    row: str
    study: str
    treatments: list[TreatmentId]
    condition: str
    population: str
    design: Design
    regimen: str
    comparator: str
    outcome: Outcome
    verdict: Literal["positive", "negative", "inconclusive", "uncontrolled"]
    source: Cites
    status: Status
    sample: Sample = Sample()
    ages: tuple[int, int | None] | None = None
    definition: str = ""
    scale: str = ""
    time_frame: str = ""
    analysis: Analysis = "not-recorded"
    primary_outcome: bool = False
    arms: list[Arm] = []
    estimates: list[Estimate] = []
    bearing: Literal["direct", "indirect"] = "direct"
    use_for_choice: bool = False
    words: EvidenceWords | None = None
    claims: list[str] = []
    note: str = ""


class Harm(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    How often one harm came with one treatment in one body of reports.

    `value` is how many in every `per` of `unit`; `interval` its 95 % interval; `range` the least
    and the greatest where trials or doses differ; `comparator_value` the same for the comparator,
    with `comparator_source` and `comparator_status` where they differ. `extra` is how many more
    (fewer, if negative) than with the comparator, where only that was printed. `mean` is in
    `mean_unit`. Without any number `says` tells what is known. `seriousness` is our reading, not a
    grade of the source. `use_for_choice` marks what patients are shown: one entry a harm and
    treatment, and one a coil for seizures with TMS.
    """

    id: str
    harm: str
    words: Text
    treatments: list[TreatmentId]
    seriousness: Literal["mild", "moderate", "serious"]
    source: Cites
    status: Status
    value: float | None = None
    interval: tuple[float, float] | None = None
    range: tuple[float, float] | None = None
    per: Literal[100, 1000, 10000] = 100
    unit: Literal["people", "sessions"] = "people"
    comparator: str = ""
    comparator_value: float | None = None
    comparator_source: Cites | None = None
    comparator_status: Status | None = None
    extra: float | None = None
    extra_interval: tuple[float, float] | None = None
    mean: float | None = None
    comparator_mean: float | None = None
    standard_deviation: float | None = None
    mean_unit: str = ""
    population: str = ""
    people: int | None = None
    comparator_people: int | None = None
    time_frame: str = ""
    time_words: Text | None = None
    says: Text | None = None
    row: str = ""
    use_for_choice: bool = False
    claims: list[str] = []
    note: str = ""


class Position(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one source says in a disagreement."""

    says: str
    source: Cites
    status: Status


class Conflict(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A disagreement between sources, kept and shown.

    `handling` tells which position the system acts on and why; nothing is averaged. `see` lists the
    ids of entries and rules that rest on it, `rows` the rows of the clinical dossiers.
    """

    id: str
    about: str
    treatments: list[TreatmentId]
    positions: list[Position]
    handling: str
    rows: list[str] = []
    see: list[str] = []
    claims: list[str] = []


class Correction(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A claim of clinic articles, in our words, that the knowledge does not carry as it stands."""

    id: str
    claim: str
    wrong: Literal["wrong", "outdated", "overstated", "no-denominator", "incomplete", "unsupported"]
    correction: str
    treatments: list[TreatmentId]
    claims: list[str]
    source: Cites
    status: Status
    see: list[str] = []


class Statement(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A plain statement of fact that no rule, figure or protocol carries."""

    id: str
    says: str
    claims: list[str]
    source: Cites
    status: Status
    treatments: list[TreatmentId] = []
    note: str = ""


class RegulatoryStep(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One step of a treatment's regulatory history.

    `date` is as precise as known; `date_status` holds where the date stands weaker than the fact.
    """

    id: str
    row: str
    jurisdiction: Jurisdiction
    treatments: list[TreatmentId]
    says: str
    source: Cites
    status: Status
    date: str = ""
    date_status: Status | None = None
    claims: list[str] = []
    note: str = ""


class Guideline(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a professional body says; `exists_status` holds where only its existence was seen."""

    id: str
    row: str
    body: str
    year: str
    treatments: list[TreatmentId]
    position: str
    source: Cites
    status: Status
    exists_status: Status | None = None
    note: str = ""
