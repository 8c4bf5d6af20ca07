"""Threshold hunting: the golden vectors of the clinical dossiers, stopping, quality, many people."""

from itertools import pairwise

import numpy as np
import pytest

from overstory.knowledge.load import load_knowledge
from overstory.pathway.stimulation.hunting import HuntingError, Pulse, hunt, hunting
from overstory.pathway.stimulation.hunting_many import errors, hunt_many
from overstory.pathway.stimulation.responses import blurred, sharp

KNOWLEDGE = load_knowledge()


def how(**settings):
    return hunting(knowledge=KNOWLEDGE, **settings)


def hunted(answers, method, count):
    pulses, estimates = [], []
    strength = hunt(pulses=[], how=method).next_percent
    for _ in range(count):
        pulses.append(Pulse(strength, bool(answers(strength))))
        found = hunt(pulses=pulses, how=method)
        estimates.append(found.percent)
        strength = found.next_percent
    return [each.percent for each in pulses], estimates, found


# TMS §3.3, golden vectors: grid 20 to 100, step 0.5, start 60, next = floor(estimate + 0.5).
SHARP_47 = [60, 31, 46, 53, 50, 48, 46, 47, 47, 46, 47, 46, 47, 46, 47, 46, 47, 46, 47, 46]
SHARP_47_ESTIMATES = [
    31, 45.5, 52.5, 49.5, 47.5, 46, 47, 46.5, 45.5, 46.5, 46, 46.5, 46, 46.5, 46, 46.5, 46, 46.5, 46, 46.5,
]  # fmt: skip
CLAMPED_47 = [60, 50, 40, 45, 48, 46, 47, 46, 47, 47, 46, 47, 46, 47]
PRIOR_47 = [60, 50, 45, 48, 46, 47, 46, 47, 47, 46, 47, 46, 47, 46, 47, 46]
NOISY = [60, 31, 46, 53, 50, 52, 54, 53, 54, 55, 54, 53, 53, 52, 52, 52, 53, 53, 53, 54]
NOISY_ANSWERS = [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
NOISY_ESTIMATES = [
    31, 45.5, 52.5, 49.5, 51.5, 53.5, 52.5, 53.5, 54.5, 53.5, 53, 52.5, 52, 51.5, 52, 52.5, 53, 53, 53.5, 54,
]  # fmt: skip


def test_the_golden_vector_of_a_sharp_threshold():
    strengths, estimates, _ = hunted(sharp(threshold_percent=47), how(clamp=False), 20)

    assert strengths == SHARP_47
    assert estimates == SHARP_47_ESTIMATES


def test_the_golden_vector_with_the_clamp():
    assert hunted(sharp(threshold_percent=47), how(), 14)[0] == CLAMPED_47


def test_the_golden_vector_with_the_prior():
    method = how(clamp=False, prior=True)

    assert hunted(sharp(threshold_percent=47), method, 16)[0] == PRIOR_47


def test_the_golden_replay_of_a_noisy_muscle():
    replay = iter(NOISY_ANSWERS)

    strengths, estimates, _ = hunted(lambda _: next(replay), how(clamp=False), 20)

    assert strengths == NOISY
    assert estimates == NOISY_ESTIMATES


def test_with_the_clamp_no_pulse_is_more_than_ten_percent_from_the_one_before():
    generator = np.random.default_rng(3)
    for truth in (35, 55, 75):
        answers = blurred(threshold_percent=truth, spread_percent=0.12 * truth, generator=generator)

        strengths, _, _ = hunted(answers, how(), 18)

        assert max(abs(a - b) for a, b in pairwise(strengths)) <= 10


def test_it_stops_at_eighteen_pulses():
    pulses = [Pulse(50, True), Pulse(50, False)] * 8

    assert not hunt(pulses=pulses, how=how(clamp=False)).done
    assert hunt(pulses=[*pulses, Pulse(50, True), Pulse(50, False)], how=how()).done


def test_a_narrow_interval_stops_it_sooner_but_never_before_ten_pulses():
    nine = [Pulse(47, True), Pulse(46, False)] * 4 + [Pulse(47, True)]
    many = [Pulse(47, True), Pulse(46, False)] * 8

    assert not hunt(pulses=nine, how=how()).done
    found = hunt(pulses=many, how=how())
    assert (found.pulses, found.done) == (16, found.high_percent - found.low_percent <= 3)


def test_answers_that_are_all_alike_give_a_threshold_that_is_not_relied_on():
    none = hunt(
        pulses=[Pulse(each, False) for each in (60, 70, 80, 90, 100, 100, 100, 100, 100, 100)],
        how=how(),
    )

    assert not none.good
    assert not none.done
    assert "No answer" in none.says


def test_the_interval_holds_the_threshold_and_narrows():
    _, _, early = hunted(sharp(threshold_percent=47), how(), 6)
    _, _, late = hunted(sharp(threshold_percent=47), how(), 18)

    assert early.low_percent <= late.low_percent <= 47 <= late.high_percent <= early.high_percent
    assert late.good


@pytest.mark.parametrize("strength", [-1, 101, float("nan")])
def test_a_pulse_outside_the_output_is_refused(strength):
    with pytest.raises(HuntingError, match="between 0 and 100"):
        hunt(pulses=[Pulse(strength, True)], how=how())


def test_fewer_pulses_than_the_least_are_refused():
    with pytest.raises(HuntingError, match="at least 10"):
        how(pulses=9)


def test_many_people_are_hunted_as_one_is():
    truth = np.array([40.0, 55.5, 72.0])
    method = how(clamp=False)

    found = hunt_many(thresholds=truth, spreads=np.zeros(3), how=method,
                      generator=np.random.default_rng(1))  # fmt: skip

    # No spread: the answer is yes above the threshold, so `sharp` a hair above it.
    one = [hunted(sharp(threshold_percent=each + 1e-9), method, 18)[1][-1] for each in truth]
    assert found.tolist() == one


@pytest.mark.parametrize(
    ("spread", "pulses", "median", "p95"),
    [
        # TMS §3.3, simulation: t ~ U(35, 75), start 60, whole %MSO, no clamp; figures of 3,000 people.
        (0.07, 10, 2.3, 6.7),
        (0.07, 14, 1.8, 5.3),
        (0.07, 18, 1.6, 4.7),
        (0.03, 18, 0.9, 2.5),
        (0.12, 18, 2.9, 8.5),
    ],
)
def test_the_error_is_that_of_the_published_kind_of_simulation(spread, pulses, median, p95):
    generator = np.random.default_rng(20261122)
    truth = generator.uniform(35, 75, 3000)

    found = hunt_many(thresholds=truth, spreads=spread * truth, how=how(clamp=False, pulses=pulses),
                      generator=generator)  # fmt: skip

    off = errors(found=found, true=truth)
    assert off.median_percent == pytest.approx(median, rel=0.1)
    assert off.p95_percent == pytest.approx(p95, rel=0.1)


def after(text):
    return hunt(
        pulses=[Pulse(float(each[:-1]), each[-1] == "y") for each in text.split()], how=how()
    )


@pytest.mark.parametrize(
    ("answers", "width", "good", "done"),
    [
        # TMS §3.3, stop: at most 3 %MSO wide, after 10 pulses, two of each answer in the last eight.
        ("60y 50y 40y 30y 21n 26y 24y 23y 22n 23n 23y 23y", 3.0, True, True),
        ("60y 50y 40y 30y 21n 26y 24y 23y 22n 23n", 3.5, True, False),
        ("60y 50y 40y 30y 21y 20n 21y 20n 21y", 1.5, True, False),
        ("60y 50y 40y 30y 21y 20n 21y 20n 21y 20n", 2.0, True, True),
        ("60y 50y 40y 30y 21n 26y 24y 23y 22y 21y", 2.0, False, False),
    ],
)
def test_it_stops_early_only_where_all_three_hold(answers, width, good, done):
    found = after(answers)

    assert found.high_percent - found.low_percent == width
    assert (found.good, found.done) == (good, done)
