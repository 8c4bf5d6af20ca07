"""What an SQL engine gives must be, to the bit, what Polars gives and what the bedside says."""

from collections import Counter
from dataclasses import fields, is_dataclass

import polars as pl

from overstory.panel import polars_engine
from overstory.panel.compiling import compile_program
from overstory.panel.door import enter
from overstory.panel.sql_checksums import checksums_of, differences
from overstory.panel.sql_endings import answer_columns
from overstory.pathway.verdicts import ORDER
from tests.panel.oracle import bedside, of_table, table_of


class Asked:
    """A table with its program, and the answers of Polars."""

    def __init__(self, people, *, knowledge, jurisdiction, at, dated, missing=()):
        vocabulary = knowledge.vocabulary
        self.people, self.knowledge, self.jurisdiction, self.at = (
            people,
            knowledge,
            jurisdiction,
            at,
        )
        self.table = table_of(people, vocabulary=vocabulary, dated=dated, missing=missing)
        entered = enter(self.table, vocabulary=vocabulary, at=at)
        self.program = compile_program(
            knowledge=knowledge, jurisdiction=jurisdiction, at=at, dated=entered.dated
        )
        self.in_process = polars_engine.run(self.program, entered.facts)

    def bedside(self):
        return [
            bedside(row, knowledge=self.knowledge, jurisdiction=self.jurisdiction, at=self.at)
            for row in self.people
        ]

    def file(self, folder):
        path = folder / "facts.parquet"
        self.table.write_parquet(path)
        return path


def in_order(frames):
    """The batches as one frame, in the order of the rows that were given."""
    found = pl.concat(frames)
    return found.sort(pl.col("id").str.strip_prefix("row-").cast(pl.Int64))


def check_full(asked, frames, expected):
    """Every answer, against Polars (values and types) and against the bedside."""
    found = in_order(frames)
    assert found.columns == ["id", *answer_columns(asked.program)]
    wrong = [
        n for n in found.columns if not found[n].equals(asked.in_process[n], check_dtypes=True)
    ]
    assert not wrong, {n: (found[n].to_list(), asked.in_process[n].to_list()) for n in wrong[:3]}
    for answer, right in zip(of_table(asked.program, found), expected, strict=True):
        assert answer == right


def check_compact(frames, expected):
    """Verdicts in words, names joined by commas; of the bedside."""
    for row, right in zip(in_order(frames).iter_rows(named=True), expected, strict=True):
        assert row["safety.level"] == right["safety"]
        for treatment, verdict in right["verdicts"].items():
            assert verdict in [str(each) for each in ORDER]
            assert row[f"{treatment}.verdict"] == verdict
            assert sorted(row[f"{treatment}.decided_by"].split(",")) == sorted(
                right["decided"][treatment] or [""]
            )
            assert row[f"{treatment}.asks"] == ",".join(right["asks"][treatment])


def check_checksums(asked, frames):
    """The sums of the database against those of the frame of Polars."""
    (found,) = pl.concat(frames).rows(named=True)
    assert differences(found, checksums_of(asked.in_process, asked.program)) == {}
    assert found["people"] == len(asked.people)


def nodes_of(program):
    """How often each kind of node stands in the steps of a program."""
    seen = Counter()

    def count(node):
        if is_dataclass(node):
            seen[type(node)] += 1
            for each in fields(node):
                count(getattr(node, each.name))
        elif isinstance(node, tuple):
            for each in node:
                count(each)

    for step in program.steps:
        for node in step.columns.values():
            count(node)
    return seen
