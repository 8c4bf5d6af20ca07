"""`overstory timetable`: plan, check, book, repair, calendar, and refusals in words."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from overstory.cli import main
from overstory.exchange.timetable_json import instance_json
from tests.unit.timetable import clinics


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["timetable", *map(str, arguments)])


@pytest.fixture
def clinic_file(tmp_path: Path) -> Path:
    path = tmp_path / "clinic.json"
    asked = clinics.instance(
        clinics.course("a"), clinics.course("b"), clinics.course("c", prefer=900), devices=2
    )
    path.write_text(json.dumps(instance_json(asked)))
    return path


@pytest.fixture
def plan_file(clinic_file: Path, tmp_path: Path) -> Path:
    done = run("plan", clinic_file, "--seconds", 0.2, "--bound-seconds", 1, "--json")
    path = tmp_path / "plan.json"
    path.write_text(done.stdout)
    return path


def test_a_plan_says_how_near_it_is_to_the_best_possible(clinic_file):
    done = run("plan", clinic_file, "--seconds", 0.2, "--bound-seconds", 1)

    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == (
        "3 courses placed, 0 without a place; 0 start late. "
        "Cost 0: the best possible (no timetable costs less than 0)."
    )


def test_without_time_for_a_bound_none_is_claimed(clinic_file):
    done = run("plan", clinic_file, "--seconds", 0.1, "--bound-seconds", 0)

    assert "no bound was worked out" in done.stdout


def test_a_plan_passes_the_check(clinic_file, plan_file):
    done = run("check", clinic_file, plan_file)

    assert (done.exit_code, done.stdout) == (0, "The timetable is valid.\n")


def test_a_plan_that_was_changed_by_hand_fails_the_check(clinic_file, plan_file):
    content = json.loads(plan_file.read_text())
    content["sessions"][0]["start"] = "03:00"
    plan_file.write_text(json.dumps(content))

    done = run("check", clinic_file, plan_file, "--json")

    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert not told["valid"]
    assert "hours" in {each["kind"] for each in told["violations"]}


def test_a_course_is_offered_slots_beside_the_plan(clinic_file, plan_file):
    done = run("book", clinic_file, "--timetable", plan_file, "--course", "a", "--json")

    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told["offers"][0]["stages"] == [{"start": "2027-03-01", "pattern": 0, "slot": "09:00"}]


def test_a_course_that_does_not_fit_ends_with_three_and_a_way_out(tmp_path):
    asked = clinics.without(clinics.instance(clinics.course("a")), "device")
    path = tmp_path / "clinic.json"
    path.write_text(json.dumps(instance_json(asked)))

    done = run("book", path)

    assert done.exit_code == 3
    assert done.stdout == (
        "a does not fit: there is no device.\n"
        "  - if there is one device more: then from Mon 2027-03-01 at 08:00\n"
    )


def test_a_plan_names_who_has_no_place_and_why(tmp_path):
    asked = clinics.instance(clinics.course("a", free=clinics.free(480, 1080, 1)))
    path = tmp_path / "clinic.json"
    path.write_text(json.dumps(instance_json(asked)))

    done = run("plan", path, "--seconds", 0.1, "--bound-seconds", 0.5)

    assert done.exit_code == 0
    assert "a has no place: the person can come on Tuesday only" in done.stdout
    assert "  - if the person can also come on Monday" in done.stdout


def test_a_day_is_repaired_with_the_least_beside_it(clinic_file, plan_file):
    done = run("repair", clinic_file, plan_file, "--on", "2027-03-02", "--out", "device-1")

    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == (
        "2027-03-02: 1 session changes, counting 1 (proven: no repair needs less)."
    )


def test_a_repaired_day_has_a_device_for_every_session(clinic_file, plan_file):
    done = run(
        "repair", clinic_file, plan_file, "--on", "2027-03-02", "--out", "device-1", "--json"
    )

    told = json.loads(done.stdout)
    assert {each["on"] for each in told["day"]} == {"2027-03-02"}
    assert {tuple(each["units"]) for each in told["day"]} == {("device-2",)}


def test_a_unit_that_nobody_knows_is_refused(clinic_file, plan_file):
    done = run("repair", clinic_file, plan_file, "--on", "2027-03-02", "--out", "device-9")

    assert done.exit_code == 2
    assert "no unit or person is named 'device-9'" in done.stderr


def test_a_cancelled_session_is_not_in_the_repaired_day(clinic_file, plan_file):
    done = run("repair", clinic_file, plan_file, "--on", "2027-03-02", "--cancel", "a", "--json")

    told = json.loads(done.stdout)
    assert told["moves"] == []
    assert {each["course"] for each in told["day"]} == {"b", "c"}


def test_a_calendar_is_written_for_one_course(clinic_file, plan_file, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("a secret of the clinic")

    done = run("calendar", clinic_file, plan_file, "--course", "a", "--secret", secret)

    assert done.exit_code == 0
    assert done.stdout.count("BEGIN:VEVENT") == 10
    assert "SUMMARY:Appointment" in done.stdout


def test_a_calendar_of_nobody_is_refused(clinic_file, plan_file, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("a secret of the clinic")

    done = run("calendar", clinic_file, plan_file, "--course", "z", "--secret", secret)

    assert done.exit_code == 2
    assert "no session of a course named 'z'" in done.stderr


def test_a_closed_day_is_refused_with_what_to_do(clinic_file, plan_file):
    done = run("repair", clinic_file, plan_file, "--on", date(2027, 3, 6))

    assert done.exit_code == 2
    assert "the clinic is closed" in done.stderr


def test_a_file_that_is_not_there_is_refused(tmp_path):
    done = run("plan", tmp_path / "none.json")

    assert done.exit_code == 2
    assert "No such file" in done.stderr
