"""Choice: the options side by side for this person, each with the same list of what to weigh."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from overstory.engine.evaluate import truth_of
from overstory.engine.facts import Facts
from overstory.engine.reading import read_condition
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.choices import AidPolicy, OptionEntry, Quantity
from overstory.knowledge.shapes.evidence import Evidence
from overstory.pathway.choice_figures import (
    OUTCOMES,
    Figure,
    HarmFigure,
    Spread,
    control_figure,
    figure,
    harm_figures,
    spread,
)
from overstory.pathway.suitability import (
    Assessment,
    IndicationAnswer,
    RuleAnswer,
    TreatmentAssessment,
)
from overstory.pathway.verdicts import SETTLED, Verdict

STOPS = frozenset({"contraindication", "defer"})
CARES = frozenset({"physician-decision", "caution", "notice"})
GRADES = ("A", "B", "C", "D", "conflicting")
MINUTES_AN_HOUR = 60
WAYS_A_VISIT = 2


class MissingOptionError(ValueError):
    """An assessed treatment that the knowledge does not describe as an option."""


@dataclass(frozen=True, slots=True)
class Span:
    """A number from `low` to `high` in the unit its field names; without `high` it is open upwards."""

    low: float
    high: float | None


@dataclass(frozen=True, slots=True)
class Burden:
    """What the first course takes of this person's time, in hours, as far as numbers are known."""

    chair_hours: Span | None
    travel_hours: Span | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What is known of one outcome of an option: the trials drawn, and the spread of all of them.

    `spread` is from the trial with the fewest to the one with the most, and how many trials.
    """

    name: str
    figures: tuple[Figure, ...]
    spread: Spread | None


@dataclass(frozen=True, slots=True)
class Option:
    """
    One option for one person.

    `verdict` is the assessment's, None for an option without a new treatment. `stops` are the rules
    that speak against it now, `cares` those to take care of, `asks` the facts still to be told, those
    first that settle most. `outcomes` has every one of `OUTCOMES`, without figures where no trial
    gives a number; `findings` are results told in words only. `indications` are those that hold, or
    else could.
    """

    entry: OptionEntry
    verdict: Verdict | None
    stops: tuple[RuleAnswer, ...]
    cares: tuple[RuleAnswer, ...]
    asks: tuple[str, ...]
    indications: tuple[IndicationAnswer, ...]
    outcomes: tuple[Outcome, ...]
    findings: tuple[Evidence, ...]
    harms: tuple[HarmFigure, ...]
    burden: Burden

    @property
    def id(self) -> str:
        """The option's id: the treatment's, or `usual-care`, or `not-yet`."""
        return self.entry.id

    @property
    def is_open(self) -> bool:
        """Whether it can be put in order by what matters to the person; settled verdicts cannot."""
        return self.verdict is None or self.verdict not in SETTLED

    @property
    def grade(self) -> str | None:
        """The best evidence grade among the indications, in the order of `GRADES`."""
        grades = [each.rule.words.evidence for each in self.indications]
        known = [grade for grade in grades if grade is not None]
        return min(known, key=GRADES.index, default=self.entry.grade)


def options(*, assessment: Assessment, facts: Facts, knowledge: Knowledge) -> tuple[Option, ...]:
    """
    Return every option for this person: the treatments assessed, usual care, and not yet.

    :raises MissingOptionError: if an assessed treatment has no entry among the options.
    """
    entries: Sequence[OptionEntry] = knowledge.sections.get("options", ())
    assessed = {each.treatment: each for each in assessment.treatments}
    missing = sorted(set(assessed) - {entry.id for entry in entries})
    if missing:
        raise MissingOptionError(f"no option describes {', '.join(missing)}")
    built = _Built(assessment, facts, knowledge)
    ordered = sorted(entries, key=lambda entry: entry.place)
    return tuple(
        built.option(entry, assessed.get(entry.id))
        for entry in ordered
        if entry.id in assessed or not _is_treatment(entry)
    )


def _is_treatment(entry: OptionEntry) -> bool:
    return entry.id not in ("usual-care", "not-yet")


class _Built:
    """The options of one assessment, each built the same way."""

    def __init__(self, assessment: Assessment, facts: Facts, knowledge: Knowledge) -> None:
        self.facts, self.knowledge = facts, knowledge
        self.assessed = {each.treatment: each for each in assessment.treatments}
        self.policy: AidPolicy = knowledge.sections["aid"][0]
        self.rank = {each.fact: place for place, each in enumerate(assessment.next_questions)}
        self.evidence: dict[str, Evidence] = {
            each.id: each for each in knowledge.sections.get("evidence", ())
        }

    def option(self, entry: OptionEntry, assessed: TreatmentAssessment | None) -> Option:
        rules = assessed.rules if assessed else ()
        told = self._told(entry)
        indications = _indications(assessed)
        names = self._named(entry)
        return Option(
            entry=entry,
            verdict=assessed.verdict if assessed else None,
            stops=_once(each for each in rules if each.rule.kind in STOPS and each.answer),
            cares=_once(each for each in rules if each.rule.kind in CARES and each.answer),
            asks=self._asks(assessed),
            indications=indications,
            outcomes=tuple(self._outcome(entry, told, names, each) for each in OUTCOMES),
            findings=tuple(each for each in told if not each.arms),
            harms=harm_figures(entry, knowledge=self.knowledge, policy=self.policy),
            burden=self._burden(entry),
        )

    def _named(self, entry: OptionEntry) -> list[str]:
        """Return what the option, or one of its parts, is or could be for here."""
        found = [self.assessed.get(each) for each in entry.parts or [entry.id]]
        return [each.rule.words.indication for part in found for each in _indications(part)]

    def _asks(self, assessed: TreatmentAssessment | None) -> tuple[str, ...]:
        asked = assessed.asks if assessed else ()
        return tuple(sorted(asked, key=lambda name: self.rank.get(name, len(self.rank))))

    def _told(self, entry: OptionEntry) -> list[Evidence]:
        """The entries marked for choice whose people may be like this person."""
        return [
            each
            for each in self.evidence.values()
            if each.use_for_choice and entry.id in each.treatments and self._is_like(entry, each.id)
        ]

    def _is_like(self, entry: OptionEntry, evidence: str) -> bool:
        text = entry.only_when.get(evidence)
        if text is None:
            return True
        return truth_of(read_condition(text, self.knowledge.vocabulary), self.facts) is not False

    def _outcome(
        self, entry: OptionEntry, told: Sequence[Evidence], indications: Sequence[str], outcome: str
    ) -> Outcome:
        chosen = self._drawn(entry, indications).get(outcome, ())
        drawn = [self.evidence[each] for each in chosen]
        own = [figure(each, policy=self.policy) for each in drawn if each in told]
        control = [
            control_figure(self.evidence[each.evidence], each.words, policy=self.policy)
            for each in entry.control_figures
            if self.evidence[each.evidence].outcome == outcome
            and self._is_like(entry, each.evidence)
        ]
        alike = {(each.condition, each.outcome) for each in drawn}
        all_told = [each for each in told if (each.condition, each.outcome) in alike]
        return Outcome(outcome, (*own, *control), spread(all_told, policy=self.policy))

    def _drawn(self, entry: OptionEntry, indications: Sequence[str]) -> dict[str, list[str]]:
        """
        Return which entries are drawn for the first indication named.

        In depression that is not yet what the option is for, its first ones; in another illness
        none, for a chance in depression says nothing of it.
        """
        named = [each for each in indications if each in entry.pictures]
        if not named and self.facts["has_major_depression"].value:
            named = list(entry.pictures)
        return entry.pictures[named[0]] if named else {}

    def _burden(self, entry: OptionEntry) -> Burden:
        travel = self.facts["travel_minutes_one_way"]
        minutes = float(travel.value) * WAYS_A_VISIT if travel.value is not None else None  # type: ignore[arg-type]  # its type is number
        return Burden(
            chair_hours=_hours(entry.visits, entry.chair_minutes),
            travel_hours=_hours(entry.visits, minutes),
        )


def _indications(assessed: TreatmentAssessment | None) -> tuple[IndicationAnswer, ...]:
    """Return the indications that hold; where none does, those that still could."""
    found = assessed.indications if assessed else ()
    true = tuple(each for each in found if each.answer)
    return true or tuple(each for each in found if each.answer is None)


def _once(rules: Iterable[RuleAnswer]) -> tuple[RuleAnswer, ...]:
    """Return each rule once, where the combination lists it for several of its parts."""
    found: dict[str, RuleAnswer] = {}
    for each in rules:
        found.setdefault(each.rule.id, each)
    return tuple(found.values())


def _hours(visits: Quantity | None, minutes: Quantity | float | None) -> Span | None:
    """Return the hours of so many visits at so many minutes each."""
    if visits is None or minutes is None:
        return None
    each = (
        Span(minutes.low, minutes.high) if isinstance(minutes, Quantity) else Span(minutes, minutes)
    )
    is_open = visits.high is None or each.high is None
    return Span(
        low=visits.low * each.low / MINUTES_AN_HOUR,
        high=None if is_open else (visits.high or 0) * (each.high or 0) / MINUTES_AN_HOUR,
    )
