"""Seizure risk by the coil in use, and the reasons to measure a threshold again."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from overstory.exchange.policy_file import read_policy_file
from overstory.knowledge.load import load_knowledge
from overstory.pathway.policy import with_policy
from overstory.pathway.stimulation.remeasure import SessionDay, flagged_medicines, remeasure
from overstory.pathway.stimulation.seizure_risk import SeizureRiskError, seizure_risk
from overstory.pathway.stimulation.thresholds import MotorThreshold, ThresholdError

KNOWLEDGE = load_knowledge()
AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
NONE_TAKEN = dict.fromkeys(flagged_medicines(KNOWLEDGE), False)


@pytest.mark.parametrize(
    ("coil", "value", "interval"),
    [
        # TMS §2.5, Taylor 2021, in 1,000 people.
        ("figure-8", 0.14, (0.01, 0.51)),
        ("H1", 5.56, (2.77, 9.95)),
        ("H7", 5.56, (2.77, 9.95)),
        ("H4", 5.56, (2.77, 9.95)),
        ("D-B80", 0.71, (0.42, 1.11)),
    ],
)
def test_the_risk_is_that_of_the_coil(coil, value, interval):
    found = seizure_risk(coil=coil, knowledge=KNOWLEDGE)

    assert (found.harm.value, found.harm.interval, found.harm.per) == (value, interval, 1000)
    assert f"{value:g}" in found.words.en
    assert f"{value:g}" in found.words.es


def test_a_coil_without_a_figure_of_its_own_says_so():
    assert (
        "no figure for this coil alone" in seizure_risk(coil="D-B80", knowledge=KNOWLEDGE).words.en
    )


def test_an_unknown_coil_has_no_figure():
    with pytest.raises(SeizureRiskError, match="no figure for the coil"):
        seizure_risk(coil="round", knowledge=KNOWLEDGE)


def measured(value=50.0, days_ago=1, method="emg", coil="figure-8"):
    return MotorThreshold(value, method, AT - timedelta(days=days_ago), coil)


def day(**changes):
    told = {
        "at": AT,
        "coil": "figure-8",
        "method": "emg",
        "weekdays_missed": 0,
        "medicines_then": NONE_TAKEN,
        "medicines_now": NONE_TAKEN,
        "last_ketamine": "never",
        "new_risk": False,
        "unexplained_change": False,
    }
    return SessionDay(**{**told, **changes})


def events(thresholds=None, **changes):
    found = remeasure(
        day=day(**changes),
        measured=[measured()] if thresholds is None else thresholds,
        knowledge=KNOWLEDGE,
    )
    return [each.event for each in found.reasons]


def test_nothing_new_is_no_reason():
    found = remeasure(day=day(), measured=[measured()], knowledge=KNOWLEDGE)

    assert not found.needed
    assert (found.asks, found.physician, found.holds) == ((), (), ())


@pytest.mark.parametrize(
    ("thresholds", "changes", "expected"),
    [
        # TMS §3.1, re-measure.
        ([], {}, ["first-session"]),
        ([measured(days_ago=6)], {}, []),
        ([measured(days_ago=7)], {}, ["days-passed"]),
        (None, {"weekdays_missed": 5}, []),
        (None, {"weekdays_missed": 6}, ["weekdays-missed"]),
        (None, {"coil": "H1"}, ["coil-changed"]),
        (None, {"method": "visual"}, ["method-changed"]),
        (None, {"new_risk": True}, ["new-risk"]),
        (None, {"unexplained_change": True}, ["unexplained-change"]),
        (None, {"last_ketamine": AT - timedelta(hours=30)}, []),
        ([measured(days_ago=2)], {"last_ketamine": AT - timedelta(hours=30)}, ["ketamine-given"]),
    ],
)
def test_a_reason_to_measure_again(thresholds, changes, expected):
    assert events(thresholds, **changes) == expected


@pytest.mark.parametrize(
    ("name", "physician"), [("takes_bupropion", ()), ("takes_clozapine", ("takes_clozapine",))]
)
def test_a_medicine_that_was_started_is_a_reason_and_a_strong_one_needs_a_physician(
    name, physician
):
    # TMS §2.2, rule: any change of a flagged medicine; a new high one takes a physician.
    found = remeasure(
        day=day(medicines_now={**NONE_TAKEN, name: True}),
        measured=[measured()],
        knowledge=KNOWLEDGE,
    )

    assert [each.event for each in found.reasons] == ["medicine-changed"]
    assert found.physician == physician


def test_a_medicine_that_was_stopped_is_a_reason_too():
    assert events(medicines_then={**NONE_TAKEN, "takes_benzodiazepine": True}) == [
        "medicine-changed"
    ]


def test_a_strong_medicine_that_was_stopped_needs_no_physician_first():
    found = remeasure(
        day=day(medicines_then={**NONE_TAKEN, "takes_clozapine": True}),
        measured=[measured()],
        knowledge=KNOWLEDGE,
    )

    assert [each.event for each in found.reasons] == ["medicine-changed"]
    assert found.physician == ()


def test_what_nobody_asked_is_asked_and_never_taken_for_no():
    found = remeasure(
        day=day(new_risk=None, unexplained_change=None, weekdays_missed=None, medicines_now=None,
                last_ketamine=None),
        measured=[measured()], knowledge=KNOWLEDGE,
    )  # fmt: skip

    assert len(found.asks) == 5
    assert "ketamine or esketamine since the last threshold" in found.asks


def test_a_threshold_of_another_muscle_is_none_for_this_session():
    found = remeasure(day=day(muscle="leg"), measured=[measured()], knowledge=KNOWLEDGE)

    assert [each.event for each in found.reasons] == ["first-session"]


def test_a_week_is_counted_on_the_calendar_and_not_in_hours():
    # Monday at 15:00, the next Monday at 9:00: 6 days and 18 hours.
    last = MotorThreshold(50.0, "emg", datetime(2026, 11, 16, 15, tzinfo=UTC), "figure-8")

    def at(hour, date):
        return remeasure(
            day=day(at=datetime(2026, 11, date, hour, tzinfo=UTC)),
            measured=[last],
            knowledge=KNOWLEDGE,
        ).needed

    assert at(9, 23)
    assert not at(23, 22)


def test_a_week_is_counted_on_the_calendar_of_the_session():
    # Monday 16 November at 21:00 in New York is Tuesday in UTC; a week later is Monday 23 November.
    new_york = timezone(timedelta(hours=-5))
    last = MotorThreshold(50.0, "emg", datetime(2026, 11, 17, 2, tzinfo=UTC), "figure-8")

    found = remeasure(
        day=day(at=datetime(2026, 11, 23, 9, tzinfo=new_york)), measured=[last], knowledge=KNOWLEDGE
    )

    assert [each.event for each in found.reasons] == ["days-passed"]


@pytest.mark.parametrize(
    ("thresholds", "changes", "says"),
    [
        ([measured(days_ago=-1)], {}, "threshold is later"),
        (None, {"last_ketamine": AT + timedelta(hours=1)}, "ketamine is later"),
        (None, {"weekdays_missed": -1}, "not below zero"),
    ],
)
def test_what_cannot_have_been_is_refused(thresholds, changes, says):
    with pytest.raises(ThresholdError, match=says):
        events(thresholds, **changes)


def test_a_medicine_unknown_today_is_asked():
    found = remeasure(
        day=day(medicines_now={**NONE_TAKEN, "takes_lithium": None}),
        measured=[measured()],
        knowledge=KNOWLEDGE,
    )

    assert found.asks == ("takes_lithium",)


@pytest.mark.parametrize(("value", "holds"), [(57.5, False), (57.6, True), (42.4, True)])
def test_a_threshold_that_moved_more_than_fifteen_percent_holds_the_session(value, holds):
    # TMS §2.6, hold rules: 15 % of 50 is 7.5.
    found = remeasure(
        day=day(), measured=[measured(50, 6), measured(value, 1)], knowledge=KNOWLEDGE
    )

    assert bool(found.holds) is holds


def test_a_site_sets_how_often_a_threshold_is_measured():
    # Section 3.1: some labels ask once a course and on change.
    policy = read_policy_file(
        'clinic: A\nadopted_by: its director\nadopted_on: "2026-11-22"\n'
        "numbers:\n  remeasure_rules/weekly/limit: {value: 14, reason: The label of our device.}\n",
        name="site.yaml",
    )
    knowledge = with_policy(KNOWLEDGE, policy)

    eight, fourteen = (
        remeasure(day=day(), measured=[measured(days_ago=days)], knowledge=knowledge).needed
        for days in (8, 14)
    )

    assert (eight, fourteen) == (False, True)


def test_thresholds_by_two_methods_are_never_compared():
    found = remeasure(
        day=day(), measured=[measured(50, 6, method="visual"), measured(70, 1)], knowledge=KNOWLEDGE
    )

    assert found.holds == ()
