"""The linter of knowledge: each thing that it refuses, planted in a small folder that is sound."""

from datetime import date

import pytest

from overstory.knowledge.check import band_problems, check_knowledge
from overstory.knowledge.load import HOME

ON = date(2026, 11, 22)

SOURCES = """
sources:
  - {id: label, kind: label, title: A label, read_on: "2026-11-22", recheck_by: "2027-05-22"}
  - {id: page, kind: web, title: A page, read_on: "2026-11-22", recheck_by: "2027-05-22"}
  - {id: memory, kind: recall, title: Recalled, read_on: "2026-11-22", recheck_by: "2027-05-22"}
"""
FACTS = """
source: {id: page}
status: site-policy
facts:
  - name: pressure
    type: number
    unit: mmHg
    range: [40, 320]
    label: pressure
    ask: {who: nurse, text: What is the pressure?}
  - {name: aneurysm, type: bool, label: aneurysm, ask: {who: patient, text: An aneurysm?}}
  - name: liver
    type: code
    values: [none, mild, severe]
    label: liver
    ask: {who: nurse, text: The liver?}
"""
RULES = """
rules:
  - id: drug.pressure
    kind: defer
    applies_to: [esketamine]
    says: The pressure is too high or there is an aneurysm.
    to_patient: Your pressure is too high.
    to_patient_es: Su presión es demasiado alta.
    when: pressure > 140 or aneurysm
    source: {id: label, at: "5"}
    status: primary
    examples:
      - {given: {pressure: 141}, answer: true}
      - {given: {aneurysm: true}, answer: true}
      - {given: {pressure: 140, aneurysm: false}, answer: false}
      - {given: {pressure: 100}, answer: unknown, asks: [aneurysm]}
  - id: drug.liver
    kind: caution
    applies_to: [esketamine]
    says: The liver clears the drug more slowly.
    to_patient: Your liver may clear it slowly.
    to_patient_es: Su hígado puede eliminarlo despacio.
    when: liver == severe
    source: {id: page}
    status: secondary
    examples:
      - {given: {liver: severe}, answer: true}
      - {given: {liver: mild}, answer: false}
      - {given: {}, answer: unknown, asks: [liver]}
"""
PROTOCOL = """
protocols:
  - id: course
    treatment: ketamine-iv
    name: A course
    sessions: 6
    schedule: [{name: induction, weeks: 3, per_week: 2}]
    source: {id: label}
    status: primary
    dose: {route: IV, mg_per_kg: 0.5, weights: {least_kg: 40, greatest_kg: 120}, cap: {mg: 60}, source: {id: label}, status: primary}
"""


ALTERNATIVES = """
alternatives:
  - id: elsewhere
    when: aneurysm
    says: Care elsewhere.
    to_patient: Care elsewhere.
    to_patient_es: Atención en otro lugar.
    source: {id: label}
    status: primary
"""


@pytest.fixture
def home(tmp_path):
    (tmp_path / "sources.yaml").write_text(SOURCES)
    (tmp_path / "facts.yaml").write_text(FACTS)
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "protocols.yaml").write_text(PROTOCOL)
    (tmp_path / "alternatives.yaml").write_text(ALTERNATIVES)
    return tmp_path


def plant(home, name, old, new):
    path = home / name
    text = path.read_text()
    assert text.count(old) >= 1, f"{old!r} is not there to be replaced"
    path.write_text(text.replace(old, new, 1))
    return check_knowledge(home, on=ON).problems


def test_a_sound_folder_has_no_problems(home):
    checked = check_knowledge(home, on=ON)

    assert checked.problems == ()
    assert (checked.files, checked.entries) == (5, 10)


def test_the_shipped_knowledge_has_no_problems():
    assert check_knowledge(HOME, on=ON).problems == ()


PLANTED = {
    "a rule without a source": (
        "rules.yaml", '    source: {id: label, at: "5"}\n', "", "missing required field `source`"),
    "an unknown source": ("rules.yaml", 'id: label, at: "5"', 'id: lable, at: "5"', "no source is named 'lable'"),
    "a source past its day": ("sources.yaml", 'recheck_by: "2027-05-22"', 'recheck_by: "2026-11-21"',
                              "was to be read again by 2026-11-21"),
    "a source re-read before it was read": (
        "sources.yaml", 'read_on: "2026-11-22"', 'read_on: "2028-11-22"', "recheck_by lies after read_on"),
    "a source without a day": ("sources.yaml", 'recheck_by: "2027-05-22"', 'recheck_by: "soon"', "days such as"),
    "a rule id that stands twice": ("rules.yaml", "id: drug.liver", "id: drug.pressure", "this id stands already"),
    "a fact that stands twice": ("facts.yaml", "name: aneurysm", "name: pressure", "this id stands already"),
    "a YAML key that stands twice": ("rules.yaml", "    kind: defer\n", "    kind: defer\n    kind: defer\n",
                                     "the key 'kind' stands twice"),
    "a bare yes": ("facts.yaml", "label: pressure", "label: yes", "bare yes"),
    "a bare no": ("facts.yaml", "label: pressure", "label: no", "bare no"),
    "a bare on": ("facts.yaml", "label: pressure", "label: on", "bare on"),
    "a bare date": ("sources.yaml", 'read_on: "2026-11-22"', "read_on: 2026-11-22", "in quotes"),
    "an unknown key": ("rules.yaml", "    kind: defer\n", "    kind: defer\n    sort: high\n", "unknown field `sort`"),
    "an unknown section": ("rules.yaml", "rules:", "rulez:", "unknown section 'rulez'"),
    "an unknown kind": ("rules.yaml", "kind: defer", "kind: postpone", "Invalid enum value 'postpone'"),
    "a fact not in the vocabulary": ("rules.yaml", "when: pressure > 140", "when: presure > 140",
                                     "no fact is named 'presure'"),
    "a fact named twice": ("rules.yaml", "or aneurysm", "or pressure < 60", "pressure is named twice"),
    "a comparison of the wrong type": ("rules.yaml", "or aneurysm", "or aneurysm > 1", "is true or false"),
    "a code of another fact": ("rules.yaml", "liver == severe", "liver == terrible", "one of none, mild, severe"),
    "a threshold outside the range": ("rules.yaml", "pressure > 140", "pressure > 400", "between 40 and 320"),
    "a leaf that can never be true": ("rules.yaml", "pressure > 140", "pressure > 320", "can only be False"),
    "a leaf that can never be false": ("rules.yaml", "pressure > 140", "pressure >= 40", "can only be True"),
    "a cut-off without an example above": ("rules.yaml", "      - {given: {pressure: 141}, answer: true}\n", "",
                                           "no example tells it from one with pressure > 141"),
    "a cut-off without an example at it": ("rules.yaml", "{pressure: 140, aneurysm: false}",
                                           "{pressure: 130, aneurysm: false}",
                                           "no example tells it from one with pressure > 139"),
    "a rule without an unknown example": (
        "rules.yaml", "      - {given: {}, answer: unknown, asks: [liver]}\n", "",
        "no example that answers unknown"),
    "an example that does not hold": ("rules.yaml", "{given: {liver: mild}, answer: false}",
                                      "{given: {liver: mild}, answer: true}", "example 2 does not hold"),
    "an example that asks wrongly": ("rules.yaml", "asks: [aneurysm]", "asks: [pressure]", "example 4 does not hold"),
    "an example with an unknown fact": ("rules.yaml", "{given: {liver: mild}", "{given: {lever: mild}",
                                        "no fact is named 'lever'"),
    "a protocol that counts wrongly": ("protocols.yaml", "sessions: 6", "sessions: 8", "has 6 sessions, not 8"),
    "a phase that counts its weeks wrongly": ("protocols.yaml", "per_week: 2", "per_week: [3, 3]",
                                              "lists 2 weeks and has 3"),
    "a dose by weight without a cap": ("protocols.yaml", "cap: {mg: 60}, ", "", "a dose has a cap in mg"),
    "a dose by weight without weights": ("protocols.yaml", "weights: {least_kg: 40, greatest_kg: 120}, ", "", "least and greatest weight"),
    "a fixed dose above its cap": ("protocols.yaml", "mg_per_kg: 0.5, weights: {least_kg: 40, greatest_kg: 120}",
                                   "mg: [84]", "above its cap of 60 mg"),
    "a recalled dose": ("protocols.yaml", "cap: {mg: 60}, source: {id: label}, status: primary",
                        "cap: {mg: 60}, source: {id: label}, status: recalled", "a recalled number sets no dose"),
    "examples that speak of another fact": ("rules.yaml", "    when: liver == severe\n", "    when: pressure > 180\n", "example 1 does not hold"),
    "a fact that nothing uses": ("facts.yaml", "  - name: liver", "  - {name: moon, type: bool, label: moon, "
                                 "ask: {who: nurse, text: The moon?}}\n  - name: liver", "nothing uses this fact"),
    "a used fact that is marked for later": ("facts.yaml", "    label: pressure", "    label: pressure\n    used_by: later",
                                             "something uses this fact"),
    "a recalled number that defers": ("rules.yaml", 'at: "5"}\n    status: primary', 'at: "5"}\n    status: recalled',
                                      "never a defer"),
    "a primary number without a primary source": (
        "rules.yaml", "source: {id: page}\n    status: secondary", "source: {id: page}\n    status: primary",
        "primary needs a label"),
    "a secondary number that is only recalled": (
        "rules.yaml", "source: {id: page}\n    status: secondary", "source: {id: memory}\n    status: secondary",
        "secondary needs a document"),
    "a rule that says nothing to the patient": (
        "rules.yaml", "    to_patient: Your pressure is too high.\n", "", "says nothing to the patient"),
    "a number without source and status": (
        "facts.yaml", "source: {id: page}\nstatus: site-policy\n", "", "has no source and status"),
    "an alternative whose condition cannot be read": (
        "alternatives.yaml",
        "when: aneurysm",
        "when: anurysm",
        "no fact is named 'anurysm'",
    ),
    "a caution that could be downgraded": ("rules.yaml", "    kind: caution\n",
                                           "    kind: caution\n    downgrade: true\n", "only a contraindication"),
    "a requirement without needs": ("rules.yaml", "    kind: caution\n", "    kind: requires\n", "has needs"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "why"), PLANTED.values(), ids=PLANTED)
def test_what_is_planted_is_refused_with_its_file(home, name, old, new, why):
    problems = plant(home, name, old, new)

    assert any(why in problem for problem in problems), problems
    assert any(".yaml" in problem for problem in problems)


def test_a_problem_names_its_line(home):
    problems = plant(home, "rules.yaml", "id: label, at", "id: lable, at")

    assert any(f"{home}/rules.yaml:3: drug.pressure" in problem for problem in problems)


def test_bands_with_a_gap_or_an_overlap_are_refused():
    assert list(band_problems((0, 27), [(0, 4), (5, 9), (10, 27)])) == []
    assert list(band_problems((0, 27), [(0, 4), (6, 27)])) == [
        "its bands have a gap or overlap at 6"
    ]
    assert list(band_problems((0, 27), [(0, 4), (4, 27)])) == [
        "its bands have a gap or overlap at 4"
    ]
    assert list(band_problems((0, 27), [(0, 4), (5, 26)])) == [
        "its bands end at 26, its range at 27"
    ]
