"""Lists of names are those whose masks hold, and answers are written whole or not at all."""

import subprocess
import sys
from itertools import chain
from pathlib import Path
from random import Random

import duckdb
import polars as pl
import pytest

from overstory.panel.lists import AnswersError, MaskError, names_of, write_answers


def masks_of(rows, names, *, chance, seed=1):
    """A frame with a mask for each name, and the column of each name."""
    draw = Random(seed)  # noqa: S311  # no secret
    frame = pl.DataFrame(
        {f"rule.{name}": [draw.random() < chance for _ in range(rows)] for name in names},
        schema={f"rule.{name}": pl.Boolean for name in names},
    )
    return frame, {name: f"rule.{name}" for name in names}


def naive(frame, masks):
    return [
        [name for name, column in masks.items() if row[column]]
        for row in frame.iter_rows(named=True)
    ]


@pytest.mark.parametrize("chance", [0, 0.02, 0.3, 1])
@pytest.mark.parametrize("count", [1, 2, 7, 255, 256, 300])
def test_each_row_has_the_names_whose_masks_hold(count, chance):
    names = [f"esketamine.rule-{number}" for number in reversed(range(count))]
    frame, masks = masks_of(200, names, chance=chance)

    lists = names_of(frame, masks)

    assert lists.to_list() == naive(frame, masks)


def test_names_have_the_order_of_the_mapping_and_not_of_the_columns():
    frame = pl.DataFrame({"first": [True], "second": [True], "third": [False]})

    lists = names_of(frame, {"b": "second", "c": "third", "a": "first"})

    assert lists.to_list() == [["b", "a"]]


def test_two_names_may_share_a_column():
    lists = names_of(pl.DataFrame({"one": [True, False]}), {"a": "one", "b": "one"})

    assert lists.to_list() == [["a", "b"], []]


def test_slices_of_a_table_have_the_names_of_their_own_rows():
    frame, masks = masks_of(1_000, [f"rule-{number}" for number in range(20)], chance=0.1)

    parts = [names_of(part, masks).to_list() for part in frame.iter_slices(77)]

    assert list(chain(*parts)) == naive(frame, masks)


def test_no_rows_have_no_lists():
    frame, masks = masks_of(0, ["a", "b"], chance=1)

    lists = names_of(frame, masks)

    assert lists.to_list() == []
    assert lists.dtype == pl.List(pl.Enum(["a", "b"]))


def test_no_masks_make_empty_lists():
    lists = names_of(pl.DataFrame({"id": ["a", "b"]}), {})

    assert lists.to_list() == [[], []]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([True, None], "one: a mask is true or false for every row, never null"),
        ([1, 0], "one: a mask is true or false, not Int64"),
    ],
)
def test_what_is_no_mask_is_refused(values, says):
    with pytest.raises(MaskError, match=says):
        names_of(pl.DataFrame({"one": values}), {"a": "one"})


def answers(pieces, *, rows=100):
    """Pieces of answers as they are written, with ids that go on."""
    frame, masks = masks_of(rows, ["esketamine.a", "shared.b"], chance=0.4)
    for piece in range(pieces):
        number = pl.int_range(piece * rows, (piece + 1) * rows, eager=True)
        ids = number.cast(pl.String).alias("id")
        yield pl.DataFrame([ids, names_of(frame, masks).alias("tms.decided_by")])


SCHEMA = {"id": pl.String(), "tms.decided_by": pl.List(pl.Enum(["esketamine.a", "shared.b"]))}


def test_answers_are_read_back_as_lists_of_text(tmp_path):
    path = tmp_path / "answers.parquet"

    write_answers(path, answers(5), schema=SCHEMA, metadata={"overstory.table": "answers/1"})

    given = pl.concat(answers(5))
    expected = [tuple(row) for row in given.iter_rows()]
    query = f"""SELECT id, "tms.decided_by", typeof("tms.decided_by") FROM read_parquet('{path}')"""  # noqa: S608
    found = duckdb.sql(query).fetchall()
    assert [row[:2] for row in found] == expected
    assert {row[2] for row in found} == {"VARCHAR[]"}
    assert pl.read_parquet(path).rows() == expected
    assert pl.read_parquet_metadata(path)["overstory.table"] == "answers/1"


def test_no_answers_make_an_empty_file_with_its_columns(tmp_path):
    path = tmp_path / "answers.parquet"

    write_answers(path, [], schema=SCHEMA, metadata={})

    assert pl.read_parquet(path).shape == (0, 2)


def test_lists_of_no_names_can_be_written(tmp_path):
    path = tmp_path / "answers.parquet"
    lists = names_of(pl.DataFrame({"id": ["a"]}), {})
    frame = pl.DataFrame([pl.Series("id", ["a"]), lists.alias("tms.asks")])

    write_answers(path, [frame], schema=frame.schema, metadata={})

    assert pl.read_parquet(path)["tms.asks"].to_list() == [[]]


def test_what_the_pieces_raise_comes_through_and_leaves_no_file(tmp_path):
    def broken():
        yield from answers(1)
        raise LookupError("the source ended")

    with pytest.raises(LookupError, match="the source ended"):
        write_answers(tmp_path / "a.parquet", broken(), schema=SCHEMA, metadata={})

    assert list(tmp_path.iterdir()) == []


def test_an_older_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "answers.parquet"
    write_answers(path, answers(1), schema=SCHEMA, metadata={})

    with pytest.raises(AnswersError, match="other columns"):
        write_answers(path, [*answers(1), pl.DataFrame({"id": ["x"]})], schema=SCHEMA, metadata={})

    assert pl.read_parquet(path).height == 100
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(AnswersError, match=r"nowhere/a\.parquet"):
        write_answers(tmp_path / "nowhere" / "a.parquet", answers(1), schema=SCHEMA, metadata={})


ROOT = Path(__file__).parents[2]
PEAK = """
import sys
from pathlib import Path
from tests.panel.test_lists import SCHEMA, answers
from overstory.panel.lists import write_answers
write_answers(Path(sys.argv[1]), answers(int(sys.argv[2]), rows=20_000), schema=SCHEMA, metadata={})
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def peak_kb(path, pieces):
    """The most memory that a process of its own took to write so many pieces."""
    run = [sys.executable, "-c", PEAK, str(path), str(pieces)]
    return int(subprocess.run(run, capture_output=True, check=True, text=True, cwd=ROOT).stdout)


def test_memory_does_not_grow_with_the_rows_written(tmp_path):
    few = peak_kb(tmp_path / "few.parquet", 20)
    many = peak_kb(tmp_path / "many.parquet", 300)

    assert pl.scan_parquet(tmp_path / "many.parquet").select(pl.len()).collect().item() == 6_000_000
    assert many - few < 60_000  # kB; 5.6 million rows at 25 bytes each would be 140,000
