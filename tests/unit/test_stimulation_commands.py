"""The commands of stimulation: when a threshold is measured again, what is refused, what is said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
import time_machine
from click.testing import CliRunner, Result

from overstory.cli import main
from overstory.knowledge.strict_yaml import read_yaml_file

PATIENTS = Path(__file__).parents[2] / "examples" / "patients"
AT = "2026-11-23T10:00:00-05:00"
LAST = "2026-11-20T10:00:00-05:00=47:emg:figure-8"
NOTHING_NEW = ("--missed", "0", "--ketamine", "never", "--no-new-risk", "--not-changed")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["stimulation", *(str(each) for each in arguments)])


def json_of(result: Result) -> dict:
    return orjson.loads(result.stdout)


def person(folder: Path, name: str, *, at: str | None = None, **changes: object) -> Path:
    """The complete invented person of the examples on the day of a session, with some facts changed."""
    content = read_yaml_file(PATIENTS / "sam.yaml").content
    content["at"] = at or content["at"]
    content["facts"].update(changes)
    path = folder / f"{name}.json"
    path.write_bytes(orjson.dumps(content))
    return path


def medicines(tmp_path: Path, *, at: str | None = None, **now: object) -> list[str | Path]:
    """Two files: nothing that bears on excitability at the last threshold, and what is taken now."""
    from overstory.knowledge.load import load_knowledge
    from overstory.pathway.stimulation.remeasure import flagged_medicines

    knowledge = load_knowledge()
    kinds = {each: knowledge.facts[each].type for each in flagged_medicines(knowledge)}
    none = {name: (False if kind == "bool" else 0) for name, kind in kinds.items()}
    return [
        "--then",
        person(tmp_path, "then", **none),
        "--now",
        person(tmp_path, "now", at=at, **{**none, **now}),
    ]


def again(*more: str | Path, last: str = LAST, method: str = "emg") -> Result:
    return run("remeasure", "--at", AT, "--measured", last, "--method", method, *more)


# When a threshold is measured again. TMS §3.1, §2.2, §2.6 and CMB_08.


def test_without_a_threshold_it_is_the_first_session() -> None:
    result = run("remeasure", "--at", AT, "--method", "emg", "--json")

    assert (result.exit_code, json_of(result)["measure"]) == (0, True)
    assert [each["event"] for each in json_of(result)["reasons"]] == ["first-session"]


def test_what_nobody_said_is_asked_and_nothing_is_promised() -> None:
    words, shown = again(), json_of(again("--json"))

    assert words.output.startswith("CANNOT SAY YET")
    assert "ketamine or esketamine since the last threshold" in words.output
    assert (shown["measure"], shown["stop"], len(shown["asks"])) == (None, False, 5)


def test_where_nothing_is_new_there_is_no_reason(tmp_path: Path) -> None:
    result = again(*NOTHING_NEW, *medicines(tmp_path))

    assert (result.exit_code, result.output) == (0, "No reason to measure again.\n")


def test_ketamine_since_the_last_threshold_is_a_reason_with_its_source() -> None:
    result = again("--ketamine", "2026-11-21T10:00:00-05:00")
    before = again("--ketamine", "2026-11-19T10:00:00-05:00")

    assert result.exit_code == 0
    assert result.output.startswith("MEASURE THE THRESHOLD AGAIN")
    assert "Ketamine or esketamine since it was measured" in result.output
    assert "[overstory-site-policy CMB_08] · site policy" in result.output
    assert "Ketamine" not in before.output


def test_a_changed_medicine_is_a_reason(tmp_path: Path) -> None:
    # §2.2: bupropion was started since.
    result = again(
        *NOTHING_NEW,
        *medicines(
            tmp_path, takes_bupropion=True, takes_oral_antidepressant=True, bupropion_mg_per_day=150
        ),
        "--json",
    )

    assert (result.exit_code, json_of(result)["physician"]) == (0, [])
    assert [each["event"] for each in json_of(result)["reasons"]] == ["medicine-changed"]


def test_medicines_read_long_ago_are_unknown_today_though_nobody_says_which_day_it_is(
    tmp_path: Path,
) -> None:
    files = medicines(tmp_path, at="2026-06-01T10:00:00-04:00")

    with time_machine.travel("2026-11-23T10:00:00-05:00", tick=False):
        result = run(
            "remeasure", "--measured", LAST, "--method", "emg", *NOTHING_NEW, *files, "--json"
        )

    shown = json_of(result)
    assert datetime.fromisoformat(shown["at"]) == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert (shown["measure"], shown["reasons"]) == (None, [])
    assert "takes_clozapine" in shown["asks"]


def test_a_strong_medicine_newly_taken_stops_the_session_until_a_physician_signs(
    tmp_path: Path,
) -> None:
    result = again(
        *NOTHING_NEW, *medicines(tmp_path, takes_clozapine=True, takes_antipsychotic=True)
    )

    assert result.exit_code == 3
    assert "STOP: a physician signs first; newly taken: takes_clozapine" in result.output


def test_a_threshold_that_moved_stops_the_session() -> None:
    # §2.6: more than 15 %. 47 to 54 is 14.9 %, to 55 is 17.0 %.
    near = again("--measured", "2026-11-21T10:00:00-05:00=54:emg:figure-8", "--json")
    far = again("--measured", "2026-11-21T10:00:00-05:00=55:emg:figure-8", "--json")

    assert (near.exit_code, json_of(near)["stop"]) == (0, False)
    assert (far.exit_code, json_of(far)["stop"]) == (3, True)
    assert json_of(far)["holds"][0]["limit"] == 15


@pytest.mark.parametrize(
    ("more", "event"),
    [
        (["--coil", "H1"], "coil-changed"),
        (["--muscle", "leg"], "first-session"),
        (["--missed", "6"], "weekdays-missed"),
        (["--new-risk"], "new-risk"),
        (["--changed"], "unexplained-change"),
    ],
)
def test_another_reason(more: list[str], event: str) -> None:
    assert [each["event"] for each in json_of(again(*more, "--json"))["reasons"]] == [event]


def test_another_method_is_a_reason_and_is_never_compared() -> None:
    shown = json_of(again("--json", method="visual"))

    assert [each["event"] for each in shown["reasons"]] == ["method-changed"]
    assert shown["holds"] == []


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--measured", "47"], "--measured is such as"),
        (["--measured", "2026-11-20T10:00:00-05:00=47:ear:figure-8"], "--measured is such as"),
        (["--measured", "2026-11-20T10:00:00-05:00=47:emg:round"], "--measured is such as"),
        (["--measured", "2026-11-20T10:00:00-05:00=nan:emg:H1"], "above 0 and at most 100"),
        (["--measured", "2026-11-20T10:00:00-05:00=147:emg:H1"], "above 0 and at most 100"),
        (["--measured", "2026-11-20=47:emg:H1"], "--measured is such as"),
        (["--measured", "2026-11-20T10:00:00-05:00=47:emg:H1:hand:x"], "--measured is such as"),
        (["--measured", "2026-12-20T10:00:00-05:00=47:emg:H1"], "later than the session"),
        (["--ketamine", "yesterday"], "--ketamine is the time"),
        (["--ketamine", "2026-12-01T10:00:00-05:00"], "later than the session"),
        (["--now", "nowhere.yaml"], "nowhere.yaml"),
        (["--missed", "-1"], "not in the range"),
    ],
)
def test_what_cannot_be_read_ends_with_2_and_says_what_is_right(more: list[str], says: str) -> None:
    result = again(*more)

    assert result.exit_code == 2
    assert says in result.stderr


# Trains.


def test_a_protocol_is_judged_as_it_stands_or_at_another_percent() -> None:
    asked = ("train", "NS_10HZ_STD", "--method", "emg", "--clearance", "neurostar-k083538")

    weaker, stronger = run(*asked, "--percent", "90"), run(*asked, "--percent", "140")

    assert weaker.output.startswith("LABEL_OK")
    assert stronger.output.startswith("REFUSE")
    assert stronger.exit_code == 3


@pytest.mark.parametrize(
    "more", [["--hz", "25"], ["--coil", "H1"], ["--trains", "75"], ["--side", "left"]]
)
def test_what_a_protocol_says_itself_is_not_said_beside_it(more: list[str]) -> None:
    result = run("train", "NS_10HZ_STD", "--method", "emg", *more)

    assert result.exit_code == 2
    assert f"NS_10HZ_STD says {more[0]} itself" in result.stderr


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--kind", "itbs", "--hz", "500"], "--bursts says how theta burst is made"),
        (["--kind", "ctbs"], "--bursts says how theta burst is made"),
        (["--kind", "itbs", "--bursts", "3x50@5", "--hz", "15"], "not both"),
        (["--hz", "1e300"], "can be counted"),
        (["--hz", "1e-9"], "at least one pulse"),
        (["--hz", "10", "--pause", "1e300"], "no longer than a day"),
    ],
)
def test_a_free_session_that_makes_no_sense_ends_with_2(more: list[str], says: str) -> None:
    result = run("train", "--seconds", "2", "--percent", "100", "--method", "emg", *more)

    assert result.exit_code == 2
    assert says in result.stderr


def test_a_fast_train_called_theta_burst_is_refused() -> None:
    # §2.4: three pulses at 50 Hz, five bursts a second; 50 pulses at 250 Hz were never tested.
    result = run("train", "--kind", "itbs", "--bursts", "50x250@5", "--seconds", "2", "--percent",
                 "100", "--method", "emg")  # fmt: skip

    assert result.exit_code == 3
    assert "50 at 250 Hz, 5 a second: outside the tables, REFUSE" in result.output


def test_who_signs_is_said_once_the_table_is_adopted(tmp_path: Path) -> None:
    policy = tmp_path / "site.yaml"
    policy.write_text(
        'clinic: A\nadopted_by: its director\nadopted_on: "2026-11-22"\n'
        "tables:\n  SAFE-TRAINS-W: {reason: Our neurologist read the paper.}\n"
    )

    def last_line(*asked: str) -> str:
        return run("train", *asked, "--method", "emg", "--policy", policy).output.splitlines()[-1]

    assert last_line("H4_SMOKING") == "May be planned."
    assert last_line("LFR_1HZ_1800") == "May be planned with the signature of a physician."
    assert last_line("DMPFC_10HZ") == "May be planned with the signatures of two physicians."
    assert last_line("H4_SMOKING", "--percent", "131") == "May not be planned as it stands."


def test_a_label_is_said_for_what_it_is() -> None:
    result = run("train", "NS_10HZ_STD", "--method", "emg", "--clearance", "neurostar-k083538")

    assert result.output.endswith("May be planned. Only for major-depression.\n")


# Output, threshold, place, risk.


def test_an_output_names_its_method_and_what_watching_means() -> None:
    # 120 % of 50 by watching: 60 %MSO; 120 × 1.113 = 133.6 %, at worst 120 × 1.278 = 153.4 %.
    seen = run("output", "--threshold", "50", "--method", "visual", "--percent", "120")
    emg = run("output", "--threshold", "50", "--method", "emg", "--percent", "120")

    assert "60 %MSO, 120.0 % of the threshold by visual" in seen.output
    assert "about 134 % of a threshold by electromyography" in seen.output
    assert "153 %" in seen.output
    assert emg.output == "60 %MSO, 120.0 % of the threshold by emg\n"


def test_an_output_above_130_percent_is_refused() -> None:
    # §2.4, point 6.
    at_most = run("output", "--threshold", "50", "--method", "emg", "--percent", "130")
    above = run("output", "--threshold", "50", "--method", "emg", "--percent", "131")

    assert (at_most.exit_code, at_most.output.split(" %")[0]) == (0, "65")
    assert (above.exit_code, above.stdout) == (3, "")
    assert "at most 130 %" in above.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["output", "--threshold", "50", "--method", "emg", "--percent", "nan"], "finite"),
        (["output", "--threshold", "50", "--method", "emg", "--percent", "120", "--farther-mm", "inf"],
         "finite number of mm"),
        (["output", "--threshold", "nan", "--method", "emg", "--percent", "120"], "above 0"),
        (["threshold", "--method", "emg", "--simulate", "nan"], "at most 100 %MSO"),
        (["threshold", "--method", "emg", "--simulate", "0"], "above 0"),
        (["threshold", "--method", "emg", "--simulate", "100.5"], "at most 100 %MSO"),
        (["threshold", "--method", "emg", "--simulate", "50", "--seed", "-1"], "range"),
        (["threshold", "--method", "emg", "--start", "60"], "of the rule rossini"),
        (["threshold", "--method", "emg", "--rule", "rossini", "--simulate", "50"], "ml-pest"),
        (["threshold", "--method", "emg", "--rule", "rossini", "--start", "0.5"], "above one step"),
        (["threshold", "\uff16\uff10y", "--method", "emg"], "such as 60y"),
        (["threshold", "-5y", "--method", "emg"], ""),
    ],
)  # fmt: skip
def test_a_number_that_makes_no_sense_ends_with_2(arguments: list[str], says: str) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert says in result.stderr


def test_a_place_comes_with_its_check_and_its_source() -> None:
    # §4.1: (36, 38, 60): 6.955 and 9.791; linear 6.92 and 9.76; longer by 0.35.
    result = run("scalp", "--over", "36", "--along", "38", "--around", "60")

    assert "as a check: 6.9 cm and 9.8 cm" in result.output
    assert "10.1 cm" in result.output
    assert "[beam-f3-web-code section 4.1; beam-2009] · secondary source" in result.output


def test_a_risk_comes_with_its_source() -> None:
    assert "[taylor-2021] · secondary source" in run("risk", "--coil", "H1").output
