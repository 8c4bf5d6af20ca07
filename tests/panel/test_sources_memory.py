"""A source is read within the memory of its batches, however long it is."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.panel.sources_made import long_table

ROOT = Path(__file__).parents[2]
PEAK = """
import sys
from pathlib import Path
from overstory.panel.sources import open_source
from tests.panel.sources_made import VOCABULARY
rows = sum(table.height for table in open_source(sys.argv[1], vocabulary=VOCABULARY).batches(20_000))
status = Path("/proc/self/status").read_text()
print(rows, next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def peak_kb(place, rows):
    """The most memory that a process of its own took to read a place of so many rows."""
    run = [sys.executable, "-c", PEAK, str(place)]
    said = subprocess.run(run, capture_output=True, check=True, text=True, cwd=ROOT).stdout.split()
    assert int(said[0]) == rows
    return int(said[1])


def wide_table(rows):
    """Eleven numbers a person and more, so that a row takes a hundred bytes."""
    facts = [
        "age_years", "weight_kg", "height_cm", "systolic_bp", "diastolic_bp", "heart_rate",
        "phq9_total", "madrs_total", "hamd17_total", "gad7_total", "ymrs_total",
    ]  # fmt: skip
    number = pl.int_range(rows)
    return long_table(rows).with_columns((number % 1009 / 7).alias(fact) for fact in facts)


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """The same people, few and many, as Parquet and as CSV."""
    found = {}
    for rows in (50_000, 1_000_000):
        folder = tmp_path_factory.mktemp(f"rows{rows}")
        table = wide_table(rows)
        table.write_parquet(folder / "f.parquet", row_group_size=100_000)
        found[".parquet", rows] = folder / "f.parquet"
        table.write_csv(folder / "f.csv")
        found[".csv", rows] = folder / "f.csv"
    return found


@pytest.mark.parametrize("kind", [".parquet", ".csv"])
def test_memory_does_not_grow_with_the_rows_read(kind, places):
    few, many = (peak_kb(places[kind, rows], rows) for rows in (50_000, 1_000_000))

    assert many - few < 85_000  # kB; the 950,000 rows between them take 98,000 and as much again
