"""Random streams by counter: each value of each group of people has its own, whatever else is drawn."""

from __future__ import annotations

import hashlib

import numpy as np

WORD = 8
"""Bytes of one word of a Philox key or counter."""


def stream(*, seed: int, group: int, name: str) -> np.random.Generator:
    """
    Return the random numbers of one name for one group of people under a seed.

    Any whole number is a seed. Streams of other names, groups and seeds do not overlap with it, so
    that a value added to the population leaves the others as they were.
    """
    key = [_word(f"seed {seed}"), group]
    return np.random.Generator(np.random.Philox(counter=[0, 0, 0, _word(name)], key=key))


def _word(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:WORD], "little")
