"""`overstory dose`: the dose of one session for one person, as a calculation or as an order of the day."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import orjson

from overstory.cli.dose_text import dose_text
from overstory.cli.input import (
    at_option,
    bad_input_ends,
    facts_of,
    json_option,
    jurisdiction_option,
    knowledge_with,
    patient_argument,
    policy_option,
    read_record,
)
from overstory.engine.facts import Facts
from overstory.exchange.dose_json import dose_json, refusal_json
from overstory.exchange.patient_file import read_time
from overstory.exchange.records import InputError
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.protocols import Protocol
from overstory.pathway.dosing_limits import DoseNumberError, exact
from overstory.pathway.dosing_orders import (
    DoseOrder,
    OrderRefusedError,
    Recipient,
    Weighing,
    order,
    provisional_dose,
)
from overstory.pathway.dosing_steps import Given
from overstory.pathway.dosing_values import DoseError, Wish
from overstory.pathway.dosing_weights import Basis
from overstory.pathway.protocols import NoProtocolError, protocol_named
from overstory.pathway.suitability import Assessment, TreatmentAssessment, assess
from overstory.pathway.verdicts import PERMITTING, Verdict

REFUSED = 3
NEVER = frozenset({Verdict.CONTRAINDICATED, Verdict.NOT_INDICATED})


class _Number(click.ParamType[Decimal]):
    """A decimal number as it is written."""

    name = "NUMBER"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        try:
            return exact(str(value))
        except DoseNumberError as error:
            self.fail(str(error), param, ctx)


NUMBER = _Number()


@click.command(
    epilog="Examples: overstory dose ruth.yaml --protocol P-IV-STD --product ketamine-50-mg-per-ml   ·   "
    "overstory dose ruth.yaml --protocol P-ESK-US-TRD --mg 84 --order "
    "--given 2026-11-20T10:00:00-05:00=56"
)
@patient_argument
@click.option("--protocol", "protocol_id", required=True, metavar="ID", help="The protocol.")
@click.option("--order", "as_order", is_flag=True, help="An order of the day, with all its checks.")
@click.option(
    "--mg", type=NUMBER, help="The dose in mg, where the prescriber sets it or lowers it."
)
@click.option("--mg-per-kg", type=NUMBER, help="The step of a titration, in mg/kg.")
@click.option("--basis", type=click.Choice([each.value for each in Basis]), help="By which weight.")
@click.option("--product", metavar="ID", help="The vial, such as ketamine-50-mg-per-ml.")
@click.option("--minutes", type=NUMBER, help="Length of the infusion; the protocol's by default.")
@click.option("--total-ml", type=NUMBER, help="Volume of the infusion in mL.")
@click.option("--weight-before", metavar="KG@DATE", help="The weight before the one on record.")
@click.option(
    "--given", multiple=True, metavar="TIME=MG[:MG_PER_KG[:yes|no]]",
    help="A dose of the course so far, and whether there was a response.",
)  # fmt: skip
@at_option
@jurisdiction_option
@policy_option
@json_option
def dose(patient: Path, **options: Any) -> None:
    """Work out the dose of one session for PATIENT; `--order` checks all that an order needs."""
    with bad_input_ends():
        asked = _asked(patient, options)
    found, refusal = _dose(asked)
    if found is None:
        _refuse(asked, refusal)
    elif options["as_json"]:
        shown = dose_json(
            found, assessment=asked.assessment, is_order=asked.is_order, knowledge=asked.knowledge
        )
        click.echo(orjson.dumps(shown).decode())
    else:
        click.echo(
            dose_text(
                found,
                assessment=asked.assessment,
                is_order=asked.is_order,
                knowledge=asked.knowledge,
            )
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command is asked, read and assessed."""

    protocol: Protocol
    wish: Wish
    recipient: Recipient
    at: datetime
    assessment: Assessment
    jurisdiction: Any
    knowledge: Knowledge
    is_order: bool
    as_json: bool

    @property
    def assessed(self) -> TreatmentAssessment:
        """The one treatment that the protocol is of."""
        return self.assessment.treatments[0]


def _asked(patient: Path, options: dict[str, Any]) -> _Asked:
    knowledge = knowledge_with(options["policy"])
    record = read_record(patient, at=options["at"], knowledge=knowledge)
    facts = facts_of(record, knowledge)
    try:
        protocol = protocol_named(protocol_id=options["protocol_id"], knowledge=knowledge)
    except NoProtocolError as error:
        raise InputError(str(error)) from None
    jurisdiction = options["jurisdiction"] or record.jurisdiction or "US"
    assessment = assess(
        patient=record.patient,
        facts=facts,
        knowledge=knowledge,
        jurisdiction=jurisdiction,
        treatments=(protocol.treatment,),
    )
    return _Asked(
        protocol=protocol,
        wish=_wish(options, knowledge),
        recipient=_recipient(facts, options),
        at=facts.at,
        assessment=assessment,
        jurisdiction=jurisdiction,
        knowledge=knowledge,
        is_order=options["as_order"],
        as_json=options["as_json"],
    )


def _dose(asked: _Asked) -> tuple[DoseOrder | None, OrderRefusedError | None]:
    """Return the dose, or why there is none; the verdict alone may be the reason."""
    verdict = asked.assessed.verdict
    held = verdict in NEVER or (asked.is_order and verdict not in PERMITTING)
    work = order if asked.is_order else provisional_dose
    try:
        found = work(
            protocol=asked.protocol,
            wish=asked.wish,
            recipient=asked.recipient,
            at=asked.at,
            knowledge=asked.knowledge,
            jurisdiction=asked.jurisdiction,
        )
    except OrderRefusedError as error:
        return None, error
    return (None, None) if held else (found, None)


def _refuse(asked: _Asked, error: OrderRefusedError | None) -> None:
    verdict = asked.assessed.verdict
    rules = _deciding(asked.assessed)
    if asked.as_json:
        shown = refusal_json(error, assessed=asked.assessed, rules=rules)
        click.echo(orjson.dumps(shown).decode())
    said = [
        f"{asked.assessment.patient}: no {'order' if asked.is_order else 'dose'} of {asked.protocol.id}"
    ]
    said += [f"  {each.says}" for each in (error.refusals if error else ())]
    if verdict in NEVER or (asked.is_order and verdict not in PERMITTING):
        named = f" ({', '.join(rules)})" if rules else ""
        said.append(f"  {asked.protocol.treatment} is {verdict.value}{named}")
    click.echo("\n".join(said), err=True)
    sys.exit(REFUSED)


def _deciding(assessed: TreatmentAssessment) -> list[str]:
    """The rules behind a verdict that does not permit treatment."""
    wanted: dict[Verdict, dict[str, tuple[bool | None, ...]]] = {
        Verdict.CONTRAINDICATED: {"contraindication": (True,)},
        Verdict.NOT_INDICATED: {"indication": (False,)},
        Verdict.NOT_NOW: {"defer": (True,)},
        Verdict.CANNOT_SAY_YET: {
            "contraindication": (None,), "defer": (None,), "requires": (None, False), "indication": (None,),
        },
    }  # fmt: skip
    kinds = wanted.get(assessed.verdict, {})
    return [each.rule.id for each in assessed.rules if each.answer in kinds.get(each.rule.kind, ())]


def _wish(options: dict[str, Any], knowledge: Knowledge) -> Wish:
    products = [each.id for each in knowledge.sections["products"]]
    if options["product"] not in (None, *products):
        raise InputError(
            f"no product is named {options['product']!r}; there is {', '.join(products)}"
        )
    try:
        return _read_wish(options)
    except DoseError as error:
        raise InputError(str(error)) from None


def _read_wish(options: dict[str, Any]) -> Wish:
    return Wish(
        mg_per_kg=options["mg_per_kg"],
        mg=options["mg"],
        basis=None if options["basis"] is None else Basis(options["basis"]),
        minutes=options["minutes"],
        total_ml=options["total_ml"],
        product=options["product"],
    )


def _recipient(facts: Facts, options: dict[str, Any]) -> Recipient:
    """The weight is taken however old it is; whether it may be used is the order's to say."""
    weight, height = facts.given.get("weight_kg"), facts["height_cm"]
    weighed = None
    if weight is not None and isinstance(weight.value, int | float):
        weighed = Weighing(exact(weight.value), weight.at or facts.at)
    sex, age = facts["sex_at_birth"].value, facts["age_years"].value
    return Recipient(
        weighed=weighed,
        weighed_before=_weighed_before(options["weight_before"], facts.at),
        height_cm=exact(height.value) if isinstance(height.value, int | float) else None,
        sex_at_birth=sex if isinstance(sex, str) else None,
        age_years=age if isinstance(age, int | float) else None,
        given=tuple(_given(options["given"])),
    )


def _weighed_before(text: str | None, at: datetime) -> Weighing | None:
    if text is None:
        return None
    kg, _, day = text.partition("@")
    try:
        found = Weighing(exact(kg), datetime.combine(_day(day), time(), tzinfo=at.tzinfo or UTC))
    except ValueError:
        raise InputError(
            f"--weight-before is such as 71.5@2026-10-20, kg above zero, not {text!r}"
        ) from None
    return found


def _day(text: str) -> Any:
    return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  # a day has no zone


def _given(texts: tuple[str, ...]) -> Iterator[Given]:
    answers = {"yes": True, "no": False, "": None}
    for text in texts:
        when, _, doses = text.partition("=")
        mg, per_kg, answer, *more = [*doses.split(":"), "", ""]
        try:
            if len(more) > 2:
                raise DoseError("too many parts")
            yield Given(
                at=read_time(when),
                mg=exact(mg),
                mg_per_kg=exact(per_kg) if per_kg else None,
                responded=answers[answer],
            )
        except (ValueError, KeyError):
            raise InputError(
                f"--given is such as 2026-11-20T10:00:00-05:00=35:0.5:no, not {text!r}"
            ) from None
