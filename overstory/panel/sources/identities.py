"""The ids met so far, as sorted hashes of eight bytes each, so that a million people take 8 MB."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]


class Identities:
    """
    The ids of the batches so far.

    The hashes stand in sorted runs, each more than twice as long as the next, so that adding N ids
    takes time in proportion to N log N.
    """

    def __init__(self) -> None:
        self._runs: list[Hashes] = []

    def repeated(self, ids: pl.Series) -> list[int]:
        """
        Return the rows whose id may stand in an earlier row, here or in a batch before; add all.

        An id that did stand before is never left out. One that did not is named only if the hashes of
        two ids are alike.
        """
        hashes = ids.hash(seed=0).to_numpy()
        order = np.argsort(hashes, kind="stable")
        ranked = hashes[order]
        met = np.zeros(len(ranked), dtype=np.bool_)
        met[1:] = ranked[1:] == ranked[:-1]
        for run in self._runs:
            at = np.minimum(np.searchsorted(run, ranked), len(run) - 1)
            met |= run[at] == ranked
        self._add(ranked)
        return sorted(order[met].tolist())

    def _add(self, ranked: Hashes) -> None:
        if not len(ranked):
            return
        self._runs.append(ranked)
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            last = self._runs.pop()
            joined = np.concatenate([self._runs.pop(), last])
            joined.sort(kind="stable")
            self._runs.append(joined)
