"""The invented population: how each fact is spread over it, what records hold of it, which slips occur."""

from __future__ import annotations

from typing import Any, Literal

from overstory.knowledge.shapes.shared import Cites, Shape

Standing = Literal["primary", "secondary", "assumed"]
"""`assumed` is Overstory's own guess for invented people; no shape of medicine knows this word."""

Missing = Literal["records", "intake"]


class Spread(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    How a value is spread over people, in one of four ways.

    `share` is the part for whom it is true (0 to 1). `shares` has the part of each code, or of each
    number where `values` says the numbers in the same order. `mean` and `sd` spread a number
    normally. `quantiles` has pairs of a part and the value up to which that part reaches, in order;
    between them the value follows the normal score of the part. `assumes` says which of these numbers
    the source does not give: they are Overstory's own.
    """

    share: float | None = None
    shares: dict[str, float] = {}
    mean: float | None = None
    sd: float | None = None
    quantiles: tuple[tuple[float, float], ...] = ()
    assumes: str = ""


class Case(Spread, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A spread for the people on whom a condition over earlier values holds."""

    when: str
    says: str = ""
    source: Cites | None = None
    status: Standing | None = None


class Drawn(Spread, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    One value of an invented person: a fact of the vocabulary, or a `hidden` value that steers others.

    The first of `cases` that holds replaces the spread of the entry. `pulls` has by name of a cause
    (`PopulationCause`) how strongly it pulls the value, -1 to 1: the correlation of the value's
    normal score with the cause; the shares stay as written. People on whom `only_when` is not true
    have no such value. `decimals` is how far numbers are rounded; `least` and `greatest` bound them,
    `over` and `under` hold them a gap above or below another number.
    """

    id: str
    says: str
    hidden: Literal["", "bool", "number"] = ""
    pulls: dict[str, float] = {}
    cases: tuple[Case, ...] = ()
    only_when: str = ""
    decimals: int = 0
    least: float | None = None
    greatest: float | None = None
    over: dict[str, float] = {}
    under: dict[str, float] = {}
    source: Cites
    status: Standing


class PopulationCause(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A latent cause, a standard normal number of each person that pulls several values."""

    id: str
    says: str


class Kept(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    What one way of keeping records holds of a part: shares from 0 to 1.

    `asked` of the people were asked at all, `together` is how strongly that hangs on how thorough the
    whole record is. Of those asked, `positive` of the unusual and `negative` of the usual values are
    recorded; of the values not recorded, `unanswered` were asked and not answered; of the recorded
    ones that age, `old` are out of date.
    """

    asked: float
    together: float = 0
    positive: float
    negative: float
    unanswered: float = 0
    old: float = 0


class RecordPart(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Facts that are asked together, and what each way of keeping records holds of them.

    A false fact is usual; `usual` names the usual value of others. Numbers are all unusual.
    `oldest_days` is how far beyond its freshness an out-of-date value may lie.
    """

    id: str
    says: str
    facts: tuple[str, ...]
    kept: dict[Missing, Kept]
    usual: dict[str, Any] = {}
    oldest_days: int
    source: Cites
    status: Standing


class Slip(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A slip of those who keep records: in `share` of the people on whom `when` holds.

    `sets` has what is then recorded, `swaps` two facts whose recorded values change places. `refused`
    marks slips that the door refuses; they are made only where errors are asked for.
    """

    id: str
    says: str
    share: float
    when: str
    sets: dict[str, Any] = {}
    swaps: tuple[str, ...] = ()
    refused: bool = False
    source: Cites
    status: Standing


class TrialOutcome(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An outcome of a trial: its share, and the improvement in percent and the weeks, least and most."""

    outcome: Literal[
        "no-response", "partial-response", "response", "remission", "intolerance", "unknown"
    ]
    share: float
    improvement_percent: tuple[int, int]
    weeks: tuple[int, int]


class TrialHistories(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    How invented ledgers of antidepressant trials are made.

    A ledger of stage n has n trials that were meant to be adequate and failed (`failing`), and up to
    `most_others` others (`others`). `medicines` and `augmentations` have weights. `dose_steps` are
    shares of the least adequate dose of a medicine, with weights; doses end at its usual most.
    The other shares say how often a field is missing or odd. `ledgers_a_stage` is how many different
    ledgers of each stage up to `most_stages` are made for one seed.
    """

    id: str
    says: str
    stage: str
    most_stages: int
    ledgers_a_stage: int
    most_others: int
    medicines: dict[str, float]
    augmentations: dict[str, float]
    odd_names: dict[str, float]
    odd_name: float
    brand: float
    augmentation: float
    previous_episode: float
    dose_steps: tuple[tuple[float, float], ...]
    failing: tuple[TrialOutcome, ...]
    others: tuple[TrialOutcome, ...]
    improvement_recorded: float
    adherence_recorded: float
    adherence_percent: tuple[int, int]
    missing: dict[Literal["dose_mg", "weeks", "episode", "outcome"], float]
    misfit: float
    source: Cites
    status: Standing


POPULATION_SECTIONS: dict[str, Any] = {
    "population_causes": list[PopulationCause],
    "population": list[Drawn],
    "population_records": list[RecordPart],
    "population_slips": list[Slip],
    "population_trials": list[TrialHistories],
}
