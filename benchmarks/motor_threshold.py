"""How far the motor threshold is off after 18 pulses, over 10,000 made-up people."""

from __future__ import annotations

import json
import time

import numpy as np

from overstory.knowledge.load import load_knowledge
from overstory.pathway.stimulation.hunting import hunting
from overstory.pathway.stimulation.hunting_many import errors, hunt_many

PEOPLE, SEED = 10_000, 20261122
LEAST, GREATEST, SPREAD = 35.0, 75.0, 0.07
AIM = {"median": 1.7, "p95": 4.8}


def motor_threshold() -> None:
    """
    Print median and 95th percentile of the error after 18 pulses, in percent of the true threshold.

    Thresholds are even between 35 and 75 %MSO, the spread is 7 % of them, the start is 60, pulses are
    whole %MSO. The first line is plain maximum likelihood without a clamp, as the aim is stated; the
    others are what is offered beside it.
    """
    for clamp, prior in ((False, False), (True, False), (True, True)):
        generator = np.random.default_rng(SEED)
        true = generator.uniform(LEAST, GREATEST, PEOPLE)
        how = hunting(knowledge=load_knowledge(), clamp=clamp, prior=prior)
        start = time.perf_counter()
        found = hunt_many(thresholds=true, spreads=SPREAD * true, how=how, generator=generator)
        seconds = time.perf_counter() - start
        off = errors(found=found, true=true)
        line = {
            "benchmark": "motor threshold after 18 pulses",
            "clamp": clamp,
            "prior": prior,
            "median": round(off.median_percent, 2),
            "p95": round(off.p95_percent, 2),
            "bias": round(off.bias_percent, 2),
            "unit": "percent of the true threshold",
            "budget": AIM,
            "within": off.median_percent <= AIM["median"] and off.p95_percent <= AIM["p95"],
            "people": PEOPLE,
            "pulses": how.pulses,
            "seconds": round(seconds, 2),
        }
        print(json.dumps(line))


if __name__ == "__main__":
    motor_threshold()
