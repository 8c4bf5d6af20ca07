"""What a rule asks for is exactly what could change its answer, against brute force."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overstory.engine.conditions import leaves_of
from overstory.engine.evaluate import evaluate, truth_of
from overstory.engine.facts import Fact
from overstory.engine.truth import Truth
from tests.generated.conditions import completions, conditions, people

MANY = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@st.composite
def cases(draw):
    condition = draw(conditions())
    return condition, draw(people(condition))


def what_can_change(condition, facts) -> set[str]:
    """The unknown facts of which some value changes the answer, the others known or not."""
    truths: dict[frozenset, Truth] = {
        frozenset((name, fact.value) for name, fact in changes.items()): truth_of(condition, person)
        for changes, person in completions(condition, facts)
    }
    return {
        name
        for values, truth in truths.items()
        for name, value in values
        if truths[values - {(name, value)}] is not truth
    }


@MANY
@given(cases())
def test_a_rule_asks_for_exactly_the_facts_that_can_change_its_answer(case):
    condition, facts = case

    answer = evaluate(condition, facts)

    assert set(answer.asks) == (
        what_can_change(condition, facts) if answer.truth is None else set()
    )
    if answer.truth is not None:
        assert what_can_change(condition, facts) == set()


@MANY
@given(cases())
def test_learning_a_fact_never_takes_back_an_answer(case):
    condition, facts = case
    before = truth_of(condition, facts)

    if before is not None:
        for _, person in completions(condition, facts):
            assert truth_of(condition, person) is before


@MANY
@given(cases())
def test_the_reasons_alone_force_the_answer(case):
    condition, facts = case
    answer = evaluate(condition, facts)

    if answer.truth is not None:
        only_reasons = facts.with_facts({})
        kept = {reason.name for reason in answer.because}
        only_reasons = type(facts)(
            facts.vocabulary, facts.at, {name: f for name, f in facts.given.items() if name in kept}
        )

        assert kept
        assert truth_of(condition, only_reasons) is answer.truth


@MANY
@given(cases())
def test_the_asks_stand_in_the_order_of_the_vocabulary(case):
    condition, facts = case

    asks = evaluate(condition, facts).asks

    assert asks == [name for name in facts.vocabulary if name in asks]
    assert all(isinstance(facts[name], Fact) and not facts[name].is_known for name in asks)
    assert set(asks) <= {leaf.fact for leaf in leaves_of(condition)}
