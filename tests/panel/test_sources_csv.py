"""CSV is read strictly: what is wrong is named with file, line and column."""

import gzip
from datetime import UTC, datetime

import pytest

from overstory.panel.sources import records
from tests.panel.sources_made import long_table, read, refusal, written

YES_OR_NO = "true or false belongs (true, false, 1 or 0; empty is unknown)"
NUMBER = "a number belongs (such as 37.5, with a point; empty is unknown)"
TIME = "a time with a zone belongs, such as 2026-11-22T10:00:00-05:00"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("true", True), ("True", True), ("TRUE", True), ("1", True),
        ("false", False), ("False", False), ("FALSE", False), ("0", False),
        ("", None), ('""', None),
    ],
)  # fmt: skip
def test_a_truth_has_these_spellings(cell, value, tmp_path):
    table = read(written(tmp_path / "f.csv", f"id,pregnant\na,{cell}\n"))

    assert table["pregnant"].to_list() == [value]


@pytest.mark.parametrize(
    "cell", ["yes", "no", "y", "NA", "null", "None", " true", "2", "t", "?", "nan", "wahr"]
)
def test_an_odd_word_for_a_truth_is_never_unknown_in_silence(cell, tmp_path):
    path = written(tmp_path / "f.csv", f"id,pregnant\na,true\nb,{cell}\n")

    assert refusal(path) == f"{path}:3: column pregnant: {cell!r}, where {YES_OR_NO}"


@pytest.mark.parametrize(
    ("cell", "value"),
    [("44", 44.0), ("-0.5", -0.5), ("+7.1", 7.1), ("1e2", 100.0), (".5", 0.5), ("", None), ("-9", -9.0)],
)  # fmt: skip
def test_numbers_are_read_to_the_nearest(cell, value, tmp_path):
    table = read(written(tmp_path / "f.csv", f"id,age_years\na,{cell}\n"))

    assert table["age_years"].to_list() == [value]


@pytest.mark.parametrize(
    "cell", ['"44,5"', "NA", "44 years", " 44", "1_000", "0x2c", "forty", "true"]
)
def test_what_is_no_number_is_refused(cell, tmp_path):
    path = written(tmp_path / "f.csv", f"id,age_years\na,{cell}\n")
    value = cell.strip('"')

    assert refusal(path) == f"{path}:2: column age_years: {value!r}, where {NUMBER}"


def test_nan_odd_codes_and_numbers_out_of_range_are_left_to_the_door(tmp_path):
    path = written(
        tmp_path / "f.csv", "id,age_years,cssrs_risk\na,NaN,odd\nb,-1000,NA\nc,inf,high\n"
    )

    table = read(path)

    assert str(table["age_years"].to_list()) == "[nan, -1000.0, inf]"
    assert table["cssrs_risk"].to_list() == ["odd", "NA", "high"]


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("2026-11-22T10:00:00-05:00", 15),
        ("2026-11-22T10:00:00Z", 10),
        ("2026-11-22 10:00:00+00", 10),
        ("2026-11-22T10:00:00.000000+0000", 10),
        ("2026-11-22T10:00+02:00", 8),
    ],
)
def test_a_time_is_read_with_its_zone(cell, hour, tmp_path):
    table = read(written(tmp_path / "f.csv", f"id,pregnant.at\na,{cell}\n"))

    assert table["pregnant.at"].to_list() == [datetime(2026, 11, 22, hour, tzinfo=UTC)]


@pytest.mark.parametrize(
    "cell",
    ["2026-11-22T10:00:00", "2026-11-22", "22/11/2026 10:00Z", "2026-02-30T10:00:00Z", "now", "0"],
)
def test_a_time_without_a_zone_is_refused(cell, tmp_path):
    path = written(tmp_path / "f.csv", f"id,pregnant.at\na,{cell}\n")

    assert refusal(path) == f"{path}:2: column pregnant.at: {cell!r}, where {TIME}"


def test_a_long_or_unprintable_value_is_shown_short_and_printable(tmp_path):
    long = written(tmp_path / "f.csv", f"id,pregnant\na,{'x' * 100}\n")
    odd = written(tmp_path / "g.csv", "id,pregnant\na,\x1b[31mred\n")

    assert f"column pregnant: '{'x' * 40}…', where" in refusal(long)
    assert r"column pregnant: '\x1b[31mred', where" in refusal(odd)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("id,pregnant\na,true\nb\n", 3, "1 field, where the header has 2"),
        ("id,pregnant\na,true\nb,true,true\n", 3, "3 fields, where the header has 2"),
        ("id,pregnant\na,true\n\nb,true\n", 3, "an empty line; a row has all its commas"),
        ('id,pregnant\na,"true\nb,true\n', 2, "a quote is opened and never closed"),
        ('id,pregnant\na,true\nb"b,"true"\n', 3, "a quote is opened and never closed"),
        ('id,pregnant\na,true\nb"b",true\n', 3, "a quote out of place"),
        ('id,pregnant\na,true\n"b"b,true\n', 3, "a quote out of place"),
        ('id,pregnant\na,true\n"b" ,true\n', 3, "a quote out of place"),
        ("id,pregnant\na,true\nb\0,true\n", 3, "no text in UTF-8"),
        (b"id,pregnant\na,true\n\xe9ve,true\n", 3, "no text in UTF-8"),
        ("id,pregnant\na,true\rb,true\n", 2, "a line ends in CR alone"),
        ("id;pregnant\na;true\n", 1, "fields are separated by semicolons; write commas"),
        ("id\tpregnant\na\ttrue\n", 1, "fields are separated by tabs; write commas"),
        ("\ufeffid\n".encode("utf-16"), 1, "text in UTF-16; save the file as UTF-8"),
        ("id,pregnant\n,true\n", 2, "no id; each row needs its own"),
        ("id,pregnant\n  ,true\n", 2, "no id; each row needs its own"),
        ('id\na\n""\n', 3, "no id; each row needs its own"),
        ('id,pregnant\n"a\nb",true\nc,maybe\n', 4, "column pregnant: 'maybe', where"),
    ],
)
def test_a_line_that_is_malformed_is_named(text, line, says, tmp_path):
    path = written(tmp_path / "f.csv", text)

    assert refusal(path).startswith(f"{path}:{line}: {says}")


@pytest.mark.parametrize("text", ["", "\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(text, tmp_path):
    path = written(tmp_path / "f.csv", text)

    assert "the file is empty" in refusal(path)


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfid,pregnant\na,true\nb,\n",
        "id,pregnant\r\na,true\r\nb,\r\n",
        "id,pregnant\na,true\nb,",
        "id,pregnant\na,true\nb,\n\n\n",
        '"id","pregnant"\n"a","true"\n"b",""\n',
    ],
)
def test_the_same_table_may_be_written_in_these_ways(text, tmp_path):
    table = read(written(tmp_path / "f.csv", text))

    assert table.rows() == [("a", True), ("b", None)]


def test_quoted_fields_hold_commas_quotes_and_line_ends(tmp_path):
    path = written(tmp_path / "f.csv", 'id,pregnant\n"a,1",true\n"b""2""",false\n"c\n3",1\n')

    assert read(path).rows() == [("a,1", True), ('b"2"', False), ("c\n3", True)]


def test_ids_keep_their_zeros_and_their_letters(tmp_path):
    path = written(tmp_path / "f.csv", "id\n007\n1e3\nZoë\nNA\n")

    assert read(path)["id"].to_list() == ["007", "1e3", "Zoë", "NA"]


@pytest.mark.parametrize("bytes_a_block", [1, 7, 64, 1000])
def test_where_blocks_end_changes_nothing(bytes_a_block, tmp_path, monkeypatch):
    rows = "".join(f'"p\n""{n}""",{"true" if n % 2 else ""}\r\n' for n in range(40))
    path = written(tmp_path / "f.csv", "id,pregnant\r\n" + rows + "\r\n")
    wrong = written(tmp_path / "g.csv", "id,pregnant\r\n" + rows + "x,maybe\r\n")
    monkeypatch.setattr(records, "BLOCK", bytes_a_block)
    monkeypatch.setattr("overstory.panel.sources.delimited.AT_ONCE", bytes_a_block)

    table = read(path, size=9)

    assert table["id"].to_list() == [f'p\n"{n}"' for n in range(40)]
    assert table["pregnant"].to_list() == [True if n % 2 else None for n in range(40)]
    assert refusal(wrong).startswith(f"{wrong}:82: column pregnant: 'maybe'")


def test_an_empty_line_between_blocks_is_an_error_too(tmp_path, monkeypatch):
    path = written(tmp_path / "f.csv", "id,pregnant\na,true\n\n\n\nb,true\n")
    monkeypatch.setattr(records, "BLOCK", 1)
    monkeypatch.setattr("overstory.panel.sources.delimited.AT_ONCE", 1)

    assert refusal(path).startswith(f"{path}:3: an empty line")


def test_a_quote_that_swallows_the_rest_is_refused_before_the_memory_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "LONGEST", 10_000)
    monkeypatch.setattr(records, "BLOCK", 1_000)
    monkeypatch.setattr("overstory.panel.sources.delimited.AT_ONCE", 1_000)
    path = written(tmp_path / "f.csv", 'id,pregnant\n"a,true\n' + "b,true\n" * 10_000)

    assert "without the end of a row; is a quote left open?" in refusal(path)


def test_a_packed_file_that_is_cut_off_is_refused(tmp_path):
    long_table(10_000).write_csv(tmp_path / "f.csv")
    packed = gzip.compress((tmp_path / "f.csv").read_bytes())
    path = written(tmp_path / "f.csv.gz", packed[: len(packed) // 2])

    assert refusal(path).startswith(f"{path}: cannot be read (Compressed file ended before")


def test_what_is_not_packed_is_no_packed_file(tmp_path):
    path = written(tmp_path / "f.csv.gz", "id\na\n")

    assert refusal(path).startswith(f"{path}: cannot be read (Not a gzipped file")


def test_a_folder_named_like_a_file_is_no_file(tmp_path):
    (tmp_path / "f.csv").mkdir()

    assert "no part that ends in .parquet stands there" in refusal(tmp_path / "f.csv")
