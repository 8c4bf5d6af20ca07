"""Every cell of the tables of safe trains: one pulse on each side, and one step beyond its frequency."""

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.pathway.stimulation.sessions import Run
from overstory.pathway.stimulation.trains import Outcome, table_outcome

KNOWLEDGE = load_knowledge()
LIMITS = KNOWLEDGE.sections["train_limits"][0]
TABLES = {each.id: each for each in KNOWLEDGE.sections["safe_train_tables"]}

# TMS §2.4, table W: Hz, percent, seconds, and whether it is only the longest that was tested.
W = [
    (1, 90, 1800, True), (1, 100, 1800, True), (1, 110, 1800, True), (1, 120, 360, True), (1, 130, 50, True),
    (5, 90, 10, True), (5, 100, 10, True), (5, 110, 10, True), (5, 120, 10, True), (5, 130, 10, True),
    (10, 90, 5, True), (10, 100, 5, True), (10, 110, 5, True), (10, 120, 4.2, False), (10, 130, 2.9, False),
    (20, 90, 2.05, False), (20, 100, 2.05, False), (20, 110, 1.6, False), (20, 120, 1.0, False),
    (20, 130, 0.55, False),
    (25, 90, 1.28, False), (25, 100, 1.28, False), (25, 110, 0.84, False), (25, 120, 0.4, False),
    (25, 130, 0.24, False),
]  # fmt: skip


def outcome(hz, pulses, percent, table="SAFE-TRAINS-W"):
    run = Run("train", "left", hz, pulses / hz, 1, 10)
    return table_outcome(run=run, percent=percent, table=TABLES[table], limits=LIMITS)


@pytest.mark.parametrize(("hz", "percent", "seconds", "tested_only"), W)
def test_a_cell_ends_at_its_last_pulse(hz, percent, seconds, tested_only):
    pulses = round(hz * seconds)
    beyond = Outcome.BEYOND_TESTED if tested_only else Outcome.EXCEEDS

    assert outcome(hz, pulses, percent) is Outcome.WITHIN
    assert outcome(hz, pulses + 1, percent) is beyond


@pytest.mark.parametrize(("hz", "percent", "seconds", "tested_only"), W)
def test_a_little_more_intensity_takes_the_next_column_and_a_little_more_frequency_the_next_row(
    hz, percent, seconds, tested_only
):
    after = {(row[0], row[1]): (row[2], row[3]) for row in W}
    stronger, faster = percent + 10, {1: 5, 5: 10, 10: 20, 20: 25}.get(hz)
    pulses = round(hz * seconds)

    if stronger > 130:
        assert outcome(hz, pulses, percent + 0.1) is Outcome.REFUSE
    else:
        limit, only = after[hz, stronger]
        longer = Outcome.BEYOND_TESTED if only else Outcome.EXCEEDS
        expected = Outcome.WITHIN if seconds <= limit else longer
        assert outcome(hz, pulses, percent + 0.1) is expected
    if faster is None:
        assert outcome(hz + 1, 1, percent) is Outcome.REFUSE
    else:
        limit, only = after[faster, percent]
        least = int(limit * (hz + 0.5)) + 1
        longer = Outcome.BEYOND_TESTED if only else Outcome.EXCEEDS
        assert outcome(hz + 0.5, least, percent) is longer


def test_below_the_first_row_and_column_the_first_counts():
    # 0.5 Hz as 1 Hz, 60 % as 90 %.
    assert outcome(0.5, 900, 60) is Outcome.WITHIN
    assert outcome(0.5, 901, 60) is Outcome.BEYOND_TESTED


@pytest.mark.parametrize(
    ("hz", "percent", "pulses"),
    # Table C, the pulses printed beside the seconds.
    [(5, 100, 50), (10, 110, 50), (10, 120, 32), (10, 130, 22), (20, 100, 30), (20, 110, 24),
     (20, 120, 16), (20, 130, 8), (25, 100, 25), (25, 120, 7), (25, 130, 5)],
)  # fmt: skip
def test_the_stricter_table_ends_at_the_pulses_that_are_printed(hz, percent, pulses):
    assert outcome(hz, pulses, percent, "SAFE-TRAINS-C") is Outcome.WITHIN
    assert outcome(hz, pulses + 1, percent, "SAFE-TRAINS-C") is Outcome.EXCEEDS
