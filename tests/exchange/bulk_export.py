"""Invented bulk exports for tests: people with all sorts of records, in files of any order."""

import gzip
import json
import random
from datetime import datetime

import polars as pl
from click.testing import CliRunner

from overstory.cli.facts import facts
from overstory.cli.ingest import ingest
from tests.exchange.fhir.documents import (
    AT,
    ICD,
    LOINC,
    SNOMED,
    answers,
    bundle,
    concept,
    condition,
    daily,
    observation,
    patient,
    quantity,
    statement,
)

WHEN = AT.isoformat()
BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
SHARED = {
    "Medication/m1": {"resourceType": "Medication", "id": "m1", "code": {"text": "lorazepam"}},
    "Medication/m2": {"resourceType": "Medication", "id": "m2", "code": {"text": "bupropion"}},
    "Device/d1": {"resourceType": "Device", "id": "d1", "type": concept(SNOMED, "14106009")},
    "Questionnaire/q1": {
        "resourceType": "Questionnaire",
        "id": "q1",
        "item": [{"linkId": "nine", "code": [{"system": LOINC, "code": "44260-8"}]}],
    },
}
CONDITIONS = [
    (ICD, "F33.2"), (ICD, "F32.9"), (SNOMED, "43252007"), (ICD, "I21.4"), (ICD, "I71.4"), (ICD, "F20.9"),
    (ICD, "G40.909"), (ICD, "F10.20"), (ICD, "Z33.1"), (ICD, "M54.5"), (ICD, "F31.9"), (SNOMED, "370143000"),
]  # fmt: skip
MEASURES = [
    ("8867-4", "/min", 40, 160), ("29463-7", "kg", 45, 130), ("8302-2", "cm", 140, 200),
    ("8480-6", "mm[Hg]", 60, 190), ("8462-4", "mm[Hg]", 40, 120), ("9279-1", "/min", 8, 34),
    ("2708-6", "%", 85, 100), ("44261-6", "{score}", 0, 27), ("718-7", "g/dL", 8, 17), ("29463-7", "lbs", 1, 3),
]  # fmt: skip
MEDICINES = [
    "sertraline 100 mg",
    "phenelzine",
    "lithium",
    "bupropion 150 mg",
    "lorazepam 1 mg",
    "water",
    "ketamine",
]


def moment(chance):
    written = f"20{chance.randint(19, 26)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    return chance.choice(
        [written, written[:7], written[:4], f"{written}T10:{chance.randint(0, 59):02d}:00Z"]
    )


def a_condition(chance):
    when = {} if chance.random() < 0.3 else {"onsetDateTime": moment(chance)}
    return condition(
        *chance.choice(CONDITIONS),
        clinical=chance.choice(["active", "active", "resolved", "remission"]),
        verified=chance.choice(["confirmed", "confirmed", "refuted", "provisional"]),
        **when,
    )


def a_measure(chance):
    code, unit, least, most = chance.choice(MEASURES)
    when = chance.choice([moment(chance), "2026-11-22T09:40:00-05:00", "2026-11-21"])
    return observation(code, chance.randint(least, most), unit, when=when)


def a_pressure(chance):
    parts = [
        {"code": concept(LOINC, code), "valueQuantity": quantity(chance.randint(60, 150), "mm[Hg]")}
        for code in ("8480-6", "8462-4")
    ]
    return observation("85354-9", when="2026-11-22T08:00:00-05:00", component=parts)


def a_statement(chance):
    if chance.random() < 0.4:
        made = statement("", dosage=daily(chance.choice([1, 2, 150]), "mg", times=2))
        del made["medicationCodeableConcept"]
        return {**made, "medicationReference": {"reference": f"Medication/m{chance.randint(1, 3)}"}}
    return statement(chance.choice(MEDICINES), dosage=daily(chance.choice([1, 150]), "mg"))


def an_answer(chance):
    code = chance.choice(["LA6568-5", "LA6569-3", "LA6570-1"])
    if chance.random() < 0.4:
        fields = {"questionnaire": "https://forms.example/Questionnaire/q1|1.0"}
        return answers({"nine": code}, link="{}", **fields)
    return answers({"44260-8": code}, authored=f"2026-{chance.randint(1, 12):02d}-03")


def a_device_use(chance):
    device = chance.choice(["Device/d1", "Device/elsewhere"])
    return {
        "resourceType": "DeviceUseStatement",
        "status": "active",
        "device": {"reference": device},
    }


def an_allergy(chance):
    text = chance.choice(["ketamine", "peanut"])
    return {
        "resourceType": "AllergyIntolerance",
        "code": {"text": text},
        "recordedDate": moment(chance),
    }


def another(chance):
    return chance.choice([
        {"resourceType": "Encounter", "status": "finished"},
        {"resourceType": "Observation", "status": "final", "code": {"text": "a note"}},
        {"resourceType": "Condition", "code": "of another shape"},
        observation("8867-4", 70, "/min", modifierExtension=[{"url": "x"}]),
    ])  # fmt: skip


MAKERS = [a_condition, a_condition, a_measure, a_measure, a_pressure, a_statement, an_answer, a_device_use,
          an_allergy, another]  # fmt: skip


def invented_person(name, chance):
    """The resources of one person, and the addresses of the shared ones that they refer to."""
    identifier = {"system": "urn:mrn", "value": f"mrn-{name}"}
    resources = []
    if chance.random() < 0.93:
        extension = [{"url": BIRTH_SEX, "valueCode": chance.choice("FM")}]
        resources.append({
            "resourceType": "Patient", "id": name, "identifier": [identifier],
            "birthDate": f"{chance.randint(1940, 2012)}-{chance.randint(1, 12):02d}", "extension": extension,
        })  # fmt: skip
    for index in range(chance.randint(1, 14)):
        made = chance.choice(MAKERS)(chance)
        about = {"reference": f"{chance.choice(['', 'https://ehr.example/fhir/'])}Patient/{name}"}
        if resources and resources[0]["resourceType"] == "Patient" and chance.random() < 0.1:
            about = {"identifier": identifier}
        made.pop("subject", None)
        where = "patient" if made["resourceType"] == "AllergyIntolerance" else "subject"
        resources.append({**made, where: about, "id": f"{name}-{index}"})
        if chance.random() < 0.05:
            resources.append({**resources[-1], "meta": {"versionId": "2"}, "status": "amended"})
    return resources


def referred_to(resources):
    text = json.dumps(resources)
    return [each for address, each in SHARED.items() if address in text]


def write_lines(path, resources):
    """Write NDJSON; gzip if the name says so."""
    content = "".join(json.dumps(each) + "\n" for each in resources).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def shuffled_export(folder, people, chance):
    """Write all resources in files of no order at all, some compressed."""
    folder.mkdir(exist_ok=True)
    everything = [each for resources in people.values() for each in resources] + list(
        SHARED.values()
    )
    chance.shuffle(everything)
    names = [
        f"{chance.random()}.{chance.choice(['ndjson', 'jsonl', 'ndjson.gz'])}" for _ in range(7)
    ]
    for index, name in enumerate(names):
        write_lines(folder / name, everything[index :: len(names)])


def run_ingest(folder, out, *more, at=WHEN):
    """Run the command; return its exit status and all that it said."""
    result = CliRunner().invoke(
        ingest, [str(folder), "--out", str(out), "--at", at, "--jobs", "1", *more]
    )
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def ingested(folder, out, *more):
    """The table and the report of an export that is taken in."""
    report = out.with_suffix(".json")
    status, said = run_ingest(folder, out, "--report", str(report), *more)
    assert status == 0, said
    return pl.read_parquet(out), json.loads(report.read_text())


def facts_command(resources, path, at=WHEN):
    """What `overstory facts` prints of a Bundle of the resources."""
    path.write_text(json.dumps(bundle(*resources)))
    result = CliRunner().invoke(facts, [str(path), "--at", at, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def instant(text):
    return datetime.fromisoformat(text) if text else None


def chance_of(seed):
    return random.Random(seed)  # noqa: S311  # what is invented is no secret


def some_people(count, seed):
    names = [f"p{number:03d}" for number in range(count)]
    return {name: invented_person(name, chance_of(f"{seed}/{name}")) for name in names}


ANNA = patient(birthDate="1982-03-04")
HER_WEIGHT = observation("29463-7", 70, "kg", id="w")
DEPRESSED = condition(ICD, "F33.2", id="c")


def refused(folder, tmp_path, *more):
    status, said = run_ingest(folder, tmp_path / "facts.parquet", *more)
    assert status == 2, said
    assert not (tmp_path / "facts.parquet").exists()
    assert "Traceback" not in said
    return said


def problem(report, name):
    (found,) = [each for each in report["problems"] if each["problem"] == name]
    return found["count"], [(each["at"], each["why"]) for each in found["listed"]]


def taken(folder, tmp_path, *more):
    return ingested(folder, tmp_path / "facts.parquet", *more)


def text_of(*resources):
    return "\n".join(json.dumps(each) for each in resources) + "\n"
