"""The seam: from rows to facts, with what wins, what is unknown, and what is never guessed."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from overstory.clinic.care import actions
from overstory.clinic.care.facts import facts_of, gathered
from overstory.clinic.care.scores import score_pictures
from overstory.clinic.intake import giving, links
from overstory.clinic.people.permissions import Role
from overstory.engine.facts import FactValueError, Unknown
from overstory.knowledge.load import load_knowledge
from overstory.pathway.pack_values import Reply
from tests.clinic.conftest import make_person

KNOWLEDGE = load_knowledge()


@pytest.fixture
def nurse(staff):
    return staff(Role.NURSE)


@pytest.fixture
def say(person, nurse, at):
    """State a fact of the person; `ago` is how long before it was true, all recorded at `at`."""

    def state(name, value=None, unknown=None, ago=timedelta(), written=None, **more):
        statement = actions.Statement(
            id=uuid4(),
            kind=KNOWLEDGE.vocabulary[name],
            value=value,
            unknown=unknown,
            at=at - ago,
            origin="recorded by a nurse",
            **more,
        )
        return actions.state_fact(person=person, statement=statement, by=nurse, at=written or at)

    return state


def test_a_fact_stated_is_a_fact_with_its_time_and_origin(say, person, at):
    say("systolic_bp", 128, ago=timedelta(minutes=5))

    fact = facts_of(person, at, KNOWLEDGE)["systolic_bp"]

    assert (fact.value, fact.at, fact.origin) == (
        128, at - timedelta(minutes=5), "recorded by a nurse",
    )  # fmt: skip


def test_what_nobody_stated_is_not_asked(person, at):
    assert facts_of(person, at, KNOWLEDGE)["pregnant"].unknown is Unknown.NOT_ASKED


def test_what_was_true_last_wins_whatever_was_written_last(say, person, at):
    say("weight_kg", 80, ago=timedelta(days=1))
    say("weight_kg", 90, ago=timedelta(days=3))

    assert facts_of(person, at, KNOWLEDGE)["weight_kg"].value == 80


def test_of_two_of_the_same_moment_the_one_written_last_wins(say, person, at):
    say("weight_kg", 80, written=at)
    say("weight_kg", 81, written=at + timedelta(seconds=5))

    assert facts_of(person, at + timedelta(minutes=1), KNOWLEDGE)["weight_kg"].value == 81


def test_asked_and_not_known_takes_an_older_value_away(say, person, at):
    say("pregnant", False, ago=timedelta(days=2))
    say("pregnant", unknown=Unknown.NOT_ANSWERED)

    assert facts_of(person, at, KNOWLEDGE)["pregnant"].unknown is Unknown.NOT_ANSWERED


def test_false_and_zero_are_values(say, person, at):
    say("pregnant", False)
    say("phq9_total", 0)

    facts = facts_of(person, at, KNOWLEDGE)

    assert facts["pregnant"].value is False
    assert facts["phq9_total"].value == 0


def test_a_fact_taken_back_leaves_what_stood_before(say, person, nurse, at):
    say("weight_kg", 80, ago=timedelta(days=1))
    wrong = say("weight_kg", 180)

    actions.retract_fact(person=person, row=wrong, key=uuid4(), by=nurse, at=at)

    assert facts_of(person, at, KNOWLEDGE)["weight_kg"].value == 80


def test_a_fact_is_taken_back_once(say, person, nurse, at):
    wrong = say("weight_kg", 180)
    actions.retract_fact(person=person, row=wrong, key=uuid4(), by=nurse, at=at)

    with pytest.raises(actions.NothingToRetractError):
        actions.retract_fact(person=person, row=wrong, key=uuid4(), by=nurse, at=at)


def test_a_correction_stands_instead_of_the_row_that_was_wrong(say, person, at):
    wrong = say("weight_kg", 180)

    say("weight_kg", 80, ago=timedelta(hours=1), corrects=wrong)

    assert facts_of(person, at, KNOWLEDGE)["weight_kg"].value == 80


def test_a_pressure_of_last_month_is_stale(say, person, at):
    say("systolic_bp", 128, ago=timedelta(days=60))

    assert facts_of(person, at, KNOWLEDGE)["systolic_bp"].unknown is Unknown.STALE


def test_what_was_written_later_is_not_known_before(say, person, at):
    say("weight_kg", 80)

    assert not facts_of(person, at - timedelta(hours=1), KNOWLEDGE)["weight_kg"].is_known


def test_a_value_out_of_range_is_refused_at_the_door(say):
    with pytest.raises(FactValueError, match="between"):
        say("weight_kg", 900)


def test_what_is_true_only_tomorrow_is_refused(say):
    with pytest.raises(FactValueError, match="later"):
        say("weight_kg", 80, ago=timedelta(days=-1))


def test_the_age_comes_from_the_birth_date(person, at):
    fact = facts_of(person, at, KNOWLEDGE)["age_years"]

    assert (fact.value, fact.origin) == (44, "from the birth date")


def test_the_age_is_that_of_the_day_at_the_site(person, at):
    person.birth_date = at.date().replace(year=1982) + timedelta(days=1)

    five_utc_is_midnight = at.replace(hour=4, minute=30) + timedelta(days=1)

    assert facts_of(person, five_utc_is_midnight, KNOWLEDGE)["age_years"].value == 43
    assert (
        facts_of(person, five_utc_is_midnight + timedelta(hours=1), KNOWLEDGE)["age_years"].value
        == 44
    )


def test_without_a_birth_date_the_age_is_what_was_stated(person, say, at):
    person.birth_date = None
    person.save()
    say("age_years", 51)

    assert facts_of(person, at, KNOWLEDGE)["age_years"].value == 51


def test_a_birth_date_in_the_future_is_no_age(person, at):
    person.birth_date = at.date() + timedelta(days=400)

    assert facts_of(person, at, KNOWLEDGE)["age_years"].unknown is Unknown.CONFLICTING


def test_nothing_about_a_person_says_their_sex(person, at):
    assert not facts_of(person, at, KNOWLEDGE)["sex_at_birth"].is_known


def test_facts_of_a_merged_row_are_the_kept_persons(person, clinic, site, say, nurse, at):
    from tests.clinic.conftest import make_person

    twin = make_person(clinic, site, merged_into=person)
    statement = actions.Statement(
        id=uuid4(), kind=KNOWLEDGE.vocabulary["weight_kg"], value=77, unknown=None, at=at,
        origin="x",
    )  # fmt: skip
    actions.state_fact(person=twin, statement=statement, by=nurse, at=at)

    assert facts_of(person, at, KNOWLEDGE)["weight_kg"].value == 77


def test_a_stated_fact_is_sealed_in_the_database(say, person):
    from django.db import connection

    say("suicide_attempt_within_3_months", True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM care_statedfact")
        assert b"true" not in bytes(cursor.fetchone()[0])


def test_one_stated_while_the_page_was_open_is_not_overwritten(say, at):
    say("weight_kg", 80, ago=timedelta(minutes=1))

    with pytest.raises(actions.ChangedMeanwhileError):
        say("weight_kg", 81, seen="")


def test_the_same_statement_sent_twice_is_one_row(person, nurse, at):
    statement = actions.Statement(
        id=uuid4(), kind=KNOWLEDGE.vocabulary["pregnant"], value=False, unknown=None, at=at,
        origin="x", seen="",
    )  # fmt: skip
    for _ in range(2):
        actions.state_fact(person=person, statement=statement, by=nurse, at=at)

    assert person.stated_facts.count() == 1


def trial(medicine, **fields):
    given = {"dose_mg": 200, "weeks": 12, "episode": "current", "outcome": "no-response"}
    return actions.TrialStatement(
        uuid4(), {"medicine": medicine, **given, **fields}, fields.pop("whole", False)
    )


def test_a_list_that_is_not_whole_counts_at_least(person, nurse, at):
    for medicine in ("sertraline", "venlafaxine"):
        actions.state_trial(
            person=person,
            statement=actions.TrialStatement(
                uuid4(),
                {"medicine": medicine, "dose_mg": 225, "weeks": 12, "episode": "current",
                 "outcome": "no-response", "adherence_percent": 95},
            ),
            by=nurse,
            at=at,
        )  # fmt: skip

    found = gathered(person, at, KNOWLEDGE)

    assert not found.trials_are_whole
    assert found.facts["failed_antidepressant_trials"].value == 2
    assert not found.facts["failed_augmentation_trials"].is_known


def test_one_trial_on_a_list_that_is_not_whole_is_not_one_trial_ever(person, nurse, at):
    actions.state_trial(person=person, statement=trial("sertraline"), by=nurse, at=at)

    assert not facts_of(person, at, KNOWLEDGE)["failed_antidepressant_trials"].is_known


def answered(person, nurse, moment, values):
    """Fill a PHQ-9 as the patient does, one value an item."""
    form = links.begin(person=person, pack="phq9", by=nurse, at=moment)
    for item, value in enumerate(values, 1):
        giving.give(
            questionnaire=form, question=f"phq9.{item}", reply=Reply(value),
            giver=giving.Giver("link:invented"), at=moment, seen=None,
        )  # fmt: skip


def test_an_answer_of_the_patient_is_a_fact(person, nurse, at):
    answered(person, nurse, at - timedelta(days=1), [1] * 9)

    assert facts_of(person, at, KNOWLEDGE)["phq9_total"].value == 9


def test_what_staff_stated_later_stands_before_an_answer(person, nurse, say, at):
    answered(person, nurse, at - timedelta(days=1), [1] * 9)
    say("phq9_total", 12)

    assert facts_of(person, at, KNOWLEDGE)["phq9_total"].value == 12


def test_an_answer_given_later_stands_before_what_staff_stated(person, nurse, say, at):
    say("phq9_total", 12, ago=timedelta(days=3))
    answered(person, nurse, at - timedelta(days=1), [1] * 9)

    assert facts_of(person, at, KNOWLEDGE)["phq9_total"].value == 9


def test_scores_are_drawn_with_their_direction_and_said_in_a_sentence(person, nurse, at):
    answered(person, nurse, at - timedelta(weeks=4), [2] * 9)
    answered(person, nurse, at - timedelta(days=1), [1, 1, 1, 1, 0, 0, 0, 0, 0])
    found = gathered(person, at, KNOWLEDGE)

    picture = score_pictures(found.scores, knowledge=KNOWLEDGE, zone="America/New_York")[0]

    # 18 to 4: 14 points, 78 percent; below 5 is remission (phq9.yaml, from McMillan 2010).
    assert picture.says == (
        "PHQ-9 is 4 (minimal), 14 points better (78 %) since the first of 2: in remission."
    )
    assert "lower is better" in picture.picture
    assert "remission: below 5" in picture.picture
    assert f'aria-label="{picture.says}"' in picture.picture


def test_a_correction_of_a_trial_stands_instead_of_it(person, nurse, at):
    wrong = actions.state_trial(person=person, statement=trial("sertraline"), by=nurse, at=at)
    actions.state_trial(
        person=person,
        statement=actions.TrialStatement(uuid4(), {"medicine": "fluoxetine"}, corrects=wrong),
        by=nurse,
        at=at,
    )

    assert [each.medicine for each in gathered(person, at, KNOWLEDGE).trials] == ["fluoxetine"]


def test_a_trial_is_taken_back_once(person, nurse, at):
    row = actions.state_trial(person=person, statement=trial("sertraline"), by=nurse, at=at)
    actions.retract_trial(person=person, row=row, key=uuid4(), by=nurse, at=at)

    assert gathered(person, at, KNOWLEDGE).trials == ()
    with pytest.raises(actions.NothingToRetractError):
        actions.retract_trial(person=person, row=row, key=uuid4(), by=nurse, at=at)


def test_a_fact_of_an_earlier_release_is_said_and_not_used(person, say, at):
    row = say("weight_kg", 80)
    type(row).objects.filter(pk=row.pk).update(name="shoe_size")

    found = gathered(person, at, KNOWLEDGE)

    assert any("shoe_size" in each.why for each in found.left_out)


def test_a_correction_that_is_taken_back_leaves_what_it_corrected(say, person, nurse, at):
    first = say("weight_kg", 80)
    correction = say("weight_kg", 180, ago=timedelta(hours=1), corrects=first)

    actions.retract_fact(person=person, row=correction, key=uuid4(), by=nurse, at=at)

    assert facts_of(person, at, KNOWLEDGE)["weight_kg"].value == 80
    actions.retract_fact(person=person, row=first, key=uuid4(), by=nurse, at=at)
    assert facts_of(person, at, KNOWLEDGE)["weight_kg"].unknown is Unknown.NOT_ASKED


def test_a_correction_of_a_trial_that_is_taken_back_leaves_the_trial(person, nurse, at):
    first = actions.state_trial(person=person, statement=trial("sertraline"), by=nurse, at=at)
    wrong = actions.state_trial(
        person=person,
        statement=actions.TrialStatement(uuid4(), {"medicine": "fluoxetine"}, corrects=first),
        by=nurse,
        at=at,
    )

    actions.retract_trial(person=person, row=wrong, key=uuid4(), by=nurse, at=at)

    assert [each.medicine for each in gathered(person, at, KNOWLEDGE).trials] == ["sertraline"]


def test_a_key_that_was_used_for_another_trial_is_refused(person, nurse, at, clinic, site):
    statement = trial("sertraline")
    actions.state_trial(person=person, statement=statement, by=nurse, at=at)
    again = actions.state_trial(person=person, statement=statement, by=nurse, at=at)
    others = make_person(clinic, site, legal_name="Otto Other")

    for whose, fields in ((person, {"medicine": "fluoxetine"}), (others, statement.fields)):
        with pytest.raises(actions.OtherContentError):
            actions.state_trial(
                person=whose,
                statement=actions.TrialStatement(statement.id, fields),
                by=nurse,
                at=at,
            )

    assert [each.pk for each in person.stated_trials.all()] == [again.pk]
    assert not others.stated_trials.exists()
