"""The figures of a population are those that asking the bedside about each person comes to."""

import itertools
from collections import Counter
from functools import cache

import polars as pl
import pytest

from overstory.engine.facts import Fact
from overstory.knowledge.answering import answer_of
from overstory.knowledge.load import load_knowledge
from overstory.panel.compiling import compile_program
from overstory.panel.population.hiding import with_small_cells_hidden
from overstory.panel.running import PanelRun, compact
from overstory.pathway.deciding import deciding_rules
from overstory.pathway.intake import person
from overstory.pathway.suitability import TREATMENTS, assess
from overstory.pathway.verdicts import Verdict
from tests.panel.oracle import after_the_door, table_of
from tests.panel.random_people import AT, random_rows
from tests.people import CONTENT

KNOWLEDGE = load_knowledge()
PERMITTING = ("with-conditions", "suitable")
HOLDING_BACK = ("contraindication", "defer", "requires", "indication")


@cache
def rows():
    """Random people, and the people of the vignettes with a few facts each taken away."""
    known = {name: (value, None) for name, value in CONTENT["base"].items() if value is not None}
    thinned = [
        {n: each for place, (n, each) in enumerate(known.items()) if (place * 7 + gap) % 41 > size}
        for gap in range(41)
        for size in (-1, 0, 1, 3)
    ]
    return [*random_rows(120, seed="population", dated=False), *thinned]


@cache
def run_and_answers():
    program = compile_program(knowledge=KNOWLEDGE, jurisdiction="US", at=AT)
    run = PanelRun(program)
    table = table_of(rows(), vocabulary=KNOWLEDGE.vocabulary, dated=False)
    answers = pl.concat(list(run.answered(table.iter_slices(50))))
    return run, answers


@cache
def figures():
    return run_and_answers()[0].figures(name="people", where=None)


@cache
def bedside():
    """For each person the facts and the assessment, asked one by one."""
    found = []
    for row in rows():
        given = after_the_door(row, knowledge=KNOWLEDGE, at=AT)
        facts = person(given=given, at=AT, knowledge=KNOWLEDGE)
        found.append((facts, assess(patient="one", facts=facts, knowledge=KNOWLEDGE)))
    return found


def of(treatment):
    return next(each for each in figures()["treatments"] if each["treatment"] == treatment)


def assessed(treatment):
    return [
        next(each for each in found.treatments if each.treatment == treatment)
        for _, found in bedside()
    ]


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_verdicts_are_counted(treatment):
    expected = Counter(str(each.verdict) for each in assessed(treatment))

    assert {k: n for k, n in of(treatment)["verdicts"].items() if n} == expected
    assert sum(expected.values()) == figures()["people"] == len(rows())


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_attrition_names_each_rule_with_those_it_holds_for_takes_first_and_takes_alone(treatment):
    held, removed, alone = Counter(), Counter(), Counter()
    order = list(run_and_answers()[0].program.decided[treatment])
    for each in assessed(treatment):
        deciding = sorted(deciding_rules(each), key=order.index)
        for place, rule in enumerate(deciding):
            key = (str(each.verdict), rule)
            held[key] += 1
            removed[key] += place == 0
            alone[key] += len(deciding) == 1

    found = of(treatment)
    steps = [*found["attrition"], {"step": "with-conditions", "rules": found["conditions"]}]
    told = {(step["step"], rule["id"]): rule for step in steps for rule in step["rules"]}
    assert {key: rule["held"] for key, rule in told.items()} == held
    assert {key: rule["removed"] for key, rule in told.items()} == {k: removed[k] for k in held}
    assert {key: rule["alone"] for key, rule in told.items()} == {k: alone[k] for k in held}
    for step in found["attrition"]:
        assert step["before"] - step["removed"] == step["after"]
        assert step["removed"] == sum(rule["removed"] for rule in step["rules"])
    assert found["attrition"][-1]["after"] == found["would_qualify"]["now"]


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_open_questions_are_counted_by_fact_and_by_person(treatment):
    asks = [each.asks for each in assessed(treatment)]

    asked = {each["fact"]: each["people"] for each in of(treatment)["asked"]}
    assert asked == Counter(fact for each in asks for fact in each)
    assert of(treatment)["open_questions"] == {
        str(number): count for number, count in sorted(Counter(map(len, asks)).items())
    }


def waiting_for(facts, each):
    """The facts that the unknown rules ask for which hold a verdict back."""
    if each.verdict is not Verdict.CANNOT_SAY_YET:
        return set()
    rules = [KNOWLEDGE.rule(rule) for rule in deciding_rules(each)]
    assert all(rule.kind in HOLDING_BACK for rule in rules)
    return {fact for rule in rules for fact in answer_of(rule, facts).asks}


def test_a_fact_settles_the_verdicts_that_wait_for_it_alone():
    settles, blocks = Counter(), Counter()
    for facts, found in bedside():
        for each in found.treatments:
            waiting = waiting_for(facts, each)
            blocks.update(waiting)
            settles.update(waiting if len(waiting) == 1 else ())

    told = {each["fact"]: each for each in figures()["missing_facts"]}
    assert {fact: each["blocks"] for fact, each in told.items()} == blocks
    assert {fact: each["settles"] for fact, each in told.items() if each["settles"]} == settles
    assert sum(settles.values()) > 20
    ranks = [(each["settles"], each["blocks"]) for each in figures()["missing_facts"]]
    assert ranks == sorted(ranks, reverse=True)


def test_whatever_the_answer_is_a_fact_that_settles_does_settle():
    tried = 0
    for facts, found in bedside():
        for each in found.treatments:
            waiting = waiting_for(facts, each)
            if len(waiting) != 1:
                continue
            (name,) = waiting
            for value in possible(KNOWLEDGE.vocabulary[name]):
                known = facts.with_facts({name: Fact(value)})
                again = assess(
                    patient="one", facts=known, knowledge=KNOWLEDGE, treatments=[each.treatment]
                )
                assert again.treatments[0].verdict is not Verdict.CANNOT_SAY_YET
                tried += 1
    assert tried > 50


def possible(kind):
    if kind.kind == "bool":
        return (True, False)
    return kind.codes or (kind.least, (kind.least + kind.greatest) / 2, kind.greatest)


def test_the_route_settles_a_verdict_when_all_it_waits_for_was_asked():
    route = [each["fact"] for each in figures()["route"]]

    waiting = [waiting_for(facts, each) for facts, found in bedside() for each in found.treatments]
    for place, each in enumerate(figures()["route"], start=1):
        asked = set(route[:place])
        assert each["settled"] == sum(bool(one) and one <= asked for one in waiting)
    assert figures()["route"][-1]["settled"] == sum(map(bool, waiting))


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_who_would_qualify_if_every_remaining_answer_were_no(treatment):
    bools = [name for name, kind in KNOWLEDGE.vocabulary.items() if kind.kind == "bool"]

    count = 0
    for facts, _ in bedside():
        no = {name: Fact(False) for name in bools if not facts[name].is_known}
        again = assess(
            patient="one", facts=facts.with_facts(no), knowledge=KNOWLEDGE, treatments=[treatment]
        )
        count += str(again.treatments[0].verdict) in PERMITTING

    assert of(treatment)["would_qualify"]["if_every_answer_is_no"] == count


def at_best(each):
    """Whether a verdict would permit if no unknown obstacle held and what is open were met."""
    if each.parts:
        return None
    if str(each.verdict) in PERMITTING:
        return True
    indicated = any(one.answer for one in each.rules if one.rule.kind == "indication")
    return each.verdict is Verdict.CANNOT_SAY_YET and indicated


def test_who_would_qualify_at_best():
    singles = {name: list(map(at_best, assessed(name))) for name in TREATMENTS[:-1]}
    waits = [each.verdict not in SETTLED_OR_NOT_NOW for each in assessed("ketamine-then-tms")]
    parts = zip(waits, singles["tms"], singles["esketamine"], singles["ketamine-iv"], strict=True)
    both = [wait and tms and (nasal or iv) for wait, tms, nasal, iv in parts]

    found = {
        each["treatment"]: each["would_qualify"]["at_best"] for each in figures()["treatments"]
    }
    assert found == {
        **{name: sum(best) for name, best in singles.items()},
        "ketamine-then-tms": sum(both),
    }


SETTLED_OR_NOT_NOW = (Verdict.CONTRAINDICATED, Verdict.NOT_INDICATED, Verdict.NOT_NOW)


def test_safety_levels_are_counted():
    expected = Counter(found.safety.level for _, found in bedside())

    assert {level: n for level, n in figures()["safety"].items() if n} == expected
    assert expected["high"]
    assert expected["unknown"]


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_survivors_are_described_at_each_step(treatment):
    order = [str(verdict) for verdict in Verdict]
    for place, step in enumerate(of(treatment)["characteristics"]):
        left = [
            facts
            for (facts, _), each in zip(bedside(), assessed(treatment), strict=True)
            if str(each.verdict) in order[place:]
        ]
        assert step["people"] == len(left)
        for told in step["facts"]:
            values = [facts[told["fact"]].value for facts in left]
            known = [value for value in values if value is not None]
            assert (told["known"], told["unknown"]) == (len(known), len(values) - len(known))
            if "values" in told:
                words = Counter({True: "yes", False: "no"}.get(v, v) for v in known)
                assert {k: n for k, n in told["values"].items() if n} == words
            elif known:
                assert told["mean"] == round(sum(known) / len(known), 1)
                ordered = sorted(value // 1 for value in known)
                assert told["median"] == ordered[(len(ordered) + 1) // 2 - 1]


def test_each_person_gets_the_verdict_what_decided_it_and_what_it_asks():
    run, answers = run_and_answers()

    table = compact(answers, run.program, with_safety=True)

    assert table.columns[:4] == ["id", "esketamine", "esketamine.decided_by", "esketamine.asks"]
    for number, (row, (_, found)) in enumerate(
        zip(table.iter_rows(named=True), bedside(), strict=True)
    ):
        assert row["id"] == f"row-{number}"
        assert row["safety.level"] == found.safety.level
        for each in found.treatments:
            assert row[each.treatment] == str(each.verdict)
            assert row[f"{each.treatment}.decided_by"] == list(deciding_rules(each))
            assert row[f"{each.treatment}.asks"] == list(each.asks)


def cells(told):
    """Every count in figures: `(path, count)`."""
    if isinstance(told, dict):
        for key, value in told.items():
            if key not in ("mean", "median", "q1", "q3", "small_cells_hidden_below"):
                yield from (((key, *path), n) for path, n in cells(value))
    elif isinstance(told, list):
        for number, value in enumerate(told):
            yield from (((number, *path), n) for path, n in cells(value))
    elif isinstance(told, int) and not isinstance(told, bool):
        yield (), told


def test_small_cells_are_hidden_and_never_one_alone():
    shown = with_small_cells_hidden(figures())

    assert any(0 < count < 11 for _, count in cells(figures()))
    assert [path for path, count in cells(shown) if 0 < count < 11] == []
    for each in shown["treatments"]:
        for group in (each["verdicts"], each["open_questions"]):
            assert list(group.values()).count(None) != 1
        for step in each["attrition"]:
            removed = [rule["removed"] for rule in step["rules"]]
            assert removed.count(None) != 1 or len(removed) == 1
    assert list(shown["safety"].values()).count(None) != 1


def test_steps_whose_difference_is_small_are_not_both_described():
    shown = with_small_cells_hidden(figures())

    for each in shown["treatments"]:
        described = [step["people"] for step in each["characteristics"] if step["facts"]]
        gaps = [a - b for a, b in itertools.pairwise(described)]
        assert all(gap == 0 or gap >= 11 for gap in gaps)


def test_hiding_changes_nothing_that_is_large():
    large = PanelRun(compile_program(knowledge=KNOWLEDGE, jurisdiction="US", at=AT))
    row = {name: (value, None) for name, value in CONTENT["base"].items() if value is not None}
    table = table_of([row] * 40, vocabulary=KNOWLEDGE.vocabulary, dated=False)
    for _ in large.answered([table]):
        pass

    plain = large.figures(name="same people", where=None)

    assert with_small_cells_hidden(plain) == plain | {"small_cells_hidden_below": 11}
