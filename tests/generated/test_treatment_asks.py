"""Verdicts and asks of treatments on generated knowledge, against the design said again by brute force."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations, product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overstory.engine.conditions import And, AtLeast, Between, Compare, Holds, Not, OneOf, Or
from overstory.engine.conditions import leaves_of as leaves
from overstory.engine.facts import Fact, Facts, FactType, Vocabulary
from overstory.engine.reading import read_condition
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.rules import ReadRule
from overstory.knowledge.shapes.rules import RegulatoryFact, Rule
from overstory.knowledge.shapes.shared import Cite
from overstory.pathway.suitability import answer_rule, assess
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


def holds(condition, value_of):
    """Whether a condition holds where every fact in it has a value."""
    match condition:
        case Holds(fact):
            return value_of[fact] is True
        case OneOf(fact, codes):
            return value_of[fact] in codes
        case Between(fact, low, high):
            return low <= value_of[fact] <= high
        case Compare(fact, op, number):
            below, above = value_of[fact] < number, value_of[fact] > number
            return {
                "<": below, ">": above, "<=": not above, ">=": not below,
                "==": not below and not above, "!=": below or above,
            }[op]  # fmt: skip
        case Not(part):
            return not holds(part, value_of)
        case And(parts):
            return all(holds(part, value_of) for part in parts)
        case Or(parts):
            return any(holds(part, value_of) for part in parts)
        case AtLeast(count, parts):
            return sum(holds(part, value_of) for part in parts) >= count
    raise AssertionError(condition)


def truth(condition, known):
    """True or false where every completion agrees, else None."""
    named = list(leaves(condition))
    choices = [[known[leaf.fact]] if leaf.fact in known else values_near(leaf) for leaf in named]
    found = {
        holds(condition, dict(zip([leaf.fact for leaf in named], chosen, strict=True)))
        for chosen in product(*choices)
    }
    return found.pop() if len(found) == 1 else None


def known_to(each, case, *, fresh=True):
    """The values that a rule may use: those not older than it asks for."""
    limit = each.fresh_within if fresh else None
    return {
        name: value
        for name, (value, at) in case.given.items()
        if limit is None or NOW - at <= limit
    }


def answer(each, case):
    """What a rule answers: true, false or None; for `requires` true is met and None is open."""
    known = known_to(each, case)
    if each.kind == "notice":
        return True
    if each.kind != "requires":
        return truth(each.when, known)
    met = all(name in known for name in each.words.needs) if each.words.needs else False
    met = met or any(name in known for name in each.words.needs_one_of)
    not_needed = each.only_if and truth(each.only_if, known_to(each, case, fresh=False)) is False
    return True if met or not_needed else None


def named_by(each):
    return dict.fromkeys(each.fact_names)


def changing(each, case):
    """The facts unknown to a rule of which some value, the others known or not, changes its answer."""
    known = known_to(each, case)
    unknown = [name for name in named_by(each) if name not in known]
    answers = {}
    choices = [[None, *values([each], name)] for name in unknown]
    for chosen in product(*choices):
        changes = {n: v for n, v in zip(unknown, chosen, strict=True) if v is not None}
        answers[frozenset(changes.items())] = answer(each, case.learned(changes))
    return {
        name
        for changes, found in answers.items()
        for name, value in changes
        if answers[changes - {(name, value)}] is not found
    }


def as_roots(names, each, case):
    """A derived fact is asked for by its roots that are unknown, or by both where both are known."""
    found = set(names)
    if DERIVED in found:
        found.remove(DERIVED)
        found |= {root for root in ROOTS if root not in known_to(each, case)} or set(ROOTS)
    return found


def verdict(case, treatment):
    """The table of the design, for the treatment's own rules."""
    barred = [answer(each, case) for each in case.of(treatment, "contraindication")]
    indicated = [answer(each, case) for each in case.of(treatment, "indication")]
    deferred = [answer(each, case) for each in case.of(treatment, "defer")]
    open_ = [each for each in case.of(treatment, "requires") if answer(each, case) is None]
    decisions = [answer(each, case) for each in case.of(treatment, "physician-decision", "caution")]
    if True in barred:
        return "contraindicated"
    if treatment != BOTH and all(each is False for each in indicated):
        return "not-indicated"
    if True in deferred:
        return "not-now"
    no_indication_yet = treatment != BOTH and True not in indicated
    if no_indication_yet or None in barred or None in deferred or open_:
        return "cannot-say-yet"
    if True in decisions or None in decisions or case.of(treatment, "notice"):
        return "with-conditions"
    return "suitable"


def own_asks(case, treatment):
    """The union over unknown rules and open requirements; indications only until one is true."""
    counted = case.of(
        treatment, "contraindication", "defer", "physician-decision", "caution", "requires"
    )
    indications = case.of(treatment, "indication")
    if not any(answer(each, case) for each in indications):
        counted += indications
    return {
        ask
        for each in counted
        if answer(each, case) is None
        for ask in as_roots(changing(each, case), each, case)
    }


def expected(case):
    """Every treatment's verdict and asks, as the design says them."""
    found = {}
    for treatment in SINGLE:
        said = verdict(case, treatment)
        found[treatment] = (said, set() if said in SETTLED else own_asks(case, treatment))
    forms = [found["esketamine"], found["ketamine-iv"]]
    best = max((said for said, _ in forms), key=ORDER.index)
    said = min((verdict(case, BOTH), found["tms"][0], best), key=ORDER.index)
    asked = own_asks(case, BOTH) | found["tms"][1]
    asked |= {ask for form, asks in forms if form == best for ask in asks}
    found[BOTH] = (said, set() if said in SETTLED else asked)
    return found


def completions(case, names):
    """The facts with some of the named ones learned, in every mix of values that matter."""
    choices = [[None, *values(case.rules, name)[:4]] for name in names]
    for chosen in product(*choices):
        yield {n: v for n, v in zip(names, chosen, strict=True) if v is not None}


@settings(MANY, max_examples=800)
@given(cases())
def test_verdicts_and_asks_are_those_of_the_design(case):
    assessed = case.assessed()

    for treatment, (said, asked) in expected(case).items():
        assert assessed[treatment].verdict == said, treatment
        assert set(assessed[treatment].asks) == asked, treatment
        assert list(assessed[treatment].asks) == [name for name in VOCABULARY if name in asked]


@MANY
@given(cases())
def test_learning_what_no_treatment_asks_for_changes_no_verdict(case):
    before = case.assessed()

    for treatment, each in before.items():
        idle = [
            name
            for name in NAMES
            if name not in case.given
            and not set(each.asks) & set(ROOTS if name == DERIVED else (name,))
        ]
        for changes in completions(case, idle[:3]):
            after = case.learned(changes).assessed()[treatment].verdict
            if each.verdict in SETTLED:
                assert after in SETTLED, (treatment, changes)
            else:
                assert after == each.verdict, (treatment, changes)


@MANY
@given(cases())
def test_every_question_of_a_rule_that_holds_the_verdict_up_can_change_it(case):
    for each in case.assessed().values():
        if each.verdict != "cannot-say-yet":
            continue
        for found in each.rules:
            kinds = ("indication", "contraindication", "defer", "requires")
            if found.rule.kind in kinds and found.answer is None:
                assert found.asks
                for ask in found.asks:
                    assert _can_change(found.rule, case, ask), (found.rule.id, ask)


def _can_change(each, case, ask):
    """Whether learning the fact, or what derives from it, changes the rule for some completion."""
    known = known_to(each, case)
    unknown = [name for name in named_by(each) if name not in known]
    learnable = [n for n in unknown if n == ask or (n == DERIVED and ask in ROOTS)]
    others = [n for n in unknown if n not in learnable]
    for changes in completions(replace(case, rules=[each]), others):
        person = case.learned(changes)
        without = answer_rule(each, person.facts()).answer
        for name in learnable:
            for value in values([each], name):
                if answer_rule(each, person.learned({name: value}).facts()).answer is not without:
                    return True
    return False


@MANY
@given(cases())
def test_making_facts_unknown_never_permits_more(case):
    before = case.assessed()
    known = [name for name in NAMES if name in case.given]

    for names in (*combinations(known, 1), *list(combinations(known, 2))[::3], tuple(known)):
        after = case.without(names).assessed()
        for treatment, each in before.items():
            if each.verdict not in PERMITTING:
                assert after[treatment].verdict not in PERMITTING, (treatment, names)
            if each.verdict == "with-conditions":
                assert after[treatment].verdict != "suitable", (treatment, names)


@MANY
@given(cases())
def test_the_combination_permits_no_more_than_what_it_is_made_of(case):
    assessed = case.assessed()
    rank = {treatment: ORDER.index(each.verdict) for treatment, each in assessed.items()}
    own = ORDER.index(verdict(case, BOTH))

    assert rank[BOTH] == min(own, rank["tms"], max(rank["esketamine"], rank["ketamine-iv"]))
    assert dict(assessed[BOTH].parts) == {
        name: assessed[name].verdict for name in ("esketamine", "ketamine-iv", "tms")
    }
    assert not assessed[BOTH].indications


def test_the_generated_cases_reach_every_verdict():
    reached = set()

    @MANY
    @given(cases())
    def look(case):
        reached.update(said for said, _ in expected(case).values())

    look()

    assert sorted(reached) == sorted(ORDER)
