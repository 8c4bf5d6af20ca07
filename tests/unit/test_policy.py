"""What a site may change in the rules, and what not."""

import pytest

from overstory.exchange.policy_file import read_policy_file
from overstory.exchange.records import InputError
from overstory.knowledge.load import load_knowledge
from overstory.pathway.policy import PolicyError, with_policy

HEAD = 'clinic: A clinic\nadopted_by: its medical director\nadopted_on: "2026-11-22"\nrules:\n'


def changed(rule, **change):
    lines = "".join(f"    {key}: {value}\n" for key, value in change.items())
    policy = read_policy_file(f"{HEAD}  {rule}:\n{lines}", name="site.yaml")
    return with_policy(load_knowledge(), policy)


def a_rule(**wanted):
    return next(
        rule.id
        for rule in load_knowledge().rules
        if all(getattr(rule.words, key) == value for key, value in wanted.items())
    )


def test_a_site_leaves_out_a_rule_of_its_own_policy():
    rule = a_rule(status="site-policy", kind="caution")

    knowledge = changed(rule, leave_out="true", reason="We do not hold this.")

    assert rule not in [each.id for each in knowledge.rules]
    assert knowledge.sha256 != load_knowledge().sha256


def test_a_site_moves_the_threshold_of_its_own_policy():
    rule = next(r.id for r in load_knowledge().rules
                if r.words.status == "site-policy" and "systolic_bp" in r.fact_names and r.when)  # fmt: skip

    knowledge = changed(rule, when="systolic_bp >= 170", reason="Our anesthetist's limit.")

    assert knowledge.rule(rule).words.when == "systolic_bp >= 170"
    assert "Our anesthetist's limit" in knowledge.rule(rule).words.note


def test_a_site_turns_a_contraindication_that_allows_it_into_a_decision():
    rule = a_rule(kind="contraindication", downgrade=True)

    knowledge = changed(rule, kind="physician-decision", reason="Cardiology and the maker agreed.")

    assert knowledge.rule(rule).kind == "physician-decision"


REFUSED = {
    "a label's rule cannot be left out": (
        "esketamine.pressure-before-dose", {"leave_out": "true", "reason": "x"}, "status site-policy"),
    "a label's threshold cannot be moved": (
        "esketamine.pressure-before-dose", {"when": "systolic_bp > 200", "reason": "x"}, "status site-policy"),
    "an alert cannot be left out": (
        "safety.level-high", {"leave_out": "true", "reason": "x"}, "how danger is seen"),
    "a notice cannot be left out": (
        "ketamine-then-tms.off-label-low-certainty",
        {"leave_out": "true", "reason": "x"},
        "what everybody must be told",
    ),
    "an unknown rule": ("esketamine.pressure", {"leave_out": "true", "reason": "x"}, "no rule is named"),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "change", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_a_sites_to_change_is_refused(rule, change, why):
    with pytest.raises(PolicyError, match=why):
        changed(rule, **change)


def test_a_contraindication_of_the_label_cannot_be_downgraded():
    rule = a_rule(kind="contraindication", downgrade=False)

    with pytest.raises(PolicyError, match="does not"):
        changed(rule, kind="physician-decision", reason="We know better.")


def test_a_change_without_a_reason_is_refused():
    with pytest.raises(InputError, match="reason"):
        changed("esketamine.pressure-before-dose", leave_out="true")


def test_a_condition_that_cannot_be_read_is_refused():
    rule = a_rule(status="site-policy", kind="defer")

    with pytest.raises(PolicyError, match="no fact is named 'pulse'"):
        changed(rule, when="pulse > 3", reason="x")
