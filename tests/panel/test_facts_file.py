"""A facts table keeps what is known, when, and what was looked for in vain."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from overstory.engine.facts import Fact, Facts, FactType, Unknown, Vocabulary
from overstory.panel.facts_file import FactsFileError, FactsRows, join_parts, read_about, write_part

AT = datetime.fromisoformat("2026-11-22T10:00:00-05:00")
EARLIER = datetime.fromisoformat("2026-11-01T08:00:00.000001+01:00")
VOCABULARY = Vocabulary(
    [
        FactType("pregnant", "bool", "pregnant"),
        FactType("weight_kg", "number", "weight", fresh_for=timedelta(days=90)),
        FactType("cssrs_risk", "code", "risk", codes=("low", "high")),
        FactType("last_dose_on", "date", "last dose"),
    ]
)
NAMES = ("pregnant", "weight_kg", "cssrs_risk", "last_dose_on")


def table_of(*people):
    rows = FactsRows(VOCABULARY)
    for name, given in people:
        rows.add(name, Facts(VOCABULARY, AT, given))
    return rows.table()


def test_a_known_fact_has_its_value_and_its_time_in_utc():
    given = {
        "pregnant": Fact(False, at=EARLIER),
        "weight_kg": Fact(70, at=AT),
        "cssrs_risk": Fact("high", at=AT),
        "last_dose_on": Fact(date(2026, 11, 20)),
    }

    table = table_of(("maya", given))

    (row,) = table.iter_rows(named=True)
    assert [row[name] for name in NAMES] == [False, 70.0, "high", date(2026, 11, 20)]
    assert row["pregnant.at"] == datetime(2026, 11, 1, 7, 0, 0, 1, tzinfo=UTC)
    assert row["weight_kg.at"] == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert row["last_dose_on.at"] is None
    assert table.dtypes[1:5] == [pl.Boolean(), pl.Float64(), pl.String(), pl.Date()]


@pytest.mark.parametrize(
    "reason", [Unknown.NOT_ANSWERED, Unknown.CONFLICTING, Unknown.NOT_RECORDED]
)
def test_what_is_unknown_for_a_reason_has_null_with_its_time_or_that_of_the_table(reason):
    table = table_of(
        ("dated", {"pregnant": Fact(unknown=reason, at=EARLIER)}),
        ("undated", {"pregnant": Fact(unknown=reason)}),
    )

    assert table["pregnant"].to_list() == [None, None]
    assert table["pregnant.at"].to_list() == [EARLIER, AT]


def test_what_has_aged_has_null_with_the_time_at_which_it_was_true():
    long_ago = AT - timedelta(days=91)

    table = table_of(("maya", {"weight_kg": Fact(70, at=long_ago)}))

    assert table["weight_kg"].to_list() == [None]
    assert table["weight_kg.at"].to_list() == [long_ago]


def test_what_was_not_asked_has_null_in_both():
    table = table_of(("maya", {"pregnant": Fact(unknown=Unknown.NOT_ASKED)}))

    assert table.row(0) == ("maya", *[None] * 8)


def test_rows_stay_in_order_across_frames_and_columns_fill_up():
    people = [
        (f"p{number}", {"weight_kg": Fact(number % 200 + 30, at=AT)} if number % 3 else {})
        for number in range(9000)
    ]

    table = table_of(*people)

    assert table.height == 9000
    assert table["id"].to_list() == [name for name, _ in people]
    assert table["weight_kg"].to_list()[:5] == [None, 31.0, 32.0, None, 34.0]
    assert table["weight_kg"].null_count() == 3000
    assert table["pregnant"].null_count() == 9000


def test_parts_are_joined_in_their_order_with_words_about_the_table(tmp_path):
    for number, name in enumerate(["a", "b"]):
        write_part(table_of((name, {"weight_kg": Fact(70, at=AT)})), tmp_path / f"{number}.parquet")
    write_part(table_of(), tmp_path / "2.parquet")
    parts = [tmp_path / f"{number}.parquet" for number in range(3)]

    join_parts(parts, into=tmp_path / "facts.parquet", about={"overstory.at": AT.isoformat()})

    assert pl.read_parquet(tmp_path / "facts.parquet")["id"].to_list() == ["a", "b"]
    assert read_about(tmp_path / "facts.parquet") == {
        "overstory.table": "facts/1",
        "overstory.at": "2026-11-22T10:00:00-05:00",
    }
    assert {each.suffix for each in tmp_path.iterdir()} == {".parquet"}


def test_what_a_killed_join_left_behind_is_removed(tmp_path):
    write_part(table_of(("a", {})), tmp_path / "0.parquet")
    (tmp_path / ".facts.parquet.4711.part").touch()

    join_parts([tmp_path / "0.parquet"], into=tmp_path / "facts.parquet", about={})

    assert {each.name for each in tmp_path.iterdir()} == {"0.parquet", "facts.parquet"}


def test_a_join_that_fails_leaves_no_file(tmp_path):
    (tmp_path / "0.parquet").write_text("no table")

    with pytest.raises(FactsFileError, match=r"facts\.parquet: "):
        join_parts([tmp_path / "0.parquet"], into=tmp_path / "facts.parquet", about={})

    assert [each.name for each in tmp_path.iterdir()] == ["0.parquet"]
