"""Verdicts and protocols for which there is no plan, a draft, or a plan by site policy."""

from datetime import date
from decimal import Decimal

import pytest

from overstory.pathway.planning.open_days import site_days
from overstory.pathway.planning.placing import CannotPlaceError
from overstory.pathway.planning.refusals import PlanRefusedError, PlanWishError
from overstory.pathway.policy import SitePolicy, with_policy
from overstory.pathway.site_courses import VisitChange
from overstory.pathway.site_numbers import NumberChange
from tests.people import KNOWLEDGE
from tests.planning import SPRING, dates, planned, with_every_course

ENABLED = with_every_course()
AUTUMN = date(2026, 11, 23)


def test_a_contraindicated_treatment_is_refused_with_its_rule():
    with pytest.raises(PlanRefusedError) as refused:
        planned("esketamine", aneurysmal_vascular_disease=True)

    assert refused.value.verdict == "contraindicated"
    assert [each.rule.id for each in refused.value.rules] == ["shared.aneurysm"]


def test_a_treatment_that_is_not_indicated_is_refused_with_its_indications():
    with pytest.raises(PlanRefusedError) as refused:
        planned("esketamine", has_major_depression=False)

    assert refused.value.verdict == "not-indicated"
    assert {each.rule.kind for each in refused.value.rules} == {"indication"}


def test_nothing_is_planned_while_a_contraindication_is_unknown():
    with pytest.raises(PlanRefusedError) as refused:
        planned("esketamine", aneurysmal_vascular_disease=None)

    assert refused.value.verdict == "cannot-say-yet"
    assert "aneurysmal_vascular_disease" in refused.value.asks
    assert "shared.aneurysm" in {each.rule.id for each in refused.value.rules}


def test_not_now_gives_a_draft_whose_every_session_is_held():
    # Above 140/90 before an esketamine dose: label 5.7.
    plan = planned("esketamine", systolic_bp=150.0)

    assert (plan.verdict, plan.signable) == ("not-now", False)
    assert "not-now" in {each.why for each in plan.holds}
    assert all(each.holds for each in plan.sessions)


def test_a_suitable_plan_has_no_holds_and_can_be_signed():
    plan = planned("esketamine")

    assert (plan.verdict, plan.signable, plan.holds) == ("suitable", True, ())


def test_conditions_are_listed_with_what_closes_them():
    plan = planned("ketamine-iv")

    assert plan.verdict == "with-conditions"
    assert [(each.kind, each.closes) for each in plan.conditions] == [
        ("physician-decision", "A physician's written reason.")
    ]


def test_the_combination_is_refused_by_the_rule_of_a_part():
    with pytest.raises(PlanRefusedError) as refused:
        planned("ketamine-then-tms", cochlear_implant=True)

    assert refused.value.verdict == "contraindicated"
    assert {each.part for each in refused.value.rules} == {"tms"}


@pytest.mark.parametrize(
    ("treatment", "protocol"),
    [
        ("ketamine-iv", "P-IV-MAINT"),
        ("ketamine-iv", "P-IM"),
        ("ketamine-iv", "P-SC"),
        ("kap", "KAP-SL-LOW"),
        ("kap", "KAP-IM-HIGH"),
        ("tms", "LFR_1HZ_1800"),
        ("tms", "ITBS_1200"),
        ("tms", "H1_MDD_18HZ"),
    ],
)
def test_what_rests_on_memory_is_refused_without_a_site_policy_and_planned_with_one(
    treatment, protocol
):
    with pytest.raises(PlanRefusedError) as refused:
        planned(treatment, protocols=(protocol,))

    plan = planned(treatment, protocols=(protocol,), knowledge=ENABLED)

    assert "needs-site-policy" in {each.why for each in refused.value.reasons}
    assert plan.protocols == (protocol,)
    assert len(plan.sessions) >= 6


def test_what_is_never_planned_is_refused_under_every_policy():
    with pytest.raises(PlanRefusedError, match="3000 pulses"):
        planned("tms", protocols=("DMPFC_10HZ",), knowledge=ENABLED)


def test_a_recalled_part_that_does_not_decide_is_a_hold_of_every_session():
    # SBL_1_10: how its trains divide the pulses is recalled.
    plan = planned("tms", protocols=("SBL_1_10",))

    assert plan.signable
    assert {each.why for each in plan.holds} == {"unverified"}
    assert all(each.holds == plan.holds for each in plan.sessions)


def test_maintenance_infusions_follow_by_site_policy_only():
    # P-IV-MAINT: weekly four times, then every two weeks twice, then every three to four weeks.
    alone = planned("ketamine-iv", weight_kg=70.0)
    kept_up = planned("ketamine-iv", weight_kg=70.0, knowledge=ENABLED)

    assert len(alone.sessions) == 6
    assert kept_up.protocols == ("P-IV-STD", "P-IV-MAINT")
    assert dates(kept_up)[6:] == [
        "2027-04-26", "2027-05-03", "2027-05-10", "2027-05-17",
        "2027-05-24", "2027-06-07",
        "2027-06-21",
    ]  # fmt: skip
    assert {each.dose.value for each in kept_up.sessions} == {35}


def test_a_protocol_for_another_indication_or_age_is_refused():
    with pytest.raises(PlanRefusedError, match="is for depression-with-acute-suicidal-thoughts"):
        planned("esketamine", protocols=("P-ESK-US-MDSI",))
    with pytest.raises(PlanRefusedError, match="another age"):
        planned(
            "esketamine",
            jurisdiction="EU",
            protocols=("P-ESK-EU-65-PLUS",),
        )


def test_a_protocol_of_another_jurisdiction_is_refused_there():
    with pytest.raises(PlanRefusedError, match="It is for the EU"):
        planned("esketamine", protocols=("P-ESK-EU-UNDER-65",))


def test_the_label_of_the_place_and_the_age_choose_the_course():
    # P-ESK-EU: at 65 and over the first dose is 28 mg.
    younger = planned("esketamine", jurisdiction="EU")
    older = planned("esketamine", jurisdiction="EU", age_years=67.0)

    assert (younger.protocol, younger.sessions[0].dose.value) == ("P-ESK-EU-UNDER-65", 56)
    assert (older.protocol, older.sessions[0].dose.value) == ("P-ESK-EU-65-PLUS", 28)
    assert older.sessions[0].minutes.treat == 0


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({"protocols": ("P-IV-STD",)}, "is a protocol of ketamine-iv, not of esketamine"),
        ({"protocols": ("P-NOTHING",)}, "no protocol is named 'P-NOTHING'"),
        ({"weeks": 0}, "at least one week"),
        ({"start": date(2026, 11, 21)}, "before the moment of the facts, 2026-11-22"),
        ({"start": date(2099, 1, 4)}, "too far ahead"),
        ({"continue_ketamine": True}, "only ketamine-then-tms"),
    ],
)
def test_a_wish_that_cannot_be_meant_is_refused_with_what_would_be_right(wish, why):
    with pytest.raises(PlanWishError, match=why):
        planned("esketamine", **wish)


def test_the_prescriber_chooses_the_weight_where_the_body_mass_index_is_30_or_more():
    # 170 cm and 100 kg: 34.6 kg/m2. Ideal 61.4 kg of a woman: 30.5; adjusted 76.9 kg: 38 mg; total: 50 mg.
    plan = planned("ketamine-iv", weight_kg=100.0, height_cm=170.0, sex_at_birth="female")

    first = plan.sessions[0]
    assert first.dose.value is None
    assert "prescriber-sets-dose" in {each.id for each in first.needs}
    assert "total 100 kg: 50 mg" in first.dose.says
    assert "adjusted 76.9 kg: 38 mg" in first.dose.says


def test_a_weight_outside_the_protocol_leaves_the_dose_to_the_prescriber():
    # Weights of P-IV-STD: 30 to 200 kg.
    plan = planned("ketamine-iv", weight_kg=205.0, height_cm=240.0)

    assert plan.sessions[0].dose.value is None


def test_a_closed_month_in_the_course_gives_the_reason_and_the_nearest_start():
    # May 2027 is closed: a daily course from 5 April would stand still for a month.
    may = [date(2027, 5, day) for day in range(1, 32)]

    with pytest.raises(CannotPlaceError) as refused:
        planned("tms", days=site_days(jurisdiction="US", closed=may))

    assert "5 working days in a row" in refused.value.says
    assert refused.value.nearest == date(2027, 6, 1)
    assert refused.value.verdict == "suitable"


def test_a_closed_month_refuses_twice_a_week_too():
    april = [date(2027, 4, day) for day in range(12, 31)]

    with pytest.raises(CannotPlaceError) as refused:
        planned("esketamine", days=site_days(jurisdiction="US", closed=april))

    assert "session 3, induction, week 2" in refused.value.says
    assert refused.value.nearest == date(2027, 4, 30) or refused.value.nearest > SPRING


def test_a_start_on_a_closed_day_moves_forward_and_says_so():
    # Thanksgiving 2026 is 26 November.
    plan = planned("esketamine", date(2026, 11, 26))

    assert (plan.start_asked, plan.start) == (date(2026, 11, 26), date(2026, 11, 27))
    assert plan.notes[0] == (
        "The start moved from Thu 2026-11-26 to Fri 2026-11-27: that day is closed (Thanksgiving Day)."
    )


def test_a_holiday_moves_a_dose_to_the_nearest_open_day_of_its_week():
    # From 23 November: the Thursday is Thanksgiving, the Friday is three days before the next Monday.
    plan = planned("esketamine", AUTUMN)

    assert dates(plan)[:4] == ["2026-11-23", "2026-11-25", "2026-11-30", "2026-12-03"]
    assert "esketamine session 2 moved" in plan.notes[0]


def test_weeks_end_a_plan_early_and_say_how_much_is_left():
    plan = planned("tms", weeks=2)

    assert len(plan.sessions) == 10
    assert plan.notes[-1].startswith("The plan stops after week 2; 26 sessions")


def test_more_weeks_go_on_with_maintenance():
    # Every two weeks from week 9: weeks 9, 11, 13, 15.
    assert len(planned("esketamine", weeks=16).sessions) == 16


def test_ketamine_beside_tms_is_one_dose_a_week_on_a_day_without_tms_and_four_days_of_tms():
    plan = planned("ketamine-then-tms", continue_ketamine=True)

    beside = [each for each in plan.sessions if each.phase == "beside-tms"]
    assert [each.date.isoformat() for each in beside] == [
        "2027-05-07", "2027-05-14", "2027-05-21", "2027-05-28",
        "2027-06-04", "2027-06-11", "2027-06-17", "2027-06-25",
    ]  # fmt: skip
    assert not {each.date for each in beside} & {
        each.date for each in plan.sessions if each.treatment == "tms"
    }
    assert len(dates(plan, "tms")) == 36


def test_infusions_go_on_beside_tms_by_site_policy_only():
    wish = {"protocols": ("P-IV-STD",), "continue_ketamine": True}

    with pytest.raises(PlanRefusedError, match="needs a site policy"):
        planned("ketamine-then-tms", **wish)


def test_of_two_forms_of_ketamine_the_better_verdict_is_planned_and_esketamine_where_they_tie():
    # 150/80: the label of esketamine says not now; the site policy for infusions begins higher.
    tied = planned("ketamine-then-tms", breastfeeding=True)
    higher = planned("ketamine-then-tms", systolic_bp=150.0)

    assert tied.protocols == ("P-ESK-US-TRD", "NS_10HZ_STD")
    assert higher.protocols == ("P-IV-STD", "NS_10HZ_STD")
    assert higher.protocol == "KETAMINE-IV-THEN-TMS"
    assert len(dates(higher, "ketamine-iv")) == 6


def test_infusions_that_a_site_keeps_up_go_on_beside_tms():
    wish = {"protocols": ("P-IV-STD",), "continue_ketamine": True}

    plan = planned("ketamine-then-tms", knowledge=ENABLED, **wish)

    assert len([each for each in plan.sessions if each.phase == "beside-tms"]) == 8


def test_accelerated_tms_waits_a_week_after_ketamine_and_has_none_beside_it():
    # CMB_15: seven days; CMB_10: none within 48 hours before it or during it.
    plan = planned("ketamine-then-tms", protocols=("SNT",))

    last = max(each.date for each in plan.sessions if each.treatment == "esketamine")
    tms = sorted({each.date for each in plan.sessions if each.treatment == "tms"})
    assert (tms[0] - last).days >= 7
    assert [(day - tms[0]).days for day in tms] == [0, 1, 2, 3, 4]
    with pytest.raises(PlanRefusedError, match="CMB_10"):
        planned("ketamine-then-tms", protocols=("SNT",), continue_ketamine=True)


def test_titration_lists_the_mg_of_its_steps():
    # P-IV-TITR: 0.5, 0.6, 0.75, 1.0 mg/kg of 70 kg.
    plan = planned("ketamine-iv", weight_kg=70.0, protocols=("P-IV-TITR",))

    assert plan.sessions[0].dose.value == 35
    assert plan.sessions[1].dose.choices == (35, 42, Decimal("52.5"), 70)


def test_a_step_that_the_vial_cannot_be_drawn_up_to_is_not_listed():
    # P-SC, 63 kg, 100 mg/mL in steps of 0.01 mL: 0.6 mg/kg would lose 2.1 %, more than the 2 % allowed.
    plan = planned("ketamine-iv", weight_kg=63.0, protocols=("P-SC",), knowledge=ENABLED)

    assert plan.sessions[0].dose.value == 31
    assert 36 not in plan.sessions[0].dose.choices
    assert 37 not in plan.sessions[0].dose.choices


def test_a_longer_watch_of_the_site_is_in_the_minutes():
    policy = SitePolicy(
        "A clinic",
        "its medical director",
        "2026-11-22",
        (),
        visits=(VisitChange("esketamine-us", "many travel far", observe_minutes=150),),
    )

    minutes = planned("esketamine", knowledge=with_policy(KNOWLEDGE, policy)).sessions[0].minutes

    assert (minutes.observe, minutes.chair) == (150, 170)


def test_a_site_sets_how_long_a_daily_course_may_pause():
    # Ours: five working days in a row. Here six are closed, and the site allows seven.
    closed = [date(2027, 4, day) for day in (12, 13, 14, 15, 16, 19)]
    days = site_days(jurisdiction="US", closed=closed)
    number = NumberChange(
        "planning_numbers/daily-greatest-pause-weekdays", 7, "We close at Easter."
    )
    policy = SitePolicy("A clinic", "its medical director", "2026-11-22", (), numbers=(number,))

    with pytest.raises(CannotPlaceError):
        planned("tms", days=days)
    plan = planned("tms", days=days, knowledge=with_policy(KNOWLEDGE, policy))

    assert len(plan.sessions) == 36


def test_an_adolescent_gets_the_course_cleared_for_the_age():
    # ADOL_10HZ: 15 to 21 years, beside other treatment.
    plan = planned("tms", age_years=16.0)

    assert plan.protocol == "ADOL_10HZ"


def test_a_refusal_carries_how_safe_the_person_is():
    with pytest.raises(PlanRefusedError) as refused:
        planned("esketamine", aneurysmal_vascular_disease=True, cssrs_risk="high")

    assert refused.value.safety.level == "high"
