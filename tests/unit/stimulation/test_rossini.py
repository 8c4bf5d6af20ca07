"""The relative frequency method, and the made-up muscles."""

import numpy as np
import pytest

from overstory.knowledge.load import load_knowledge
from overstory.pathway.stimulation.responses import blurred, evoked, response_v, sharp
from overstory.pathway.stimulation.rossini import RelativeFrequencyError, relative_frequency
from overstory.pathway.stimulation.thresholds import definition_of

KNOWLEDGE = load_knowledge()


def stepped(answers, start, **more):
    given = []
    found = relative_frequency(start_percent=start, answers=given, knowledge=KNOWLEDGE, **more)
    while not found.done:
        given.append(answers(found.next_percent))
        found = relative_frequency(start_percent=start, answers=given, knowledge=KNOWLEDGE, **more)
    return found


def test_the_threshold_is_the_last_level_with_half_of_the_pulses_answered():
    found = stepped(sharp(threshold_percent=47), 56)

    assert found.threshold_percent == 47
    # Ten levels from 56 to 47 with five answers each, then six misses at 46.
    assert found.pulses == 56


def test_from_below_it_goes_up_in_steps_of_five():
    found = stepped(sharp(threshold_percent=47), 40)

    # 40 and 45 fail with six misses each; 50 to 47 pass with five answers each; 46 fails.
    assert (found.threshold_percent, found.pulses) == (47, 6 + 6 + 4 * 5 + 6)


def test_a_level_ends_when_its_half_is_out_of_reach():
    found = relative_frequency(
        start_percent=50, answers=[True] * 4 + [False] * 5, knowledge=KNOWLEDGE
    )

    assert (found.next_percent, found.pulses_here, found.positives_here) == (50, 9, 4)
    ended = relative_frequency(
        start_percent=50, answers=[True] * 4 + [False] * 6, knowledge=KNOWLEDGE
    )
    assert ended.next_percent == 55


def test_a_muscle_that_never_answers_is_told():
    with pytest.raises(RelativeFrequencyError, match="greatest output"):
        stepped(lambda _: False, 90)


def test_a_muscle_that_always_answers_is_told():
    with pytest.raises(RelativeFrequencyError, match="down to nothing"):
        stepped(lambda _: True, 10)


def test_answers_after_the_end_are_refused():
    with pytest.raises(RelativeFrequencyError, match="no more pulses"):
        relative_frequency(start_percent=50, answers=[True] * 5 + [False] * 7, knowledge=KNOWLEDGE)


def test_the_method_takes_about_seventy_five_pulses_and_reads_a_little_high():
    # TMS §3.2, simulation: start 1.2 times, step 1 %: 75 pulses (51 to 103), bias +1.06 %, median 1.6 %.
    generator = np.random.default_rng(20261122)
    off, pulses = [], []
    for truth in generator.uniform(35, 75, 500):
        muscle = blurred(threshold_percent=truth, spread_percent=0.07 * truth, generator=generator)
        found = stepped(muscle, round(1.2 * truth))
        off.append((found.threshold_percent - truth) / truth * 100)
        pulses.append(found.pulses)

    assert np.mean(pulses) == pytest.approx(75, abs=3)
    assert np.mean(off) == pytest.approx(1.06, abs=0.3)
    assert np.median(np.abs(off)) == pytest.approx(1.6, abs=0.25)


def test_the_made_up_muscle_answers_more_to_more():
    sizes = response_v(percents=[40, 60, 80, 100], knowledge=KNOWLEDGE, generator=None)

    assert (np.diff(sizes) > 0).all()
    assert sizes[0] < 50e-6 < sizes[2]  # the threshold of 50 µV lies between


def test_the_noise_is_the_generators_and_the_same_again():
    first = response_v(percents=[70] * 20, knowledge=KNOWLEDGE, generator=np.random.default_rng(4))
    again = response_v(percents=[70] * 20, knowledge=KNOWLEDGE, generator=np.random.default_rng(4))

    assert (first == again).all()
    assert first.std() > 0
    assert (first >= 1e-8).all()


def test_a_made_up_muscle_is_measured_by_electromyography():
    definition = definition_of(method="emg", knowledge=KNOWLEDGE)
    answers = evoked(knowledge=KNOWLEDGE, generator=np.random.default_rng(5), definition=definition)

    assert sum(answers(40) for _ in range(50)) < 5
    assert sum(answers(100) for _ in range(50)) > 45
