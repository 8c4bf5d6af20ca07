"""Laws of whole plans: each protocol that may be planned, for somebody it is meant for, with its JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.engine.facts import Facts
from overstory.exchange.plan_json import plan_json, read_plan
from overstory.pathway.plan import PlanWish, propose
from overstory.pathway.planning.open_days import usual_days
from overstory.pathway.planning.placing import CannotPlaceError
from overstory.pathway.planning.values import Plan
from tests.generated.plans import check_counts, check_days, check_doses, check_gaps, check_taper
from tests.generated.test_plans import COURSES, KNOWLEDGE, STARTS
from tests.people import facts_of_vignette

MEANT_FOR = {
    "P-ESK-US-MDSI": {"cssrs_risk": "moderate", "suicidal_ideation_active": True},
    "P-ESK-EU-EMERG": {"cssrs_risk": "moderate", "suicidal_ideation_active": True},
    "P-ESK-EU-65-PLUS": {"age_years": 70.0},
    "ADOL_10HZ": {"age_years": 17.0},
    "BTBS_FOURD": {"age_years": 66.0},
    "H1_ANX": {"depression_anxious_distress": True},
    "H7_OCD_20HZ": {"has_ocd": True, "standard_treatment_failed": True},
    "DB80_OCD_20HZ": {"has_ocd": True, "standard_treatment_failed": True},
    "H4_SMOKING": {"tobacco_use_disorder": True, "standard_treatment_failed": True},
}
"""Facts that make the person of the plain vignette one for whom a protocol is."""
PROMISED = {"treatment", "protocol", "sessions", "alongside", "reviews", "restrictions", "sources"}
OF_A_SESSION = {
    "n", "phase", "treatment", "date", "earliest", "latest", "min_gap_hours", "minutes", "needs",
    "holds",
}  # fmt: skip
OBSERVED = {"esketamine": 120, "ketamine-iv": 60, "kap": 120, "tms": 0}
"""Section 4.2: two hours from the first device; an hour after an infusion; two hours after KAP."""
INJECTED = {"P-SC": 120, "P-IM": 120}


def check_session(shown: dict[str, object]) -> None:
    """The promise of the issue for one session, key by key."""
    assert set(shown) >= OF_A_SESSION
    assert ("dose" in shown) != ("stimulation" in shown)
    assert shown["treatment"] in OBSERVED
    for name in ("date", "earliest", "latest"):
        assert date.fromisoformat(str(shown[name])).isoformat() == shown[name]
    minutes = shown["minutes"]
    assert isinstance(minutes, dict)
    assert set(minutes) == {"prepare", "treat", "observe", "chair"}
    assert all(type(each) is int for each in minutes.values())
    watch = INJECTED.get(str(shown["protocol"]), OBSERVED[str(shown["treatment"])])
    assert minutes["observe"] == watch
    rest = minutes["treat"] + watch
    if shown["treatment"] == "esketamine":
        rest = max(minutes["treat"], watch)
    assert minutes["chair"] == minutes["prepare"] + rest
    dose = shown.get("dose")
    if isinstance(dose, dict):
        assert dose["unit"] == "mg"
        needs = shown["needs"]
        assert isinstance(needs, list)
        asked = "prescriber-sets-dose" in {each["id"] for each in needs}
        assert (dose["value"] is None) == asked
        assert dose["value"] is None or type(dose["value"]) in {int, float}
    assert isinstance(shown["needs"], list)
    assert isinstance(shown["holds"], list)


def planned_or_nearest(facts: Facts, wish: PlanWish) -> Plan:
    """The plan that was asked for; where it does not fit, that from the nearest start."""
    try:
        return propose(patient="somebody", facts=facts, knowledge=KNOWLEDGE, wish=wish)
    except CannotPlaceError as error:
        nearest = error.nearest
    assert nearest is not None
    assert nearest > wish.start
    again = replace(
        wish, start=nearest, days=usual_days(jurisdiction=wish.jurisdiction, start=wish.start)
    )
    plan = propose(patient="somebody", facts=facts, knowledge=KNOWLEDGE, wish=again)
    assert plan.start == nearest
    return plan


@pytest.mark.parametrize("protocol", COURSES, ids=lambda each: each.id)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_the_whole_plan_of_every_protocol_keeps_its_laws_and_its_json_every_promise(protocol, data):
    where = data.draw(st.sampled_from(protocol.jurisdictions))
    start = data.draw(STARTS)
    facts = facts_of_vignette(**MEANT_FOR.get(protocol.id, {}))
    wish = PlanWish(
        treatment=protocol.treatment, start=start, jurisdiction=where, protocols=(protocol.id,)
    )

    plan = planned_or_nearest(facts, wish)

    days = usual_days(jurisdiction=where, start=start)
    sessions = list(plan.sessions)
    check_days(sessions, days, where)
    check_gaps(protocol, sessions, where)
    check_counts(protocol, sessions, plan.start, days)
    check_taper(protocol, sessions)
    check_doses(protocol, sessions, float(facts["weight_kg"].value))
    shown = orjson.loads(orjson.dumps(plan_json(plan)))
    assert shown["schema"] == "overstory.plan/1"
    assert set(shown) >= PROMISED
    for each in shown["sessions"]:
        check_session(each)
    assert all(each["title"] for each in shown["sources"])
    assert read_plan(orjson.dumps(plan_json(plan)), name="plan.json") == plan
