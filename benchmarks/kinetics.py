"""Levels of 10,000 people over 241 minutes in closed form, beside one curve after another."""

from __future__ import annotations

import numpy as np

from benchmarks.reporting import report, times_ms
from overstory.knowledge.load import load_knowledge
from overstory.pathway.kinetics import infusion_steps, racemic_modes
from overstory.pathway.kinetics_modes import Numbers

PEOPLE, MINUTES = 10_000, 241
ONE_BY_ONE = 200
"""How many are worked out one after another; their time is scaled to all."""


def kinetics() -> None:
    """
    Print how long 10,000 curves take, and how many times longer one curve after another takes.

    Each person has a weight of their own; the input is the standard infusion. After one round that is
    not counted.
    """
    knowledge = load_knowledge()
    model = next(each for each in knowledge.sections["kinetic_models"] if each.id == "kamp-power")
    weights = np.random.default_rng(20261122).uniform(45, 140, PEOPLE).tolist()
    steps = infusion_steps(mg=35, over_minutes=40)

    def together() -> Numbers:
        return racemic_modes(model, weights).on_grid(steps, spacing=1.0, count=MINUTES)

    def one_by_one() -> list[Numbers]:
        return [
            racemic_modes(model, [each]).after_steps(steps, range(MINUTES))
            for each in weights[:ONE_BY_ONE]
        ]

    found = times_ms(together, rounds=15)
    alone = times_ms(one_by_one, rounds=5)
    ratio = min(alone) * PEOPLE / ONE_BY_ONE / min(found)
    report(
        "10,000 drug level curves of 241 minutes", found, unit="ms", budget=50, people=PEOPLE,
        minutes=MINUTES, one_curve_after_another_times_longer=round(ratio, 1),
    )  # fmt: skip


if __name__ == "__main__":
    kinetics()
