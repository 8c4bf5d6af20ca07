"""The five default plans, day by day, written out from the rows of the clinical dossiers."""

from datetime import date

from tests.planning import dates, planned, weekdays_from

MEMORIAL_DAY = date(2027, 5, 31)


def test_esketamine_is_eight_doses_in_four_weeks_four_weekly_and_then_every_two_weeks_to_week_12():
    # P-ESK-US-TRD: twice a week in weeks 1 to 4, weekly in 5 to 8, from 9 on every two weeks.
    plan = planned("esketamine")

    assert plan.protocol == "P-ESK-US-TRD"
    assert dates(plan) == [
        "2027-04-05", "2027-04-08", "2027-04-12", "2027-04-15",
        "2027-04-19", "2027-04-22", "2027-04-26", "2027-04-29",
        "2027-05-03", "2027-05-10", "2027-05-17", "2027-05-24",
        "2027-06-01",  # week 9; Monday is Memorial Day
        "2027-06-14",
    ]  # fmt: skip
    assert [each.phase for each in plan.sessions] == (
        ["induction"] * 8 + ["optimisation"] * 4 + ["maintenance"] * 2
    )


def test_esketamine_begins_with_56_mg_and_leaves_every_later_dose_to_be_confirmed():
    # P-ESK-US-TRD: 56 mg on day 1, then 56 or 84 mg.
    plan = planned("esketamine")

    first, *later = plan.sessions
    assert (first.dose.value, first.dose.choices) == (56, ())
    assert {each.dose.value for each in later} == {56}
    assert {each.dose.choices for each in later} == {(56, 84)}
    assert all("prescriber-confirms-dose" in [need.id for need in each.needs] for each in later)


def test_esketamine_is_watched_for_two_hours_from_the_first_device():
    # 56 mg are two devices, five minutes apart; 120 minutes from the first; 20 minutes to prepare.
    minutes = planned("esketamine").sessions[0].minutes

    assert (minutes.prepare, minutes.treat, minutes.observe, minutes.chair) == (20, 5, 120, 140)


def test_ketamine_infusions_are_two_a_week_for_three_weeks():
    # P-IV-STD: 0.5 mg/kg over 40 minutes, twice a week, six in all (ELEKT-D).
    plan = planned("ketamine-iv", weight_kg=70.0)

    assert plan.protocol == "P-IV-STD"
    assert dates(plan) == [
        "2027-04-05", "2027-04-08", "2027-04-12", "2027-04-15", "2027-04-19", "2027-04-22",
    ]  # fmt: skip
    assert {each.dose.value for each in plan.sessions} == {35}
    minutes = plan.sessions[0].minutes
    assert (minutes.prepare, minutes.treat, minutes.observe, minutes.chair) == (30, 40, 60, 130)


def test_tms_is_thirty_weekdays_then_three_two_and_one_in_the_next_three_calendar_weeks():
    # NS_10HZ_STD with SCH_36.
    plan = planned("tms")

    assert plan.protocol == "NS_10HZ_STD"
    assert dates(plan) == [
        *weekdays_from(date(2027, 4, 5), 30),
        "2027-05-17", "2027-05-19", "2027-05-21",
        "2027-05-25", "2027-05-27",
        "2027-06-02",
    ]  # fmt: skip


def test_tms_has_its_stimulation_and_the_mapping_in_session_one():
    # NS_10HZ_STD: 120 % of the hand threshold, 3000 pulses at 10 Hz in 75 trains, 37.5 minutes.
    first, second = planned("tms").sessions[:2]

    assert first.dose is None
    shown = first.stimulation
    assert (shown.percent, shown.of, shown.pulses, shown.minutes) == (120, "hand", 3000, 37.5)
    assert (shown.parts[0].hz, shown.parts[0].trains) == (10, 75)
    assert "motor-threshold" in [each.id for each in first.needs]
    assert (first.minutes.prepare, first.minutes.treat, first.minutes.chair) == (55, 38, 93)
    assert (second.minutes.prepare, second.minutes.observe, second.minutes.chair) == (10, 0, 48)


def test_the_combination_is_the_induction_and_then_tms_three_to_seven_days_after_it():
    # CMB_04: 3 to 7 days after the last dose. Thursday 29 April + 3 is a Sunday.
    plan = planned("ketamine-then-tms")

    assert plan.protocol == "ESKETAMINE-THEN-TMS"
    assert plan.protocols == ("P-ESK-US-TRD", "NS_10HZ_STD")
    assert dates(plan, "esketamine") == [
        "2027-04-05", "2027-04-08", "2027-04-12", "2027-04-15",
        "2027-04-19", "2027-04-22", "2027-04-26", "2027-04-29",
    ]  # fmt: skip
    assert dates(plan, "tms") == [
        *weekdays_from(date(2027, 5, 3), 30, but=(MEMORIAL_DAY,)),
        "2027-06-21", "2027-06-23", "2027-06-25",
        "2027-06-29", "2027-07-01",
        "2027-07-07",
    ]  # fmt: skip
    first = next(each for each in plan.sessions if each.treatment == "tms")
    assert first.min_gap_hours == 24  # CMB_06
    assert {"CMB_06", "CMB_08"} <= {each.id for each in first.needs}


def test_assisted_psychotherapy_is_six_weekly_sessions_whose_dose_the_prescriber_sets():
    # Section 2.2: usually six dosing sessions; preparation before, integration 24 to 72 hours after.
    plan = planned("kap")

    assert plan.protocol == "KAP-STRUCTURE"
    assert dates(plan) == [
        "2027-04-05", "2027-04-12", "2027-04-19", "2027-04-26", "2027-05-03", "2027-05-10",
    ]  # fmt: skip
    for each in plan.sessions:
        assert each.dose.value is None
        assert "prescriber-sets-dose" in [need.id for need in each.needs]
    beside = {each.id: each for each in plan.alongside}
    assert beside["kap-preparation"].times == (1, 3)
    integration = beside["kap-integration"].when[0]
    assert (integration.earliest, integration.latest) == (date(2027, 4, 6), date(2027, 4, 8))


def test_the_reviews_stand_at_the_end_of_week_4_and_at_sessions_10_20_and_30():
    # Measures dossier 1.5; label: benefit is looked at after the induction. Week 4 ends on Sunday 2 May.
    esketamine = {each.id: each for each in planned("esketamine").reviews}
    tms = {each.id: each for each in planned("tms").reviews}

    assert esketamine["end-of-week-4"].date == date(2027, 4, 30)
    assert esketamine["end-of-week-4"].session == 8
    assert [
        (tms[name].date.isoformat(), tms[name].session)
        for name in ("tms-session-10", "tms-session-20", "tms-session-30")
    ] == [("2027-04-16", 10), ("2027-04-30", 20), ("2027-05-14", 30)]


def test_nobody_drives_after_ketamine_until_the_next_day_after_sleep():
    told = {each.id: each.until for each in planned("esketamine").restrictions}

    assert told["no-driving-esketamine"] == "next-day-after-sleep"


def test_the_same_wish_gives_the_same_plan():
    assert planned("ketamine-then-tms") == planned("ketamine-then-tms")
