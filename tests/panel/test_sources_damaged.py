"""Files that were cut off or had bytes changed: read as they stand, or refused, never a crash."""

import gzip
import random
from collections import Counter

import pytest

from overstory.panel.sources import SourceError
from tests.panel.sources_made import long_table, read, write_duckdb

ROWS = 300


def made(folder, name):
    """A whole file of a kind, and the place that it is read from."""
    table, path = long_table(ROWS), folder / name
    if name.endswith(".parquet"):
        table.write_parquet(path, row_group_size=100)
    elif name.endswith(".duckdb"):
        table.write_parquet(folder / "facts.parquet")
        write_duckdb(path, f"FROM read_parquet('{folder / 'facts.parquet'}')")
    elif name.endswith((".arrow", ".feather")):
        table.write_ipc(path, compression="zstd" if name.endswith("feather") else None)
    else:
        table.write_csv(folder / "plain.csv", quote_style="always")
        plain = (folder / "plain.csv").read_bytes()
        path.write_bytes(gzip.compress(plain, mtime=0) if name.endswith("gz") else plain)
    return path, f"{path}::facts" if name.endswith("duckdb") else str(path)


def outcomes(contents, folder, name):
    """How often a damaged file was read or refused; any other end is an error of the test."""
    path, place = made(folder, name)
    whole, found = path.read_bytes(), Counter()
    for content in contents(whole):
        path.write_bytes(content)
        said, height = outcome(place)
        assert height <= ROWS
        assert said is None or (said.startswith(str(path)) and "\n" not in said)
        found["read" if said is None else "refused"] += 1
    return found


def outcome(place):
    """What is said when a place is refused, or None; and how many rows were read."""
    try:
        table = read(place, size=64)
    except SourceError as error:
        return str(error), 0
    return None, table.height if table is not None else 0


def cut(whole):
    return [whole[: len(whole) * part // 50] for part in range(50)]


def changed(whole):
    chance = random.Random(7)  # noqa: S311  # no secret
    for number in range(100):
        content = bytearray(whole)
        first = 0 if number % 2 else len(content) * 3 // 4
        for _ in range(chance.choice([1, 3, 20])):
            content[chance.randrange(first, len(content))] = chance.randrange(256)
        yield bytes(content)


PACKED = ["f.parquet", "f.arrow", "f.feather", "f.csv.gz"]


@pytest.mark.parametrize("name", PACKED)
def test_a_file_that_was_cut_off_is_refused(name, tmp_path):
    assert outcomes(cut, tmp_path, name) == {"refused": 50}


def test_a_csv_that_was_cut_off_gives_its_whole_rows_or_is_refused(tmp_path):
    found = outcomes(cut, tmp_path, "f.csv")

    assert found["refused"] + found["read"] == 50
    assert found["refused"] >= 40


@pytest.mark.parametrize("name", [*PACKED, "f.csv"])
def test_changed_bytes_never_crash_a_reader(name, tmp_path):
    found = outcomes(changed, tmp_path, name)

    assert found["refused"] + found["read"] == 100
    assert found["refused"] >= 10


def test_a_damaged_duckdb_file_never_crashes_the_reader(tmp_path):
    found = outcomes(cut, tmp_path, "f.duckdb")

    assert found["refused"] + found["read"] == 50
    assert found["refused"] >= 10
