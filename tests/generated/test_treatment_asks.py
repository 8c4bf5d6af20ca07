"""Verdicts and asks of treatments on generated knowledge, against the design said again by brute force."""

from dataclasses import replace
from itertools import combinations, product

from hypothesis import given, settings

from overstory.engine.conditions import And, AtLeast, Between, Compare, Holds, Not, OneOf, Or
from overstory.engine.conditions import leaves_of as leaves
from overstory.pathway.suitability import answer_rule
from tests.generated.conditions import NOW, values_near
from tests.generated.treatments import (
    BOTH,
    DERIVED,
    MANY,
    NAMES,
    ORDER,
    PERMITTING,
    ROOTS,
    SETTLED,
    SINGLE,
    VOCABULARY,
    cases,
    values,
)


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
