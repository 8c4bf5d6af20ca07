"""Living plans twice in a row, late, at the first session and after the last: nothing known is lost."""

from datetime import date
from decimal import Decimal

import pytest

from overstory.pathway.planning.events import Event, EventKind, after_event
from overstory.pathway.planning.revising import PlanEventError
from tests.people import KNOWLEDGE
from tests.planning import dates, planned, weekdays_from, with_chosen_dose

APRIL_7 = date(2027, 4, 7)


def after(plan, kind, on=APRIL_7, *, knowledge=KNOWLEDGE, days=None, **more):
    event = Event(kind=EventKind(kind), on=on, **more)
    return after_event(plan=plan, event=event, knowledge=knowledge, days=days)


def needs_of(session):
    return {each.id for each in session.needs}


# Missed sessions


def test_a_third_day_missed_in_a_row_is_the_third_although_each_was_told_on_its_day():
    # Row MISS: three to five working days missed in a row: append, measure the threshold again.
    plan = planned("tms")
    for day in (date(2027, 4, 7), date(2027, 4, 8), date(2027, 4, 9)):
        number = next(each.n for each in plan.sessions if each.date == day)
        plan = after(plan, "missed", day, sessions=(number,))

    assert [each.rules for each in plan.changes] == [("MISS-few",), ("MISS-few",), ("MISS-some",)]
    assert "remeasure-threshold" in needs_of(plan.sessions[2])


def test_three_days_missed_apart_are_not_three_in_a_row():
    again = after(planned("tms"), "missed", date(2027, 4, 16), sessions=(3, 6, 10))

    assert again.changes[0].rules == ("MISS-few",)
    assert len(again.sessions) == 36


def test_a_missed_session_of_several_a_day_has_no_published_rule():
    # Row MISS counts working days of a daily course.
    again = after(planned("tms", protocols=("SNT",)), "missed", date(2027, 4, 5), sessions=(4,))

    assert "No published rule" in again.changes[0].says
    assert len(again.sessions) == 49
    assert all(each.holds for each in again.sessions[3:])


def test_what_was_told_late_leaves_the_sessions_since_as_they_were():
    plan = planned("tms")

    again = after(plan, "missed", date(2027, 4, 14), sessions=(3,))

    kept = [each for each in plan.sessions if each.date <= date(2027, 4, 14) and each.n != 3]
    assert [(each.date, each.needs, each.holds) for each in again.sessions[: len(kept)]] == [
        (each.date, each.needs, each.holds) for each in kept
    ]
    assert again.sessions[len(kept)].date == date(2027, 4, 15)
    assert all(each.holds for each in again.sessions[len(kept) :])


def test_a_pause_that_is_planned_stays_a_pause_when_a_session_before_it_is_missed():
    plan = after(planned("tms"), "pause", date(2027, 4, 26), until=date(2027, 4, 28))

    again = after(plan, "missed", sessions=(3,))

    away = {date(2027, 4, 26), date(2027, 4, 27), date(2027, 4, 28)}
    assert not away & {each.date for each in again.sessions}
    assert dates(again)[:30] == weekdays_from(date(2027, 4, 5), 30, but=(date(2027, 4, 7), *away))


def test_a_taper_waits_for_the_end_of_a_pause():
    plan = after(planned("tms"), "pause", date(2027, 5, 24), until=date(2027, 5, 28))

    again = after(plan, "missed", date(2027, 4, 7), sessions=(3,))

    taper = [each.date for each in again.sessions if each.phase == "taper"]
    assert len(taper) == 6
    assert min(taper) == date(2027, 6, 1)  # Monday, 31 May is Memorial Day


@pytest.mark.parametrize(
    ("treatment", "needed"),
    [
        ("tms", {"motor-threshold", "consent-tms"}),
        ("esketamine", {"rems-enrolment", "consent-esketamine"}),
    ],
)
def test_where_the_first_session_is_missed_the_next_one_is_the_first(treatment, needed):
    plan = planned(treatment)

    again = after(plan, "missed", plan.sessions[0].date, sessions=(1,))

    assert needed <= needs_of(again.sessions[0])
    assert again.sessions[0].minutes == plan.sessions[0].minutes
    assert again.sessions[0].dose == plan.sessions[0].dose
    assert "prescriber-confirms-dose" not in needs_of(again.sessions[0])


def test_sessions_that_move_keep_the_threshold_of_every_week_and_what_is_too_old():
    # Section 3.1: the motor threshold is measured again every week.
    plan = planned("tms")

    again = after(plan, "missed", sessions=(3,))

    firsts = {}
    for each in again.sessions:
        firsts.setdefault(each.week, each)
    assert all("motor-threshold" in needs_of(each) for each in firsts.values())
    assert all("known-again" in needs_of(each) for each in again.sessions[2:])


def test_a_month_without_a_dose_is_a_decision_from_the_first_weeks_on():
    # Section 2.1: flag where the gap is more than 28 days; the prescriber decides (site policy).
    again = after(
        planned("esketamine"), "pause", date(2027, 4, 19), until=date(2027, 5, 22), worse=False
    )

    assert "esketamine-long-gap" in again.changes[0].rules
    assert all(each.holds for each in again.sessions[4:])


def test_a_weekly_dose_missed_beside_tms_keeps_the_schedule_unless_depression_is_worse():
    plan = planned("ketamine-then-tms", continue_ketamine=True)
    dose = next(each for each in plan.sessions if each.phase == "beside-tms")

    steady = after(plan, "missed", dose.date, sessions=(dose.n,), worse=False)
    worse = after(plan, "missed", dose.date, sessions=(dose.n,), worse=True)

    assert steady.changes[0].rules == ("esketamine-maintenance",)
    assert worse.changes[0].rules == ("esketamine-worse",)
    assert len(steady.sessions) == len(worse.sessions) == len(plan.sessions) - 1
    assert [each.why for each in worse.holds] == ["decision"]


# Doses


def test_no_response_on_the_titration_proposes_the_next_step_and_waits_for_the_prescriber():
    # P-IV-TITR: 0.5 → 0.6 → 0.75 → 1.0 mg/kg after two or three sessions, one step a session. 80 kg.
    plan = planned("ketamine-iv", protocols=("P-IV-TITR",), weight_kg=80.0, height_cm=180.0)

    once = after(plan, "non-response", date(2027, 4, 8), review="ketamine-early")
    same = after(once, "non-response", date(2027, 4, 8), review="ketamine-early")
    twice = after(once, "non-response", date(2027, 4, 12), review="ketamine-early")

    assert [float(each.dose.value) for each in plan.sessions] == [40] * 6
    assert [float(each.dose.value) for each in once.sessions] == [40, 40, 48, 48, 48, 48]
    assert [float(each.dose.value) for each in same.sessions] == [40, 40, 48, 48, 48, 48]
    assert [float(each.dose.value) for each in twice.sessions] == [40, 40, 48, 60, 60, 60]
    assert [bool(each.holds) for each in twice.sessions] == [False] * 2 + [True] * 4
    assert once.sessions[2].dose.per_kg == Decimal("0.6")
    assert "the prescriber decides" in once.changes[0].says


def test_a_step_never_passes_the_cap_and_the_last_step_is_the_last():
    # Section 5: 80 mg at most; 1.0 mg/kg is the last step, more belongs to anaesthesia.
    plan = planned("ketamine-iv", protocols=("P-IV-TITR",), weight_kg=110.0, height_cm=200.0)
    for day in ("2027-04-08", "2027-04-12", "2027-04-15", "2027-04-19"):
        plan = after(plan, "non-response", date.fromisoformat(day), review="ketamine-early")

    assert [float(each.dose.value) for each in plan.sessions] == [55, 55, 66, 80, 80, 80]
    assert "The last step was reached" in plan.changes[-1].says


def test_no_response_on_the_fixed_dose_raises_nothing():
    plan = planned("ketamine-iv")

    again = after(plan, "non-response", date(2027, 4, 8), review="ketamine-early")

    assert [each.dose for each in again.sessions] == [each.dose for each in plan.sessions]


def test_84_mg_that_is_not_tolerated_on_the_first_day_becomes_56():
    # P-ESK-US-MDSI: 84 mg, may be reduced to 56 mg for tolerability.
    plan = planned(
        "esketamine",
        protocols=("P-ESK-US-MDSI",),
        cssrs_risk="moderate",
        suicidal_ideation_active=True,
    )

    again = after(plan, "intolerance", plan.sessions[0].date, sessions=(1,))

    assert [float(each.dose.value) for each in again.sessions] == [84] + [56] * 7
    assert not again.holds


def test_a_session_that_is_added_later_has_the_dose_that_was_lowered():
    plan = planned("esketamine", jurisdiction="EU", age_years=67.0)
    plan = with_chosen_dose(plan, n=3, mg=84)
    plan = after(plan, "intolerance", date(2027, 4, 12), sessions=(3,))

    again = after(plan, "step-back", date(2027, 6, 1))

    assert {float(each.dose.value) for each in again.sessions[3:]} == {56}


# A relapse


def test_a_relapse_after_stopping_is_induced_again_if_a_physician_decides_so():
    # EV-SUS3R: induced again, four weeks twice a week. The plan ends on Monday, 14 June 2027.
    plan = planned("esketamine")

    again = after(plan, "relapse", date(2027, 8, 3))

    added = again.sessions[len(plan.sessions) :]
    assert [each.date.isoformat() for each in added] == [
        "2027-08-04", "2027-08-06", "2027-08-11", "2027-08-13", "2027-08-18", "2027-08-20",
        "2027-08-25", "2027-08-27",
    ]  # fmt: skip
    assert {each.phase for each in added} == {"re-induction"}
    assert again.sessions[: len(plan.sessions)] == plan.sessions
    assert (again.changes[0].rules, again.changes[0].status) == (("esketamine-relapse",), "primary")
    assert [each.why for each in again.holds] == ["decision"]
    assert "facts of this plan are of 2026-11-22" in again.holds[0].says
    last = again.reviews[-1]
    assert (last.id, last.session) == ("end-of-week-4.again", again.sessions[-1].n)
    assert last.date == date(2027, 8, 31)
    assert "sustain-3-reinduction" in {each.id for each in again.sources}


@pytest.mark.parametrize(
    ("treatment", "more", "why"),
    [
        ("esketamine", {"on": date(2027, 6, 1)}, "goes on to 2027-06-14"),
        ("tms", {"on": date(2027, 8, 3)}, "SCH_REINTRO, unverified.*make a new plan"),
        ("ketamine-iv", {"on": date(2027, 8, 3)}, "no source that was read.*make a new plan"),
        ("kap", {"on": date(2027, 8, 3)}, "no source that was read.*make a new plan"),
        ("ketamine-then-tms", {"on": date(2027, 8, 3)}, "CMB_16.*make a new plan"),
    ],
)
def test_a_relapse_without_a_published_rule_says_who_decides(treatment, more, why):
    with pytest.raises(PlanEventError, match=why):
        after(planned(treatment), "relapse", **more)


def test_a_second_relapse_is_a_new_plan():
    again = after(planned("esketamine"), "relapse", date(2027, 8, 3))

    with pytest.raises(PlanEventError, match="a further one is a new plan"):
        after(again, "relapse", date(2027, 12, 1))


# Holidays


def test_three_doses_in_one_calendar_week_are_told_with_their_gap_and_who_accepts_them():
    # Fridays and Mondays; 25 December 2026 and 1 January 2027 are Fridays and closed.
    plan = planned("esketamine", date(2026, 12, 18))

    told = [each for each in plan.notes if "in one calendar week" in each]
    assert told == [
        "3 esketamine sessions stand in one calendar week (Mon 2027-01-04, Wed 2027-01-06, Fri "
        "2027-01-08), at least 48 hours apart, because of closed days; no week of the course, counted "
        "from its first day, has more than its number. The prescriber accepts this, or takes another "
        "start."
    ]
    assert not [each for each in planned("esketamine").notes if "one calendar week" in each]
