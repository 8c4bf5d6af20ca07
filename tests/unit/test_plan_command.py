"""`overstory plan`: what it prints, what it refuses, and with which exit status."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from overstory.cli import main

PATIENTS = Path(__file__).parents[2] / "examples" / "patients"
RUTH, SAM, MAYA = (str(PATIENTS / f"{name}.yaml") for name in ("ruth", "sam", "maya"))
NOOR = str(PATIENTS / "noor.json")
START = "2026-11-30"


def run(*arguments):
    return CliRunner().invoke(main, ["plan", *arguments])


def planned(*arguments):
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_plan_reads_week_by_week_with_weekdays_doses_and_what_each_session_needs():
    done = run(SAM, "--treatment", "esketamine", "--start", START)

    assert done.exit_code == 0
    assert "14 sessions, Mon 2026-11-30 to Mon 2027-02-08" in done.output
    assert "week  1      1–2  Mon 2026-11-30, Thu 2026-12-03" in done.output
    assert "56 mg nasal, provisional, never above 84 mg" in done.output
    assert "Do not drive" in done.output
    assert "Nothing here is an order" in done.output


def test_a_person_at_high_risk_meets_the_crisis_path_before_the_plan():
    shown = run(SAM, "--treatment", "esketamine", "--start", START).output

    assert shown.index("SAFETY  HIGH") < shown.index("988") < shown.index("SESSIONS")


def test_what_is_unverified_is_marked_and_held():
    done = run(SAM, "--treatment", "tms", "--start", START, "--protocol", "SBL_1_10")

    assert "HOLDS" in done.output
    assert "Unverified: stimulation, part 2, trains" in done.output


def test_the_combination_shows_its_low_certainty_and_its_constraints():
    shown = run(SAM, "--treatment", "ketamine-then-tms", "--start", START).output

    assert "low certainty" in shown
    assert "CMB_06, hard" in shown


@pytest.mark.parametrize(
    ("patient", "treatment", "verdict"),
    [(RUTH, "esketamine", "contraindicated"), (MAYA, "tms", "cannot-say-yet"), (NOOR, "kap", "cannot-say-yet")],
)  # fmt: skip
def test_a_refusal_ends_with_3_and_gives_its_rules_on_stderr_and_as_json(
    patient, treatment, verdict
):
    start = "2030-01-07"
    words = run(patient, "--treatment", treatment, "--start", start)
    done = run(patient, "--treatment", treatment, "--start", start, "--json")

    assert (words.exit_code, done.exit_code) == (3, 3)
    assert words.stdout == ""
    assert f"{treatment} is not planned: {verdict}" in words.stderr
    refusal = json.loads(done.stdout)
    assert (refusal["schema"], refusal["verdict"]) == ("overstory.refusal/1", verdict)
    assert all(each["id"] in words.stderr.replace("\n", " ") for each in refusal["rules"])
    assert refusal["rules"]
    assert bool(refusal["asks"]) == (verdict == "cannot-say-yet")


def test_the_fact_and_the_source_of_a_refusal_stand_on_stderr():
    done = run(RUTH, "--treatment", "esketamine", "--start", START)

    assert "shared.aneurysm" in done.stderr
    assert "because aneurysm or weak vessel wall: yes" in done.stderr
    assert "spravato-label-us 4" in done.stderr


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--start", "2026-11-31"), "is no day"),
        (("--start", "30.11.2026"), "YYYY-MM-DD"),
        (("--start", "20261130"), "YYYY-MM-DD"),
        (("--start", "2026-11-20"), "before the moment of the facts"),
        (("--start", START, "--weeks", "0"), "not in the range"),
        (("--start", START, "--weeks", "-1"), "not in the range"),
        (("--start", START, "--protocol", "P-IV-STD"), "is a protocol of ketamine-iv"),
        (("--start", START, "--protocol", "NOTHING"), "no protocol is named"),
        (("--start", START, "--closed", "sometimes"), "sometimes is no file; give days"),
        (("--start", START, "--closed", ""), "names no day"),
        (("--start", START, "--closed", "2026-12-01,2026-13-01"), "2026-13-01"),
        (("--start", START, "--continue-ketamine"), "only ketamine-then-tms"),
        (("--start", START, "--jurisdiction", "UK"), "--jurisdiction"),
        ((), "--start"),
    ],
)
def test_bad_input_ends_with_2_and_says_what_would_be_right(more, why):
    done = run(SAM, "--treatment", "esketamine", *more)

    assert done.exit_code == 2
    assert why in done.stderr
    assert "Traceback" not in done.output


def test_a_protocol_of_another_jurisdiction_is_refused():
    done = run(
        SAM, "--treatment", "esketamine", "--start", START, "--protocol", "P-ESK-EU-UNDER-65"
    )

    assert done.exit_code == 3
    assert "It is for the EU" in done.stderr


def test_a_person_at_high_risk_meets_the_crisis_path_before_a_refusal_too():
    done = run(SAM, "--treatment", "kap", "--start", START, "--protocol", "KAP-SL-LOW")

    assert done.exit_code == 3
    assert done.stderr.index("988") < done.stderr.index("may not be planned here")


def test_a_site_policy_enables_what_is_refused_without_it(tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        "clinic: A clinic\nadopted_by: its medical director\nadopted_on: '2026-11-22'\n"
        "protocols:\n  P-IM: {adopts: [schedule, dose], reason: Our order set.}\n"
    )
    wish = (SAM, "--treatment", "ketamine-iv", "--start", START, "--protocol", "P-IM", "--json")

    refused = run(*wish)
    enabled = run(*wish, "--policy", str(policy))

    assert refused.exit_code == 3
    assert json.loads(refused.stdout)["reasons"][0]["adopts"] == ["schedule", "dose"]
    assert enabled.exit_code == 0
    assert len(json.loads(enabled.stdout)["sessions"]) == 6


def test_closed_days_are_dates_a_file_or_none(tmp_path):
    # The usual first week from 30 November: Monday and Thursday.
    file = tmp_path / "closed.txt"
    file.write_text("# our inventory\n2026-12-03  # Thursday\n\n")
    wish = (SAM, "--treatment", "esketamine", "--start", START)

    dates = planned(*wish, "--closed", "2026-12-03")
    from_file = planned(*wish, "--closed", str(file))
    saturday = (SAM, "--treatment", "esketamine", "--start", "2026-12-05")
    none = planned(*saturday, "--closed", "none")
    usual = planned(*saturday)

    assert [each["date"] for each in dates["sessions"][:2]] == ["2026-11-30", "2026-12-02"]
    assert from_file["sessions"] == dates["sessions"]
    assert none["sessions"][0]["date"] == "2026-12-05"
    assert usual["sessions"][0]["date"] == "2026-12-07"


def test_a_site_that_opens_on_a_holiday_gives_its_own_closed_days():
    # 25 December 2026 is a Friday; a daily course from 21 December.
    wish = (SAM, "--treatment", "tms", "--start", "2026-12-21")

    usual = [each["date"] for each in planned(*wish)["sessions"]]
    own = [each["date"] for each in planned(*wish, "--closed", "2026-12-24")["sessions"]]

    assert "2026-12-25" not in usual
    assert "2026-12-25" in own
    assert "2026-12-24" not in own


def test_a_closed_month_ends_with_3_the_reason_and_the_nearest_start():
    closed = ",".join(f"2027-01-{day:02}" for day in range(1, 32))
    wish = (SAM, "--treatment", "tms", "--start", "2026-12-14", "--closed", closed)

    words = run(*wish)
    done = run(*wish, "--json")

    assert (words.exit_code, done.exit_code) == (3, 3)
    assert "working days in a row" in words.stderr
    assert "The nearest start on which it fits is 2027-02-01" in words.stderr
    refusal = json.loads(done.stdout)
    assert refusal["nearest_start"] == "2027-02-01"
    assert refusal["verdict"] == "with-conditions"


def test_every_day_closed_is_said_and_never_an_empty_plan(tmp_path):
    file = tmp_path / "closed.txt"
    file.write_text("\n".join(f"{year}-{month:02}-{day:02}" for year in (2026, 2027, 2028) for month in range(1, 13) for day in range(1, 29)) + "\n")  # fmt: skip

    done = run(SAM, "--treatment", "esketamine", "--start", START, "--closed", str(file))

    assert done.exit_code == 3
    assert "No start within a year fits" in done.stderr


GUIDE = (PATIENTS.parents[1] / "docs" / "guides" / "plans.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^overstory (plan(?:-event)? .+)$", GUIDE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_guide_run(command, tmp_path, monkeypatch):
    plan = written(tmp_path, SAM, "--treatment", "tms", "--start", "2027-04-05")
    monkeypatch.chdir(PATIENTS.parents[1])

    done = CliRunner().invoke(
        main, [plan if each == "plan.json" else each for each in command.split()]
    )

    assert len(COMMANDS) == 8
    assert done.exit_code == 0, done.output


def written(tmp_path, *wish):
    file = tmp_path / "plan.json"
    file.write_text(run(*wish, "--json").stdout)
    return str(file)


def happened(*arguments):
    return CliRunner().invoke(main, ["plan-event", *arguments])


def test_an_event_is_shown_as_a_difference_before_anyone_signs(tmp_path):
    file = written(tmp_path, SAM, "--treatment", "tms", "--start", "2027-04-05")

    done = happened(file, "missed", "--session", "3")

    assert done.exit_code == 0
    assert "version 2, missed" in done.output
    assert "- Wed 2027-04-07  tms, acute" in done.output
    assert "UNVERIFIED" in done.output
    assert "A preview: nothing is signed." in done.output


def test_the_next_version_can_be_changed_again(tmp_path):
    first = written(tmp_path, SAM, "--treatment", "tms", "--start", "2027-04-05")
    second = tmp_path / "second.json"
    second.write_text(happened(first, "missed", "--session", "3", "--json").stdout)

    done = happened(str(second), "extend", "--on", "2027-05-17", "--json")

    plan = json.loads(done.stdout)
    assert (plan["schema"], plan["version"]) == ("overstory.plan/1", 3)
    assert [each["event"] for each in plan["changes"]] == ["missed", "extend"]
    assert len(plan["sessions"]) == 46


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (("missed",), "name sessions of the plan"),
        (("missed", "--session", "10"), "--worse or --not-worse"),
        (("pause", "--on", "2027-05-01"), "--until"),
        (("non-response", "--review", "nothing"), "the plan has"),
        (("extend",), "no source gives an extension"),
        (("vanish",), "vanish"),
    ],
)
def test_an_event_that_cannot_be_meant_ends_with_2(tmp_path, event, why):
    file = written(tmp_path, SAM, "--treatment", "esketamine", "--start", "2027-04-05")

    done = happened(file, *event)

    assert done.exit_code == 2
    assert why in done.stderr


def test_what_is_no_plan_is_refused_by_name(tmp_path):
    done = happened(SAM, "extend")

    assert done.exit_code == 2
    assert "sam.yaml: not JSON" in done.stderr


def test_an_event_after_which_a_course_fits_no_more_ends_with_3(tmp_path):
    file = written(tmp_path, SAM, "--treatment", "tms", "--start", "2027-04-05")
    closed = ",".join(f"2027-05-{day:02}" for day in range(12, 32))

    done = happened(file, "missed", "--session", "3", "--closed", closed, "--json")

    assert done.exit_code == 3
    assert "does not fit any more" in done.stderr
    assert json.loads(done.stdout)["schema"] == "overstory.refusal/1"
