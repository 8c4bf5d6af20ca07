"""The pictures of the report draw what the counts say."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from overstory.panel.report.charts import curve, histogram
from overstory.panel.report.marks import FILLS, Part
from overstory.panel.report.pictures import Step, flow, row_bar, stacked_bar
from overstory.panel.report.scales import bins, nice_steps, widths
from overstory.panel.report.words import moment, number, share, small, total
from tests.panel.report_reading import contrast

NAMED = {"name": "n", "title": "A & B", "told": "what it <shows>"}


def drawn_widths(svg: str) -> list[float]:
    """The widths, in percent, of the parts of a bar."""
    found = re.findall(r'y="0" width="([\d.]+)%" height="\d+" fill="(?!none)', svg)
    return [float(each) for each in found]


def test_a_bar_has_its_parts_in_their_order_and_to_scale():
    svg = stacked_bar([Part("high", 50), Part("low", 0), Part("none", 150)], whole=200, **NAMED)

    assert drawn_widths(svg) == [25.0, 75.0]
    assert ">25.0%<" in svg
    assert ">75.0%<" in svg


def test_one_person_of_a_million_is_seen():
    svg = stacked_bar([Part("not-now", 999_999), Part("suitable", 1)], whole=1_000_000, **NAMED)

    assert drawn_widths(svg) == [99.6, 0.4]


def test_hidden_parts_leave_a_gap_that_is_drawn_as_hidden():
    svg = stacked_bar(
        [Part("high", None), Part("low", None), Part("none", 150)], whole=200, **NAMED
    )

    assert drawn_widths(svg) == [75.0, 25.0]
    assert 'fill="url(#n-hidden)"' in svg
    assert '<pattern id="n-hidden"' in svg


@pytest.mark.parametrize("kind", list(FILLS))
def test_every_part_of_a_bar_stands_out_from_the_paper(kind: str):
    svg = row_bar(Part(kind, 5), whole=10, name="n")
    fill, stroke = re.findall(
        r'y="0" width="50.00%" height="\d+" fill="([^"]+)" stroke="([^"]+)"', svg
    )[0]

    # WCAG 2.2, 1.4.11: parts of graphics have 3 to 1
    drawn = fill if fill.startswith("#") else stroke
    assert contrast(drawn, "#ffffff") >= 3 or contrast(stroke, "#ffffff") >= 3


def test_a_bar_of_nobody_is_empty():
    assert drawn_widths(stacked_bar([Part("high", 0)], whole=0, **NAMED)) == []
    assert drawn_widths(row_bar(Part("now", 0), whole=0, name="n")) == []


def test_a_hidden_count_beside_its_number_is_a_stub():
    assert drawn_widths(row_bar(Part("now", None), whole=500, name="n")) == [3.0]


def test_a_flow_says_who_leaves_and_who_is_left():
    steps = [Step("left", "Everyone", 1000, 0, 1000), Step("not-now", "Not now", 1000, 250, 750)]

    svg = flow(steps, whole=1000, **NAMED)

    assert "−250" in svg
    assert "750 left" in svg
    assert 'width="75.00%"' in svg
    assert 'x="75.00%" y="66" width="25.00%"' in svg


def test_a_flow_draws_hidden_steps_as_hidden():
    svg = flow([Step("not-now", "Not now", 20, None, None)], whole=20, **NAMED)

    assert "−hidden" in svg
    assert "hidden left" in svg
    assert 'fill="url(#n-hidden)"' in svg


def test_a_curve_rises_to_the_corner_when_all_is_settled():
    svg = curve([(0, 0), (1, 50), (2, 100)], most=100, **NAMED)

    # from the left margin of 62 to 348, and from 176 (nothing) up to 10 (all)
    assert 'points="62,176.0 205,93.0 348,10.0"' in svg


def test_a_curve_without_points_is_an_empty_frame():
    assert "polyline" not in curve([], most=0, **NAMED)


def test_a_hidden_bin_is_a_stub_and_an_empty_one_is_nothing():
    binned = bins([{1: 40, 2: None, 3: 0, 4: 10}])[0]

    svg = histogram(binned, most=40, **NAMED)

    assert [each.people for each in binned] == [40, None, 0, 10]
    assert len(re.findall("<rect [^>]*fill=", svg)) == 4  # 3 bars, and the ground of the pattern
    assert svg.count('fill="url(#n-hidden)"') == 1


@pytest.mark.parametrize(
    "svg",
    [
        stacked_bar([Part("high", None), Part("unknown", 5)], whole=10, **NAMED),
        flow([Step("left", "Everyone", 1, 0, 1)], whole=1, **NAMED),
        curve([(0, 0), (1, 1)], most=1, **NAMED),
        histogram(bins([{1: 1}])[0], most=1, **NAMED),
    ],
)
def test_a_picture_is_well_formed_and_says_what_it_shows(svg: str):
    root = ET.fromstring(svg)  # noqa: S314 - our own text

    assert root.attrib["role"] == "img"
    assert [each.text for each in root[:2]] == ["A & B", "what it <shows>"]


def test_axes_have_round_numbers():
    assert nice_steps(118_467) == (0, 20_000, 40_000, 60_000, 80_000, 100_000)
    assert nice_steps(80) == (0, 20, 40, 60, 80)
    assert nice_steps(3) == (0, 1, 2, 3)
    assert nice_steps(0) == (0,)


def test_widths_never_pass_the_whole():
    assert widths([1, 1, 999_998], 1_000_000) == [0.4, 0.4, pytest.approx(99.2)]
    assert widths([5], 0) == [0.0]
    assert widths([], 10) == []


def test_the_last_bin_has_the_long_tail():
    binned = bins([{0: 500, 1: 50, 2: 49, 90: 1}])[0]

    assert [(each.name, each.people) for each in binned] == [("1", 50), ("2+", 50)]


def test_the_bins_of_all_treatments_are_the_same():
    one, other = bins([{30: 60}, {40: 60}])

    assert [each.name for each in one] == [each.name for each in other]
    assert one[0].name == "30"
    assert other[-1].people == 60


def test_nobody_with_a_question_has_no_bins():
    assert bins([{0: 10}, {}]) == [[], []]


def test_a_share_is_never_a_false_nothing_nor_a_false_all():
    assert share(1, 100_000) == "<0.1%"
    assert share(99_999, 100_000) == ">99.9%"
    assert share(0, 7) == "0.0%"
    assert share(7, 7) == "100.0%"
    assert share(0, 0) == "–"
    assert share(None, 7) == "–"
    assert share(7, None) == "–"


def test_counts_have_their_thousands_set_apart_and_hidden_ones_are_named():
    assert number(1_234_567) == "1,234,567"
    assert number(None) == "hidden"
    assert small(None, below=11) == "<11"
    assert small(None, below=None) == "hidden"
    assert small(12, below=11) == "12"
    assert total([1, None]) is None
    assert total([1, 2]) == 3


def test_a_moment_is_told_to_the_minute_with_its_zone():
    assert moment("2026-11-22T00:00:00+00:00") == "2026-11-22 00:00 UTC"
    assert moment("2026-11-22T09:30:15-05:00") == "2026-11-22 09:30-05:00"
