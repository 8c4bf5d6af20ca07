"""The parts of a bulk export: stretches of files, sorted runs, ranges of persons, kinds of reasons."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.exchange.bulk.files import Stretch, find_export, lines_before, lines_of, stretches_of
from overstory.exchange.bulk.runs import RunWriter, boundaries, offsets, records_between
from overstory.exchange.bulk.tally import Tally, kind_of

LINES = st.lists(st.sampled_from([b"", b"a", b"bb", b"ccccc", b"\xc3\xa9", b"d" * 40]), max_size=12)


def numbered(folder, stretches):
    found = []
    for stretch in stretches:
        before = lines_before(folder, stretch)
        found += [(before + line.number, line.text) for line in lines_of(folder, stretch)]
    return found


@settings(max_examples=200, deadline=None)
@given(LINES, st.booleans(), st.integers(min_value=1, max_value=60))
def test_each_line_stands_in_one_stretch_under_its_own_number(tmp_path_factory, lines, ended, size):
    folder = tmp_path_factory.mktemp("stretches")
    content = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    (folder / "o.ndjson").write_bytes(content)
    expected = content.split(b"\n")
    expected = expected[:-1] if expected[-1] == b"" else expected

    stretches = stretches_of(find_export(folder), stretch_bytes=size)

    assert numbered(folder, stretches) == list(enumerate(expected, 1))


def test_a_compressed_file_is_one_stretch(tmp_path):
    (tmp_path / "o.ndjson.gz").write_bytes(gzip.compress(b"a\nb\n" * 100))

    stretches = stretches_of(find_export(tmp_path), stretch_bytes=5)

    assert stretches == [Stretch(0, "o.ndjson.gz", 0, None)]
    assert len(list(lines_of(tmp_path, stretches[0]))) == 200


RECORDS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "bb", "c", "ö", "z"]), st.binary(max_size=9000)),
    max_size=60,
)


@settings(max_examples=100, deadline=None)
@given(RECORDS, st.sampled_from([1, 20_000, 10**9]), st.sampled_from([1, 30_000, 10**9]))
def test_every_record_is_in_one_range_and_ranges_are_in_the_order_of_keys(
    tmp_path_factory, records, run_bytes, part_bytes
):
    folder = tmp_path_factory.mktemp("runs")
    writer = RunWriter(folder, stem="r", run_bytes=run_bytes)
    for line, (key, text) in enumerate(records):
        writer.add(key=key, stretch=3, line=line, text=text)
    writer.close()

    cuts = boundaries(folder, writer.runs, part_bytes=part_bytes)
    places = [(run, offsets(folder, run, cuts)) for run in writer.runs]
    ranges = [
        [
            (each.key.decode(), each.line, each.text)
            for run, at in places
            for each in records_between(folder / run.name, at[number], at[number + 1])
        ]
        for number in range(len(cuts) + 1)
    ]

    expected = sorted((key, line, text) for line, (key, text) in enumerate(records))
    assert sorted(each for one in ranges for each in one) == expected
    keys = [{key for key, _, _ in one} for one in ranges]
    together = [key for one in keys for key in sorted(one)]
    assert together == sorted(set(together))


def test_large_records_of_many_persons_are_cut_into_many_ranges(tmp_path):
    writer = RunWriter(tmp_path, stem="r", run_bytes=10**9)
    for line in range(1000):
        writer.add(key=f"p{line:04d}", stretch=0, line=line, text=b"x" * 1000)
    writer.close()

    cuts = boundaries(tmp_path, writer.runs, part_bytes=100_000)

    assert 3 <= len(cuts) <= 9


# The texts are those of overstory/exchange/fhir, read by eye.
@pytest.mark.parametrize(
    ("why", "kind"),
    [
        ("718-7 Hemoglobin: no fact needs this observation", ("no fact needs this observation", "718-7 Hemoglobin")),
        ("of weight_kg the newest is used: line[3] (Observation/o), 2026-01-01", ("a newer one is used", "weight_kg")),
        ("says the same of phq9_item9 as line[1] (QuestionnaireResponse/q)", ("says the same as another", "phq9_item9")),
        ("born 1982: 43 or 44 years old; ask for the day", ("the birth date leaves two ages", "")),
        ("born 2030-01-01, after the moment asked about", ("born after the moment asked about", "")),
        ("a newer version of it stands in line[2] (Condition/c)", ("a newer version of it is used", "")),
        ("it is about Group/7, not about the patient", ("it is about someone else", "")),
        ("the device Device/d77 is not in the document", ("the device … is not in the document", "")),
        ("weight_kg is between 25 and 300 in kg, not 1.36", ("weight_kg is between # and # in kg, not #", "")),
        ("the patient is recorded as deceased on 2020-01-02", ("the patient is recorded as deceased", "")),
        ("'2026-13' is no date of FHIR: month must be in 1..12", ("month must be in #..#", "'2026-13' is no date of FHIR")),
    ],
)  # fmt: skip
def test_reasons_are_told_by_kind_without_what_is_one_persons_own(why, kind):
    assert kind_of(why) == kind


def test_many_codes_are_counted_together_beyond_a_bound():
    tally = Tally()
    for number in range(3000):
        tally.not_understood("Condition", "no fact needs this diagnosis", f"Z{number}", (0, number))
    whole = Tally()
    whole.add(tally)
    whole.add(tally)

    kind = whole.kinds["Condition|no fact needs this diagnosis"]

    assert kind.count == 6000
    assert sum(kind.codes.values()) == 6000
    assert len(kind.codes) == 2001
    assert kind.places == [(0, 0), (0, 0), (0, 1), (0, 1), (0, 2)]


def test_many_reasons_are_counted_together_beyond_a_bound():
    tally = Tally()
    for number in range(1500):
        tally.not_understood("Condition", f"reason {number}", "", (0, number))

    assert len(tally.kinds) == 1001
    assert tally.kinds["Condition|(other reasons)"].count == 500
