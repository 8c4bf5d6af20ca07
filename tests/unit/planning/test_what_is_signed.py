"""What a plan has to say to whoever signs it: each number, when a thing is measured, what is watched."""

from datetime import date

import orjson
import pytest

from overstory.cli.plan_text import plan_text
from overstory.exchange.plan_json import plan_json, read_plan
from tests.people import KNOWLEDGE
from tests.planning import planned, with_every_course


def read(plan, knowledge=KNOWLEDGE):
    """The text of a plan with its line breaks taken out."""
    return " ".join(plan_text(plan, knowledge=knowledge).split())


def test_the_monitoring_form_of_the_rems_says_within_how_many_days():
    # Section 4.6: after every session within 7 calendar days.
    plan = planned("esketamine")

    form = next(each for each in plan.sessions[0].needs if each.id == "rems-form")
    assert form.within_days == 7
    assert "Patient monitoring form to the REMS. Within 7 days." in read(plan)


def test_food_drink_and_sprays_say_for_how_long():
    # PS-01 to PS-03: food 2 hours, liquids 30 minutes, nasal sprays 1 hour.
    shown = read(planned("esketamine"))

    assert "Food within the last 2 hours" in shown
    assert "Liquids within the last 30 minutes" in shown
    assert "decongestant within the last hour" in shown


def test_every_constraint_between_ketamine_and_tms_brings_its_numbers_and_its_source():
    # Section 6.2: CMB_04 1 to 14 days, target 3 to 7; CMB_06 24 hours; CMB_08 7 days; CMB_11 140/90,
    # 15 minutes, 160/100; CMB_12 8 to 12 hours; CMB_13 4 weeks, 25 %.
    plan = planned("ketamine-then-tms")

    numbers = {each.id: list(each.numbers.values()) for each in plan.constraints if each.numbers}
    assert numbers == {
        "CMB_04": [1, 14, 3, 7],
        "CMB_06": [24],
        "CMB_07": [1],
        "CMB_08": [7],
        "CMB_10": [2, 5, 48],
        "CMB_11": [140, 90, 15, 160, 100],
        "CMB_12": [8, 12],
        "CMB_13": [4, 25],
        "CMB_15": [7],
        "CMB_16": [4],
    }
    first_tms = next(each for each in plan.sessions if each.treatment == "tms")
    pressure = next(each for each in first_tms.needs if each.id == "CMB_11")
    assert list(pressure.numbers.values()) == [140, 90, 15, 160, 100]
    shown = read(plan)
    assert "(least days 1; greatest days 14; target from days 3; target to days 7)" in shown
    assert "none within 48 hours before it or during it" in shown


@pytest.mark.parametrize(
    ("treatment", "days"),
    [
        # Section 1.5: in maintenance at every treatment; the plan has weeks 9 and 11 of it.
        ("esketamine", [date(2027, 6, 1), date(2027, 6, 14)]),
        ("ketamine-iv", None),
        ("kap", None),
    ],
)
def test_what_is_measured_in_maintenance_stands_in_maintenance_alone(treatment, days):
    plan = planned(treatment)

    found = [each for each in plan.alongside if each.id == "scores-maintenance"]
    assert [[when.earliest for when in each.when] for each in found] == ([days] if days else [])


def test_weekly_scores_end_where_maintenance_begins():
    plan = planned("esketamine")

    weekly = next(each for each in plan.alongside if each.id == "scores-ketamine")
    assert len(weekly.when) == 8  # weeks 1 to 8


def test_kap_is_looked_at_when_four_weeks_are_over():
    # Section 1.5, decision points: end of week 2, end of week 4.
    plan = planned("kap")

    assert [(each.id, each.date.isoformat()) for each in plan.reviews] == [
        ("ketamine-week-2", "2027-04-16"),
        ("kap-week-4", "2027-04-30"),
    ]


def test_the_decision_on_futility_may_be_taken_up_to_the_last_infusion():
    # P-IV-FUTILITY: after 4 to 6 infusions.
    plan = planned("ketamine-iv")

    futility = next(each for each in plan.reviews if each.id == "P-IV-FUTILITY")
    assert (futility.session, futility.latest_session) == (4, 6)
    assert "after session 4 of the plan, 6 at the latest" in read(plan)


def test_a_dose_above_the_flag_says_that_somebody_looks_twice():
    # Section 5, guards: flag above 60 mg. 125 kg at 210 cm has a body mass index under 30.
    plan = planned("ketamine-iv", weight_kg=125.0, height_cm=210.0)

    assert float(plan.sessions[0].dose.value) == 62.5
    assert "More than 60 mg: a second person looks at the dose" in plan.sessions[0].dose.says


def test_a_plan_says_how_each_session_is_watched_and_when_the_person_may_leave():
    # Section 4.2: esketamine at about 40 minutes and before leaving, two hours from the first device.
    plan = planned("esketamine")

    pressure = next(each for each in plan.monitoring if each.id == "pressure")
    assert (pressure.before, pressure.at_minutes, pressure.before_leaving) == (True, (40,), True)
    two_hours = next(each for each in plan.leaving if each.id == "D-01")
    assert two_hours.numbers == {"minutes_since_first_device": 120}
    assert "WATCHED AT EVERY SESSION" in plan_text(plan, knowledge=KNOWLEDGE)
    assert planned("tms").monitoring == ()


def test_infusions_are_watched_every_ten_minutes_and_four_times_after():
    # Section 4.2, IV: q10 during, q15 × 4 after.
    plan = planned("ketamine-iv")

    during, after = plan.monitoring[:2]
    assert during.every_minutes == 10
    assert (after.after_every_minutes, after.after_times) == (15, 4)


@pytest.mark.parametrize("treatment", ["esketamine", "ketamine-iv", "kap", "ketamine-then-tms"])
def test_what_is_new_in_a_plan_is_read_again_as_it_was_written(treatment):
    plan = planned(treatment, knowledge=with_every_course())

    assert read_plan(orjson.dumps(plan_json(plan)), name="plan.json") == plan
