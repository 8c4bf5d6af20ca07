"""`overstory history`: the antidepressant trials read one by one, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson

from overstory.cli.input import (
    at_option,
    bad_input_ends,
    facts_of,
    json_option,
    patient_argument,
    read_record,
)
from overstory.cli.wording import STATUS_WORDS, wrapped
from overstory.engine.truth import Truth
from overstory.exchange.records import Record
from overstory.knowledge.load import Knowledge, load_knowledge
from overstory.knowledge.shapes.shared import Cite
from overstory.pathway.ledger import LedgerFacts, derive
from overstory.pathway.resistance import (
    DefinitionAnswer,
    MaudsleyScore,
    Range,
    ThaseRush,
    definitions,
    maudsley,
    thase_rush,
)
from overstory.pathway.trials import TrialReading

INDENT = 12
TRUTH_WORDS: dict[Truth, str] = {True: "yes", False: "no", None: "unknown"}


@click.command(epilog="Example: overstory history examples/patients/maya.yaml")
@patient_argument
@at_option
@json_option
def history(patient: Path, at: datetime | None, *, as_json: bool) -> None:
    """Show the trials of PATIENT, treatment resistance by every definition at once, and staging."""
    with bad_input_ends():
        knowledge = load_knowledge()
        record = read_record(patient, at=at, knowledge=knowledge)
        found = _History(record, knowledge)
    click.echo(orjson.dumps(found.as_json()).decode() if as_json else "\n".join(found.lines()))


class _History:
    """What the trials of one person come to."""

    def __init__(self, record: Record, knowledge: Knowledge) -> None:
        facts = facts_of(record, knowledge)
        self.record = record
        self.ledger: LedgerFacts | None = None
        self.stage: ThaseRush | None = None
        if record.trials:
            self.ledger = derive(trials=record.trials, knowledge=knowledge)
            self.stage = thase_rush(facts=facts, ledger=self.ledger, knowledge=knowledge)
        self.definitions = definitions(trials=record.trials, knowledge=knowledge)
        self.maudsley = maudsley(facts=facts, ledger=self.ledger, knowledge=knowledge)

    def lines(self) -> Iterator[str]:
        yield click.style(f"{self.record.patient}: antidepressant trials", bold=True)
        if self.ledger is None:
            yield "  none on record; that is not the same as none"
        else:
            yield from (_trial_text(each) for each in self.ledger.readings)
            yield ""
            for name, count in self.ledger.counts.items():
                number = (
                    count.least if count.value is not None else f"{count.least} to {count.greatest}"
                )
                yield f"  {name}: {number}"
            yield from (wrapped(each, indent=4, first="  ?") for each in self.ledger.missing)
            yield from (wrapped(each, indent=4, first="  ≠") for each in self.ledger.conflicts)
        yield ""
        yield click.style("Treatment-resistant depression, by every definition", bold=True)
        yield from (_definition_text(each) for each in self.definitions)
        yield ""
        yield click.style("Staging", bold=True)
        yield _maudsley_text(self.maudsley)
        if self.stage is not None:
            sources = _cited(self.stage.sources, self.stage.status)
            yield wrapped(f"Thase–Rush stage {_range(self.stage.stage)} {sources}", indent=2)

    def as_json(self) -> dict[str, Any]:
        return {
            "schema": "overstory.history/1",
            "patient": self.record.patient,
            "at": self.record.at.isoformat(),
            "trials": [_trial_json(each) for each in self.ledger.readings] if self.ledger else [],
            "counts": {
                name: {"least": count.least, "greatest": count.greatest}
                for name, count in (self.ledger.counts if self.ledger else {}).items()
            },
            "missing": list(self.ledger.missing) if self.ledger else [],
            "conflicts": list(self.ledger.conflicts) if self.ledger else [],
            "definitions": [_definition_json(each) for each in self.definitions],
            "maudsley": _maudsley_json(self.maudsley),
            "thase_rush": _range_json(self.stage.stage) if self.stage else None,
        }


def _trial_text(reading: TrialReading) -> str:
    trial = reading.trial
    dose = f"{trial.dose_mg:g} mg" if trial.dose_mg is not None else "dose unknown"
    weeks = f"{trial.weeks:g} weeks" if trial.weeks is not None else "weeks unknown"
    head = f"{reading.number}. {trial.medicine}, {dose}, {weeks}, {trial.episode} episode"
    counted = (
        f"failed: {TRUTH_WORDS[reading.failed]}; not tolerated: {TRUTH_WORDS[reading.intolerable]}"
    )
    why = "; ".join(check.why for check in reading.checks.values())
    return wrapped(f"{head} – {counted}. {why}", indent=5, first="  ")


def _trial_json(reading: TrialReading) -> dict[str, Any]:
    return {
        "number": reading.number,
        "medicine": reading.medicine,
        "given_as": reading.trial.medicine,
        "class": reading.antidepressant_class,
        "failed": reading.failed,
        "intolerable": reading.intolerable,
        "augmentation": reading.augmentation,
        "checks": {
            name: {"answer": check.truth, "why": check.why}
            for name, check in reading.checks.items()
        },
    }


def _definition_text(answer: DefinitionAnswer) -> str:
    sources = _cited(answer.sources, answer.status)
    text = f"{answer.label}: {'; '.join(answer.why)} {sources}"
    return wrapped(text, indent=INDENT, first=f"  {TRUTH_WORDS[answer.truth]}")


def _definition_json(answer: DefinitionAnswer) -> dict[str, Any]:
    return {
        "id": answer.id,
        "label": answer.label,
        "answer": answer.truth,
        "why": list(answer.why),
        "status": answer.status,
        "sources": [{"id": cite.id, "at": cite.at} for cite in answer.sources],
        "note": answer.note,
    }


def _maudsley_text(score: MaudsleyScore) -> str:
    if score.total is None:
        return "  Maudsley: needs a failed antidepressant"
    band = f", {score.band}" if score.band else ""
    parts = ", ".join(f"{name} {_range(part)}" for name, part in score.parts.items())
    only = "" if score.applies else " (only if an antidepressant failed)"
    text = (
        f"Maudsley {_range(score.total)}{band}{only}: {parts} {_cited(score.sources, score.status)}"
    )
    return wrapped(text, indent=2, first="  ")


def _maudsley_json(score: MaudsleyScore) -> dict[str, Any]:
    return {
        "applies": score.applies,
        "total": _range_json(score.total) if score.total else None,
        "band": score.band,
        "parts": {name: _range_json(part) for name, part in score.parts.items()},
    }


def _range(found: Range) -> str:
    return str(found.least) if found.value is not None else f"{found.least} to {found.greatest}"


def _range_json(found: Range) -> dict[str, int]:
    return {"least": found.least, "greatest": found.greatest}


def _cited(sources: tuple[Cite, ...], status: str) -> str:
    said = "; ".join(f"{cite.id} {cite.at}".strip() for cite in sources)
    power = STATUS_WORDS.get(status, status)  # type: ignore[call-overload]  # a status read from a file
    return f"[{said}]{f' · {power}' if power else ''}"
