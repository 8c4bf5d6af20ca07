"""With small counts hidden, no arithmetic over what is shown gives one of them back."""

import itertools
import json
from functools import cache

import pytest

from overstory.engine.reading import read_condition
from overstory.knowledge.load import load_knowledge
from overstory.panel.columns import facts_schema
from overstory.panel.compiling import compile_program
from overstory.panel.population.hiding import TooFewError, with_small_cells_hidden
from overstory.panel.report.page import report_html
from overstory.panel.running import PanelRun
from overstory.panel.synthesis.population import Population
from overstory.panel.synthesis.table import tables
from tests.panel.random_people import AT
from tests.panel.test_command import overstory

KNOWLEDGE = load_knowledge()
ELDERLY = "age_years > 50 and has_chronic_pain"
CASES = [
    (120, "intake", None),
    (900, "intake", None),
    (900, "intake", ELDERLY),
    (900, "records", None),
]


@cache
def figures(size, missing, where):
    """The figures of invented people, nothing hidden, as text so that nobody changes them."""
    program = compile_program(knowledge=KNOWLEDGE, jurisdiction="US", at=AT)
    condition = read_condition(where, KNOWLEDGE.vocabulary) if where else None
    run = PanelRun(program, where=condition)
    undated = list(facts_schema(KNOWLEDGE.vocabulary, dated=False))
    population = Population(KNOWLEDGE, size, 11, AT, missing, False)
    for _ in run.answered(piece.select(undated) for piece in tables(population)):
        pass
    return json.dumps(run.figures(name="invented", where=where))


def hidden_and_real(case):
    real = json.loads(figures(*case))
    return with_small_cells_hidden(real), real


def is_small(count):
    return 0 < count < 11


def sums(told):
    """Every sum that a reader can set up: `(what, cells, their total)`."""
    source, people = told["source"], told["people"]
    left = {name: source[name] for name in ("left_out", "left_out_unknown")}
    yield "left out", left, None if source["read"] is None else source["read"] - people
    yield "safety", told["safety"], people
    for each in told["treatments"]:
        name, verdicts = each["treatment"], each["verdicts"]
        yield name, verdicts, people
        yield f"{name} questions", each["open_questions"], people
        steps = [(step["step"], step["removed"], step["rules"]) for step in each["attrition"]]
        steps.append(("conditions", verdicts["with-conditions"], each["conditions"]))
        for step, total, rules in steps:
            yield f"{name} {step}", first_in_order(rules), total
        for step in each["characteristics"]:
            for fact in step["facts"]:
                cells, total = fact.get("values", {}), fact["known"]
                yield f"{name} {step['after']} {fact['fact']}", cells, total
    for fact in told["missing_facts"]:
        for count in ("settles", "blocks"):
            cells = {name: one[count] for name, one in fact["by_treatment"].items()}
            yield f"{fact['fact']} {count}", cells, fact[count]
    waiting = {each["treatment"]: each["verdicts"]["cannot-say-yet"] for each in told["treatments"]}
    if told["route"]:
        yield "the way through", waiting, told["route"][-1]["settled"]


def first_in_order(rules):
    """How many each rule takes out: the first all that it holds for, the last those it alone stops."""
    cells = {rule["id"]: rule["removed"] for rule in rules}
    if rules and cells[rules[0]["id"]] is None:
        cells[rules[0]["id"]] = rules[0]["held"]
    if rules and cells[rules[-1]["id"]] is None:
        cells[rules[-1]["id"]] = rules[-1]["alone"]
    return cells


@pytest.mark.parametrize("case", CASES)
def test_no_sum_gives_a_hidden_count_back(case):
    hidden, real = hidden_and_real(case)

    told = []
    truth = {what: cells for what, cells, _ in sums(real)}
    for what, cells, total in sums(hidden):
        unknown = [name for name, count in cells.items() if count is None and truth[what][name]]
        if total is None:
            told += [what] if cells and None not in cells.values() else []
        elif unknown:
            rest = total - sum(count for count in cells.values() if count is not None)
            told += [what] if len(unknown) == 1 or is_small(rest) else []

    assert any(None in cells.values() for _, cells, _ in sums(hidden))
    assert told == []


@pytest.mark.parametrize("case", CASES)
def test_no_count_of_a_rule_leaves_out_few_of_its_step(case):
    hidden, _ = hidden_and_real(case)

    for each in hidden["treatments"]:
        for step in each["attrition"]:
            counts = [rule[name] for rule in step["rules"] for name in ("held", "removed", "alone")]
            if step["removed"] is None:
                assert set(counts) <= {None}
            else:
                known = [count for count in counts if count is not None]
                assert not [count for count in known if is_small(step["removed"] - count)]


@pytest.mark.parametrize("case", CASES)
def test_the_way_through_grows_by_no_small_count(case):
    hidden, real = hidden_and_real(case)

    waiting = sum(each["verdicts"]["cannot-say-yet"] for each in real["treatments"])
    settled = [each["settled"] for each in hidden["route"] if each["settled"] is not None]
    assert not [b - a for a, b in itertools.pairwise([0, *settled, waiting]) if is_small(b - a)]


def test_the_size_of_the_table_does_not_tell_whom_a_condition_left_unknown():
    real = json.loads(figures(120, "intake", None))
    real["source"] |= {"read": 520, "left_out": 397, "left_out_unknown": 3}

    source = with_small_cells_hidden(real)["source"]

    assert (source["read"], source["left_out"], source["left_out_unknown"]) == (None, None, None)


def test_ten_people_get_no_report_with_small_counts_hidden(tmp_path):
    csv = tmp_path / "ten.csv"
    csv.write_text("id,age_years\n" + "".join(f"{place},81\n" for place in range(10)))

    done = overstory("panel", csv, "--hide-small")

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "overstory: fewer than 11 people: with small counts hidden, nothing is left to say"
    )
    with pytest.raises(TooFewError):
        with_small_cells_hidden(json.loads(figures(120, "intake", None)) | {"people": 10})


def test_few_values_made_unknown_are_not_counted_out(tmp_path):
    csv = tmp_path / "facts.csv"
    csv.write_text("id,age_years\n" + "".join(f"{n},{999 if n < 3 else 40}\n" for n in range(30)))

    done = overstory("panel", csv, "--hide-small", "--json")

    said = json.loads(done.stdout)["warnings"][-1]
    assert said.startswith("age_years: fewer than 11 values made unknown (out of range")
    assert "3 values" not in done.stderr


def test_a_count_hidden_beside_a_small_one_is_not_called_small():
    hidden, real = hidden_and_real((900, "intake", None))

    large = {
        rule["id"]
        for each, was in zip(hidden["treatments"], real["treatments"], strict=True)
        for step, before in zip(each["attrition"], was["attrition"], strict=True)
        for rule, old in zip(step["rules"], before["rules"], strict=True)
        if rule["removed"] is None and old["removed"] > 10
    }
    assert large
    html = report_html(hidden)
    assert "&lt;11" not in html[html.index('id="attrition"') : html.index('id="missing"')]


@pytest.mark.parametrize("case", CASES)
def test_the_few_who_have_a_second_rule_too_are_not_told_by_a_gap(case):
    shown, _ = hidden_and_real(case)

    rules = [
        rule
        for each in shown["treatments"]
        for step in [*each["attrition"], {"rules": each["conditions"]}]
        for rule in step["rules"]
    ]
    both = [rule for rule in rules if rule["held"] is not None and rule["alone"] is not None]
    assert both
    assert not [rule for rule in both if is_small(rule["held"] - rule["alone"])]
