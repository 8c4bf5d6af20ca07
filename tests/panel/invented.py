"""Invented people for the tests: one moment, one knowledge, groups drawn once."""

from datetime import datetime
from functools import cache

from overstory.knowledge.load import load_knowledge
from overstory.panel.synthesis.population import Population

AT = datetime.fromisoformat("2026-11-22T10:00:00-05:00")
MISSING = ("none", "intake", "records")


def population(size, *, seed=1, missing="none", with_errors=False):
    return Population(load_knowledge(), size, seed, AT, missing, with_errors)


@cache
def groups(size, *, seed=1, missing="none"):
    return tuple(population(size, seed=seed, missing=missing).groups())
