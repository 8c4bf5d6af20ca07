"""`overstory explain`: a rule in words with its sources, or why it answered so for a person."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import orjson

from overstory.cli.input import (
    at_option,
    bad_input_ends,
    facts_of,
    json_option,
    knowledge_with,
    policy_option,
    read_record,
)
from overstory.cli.wording import STATUS_WORDS, reasons_text, wrapped
from overstory.engine.facts import Facts
from overstory.engine.saying import say
from overstory.exchange.assessment_json import reason_json, sources_json
from overstory.exchange.records import InputError
from overstory.knowledge.answering import answer_of
from overstory.knowledge.load import Knowledge
from overstory.knowledge.rules import ReadRule
from overstory.pathway.flips import ways_to_change

INDENT = 14
TRUTH_WORDS = {True: "true", False: "false", None: "unknown"}
REQUIRES_WORDS = {True: "met", None: "open", False: "false"}


@click.command(
    epilog="Examples: overstory explain esketamine.pressure-before-dose   ·   "
    "overstory explain esketamine.pressure-before-dose maya.yaml"
)
@click.argument("rule_id", metavar="RULE")
@click.argument("patient", required=False, type=click.Path(path_type=Path, allow_dash=True))
@at_option
@policy_option
@json_option
def explain(
    rule_id: str,
    patient: Path | None,
    at: datetime | None,
    policy: Path | None,
    *,
    as_json: bool,
) -> None:
    """Say what RULE means and where it stands; with PATIENT, why it answered so."""
    with bad_input_ends():
        knowledge = knowledge_with(policy)
        rule = _find(rule_id, knowledge)
        facts = None
        if patient is not None:
            facts = facts_of(read_record(patient, at=at, knowledge=knowledge), knowledge)
    if as_json:
        click.echo(orjson.dumps(_json(rule, facts, knowledge)).decode())
    else:
        click.echo(_text(rule, facts, knowledge))


def _find(rule_id: str, knowledge: Knowledge) -> ReadRule:
    rules = {rule.id: rule for rule in (*knowledge.rules, *knowledge.off_label.values())}
    if rule_id not in rules:
        near = get_close_matches(rule_id, rules, n=3, cutoff=0.5)
        advice = f"; near it: {', '.join(near)}" if near else "; see overstory knowledge list"
        raise InputError(f"no rule is named {rule_id!r}{advice}")
    return rules[rule_id]


def condition_text(rule: ReadRule, knowledge: Knowledge) -> str:
    """Return in plain English when a rule is true, or what it needs."""
    label = knowledge.vocabulary
    if rule.when is not None:
        return f"True when {say(rule.when, label)}."
    if rule.kind == "requires":
        names = rule.words.needs or rule.words.needs_one_of
        which = "all of" if rule.words.needs else "one of"
        needed = f"Needs {which}: {'; '.join(label[name].label for name in names)}"
        fresh = f", not older than {rule.words.fresh_within}" if rule.words.fresh_within else ""
        only_if = (
            f" – unless it is known that not ({say(rule.only_if, label)})" if rule.only_if else ""
        )
        return f"{needed}{fresh}{only_if}."
    return (
        "Always said."
        if rule.kind == "notice"
        else "True when no true indication is on its label here."
    )


def _text(rule: ReadRule, facts: Facts | None, knowledge: Knowledge) -> str:
    words = rule.words
    lines = [f"{click.style(rule.id, bold=True)}  {words.kind}", ""]

    def line(name: str, text: str) -> None:
        if text:
            lines.append(wrapped(text, indent=INDENT, first=name))

    line("says", words.says)
    line("condition", condition_text(rule, knowledge))
    line("as written", words.when or words.if_)
    line("do", words.precaution)
    line("to patient", words.to_patient)
    line("for", ", ".join(words.applies_to) + _places(rule))
    for regulatory in words.regulatory:
        since = f" since {regulatory.since}" if regulatory.since else ""
        line(
            "status there",
            f"{regulatory.jurisdiction}: {regulatory.status}{since} {regulatory.note}",
        )
    line("evidence", f"{words.evidence} {words.evidence_note}" if words.evidence else "")
    line("power", _power(rule))
    line("note", words.note)
    for source in sources_json(rule, knowledge):
        place = f", {source['at']}" if source["at"] else ""
        line("source", f"{source['title']}{place} [{source['id']}] {source['url']}")
    if facts is not None:
        lines += ["", *_answer_lines(rule, facts)]
    return "\n".join(lines)


def _places(rule: ReadRule) -> str:
    return f" · only in {' and '.join(rule.words.jurisdiction)}" if rule.words.jurisdiction else ""


def _power(rule: ReadRule) -> str:
    more = STATUS_WORDS[rule.words.status]
    return f"{rule.words.status}{f' ({more})' if more and more != rule.words.status else ''}"


def _answer_lines(rule: ReadRule, facts: Facts) -> list[str]:
    answer = answer_of(rule, facts)
    words = REQUIRES_WORDS if rule.kind == "requires" else TRUTH_WORDS
    lines = [wrapped(words[answer.truth], indent=INDENT, first="answers", weight="bold")]
    if answer.because:
        lines.append(wrapped(reasons_text(answer.because, facts), indent=INDENT, first="because"))
    lines += [
        wrapped(facts.vocabulary[name].label, indent=INDENT, first="asks") for name in answer.asks
    ]
    if rule.when is not None:
        lines += [
            wrapped(
                " and ".join(say(leaf, facts.vocabulary) for leaf in way),
                indent=INDENT,
                first="would change",
            )
            for way in ways_to_change(rule.when, facts)
        ]
    return lines


def _json(rule: ReadRule, facts: Facts | None, knowledge: Knowledge) -> dict[str, Any]:
    words = rule.words
    shown: dict[str, Any] = {
        "id": rule.id,
        "kind": rule.kind,
        "says": words.says,
        "when": words.when or words.if_,
        "in_words": condition_text(rule, knowledge),
        "applies_to": list(words.applies_to),
        "jurisdiction": list(words.jurisdiction),
        "status": words.status,
        "precaution": words.precaution,
        "sources": sources_json(rule, knowledge),
    }
    if facts is not None:
        answer = answer_of(rule, facts)
        shown["answer"] = answer.truth
        shown["because"] = [reason_json(each, facts) for each in answer.because]
        shown["asks"] = answer.asks
    return shown
