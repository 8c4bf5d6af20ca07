"""Living plans: what happened, the next version, what changed and why."""

from datetime import date

import pytest

from overstory.pathway.planning.events import Event, EventKind, after_event
from overstory.pathway.planning.open_days import site_days
from overstory.pathway.planning.placing import CannotPlaceError
from overstory.pathway.planning.revising import PlanEventError, difference
from tests.people import KNOWLEDGE
from tests.planning import dates, planned, weekdays_from, with_chosen_dose, with_every_course

APRIL_7 = date(2027, 4, 7)


def after(plan, kind, on=APRIL_7, *, knowledge=KNOWLEDGE, days=None, **more):
    event = Event(kind=EventKind(kind), on=on, **more)
    return after_event(plan=plan, event=event, knowledge=knowledge, days=days)


def test_a_dose_missed_in_the_first_four_weeks_leaves_the_schedule_as_it_is():
    # Maker's information on missed sessions: weeks 1 to 4, continue the current schedule.
    plan = planned("esketamine")

    again = after(plan, "missed", date(2027, 4, 12), sessions=(3,))

    assert dates(again) == [each for each in dates(plan) if each != "2027-04-12"]
    assert (again.version, again.changes[0].rules) == (2, ("esketamine-induction",))
    assert (again.changes[0].added, again.changes[0].removed) == (0, 1)
    assert again.holds == plan.holds


def test_a_later_dose_missed_needs_to_know_whether_depression_is_worse():
    with pytest.raises(PlanEventError, match="--worse or --not-worse"):
        after(planned("esketamine"), "missed", date(2027, 5, 10), sessions=(10,))


def test_a_later_dose_missed_without_worsening_leaves_the_schedule_as_it_is():
    plan = planned("esketamine")

    again = after(plan, "missed", date(2027, 5, 10), sessions=(10,), worse=False)

    assert dates(again) == [each for each in dates(plan) if each != "2027-05-10"]
    assert again.changes[0].rules == ("esketamine-maintenance",)


def test_worse_after_a_missed_weekly_dose_goes_back_to_twice_a_week_if_a_physician_decides_so():
    plan = planned("esketamine")

    again = after(plan, "missed", date(2027, 5, 10), sessions=(10,), worse=True)

    assert dates(again)[8:] == [
        "2027-05-03", "2027-05-17", "2027-05-20", "2027-05-24", "2027-05-27",
        "2027-06-01", "2027-06-14",
    ]  # fmt: skip
    assert again.changes[0].rules == ("esketamine-worse",)
    assert [each.why for each in again.holds] == ["decision"]
    assert all(each.holds for each in again.sessions if each.date > date(2027, 5, 10))


def test_worse_in_maintenance_goes_back_to_once_a_week():
    # Week 9 is missed (Tuesday after Memorial Day); weeks 10, 11, 12 follow.
    again = after(planned("esketamine"), "missed", date(2027, 6, 1), sessions=(13,), worse=True)

    assert dates(again)[12:] == ["2027-06-07", "2027-06-14", "2027-06-21"]


def test_more_than_four_weeks_without_a_dose_is_a_decision_of_the_prescriber():
    again = after(
        planned("esketamine"),
        "pause",
        date(2027, 5, 1),
        until=date(2027, 6, 10),
        worse=False,
    )

    assert again.changes[0].rules == ("esketamine-maintenance", "esketamine-long-gap")
    assert [each.id for each in again.holds] == ["esketamine-long-gap"]


def test_one_missed_tms_session_is_appended_and_the_taper_moves():
    # Row MISS: one or two missed are appended; recalled, so a named clinician confirms it.
    again = after(planned("tms"), "missed", sessions=(3,))

    but = (date(2027, 4, 7),)
    assert dates(again) == [
        *weekdays_from(date(2027, 4, 5), 30, but=but),
        "2027-05-24", "2027-05-26", "2027-05-28",
        "2027-06-01", "2027-06-03",
        "2027-06-09",
    ]  # fmt: skip
    assert [(each.id, each.why) for each in again.holds] == [("MISS-few", "unverified")]
    assert again.changes[0].status == "recalled"


def test_three_missed_tms_sessions_ask_for_the_threshold_again_at_the_next():
    again = after(planned("tms"), "missed", date(2027, 4, 9), sessions=(3, 4, 5))

    assert len(again.sessions) == 36
    following = again.sessions[2]
    assert following.date == date(2027, 4, 12)
    assert "remeasure-threshold" in [each.id for each in following.needs]


def test_a_pause_of_more_than_five_working_days_waits_for_a_physician():
    again = after(planned("tms"), "pause", date(2027, 4, 12), until=date(2027, 4, 20))

    assert again.changes[0].rules == ("MISS-many",)
    assert [each.why for each in again.holds] == ["decision"]
    assert len(again.sessions) == 29  # nothing is appended before somebody decides


def test_a_missed_session_of_the_taper_is_made_up_in_the_week_after_the_last():
    again = after(planned("tms"), "missed", date(2027, 5, 25), sessions=(34,))

    assert dates(again)[-1] == "2027-06-08"
    assert len(again.sessions) == 36


def test_where_nobody_published_a_rule_the_prescriber_decides():
    again = after(planned("ketamine-iv"), "missed", date(2027, 4, 8), sessions=(2,))

    assert "No published rule" in again.changes[0].says
    assert [each.why for each in again.holds] == ["decision"]


def test_a_course_is_extended_by_ten_before_its_taper_and_by_twenty_at_most():
    # SCH_EXT: 10 to 20 more where scores still fall in a line.
    plan = planned("tms")

    once = after(plan, "extend", date(2027, 5, 14))
    twice = after(once, "extend", date(2027, 5, 20))

    assert dates(once) == [
        *weekdays_from(date(2027, 4, 5), 40),
        "2027-06-01", "2027-06-02", "2027-06-04",  # Monday is Memorial Day
        "2027-06-08", "2027-06-10",
        "2027-06-16",
    ]  # fmt: skip
    assert (len(once.sessions), len(twice.sessions)) == (46, 56)
    assert [each.id for each in once.holds] == ["SCH_EXT"]
    with pytest.raises(PlanEventError, match="by 20 sessions at most"):
        after(twice, "extend", date(2027, 5, 21))


def test_only_a_course_with_a_source_for_it_is_extended_or_stepped_back_or_boosted():
    with pytest.raises(PlanEventError, match="no source gives an extension"):
        after(planned("kap"), "extend")
    with pytest.raises(PlanEventError, match="only a course of esketamine"):
        after(planned("tms"), "step-back")
    with pytest.raises(PlanEventError, match="no source gives a booster"):
        after(planned("esketamine"), "booster")
    with pytest.raises(PlanEventError, match="site policy"):
        after(planned("ketamine-iv"), "booster")


def test_a_step_back_goes_to_the_more_frequent_schedule_and_waits_for_a_physician():
    again = after(planned("esketamine"), "step-back", date(2027, 6, 1))

    assert dates(again)[12:] == ["2027-06-01", "2027-06-07", "2027-06-14", "2027-06-21"]
    assert [each.why for each in again.holds] == ["decision"]


def test_a_booster_of_tms_is_unverified_and_of_infusions_needs_the_site():
    enabled = with_every_course()

    tms = after(planned("tms"), "booster", date(2027, 7, 1))
    infusion = after(
        planned("ketamine-iv", protocols=("P-IV-STD",), knowledge=enabled),
        "booster",
        date(2027, 7, 3),
        knowledge=enabled,
    )

    assert (tms.sessions[-1].phase, tms.sessions[-1].date) == ("booster", date(2027, 7, 1))
    assert [each.why for each in tms.sessions[-1].holds] == ["unverified"]
    assert infusion.sessions[-1].date == date(2027, 7, 6)  # 5 July is observed for the 4th
    assert [each.why for each in infusion.sessions[-1].holds] == ["decision"]


def test_no_response_at_a_review_holds_every_later_session():
    plan = planned("tms")

    again = after(plan, "non-response", date(2027, 4, 30), review="tms-session-20")

    assert dates(again) == dates(plan)
    assert [bool(each.holds) for each in again.sessions] == [False] * 20 + [True] * 16
    with pytest.raises(PlanEventError, match="no review is named"):
        after(plan, "non-response", review="nothing")


def test_an_early_response_ends_a_phase_only_where_its_protocol_says_so():
    # ITBS_600: five a week for four to six weeks. NS_10HZ_STD names no shorter course.
    longer = planned("tms")
    shorter = planned("tms", protocols=("ITBS_600",))

    assert dates(after(longer, "early-response", date(2027, 4, 20))) == dates(longer)
    again = after(shorter, "early-response", date(2027, 4, 20))
    assert dates(again) == weekdays_from(date(2027, 4, 5), 20)
    assert "A physician decides" in again.changes[0].says


def test_a_dose_that_was_not_tolerated_is_lowered_a_step_or_waits_for_a_decision():
    # P-ESK-EU-65-PLUS: 28, 56, 84 mg; P-ESK-US-TRD: nothing below 56 mg.
    older = planned("esketamine", jurisdiction="EU", age_years=67.0)
    older = with_chosen_dose(older, n=3, mg=84)
    younger = planned("esketamine")

    lowered = after(older, "intolerance", date(2027, 4, 12), sessions=(3,))
    waits = after(younger, "intolerance", date(2027, 4, 12), sessions=(3,))

    assert [each.dose.value for each in lowered.sessions] == [28, 28, 84] + [56] * 11
    assert lowered.sessions[3].minutes.treat == 5
    assert all(each.holds for each in waits.sessions[3:])


def test_a_version_shows_its_difference_and_keeps_what_stood_before_it():
    plan = planned("esketamine")

    again = after(plan, "missed", date(2027, 5, 10), sessions=(10,), worse=True)
    changed = difference(before=plan, after=again)

    assert again.sessions[:9] == plan.sessions[:9]
    assert [each.date.isoformat() for each in changed.removed] == ["2027-05-10"]
    assert [each.date.isoformat() for each in changed.added] == ["2027-05-20", "2027-05-27"]
    assert [each.id for each in changed.holds] == ["esketamine-worse"]


def test_what_is_appended_keeps_to_open_days_and_says_why_it_does_not_fit():
    closed = [date(2027, 5, day) for day in range(12, 32)]
    days = site_days(jurisdiction="US", closed=closed)

    with pytest.raises(CannotPlaceError, match="working days in a row"):
        after(planned("tms"), "missed", sessions=(3,), days=days)


@pytest.mark.parametrize(
    ("kind", "more", "why"),
    [
        ("missed", {}, "name sessions of the plan"),
        ("missed", {"sessions": (99,)}, "name sessions of the plan"),
        ("pause", {}, "has a last day"),
        ("pause", {"until": date(2027, 4, 1)}, "has a last day"),
        ("booster", {"on": date(2026, 11, 21)}, "from 2026-11-22 to two years after 2027-06-02"),
        ("booster", {"on": date(2030, 6, 2)}, "from 2026-11-22 to two years after 2027-06-02"),
        ("pause", {"on": date(2028, 1, 1), "until": date(2028, 1, 9)}, "no session stands"),
    ],
)
def test_an_event_that_cannot_be_meant_is_refused(kind, more, why):
    with pytest.raises(PlanEventError, match=why):
        after(planned("tms"), kind, **more)


def test_daily_sessions_missed_into_the_taper_are_made_up_and_the_taper_follows_whole():
    plan = planned("tms")
    gone = plan.sessions[27:32]

    again = after(plan, "missed", gone[0].date, sessions=tuple(each.n for each in gone))

    assert [each.phase for each in gone] == ["acute"] * 3 + ["taper"] * 2
    assert [each.phase for each in again.sessions] == ["acute"] * 30 + ["taper"] * 6
    assert min(each.date for each in again.sessions[27:]) > gone[-1].date
