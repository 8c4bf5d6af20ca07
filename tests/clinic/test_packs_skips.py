"""Which questions an answer makes needless, what those that were not asked are, and lists of medicines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from overstory.engine.facts import Fact
from overstory.pathway.pack_facts import gather
from overstory.pathway.pack_replies import ReplyError, read_reply
from overstory.pathway.pack_skips import inferred, taken, unrecognized
from overstory.pathway.pack_values import Reply
from overstory.pathway.packs import read_pack
from tests.clinic.test_packs import (
    AT,
    KNOWLEDGE,
    PATIENT,
    REFUSED,
    UNSURE,
    facts_of,
    filled,
    keys,
    trial,
)

NO, YES = Reply(False), Reply(True)
CHILDREN = [
    ("depression", "can_become_pregnant", "pregnant"),
    ("depression", "can_become_pregnant", "uses_contraception"),
    ("before-tms", "can_become_pregnant", "pregnant"),
    ("depression", "seizure_ever", "epilepsy"),
    ("before-tms", "seizure_ever", "tms_induced_seizure_ever"),
    ("depression", "takes_mood_stabilizer", "takes_lithium"),
    ("before-tms", "takes_mood_stabilizer", "takes_lithium"),
    ("depression", "takes_antipsychotic", "takes_clozapine"),
    ("before-tms", "takes_antipsychotic", "takes_clozapine"),
]


@pytest.mark.parametrize(("pack", "parent", "child"), CHILDREN)
def test_the_child_of_a_no_is_not_asked_and_every_other_answer_asks_it(pack, parent, child):
    key = f"fact.{child}"

    assert key not in keys(pack, {f"fact.{parent}": NO})
    for reply in (YES, UNSURE, REFUSED):
        assert key in keys(pack, {f"fact.{parent}": reply}), reply
    assert key in keys(pack, {})


@pytest.mark.parametrize(("pack", "parent", "child"), CHILDREN)
def test_a_parent_is_asked_before_its_child(pack, parent, child):
    asked = keys(pack, {})

    assert asked.index(f"fact.{parent}") < asked.index(f"fact.{child}")


@pytest.mark.parametrize(
    ("parent", "still"),
    [
        # a TIA is no stroke, and nothing in the vocabulary says that the one follows from the other
        ("cardiovascular_event_ever", "stroke_or_tia_ever"),
        # sterilised after a birth, one may breastfeed
        ("can_become_pregnant", "breastfeeding"),
        ("takes_mood_stabilizer", "takes_lamotrigine"),
        ("takes_oral_antidepressant", "takes_maoi"),
    ],
)
def test_what_does_not_follow_is_asked_after_a_no(parent, still):
    assert f"fact.{still}" in keys("depression", {f"fact.{parent}": NO})


def test_what_was_said_of_a_danger_stays_when_a_later_answer_does_not_fit_it():
    replies = {"fact.epilepsy": YES, "fact.seizure_ever": NO}
    found = facts_of("depression", replies)

    assert "fact.epilepsy" in keys("depression", replies)
    assert read_pack("depression", KNOWLEDGE).no_longer(replies) == ()
    assert found.facts["epilepsy"].value is True
    assert "epilepsy" not in found.skipped


def test_no_answer_that_is_unknown_leaves_any_question_out():
    for name in PATIENT:
        every = set(keys(name, {"own.agrees-to-questions": YES}))
        for key in every - {"own.agrees-to-questions", "trials.any"}:
            for reply in (UNSURE, REFUSED):
                replies = {"own.agrees-to-questions": YES, key: reply}
                assert set(keys(name, replies)) == every, (name, key)


def settled(pack: str, replies: dict[str, Reply], known: dict[str, Fact] | None = None):
    found = facts_of(pack, replies)
    return inferred(
        known={**found.facts, **(known or {})}, skipped=found.skipped, at=AT, knowledge=KNOWLEDGE
    )


def test_what_was_not_asked_is_known_by_the_answer_that_settled_it():
    found = settled("depression", {"fact.seizure_ever": NO, "fact.can_become_pregnant": NO})

    assert {name: fact.value for name, fact in found.items()} == {
        "epilepsy": False,
        "tms_induced_seizure_ever": False,
        "pregnant": False,
    }
    assert found["epilepsy"].origin == "follows from seizure_ever"
    assert found["epilepsy"].at == AT
    assert settled("depression", {"fact.seizure_ever": UNSURE}) == {}


def test_what_others_know_is_never_replaced_by_what_was_not_asked():
    replies = {"fact.seizure_ever": NO}

    said = settled("depression", replies, {"epilepsy": Fact(True, at=AT - timedelta(days=900))})
    gone = settled("depression", replies, {"seizure_ever": Fact(True, at=AT)})

    assert "epilepsy" not in said
    assert gone == {}


def test_a_questionnaire_of_another_day_settles_nothing_once_its_answer_was_changed():
    old = filled("depression", {"fact.seizure_ever": NO}, at=AT - timedelta(days=90))
    new = filled("before-tms", {"fact.seizure_ever": YES})
    found = gather(filled=[old, new], knowledge=KNOWLEDGE)

    assert inferred(known=found.facts, skipped=found.skipped, at=AT, knowledge=KNOWLEDGE) == {}


@pytest.mark.parametrize(
    "line",
    [
        "Lorazepam",
        "lorazepam 1 mg",
        "lorazepam 1 mg at night",
        "Lorazepam 0.5 mg twice a day",
        "lorazepam 1 mg as needed",
        "lorazepam 1 mg por la noche",
        "lorazepam 1 mg dos veces al día",
    ],
)
def test_a_medicine_on_the_list_is_not_asked_again(line):
    replies = {"medicines.now": Reply(line)}

    assert "fact.takes_benzodiazepine" not in keys("depression", replies)
    assert facts_of("depression", replies).facts["takes_benzodiazepine"].value is True
    assert unrecognized([line], KNOWLEDGE) == ()


@pytest.mark.parametrize(
    "line", ["stopped lorazepam last year", "no lorazepam", "allergic to lorazepam", "lorazepan"]
)
def test_a_line_that_says_more_than_a_medicine_is_left_to_a_nurse(line):
    assert taken([line], KNOWLEDGE) == {}
    assert unrecognized([line], KNOWLEDGE) == (line,)


def test_lithium_on_the_list_leaves_out_the_mood_stabilizer_too():
    replies = {"medicines.now": Reply("lithium 900 mg daily")}

    assert "fact.takes_mood_stabilizer" not in keys("depression", replies)
    assert "fact.takes_lithium" not in keys("depression", replies)


def page(key: str = "trials.1"):
    return read_pack("depression", KNOWLEDGE).question(key, {"trials.any": YES})


def test_no_more_medicines_never_throws_away_a_page_that_is_filled():
    reply = read_reply(page(), {"medicine": ["venlafaxine"], "dose_mg": ["225"], "end": ["yes"]})

    assert reply.value == {"medicine": "venlafaxine", "dose_mg": 225, "more": False}
    both = {"trials.any": YES, "trials.1": trial("sertraline", more=True), "trials.2": reply}
    assert [each.medicine for each in facts_of("depression", both).trials] == [
        "sertraline",
        "venlafaxine",
    ]


@pytest.mark.parametrize("written", [{"dose_mg": ["150"]}, {"outcome": ["no-response"]}])
def test_a_page_without_a_name_ends_the_list_only_when_it_is_said_so(written):
    with pytest.raises(ReplyError) as refused:
        read_reply(page(), {**written, "end": ["yes"]})

    assert (refused.value.why, refused.value.field) == ("name-it", "medicine")
    assert read_reply(page(), {**written, "end": ["clear"]}).value == {"end": True}
    assert read_reply(page(), {"medicine": [" "], "end": ["yes"]}).value == {"end": True}


@pytest.mark.parametrize(
    ("answer", "unit", "weeks"),
    [
        # a year has 365.25 days, a month a twelfth of it; weeks that are over count
        ("30", "weeks", 30),
        ("2.5", "weeks", 2.5),
        ("6", "months", 26),  # 182.625 days
        ("12", "months", 52),
        ("1", "years", 52),
        ("28", "years", 1461),  # 10227 days, exactly
        ("1.5", "years", 78),
        ("0", "months", 0),
    ],
)
def test_a_time_may_be_given_in_weeks_months_or_years_and_is_kept_in_weeks(answer, unit, weeks):
    for key in ("fact.current_episode_weeks", "fact.weeks_since_cardiovascular_event"):
        reply = read_reply(page(key), {"answer": [answer], "unit": [unit]})
        assert reply.value == weeks, key


def test_a_time_out_of_range_is_refused_in_the_unit_it_was_given_in():
    with pytest.raises(ReplyError) as refused:
        read_reply(page("fact.current_episode_weeks"), {"answer": ["120"], "unit": ["years"]})

    assert refused.value.why == "out-of-range"
    assert (refused.value.more["least"], refused.value.more["greatest"]) == (0, 99)  # 5200 weeks


def test_a_unit_that_is_none_and_a_unit_of_another_question_are_not_used():
    with pytest.raises(ReplyError):
        read_reply(page("fact.current_episode_weeks"), {"answer": ["2"], "unit": ["moons"]})

    days = read_reply(page("fact.weekdays_available"), {"answer": ["2"], "unit": ["years"]})
    assert days.value == 2


def test_the_parts_of_a_pack_are_counted_once_and_their_number_never_changes():
    pack = read_pack("depression", KNOWLEDGE)
    male = {"own.agrees-to-questions": YES, "fact.sex_at_birth": Reply("male")}
    shut = {"own.agrees-to-questions": NO}

    first = pack.place("own.agrees-to-questions", shut)
    assert (first.part, first.of, first.percent) == (1, 18, 0)
    assert {pack.place(each.key, male).of for each in pack.questions(male)} == {18}
    listed = pack.place("medicines.now", {}).part
    assert pack.place("fact.takes_lithium", {}).part == listed
    along = [pack.place(each.key, male).percent for each in pack.questions(male)]
    assert along == sorted(along)
    assert along[-1] < 100


def test_every_pack_has_a_name_of_its_own_for_staff():
    names = [each.name for each in KNOWLEDGE.sections["packs"]]

    assert len(set(names)) == len(names)
    assert {"PHQ-9 and GAD-7", "Suicide screen (C-SSRS)"} <= set(names)


def test_what_counts_as_talk_therapy_and_as_a_drink_is_said():
    asked = page("fact.adequate_psychotherapy_tried")
    drinks = read_pack("before-tms", KNOWLEDGE).question("audit_c.2", {})

    assert "as long as was planned" in asked.hint.en
    assert "12 ounces of regular beer" in drinks.hint.en
    # the wording of the instrument itself is untouched
    assert drinks.asks.en.startswith("How many standard drinks containing alcohol")


def test_a_time_without_a_unit_is_refused_with_all_that_is_wrong():
    with pytest.raises(ReplyError) as refused:
        read_reply(page("fact.current_episode_weeks"), {"answer": ["six"], "unit": [""]})

    assert [each.field for each in refused.value.all] == ["answer", "unit"]


@pytest.mark.parametrize(("dose", "weeks"), [("200 mg", "12 weeks"), ("200mg", "12 semanas")])
def test_a_dose_and_a_time_may_be_written_with_their_units(dose, weeks):
    given = {"medicine": ["sertraline"], "dose_mg": [dose], "weeks": [weeks]}

    value = read_reply(page(), given).value

    assert (value["dose_mg"], value["weeks"]) == (200, 12)


def test_months_are_refused_with_how_many_weeks_they_are_and_with_what_else_is_wrong():
    given = {"medicine": [""], "dose_mg": ["much"], "weeks": ["3 months"]}

    with pytest.raises(ReplyError) as refused:
        read_reply(page(), given)

    assert [each.field for each in refused.value.all] == ["medicine", "dose_mg", "weeks"]
    # 3 mean months of 30.4375 days are 13.04 weeks
    assert refused.value.all[2].more == {"written": "3 months", "weeks": 13}
