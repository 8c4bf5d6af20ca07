"""Stories of evaluation: histories taken down fact by fact, assessments, reasons, notes, records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from overstory.clinic.care.actions import (
    Statement,
    TrialStatement,
    state_facts,
    state_trial,
)
from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.assessing import assess_person, record_assessment
from overstory.clinic.care.deciding import Reason, write_each
from overstory.clinic.care.facts import AGE
from overstory.clinic.demo.choosing import Chosen
from overstory.clinic.demo.world import World
from overstory.clinic.people.models import Person, Staff
from overstory.clinic.safety.actions import Told, raise_alert
from overstory.engine.facts import Fact, Unknown
from overstory.exchange.patient_file import read_patient_file
from overstory.knowledge.load import load_knowledge
from overstory.pathway.ledger import Trial
from overstory.pathway.verdicts import PERMITTING

PERSONS = Path(__file__).parent / "persons"
EXAMPLES = ("maya", "ruth", "sam")
MEASURED = frozenset({"systolic_bp", "diastolic_bp", "heart_rate", "respiratory_rate", "spo2",
                      "weight_kg", "height_cm"})  # fmt: skip
SHORT = timedelta(days=3)
"""What is fresh for less is asked again on the day before the base."""
REASONS = (
    "Discussed with the person; the benefit outweighs this risk, and it will be watched closely.",
    "Seen together with the notes of the general practice; the risk is accepted.",
)


def take_history(
    world: World, what: str, person: Person, given: Mapping[str, Fact],
    trials: Iterable[Trial], *, at: datetime,
) -> None:  # fmt: skip
    """Take down everything that is known of someone, as of the moment at which it is told."""
    nurse = world.at_site("nurse", site=person.site)
    earlier = world.base - at
    told = [
        _said(
            world, f"{what}/{name}/{at.date()}", name, fact,
            min((fact.at or world.base) - earlier, at), nurse,
        )
        for name, fact in given.items()
        if name != AGE and fact.unknown is not Unknown.NOT_ASKED
    ]  # fmt: skip
    state_facts(person=person, statements=told, by=nurse, at=at)
    for number, trial in enumerate(trials):
        fields = {
            name: value for name in Trial.__slots__
            if name != "source" and (value := getattr(trial, name)) is not None
        }  # fmt: skip
        state_trial(
            person=person,
            statement=TrialStatement(world.key("trial", what, number), fields, is_whole=True),
            by=nurse,
            at=at,
        )


def raises_alert(world: World, what: str, person: Person, *, at: datetime) -> bool:
    """Raise the alert that a history calls for; return whether its facts say that the risk is high."""
    force = in_force(person.clinic)
    safety = assess_person(person, at=at, force=force).assessment.safety
    if not safety.crisis_first:
        return False
    nurse = world.at_site("nurse", site=person.site)
    raise_alert(
        person=person, site=person.site, kind="staff-raised", tier="high",
        source=f"staff:{world.key('alert', what)}", at=at, actor=nurse.actor,
        says="Told while the history was taken: thoughts of suicide, and intent to act on them.",
        told=Told(on_site=True),
    )  # fmt: skip
    return True


def ask_again(
    world: World, what: str, person: Person, given: Mapping[str, Fact], *, at: datetime
) -> None:
    """Ask again what holds only for a few days."""
    vocabulary = load_knowledge().vocabulary
    nurse = world.at_site("nurse", site=person.site)
    told = [
        _said(world, f"{what}/{name}/again", name, fact, at, nurse)
        for name, fact in given.items()
        if fact.is_known and (fresh := vocabulary[name].fresh_for) is not None and fresh <= SHORT
    ]
    state_facts(person=person, statements=told, by=nurse, at=at)


def _said(
    world: World, what: str, name: str, fact: Fact, true_at: datetime, by: Staff
) -> Statement:
    how = "measured by" if name in MEASURED else "asked by"
    unknown = None if fact.is_known else Unknown.NOT_ANSWERED
    return Statement(
        id=world.key("fact", what), kind=load_knowledge().vocabulary[name], value=fact.value,
        unknown=unknown, at=true_at, origin=f"{how} {by.name}",
    )  # fmt: skip


def example(name: str) -> tuple[dict[str, Fact], tuple[Trial, ...]]:
    """Return what is known of one of the example patients."""
    text = (PERSONS / f"{name}.yaml").read_text("utf-8")
    record = read_patient_file(text, name=name, knowledge=load_knowledge())
    return dict(record.given), record.trials


def example_as_chosen(name: str, base: datetime) -> Chosen:
    """Return an example patient as one of those who come; all of it is told on one day."""
    given, trials = example(name)
    facts = {key: Fact(fact.value, unknown=fact.unknown, at=base) for key, fact in given.items()}
    age, sex = given[AGE].value, given["sex_at_birth"].value
    return Chosen(facts, trials, {}, int(age) if isinstance(age, int | float) else 40, str(sex))


def decide(world: World, what: str, person: Person, *, at: datetime) -> None:
    """Write a reason for every decision that is left to a physician, and keep the assessment."""
    doctor = world.at_site("psychiatrist", site=person.site)
    force = in_force(world.clinic)
    random = world.random("reason", what)
    page = world.key("page", what)
    found = assess_person(person, at=at, force=force).assessment
    reasons = [
        Reason(page, treatment.treatment, each.rule.id, True, random.choice(REASONS))
        for treatment in found.treatments
        if treatment.verdict in PERMITTING
        for each in treatment.rules
        if each.rule.kind == "physician-decision" and each.answer and each.part is None
    ]
    write_each(person=person, reasons=reasons, force=force, by=doctor, at=at)
    record_assessment(
        person=person, key=world.key("assessment", what), force=force, by=doctor, at=at
    )
