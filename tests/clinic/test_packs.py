"""Packs: which questions apply, which come next, what the answers say; walked through at random."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.clinic.intake.showing import words
from overstory.engine.facts import Unknown
from overstory.knowledge.load import load_knowledge
from overstory.pathway.intake import person as person_facts
from overstory.pathway.pack_alerts import raised_by
from overstory.pathway.pack_facts import Filled, Told, gather
from overstory.pathway.pack_replies import ReplyError, read_reply, shown
from overstory.pathway.pack_values import Question, Reply
from overstory.pathway.packs import PackError, packs, read_pack

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
KNOWLEDGE = load_knowledge()
PATIENT = [each.id for each in packs(knowledge=KNOWLEDGE, who="patient")]
STAFF = [each.id for each in packs(knowledge=KNOWLEDGE, who="staff")]
UNSURE = Reply(declined="not-sure")
REFUSED = Reply(declined="rather-not-say")


def filled(pack: str, replies: dict[str, Reply], *, at: datetime = AT, by: str = "by the patient"):
    return Filled("one", pack, {key: Told(reply, at, by) for key, reply in replies.items()})


def facts_of(pack: str, replies: dict[str, Reply]):
    return gather(filled=[filled(pack, replies)], knowledge=KNOWLEDGE)


def phq9(*values: int | None) -> dict[str, Reply]:
    return {
        f"phq9.{number}": REFUSED if value is None else Reply(value)
        for number, value in enumerate(values, start=1)
    }


def keys(pack: str, replies: dict[str, Reply]) -> list[str]:
    return [each.key for each in read_pack(pack, KNOWLEDGE).questions(replies)]


def test_the_phq9_shows_its_nine_items_and_no_item_whose_wording_is_not_on_file():
    assert keys("phq9", {}) == [f"phq9.{number}" for number in range(1, 10)]


def test_no_pack_for_patients_shows_a_scale_whose_licence_does_not_let_it():
    scales = {each.id: each for each in KNOWLEDGE.sections["scales"]}

    for name in PATIENT:
        for scale in read_pack(name, KNOWLEDGE).scales:
            assert scales[scale].licence.ship == "yes", (name, scale)


def test_staff_get_the_topics_of_the_cssrs_and_never_its_wording():
    pack = read_pack("suicide-screen", KNOWLEDGE)

    assert [each.asks.en for each in pack.questions({})][:2] == [
        "wish to be dead",
        "thoughts of suicide",
    ]


def test_the_phq9_is_asked_in_the_spanish_of_its_sheet_and_the_gad7_in_english():
    first = read_pack("phq9-gad7", KNOWLEDGE).question("phq9.9", {})
    other = read_pack("phq9-gad7", KNOWLEDGE).question("gad7.1", {})

    # the published Spanish sheet of the PHQ-9
    assert first.asks.es == (
        "Pensamientos de que estaría mejor muerto(a) o de lastimarse de alguna manera"
    )
    assert [each.says.es for each in first.choices] == [
        "Ningún día",
        "Varios días",
        "Más de la mitad de los días",
        "Casi todos los días",
    ]
    assert not first.english_only
    assert other.english_only
    assert other.asks.es == other.asks.en


def test_every_question_that_is_not_an_instruments_stands_in_both_languages():
    for name in [*PATIENT, *STAFF]:
        for each in read_pack(name, KNOWLEDGE).questions({}):
            assert each.asks.es, each.key
            assert each.english_only or each.asks.es != each.asks.en, each.key


def test_every_patients_fact_of_a_pack_is_one_that_patients_may_be_asked():
    # self-injury is asked of the patient by site policy, in the words of the vocabulary
    asked_apart = {"self_injury_within_3_months"}

    for name in PATIENT:
        for key in keys(name, {}):
            if key.startswith("fact.") and key.removeprefix("fact.") not in asked_apart:
                assert KNOWLEDGE.facts[key.removeprefix("fact.")].ask.who == "patient", key


@pytest.mark.parametrize(
    ("reply", "is_asked"),
    [
        (None, True),
        (Reply("female"), True),
        (Reply("intersex"), True),
        (Reply("male"), False),
        (UNSURE, True),
        (REFUSED, True),
    ],
)
def test_pregnancy_is_left_out_only_for_one_recorded_male_at_birth(reply, is_asked):
    replies = {} if reply is None else {"fact.sex_at_birth": reply}

    assert ("fact.pregnant" in keys("before-tms", replies)) is is_asked


def test_an_unsure_heart_event_still_asks_when_it_was():
    asked = keys("before-ketamine", {"fact.cardiovascular_event_ever": UNSURE})

    assert "fact.weeks_since_cardiovascular_event" in asked
    assert "fact.weeks_since_cardiovascular_event" not in keys(
        "before-ketamine", {"fact.cardiovascular_event_ever": Reply(False)}
    )


def test_who_does_not_drink_is_not_asked_how_much():
    assert keys("before-tms", {"audit_c.1": Reply(0)}).count("audit_c.2") == 0
    assert keys("before-tms", {"audit_c.1": Reply(1)}).count("audit_c.2") == 1
    assert keys("before-tms", {"audit_c.1": REFUSED}).count("audit_c.2") == 1


@pytest.mark.parametrize("reply", [Reply(False), REFUSED])
def test_without_agreement_nothing_more_is_asked(reply):
    assert keys("depression", {"own.agrees-to-questions": reply}) == ["own.agrees-to-questions"]


def test_an_answer_that_no_longer_applies_is_kept_and_not_used():
    replies = {
        "fact.cardiovascular_event_ever": Reply(False),
        "fact.weeks_since_cardiovascular_event": Reply(3),
    }
    pack = read_pack("before-ketamine", KNOWLEDGE)

    assert pack.no_longer(replies) == ("fact.weeks_since_cardiovascular_event",)
    assert "weeks_since_cardiovascular_event" not in facts_of("before-ketamine", replies).facts


def test_a_list_of_medicines_makes_facts_true_and_asks_for_the_others():
    replies = {"medicines.now": Reply("sertraline 100 mg\nsome unheard herb")}

    found = facts_of("depression", replies).facts
    assert found["takes_oral_antidepressant"].value is True
    assert found["takes_oral_antidepressant"].origin == (
        "medicines (sertraline) by the patient, 2026-11-23"
    )
    assert "takes_maoi" not in found
    assert "fact.takes_oral_antidepressant" not in keys("depression", replies)
    assert "fact.takes_maoi" in keys("depression", replies)


def test_an_empty_list_of_medicines_makes_nothing_false():
    assert facts_of("depression", {"medicines.now": Reply("")}).facts == {}


def test_a_whole_phq9_fills_its_total_and_item_9():
    found = facts_of("phq9", phq9(2, 2, 2, 2, 1, 1, 2, 0, 0))

    # row of the clinical dossiers: PHQ-9 2,2,2,2,1,1,2,0,0 is 12, moderate
    assert found.facts["phq9_total"].value == 12
    assert found.facts["phq9_item9"].value == 0
    assert found.scores[0].score.band == "moderate"


def test_a_phq9_with_an_item_refused_has_no_total_and_is_not_complete():
    found = facts_of("phq9", phq9(2, 2, 2, 2, 1, 1, 2, None, 0))

    assert found.facts["phq9_total"].unknown is Unknown.NOT_ANSWERED
    assert not found.scores[0].score.complete
    assert found.scores[0].score.prorated


def test_a_refused_item_9_is_not_answered_and_never_zero():
    found = facts_of("phq9", phq9(2, 2, 2, 2, 1, 1, 2, 0, None))

    assert found.facts["phq9_item9"].unknown is Unknown.NOT_ANSWERED
    assert "phq9_total" not in {n for n, fact in found.facts.items() if fact.is_known}


def test_a_phq9_half_done_says_nothing_of_its_total():
    assert "phq9_total" not in facts_of("phq9", phq9(1, 2, 3)).facts


def test_a_score_is_as_old_as_its_oldest_answer():
    told = {key: Told(reply, AT) for key, reply in phq9(1, 1, 1, 1, 1, 1, 1, 1, 0).items()}
    told["phq9.1"] = Told(Reply(1), AT - timedelta(days=9))

    found = gather(filled=[Filled("one", "phq9", told)], knowledge=KNOWLEDGE)

    assert found.facts["phq9_total"].at == AT - timedelta(days=9)


def test_items_of_two_forms_are_never_mixed_into_one_total():
    first = filled("phq9", phq9(1, 1, 1, 1, 1), at=AT - timedelta(days=3))
    second = Filled(
        "two", "phq9", {key: Told(Reply(1), AT) for key in ("phq9.6", "phq9.7", "phq9.8", "phq9.9")}
    )

    found = gather(filled=[first, second], knowledge=KNOWLEDGE)

    assert "phq9_total" not in found.facts
    assert found.facts["phq9_item9"].value == 1


def test_of_one_fact_the_newest_answer_holds_a_refusal_too():
    old = filled("before-tms", {"fact.pregnant": Reply(False)}, at=AT - timedelta(days=5))
    new = filled("before-tms", {"fact.pregnant": REFUSED})

    for forms in ([old, new], [new, old]):
        found = gather(filled=forms, knowledge=KNOWLEDGE)
        assert found.facts["pregnant"].unknown is Unknown.NOT_ANSWERED


def trial(medicine: str, *, more: bool, **fields) -> Reply:
    return Reply({"medicine": medicine, "more": more, **fields})


def test_a_finished_list_of_medicines_tried_is_the_ledger():
    known = {"dose_mg": 150, "weeks": 10, "episode": "current", "outcome": "no-response"}
    found = facts_of(
        "depression",
        {
            "trials.any": Reply(True),
            "trials.1": trial("sertraline", more=True, **known),
            "trials.2": trial("venlafaxine", more=False, dose_mg=225, weeks=8, episode="current"),
        },
    )

    assert [each.medicine for each in found.trials] == ["sertraline", "venlafaxine"]
    assert found.trials[0].dose_mg == 150
    assert found.trials[1].outcome == "unknown"
    assert found.unfinished == ()


@pytest.mark.parametrize(
    "last", [{}, {"trials.2": REFUSED}, {"trials.2": trial("venlafaxine", more=True)}]
)
def test_a_list_left_open_counts_as_nothing_yet(last):
    replies = {"trials.any": Reply(True), "trials.1": trial("sertraline", more=True), **last}

    found = facts_of("depression", replies)

    assert found.trials == ()
    assert found.unfinished[0].medicine == "sertraline"
    assert found.facts["failed_antidepressant_trials"].unknown is Unknown.NOT_ANSWERED


def test_a_page_that_was_filled_is_not_lost_when_an_earlier_one_says_it_was_the_last():
    replies = {
        "trials.any": Reply(True),
        "trials.1": trial("sertraline", more=False),
        "trials.2": trial("venlafaxine", more=False),
    }

    assert [each.medicine for each in facts_of("depression", replies).trials] == [
        "sertraline",
        "venlafaxine",
    ]


def test_no_medicine_ever_is_no_failed_trial():
    found = facts_of("depression", {"trials.any": Reply(False)})

    assert found.facts["failed_antidepressant_trials"].value == 0
    assert (
        facts_of("depression", {"trials.any": UNSURE}).facts["failed_antidepressant_trials"].unknown
        is Unknown.NOT_ANSWERED
    )


def medicines(replies: dict[str, Reply], *, days_ago: int = 0) -> Filled:
    return filled("depression", replies, at=AT - timedelta(days=days_ago))


@pytest.mark.parametrize(
    "newer",
    [
        {"trials.any": UNSURE},
        {"trials.any": REFUSED},
        {"trials.any": Reply(True)},
        {"trials.any": Reply(True), "trials.1": trial("sertraline", more=True)},
    ],
)
def test_never_any_medicine_does_not_hold_against_a_newer_list_that_is_open(newer):
    never = medicines({"trials.any": Reply(False)}, days_ago=30)
    later = medicines(newer)

    for forms in ([never, later], [later, never]):
        found = gather(filled=forms, knowledge=KNOWLEDGE)

        assert found.facts["failed_antidepressant_trials"].unknown is Unknown.NOT_ANSWERED
        assert found.facts["failed_antidepressant_trials"].at == AT
        assert found.trials == ()
        assert [each.medicine for each in found.unfinished] == (
            ["sertraline"] if "trials.1" in newer else []
        )


def test_a_whole_list_of_medicines_stands_until_a_newer_one_is_whole():
    whole = medicines(
        {"trials.any": Reply(True), "trials.1": trial("sertraline", more=False)}, days_ago=30
    )
    open_one = medicines({"trials.any": UNSURE}, days_ago=3)
    never = medicines({"trials.any": Reply(False)}, days_ago=1)

    assert [each.medicine for each in gather(filled=[whole, open_one], knowledge=KNOWLEDGE).trials]
    found = gather(filled=[whole, open_one, never], knowledge=KNOWLEDGE)
    assert found.trials == ()
    assert found.facts["failed_antidepressant_trials"].value == 0


@pytest.mark.parametrize(
    "newer",
    [phq9(2, 2, 2, 2, 1, 1, 2, None, 0), phq9(None, None), phq9(*[None] * 9)],
)
def test_a_refused_form_is_newer_than_an_older_total(newer):
    old = filled("phq9", phq9(2, 2, 2, 2, 1, 1, 2, 0, 0), at=AT - timedelta(days=14))
    new = Filled("two", "phq9", {key: Told(reply, AT) for key, reply in newer.items()})

    for forms in ([old, new], [new, old]):
        total = gather(filled=forms, knowledge=KNOWLEDGE).facts["phq9_total"]
        assert total.unknown is Unknown.NOT_ANSWERED
        assert total.at == AT
        assert total.origin == "PHQ-9 by the patient, 2026-11-23"


def test_a_total_newer_than_a_refused_form_holds():
    old = filled("phq9", phq9(*[None] * 9), at=AT - timedelta(days=14))
    new = Filled(
        "two",
        "phq9",
        {key: Told(each, AT) for key, each in phq9(2, 2, 2, 2, 1, 1, 2, 0, 0).items()},
    )

    # row of the clinical dossiers: PHQ-9 2,2,2,2,1,1,2,0,0 is 12, moderate
    assert gather(filled=[old, new], knowledge=KNOWLEDGE).facts["phq9_total"].value == 12


@pytest.mark.parametrize(
    ("answers", "level", "intent"),
    [
        # the triage of the C-SSRS screener; rows of the clinical dossiers
        ({"q1": 0, "q2": 0, "q6": 0}, "none", False),
        ({"q1": 1, "q2": 0, "q6": 0}, "low", False),
        ({"q1": 1, "q2": 1, "q3": 1, "q4": 0, "q5": 0, "q6": 0}, "moderate", False),
        ({"q1": 1, "q2": 1, "q3": 1, "q4": 1, "q5": 0, "q6": 0}, "high", True),
        ({"q1": 0, "q2": 0}, None, False),
        ({"q2": 1}, None, None),
        ({"q4": 1, "q2": 1}, "high", True),
    ],
)
def test_a_cssrs_screen_fills_its_level_and_intent(answers, level, intent):
    replies = {f"cssrs_screen.{item}": Reply(value) for item, value in answers.items()}

    found = facts_of("suicide-screen", replies).facts

    assert found["cssrs_risk"].value == level
    assert found["suicidal_intent"].value is intent


def alerts(key: str, replies: dict[str, Reply]) -> list[tuple[str, str]]:
    before = {name: reply for name, reply in replies.items() if name != key}
    found = raised_by(key=key, before=before, after=replies, knowledge=KNOWLEDGE)
    return [(each.kind, each.tier) for each in found]


@pytest.mark.parametrize(("value", "kinds"), [(0, []), (1, ["item-9"]), (3, ["item-9"])])
def test_an_item_9_above_zero_alerts_whatever_else_is_answered(value, kinds):
    assert [kind for kind, _ in alerts("phq9.9", {"phq9.9": Reply(value)})] == kinds


def test_a_refused_item_9_alerts_nobody_and_another_item_alerts_not_again():
    assert alerts("phq9.9", {"phq9.9": REFUSED}) == []
    assert alerts("phq9.8", {"phq9.9": Reply(1), "phq9.8": Reply(3)}) == []


def test_self_injury_alerts_apart_from_thoughts_of_suicide():
    assert alerts("own.self-injury-now", {"own.self-injury-now": Reply(True)}) == [
        ("self-injury", "unscreened")
    ]
    assert alerts("own.self-injury-now", {"own.self-injury-now": Reply(False)}) == []
    key = "fact.self_injury_within_3_months"
    assert alerts(key, {key: Reply(True)}) == [("self-injury", "unscreened")]


def test_a_screen_alerts_when_it_rises_above_low():
    low = {"cssrs_screen.q1": Reply(1), "cssrs_screen.q2": Reply(1)}

    assert alerts("cssrs_screen.q2", low) == []
    assert alerts("cssrs_screen.q3", {**low, "cssrs_screen.q3": Reply(1)}) == [
        ("cssrs", "moderate")
    ]
    assert alerts("cssrs_screen.q4", {**low, "cssrs_screen.q4": Reply(1)}) == [("cssrs", "high")]
    assert alerts("asq.5", {"asq.1": Reply(1), "asq.5": Reply(1)}) == [("asq", "high")]
    assert alerts("asq.1", {"asq.1": Reply(2)}) == []  # 2: refused


def test_a_screen_left_open_alerts_as_not_screened():
    assert alerts("cssrs_screen.q6", {"cssrs_screen.q1": Reply(0), "cssrs_screen.q6": REFUSED}) == [
        ("cssrs", "unscreened")
    ]
    assert alerts("asq.1", {"asq.1": REFUSED}) == [("asq", "unscreened")]
    # high is certain whatever else is open
    high = {"cssrs_screen.q2": Reply(1), "cssrs_screen.q4": Reply(1)}
    assert alerts("cssrs_screen.q6", {**high, "cssrs_screen.q6": REFUSED}) == []


def fields_of(question: Question, pick) -> dict[str, list[str]]:
    """What a browser would send for an answer chosen at random."""
    if pick(4) == 0:
        return {"decline": ["rather-not-say"]}
    if question.kind in ("one-of", "yes-no"):
        return {"answer": [shown(question.choices[pick(len(question.choices))].value)]}
    if question.kind == "many-of":
        chosen = [str(each.value) for each in question.choices if pick(2)]
        return {"answer": chosen or ["none"]}
    if question.kind == "number":
        return {"answer": [f"{question.least or 0:g}"]}
    if question.kind == "medicines":
        return {"answer": ["sertraline\nlithium"]} if pick(2) else {"answer": [""], "none": ["yes"]}
    if question.kind == "trial":
        return {
            "medicine": [("sertraline", "bupropion", "a herb")[pick(3)]],
            "weeks": [str(pick(20))],
            "more": ["yes" if pick(3) == 0 else "no"],
        }
    return {"answer": ["words"]}


@pytest.mark.parametrize("name", [*PATIENT, *STAFF])
@settings(max_examples=8, deadline=None)
@given(seed=st.randoms(use_true_random=False))
def test_every_pack_reaches_its_end_whatever_is_answered(name, seed):
    pack, replies, key = read_pack(name, KNOWLEDGE), {}, None

    for _ in range(400):
        question = pack.next_after(key, replies)
        if question is None:
            break
        replies[question.key] = read_reply(question, fields_of(question, seed.randrange))
        key = question.key

    assert pack.next_after(None, replies) is None
    done = pack.progress(replies)
    assert done.done == done.of


@settings(max_examples=40, deadline=None)
@given(seed=st.randoms(use_true_random=False), name=st.sampled_from([*PATIENT, *STAFF]))
def test_what_was_refused_never_becomes_a_value(seed, name):
    pack, replies, key = read_pack(name, KNOWLEDGE), {}, None
    while (question := pack.next_after(key, replies)) is not None:
        replies[question.key] = read_reply(question, fields_of(question, seed.randrange))
        key = question.key

    found = facts_of(name, replies)
    person = person_facts(given=found.facts, trials=found.trials, at=AT, knowledge=KNOWLEDGE)

    for asked, reply in pack.applying(replies).items():
        if asked.startswith("fact.") and reply.declined:
            assert not found.facts[asked.removeprefix("fact.")].is_known
    for fact in found.facts:
        assert fact in person.vocabulary


def test_a_question_that_is_not_asked_is_refused():
    with pytest.raises(PackError):
        read_pack("phq9", KNOWLEDGE).question("gad7.1", {})


@pytest.mark.parametrize(
    ("key", "fields", "why"),
    [
        ("phq9.1", {}, "choose-one"),
        ("phq9.1", {"answer": ["7"]}, "not-a-choice"),
        ("phq9.1", {"answer": ["not-sure"]}, "not-a-choice"),
        ("fact.current_episode_weeks", {"answer": ["many"]}, "write-a-number"),
        ("fact.current_episode_weeks", {"answer": ["nan"]}, "write-a-number"),
        ("fact.current_episode_weeks", {"answer": ["5201"]}, "out-of-range"),
        ("own.drugs-last-year", {}, "choose-some"),
        ("own.drugs-last-year", {"answer": ["none", "cannabis"]}, "none-and-some"),
        ("medicines.now", {"answer": [""]}, "list-or-none"),
        ("own.anything-else", {"answer": ["x" * 4001]}, "too-long"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_its_reason(key, fields, why):
    question = read_pack("depression", KNOWLEDGE).question(key, {})

    with pytest.raises(ReplyError) as refused:
        read_reply(question, fields)

    assert refused.value.why == why


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"medicine": [""]}, "name-it"),
        ({"medicine": ["x"], "dose_mg": ["0"]}, "write-a-number"),
        ({"medicine": ["x"], "weeks": ["-1"]}, "out-of-range"),
        ({"medicine": ["x"], "dose_mg": ["1,500"]}, "write-a-number"),
        ({"medicine": ["x"], "dose_mg": ["1,500,000"]}, "write-a-number"),
        ({"medicine": ["x"], "dose_mg": ["1,500.5"]}, "write-a-number"),
    ],
)
def test_a_medicine_tried_that_cannot_be_is_refused(fields, why):
    replies = {"trials.any": Reply(True)}
    question = read_pack("depression", KNOWLEDGE).question("trials.1", replies)

    with pytest.raises(ReplyError) as refused:
        read_reply(question, fields)

    assert refused.value.why == why


@pytest.mark.parametrize(
    ("text", "dose_mg"), [("1500", 1500), ("7,5", 7.5), ("37,25", 37.25), ("0.125", 0.125)]
)
def test_a_comma_is_a_decimal_one_unless_three_digits_follow_it(text, dose_mg):
    question = read_pack("depression", KNOWLEDGE).question("trials.1", {"trials.any": Reply(True)})

    reply = read_reply(question, {"medicine": ["x"], "dose_mg": [text]})

    assert reply.value["dose_mg"] == dose_mg


def test_a_number_with_a_separator_is_refused_with_what_would_be_right():
    for language, without in (("en", "1500, not 1,500"), ("es", "1500, no 1,500")):
        said = words(language)("errors.write-a-number")

        assert without in said


def test_a_fact_that_an_earlier_release_of_the_pack_asked_for_is_still_used():
    found = facts_of("phq9", {"fact.pregnant": Reply(True)})

    assert found.facts["pregnant"].value is True
    assert read_pack("phq9", KNOWLEDGE).no_longer({"fact.pregnant": Reply(True)}) == ()


def test_a_value_that_this_release_does_not_take_is_unknown_with_its_reason():
    found = facts_of("depression", {"fact.sex_at_birth": Reply("m")})

    assert found.facts["sex_at_birth"].unknown is Unknown.NOT_RECORDED
    assert "sex_at_birth is one of female, male, intersex" in found.facts["sex_at_birth"].origin
