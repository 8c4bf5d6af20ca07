"""The command `overstory score`: what comes first, what is missing, what is refused."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from overstory.cli.score import score


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(score, list(arguments))


def test_item_9_comes_before_the_total_and_asks_for_a_cssrs_the_same_day() -> None:
    result = _run("phq9", "0,0,0,0,0,0,0,0,1")

    assert result.exit_code == 0
    said = " ".join(result.output.split())
    assert "C-SSRS by a trained person the same day." in said
    assert said.index("C-SSRS") < said.index("Total 1 of 0 to 27: minimal")


def test_item_9_at_zero_is_never_called_no_risk() -> None:
    result = _run("phq9", "2,2,2,2,1,1,2,0,0")

    assert "no thoughts of death or self-harm reported" in result.output
    assert "does not rule out risk" in result.output


def test_answers_may_stand_apart_and_a_dash_is_not_answered() -> None:
    result = _run("gad7", "1", "2", "-", "2", "1", "2", "1")

    assert result.exit_code == 0
    assert "No total" in result.output
    assert "Not answered: 3" in result.output


def test_a_missing_item_9_asks_today() -> None:
    result = _run("phq9", "1,1,1,1,1,1,1,1,-")

    assert "Ask today." in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("answers.yaml", '"1": 1\n"2": 2\n"3": 1\n"4": 2\n"5": 1\n"6": 2\n"7": LA6569-3\n'),
        ("answers.json", '{"scale": "gad7", "answers": {"1":1,"2":2,"3":1,"4":2,"5":1,"6":2,"7":1}}'),
    ],
)  # fmt: skip
def test_answers_may_come_from_a_file(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")

    result = _run("GAD-7", str(file), "--json")

    assert result.exit_code == 0
    found = orjson.loads(result.output)
    assert found["schema"] == "overstory.score/1"
    assert (found["total"], found["band"]) == (10, "moderate")
    assert found["facts"] == {"gad7_total": 10}


def test_json_holds_what_is_critical_with_its_source() -> None:
    found = orjson.loads(_run("phq9", "0,0,0,0,0,0,0,0,3", "--json").output)

    assert [each["id"] for each in found["critical"]] == [
        "thoughts_of_death_or_self_harm",
        "thoughts_nearly_every_day",
    ]
    assert all(each["sources"][0]["title"] for each in found["critical"])
    assert found["facts"] == {"phq9_total": 3, "phq9_item9": 3}


@pytest.mark.parametrize("before", ["20", "3,3,3,3,3,3,2,0,0"])
def test_an_earlier_rating_shows_the_change(before: str) -> None:
    result = _run("phq9", "1,1,0,1,0,0,1,0,0", "--before", before)

    assert "From 20 to 4: 16 points better, 80 %. State: remission." in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("phq", "1"), "no scale is named 'phq'; there is phq9"),
        (("phq9", "1,2"), "phq9 takes 9 to 10 answers"),
        (("gad7", "1,1,1,1,1,1,1,1"), "gad7 takes 7 answers"),
        (("phq9", "5,0,0,0,0,0,0,0,0"), "phq9, item 1: 5 is not an answer; it takes 0 (Not at all)"),
        (("phq9", "nan,0,0,0,0,0,0,0,0"), "item 1: 'nan' is not an answer"),
        (("peg", "6,7,11"), "it takes a whole number from 0 to 10"),
        (("phq9", "no-such-file.yaml"), "no-such-file.yaml"),
        (("phq9", "0,0,0,0,0,0,0,0,0", "--before", "40"), "phq9 has no total of 40"),
        (("phq9", "0,0,0,0,0,0,0,0,-", "--before", "20"), "phq9 has no total: not answered 9"),
        (("phq9", "0,0,0,0,0,0,0,0,0", "--before", "many"), "an earlier total is a number"),
        (("cgi", "2,2", "--before", "3"), "cgi has no total"),
    ],
)  # fmt: skip
def test_bad_input_ends_with_a_message_of_what_would_be_right(
    arguments: tuple[str, ...], message: str
) -> None:
    result = _run(*arguments)

    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"1": 1\n"1": 2\n', "stands twice"),
        ("- 1\n- 2\n", "a mapping of items to answers"),
        ('"1": [1]\n', "an answer is a number, a word, true, false or null"),
        ('"17": 1\n', "gad7 has no item '17'"),
        ('"1": yes\n', "in quotes"),
    ],
)
def test_a_bad_file_of_answers_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(text, encoding="utf-8")

    result = _run("gad7", str(file))

    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.parametrize("scale", ["cssrs_screen", "safe_t", "mdq", "who5", "hamd17", "atrq"])
def test_every_kind_of_scale_can_be_shown(scale: str) -> None:
    answers = {
        "cssrs_screen": "n,n,-,-,-,n,-",
        "safe_t": "1,1,1,2,1",
        "mdq": "y,y,y,y,y,y,y,n,n,n,n,n,n,y,2",
        "who5": "3,2,2,3,3",
        "hamd17": "1,1,0,1,1,1,1,1,1,1,1,1,1,1,1,1,-,1",
        "atrq": "-",
    }

    result = _run(scale, answers[scale])

    assert result.exit_code == (2 if scale == "atrq" else 0), result.output
