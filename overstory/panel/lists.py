"""Names instead of masks: for each person the rules or facts whose column holds, as one list."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from polars.io.plugins import register_io_source

ROWS_A_PART = 131_072
"""Rows of one part of a Parquet file."""


Counts = npt.NDArray[np.uint32]


class MaskError(ValueError):
    """A mask that is no mask: a column that is not boolean, or is null somewhere."""


class AnswersError(ValueError):
    """A table of answers that cannot be written; the message says why."""


def names_of(frame: pl.DataFrame, masks: Mapping[str, str]) -> pl.Series:
    """
    Return for each row the names whose boolean column holds, in the order of the mapping.

    `masks` has the column of each name. The lists hold an `Enum`; readers of Parquet see lists of text.

    :raises MaskError: if a column is not boolean or holds a null.
    """
    kind = pl.Enum(list(masks))
    matrix = np.empty((len(masks), frame.height), dtype=np.bool_)
    for place, column in enumerate(masks.values()):
        matrix[place] = _mask(frame, column).to_numpy()
    by_row = np.ascontiguousarray(matrix.T)
    held = np.flatnonzero(by_row)
    counts = by_row.sum(axis=1, dtype=np.uint32)
    rows = np.repeat(np.arange(frame.height, dtype=np.uint32), counts)
    smallest = np.uint8 if len(masks) < 256 else np.uint16
    places = (held - rows.astype(np.int64) * len(masks)).astype(smallest)
    return _lists(pl.Series(places).cat.to(kind), rows, counts)


def _mask(frame: pl.DataFrame, column: str) -> pl.Series:
    mask = frame.get_column(column)
    if mask.dtype != pl.Boolean:
        raise MaskError(f"{column}: a mask is true or false, not {mask.dtype}")
    if mask.null_count():
        raise MaskError(f"{column}: a mask is true or false for every row, never null")
    return mask


def _lists(names: pl.Series, rows: Counts, counts: Counts) -> pl.Series:
    """The names of each row as one list; `counts` tells how many, so that a row may have none."""
    held = pl.DataFrame({"row": pl.Series(rows).set_sorted(), "names": names})
    lists = held.group_by("row", maintain_order=True).agg("names").get_column("names")
    some = counts > 0
    if some.all():
        return lists
    with_none = lists.extend(pl.Series([[]], dtype=lists.dtype))
    place = np.where(some, np.cumsum(some) - 1, with_none.len() - 1)
    return with_none.gather(pl.Series(place.astype(np.uint32)))


def write_answers(
    path: Path,
    frames: Iterable[pl.DataFrame],
    *,
    schema: Mapping[str, pl.DataType],
    metadata: Mapping[str, str],
) -> None:
    """
    Write frames to one Parquet file as they come; it appears only when whole.

    What the frames raise is raised as it is.

    :raises AnswersError: if it cannot be written, or a frame has other columns than `schema`.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    raised: list[BaseException] = []
    rows = register_io_source(lambda *_: _kept(frames, schema, raised), schema=dict(schema))
    try:
        _sink(rows, part, metadata)
        part.replace(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        if raised:
            raise raised[0] from None
        raise AnswersError(f"{path}: {error}") from None
    except KeyboardInterrupt:
        part.unlink(missing_ok=True)
        raise


def _sink(rows: pl.LazyFrame, part: Path, metadata: Mapping[str, str]) -> None:
    """
    Write the rows to a part; of a part that is not whole nothing is left.

    The file is opened here: by its path a thread of Polars could make it anew after it was removed.
    """
    try:
        with part.open("wb") as file:
            rows.sink_parquet(
                file, row_group_size=ROWS_A_PART, metadata=dict(metadata), compression="zstd"
            )
    except BaseException:
        part.unlink(missing_ok=True)  # Python may interrupt here once more, after Polars did
        raise


def _kept(
    frames: Iterable[pl.DataFrame],
    schema: Mapping[str, pl.DataType],
    raised: list[BaseException],
) -> Iterator[pl.DataFrame]:
    """The frames; what they raise is kept, since Polars would tell of it in words of its own."""
    try:
        for frame in frames:
            _refuse_other_columns(frame, schema)
            yield frame
    except BaseException as error:
        raised.append(error)
        raise


def _refuse_other_columns(frame: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> None:
    if list(frame.schema.items()) != list(schema.items()):
        raise AnswersError("a piece of the answers has other columns than the file is to have")
