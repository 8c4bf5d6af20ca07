"""What would change an answer does change it."""

from hypothesis import given

from overstory.engine.conditions import Not
from overstory.engine.evaluate import leaf_truth, truth_of
from overstory.engine.facts import Fact
from overstory.pathway.flips import ways_to_change
from tests.generated.conditions import values_near
from tests.generated.test_asks import MANY, cases


@MANY
@given(cases())
def test_each_way_makes_a_true_condition_false_and_none_is_offered_for_others(case):
    condition, facts = case
    ways = ways_to_change(condition, facts)

    assert bool(ways) == bool(truth_of(condition, facts))
    for way in ways:
        changes = {}
        for step in way:
            leaf, wanted = (step.part, False) if isinstance(step, Not) else (step, True)
            value = next(each for each in values_near(leaf) if leaf_truth(leaf, each) is wanted)
            changes[leaf.fact] = Fact(value)

        assert truth_of(condition, facts.with_facts(changes)) is False
