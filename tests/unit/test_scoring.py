"""Scoring, change and crosswalks at their edges: what is missing, refused, prorated, unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overstory.pathway.change import (
    Change,
    IncomparableError,
    Rating,
    change,
    rating,
    relapsed,
    reliable_change,
)
from overstory.pathway.crosswalks import NotInTableError, cross
from overstory.pathway.scoring import AnswerError, score
from tests.scales import crosswalks, scales, scored

START = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_an_unanswered_item_is_never_zero() -> None:
    result = scored("gad7", "0 0 0 0 0 0 -")

    assert result.total is None
    assert result.band is None
    assert result.missing == ("7",)
    assert result.facts == {}


def test_an_empty_form_has_no_total_and_every_item_missing() -> None:
    result = score(scale=scales()["phq9"], answers={})

    assert result.total is None
    assert result.missing == ("1", "2", "3", "4", "5", "6", "7", "8", "9")
    assert [each.id for each in result.critical_unknown] == [
        "thoughts_of_death_or_self_harm",
        "thoughts_nearly_every_day",
    ]


def test_item_9_is_never_imputed() -> None:
    result = scored("phq9", "3 3 3 3 3 3 3 3 -")

    assert result.total is None
    assert result.prorated is False
    assert "phq9_item9" not in result.facts
    assert result.critical_unknown


def test_item_9_alerts_though_the_form_is_not_complete() -> None:
    result = scored("phq9", "- - - - - - - - 1")

    assert result.total is None
    assert [each.id for each in result.critical] == ["thoughts_of_death_or_self_harm"]
    assert "the same day" in result.critical[0].do
    assert result.facts == {"phq9_item9": 1}


def test_a_prorated_total_is_marked_and_serves_nothing() -> None:
    """Seven answers of 2, two missing: the mean times nine is 18."""
    result = scored("phq9", "2 2 2 2 2 2 - - 2")

    assert result.total == 18
    assert result.prorated
    assert not result.complete
    assert result.flags["nhs_caseness"] is None
    assert result.facts == {"phq9_item9": 2}


def test_three_missing_items_are_too_many_to_prorate() -> None:
    result = scored("phq9", "2 2 2 2 2 - - - 2")

    assert result.total is None
    assert not result.prorated


def test_a_prorated_total_confirms_no_remission() -> None:
    phq9 = scales()["phq9"]
    before = rating(scored("phq9", "3 3 3 3 3 3 3 3 0"))
    after = rating(scored("phq9", "0 0 0 0 0 0 0 - 0"))

    found = change(scale=phq9, before=before, after=after)

    assert {each.answer for each in found.marks} == {None}
    assert found.state is None
    assert found.deteriorated is None


def test_the_function_item_of_the_phq9_is_not_scored_and_may_be_missing() -> None:
    without = scored("phq9", "1 1 1 1 1 1 1 1 1")
    with_it = scored("phq9", "1 1 1 1 1 1 1 1 1 3")

    assert without.complete
    assert without.total == with_it.total == 9


def test_a_flag_is_known_before_the_form_is_complete_where_answers_suffice() -> None:
    result = scored("phq9", "3 3 3 3 3 - - - -")

    assert result.flags["major_depressive_syndrome"] is True


def test_a_flag_stays_unknown_while_missing_answers_could_change_it() -> None:
    result = scored("phq9", "3 3 3 3 0 - 0 0 0")

    assert result.flags["major_depressive_syndrome"] is None


@pytest.mark.parametrize("answer", [4, -1, 1.5, float("nan"), float("inf"), "often", True])
def test_an_answer_that_the_form_does_not_have_is_refused(answer: object) -> None:
    with pytest.raises(AnswerError, match="phq9, item 3") as refused:
        score(scale=scales()["phq9"], answers={"3": answer})  # type: ignore[dict-item] # on purpose

    assert "0 (Not at all), 1 (Several days)" in str(refused.value)


def test_an_item_that_the_form_does_not_have_is_refused() -> None:
    with pytest.raises(AnswerError, match="phq9 has no item 'q9'; it has 1, 2"):
        score(scale=scales()["phq9"], answers={"q9": 1})


def test_answers_may_be_codes_or_labels() -> None:
    result = score(
        scale=scales()["gad7"],
        answers={
            "1": "LA6571-9",
            "2": "Nearly every day",
            "3": "not at all",
            "4": 0,
            "5": 0,
            "6": 0,
            "7": 0,
        },
    )

    assert result.total == 6


def test_yes_and_no_are_true_and_false() -> None:
    dast = scales()["dast10"]

    result = score(scale=dast, answers={each.id: False for each in dast.items})

    assert result.total == 1


def test_the_weight_item_of_the_hamd_is_asked_in_one_way_only() -> None:
    with pytest.raises(AnswerError, match="answer one of the items 16a, 16b"):
        scored("hamd17", "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 0")


def test_points_on_questions_that_were_ruled_out_are_kept_and_noted() -> None:
    result = scored("audit", "0 0 0 0 2 0 0 0 0 0")

    assert result.total == 2
    assert any("Item 5" in each for each in result.warnings)


def test_a_mean_is_worked_out_only_when_all_is_answered() -> None:
    assert scored("peg", "1 2 2").total == pytest.approx(5 / 3)
    assert scored("peg", "1 2 -").total is None


@given(st.lists(st.integers(0, 3) | st.none(), min_size=9, max_size=9))
def test_no_missing_answer_lowers_what_is_critical_or_makes_a_total(
    answers: list[int | None],
) -> None:
    ids = [str(number) for number in range(1, 10)]

    result = score(scale=scales()["phq9"], answers=dict(zip(ids, answers, strict=True)))

    known = [each for each in answers if each is not None]
    assert result.complete is (None not in answers)
    assert ("phq9_total" in result.facts) is (None not in answers)
    if result.complete:
        assert result.total == sum(known)
    if answers[8] is None:
        assert result.total is None
        assert result.critical_unknown
    else:
        assert bool(result.critical) is (answers[8] > 0)


def _phq9(before: float, after: float) -> Change:
    return change(
        scale=scales()["phq9"], before=Rating("phq9", before), after=Rating("phq9", after)
    )


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        (20, 4, "remission"),
        (20, 5, "response"),
        (20, 10, "response"),
        (20, 11, "partial-response"),
        (20, 15, "partial-response"),
        (20, 16, "no-response"),
        (20, 24, "no-response"),
        (8, 4, "remission"),
    ],
)
def test_the_state_of_a_course_follows_percent_and_remission(
    before: float, after: float, state: str
) -> None:
    """PHQ-9: half or more, a quarter or more, below 5 (measures 3.2)."""
    assert _phq9(before, after).state == state


@pytest.mark.parametrize(
    ("before", "after", "deteriorated"),
    [(8, 13, False), (8, 14, True), (4, 9, False), (4, 10, True), (9, 14, False), (9, 15, True)],
)
def test_deterioration_is_six_points_or_two_bands_up(
    before: float, after: float, deteriorated: bool
) -> None:
    """PHQ-9 (measures 3.2): 4 to 10 is minimal to moderate, and six points."""
    assert _phq9(before, after).deteriorated is deteriorated


def test_two_bands_up_alone_are_a_deterioration() -> None:
    """QIDS 5 to 11: none to moderate; it has no threshold in points (measures 1.1)."""
    qids = scales()["qids_sr16"]

    up_two = change(scale=qids, before=Rating("qids_sr16", 5), after=Rating("qids_sr16", 11))
    up_one = change(scale=qids, before=Rating("qids_sr16", 5), after=Rating("qids_sr16", 10))

    assert up_two.deteriorated is True
    assert up_one.deteriorated is False


@pytest.mark.parametrize(("points", "reliable"), [(5, False), (6, True), (-5, False), (-6, True)])
def test_reliable_change_goes_either_way_and_is_marked_unverified(
    points: int, reliable: bool
) -> None:
    mark = next(each for each in _phq9(15, 15 - points).marks if each.id == "reliable-nhs")

    assert mark.answer is reliable
    assert mark.unverified


def test_percent_change_from_zero_is_not_defined() -> None:
    found = _phq9(0, 3)

    assert found.percent is None
    assert next(each for each in found.marks if each.id == "response").answer is None


def test_percent_change_is_never_worked_out_across_recall_windows() -> None:
    with pytest.raises(IncomparableError, match="another scale or window"):
        change(scale=scales()["madrs"], before=Rating("madrs", 30), after=Rating("madrs_24h", 12))


def test_a_total_outside_the_range_is_refused() -> None:
    with pytest.raises(IncomparableError, match="phq9 has no total of 28"):
        _phq9(28, 4)


def test_a_form_without_a_total_gives_no_rating() -> None:
    with pytest.raises(IncomparableError, match="gad7 has no total: not answered 7"):
        rating(scored("gad7", "0 0 0 0 0 0 -"))


@pytest.mark.parametrize(
    ("after", "classic", "in_trials"),
    [(10, True, True), (11, False, True), (12, False, True), (13, False, False)],
)
def test_remission_on_the_madrs_names_both_published_lines(
    after: int, classic: bool, in_trials: bool
) -> None:
    """At or below 10, or 12 in the esketamine programme (measures 1.1)."""
    found = change(
        scale=scales()["madrs"], before=Rating("madrs", 20), after=Rating("madrs", after)
    )

    answers = {each.id: each.answer for each in found.marks}
    assert answers["remission"] is classic
    assert answers["remission-esketamine-trials"] is in_trials


@pytest.mark.parametrize(("after", "answer"), [(19, None), (20, False)])
def test_response_on_the_ybocs_needs_the_cgi_too(after: int, answer: bool | None) -> None:
    """30 to 19 is 37 percent, 30 to 20 is 33; the line is 35, with a CGI improvement of 1 or 2."""
    found = change(
        scale=scales()["ybocs"], before=Rating("ybocs", 30), after=Rating("ybocs", after)
    )

    response = next(each for each in found.marks if each.id == "response")
    assert response.answer is answer
    assert response.also == "CGI improvement of 1 or 2"


@pytest.mark.parametrize(
    ("before", "after", "recovered"),
    [(50, 28, True), (50, 29, False), (40, 28, False), (44, 28, None)],
)
def test_recovery_on_the_pcl5_needs_a_reliable_change(
    before: int, after: int, recovered: bool | None
) -> None:
    """At or below 28 with a reliable change, 15 or 18 by sample (Marx 2022)."""
    found = change(
        scale=scales()["pcl5"], before=Rating("pcl5", before), after=Rating("pcl5", after)
    )

    assert next(each for each in found.marks if each.id == "recovery-marx").answer is recovered


def _course(*rated: tuple[int, float]) -> list[Rating]:
    return [Rating("madrs", total, at=START + timedelta(days=day)) for day, total in rated]


@pytest.mark.parametrize(
    ("rated", "answer"),
    [
        ([(0, 22), (5, 22)], True),
        ([(0, 22), (15, 30)], True),
        ([(0, 22), (4, 22)], False),
        ([(0, 22), (16, 22)], False),
        ([(0, 22), (7, 21)], False),
        ([(0, 10), (7, 22), (14, 23)], True),
        ([(0, 30)], None),
        ([], None),
    ],
)
def test_relapse_on_the_madrs_is_two_high_ratings_so_many_days_apart(
    rated: list[tuple[int, float]], answer: bool | None
) -> None:
    """SUSTAIN-1: 22 or more twice in a row, 5 to 15 days apart (measures 3.2, recalled)."""
    madrs = scales()["madrs"]
    mark = next(each for each in madrs.marks if each.id == "relapse-sustain-1")

    assert relapsed(scale=madrs, mark=mark, ratings=_course(*rated)) is answer


def test_relapse_needs_times() -> None:
    madrs = scales()["madrs"]
    mark = next(each for each in madrs.marks if each.id == "relapse-sustain-1")

    with pytest.raises(IncomparableError, match="have a time"):
        relapsed(scale=madrs, mark=mark, ratings=[Rating("madrs", 30)])


@pytest.mark.parametrize(
    ("reliability", "sd", "points"),
    [
        (0.84, 5.6, 6.2),
        (0.84, 6.0, 6.7),
        (0.89, 6.0, 5.5),
        (0.83, 4.8, 5.5),
        (0.92, 5.0, 3.9),
        (0.82, 13.5, 15.9),
        (0.82, 16.0, 18.8),
    ],
)
def test_a_reliable_change_is_worked_out_as_jacobson_and_truax_do(
    reliability: float, sd: float, points: float
) -> None:
    """The worked thresholds of the clinical dossiers, measures 3.4."""
    found = reliable_change(sd=sd, reliability=reliability, confidence=0.95, n=100)

    assert found.points == pytest.approx(points, abs=0.06)
    assert (found.sd, found.reliability, found.n) == (sd, reliability, 100)


def test_a_crosswalk_gives_a_range_and_its_standing() -> None:
    found = cross(crosswalk=crosswalks()["qids-to-hamd17"], value=11)

    assert (found.scale, found.least, found.greatest) == ("hamd17", 14, 15)
    assert found.label == "Approximate; for groups, not for one person"
    assert not found.doubtful
    assert not found.unverified


def test_a_doubtful_row_of_a_crosswalk_says_so() -> None:
    assert cross(crosswalk=crosswalks()["qids-to-hamd17"], value=14).doubtful


def test_only_the_anchors_of_the_promis_link_were_read() -> None:
    table = crosswalks()["phq9-to-promis-d"]

    assert [value for value in range(28) if not cross(crosswalk=table, value=value).unverified] == [
        5,
        10,
        15,
    ]


def test_nothing_is_interpolated_between_the_rows_of_a_crosswalk() -> None:
    with pytest.raises(NotInTableError, match="hamd17-to-madrs has no row for 15"):
        cross(crosswalk=crosswalks()["hamd17-to-madrs"], value=15)
