"""What is wrong with an export is said with file and line, and nothing is lost in silence."""

import gzip
import json

import pytest

from tests.exchange.bulk_export import (
    ANNA,
    DEPRESSED,
    HER_WEIGHT,
    problem,
    refused,
    taken,
    text_of,
    write_lines,
)
from tests.exchange.fhir.documents import observation, patient, statement


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "export"
    path.mkdir()
    write_lines(path / "Patient.ndjson", [ANNA])
    return path


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"resourceType": "Condition", ', "malformed JSON"),
        ("not JSON", "malformed JSON"),
        ('{"resourceType": "Condition"} {"resourceType": "Condition"}', "malformed JSON"),
        ('{"id": "x"}', "no resource of FHIR: Object missing required field `resourceType`"),
        ("[]", "no resource of FHIR"),
        ("17", "no resource of FHIR"),
        ('{"resourceType": "Patient"}', "the Patient has no id"),
        ('{"resourceType": "Patient", "id": 7}', "its shape is not that of FHIR R4"),
        ('{"resourceType": "Bundle", "entry": []}', "a Bundle stands in the line"),
        ('{"resourceType": "Condition", "subject": ' + '{"reference": ' * 5000, "malformed JSON"),
    ],
)
def test_a_line_that_cannot_be_read_ends_with_its_file_and_line(folder, tmp_path, line, why):
    (folder / "Condition.ndjson").write_text(f"{text_of(DEPRESSED)}\n{line}\n{text_of(HER_WEIGHT)}")

    said = refused(folder, tmp_path)
    table, report = taken(folder, tmp_path, "--skip-bad")

    assert "Condition.ndjson:3: " in said
    assert why in said
    assert "--skip-bad" in said
    count, ((at, told),) = problem(report, "unreadable-line")
    assert (count, at) == (1, "Condition.ndjson:3")
    assert why in told
    assert table["weight_kg"].to_list() == [70.0]
    assert table["has_major_depression"].to_list() == [True]


@pytest.mark.parametrize(
    "line",
    [
        text_of(DEPRESSED).replace('"status"', '"id": "c", "status"').replace('"id": "c"', '"id": "c", "id": "d"'),
        text_of({**DEPRESSED, "note": "N"}).replace('"N"', '"\\ud800"'),
    ],
)  # fmt: skip
def test_a_line_found_wrong_only_when_its_person_is_read_is_told_as_well(folder, tmp_path, line):
    (folder / "Mixed.ndjson").write_text(text_of(HER_WEIGHT) + line)

    said = refused(folder, tmp_path)
    table, report = taken(folder, tmp_path, "--skip-bad")

    assert "Mixed.ndjson:2: malformed JSON" in said
    assert problem(report, "unreadable-line")[1][0][0] == "Mixed.ndjson:2"
    assert table["weight_kg"].to_list() == [70.0]
    assert table["has_major_depression"].to_list() == [None]


@pytest.mark.parametrize("deep", [150, 400, 700, *range(850, 1000, 7)])
def test_a_line_of_any_depth_is_read_or_told(folder, tmp_path, deep):
    nested = "[" * deep + "]" * deep
    (folder / "Mixed.ndjson").write_text(
        text_of({**DEPRESSED, "note": 0}).replace('"note": 0', f'"note": {nested}')
        + text_of(HER_WEIGHT)
    )

    table, report = taken(folder, tmp_path, "--skip-bad")

    unread = sum(each["count"] for each in report["problems"])
    assert table["weight_kg"].to_list() == [70.0]
    assert (table["has_major_depression"].to_list(), unread) in (([True], 0), ([None], 1))


def test_bytes_that_are_no_text_are_told(folder, tmp_path):
    bad = json.dumps({**DEPRESSED, "note": "N"}).encode().replace(b'"N"', b'"\xff\xfe"')
    (folder / "Mixed.ndjson").write_bytes(bad + b"\n" + text_of(HER_WEIGHT).encode())

    said = refused(folder, tmp_path)

    assert "Mixed.ndjson:1: malformed JSON" in said


def test_a_person_of_whom_no_line_can_be_read_has_no_row_and_is_counted(folder, tmp_path):
    (folder / "x.ndjson").write_text(
        '{"resourceType":"Condition","id":"a","id":"b","subject":{"reference":"Patient/q"}}\n'
    )

    table, report = taken(folder, tmp_path, "--skip-bad")

    assert table["id"].to_list() == ["maya"]
    assert problem(report, "unreadable-line")[0] == 1


def test_a_compressed_file_cut_off_ends_with_the_line_where_it_is_cut(folder, tmp_path):
    weights = [
        observation("29463-7", 70, "kg", id=f"w{n}", note=[{"text": f"{n * 7919}"}])
        for n in range(3000)
    ]
    whole = gzip.compress(text_of(*weights).encode())
    (folder / "Observation.ndjson.gz").write_bytes(whole[: len(whole) // 2])

    said = refused(folder, tmp_path)
    table, report = taken(folder, tmp_path, "--skip-bad")

    assert "the compressed file is cut off here" in said
    count, ((at, _),) = problem(report, "unreadable-line")
    name, line = at.split(":")
    assert (count, name) == (1, "Observation.ndjson.gz")
    assert f"Observation.ndjson.gz:{line}:" in said
    assert 0 < report["by_type"]["Observation"] == int(line) - 1
    assert table["weight_kg"].to_list() == [70.0]


def test_a_damaged_compressed_file_is_told(folder, tmp_path):
    whole = bytearray(gzip.compress(text_of(*[HER_WEIGHT] * 50).encode()))
    whole[20:24] = b"\xff\xff\xff\xff"
    (folder / "o.ndjson.gz").write_bytes(bytes(whole))

    assert "the compressed file is damaged here" in refused(folder, tmp_path)


def test_compression_is_seen_in_the_content_and_not_in_the_name(folder, tmp_path):
    (folder / "a.ndjson").write_bytes(gzip.compress(text_of(HER_WEIGHT).encode()))
    (folder / "b.ndjson.gz").write_text(text_of(DEPRESSED))

    table, _ = taken(folder, tmp_path)

    assert table["weight_kg"].to_list() == [70.0]
    assert table["has_major_depression"].to_list() == [True]


def test_a_line_too_long_is_passed_over_and_the_next_is_read(folder, tmp_path):
    with (folder / "o.ndjson").open("w") as file:
        file.write('{"resourceType": "Binary", "data": "' + "A" * 65_000_000 + '"}\n')
        file.write(text_of(HER_WEIGHT))

    said = refused(folder, tmp_path)
    table, report = taken(folder, tmp_path, "--skip-bad")

    assert "o.ndjson:1: the line is longer than 64 MB" in said
    assert problem(report, "unreadable-line")[0] == 1
    assert table["weight_kg"].to_list() == [70.0]


def test_marks_carriage_returns_blank_lines_and_empty_files_do_no_harm(folder, tmp_path):
    lines = text_of(HER_WEIGHT, DEPRESSED).replace("\n", "\r\n\r\n")
    (folder / "o.ndjson").write_bytes(b"\xef\xbb\xbf" + lines.encode().rstrip())
    (folder / "empty.ndjson").touch()
    (folder / "blank.ndjson.gz").write_bytes(gzip.compress(b"\n\n"))

    table, report = taken(folder, tmp_path)

    assert table["weight_kg"].to_list() == [70.0]
    assert table["has_major_depression"].to_list() == [True]
    assert report["resources"] == 3
    assert report["empty_files"] == ["empty.ndjson"]
    assert report["problems"] == []


def test_another_encoding_is_named(folder, tmp_path):
    (folder / "o.ndjson").write_bytes(text_of(HER_WEIGHT).encode("utf-16"))

    assert "o.ndjson:1: not text in UTF-8 but in UTF-16" in refused(folder, tmp_path)


def test_a_resource_of_a_patient_who_is_not_in_the_export_makes_a_row_and_is_listed(
    folder, tmp_path
):
    stranger = {**HER_WEIGHT, "subject": {"reference": "Patient/stranger"}}
    write_lines(folder / "Observation.ndjson", [HER_WEIGHT, stranger])

    table, report = taken(folder, tmp_path)

    assert table.select("id", "weight_kg", "age_years").rows() == [
        ("maya", 70.0, 44.0),
        ("stranger", 70.0, None),
    ]
    assert problem(report, "patient-not-in-export") == (
        1, [("Observation.ndjson:2", "Patient/stranger is not in the export; 1 resources are")]
    )  # fmt: skip


def test_two_patients_of_one_id_are_listed_and_what_they_disagree_on_is_unknown(folder, tmp_path):
    write_lines(folder / "more.ndjson", [patient(birthDate="1990-01-01")])

    table, report = taken(folder, tmp_path)

    assert table["id"].to_list() == ["maya"]
    assert table["age_years"].to_list() == [None]
    assert table["age_years.at"].null_count() == 0
    count, ((at, why),) = problem(report, "patient-twice")
    assert (count, why) == (1, "Patient/maya stands in another line, with other content")
    assert at in ("Patient.ndjson:1", "more.ndjson:1")


def test_a_resource_that_stands_twice_is_read_once(folder, tmp_path):
    dose = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}
    quantity = {"value": 150, "unit": "mg", "code": "mg"}
    taking = statement(
        "bupropion", id="s", dosage=[{**dose, "doseAndRate": [{"doseQuantity": quantity}]}]
    )
    write_lines(folder / "a.ndjson", [taking])
    write_lines(folder / "b.ndjson.gz", [HER_WEIGHT, taking])

    table, report = taken(folder, tmp_path)

    assert table["bupropion_mg_per_day"].to_list() == [150.0]
    assert problem(report, "duplicate-resource") == (
        1, [("b.ndjson.gz:2", "MedicationStatement/s stands in another line, the same")]
    )  # fmt: skip


def test_of_two_versions_the_newer_is_read_and_both_are_told(folder, tmp_path):
    older = {**HER_WEIGHT, "meta": {"versionId": "1"}}
    newer = observation("29463-7", 80, "kg", id="w", meta={"versionId": "2"})
    write_lines(folder / "o.ndjson", [newer, older])

    table, report = taken(folder, tmp_path)

    assert table["weight_kg"].to_list() == [80.0]
    assert problem(report, "id-twice")[0] == 1
    kinds = {each["why"]: each for each in report["not_understood"]["kinds"]}
    assert kinds["a newer version of it is used"]["first"] == ["o.ndjson:2"]


@pytest.mark.parametrize(
    ("about", "why"),
    [
        ({"subject": {"reference": "Group/g"}}, "it is about a Group, not about a patient"),
        ({"subject": {"reference": "#p"}}, "it is about somebody who stands inside it"),
        ({"subject": {"display": "Maya"}}, "it does not say whose it is"),
        ({}, "it does not say whose it is"),
        ({"subject": {"reference": "Patient/"}}, "the id of a person has 1 to 512 bytes"),
        ({"subject": {"reference": "Patient/" + "x" * 600}}, "the id of a person has 1 to 512 bytes"),
        ({"subject": "Patient/maya"}, "its shape is not that of FHIR R4"),
        ({"subject": {"identifier": {"value": "none"}}}, "no Patient of the export has the identifier it is about"),
    ],
)  # fmt: skip
def test_what_is_no_patients_is_listed_and_makes_nothing(folder, tmp_path, about, why):
    write_lines(
        folder / "c.ndjson", [HER_WEIGHT, {"resourceType": "Condition", "id": "c", **about}]
    )

    table, report = taken(folder, tmp_path)

    assert table.height == 1
    count, ((at, told),) = problem(report, "nobody's")
    assert (count, at) == (1, "c.ndjson:2")
    assert why in told


def test_an_identifier_stands_for_the_patient_who_has_it_and_for_nobody_if_two_have_it(
    folder, tmp_path
):
    mrn, shared = ({"system": "urn:mrn", "value": each} for each in ("1", "2"))
    people = [
        patient(identifier=[mrn, shared]),
        {"resourceType": "Patient", "id": "ole", "identifier": [shared]},
    ]
    write_lines(folder / "Patient.ndjson", people)
    heavy = observation("29463-7", 90, "kg", id="h")
    named = [
        {**HER_WEIGHT, "subject": {"identifier": mrn}},
        {**heavy, "subject": {"identifier": shared}},
    ]
    write_lines(folder / "Observation.ndjson", named)

    table, report = taken(folder, tmp_path)

    assert table.select("id", "weight_kg").rows() == [("maya", 70.0), ("ole", None)]
    assert problem(report, "nobody's") == (
        1, [("Observation.ndjson:2", "two Patients have the identifier it is about")]
    )  # fmt: skip


def test_kinds_that_hold_no_facts_are_counted_and_are_no_errors(folder, tmp_path):
    kinds = ["Group", "Practitioner", "Organization", "Encounter", "OperationOutcome", "Newfangled"]
    write_lines(folder / "others.ndjson", [{"resourceType": kind, "id": "1"} for kind in kinds])

    table, report = taken(folder, tmp_path)

    assert table.height == 1
    assert report["problems"] == []
    assert all(report["by_type"][kind] == 1 for kind in kinds)
    listed = {each["resource_type"]: each["first"] for each in report["not_understood"]["kinds"]}
    assert listed["Newfangled"] == ["others.ndjson:6"]


def test_the_report_names_no_birth_dates_and_no_other_persons(folder, tmp_path):
    write_lines(
        folder / "Patient.ndjson", [patient(birthDate="1982", id=f"p{n}") for n in range(3)]
    )

    _, report = taken(folder, tmp_path)

    (kind,) = report["not_understood"]["kinds"]
    assert kind["why"] == "the birth date leaves two ages"
    assert kind["count"] == 3
    assert kind["codes"] == []
    assert "1982" not in json.dumps(report)


def test_a_resource_laid_out_in_two_ways_is_one(folder, tmp_path):
    turned = dict(reversed(HER_WEIGHT.items()))
    (folder / "o.ndjson").write_text(
        text_of(HER_WEIGHT) + json.dumps(turned, separators=(",", ":"))
    )

    _, report = taken(folder, tmp_path)

    assert problem(report, "duplicate-resource")[0] == 1
    assert len(report["problems"]) == 1
