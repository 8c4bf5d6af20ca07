"""Moves the clock of every process of a clinic under test; Python reads this file when it starts."""

import os
from datetime import UTC, datetime, timedelta

if "OVERSTORY_TEST_CLOCK_AHEAD" in os.environ:
    import time_machine

    ahead = timedelta(seconds=float(os.environ["OVERSTORY_TEST_CLOCK_AHEAD"]))
    time_machine.travel(datetime.now(UTC) + ahead, tick=True).start()
