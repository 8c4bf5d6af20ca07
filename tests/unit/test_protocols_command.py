"""`overstory protocols`: what it lists and shows, in words and as JSON."""

import json

import pytest
from click.testing import CliRunner

from overstory.cli import main
from overstory.exchange.policy_file import read_policy_file
from overstory.knowledge.load import load_knowledge
from overstory.pathway.policy import with_policy
from tests.unit.test_documents import GUIDES, fences

HEAD = 'clinic: A clinic\nadopted_by: its medical director\nadopted_on: "2026-11-22"\n'
EVERY = [each.id for each in load_knowledge().sections["protocols"]]


def run(*arguments):
    return CliRunner().invoke(main, ["protocols", *arguments])


def test_the_list_says_of_each_protocol_whether_it_may_be_planned():
    answer = run("list")

    lines = {
        line.split()[0]: line
        for line in answer.output.replace(" * ", "   ").splitlines()
        if line.startswith("  ")
    }
    assert answer.exit_code == 0
    assert "may be planned" in lines["P-IV-STD"]
    assert "may be planned, 1 to verify" in lines["SBL_1_10"]
    assert "needs site policy; unverified" in lines["P-IM"]
    assert "needs site policy" in lines["P-SC"]
    assert "never planned" in lines["DMPFC_10HZ"]
    assert "ESKETAMINE-THEN-TMS" in lines


def test_the_list_keeps_to_a_treatment_and_a_jurisdiction():
    answer = run("list", "--treatment", "esketamine", "--jurisdiction", "EU", "--json")

    found = json.loads(answer.output)
    assert found["schema"] == "overstory.protocols/1"
    assert [each["id"] for each in found["protocols"]] == [
        "P-ESK-EU-UNDER-65",
        "P-ESK-EU-65-PLUS",
        "P-ESK-EU-EMERG",
    ]
    assert found["combinations"] == []


@pytest.mark.parametrize("protocol_id", EVERY)
def test_every_protocol_can_be_shown_both_ways(protocol_id):
    words = run("show", protocol_id)
    shown = json.loads(run("show", protocol_id, "--json").output)

    assert words.exit_code == 0
    assert words.output.startswith(protocol_id)
    assert "Sources" in words.output
    assert (shown["schema"], shown["id"]) == ("overstory.protocol/1", protocol_id)
    assert ("It may be planned." in words.output) is shown["plannable"]


def test_a_shown_protocol_marks_each_unverified_number_and_says_what_a_policy_would_adopt():
    output = run("show", "P-IM").output

    assert "It may not be planned here:" in output
    assert "protocols: {P-IM: {adopts: [schedule, dose], reason: …}}" in output
    assert "! 0.5 mg/kg, IM." in output
    assert "UNVERIFIED: recalled, not read again in its source" in output
    assert "· never more than 80 mg a session; a second look above 60 mg" in output


def test_a_shown_protocol_gives_each_number_its_source():
    output = run("show", "ns_10hz_std").output

    assert "left side, train: 75 trains of 40 pulses in 4 s, 26 s apart" in output
    assert "[brainultimate-protocols 37-minute protocol] · secondary source" in output
    assert "NeuroStar (K083538, US)" in output
    assert "approved" not in output


def test_the_json_of_a_protocol_has_what_surrounds_its_sessions():
    shown = json.loads(run("show", "P-ESK-US-TRD", "--json").output)

    around = shown["around"]
    assert around["visit"]["id"] == "esketamine-us"
    assert around["monitoring"]["id"] == "esketamine"
    assert [each["id"] for each in around["products"]] == ["spravato-28-mg"]
    assert "rems-form" in [each["id"] for each in around["needs"]]
    cap = next(each for each in shown["standings"] if each["path"] == "dose.cap")
    assert (cap["status"], cap["decides"]) == ("secondary", True)
    assert cap["numbers"] == [{"name": "mg", "value": 84.0}]
    assert "spravatohcp-dosing" in [each["id"] for each in shown["sources"]]


def test_a_policy_is_seen_in_the_list(tmp_path):
    policy = tmp_path / "clinic.yaml"
    policy.write_text(HEAD + "protocols:\n  P-SC: {reason: We trained for it.}\n")

    listed = run("list", "--policy", str(policy)).output
    shown = run("show", "P-SC", "--policy", str(policy)).output

    assert "may be planned, by site policy" in listed
    assert "Enabled by the site: We trained for it." in shown


def test_an_unknown_protocol_ends_with_2_and_names_those_like_it():
    answer = run("show", "P-IV-SDT")

    assert answer.exit_code == 2
    assert "no protocol is named 'P-IV-SDT'; there is P-IV-STD" in answer.output


def test_a_refused_policy_ends_with_2(tmp_path):
    policy = tmp_path / "clinic.yaml"
    policy.write_text(HEAD + "protocols:\n  P-IM: {reason: x}\n")

    answer = run("list", "--policy", str(policy))

    assert answer.exit_code == 2
    assert "adopts lacks schedule, dose" in answer.output


def test_the_policy_of_the_guide_enables_what_it_says():
    (text,) = fences(GUIDES / "protocols.md", "yaml policy")

    knowledge = with_policy(load_knowledge(), read_policy_file(text, name="guide"))

    assert [each.protocol for each in knowledge.sections["site_protocols"]] == ["P-IM", "P-SC"]
    watch = next(
        each for each in knowledge.sections["visits"] if each.id == "esketamine-us"
    ).observe
    assert watch.minutes == 150


def test_a_combination_is_shown_with_what_holds_between_its_parts():
    words = run("show", "esketamine-then-tms")
    shown = json.loads(run("show", "ESKETAMINE-THEN-TMS", "--json").output)

    assert words.exit_code == 0
    assert "induction of esketamine, then tms" in words.output
    assert "Where ketamine goes on: 1 a week, TMS on 4 days." in words.output
    assert "least days 1; greatest days 14; target from days 3; target to days 7" in " ".join(
        words.output.split()
    )
    assert "hard; certainty D; override: none." in words.output
    assert shown["schema"] == "overstory.combination/1"
    assert [each["id"] for each in shown["constraints"]] == [f"CMB_{n:02}" for n in range(1, 17)]
