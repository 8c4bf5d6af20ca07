"""`overstory protocols`: list and show the courses of treatment, and say which may be planned here."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import click
import orjson

from overstory.cli.combination_text import combination_text
from overstory.cli.input import (
    bad_input_ends,
    json_option,
    jurisdiction_option,
    knowledge_with,
    policy_option,
)
from overstory.cli.protocol_text import protocol_text, protocols_text
from overstory.exchange.protocol_json import combination_json, protocol_json, protocols_json
from overstory.exchange.records import InputError
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocols import Combination, Protocol
from overstory.knowledge.shapes.rules import TREATMENT_IDS, TreatmentId
from overstory.knowledge.shapes.shared import Jurisdiction
from overstory.pathway.protocols import judge, protocol_named, protocols_of


@click.group(epilog="Example: overstory protocols show P-IV-STD --policy clinic.yaml")
def protocols() -> None:
    """List and show the courses of treatment, and say which may be planned here."""


@protocols.command(name="list")
@click.option("--treatment", type=click.Choice(TREATMENT_IDS), help="Only those of a treatment.")
@jurisdiction_option
@policy_option
@json_option
def list_(
    treatment: TreatmentId | None,
    jurisdiction: Jurisdiction | None,
    policy: Path | None,
    *,
    as_json: bool,
) -> None:
    """List the protocols, each with whether it may be planned."""
    with bad_input_ends():
        knowledge = knowledge_with(policy)
    found = [
        judge(protocol=each, knowledge=knowledge, jurisdiction=jurisdiction)
        for each in protocols_of(
            knowledge=knowledge, treatment=treatment, jurisdiction=jurisdiction
        )
    ]
    combined = _combinations(knowledge, treatment)
    if as_json:
        click.echo(orjson.dumps(protocols_json(found, combined, knowledge=knowledge)).decode())
        return
    click.echo(protocols_text(found, combined))
    click.echo(f"{len(found)} protocols; * is planned where nobody names one", err=True)


@protocols.command()
@click.argument("protocol_id", metavar="ID")
@jurisdiction_option
@policy_option
@json_option
def show(
    protocol_id: str, jurisdiction: Jurisdiction | None, policy: Path | None, *, as_json: bool
) -> None:
    """Show a protocol or a combination: every number with its source, and why it may not be planned."""
    with bad_input_ends():
        knowledge = knowledge_with(policy)
        found = _find(protocol_id, knowledge)
    if isinstance(found, Combination):
        _show_combination(found, knowledge, as_json=as_json)
        return
    judged = judge(protocol=found, knowledge=knowledge, jurisdiction=jurisdiction)
    if as_json:
        click.echo(orjson.dumps(protocol_json(judged, knowledge=knowledge)).decode())
    else:
        click.echo(protocol_text(judged, knowledge=knowledge))


def _show_combination(combination: Combination, knowledge: Knowledge, *, as_json: bool) -> None:
    constraints = [
        each
        for each in knowledge.sections.get("combination_constraints", ())
        if each.id in combination.constraints
    ]
    if as_json:
        shown = combination_json(combination, constraints, knowledge=knowledge)
        click.echo(orjson.dumps(shown).decode())
    else:
        click.echo(combination_text(combination, constraints, knowledge=knowledge))


def _find(wanted_id: str, knowledge: Knowledge) -> Protocol | Combination:
    combinations = {each.id.casefold(): each for each in _combinations(knowledge, None)}
    known = {each.id.casefold(): each.id for each in knowledge.sections.get("protocols", ())}
    wanted = wanted_id.casefold()
    if wanted in combinations:
        return combinations[wanted]
    if wanted in known:
        return protocol_named(protocol_id=known[wanted], knowledge=knowledge)
    names = {**known, **{key: each.id for key, each in combinations.items()}}
    near = get_close_matches(wanted, names, n=3, cutoff=0.5) or list(names)
    listed = ", ".join(names[each] for each in near)
    raise InputError(f"no protocol is named {wanted_id!r}; there is {listed}")


def _combinations(knowledge: Knowledge, treatment: str | None) -> list[Combination]:
    return [
        each
        for each in knowledge.sections.get("combinations", ())
        if treatment in (None, each.treatment)
    ]
