"""The JSON of plans and refusals: what it promises to other programs."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise

import orjson
import pytest

from overstory.exchange.plan_json import plan_json, read_plan, refusal_json
from overstory.exchange.records import InputError
from overstory.pathway.planning.refusals import PlanRefusedError
from tests.people import KNOWLEDGE, facts_of_vignette
from tests.planning import planned

TREATMENTS = ["esketamine", "ketamine-iv", "kap", "tms", "ketamine-then-tms"]
PROMISED = ["schema", "treatment", "protocol", "sessions", "alongside", "reviews", "restrictions", "sources"]  # fmt: skip
OF_A_SESSION = {"n", "phase", "treatment", "date", "earliest", "latest", "min_gap_hours", "minutes", "needs", "holds"}  # fmt: skip


def shown(treatment: str, **more: object) -> dict:
    return json.loads(orjson.dumps(plan_json(planned(treatment, **more))))


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_a_plan_has_the_promised_keys_first(treatment):
    plan = shown(treatment)

    assert list(plan)[:8] == PROMISED
    assert plan["schema"] == "overstory.plan/1"
    assert plan["treatment"] == treatment


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_sessions_are_visits_in_date_order_with_whole_minutes_and_a_dose_or_a_stimulation(
    treatment,
):
    sessions = shown(treatment)["sessions"]

    assert [each["n"] for each in sessions] == list(range(1, len(sessions) + 1))
    for each in sessions:
        assert set(each) >= OF_A_SESSION
        assert each["treatment"] in {"esketamine", "ketamine-iv", "kap", "tms"}
        assert ("dose" in each) != ("stimulation" in each)
        assert each["earliest"] <= each["date"] <= each["latest"]
        assert {type(value) for value in each["minutes"].values()} == {int}
        assert set(each["minutes"]) == {"prepare", "treat", "observe", "chair"}
    for before, after in pairwise(sessions):
        days = date.fromisoformat(after["date"]) - date.fromisoformat(before["date"])
        assert days >= timedelta(days=1)
        assert days >= timedelta(hours=after["min_gap_hours"])


def test_a_dose_is_a_number_in_mg_and_null_with_a_need_where_the_prescriber_sets_it():
    infusion = shown("ketamine-iv", weight_kg=70.0)["sessions"][0]
    assisted = shown("kap")["sessions"][0]

    assert (infusion["dose"]["value"], infusion["dose"]["unit"]) == (35, "mg")
    assert (assisted["dose"]["value"], assisted["dose"]["unit"]) == (None, "mg")
    assert "prescriber-sets-dose" in {each["id"] for each in assisted["needs"]}


def test_a_dose_keeps_its_half_milligram_as_a_json_number():
    # 81 kg at 0.5 mg/kg.
    dose = shown("ketamine-iv", weight_kg=81.0)["sessions"][0]["dose"]

    assert dose["value"] == 40.5


def test_needs_say_what_must_be_fresh_on_the_day():
    needs = {each["id"]: each for each in shown("ketamine-iv")["sessions"][0]["needs"]}

    assert needs["pressure"]["fresh_days"] == 0  # PS-07: of the day
    assert needs["weight"]["fresh_days"] == 30  # PS-10
    assert needs["weight"]["facts"] == ["weight_kg"]


def test_what_is_known_now_and_too_old_by_a_later_session_is_asked_again():
    sessions = shown("esketamine")["sessions"]

    again = next(each for each in sessions[-1]["needs"] if each["id"] == "known-again")
    assert {"systolic_bp", "diastolic_bp"} <= set(again["facts"])


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_every_source_that_is_cited_is_listed_once_with_its_title(treatment):
    plan = shown(treatment)

    ids = [each["id"] for each in plan["sources"]]
    cited = set(_cited({key: value for key, value in plan.items() if key != "sources"}))
    assert len(ids) == len(set(ids))
    assert cited <= set(ids)
    assert all(each["title"] for each in plan["sources"])


def _cited(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [each["id"] for each in value.get("sources", [])]
        return own + [cite for each in value.values() for cite in _cited(each)]
    if isinstance(value, list):
        return [cite for each in value for cite in _cited(each)]
    return []


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_a_plan_that_was_written_is_read_as_it_was(treatment):
    plan = planned(treatment)

    again = read_plan(orjson.dumps(plan_json(plan)), name="plan.json")

    assert again == plan


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "not JSON"),
        (b"[]", "no plan"),
        (b'{"schema": "overstory.assessment/1"}', "no plan"),
        (b'{"schema": "overstory.plan/1"}', "missing required field"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_what_is_no_plan_is_refused_with_its_name(content, why):
    with pytest.raises(InputError, match=why) as refused:
        read_plan(content, name="plan.json")

    assert str(refused.value).startswith("plan.json: ")


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("patient", "\x1b[31mred", "control characters"),
        ("jurisdiction", "UK", "jurisdiction"),
        ("treatment", "ect", "treatment"),
        ("start", "2027-13-01", "start"),
        ("sessions", [{}], "sessions"),
        ("surprise", 1, ""),
    ],
)
def test_a_plan_that_somebody_changed_by_hand_is_refused_with_the_place(key, value, why):
    document = {**shown("tms"), key: value}

    if why:
        with pytest.raises(InputError, match=why):
            read_plan(json.dumps(document).encode(), name="plan.json")
    else:
        assert read_plan(json.dumps(document).encode(), name="plan.json") == planned("tms")


@pytest.mark.parametrize("character", ["\x1b", "\x00", "\r", "\x85", "\x7f", "\ud800"])
def test_a_character_that_cannot_be_printed_is_refused_with_its_place_and_what_would_be_right(
    character,
):
    document = shown("tms")
    document["sessions"][2]["needs"][1]["says"] = f"Ask{character} again."

    with pytest.raises(InputError) as refused:
        read_plan(json.dumps(document).encode(), name="plan.json")

    assert str(refused.value) == (
        f"plan.json: control characters (U+{ord(character):04X}) cannot be printed; take them out, or "
        "write the plan anew with overstory plan --json - at `$.sessions[2].needs[1].says`"
    )


def test_a_name_that_cannot_be_printed_is_refused_where_it_stands():
    document = shown("tms")
    document["sessions"][0]["mi\x1bnutes"] = 1

    with pytest.raises(InputError) as refused:
        read_plan(json.dumps(document).encode(), name="plan.json")

    assert "U+001B" in str(refused.value)
    assert str(refused.value).endswith(" - at a name in `$.sessions[0]`")


def test_lines_and_tabs_are_text_in_a_plan_as_in_everything_else_that_is_read():
    document = shown("tms")
    document["sessions"][0]["needs"][0]["says"] = "First line.\n\tSecond."

    plan = read_plan(json.dumps(document).encode(), name="plan.json")

    assert plan.sessions[0].needs[0].says == "First line.\n\tSecond."


def test_a_refusal_has_the_verdict_the_rules_with_facts_and_sources_and_what_is_asked():
    changed = {"aneurysmal_vascular_disease": True}
    with pytest.raises(PlanRefusedError) as refused:
        planned("esketamine", **changed)

    said = refusal_json(refused.value, facts=facts_of_vignette(**changed), knowledge=KNOWLEDGE)

    assert list(said)[:4] == ["schema", "verdict", "rules", "asks"]
    assert (said["schema"], said["verdict"]) == ("overstory.refusal/1", "contraindicated")
    (rule,) = said["rules"]
    assert (rule["id"], rule["answer"]) == ("shared.aneurysm", True)
    assert rule["because"][0]["fact"] == "aneurysmal_vascular_disease"
    assert rule["sources"][0]["id"] == "spravato-label-us"
    assert said["asks"] == []
