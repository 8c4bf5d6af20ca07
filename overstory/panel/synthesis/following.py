"""What follows from what is on record of invented people, as `pathway.intake.person` has it for one."""

from __future__ import annotations

import numpy as np

from overstory.engine.facts import Vocabulary
from overstory.knowledge.rules import ReadConsequence
from overstory.panel.synthesis.conditions import Bools, People, Values
from overstory.panel.synthesis.ledgers import Menu
from overstory.panel.synthesis.recording import (
    CONFLICTING,
    KNOWN,
    LEDGER,
    NOT_ANSWERED,
    NOT_ASKED,
    Recorded,
)
from overstory.pathway.intake import ORDERED, body_mass_index

BMI, WEIGHT, HEIGHT = "bmi", "weight_kg", "height_cm"


def facts_of(
    recorded: Recorded,
    *,
    menu: Menu,
    vocabulary: Vocabulary,
    consequences: tuple[ReadConsequence, ...],
) -> Recorded:
    """Return the facts of a group of people: what is on record, what follows, what is in conflict."""
    found = Recorded(values=dict(recorded.values), states=dict(recorded.states), days=recorded.days)
    _count_trials(found, menu)
    for lower, upper in ORDERED:
        both = (found.states[lower] == KNOWN) & (found.states[upper] == KNOWN)
        wrong = both & ~(found.values[lower] < found.values[upper])
        for name in (lower, upper):
            _change(found, name, wrong, CONFLICTING)
    _weigh(found, vocabulary)
    for each in consequences:
        _follow(found, each, vocabulary)
    return found


def _count_trials(found: Recorded, menu: Menu) -> None:
    """The counts of the ledger; one given beside it stands where the ledger allows it."""
    with_ledger = found.states[LEDGER] == KNOWN
    places = np.nan_to_num(found.values[LEDGER]).astype(np.int64)
    chosen, back = np.unique(np.where(with_ledger, places, 0), return_inverse=True)
    ledgers = [menu[int(place)] for place in chosen]
    filled = with_ledger & np.array([bool(each.trials) for each in ledgers])[back]
    for name in ledgers[0].counts:
        least = np.array([each.counts[name].least for each in ledgers])[back]
        greatest = np.array([each.counts[name].greatest for each in ledgers])[back]
        derived = [each.facts[name] for each in ledgers]
        values = np.array([np.nan if each is None else each for each in derived], dtype=float)[back]
        given = found.states[name] == KNOWN
        count = found.values[name]
        _change(found, name, filled & given & ((count < least) | (count > greatest)), CONFLICTING)
        counted = filled & ~given
        _change(found, name, counted & np.isnan(values), NOT_ANSWERED)
        _change(found, name, counted & ~np.isnan(values), KNOWN, values)


def _weigh(found: Recorded, vocabulary: Vocabulary) -> None:
    both = (found.states[WEIGHT] == KNOWN) & (found.states[HEIGHT] == KNOWN)
    values = body_mass_indexes(found.values)
    kind = vocabulary[BMI]
    fits = np.ones_like(both)
    if kind.least is not None and kind.greatest is not None:
        fits = (values >= kind.least) & (values <= kind.greatest)
    _change(found, BMI, both & fits, KNOWN, values)
    _change(found, BMI, both & ~fits, CONFLICTING)


def body_mass_indexes(values: dict[str, Values]) -> Values:
    """Return the body mass index of everybody, in kg/m2."""
    found: Values = body_mass_index(weight_kg=values[WEIGHT], height_cm=values[HEIGHT])  # type: ignore[arg-type,assignment]  # the same arithmetic on arrays
    return found


def _follow(found: Recorded, consequence: ReadConsequence, vocabulary: Vocabulary) -> None:
    known = {name: states == KNOWN for name, states in found.states.items()}
    true = People(vocabulary, found.values, known).true(consequence.when)
    for name, value in consequence.words.then.items():
        told = vocabulary[name].codes.index(value) if isinstance(value, str) else value
        free = true & (found.states[name] == NOT_ASKED)
        wrong = true & known[name] & (found.values[name] != told)
        _change(found, name, free, KNOWN, np.full_like(found.values[name], told))
        _change(found, name, wrong, CONFLICTING)


def _change(
    found: Recorded, name: str, those: Bools, state: int, values: Values | None = None
) -> None:
    found.states[name] = np.where(those, state, found.states[name]).astype(np.int8)
    if values is not None:
        found.values[name] = np.where(those, values, found.values[name])
