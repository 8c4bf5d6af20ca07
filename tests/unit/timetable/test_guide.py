"""The guide to timetables: its instance is read, planned, checked, repaired, and booked into."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from overstory.cli import main

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "timetables.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = re.search(r"```json instance\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    (tmp_path / "clinic.json").write_text(found.group(1))
    (tmp_path / "secret.txt").write_text("the secret of a clinic")
    return tmp_path


def run(folder: Path, line: str) -> tuple[int, str]:
    words = [
        str(folder / word) if word.endswith((".json", ".txt")) else word for word in line.split()
    ]
    done = CliRunner().invoke(main, words)
    return done.exit_code, done.stdout


def commands() -> list[str]:
    block = GUIDE.read_text(encoding="utf-8").split("```\n")[1]
    return [line.removeprefix("overstory ") for line in block.splitlines()]


def test_every_command_of_the_guide_runs_as_it_stands(folder):
    short = "--seconds 0.2 --bound-seconds 0.5"
    code, plan = run(folder, f"timetable plan clinic.json {short} --json")
    (folder / "plan.json").write_text(plan)

    ends = {}
    for line in commands():
        words = re.sub(r" > \S+", "", line)
        words = re.sub(r"--seconds 10 --bound-seconds 10|clinic.json --json", short, words)
        words = words.replace(f"plan {short}", f"plan clinic.json {short}")
        ends[line] = run(folder, words)[0]

    assert code == 0
    assert len(ends) == 6
    assert set(ends.values()) == {0}


def test_the_instance_of_the_guide_is_planned_as_wished(folder):
    _, plan = run(folder, "timetable plan clinic.json --seconds 0.2 --bound-seconds 1 --json")

    found = json.loads(plan)

    assert found["unplaced"] == []
    assert {each["course"]: each["stages"][0]["start"] for each in found["courses"]} == {
        "c1": "2027-03-01",
        "c2": "2027-03-04",  # the first Monday or Thursday from Tuesday, 2 March
    }
    assert len(found["sessions"]) == 33 + 6


def test_the_answer_that_the_guide_shows_for_a_misfit_is_the_answer(folder):
    clinic = json.loads((folder / "clinic.json").read_text())
    third = dict(clinic["courses"][0], id="c3", person="p3", prefer="08:00")
    third["free"] = [{"weekday": "tue", "from": "08:00", "until": "12:00"}]
    clinic["courses"].append(third)
    (folder / "clinic.json").write_text(json.dumps(clinic))

    _, told = run(folder, "timetable plan clinic.json --seconds 0.2 --bound-seconds 0")

    shown = re.search(r"```\n(c3 has.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    assert told.rstrip().endswith(shown.group(1).rstrip())


def test_the_operations_that_the_guide_shows_leave_a_valid_timetable(folder):
    text = GUIDE.read_text(encoding="utf-8")
    lines = next(each for each in text.split("```\n") if "next.json" in each).splitlines()
    short = "--seconds 0.2 --bound-seconds 0 --json"
    (folder / "plan.json").write_text(run(folder, f"timetable plan clinic.json {short}")[1])
    calendar = "timetable calendar clinic.json plan.json --course c1 --secret secret.txt"
    (folder / "c1.ics").write_text(run(folder, calendar)[1])

    ends = []
    for line in lines:
        words = (
            line.removeprefix("overstory ")
            .split(" > ")[0]
            .replace("c1.ics", str(folder / "c1.ics"))
        )
        code, told = run(folder, words)
        if "calendar" not in line:
            (folder / "next.json").write_text(told)
            ends.append(run(folder, "timetable check clinic.json next.json"))
        else:
            ends.append((code, str(told.count("STATUS:CANCELLED"))))

    assert ends == [(0, "The timetable is valid.\n"), (0, "The timetable is valid.\n"), (0, "1")]
