"""People of whom much is known, as rows: the invented example patients put into a clinic."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from overstory.clinic.care.actions import Statement, state_fact, state_facts
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.adopting import Act, adopt
from overstory.clinic.care.assessing import assess_person
from overstory.clinic.care.deciding import Reason, write_each
from overstory.clinic.people.models import Clinic, Person, Staff
from overstory.engine.facts import Unknown
from overstory.exchange.patient_file import read_patient_file
from overstory.knowledge.load import load_knowledge

EXAMPLES = Path(__file__).parents[2] / "examples" / "patients"


def state(person: Person, at: datetime, by: Staff | None = None, **facts: Any) -> None:
    """State these facts as true and recorded at that moment."""
    vocabulary = load_knowledge().vocabulary
    said = [
        Statement(
            id=uuid4(), kind=vocabulary[name], value=value, unknown=None, at=at, origin="a test"
        )
        for name, value in facts.items()
    ]
    state_facts(person=person, statements=said, by=by, at=at)


def state_unknown(person: Person, name: str, at: datetime) -> None:
    """State that a fact was asked and is not known, as of that moment."""
    said = Statement(
        id=uuid4(),
        kind=load_knowledge().vocabulary[name],
        value=None,
        unknown=Unknown.NOT_ANSWERED,
        at=at,
        origin="a test",
    )
    state_fact(person=person, statement=said, by=None, at=at)


def state_example(person: Person, at: datetime, *, name: str, **instead: Any) -> None:
    """State all facts of an example patient as of that moment, some of them otherwise."""
    knowledge = load_knowledge()
    text = (EXAMPLES / f"{name}.yaml").read_text("utf-8")
    record = read_patient_file(text, name=name, knowledge=knowledge)
    facts = {key: fact.value for key, fact in record.given.items() if fact.is_known}
    state(person, at, **{**facts, **instead})


def adopt_running(clinic: Clinic, director: Staff, at: datetime, *, policy: str = "") -> None:
    """Adopt the release that runs."""
    act = Act(key=uuid4(), sha256=load_knowledge().sha256, policy=policy, words="I adopt this.")
    adopt(clinic=clinic, act=act, by=director, at=at)


def go_on(person: Person, by: Staff, at: datetime) -> None:
    """Write for every decision that is left to a physician that they go on."""
    force = in_force(person.clinic)
    page = uuid4()
    reasons = [
        Reason(page, treatment.treatment, each.rule.id, True, "Talked through.")
        for treatment in assess_person(person, at=at, force=force).assessment.treatments
        for each in treatment.rules
        if each.rule.kind == "physician-decision" and each.answer and each.part is None
    ]
    write_each(person=person, reasons=reasons, force=force, by=by, at=at)
