"""The report of a population says what the figures say, in order, and invents nothing."""

from __future__ import annotations

import re

import pytest

from overstory.panel.report.marks import FILLS
from overstory.panel.report.page import HOME, report_html
from tests.panel.report_figures import TMS, figures, of_nobody, rule
from tests.panel.report_reading import Page, contrast

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;"


def page(**changed: object) -> Page:
    return Page(report_html(figures(**changed)))


def treatment(**changed: object) -> list[dict[str, object]]:
    return [{**TMS, **changed}]


def test_the_page_says_who_it_is_about_and_that_nobody_has_reviewed_the_knowledge():
    text = page().text

    assert "2,000 people in clinic.parquet" in text
    assert "2026-11-22 10:00-05:00" in text
    assert "the labels of the United States" in text
    assert f"Knowledge release 2026.11, sha256 {'ab' * 32}" in text
    assert "No clinician has reviewed this knowledge." in text
    assert "It does not decide about people." in text


def test_only_invented_people_are_called_invented():
    assert "Invented people." not in page().text
    assert "No number on this page is about anybody." in page(invented=True).text


def test_whom_the_condition_left_out_is_told_with_those_for_whom_it_is_unknown():
    source = {"name": "clinic.parquet", "read": 3500, "where": "age_years >= 18",
              "left_out": 1200, "left_out_unknown": 300}  # fmt: skip

    text = page(source=source).text

    assert "Only people for whom this is true: age_years >= 18 ." in text
    assert "Of 3,500 people read, 1,200 were left out because it is false, and 300" in text


def test_warnings_stand_before_the_figures():
    html = report_html(figures(warnings=["12 values made unknown"]))

    assert html.index("12 values made unknown") < html.index('id="safety"')


def test_the_sections_stand_in_their_order_with_safety_first():
    html = report_html(figures())

    places = [html.index(f'<section id="{name}"') for name in
              ("safety", "verdicts", "qualify", "attrition", "missing", "characteristics", "read")]  # fmt: skip
    assert places == sorted(places)


def test_safety_counts_every_level_and_says_what_each_obliges_to():
    shown = page()
    rows = shown.table("Safety levels of all 2,000 people")

    # 60, 100, 200, 240 and 1400 of 2000
    assert [row[:3] for row in rows[1:]] == [
        ["High risk now", "60", "3.0%"],
        ["Moderate", "100", "5.0%"],
        ["Low", "200", "10.0%"],
        ["Unknown", "240", "12.0%"],
        ["None reported", "1,400", "70.0%"],
    ]
    assert "crisis path first" in rows[1][3]
    assert "That is not “none”" in rows[4][3]
    assert "That is not “no risk”" in rows[5][3]
    assert "60 people are at high risk now. Each of them is reached by a person first" in shown.text
    assert "--out answers.parquet --with-safety" in shown.text


def test_verdicts_have_their_numbers_beside_the_picture():
    rows = page().table("Verdicts: people, and their share of all 2,000")

    # of 2000: 200, 1000, 300, 450, 49 and 1; the last is 0.05 percent, which is 0.1 to one place
    assert rows[1] == ["Transcranial magnetic stimulation", "200 10.0%", "1,000 50.0%",
                       "300 15.0%", "450 22.5%", "49 2.5%", "1 0.1%"]  # fmt: skip


def test_who_would_qualify_is_told_three_ways_and_the_fiction_is_called_one():
    shown = page()
    rows = shown.table("Who would qualify: people, and their share of all 2,000")

    # 50, 120 and 400 of 2000
    assert [row[:2] for row in rows[2:]] == [
        ["Now", "50 2.5%"],
        ["If open answers were no", "120 6.0%"],
        ["At best", "400 20.0%"],
    ]
    assert "A stated fiction" in shown.text
    assert "It is not an answer about anybody." in shown.text
    # 450 of 2000 verdicts
    assert "22.5% of all verdicts are “cannot say yet”." in shown.text


def test_attrition_goes_from_everyone_down_to_those_with_conditions_and_suitable():
    shown = page()
    rows = shown.table("Transcranial magnetic stimulation: who leaves at each step")

    # 200 of 2000, 1000 of 1800, 300 of 800, 450 of 500
    assert rows[1:] == [
        ["Contraindicated", "2,000", "200 10.0%", "1,800"],
        ["Not indicated", "1,800", "1,000 55.6%", "800"],
        ["Not now", "800", "300 37.5%", "500"],
        ["Cannot say yet", "500", "450 90.0%", "50"],
    ]
    assert "Left: 49 with conditions (2.5% of everyone) and 1 suitable (0.1% of everyone)." in (
        shown.text
    )


def test_each_rule_says_what_it_is_and_how_many_it_holds_for_takes_first_and_takes_alone():
    rows = page().table("Transcranial magnetic stimulation: contraindicated, by rule")

    assert rows[0] == ["Rule", "Holds for", "First in order", "It alone"]
    assert rows[1] == [
        "What tms.cochlear-implant says. tms.cochlear-implant · never · primary source",
        "150", "150", "140",
    ]  # fmt: skip
    assert rows[2][1:] == ["60", "50", "50"]


def test_a_rule_that_is_only_open_is_not_said_to_hold():
    rows = page().table("Transcranial magnetic stimulation: cannot say yet, by rule")

    assert rows[0] == ["Rule", "Open for", "First in order", "It alone"]


def test_indications_take_people_out_together_and_none_of_them_alone():
    shown = page()
    rows = shown.table("Transcranial magnetic stimulation: not indicated, by rule")

    assert rows[0] == ["Rule", "False for"]
    assert "None of the 2 things that it is for" in shown.text
    assert "none takes anybody out alone" in shown.text


def test_the_combination_leaves_by_the_indications_of_its_parts():
    text = page(treatments=treatment(treatment="ketamine-then-tms")).text

    assert "By 2 rules of its parts" in text
    assert "whose TMS, or whose every form of ketamine, is not indicated" in text


def test_an_unverified_rule_is_marked():
    rows = page().table("Transcranial magnetic stimulation: conditions to settle")

    assert rows[1][0].endswith("caution · UNVERIFIED")


def test_missing_facts_are_ranked_with_who_is_asked_and_in_what_words():
    shown = page()
    rows = shown.table("The missing facts, the most telling first")

    # 360 and 225 of the 450 verdicts that wait
    assert rows[1][:4] == [
        "1",
        "metal in head or neck metal_in_head_or_neck Ask the patient: “Is there metal in your head?”"
        " Holds back tms 360.",
        "90",
        "360 80.0%",
    ]
    assert rows[2][2:4] == ["0", "225 50.0%"]
    assert "450 verdicts wait" in shown.text


def test_the_way_through_says_how_many_verdicts_so_many_questions_settle():
    shown = page()
    rows = shown.table("Verdicts settled by the first questions")

    # 90 and 450 of the 450 that wait: three quarters are 337.5
    assert rows[1:] == [
        ["1", "metal in head or neck", "90 20.0%"],
        ["2", "pregnancy", "450 100.0%"],
    ]
    assert "three quarters of them takes 2 questions, all of them takes 2 questions." in shown.text


def test_open_questions_are_told_with_those_who_have_none():
    shown = page()
    rows = shown.table("Open questions by treatment")

    # 750 have one or more: 300 have 1, 150 have 2, 300 have 40, so half of them have at most 2
    assert rows[1] == ["Transcranial magnetic stimulation", "1,250 62.5%", "2", "40"]
    numbers = shown.table("People by number of open questions")
    # from 1 to 40 in at most 18 bins: 3 wide
    assert numbers[0][1:3] == ["1–3", "4–6"]
    assert numbers[0][-1] == "40+"
    assert numbers[1][1] == "450"
    assert numbers[1][-1] == "300"


def test_those_left_are_described_with_what_is_known_of_them():
    rows = page().table("Transcranial magnetic stimulation: who is left after each step")
    cells = {row[0]: row[1] for row in rows[1:]}

    # known of 2000: 1900, 1000 and 800; of those known: 150 of 1000, 400 of 800
    assert rows[0][1] == "Everyone 2,000"
    assert rows[0][-1] == "Suitable 1"
    assert cells["age, years"] == "43 (31 to 58) known 1,900 (95.0%)"
    assert cells["post-traumatic stress disorder: yes"] == "150 (15.0%) known 1,000 (50.0%)"
    assert cells["severity of the depression"] == "known 800 (40.0%)"
    assert cells["severe"] == "400 50.0%"
    assert rows[1][2] == "–"


def test_a_hidden_count_is_never_zero_and_never_drawn_as_nothing():
    verdicts = {**TMS["verdicts"], "with-conditions": None, "suitable": None}
    one = treatment(
        verdicts=verdicts,
        would_qualify={"now": None, "if_every_answer_is_no": 120, "at_best": 400},
        conditions=[rule("tms.hearing", "caution", None, None, None)],
    )

    html = report_html(figures(treatments=one, small_cells_hidden_below=11))
    shown = Page(html)

    assert shown.table("Verdicts:")[1][-2:] == ["hidden –", "hidden –"]
    assert shown.table("Who would qualify")[2][:2] == ["Now", "hidden –"]
    assert shown.table("Transcranial magnetic stimulation: conditions")[1][1:] == ["hidden"] * 3
    assert "“<11” is a count from 1 to 10" in shown.text
    assert "Neither is zero." in shown.text
    assert 'fill="url(#verdicts-tms-hidden)"' in html
    assert 'fill="url(#now-tms-hidden)"' in html


def test_a_step_whose_count_is_hidden_does_not_call_its_rules_small():
    step = {"step": "contraindicated", "before": None, "removed": None, "after": None,
            "rules": [rule("tms.cochlear-implant", "contraindication", None, None, None)]}  # fmt: skip

    shown = page(
        treatments=treatment(attrition=[step, *TMS["attrition"][1:]]), small_cells_hidden_below=11
    )

    table = shown.table("Transcranial magnetic stimulation: contraindicated, by rule")
    assert table[1][1:] == ["hidden"] * 3
    assert "Contraindicated: hidden. 1 rule Transcranial" in shown.text


def test_people_at_high_risk_are_told_even_where_their_number_is_hidden():
    safety = {"none": 1400, "low": 200, "moderate": None, "high": None, "unknown": 240}

    text = page(safety=safety, small_cells_hidden_below=11).text

    assert "Some people (hidden how many) are at high risk now." in text


def test_one_person_is_a_person():
    safety = {"none": 0, "low": 0, "moderate": 0, "high": 1, "unknown": 0}

    text = page(people=1, safety=safety).text

    assert "1 person in clinic.parquet" in text
    assert "1 person is at high risk now." in text


def test_nobody_makes_a_page_without_shares():
    shown = Page(report_html(of_nobody()))

    assert "There is nobody to answer for." in shown.text
    assert "No verdict waits for a fact." in shown.text
    assert "%" not in "".join("".join(row) for row in shown.table("Verdicts:"))
    assert shown.unbalanced == []


def test_a_treatment_that_nobody_can_have_shows_zero():
    verdicts = dict.fromkeys(TMS["verdicts"], 0) | {"contraindicated": 2000}
    qualify = dict.fromkeys(TMS["would_qualify"], 0)

    shown = page(treatments=treatment(verdicts=verdicts, would_qualify=qualify))

    assert shown.table("Verdicts:")[1][1:] == ["2,000 100.0%", *["0 0.0%"] * 5]
    assert shown.table("Who would qualify")[2][:2] == ["Now", "0 0.0%"]


def test_everything_unknown_still_makes_a_page():
    verdicts = dict.fromkeys(TMS["verdicts"], 0) | {"cannot-say-yet": 2000}

    shown = page(treatments=treatment(verdicts=verdicts, open_questions={"60": 2000}),
                 safety={"none": 0, "low": 0, "moderate": 0, "high": 0, "unknown": 2000})  # fmt: skip

    assert "Nobody is known to be at high risk now." in shown.text
    assert "2,000 people are not screened, or not recently enough." in shown.text
    assert shown.table("Open questions by treatment")[1] == [
        "Transcranial magnetic stimulation", "0 0.0%", "60", "60",
    ]  # fmt: skip


@pytest.mark.parametrize("place", ["name", "where", "warning", "says", "label", "code"])
def test_what_comes_from_the_table_cannot_write_the_page(place: str):
    given = figures()
    given["source"] |= {"name": HOSTILE if place == "name" else "t"}
    given["source"]["where"] = HOSTILE if place == "where" else None
    given["warnings"] = [HOSTILE] if place == "warning" else []
    one = given["treatments"][0]
    facts = one["characteristics"][0]["facts"]
    if place == "says":
        one["attrition"][0]["rules"][0]["says"] = HOSTILE
    elif place == "label":
        facts[0]["label"] = given["missing_facts"][0]["label"] = HOSTILE
    elif place == "code":
        facts[2]["values"] = {HOSTILE: 800}

    shown = Page(report_html(given))

    assert not {"script", "img"} & {tag for tag, _ in shown.tags}
    assert "alert(1)" in shown.text
    assert shown.unbalanced == []


def test_the_page_needs_no_network_and_no_script():
    html = report_html(figures())
    shown = Page(html)

    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in shown.tags}
    assert all(each.startswith("#") for each in shown.attributes("href"))
    assert shown.attributes("src") == []
    assert re.findall(r"https?://|@import|url\((?!#)", html) == []


def test_marks_are_balanced_names_are_unique_and_references_lead_somewhere():
    shown = page()
    names = shown.attributes("id")

    assert shown.unbalanced == []
    assert len(names) == len(set(names))
    wanted = [each.removeprefix("#") for each in shown.attributes("href")]
    wanted += shown.attributes("aria-labelledby") + shown.attributes("aria-describedby")
    assert set(wanted) <= set(names)


def test_every_picture_has_its_words_or_stands_beside_them():
    pictures = [attrs for tag, attrs in page().tags if tag == "svg"]

    assert len(pictures) > 10
    for attrs in pictures:
        named = (
            attrs.get("role") == "img" and attrs["aria-labelledby"] and attrs["aria-describedby"]
        )
        assert named or attrs.get("aria-hidden") == "true"


def test_words_can_be_read_on_what_they_stand_on():
    style = (HOME / "report.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style))

    for name in ("ink", "deep", "quiet", "warn", "red"):
        for ground in ("#ffffff", colours["soft"]):
            assert contrast(colours[name], ground) >= 4.5, name
    assert contrast("#4a1a58", "#faf4fc") >= 4.5
    assert contrast(colours["warn"], "#fdf6ec") >= 4.5
    assert contrast("#0a4a8f", colours["soft"]) >= 4.5
    for kind, (fill, ink) in FILLS.items():
        assert not fill.startswith("#") or contrast(fill, ink) >= 4.5, kind


def test_the_paper_is_that_of_the_place():
    assert "size: Letter" in report_html(figures())
    assert "size: A4" in report_html(figures(jurisdiction="EU"))
