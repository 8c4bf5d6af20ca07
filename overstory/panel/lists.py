"""Names instead of masks: for each person the rules or facts whose column holds, as one list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

ROWS_A_PART = 131_072
"""Rows of one part of a Parquet file."""


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
    columns = [_mask(frame, column) for column in masks.values()]
    matrix = np.empty((frame.height, len(columns)), dtype=np.bool_)
    for place, column in enumerate(columns):
        matrix[:, place] = column.to_numpy()
    rows, places = np.nonzero(matrix)
    found = pl.DataFrame(
        {
            "row": pl.Series(rows, dtype=pl.UInt32),
            "name": pl.Series(places, dtype=pl.UInt32),
        }
    )
    return _grouped(found, kind, frame.height)


def _mask(frame: pl.DataFrame, column: str) -> pl.Series:
    mask = frame.get_column(column)
    if mask.dtype != pl.Boolean or mask.null_count():
        raise MaskError(f"{column}: a mask is true or false for every row, not {mask.dtype}")
    return mask


def _grouped(found: pl.DataFrame, kind: pl.Enum, height: int) -> pl.Series:
    names = pl.Series(kind.categories).cast(kind)
    named = found.with_columns(names.gather(found["name"]).alias("name"))
    lists = (
        named.with_columns(pl.col("row").set_sorted()).group_by("row", maintain_order=True).all()
    )
    every = pl.DataFrame({"row": pl.Series(range(height), dtype=pl.UInt32)})
    joined = every.join(lists, on="row", how="left", maintain_order="left")
    return joined.select(pl.col("name").fill_null(pl.lit([], dtype=pl.List(kind)))).to_series()


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

    :raises AnswersError: if it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    raised: list[Exception] = []
    rows = register_io_source(lambda *_: _kept(frames, raised), schema=dict(schema))
    try:
        rows.sink_parquet(
            part, row_group_size=ROWS_A_PART, metadata=dict(metadata), compression="zstd"
        )
        part.replace(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        if raised:
            raise raised[0] from None
        raise AnswersError(f"{path}: {error}") from None
    finally:
        part.unlink(missing_ok=True)


def _kept(frames: Iterable[pl.DataFrame], raised: list[Exception]) -> Iterator[pl.DataFrame]:
    """The frames; what they raise is kept, since Polars would tell of it in words of its own."""
    try:
        yield from frames
    except Exception as error:
        raised.append(error)
        raise
