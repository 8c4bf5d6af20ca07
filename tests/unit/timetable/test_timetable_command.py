"""`overstory timetable`: plan, check, book, repair, calendar, and refusals in words."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from overstory.cli import main
from overstory.cli.timetable_text import plan_text
from overstory.exchange.timetable_json import instance_json
from overstory.pathway.timetable.instance import Timetable
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
        "Tue 2027-03-02: 1 session changes, counting 1 (proven: no repair needs less)."
    )


def test_the_exact_search_of_a_repair_has_so_many_seconds_of_the_clock(clinic_file, plan_file):
    words = ("repair", clinic_file, plan_file, "--on", "2027-03-02", "--out", "device-1", "--json")

    done, none = run(*words), run(*words, "--seconds", 0)

    assert (json.loads(done.stdout)["count"], json.loads(done.stdout)["least"]) == (1, 1)
    assert (none.exit_code, json.loads(none.stdout)["least"]) == (0, 0)


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


def test_an_offer_that_is_taken_is_in_the_timetable_and_passes_the_check(clinic_file, plan_file):
    taken = run("book", clinic_file, "--timetable", plan_file, "--course", "a", "--take", 2)
    plan_file.write_text(taken.stdout)

    done = run("check", clinic_file, plan_file)

    assert taken.exit_code == 0
    assert (done.exit_code, done.stdout) == (0, "The timetable is valid.\n")


def test_an_offer_that_is_not_there_cannot_be_taken(clinic_file, plan_file):
    done = run("book", clinic_file, "--timetable", plan_file, "--course", "a", "--take", 50)

    assert done.exit_code == 2
    assert "--take 50: there are" in done.stderr


def test_the_first_course_is_booked_into_a_clinic_without_a_timetable(tmp_path):
    path, plan = tmp_path / "clinic.json", tmp_path / "plan.json"
    path.write_text(json.dumps(instance_json(clinics.instance(clinics.course("a")))))

    plan.write_text(run("book", path, "--take", 1).stdout)

    assert run("check", path, plan).exit_code == 0


def test_a_booking_without_a_timetable_tells_of_every_other_course_that_it_waits(
    clinic_file, tmp_path
):
    plan = tmp_path / "booked.json"

    plan.write_text(run("book", clinic_file, "--course", "b", "--take", 1).stdout)

    done, told = run("check", clinic_file, plan), json.loads(plan.read_text())
    assert (done.exit_code, done.stdout) == (0, "The timetable is valid.\n")
    assert [each["course"] for each in told["courses"]] == ["b"]
    assert told["unplaced"] == [
        {
            "course": name,
            "why": "it is not booked yet; there is room for it",
            "instead": [f"if it is booked as things are: then from Mon 2027-03-01 at {at}"],
        }
        for name, at in (("a", "08:00"), ("c", "08:00"))
    ]
    # Each waits as if 40 working days late; a day of delay costs 10 at urgency 1.
    assert told["cost"] == sum(each["cost"] for each in told["courses"]) + 2 * 40 * 10
    assert told["bound"] is None


def test_a_booking_into_a_timetable_without_the_newest_courses_tells_why_one_does_not_fit(tmp_path):
    one = clinics.instance(
        clinics.course("a"), clinics.course("b"), clinics.course("c", free=clinics.free(480, 500))
    )
    path, plan = tmp_path / "clinic.json", tmp_path / "plan.json"
    path.write_text(json.dumps(instance_json(replace(one, courses=one.courses[:1]))))
    plan.write_text(run("plan", path, "--seconds", 0, "--bound-seconds", 0, "--json").stdout)
    path.write_text(json.dumps(instance_json(one)))

    taken = run("book", path, "--timetable", plan, "--course", "b", "--take", 1)
    plan.write_text(taken.stdout)

    done, (told,) = run("check", path, plan), json.loads(plan.read_text())["unplaced"]
    assert (done.exit_code, done.stdout) == (0, "The timetable is valid.\n")
    assert told["course"] == "c"
    assert told["why"].startswith("the hours when the person can come do not hold a visit of 30")


def test_a_timetable_after_a_repair_passes_the_check_and_lists_who_was_cancelled(
    clinic_file, plan_file
):
    words = ("--on", "2027-03-02", "--out", "device-1", "--cancel", "a", "--take")
    plan_file.write_text(run("repair", clinic_file, plan_file, *words).stdout)

    done = run("check", clinic_file, plan_file)

    told = json.loads(plan_file.read_text())
    assert (done.exit_code, done.stdout) == (0, "The timetable is valid.\n")
    assert [(each["course"], each["n"]) for each in told["cancelled"]] == [("a", 2)]


def test_what_a_booking_costs_those_who_wait_is_told(tmp_path):
    one = clinics.instance(clinics.course("a"), clinics.course("b", free=clinics.free(480, 600)))
    path, plan = tmp_path / "clinic.json", tmp_path / "plan.json"
    path.write_text(json.dumps(instance_json(replace(one, courses=one.courses[:1]))))
    plan.write_text(run("plan", path, "--seconds", 0, "--bound-seconds", 0, "--json").stdout)
    path.write_text(json.dumps(instance_json(one)))

    done = run("book", path, "--timetable", plan, "--course", "a")

    assert "costs those who wait" in done.stdout
    assert "1. from Mon 2027-03-01 at 09:00, Mon–Fri (as wished;" in done.stdout


@pytest.mark.parametrize("value", ["nan", "-1", "inf", "soon"])
def test_a_time_that_is_none_is_refused(clinic_file, value):
    done = run("plan", clinic_file, "--seconds", value)

    assert done.exit_code == 2
    assert "is no time of 0 to 86400 seconds" in done.stderr


def test_a_cancellation_of_nobody_is_refused(clinic_file, plan_file):
    done = run("repair", clinic_file, plan_file, "--on", "2027-03-02", "--cancel", "z")

    assert done.exit_code == 2
    assert "no session of that course is on 2027-03-02" in done.stderr


def test_an_out_that_ends_before_it_begins_is_refused(clinic_file, plan_file):
    done = run(
        "repair", clinic_file, plan_file, "--on", "2027-03-02", "--out", "device-1@12:00-11:00"
    )

    assert done.exit_code == 2
    assert "it ends after it begins" in done.stderr


def test_a_session_that_was_moved_is_told_in_the_calendar_written_again(
    clinic_file, plan_file, tmp_path
):
    secret, before = tmp_path / "secret", tmp_path / "before.ics"
    secret.write_text("a secret of the clinic")
    words = ("calendar", clinic_file, plan_file, "--course", "a", "--secret", secret)
    before.write_bytes(run(*words).stdout_bytes)
    cancelled = ("--on", "2027-03-02", "--cancel", "a", "--take")
    plan_file.write_text(run("repair", clinic_file, plan_file, *cancelled).stdout)

    again = run(*words, "--before", before)

    assert again.stdout.count("STATUS:CANCELLED") == 1
    assert again.stdout.count("SEQUENCE:0") == 9


def told(cost: int, bound: float | None) -> str:
    found = Timetable((), (), (), (), cost=cost, bound=bound)
    return plan_text(found, clinics.instance()).splitlines()[0].split("late. ")[1]


@pytest.mark.parametrize(
    ("cost", "bound", "says"),
    [
        (0, 0.0, "Cost 0: the best possible (no timetable costs less than 0)."),
        (0, -3.0, "Cost 0: the best possible (no timetable costs less than -3)."),
        (12, 0.0, "Cost 12: how near it is to the best possible is not known "
                  "(proven: none costs less than 0)."),
        (12, None, "Cost 12; no bound was worked out."),
        (12, 12.0, "Cost 12: the best possible (no timetable costs less than 12)."),
        (12, 12.0000001, "Cost 12: the best possible (no timetable costs less than 12)."),
        # 10 604 / 10 000 = 6.04 % above: told as 6.1, for 6.0 would promise too much.
        (10604, 10000.0, "Cost 10604: within 6.1% of the best possible "
                         "(no timetable costs less than 10000)."),
        (10001, 10000.0, "Cost 10001: within 0.1% of the best possible "
                         "(no timetable costs less than 10000)."),
        (434, 433.27, "Cost 434: within 0.2% of the best possible "
                      "(no timetable costs less than 433.2)."),
    ],
)  # fmt: skip
def test_how_near_a_plan_is_is_never_told_nearer_than_is_proven(cost, bound, says):
    assert told(cost, bound) == says


EXAMPLE = Path(__file__).parents[3] / "examples" / "timetable" / "clinic.json"


def test_a_plan_that_is_stopped_by_hand_is_the_best_found_so_far():
    command = [sys.executable, "-c", "from overstory.cli import main; main()", "timetable", "plan"]
    running = subprocess.Popen(
        [*command, str(EXAMPLE), "--seconds", "60", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(4)
    running.send_signal(signal.SIGINT)

    out, err = running.communicate(timeout=20)

    assert running.returncode == 130
    assert "the best plan found so far" in err
    assert len(json.loads(out)["courses"]) == 7


def test_the_clinic_of_the_examples_is_planned_checked_and_has_a_way_out(tmp_path):
    plan = tmp_path / "plan.json"
    plan.write_text(run("plan", EXAMPLE, "--seconds", 0.3, "--bound-seconds", 0.3, "--json").stdout)

    found = json.loads(plan.read_text())

    assert run("check", EXAMPLE, plan).exit_code == 0
    assert [each["course"] for each in found["unplaced"]] == ["c8"]
    assert found["unplaced"][0]["instead"] == [
        "if the person can also come on Monday, Wednesday, Thursday, Friday: "
        "then from Mon 2027-03-01 at 16:30"
    ]
