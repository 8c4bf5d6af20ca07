"""One antidepressant trial: reading it, and whether it was adequate and failed, with the reasons."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal, cast, get_args

from overstory.engine import truth
from overstory.engine.truth import Truth
from overstory.knowledge.shapes.medicines import (
    AdequateDose,
    ResponseCut,
    TrialStandard,
)
from overstory.pathway.medicines import Formulary, Named, Recognized

Episode = Literal["current", "previous"]
Outcome = Literal[
    "no-response", "partial-response", "response", "remission", "intolerance", "unknown"
]
RECALLED = "recalled"


class TrialError(ValueError):
    """A trial that cannot be read; the message names the field and says what would be right."""


@dataclass(frozen=True, slots=True)
class Trial:
    """
    One trial of a medicine as somebody recorded it; None is "not recorded".

    `dose_mg` is the highest total daily dose (mg per 24 hours for a patch), `weeks` how long it was
    taken. `augmentation` tells that it was added to an antidepressant; without it the medicine decides.
    """

    medicine: str
    dose_mg: float | None = None
    weeks: float | None = None
    episode: Episode | None = None
    outcome: Outcome = "unknown"
    improvement_percent: float | None = None
    adherence_percent: float | None = None
    augmentation: bool | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Whether one condition on a trial holds, why, and whether sources or entries disagree on it."""

    truth: Truth
    why: str
    conflict: bool = False
    missing: str = ""


@dataclass(frozen=True, slots=True)
class TrialReading:
    """
    What one trial comes to; `number` counts from 1 in the order given.

    `failed` is whether the trial counts as failed for what it was (an antidepressant or an
    augmentation), `intolerable` whether an antidepressant of this episode was not tolerated.
    """

    number: int
    trial: Trial
    medicine: str | None
    antidepressant: Truth
    augmentation: Truth
    antidepressant_class: str | None
    checks: Mapping[str, Check]
    failed: Truth
    intolerable: Truth

    @property
    def failed_antidepressant(self) -> Truth:
        """Whether this is an antidepressant trial that failed."""
        return truth.conjunction([self.antidepressant, self.failed])

    @property
    def failed_augmentation(self) -> Truth:
        """Whether this is an augmentation trial that failed."""
        return truth.conjunction([self.augmentation, self.failed])

    @property
    def is_open(self) -> bool:
        """Whether something about it could still change a count."""
        return None in (self.failed_antidepressant, self.failed_augmentation, self.intolerable)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it counts, or does not, or is unknown: every check in words."""
        return tuple(check.why for check in self.checks.values())

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Where sources or entries disagree."""
        return tuple(check.why for check in self.checks.values() if check.conflict)

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields to ask for."""
        return tuple(check.missing for check in self.checks.values() if check.missing)


def read_trial(given: Mapping[str, object]) -> Trial:
    """
    Return the trial that a mapping holds.

    :raises TrialError: if a field is unknown, of another type or impossible; it names the field.
    """
    known = [each.name for each in fields(Trial)]
    for name in given:
        if name not in known:
            raise TrialError(f"{name!r} is no field of a trial; its fields are {', '.join(known)}")
    medicine = given.get("medicine")
    if not isinstance(medicine, str) or not medicine.strip():
        raise TrialError("medicine is the name of what was taken, as text")
    return Trial(
        medicine=medicine.strip(),
        dose_mg=_number(
            given, "dose_mg", "the total daily dose in mg, above 0", least=0, open_=True
        ),
        weeks=_number(given, "weeks", "how many weeks it was taken, 0 or more", least=0),
        episode=cast("Episode | None", _one_of(given, "episode", get_args(Episode))),
        outcome=cast("Outcome", _one_of(given, "outcome", get_args(Outcome)) or "unknown"),
        improvement_percent=_number(
            given, "improvement_percent", "between -100 and 100", least=-100, greatest=100
        ),
        adherence_percent=_number(
            given, "adherence_percent", "between 0 and 100", least=0, greatest=100
        ),
        augmentation=_flag(given, "augmentation"),
        source=_text(given, "source"),
    )


def read_against(
    trial: Trial,
    *,
    number: int,
    standard: TrialStandard,
    general: ResponseCut,
    medicines: Formulary,
    doses: Sequence[AdequateDose],
) -> TrialReading:
    """
    Return what a trial comes to under a standard; `general` is where response begins in general.

    A trial counts as failed when its episode is the current one, its dose and weeks are adequate,
    nothing speaks against adherence, and it brought no response. What is not recorded is unknown.
    """
    found = medicines.recognize(trial.medicine)
    named = found.medicines[0] if len(found.medicines) == 1 and not found.rest else None
    antidepressant, augmentation = _kind(trial, named, medicines)
    checks = {
        "medicine": _medicine(trial, found, antidepressant, augmentation),
        "episode": _episode(trial),
        "dose": _dose(trial, named, doses),
        "weeks": _weeks(trial, standard),
        "adherence": _adherence(trial, standard),
        "response": _response(trial, standard.response, general),
    }
    parts = [check.truth for name, check in checks.items() if name != "medicine"]
    return TrialReading(
        number=number,
        trial=trial,
        medicine=named.medicine if named else None,
        antidepressant=antidepressant,
        augmentation=augmentation,
        antidepressant_class=medicines.antidepressant_class(named.medicine) if named else None,
        checks=checks,
        failed=truth.conjunction(parts),
        intolerable=truth.conjunction(
            [antidepressant, checks["episode"].truth, _not_tolerated(trial)]
        ),
    )


def _not_tolerated(trial: Trial) -> Truth:
    return None if trial.outcome == "unknown" else trial.outcome == "intolerance"


def _kind(trial: Trial, named: Named | None, medicines: Formulary) -> tuple[Truth, Truth]:
    """Whether it is a trial of an antidepressant, and whether of an augmentation."""
    if named is None:
        return (False, True) if trial.augmentation else (None, trial.augmentation)
    if trial.augmentation:
        return False, True
    usual = medicines.medicines[named.medicine].trial
    if usual == "antidepressant":
        return True, False
    if trial.augmentation is None:
        return False, True if usual == "augmentation" else None
    return False, False


def _medicine(trial: Trial, found: Recognized, antidepressant: Truth, augmentation: Truth) -> Check:
    if len(found.medicines) > 1:
        why = f"{trial.medicine} names several medicines; each is a trial of its own"
        return Check(None, why, missing="medicine")
    if not found.medicines or found.rest:
        why = f"{trial.medicine} is no medicine that is known here"
        return Check(None, why, missing="medicine")
    named = found.medicines[0]
    if antidepressant:
        return Check(True, f"{named.medicine} is an antidepressant")
    if augmentation:
        return Check(True, f"{named.medicine} was added to an antidepressant")
    if augmentation is None:
        why = f"{named.medicine} is no antidepressant; whether it was added to one is not recorded"
        return Check(None, why, missing="augmentation")
    return Check(False, f"{named.medicine} is no antidepressant and was not added to one")


def _episode(trial: Trial) -> Check:
    if trial.episode is None:
        return Check(None, "it is not recorded in which episode it was", missing="episode")
    return Check(trial.episode == "current", f"it was in the {trial.episode} episode")


def _dose(trial: Trial, named: Named | None, doses: Sequence[AdequateDose]) -> Check:
    if named is None:
        return Check(None, "no adequate dose is known for it")
    entry = _entry(named, doses)
    if entry is None:
        return Check(None, f"no adequate dose is known for {named.medicine} in this form")
    if trial.dose_mg is None:
        return Check(None, "its dose is not recorded", missing="dose_mg")
    bounds = [
        (each, other.status) for other in entry.others for each in (other.least, other.greatest)
    ]
    if entry.usual_min is not None:
        bounds.append((entry.usual_min, entry.status))
    checked = _between(trial.dose_mg, bounds, what=f"{trial.dose_mg:g} {entry.unit}")
    why = f"{checked.why} {entry.caution}".strip() if checked.conflict else checked.why
    if entry.usual_max is not None and trial.dose_mg > entry.usual_max:
        why += f"; above the usual most of {entry.usual_max:g}: is it right?"
    return Check(checked.truth, why, checked.conflict)


def _entry(named: Named, doses: Sequence[AdequateDose]) -> AdequateDose | None:
    of_it = {each.form: each for each in doses if each.medicine == named.medicine}
    return of_it.get(named.form) or of_it.get("")


def _weeks(trial: Trial, standard: TrialStandard) -> Check:
    if trial.weeks is None:
        return Check(None, "its weeks are not recorded", missing="weeks")
    bounds = [(each.weeks, each.status) for each in standard.weeks]
    return _between(trial.weeks, bounds, what=f"{trial.weeks:g} weeks")


def _between(value: float, bounds: Sequence[tuple[float, str]], *, what: str) -> Check:
    """
    Hold a value against every source's least adequate one.

    A recalled number can make an answer doubtful, never give it: where nothing else is known, the
    answer is unknown on both sides.
    """
    numbers = [number for number, _ in bounds]
    least, greatest = min(numbers), max(numbers)
    said = f"{least:g}" if least == greatest else f"{least:g} to {greatest:g}"
    if all(status == RECALLED for _, status in bounds):
        why = f"{what}, and the least adequate ({said}) is only recalled, nobody has verified it"
        return Check(None, why, conflict=True)
    if value >= greatest:
        return Check(True, f"{what} is adequate (the least is {said})")
    if value < least:
        return Check(False, f"{what} is not adequate (the least is {said})")
    return Check(
        None, f"{what} is adequate by one source and not by another ({said})", conflict=True
    )


def _adherence(trial: Trial, standard: TrialStandard) -> Check:
    """Nothing recorded speaks against adherence; a recorded gap does, and by a recalled cut only doubts."""
    share, bound = trial.adherence_percent, standard.adherence
    if share is None or bound is None:
        return Check(True, "nothing recorded speaks against adherence")
    if share >= bound.percent:
        return Check(True, f"taken on {share:g} percent of days")
    why = f"taken on {share:g} percent of days, below {bound.percent:g}"
    return Check(None if bound.status == RECALLED else False, why, conflict=True)


def _response(trial: Trial, cut: ResponseCut, general: ResponseCut) -> Check:
    gain, outcome = trial.improvement_percent, trial.outcome
    if outcome == "unknown":
        return Check(None, "its outcome is not recorded", missing="outcome")
    if outcome == "intolerance":
        return Check(False, "it was stopped because it was not tolerated; that is not a failure")
    answered = outcome in {"response", "remission"}
    if gain is not None:
        if answered == _fails(gain, general):
            why = f"recorded as {outcome} with {gain:g} percent improvement; these do not fit"
            return Check(None, why, conflict=True, missing="improvement_percent")
        return Check(_fails(gain, cut), f"{outcome}, {gain:g} percent improvement")
    if answered:
        return Check(False, f"it brought a {outcome}")
    if cut.percent < general.percent:
        why = f"{outcome}, but by how many percent is not recorded"
        return Check(None, why, missing="improvement_percent")
    return Check(True, outcome)


def _fails(gain: float, cut: ResponseCut) -> bool:
    return gain <= cut.percent if cut.inclusive else gain < cut.percent


def _number(
    given: Mapping[str, object],
    name: str,
    right: str,
    *,
    least: float,
    greatest: float = math.inf,
    open_: bool = False,
) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TrialError(f"{name} is a number ({right}), not {value!r}")
    if not abs(value) <= sys.float_info.max:
        raise TrialError(f"{name} is a number ({right}), and a finite one")
    if not least <= value <= greatest or (open_ and value == least):
        raise TrialError(f"{name} is {right}, not {value!r}")
    return value


def _one_of(given: Mapping[str, object], name: str, allowed: tuple[str, ...]) -> object:
    value = given.get(name)
    if value is not None and value not in allowed:
        raise TrialError(f"{name} is one of {', '.join(allowed)}, not {value!r}")
    return value


def _flag(given: Mapping[str, object], name: str) -> bool | None:
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise TrialError(f"{name} is true or false, not {value!r}")
    return value


def _text(given: Mapping[str, object], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise TrialError(f"{name} is a text, not {value!r}")
    return value
