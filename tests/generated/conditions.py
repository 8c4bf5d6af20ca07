"""Random conditions over a small vocabulary, each fact once, and random facts for them."""

from datetime import UTC, datetime
from itertools import product

from hypothesis import strategies as st

from overstory.engine.conditions import (
    And,
    AtLeast,
    Between,
    Compare,
    Holds,
    Not,
    OneOf,
    Or,
    leaves_of,
)
from overstory.engine.facts import Fact, Facts, FactType, Vocabulary

NOW = datetime(2026, 11, 22, tzinfo=UTC)
VOCABULARY = Vocabulary(
    [
        *(FactType(f"bool_{n}", "bool", f"bool {n}") for n in range(3)),
        *(FactType(f"number_{n}", "number", f"number {n}", least=0, greatest=10) for n in range(3)),
        *(FactType(f"code_{n}", "code", f"code {n}", codes=("a", "b", "c")) for n in range(2)),
    ]
)
OPERATORS = ("<", "<=", "==", "!=", ">=", ">")


def _leaf(draw, name):
    kind = VOCABULARY[name].kind
    if kind == "bool":
        return Holds(name)
    if kind == "code":
        codes = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True))
        return OneOf(name, tuple(codes))
    if draw(st.booleans()):
        low = draw(st.integers(1, 8))
        return Between(name, low, draw(st.integers(low, 9)))
    return Compare(name, draw(st.sampled_from(OPERATORS)), draw(st.integers(1, 9)))


def _tree(draw, names):
    if len(names) == 1:
        leaf = _leaf(draw, names[0])
        return Not(leaf) if draw(st.booleans()) else leaf
    cut = draw(st.integers(1, len(names) - 1))
    parts = [_tree(draw, names[:cut]), _tree(draw, names[cut:])]
    if len(parts[1:]) and isinstance(parts[1], And | Or) and draw(st.booleans()):
        parts = [parts[0], *parts[1].parts]
    whole = draw(st.sampled_from(("and", "or", "at least")))
    if whole == "at least":
        node = AtLeast(draw(st.integers(1, len(parts))), tuple(parts))
    else:
        node = (And if whole == "and" else Or)(tuple(parts))
    return Not(node) if draw(st.booleans()) else node


@st.composite
def conditions(draw, most=5):
    """A condition that names between one and `most` facts, each once."""
    names = draw(st.permutations(list(VOCABULARY)))[: draw(st.integers(1, most))]
    return _tree(draw, names)


def values_near(leaf):
    """Values at, below and above each cut-off, and both ends; every code; both truths."""
    kind = VOCABULARY[leaf.fact].kind
    if kind == "bool":
        return [True, False]
    if kind == "code":
        return ["a", "b", "c"]
    edges = [leaf.number] if isinstance(leaf, Compare) else [leaf.low, leaf.high]
    return sorted({0, 10, *(edge + step for edge in edges for step in (-1, 0, 1))})


@st.composite
def people(draw, condition):
    """Facts for a condition, about half of them unknown."""
    given = {}
    for leaf in leaves_of(condition):
        value = draw(st.one_of(st.none(), st.sampled_from(values_near(leaf))))
        if value is not None:
            given[leaf.fact] = Fact(value)
    return Facts(VOCABULARY, NOW, given)


def completions(condition, facts):
    """Yield the facts with the unknown ones given every mix of values, or left unknown."""
    unknown = [leaf for leaf in leaves_of(condition) if not facts[leaf.fact].is_known]
    choices = [[None, *values_near(leaf)] for leaf in unknown]
    for values in product(*choices):
        changes = {
            leaf.fact: Fact(value)
            for leaf, value in zip(unknown, values, strict=True)
            if value is not None
        }
        yield changes, facts.with_facts(changes)
