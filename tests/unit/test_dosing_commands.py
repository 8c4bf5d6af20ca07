"""The commands dose, kinetics and stimulation: what they print, and how they refuse."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import orjson
import pytest
from click.testing import CliRunner, Result

from overstory.cli import main

PATIENTS = Path(__file__).parents[2] / "examples" / "patients"
POLICY = """
clinic: A clinic
adopted_by: its medical director
adopted_on: "2026-11-22"
tables:
  SAFE-TRAINS-W: {reason: Our neurologist read the paper.}
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def json_of(result: Result) -> dict:
    return orjson.loads(result.stdout)


def person(tmp_path: Path, **changes: object) -> Path:
    """The complete invented person of the examples, with some facts changed."""
    from overstory.knowledge.strict_yaml import read_yaml_file

    content = read_yaml_file(PATIENTS / "sam.yaml").content
    content["facts"].update(changes)
    path = tmp_path / "person.json"
    path.write_bytes(orjson.dumps(content))
    return path


def test_a_calculation_is_marked_as_no_order() -> None:
    result = run(
        "dose",
        PATIENTS / "maya.yaml",
        "--protocol",
        "P-IV-STD",
        "--product",
        "ketamine-50-mg-per-ml",
    )

    assert result.exit_code == 0
    assert "PROVISIONAL, NOT AN ORDER" in result.output
    # 81 kg at 0.5 mg/kg is 40.5 mg, 0.81 mL of 50 mg/mL, 50 mL in 40 minutes.
    assert "40.5 mg" in result.output
    assert "draw 0.81 mL" in result.output
    assert "pump 75 mL/h" in result.output


def test_an_order_for_somebody_of_whom_much_is_unknown_is_refused() -> None:
    result = run("dose", PATIENTS / "maya.yaml", "--protocol", "P-IV-STD", "--product",
                 "ketamine-50-mg-per-ml", "--order", "--json")  # fmt: skip

    assert result.exit_code == 3
    shown = json_of(result)
    assert (shown["schema"], shown["verdict"]) == ("overstory.refusal/1", "cannot-say-yet")
    assert "safety.suicide-risk-screened" in shown["rules"]
    assert "cannot-say-yet" in result.stderr


def test_a_dose_for_somebody_contraindicated_is_refused_even_as_a_calculation() -> None:
    result = run("dose", PATIENTS / "ruth.yaml", "--protocol", "P-ESK-US-TRD")

    assert result.exit_code == 3
    assert "esketamine is contraindicated (shared.aneurysm)" in result.stderr


def test_an_order_as_json_has_units_in_its_names(tmp_path: Path) -> None:
    result = run("dose", person(tmp_path), "--protocol", "P-ESK-US-TRD", "--order", "--json")

    assert result.exit_code == 0
    shown = json_of(result)
    assert (shown["schema"], shown["kind"], shown["form"]) == (
        "overstory.dose/1",
        "order",
        "nasal-spray",
    )
    assert shown["dose"]["mg"] == 56
    assert shown["dose"]["at_minutes"] == [0, 5]
    assert {each["part"] for each in shown["rests_on"]} == {"dose", "dose.cap"}
    assert shown["rests_on"][0]["sources"][0]["id"] == "spravatohcp-dosing"


def test_an_order_tells_what_it_is_on_condition_of_and_that_the_crisis_path_comes_first() -> None:
    # The invented person of the example has intent and a high C-SSRS: a physician writes the reason.
    asked = ("dose", PATIENTS / "sam.yaml", "--protocol", "P-IV-STD", "--product",
             "ketamine-50-mg-per-ml", "--order")  # fmt: skip

    words, shown = run(*asked), json_of(run(*asked, "--json"))

    assert words.exit_code == 0
    assert "SAFETY HIGH: the crisis path comes before any dose" in words.output
    assert "physician writes the reason: Suicide risk is high" in words.output
    assert "[ketamine-iv.off-label]" in words.output
    assert (shown["verdict"], shown["safety_level"]) == ("with-conditions", "high")
    assert {each["rule"] for each in shown["conditions"]} >= {
        "safety.suicide-risk-high", "safety.suicidal-intent-or-attempt", "ketamine-iv.off-label",
    }  # fmt: skip
    assert all(each["sources"] for each in shown["conditions"])


def test_a_calculation_tells_in_one_line_what_is_not_known() -> None:
    result = run("dose", PATIENTS / "maya.yaml", "--protocol", "P-IV-STD", "--product",
                 "ketamine-50-mg-per-ml")  # fmt: skip

    assert "ketamine-iv is cannot-say-yet, see overstory assess:" in result.output
    assert result.output.count("not known, and could be a condition:") == 1
    assert "hepatic_impairment" in result.output


def test_a_dose_in_words_says_what_its_numbers_rest_on() -> None:
    result = run("dose", PATIENTS / "sam.yaml", "--protocol", "P-IV-STD", "--product",
                 "ketamine-50-mg-per-ml", "--order")  # fmt: skip

    assert "dose rests on elekt-d-2023" in result.output
    assert (
        "dose.cap rests on overstory-site-policy section 5, guards · site policy" in result.output
    )
    # 0.5 mg/kg over 40 minutes, with the unit written out.
    assert "12.5 mcg/kg/min" in result.output
    assert "of diluent: 50 mL at 0.84 mg/mL" in result.output


def test_a_dose_that_another_protocol_lends_rests_on_what_that_one_rests_on(tmp_path: Path) -> None:
    policy = tmp_path / "site.yaml"
    policy.write_text(
        POLICY.split("tables:", maxsplit=1)[0]
        + "protocols:\n  P-IV-MAINT: {reason: We go on with it., adopts: [schedule]}\n"
    )

    shown = json_of(run("dose", person(tmp_path), "--protocol", "P-IV-MAINT", "--policy", policy,
                        "--product", "ketamine-50-mg-per-ml", "--json"))  # fmt: skip

    assert {each["part"] for each in shown["rests_on"]} == {"dose", "dose.cap", "dose.weights"}


def test_an_order_with_a_weight_in_pounds_is_refused_with_its_reason(tmp_path: Path) -> None:
    path = person(tmp_path, weight_kg=154, height_cm=175)

    result = run("dose", path, "--protocol", "P-IV-STD", "--product", "ketamine-50-mg-per-ml", "--order",
                 "--basis", "total", "--weight-before", "70@2026-10-30", "--json")  # fmt: skip

    assert result.exit_code == 3
    assert [each["why"] for each in json_of(result)["reasons"]] == ["weight-changed"]
    assert "pounds typed as kilograms" in result.stderr


def test_an_order_with_an_old_weight_is_refused_and_a_calculation_uses_it(tmp_path: Path) -> None:
    old = {"value": 70, "at": "2026-10-01T10:00:00-05:00"}
    path = person(tmp_path, weight_kg=old, height_cm=175)
    asked = ("dose", path, "--protocol", "P-IV-STD", "--product", "ketamine-50-mg-per-ml", "--json")

    calculation, order = run(*asked), run(*asked, "--order")

    assert json_of(calculation)["dose"]["amounts"]["mg"] == 35
    assert (order.exit_code, order.stderr.count("older than 30 days")) == (3, 1)


def test_the_doses_so_far_decide_which_may_follow(tmp_path: Path) -> None:
    path = person(tmp_path)
    asked = ("dose", path, "--protocol", "P-ESK-US-TRD", "--order", "--mg", "84", "--json")

    first = run(*asked)
    later = run(*asked, "--given", "2026-11-20T09:00:00-05:00=56")
    soon = run(*asked, "--given", "2026-11-21T09:00:00-05:00=56")

    assert [each["why"] for each in json_of(first)["reasons"]] == ["step-not-allowed"]
    assert json_of(later)["dose"]["devices"] == 3
    assert [each["why"] for each in json_of(soon)["reasons"]] == ["too-soon"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--protocol", "NOPE"], "no protocol is named"),
        (["--protocol", "P-IV-STD", "--given", "yesterday=35"], "--given is such as"),
        (
            ["--protocol", "P-IV-STD", "--given", "2026-11-15T10:00:00-05:00=0"],
            "--given is such as",
        ),
        (
            ["--protocol", "P-IV-STD", "--given", "2026-11-15T10:00:00-05:00=35:0.5:no:x"],
            "--given is",
        ),
        (["--protocol", "P-IV-STD", "--weight-before", "70"], "--weight-before is such as"),
        (["--protocol", "P-IV-STD", "--weight-before", "0@2026-10-30"], "above zero"),
        (["--protocol", "P-IV-STD", "--mg", "many"], "is not a number"),
        (["--protocol", "P-IV-STD", "--mg", "nan"], "finite"),
        (["--protocol", "P-IV-STD", "--mg", "-5"], "above zero"),
        (["--protocol", "P-IV-STD", "--product", "NOPE"], "no product is named"),
    ],
)
def test_a_wrong_option_ends_with_2_and_says_what_is_right(arguments: list[str], says: str) -> None:
    result = run("dose", PATIENTS / "sam.yaml", *arguments)

    assert result.exit_code == 2
    assert says in result.stderr


# Kinetics.


def test_the_band_is_written_with_its_warning() -> None:
    result = run("kinetics", "infusion", "--mg", "35", "--weight", "70")

    assert result.exit_code == 0
    assert "never a reason for a dose" in result.output
    # §6.2 at 40 minutes: 240.3, 177.3, 253.1 ng/mL.
    assert "    40         240         177         253         253" in result.output
    assert result.output.startswith("35 mg of racemic ketamine over 40 minutes at 70 kg")
    assert "clements: Clements 1981, 250 µg/kg [" in result.output
    assert "· secondary source" in result.output


def test_a_picture_is_an_svg_with_title_words_and_watch(tmp_path: Path) -> None:
    path = tmp_path / "level.svg"

    run("kinetics", "spray", "--mg", "84", "--age", "40", "--svg", path, "--language", "es")

    root = ET.fromstring(path.read_text("utf-8"))  # noqa: S314  # written by ourselves
    texts = [each.text for each in root.iter() if each.text and each.text.strip()]
    assert root.attrib["role"] == "img"
    assert "Esketamina en sangre" in texts
    assert "En observación: 0–120 min" in texts
    labels = root.attrib["aria-labelledby"].split()
    assert [each.attrib.get("id") for each in root if "id" in each.attrib] == labels
    assert any("nunca un motivo para una dosis" in each for each in texts)
    # §6.3: 101 ng/mL at 44 minutes.
    assert "Perez-Ruixo 2021: 101 ng/mL, 44 min" in texts


def test_levels_as_json_are_to_a_tenth() -> None:
    shown = json_of(run("kinetics", "infusion", "--mg", "35", "--weight", "70", "--json"))

    assert shown["unit"] == "ng/mL"
    assert shown["band"]["high"][40] == 253.1
    assert shown["band"]["low"][40] == 177.3


@pytest.mark.parametrize(
    "arguments",
    [
        ["infusion", "--mg", "0", "--weight", "70"],
        ["infusion", "--mg", "35", "--weight", "-1"],
        ["infusion", "--mg", "35", "--weight", "nan"],
        ["infusion", "--mg", "nan", "--weight", "70"],
        ["infusion", "--mg", "inf", "--weight", "70"],
        ["infusion", "--mg", "1e308", "--weight", "70"],
        ["infusion", "--mg", "35", "--weight", "29.9"],
        ["infusion", "--mg", "35", "--weight", "200.1"],
        ["infusion", "--mg", "80.1", "--weight", "100"],
        ["infusion", "--mg", "70.1", "--weight", "70"],
        ["infusion", "--mg", "6.9", "--weight", "70"],
        ["infusion", "--mg", "35", "--weight", "70", "--over", "inf"],
        ["infusion", "--mg", "35", "--weight", "70", "--over", "nan"],
        ["infusion", "--mg", "35", "--weight", "70", "--over", "0.5"],
        ["infusion", "--mg", "35", "--weight", "70", "--over", "241"],
        ["spray", "--mg", "nan", "--age", "40"],
        ["spray", "--mg", "inf", "--age", "40"],
        ["spray", "--mg", "84", "--age", "inf"],
        ["spray", "--mg", "84", "--age", "nan"],
        ["spray", "--mg", "70", "--age", "40"],
        ["spray", "--mg", "84", "--age", "12"],
        ["spray", "--mg", "84", "--age", "40", "--group", "elsewhere"],
    ],
)  # fmt: skip
def test_a_level_that_cannot_be_shown_ends_with_2(arguments: list[str]) -> None:
    result = run("kinetics", *arguments)

    assert result.exit_code == 2
    assert result.stderr.startswith("overstory: ")


def test_hours_that_are_no_number_end_with_2() -> None:
    result = run("kinetics", "infusion", "--mg", "35", "--weight", "70", "--hours", "nan")

    assert (result.exit_code, "number of hours" in result.stderr) == (2, True)


def test_one_device_has_a_level_too() -> None:
    # §6.3: 28 mg, 43.9 ng/mL at 36 minutes.
    shown = json_of(run("kinetics", "spray", "--mg", "28", "--age", "40", "--json"))

    assert shown["curves"][0]["levels"][36] == 43.9


def test_the_picture_of_an_infusion_can_be_read_on_a_phone(tmp_path: Path) -> None:
    path = tmp_path / "level.svg"

    run("kinetics", "infusion", "--mg", "35", "--weight", "70", "--svg", path, "--language", "es")

    root = ET.fromstring(path.read_text("utf-8"))  # noqa: S314  # written by ourselves
    width = float(root.attrib["viewBox"].split()[2])
    texts = [each for each in root if each.tag.endswith("text")]
    # On a phone of 390 points the letters are at least 11 points high, and none leaves the picture.
    assert min(float(each.attrib["font-size"]) for each in texts) * 390 / width >= 11
    for each in texts:
        if each.attrib["text-anchor"] == "start":
            end = float(each.attrib["x"]) + 0.53 * float(each.attrib["font-size"]) * len(
                each.text or ""
            )
            assert end <= width, each.text
    said = [each.text for each in texts]
    # Section 4.2, IV: watched for 60 minutes after the end of 40.
    assert "Observación posterior: 40–100 min" in said
    assert any("flujos en proporción al peso" in (each or "") for each in said)
    dashes = [each.attrib.get("stroke-dasharray") for each in root if each.tag.endswith("polyline")]
    assert len(set(dashes)) == 4  # a line of its own for each model


def test_a_picture_that_cannot_be_written_ends_with_2(tmp_path: Path) -> None:
    result = run(
        "kinetics", "spray", "--mg", "84", "--age", "40", "--svg", tmp_path / "no" / "x.svg"
    )

    assert result.exit_code == 2


# Stimulation.


def test_the_next_pulse_after_the_golden_start() -> None:
    # TMS §3.3: 60 yes, 31 no, then 46.
    result = run("stimulation", "threshold", "60y", "31n", "--method", "emg", "--no-clamp")

    assert "next pulse: 46 %MSO" in result.output
    assert "by emg" in result.output


def test_training_on_a_made_up_muscle_is_the_same_again() -> None:
    asked = (
        "stimulation",
        "threshold",
        "--method",
        "visual",
        "--simulate",
        "47",
        "--seed",
        "3",
        "--json",
    )

    first, again = run(*asked), run(*asked)

    assert first.output == again.output
    shown = json_of(first)
    assert shown["done"]
    assert shown["method"] == "visual"
    assert len(shown["pulses"]) <= 18


def test_the_relative_frequency_rule_goes_on_step_by_step() -> None:
    found = run("stimulation", "threshold", *["50y"] * 5, "--method", "emg", "--rule", "rossini")
    wrong = run("stimulation", "threshold", "50y", "60y", "--method", "emg", "--rule", "rossini")

    assert "next pulse: 49 %MSO" in found.output
    assert (wrong.exit_code, "goes to 50" in wrong.stderr) == (2, True)


def test_a_method_must_be_named() -> None:
    assert run("stimulation", "threshold", "60y").exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["threshold", "60", "--method", "emg"],
        ["threshold", "160y", "--method", "emg"],
        ["threshold", "--method", "emg", "--rule", "rossini"],
        ["scalp", "--over", "14", "--along", "36", "--around", "56"],
        ["train", "--method", "emg"],
        ["train", "NOPE", "--method", "emg"],
        ["train", "P-IV-STD", "--method", "emg"],
        ["train", "NS_10HZ_STD", "--method", "emg", "--clearance", "NOPE"],
        ["train", "--hz", "10", "--seconds", "0.55", "--percent", "110", "--method", "emg"],
        ["output", "--threshold", "0", "--method", "emg", "--percent", "120"],
    ],
)  # fmt: skip
def test_what_makes_no_sense_ends_with_2(arguments: list[str]) -> None:
    result = run("stimulation", *arguments)

    assert result.exit_code == 2
    assert result.stderr.startswith("overstory: ")


def test_the_place_on_the_head_to_a_tenth_of_a_centimetre() -> None:
    # TMS §4.1: (36, 38, 60) -> 6.955, 9.791.
    result = run(
        "stimulation", "scalp", "--over", "36", "--along", "38", "--around", "60", "--side", "right"
    )

    assert "F4: 7.0 cm" in result.output
    assert "9.8 cm" in result.output
    assert "Right anterior DLPFC" in result.output


def test_a_session_is_judged_and_a_refusal_ends_with_3() -> None:
    covered = run(
        "stimulation",
        "train",
        "NS_10HZ_STD",
        "--method",
        "visual",
        "--clearance",
        "neurostar-k083538",
    )
    refused = run(
        "stimulation",
        "train",
        "--hz",
        "30",
        "--seconds",
        "1",
        "--percent",
        "110",
        "--method",
        "emg",
        "--json",
    )

    assert covered.output.startswith("LABEL_OK")
    assert "May be planned." in covered.output
    assert (refused.exit_code, json_of(refused)["outcome"]) == (3, "REFUSE")


def test_a_free_theta_burst_is_judged_by_how_it_is_made() -> None:
    asked = ("stimulation", "train", "--kind", "itbs", "--seconds", "2", "--pause", "8", "--trains", "20",
             "--percent", "120", "--method", "emg", "--clearance", "magventure-k173620", "--bursts")  # fmt: skip

    label, wrong = run(*asked, "3x50@5"), run(*asked, "three")

    assert label.output.startswith("LABEL_OK")
    assert (wrong.exit_code, "3x50@5" in wrong.stderr) == (2, True)


def test_the_risk_factors_of_a_person_are_told_where_a_label_covers(tmp_path: Path) -> None:
    path = person(tmp_path, seizure_ever=True)

    result = run("stimulation", "train", "NS_10HZ_STD", "--method", "visual", "--clearance",
                 "neurostar-k083538", "--patient", path)  # fmt: skip

    assert "tms.seizure-history" in result.output
    assert "Measure the threshold by electromyography." in result.output


def test_a_table_counts_once_the_site_has_adopted_it(tmp_path: Path) -> None:
    policy = tmp_path / "site.yaml"
    policy.write_text(POLICY)
    asked = ("stimulation", "train", "--hz", "10", "--seconds", "4", "--pause", "26", "--trains", "75",
             "--percent", "110", "--method", "emg", "--json")  # fmt: skip

    without, adopted = json_of(run(*asked)), json_of(run(*asked, "--policy", policy))

    assert (without["outcome"], without["may_plan"]) == ("WITHIN", False)
    assert (adopted["outcome"], adopted["may_plan"]) == ("WITHIN", True)


def test_the_output_and_the_risk() -> None:
    found = run("stimulation", "output", "--threshold", "50", "--method", "emg", "--percent", "120",
                "--farther-mm", "3")  # fmt: skip
    risk = run("stimulation", "risk", "--coil", "H1", "--language", "es")

    assert found.output.startswith("70 %MSO")
    assert "5.56 de cada 1000" in risk.output
