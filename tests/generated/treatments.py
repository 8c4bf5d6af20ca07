"""Random rules of every kind over a small vocabulary, and people for them, for the laws of treatments."""

from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from overstory.engine.conditions import leaves_of as leaves
from overstory.engine.facts import Fact, Facts, FactType, Vocabulary
from overstory.engine.reading import read_condition
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.rules import ReadRule
from overstory.knowledge.shapes.rules import RegulatoryFact, Rule
from overstory.knowledge.shapes.shared import Cite
from overstory.pathway.suitability import assess
from tests.generated.conditions import NOW, conditions, values_near
from tests.generated.conditions import VOCABULARY as SMALL

DERIVED, ROOTS = "number_2", ("root_0", "root_1")
VOCABULARY = Vocabulary(
    [
        *(replace(kind, roots=ROOTS) if kind.name == DERIVED else kind for kind in SMALL.values()),
        *(FactType(name, "bool", name) for name in ROOTS),
        FactType("cssrs_risk", "code", "screen", codes=("none", "low", "moderate", "high")),
        FactType("phq9_item9", "number", "item 9", least=0, greatest=3),
    ]
)
NAMES = list(SMALL)
SINGLE = ("esketamine", "ketamine-iv", "kap", "tms")
BOTH = "ketamine-then-tms"
CONDITIONAL = (
    "indication", "contraindication", "defer", "physician-decision", "caution", "gate", "criterion",
    "alert",
)  # fmt: skip
ORDER = (
    "contraindicated", "not-indicated", "not-now", "cannot-say-yet", "with-conditions", "suitable",
)  # fmt: skip
SETTLED = ("contraindicated", "not-indicated")
PERMITTING = ("with-conditions", "suitable")
FRESH = timedelta(days=5)
OLD = NOW - timedelta(days=10)
MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def rule(number, kind, *, applies_to, when=None, only_if=None, **more):
    """A rule; an indication is on label."""
    source = Cite(id="generated")
    if kind == "indication":
        more["regulatory"] = [RegulatoryFact(jurisdiction="US", status="approved", source=source)]
    fresh_within = more.pop("fresh_within", None)
    words = Rule(
        id=f"generated.{number}",
        kind=kind,
        applies_to=applies_to,
        says="generated",
        source=source,
        status="primary",
        **more,
    )
    return ReadRule(words=words, when=when, only_if=only_if, fresh_within=fresh_within, file="")


SAFETY = [
    replace(each, when=read_condition("cssrs_risk == high", VOCABULARY))
    for each in load_knowledge().rules
    if each.id.startswith("safety.") and each.kind == "alert"
]


@st.composite
def rules(draw):
    """A few rules of every kind, in force here or not, and the notice of the combination."""
    found = [rule("notice", "notice", applies_to=[BOTH])]
    for number in range(draw(st.integers(2, 10))):
        kind = draw(st.sampled_from((*CONDITIONAL, "indication", "requires", "requires", "notice")))
        places = SINGLE if kind == "indication" else (*SINGLE, BOTH)
        more = {
            "applies_to": draw(st.lists(st.sampled_from(places), min_size=1, unique=True)),
            "jurisdiction": draw(st.sampled_from([[], [], ["US"], ["EU"]])),
            "fresh_within": draw(st.sampled_from([None, None, FRESH])),
        }
        if kind == "requires":
            named = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True))
            more[draw(st.sampled_from(["needs", "needs_one_of"]))] = named
            only_if = draw(st.none() | conditions(most=2))
            free = only_if is None or not {leaf.fact for leaf in leaves(only_if)} & set(named)
            more["only_if"] = only_if if free else None  # a rule names a fact once
        elif kind != "notice":
            more["when"] = draw(conditions(most=3))
        found.append(rule(number, kind, **more))
    return found


@dataclass(frozen=True)
class Case:
    """Generated rules, and the facts of one person as `(value, when)`."""

    rules: list
    given: dict

    def facts(self):
        given = {name: Fact(value, at=at) for name, (value, at) in self.given.items()}
        return Facts(VOCABULARY, NOW, given)

    def learned(self, changes):
        return replace(
            self, given={**self.given, **{name: (value, NOW) for name, value in changes.items()}}
        )

    def without(self, names):
        return replace(self, given={n: each for n, each in self.given.items() if n not in names})

    def assessed(self):
        knowledge = replace(
            load_knowledge(), vocabulary=VOCABULARY, rules=(*self.rules, *SAFETY), consequences=()
        )
        found = assess(patient="generated", facts=self.facts(), knowledge=knowledge)
        return {each.treatment: each for each in found.treatments}

    def of(self, treatment, *kinds):
        return [
            each
            for each in self.rules
            if treatment in each.words.applies_to
            and each.kind in kinds
            and each.words.jurisdiction in ([], ["US"])
        ]


@st.composite
def cases(draw):
    found = draw(rules())
    given = {}
    for name in NAMES:
        if draw(st.integers(0, 3)):
            given[name] = (draw(st.sampled_from(values(found, name))), draw(whens()))
    for name in ROOTS:
        if draw(st.booleans()):
            given[name] = (draw(st.booleans()), draw(whens()))
    return Case(found, given)


def whens():
    return st.sampled_from([NOW, NOW, OLD])


def values(found, name):
    """The values of a fact that matter to the rules."""
    near = {
        value
        for each in found
        for condition in (each.when, each.only_if)
        if condition is not None
        for leaf in leaves(condition)
        if leaf.fact == name
        for value in values_near(leaf)
    }
    kind = SMALL[name].kind
    return sorted(near) or {"bool": [True, False], "code": ["a", "b"], "number": [0, 10]}[kind]


# The design said again: two-valued on whole assignments; what the unknown could still change is unknown.
