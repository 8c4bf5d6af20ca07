"""Time zones as people say them."""

from __future__ import annotations

import pytest

from overstory.clinic.ui.zones import zone_words


@pytest.mark.parametrize(
    ("zone", "english", "spanish"),
    [
        ("America/New_York", "New York time", "hora de Nueva York"),
        ("America/Denver", "Denver time", "hora de Denver"),
        ("America/Indiana/Tell_City", "Tell City time", "hora de Tell City"),
        ("Europe/Berlin", "Berlin time", "hora de Berlín"),
        ("UTC", "universal time (UTC)", "hora universal (UTC)"),
        ("Etc/UTC", "universal time (UTC)", "hora universal (UTC)"),
        ("Etc/GMT+5", "Etc/GMT+5", "Etc/GMT+5"),
        ("EST5EDT", "EST5EDT", "EST5EDT"),
    ],
)
def test_a_zone_is_the_time_of_its_place(zone, english, spanish):
    assert (zone_words(zone), zone_words(zone, "es")) == (english, spanish)
