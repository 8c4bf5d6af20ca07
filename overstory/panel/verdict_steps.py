"""Verdicts for a whole table: the algebra of `pathway.verdicts` over columns, and what decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from overstory.engine.conditions import Holds
from overstory.knowledge.load import Knowledge
from overstory.knowledge.rules import ReadRule
from overstory.panel.expressions import (
    TRUE,
    UNKNOWN,
    Expression,
    Given,
    Pick,
    Possibly,
    Surely,
    Test,
    Unknown,
    every,
    negated,
    some,
)
from overstory.panel.program import RULE, VERDICT, Step
from overstory.panel.sharing import Join, shared
from overstory.pathway.suitability import (
    COMBINATION,
    KETAMINE_PARTS,
    ON_LABEL,
    SUITABILITY_KINDS,
    TREATMENTS,
)
from overstory.pathway.verdicts import ORDER, SETTLED, Verdict

PLACE = {verdict: place for place, verdict in enumerate(ORDER)}
OWN = f"{COMBINATION}.own"
BEST = "ketamine.best"
SINGLE = tuple(name for name in TREATMENTS if name != COMBINATION)
DECIDED_BY: dict[str, tuple[tuple[Verdict, str], ...]] = {
    "contraindication": ((Verdict.CONTRAINDICATED, "true"), (Verdict.CANNOT_SAY_YET, "unknown")),
    "indication": ((Verdict.NOT_INDICATED, "any"), (Verdict.CANNOT_SAY_YET, "waiting")),
    "defer": ((Verdict.NOT_NOW, "true"), (Verdict.CANNOT_SAY_YET, "unknown")),
    "requires": ((Verdict.CANNOT_SAY_YET, "unknown"),),
    "physician-decision": ((Verdict.WITH_CONDITIONS, "possible"),),
    "caution": ((Verdict.WITH_CONDITIONS, "possible"),),
    "notice": ((Verdict.WITH_CONDITIONS, "any"),),
}
"""By kind of rule, which verdicts it gives and in what state; as `pathway.deciding` says it."""


@dataclass(frozen=True)
class _Treatment:
    """The rules of one treatment; `name` begins the names of its columns."""

    name: str
    rules: Sequence[ReadRule]
    truths: Mapping[str, str]
    off_label: ReadRule | None = None

    @property
    def listed(self) -> list[ReadRule]:
        """Its rules, off-label use last."""
        return [*self.rules, *([self.off_label] if self.off_label else [])]

    def truth(self, *kinds: str) -> list[Test]:
        """The truths of its rules of some kinds."""
        return [Holds(self.truths[rule.id]) for rule in self.listed if rule.kind in kinds]

    def column(self, what: str) -> str:
        """A column of this treatment."""
        return f"{self.name}.{what}"

    def holds(self, what: str) -> Holds:
        """The test that a column of this treatment holds."""
        return Holds(self.column(what))

    def at_worst(self, verdict: Verdict) -> Holds:
        """The test that its verdict is this one or a worse one; made for all but the best verdict."""
        return self.holds(f"at-worst.{verdict}")

    def is_(self, verdict: Verdict) -> Test:
        """The test that its verdict is this one, which is not the best one."""
        reached, place = self.at_worst(verdict), PLACE[verdict]
        if place == 0:
            return reached
        return every([reached, negated(self.at_worst(ORDER[place - 1]))])

    @property
    def settled(self) -> Holds:
        """The test that nothing more is asked."""
        return self.at_worst(max(SETTLED, key=PLACE.__getitem__))


class VerdictSteps:
    """
    The steps from the truths of rules to verdicts, open questions and deciding rules.

    The mappings are those of `Program`; they are filled while the steps are made.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        jurisdiction: str,
        truths: Mapping[str, str],
        rule_asks: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.knowledge, self.jurisdiction = knowledge, jurisdiction
        self.truths, self.rule_asks = dict(truths), rule_asks
        self.verdicts = {name: name + VERDICT for name in TREATMENTS}
        self.asks: dict[str, dict[str, str]] = {}
        self.decided: dict[str, dict[str, str]] = {}
        self.single = [self._treatment(name, name) for name in SINGLE]
        self.own = self._treatment(COMBINATION, OWN)
        self.whole = _Treatment(COMBINATION, (), self.truths)
        self.best = _Treatment(BEST, (), self.truths)
        self.forms = [each for each in self.single if each.name in KETAMINE_PARTS]
        self.tms = next(each for each in self.single if each.name == "tms")

    def steps(self) -> Iterator[Step]:
        """Yield the steps: off-label use, verdicts one by one and together, questions, what decided."""
        each = [*self.single, self.own]
        yield Step(
            "off-label",
            {self.truths[t.off_label.id]: self._off_label(t) for t in self.single if t.off_label},
        )
        yield from self._grounds(each)
        for verdict in ORDER[:-1]:
            columns = {one.at_worst(verdict).fact: _at_worst(one, verdict) for one in each}
            yield Step(f"at worst {verdict}", columns)
        yield Step("better ketamine", dict(self._better()))
        yield Step("lowest", dict(self._lowest()))
        yield Step(
            "verdicts", {self.verdicts[one.name]: _place(one) for one in (*self.single, self.whole)}
        )
        yield from self._asks()
        yield Step("given", dict(self._given()))
        yield Step("decided", dict(pair for one in each for pair in self._decided(one)))
        yield Step("decided together", dict(self._decided_together()))

    def _treatment(self, name: str, called: str) -> _Treatment:
        rules = [
            rule
            for rule in self.knowledge.rules
            if rule.id in self.truths
            and rule.kind in SUITABILITY_KINDS
            and name in rule.words.applies_to
        ]
        if name == COMBINATION:
            return _Treatment(called, rules, self.truths)
        off_label = self.knowledge.off_label[name]
        self.truths[off_label.id] = RULE + off_label.id
        return _Treatment(called, rules, self.truths, off_label)

    def _off_label(self, treatment: _Treatment) -> Test:
        """True where what it is for here is on no label; unknown where no status is recorded."""
        found: dict[str, list[Test]] = {"on": [], "off": [], "unsaid": []}
        for rule in treatment.rules:
            if rule.kind == "indication":
                truth = Surely(Holds(self.truths[rule.id]))
                found[self._label(rule)].append(truth)
        free, unsaid = negated(some(found["on"])), some(found["unsaid"])
        known = every([some(found["off"]), free, negated(unsaid)])
        return some([known, every([unsaid, free, UNKNOWN])])

    def _label(self, indication: ReadRule) -> str:
        statuses = [
            each.status
            for each in indication.words.regulatory
            if each.jurisdiction == self.jurisdiction
        ]
        if not statuses or statuses[0] not in {*ON_LABEL, "off-label"}:
            return "unsaid"
        return "on" if statuses[0] in ON_LABEL else "off"

    def _grounds(self, treatments: Sequence[_Treatment]) -> Iterator[Step]:
        """What the verdicts are taken from, each once."""
        joins: dict[str, tuple[tuple[str, ...], Join]] = {
            "barred": (("contraindication",), some),
            "indicated": (("indication",), some),
            "deferred": (("defer",), some),
            "met": (("requires",), every),
            "conditioned": (("physician-decision", "caution"), some),
        }
        first: dict[str, Test] = {}
        grounds: dict[str, Test] = {}
        for ground, (kinds, join) in joins.items():
            uses = {one.name: one.truth(*kinds) for one in treatments}
            columns, joined = shared(uses, join, prefix=f"shared.{ground}")
            first |= columns
            grounds |= {f"{name}.{ground}": test for name, test in joined.items()}
        grounds[self.own.column("indicated")] = TRUE  # it creates no indication, so it lacks none
        yield Step("shared grounds", first)
        yield Step("grounds", grounds)
        yield Step(
            "waiting",
            {one.column("waiting"): negated(Surely(one.holds("indicated"))) for one in treatments},
        )

    def _better(self) -> Iterator[tuple[str, Expression]]:
        """The better ketamine verdict is as bad as the one that is less bad."""
        for verdict in ORDER[:-1]:
            yield (
                self.best.column(f"at-worst.{verdict}"),
                every([form.at_worst(verdict) for form in self.forms]),
            )
        for form in self.forms:
            other = next(each for each in self.forms if each is not form)
            worse = [
                every([form.at_worst(verdict), negated(other.at_worst(verdict))])
                for verdict in ORDER[:-1]
            ]
            yield form.column("counts"), negated(some(worse))

    def _lowest(self) -> Iterator[tuple[str, Expression]]:
        parts = (self.own, self.tms, self.best)
        for verdict in ORDER[:-1]:
            yield (
                self.whole.column(f"at-worst.{verdict}"),
                some([part.at_worst(verdict) for part in parts]),
            )

    def _asks(self) -> Iterator[Step]:
        """The open questions of each treatment; none once it is settled."""
        settled = {
            one.column("unsettled"): negated(one.settled) for one in (*self.single, self.whole)
        }
        yield Step("unsettled", settled)
        open_ = self.whole.holds("unsettled")
        yield Step(
            "counting",
            {
                form.column("counts-now"): every([open_, form.holds("counts")])
                for form in self.forms
            },
        )
        self.asks = {one.name: {} for one in (*self.single, self.whole)}
        first: dict[str, Test] = {}
        asks: dict[str, Test] = {}
        for fact, uses in self._uses().items():
            columns, joined = shared(uses, some, prefix=f"shared.asks.{fact}")
            first |= columns
            gated: dict[str, list[Test]] = {}
            for (treatment, gate), test in joined.items():
                gated.setdefault(treatment, []).append(every([Holds(gate), test]))
            for treatment, tests in gated.items():
                column = self.asks[treatment][fact] = f"{treatment}.asks.{fact}"
                asks[column] = some(tests)
        yield Step("shared questions", first)
        yield Step("asks", asks)

    def _uses(self) -> dict[str, dict[tuple[str, str], list[Test]]]:
        """
        By fact in the vocabulary's order, where rules ask for it, by treatment and by gate.

        A gate is the column that must hold for the questions to count: that the treatment is not settled,
        or, in the combination for the rules of one ketamine form alone, that this form counts.
        """
        uses: dict[str, dict[tuple[str, str], list[Test]]] = {}
        for rule in self.knowledge.rules:
            for fact, column in self.rule_asks.get(rule.id, {}).items():
                for treatment, gate, counts in self._gates(rule):
                    tests = uses.setdefault(fact, {}).setdefault((treatment, gate), [])
                    tests.append(every([*counts, Holds(column)]))
        return {fact: uses[fact] for fact in self.knowledge.vocabulary.in_order(uses)}

    def _gates(self, rule: ReadRule) -> Iterator[tuple[str, str, list[Test]]]:
        """Yield where the questions of a rule count: treatment, gate, and what must hold beside."""
        users = [one for one in (*self.single, self.own) if rule in one.rules]
        for one in users:
            if one is not self.own:
                yield one.name, one.column("unsettled"), _waiting(rule, one)
        parts = [one for one in users if one in (self.own, self.tms, *self.forms)]
        open_ = self.whole.column("unsettled")
        if rule.kind == "indication":
            for one in parts:
                gate = one.column("counts-now") if one in self.forms else open_
                yield COMBINATION, gate, _waiting(rule, one)
        elif parts:  # one form always counts, so what both ask, or the other parts, needs no more
            alone = len(parts) == 1 and parts[0] in self.forms
            yield COMBINATION, parts[0].column("counts-now") if alone else open_, []

    def _given(self) -> Iterator[tuple[str, Expression]]:
        """Where each verdict is the one given, and whose verdict is that of the whole."""
        for treatment in (*self.single, self.own):
            for verdict in ORDER[:-1]:
                yield treatment.column(f"is.{verdict}"), treatment.is_(verdict)
        for part in (self.own, self.tms, *self.forms):
            alone = self.best if part in self.forms else part
            counts = [part.holds("counts")] if part in self.forms else []
            worse = [
                every([self.whole.at_worst(verdict), negated(alone.at_worst(verdict))])
                for verdict in ORDER[:-1]
            ]
            yield part.column("gives-the-whole"), every([*counts, negated(some(worse))])

    def _decided(self, treatment: _Treatment) -> Iterator[tuple[str, Expression]]:
        """Where each rule is one that gave the verdict of its treatment."""
        columns = {rule.id: treatment.column(f"decided.{rule.id}") for rule in treatment.listed}
        self.decided[treatment.name] = columns
        for rule in treatment.listed:
            truth = Holds(self.truths[rule.id])
            states: dict[str, list[Test]] = {
                "true": [Surely(truth)],
                "unknown": [Unknown(truth)],
                "possible": [Possibly(truth)],
                "waiting": [treatment.holds("waiting"), Unknown(truth)],
                "any": [],
            }
            given = [
                every([treatment.holds(f"is.{verdict}"), *states[state]])
                for verdict, state in DECIDED_BY[rule.kind]
            ]
            yield columns[rule.id], some(given)

    def _decided_together(self) -> Iterator[tuple[str, Expression]]:
        """Of each part whose verdict is that of the whole, what decided it."""
        masks: dict[str, list[Test]] = {}
        for part in (self.own, self.tms, *self.forms):
            like = [part.holds("gives-the-whole")]
            for rule_id, column in self.decided[part.name].items():
                masks.setdefault(rule_id, []).append(every([*like, Holds(column)]))
        del self.decided[OWN]
        columns = {rule_id: self.whole.column(f"decided.{rule_id}") for rule_id in masks}
        self.decided[COMBINATION] = columns
        for rule_id, column in columns.items():
            yield column, some(masks[rule_id])


def _at_worst(treatment: _Treatment, verdict: Verdict) -> Test:
    """Where the verdict is one of the order or a worse one, taken in the order of the design."""
    barred, indicated = treatment.holds("barred"), treatment.holds("indicated")
    deferred = treatment.holds("deferred")
    unsettled = [Unknown(each) for each in (barred, indicated, deferred)]
    notices: list[Test] = [TRUE] if treatment.truth("notice") else []
    grounds: dict[Verdict, list[Test]] = {
        Verdict.CONTRAINDICATED: [Surely(barred)],
        Verdict.NOT_INDICATED: [Surely(negated(indicated))],
        Verdict.NOT_NOW: [Surely(deferred)],
        Verdict.CANNOT_SAY_YET: [*unsettled, Unknown(treatment.holds("met"))],
        Verdict.WITH_CONDITIONS: [*notices, Possibly(treatment.holds("conditioned"))],
    }
    worse: list[Test] = []
    if PLACE[verdict]:
        worse.append(treatment.at_worst(ORDER[PLACE[verdict] - 1]))
    return some([*worse, *grounds[verdict]])


def _waiting(rule: ReadRule, treatment: _Treatment) -> list[Test]:
    """What must hold for the questions of a rule: those of an indication count while none is true."""
    return [treatment.holds("waiting")] if rule.kind == "indication" else []


def _place(treatment: _Treatment) -> Pick:
    """The place of the verdict in `ORDER`: the first that it is at worst, else the best."""
    cases = [(treatment.at_worst(verdict), Given(PLACE[verdict])) for verdict in ORDER[:-1]]
    return Pick(tuple(cases), Given(PLACE[ORDER[-1]]))
