"""Laws of trains, thresholds, places and levels, over any input."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from overstory.knowledge.load import load_knowledge
from overstory.pathway.kinetics import nasal_curve, racemic_modes
from overstory.pathway.kinetics_modes import Step
from overstory.pathway.stimulation.hunting import Pulse, hunt, hunting
from overstory.pathway.stimulation.remeasure import SessionDay, flagged_medicines, remeasure
from overstory.pathway.stimulation.scalp import Head, ScalpError, beam
from overstory.pathway.stimulation.sessions import Burst, Run, SessionPlan
from overstory.pathway.stimulation.thresholds import MotorThreshold
from overstory.pathway.stimulation.trains import ORDER, Outcome, judge_trains

KNOWLEDGE = load_knowledge()
MODELS = KNOWLEDGE.sections["kinetic_models"]
AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
NONE_TAKEN = dict.fromkeys(flagged_medicines(KNOWLEDGE), False)

trains = st.fixed_dictionaries(
    {
        "hz": st.integers(1, 30),
        "seconds": st.integers(1, 40),
        "pause": st.sampled_from([0.0, 1.0, 4.9, 5.0, 11.0, 26.0]),
        "trains": st.integers(1, 80),
        "percent": st.sampled_from(
            [60.0, 89.0, 90.0, 95.0, 100.0, 105.0, 110.0, 115.0, 120.0, 125.0, 130.0, 131.0]
        ),
        "days": st.integers(1, 10),
    }
)


def badness(hz, seconds, pause, trains, percent, days, method="emg"):
    run = Run("train", "left", float(hz), float(seconds), trains, pause)
    plan = SessionPlan((run,), percent, "figure-8", "hand", run.pulses * days)
    found = judge_trains(plan=plan, method=method, knowledge=KNOWLEDGE)
    return ORDER.index(found.outcome), found


@settings(max_examples=600, deadline=None)
@given(
    session=trains,
    more=st.sampled_from(["hz", "seconds", "percent", "days"]),
    by=st.integers(1, 10),
)
def test_more_is_never_better(session, more, by):
    worse = {**session, more: session[more] + by}

    assert badness(**worse)[0] >= badness(**session)[0]


@settings(max_examples=400, deadline=None)
@given(session=trains, shorter=st.sampled_from([0.0, 1.0, 4.9]))
def test_a_shorter_pause_is_never_better(session, shorter):
    assume(shorter <= session["pause"])

    assert badness(**{**session, "pause": shorter})[0] >= badness(**session)[0]


@settings(max_examples=300, deadline=None)
@given(
    session=trains,
    made=st.builds(
        Burst, st.integers(1, 6), st.sampled_from([30.0, 50.0, 100.0]), st.sampled_from([2.0, 5.0])
    ),
)
def test_theta_burst_that_nobody_described_is_never_better_than_any_that_was(session, made):
    def outcome(bursts):
        run = Run("itbs", "left", made.pulses_per_second, session["seconds"], session["trains"],
                  session["pause"], bursts)  # fmt: skip
        plan = SessionPlan((run,), session["percent"], "figure-8", "hand", run.pulses)
        return ORDER.index(judge_trains(plan=plan, method="emg", knowledge=KNOWLEDGE).outcome)

    assert outcome(None) >= outcome(made)


KNOWN = {
    "weekdays_missed": [0, 6],
    "medicines_then": [NONE_TAKEN],
    "medicines_now": [NONE_TAKEN, {**NONE_TAKEN, "takes_bupropion": True}],
    "last_ketamine": ["never", AT - timedelta(hours=2), AT - timedelta(days=9)],
    "new_risk": [False, True],
    "unexplained_change": [False, True],
}


@settings(max_examples=300, deadline=None)
@given(
    known=st.fixed_dictionaries({name: st.sampled_from(each) for name, each in KNOWN.items()}),
    lost=st.sets(st.sampled_from(sorted(KNOWN)), min_size=1),
)
def test_what_is_not_known_never_makes_a_threshold_good_enough(known, lost):
    def found(told):
        last = MotorThreshold(50.0, "emg", AT - timedelta(days=1), "figure-8")
        day = SessionDay(at=AT, coil="figure-8", method="emg", **told)
        return remeasure(day=day, measured=[last], knowledge=KNOWLEDGE)

    whole, less = found(known), found({**known, **dict.fromkeys(lost)})

    assert less.asks
    assert {each.event for each in less.reasons} <= {each.event for each in whole.reasons}
    assert not whole.asks


@settings(max_examples=400, deadline=None)
@given(session=trains)
def test_watching_is_never_better_than_electromyography(session):
    seen, found = badness(**session, method="visual")

    assert seen >= badness(**session)[0]
    assert found.worst_case is None or ORDER.index(found.worst_case) >= 0


@settings(max_examples=300, deadline=None)
@given(session=trains, signatures=st.integers(0, 3))
def test_without_a_site_nothing_but_a_label_is_planned(session, signatures):
    _, found = badness(**session)

    assert found.outcome is not Outcome.LABEL_OK
    assert not found.may_plan(signatures=signatures)


@settings(max_examples=200, deadline=None)
@given(
    answers=st.lists(st.tuples(st.integers(0, 100), st.booleans()), max_size=25),
    clamp=st.booleans(),
    prior=st.booleans(),
)
def test_a_threshold_is_in_its_interval_and_the_next_pulse_within_the_output(answers, clamp, prior):
    how = hunting(knowledge=KNOWLEDGE, clamp=clamp, prior=prior)

    found = hunt(pulses=[Pulse(each, yes) for each, yes in answers], how=how)

    assert 20 <= found.low_percent <= found.high_percent <= 100
    assert 0 <= found.next_percent <= 100
    if answers:
        assert found.low_percent <= found.percent <= found.high_percent
    if clamp and answers:
        assert abs(found.next_percent - answers[-1][0]) <= 10


@settings(max_examples=300, deadline=None)
@given(over=st.floats(28, 45), along=st.floats(28, 45), around=st.floats(48, 66))
def test_a_place_lies_where_it_can_be_or_is_refused(over, along, around):
    try:
        found = beam(head=Head(over, along, around), knowledge=KNOWLEDGE)
    except ScalpError:
        return

    # TMS §4.1: x between 5 and 8, y between 7.5 and 12 cm.
    assert 5 <= found.exact.x_cm <= 8
    assert 7.5 <= found.exact.y_cm <= 12


steps = st.lists(
    st.builds(
        lambda start, length, rate: Step(float(start), float(start + length), rate),
        st.integers(0, 60), st.integers(1, 60), st.floats(0.01, 3),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(first=steps, second=steps, weight=st.floats(30, 200), model=st.sampled_from(MODELS))
def test_two_inputs_together_are_the_sum_of_each_and_never_below_zero(first, second, weight, model):
    modes = racemic_modes(model, [weight])
    at = np.arange(241.0)

    both = modes.after_steps([*first, *second], at)

    assert both == pytest.approx(modes.after_steps(first, at) + modes.after_steps(second, at))
    assert (both >= -1e-9).all()
    assert both == pytest.approx(modes.on_grid([*first, *second], spacing=1.0, count=241), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    age=st.integers(18, 100),
    group=st.sampled_from(["other", "asian", "japanese"]),
    devices=st.integers(1, 2),
)
def test_one_device_more_is_never_a_lower_level(age, group, devices):
    at = range(0, 600, 5)
    fewer, more = (
        nasal_curve(devices_at_minutes=[0, 5, 10][:count], minutes=at, knowledge=KNOWLEDGE,
                    age_years=age, group=group).ng_per_ml
        for count in (devices, devices + 1)
    )  # fmt: skip

    assert all(b >= a - 1e-9 for a, b in zip(fewer, more, strict=True))
