"""What the linter refuses of protocols and of what surrounds them, each planted in a sound folder."""

from datetime import date

import pytest

from overstory.knowledge.check import check_knowledge

ON = date(2026, 11, 22)

HOME = """
sources:
  - {id: trial, kind: trial, title: A trial, read_on: "2026-11-22", recheck_by: "2027-05-22"}
  - {id: page, kind: web, title: A page, read_on: "2026-11-22", recheck_by: "2027-05-22"}
  - {id: memory, kind: recall, title: Recalled, read_on: "2026-11-22", recheck_by: "2027-05-22"}
  - {id: ours, kind: site-policy, title: Ours, read_on: "2026-11-22", recheck_by: "2027-05-22"}
facts:
  - name: score
    type: number
    range: [0, 27]
    label: score
    ask: {who: nurse, text: The score?}
    source: {id: page}
    status: secondary
rules:
  - id: drug.depression
    kind: indication
    applies_to: [tms]
    indication: depression
    label: depression
    label_es: depresión
    says: For depression.
    evidence: A
    regulatory: [{jurisdiction: US, status: cleared, since: "2008", source: {id: trial}}]
    when: score > 9
    source: {id: trial}
    status: primary
    examples:
      - {given: {score: 10}, answer: true}
      - {given: {score: 9}, answer: false}
      - {given: {}, answer: unknown}
clearances:
  - {id: device-k1, device: A device, indications: [depression], wording: Depression., source: {id: trial}, status: primary}
"""
PROTOCOLS = """
protocols:
  - id: infusions
    treatment: ketamine-iv
    name: Infusions
    source: {id: trial}
    status: primary
    sessions: 6
    schedule:
      - {name: induction, weeks: 3, per_week: 2, least_weeks: 2}
    dose:
      route: IV
      mg_per_kg: 0.5
      over_minutes: 40
      steps: {mg_per_kg: [0.5, 0.75]}
      cap: {mg: 80, source: {id: ours}, status: site-policy}
      weights: {least_kg: 30, greatest_kg: 200, source: {id: ours}, status: site-policy}
    decisions:
      - {id: half, says: Better?, after_sessions: 3, measures: [score]}
    visit: chair
    monitoring: watch
    products: [vial]
  - id: spray
    treatment: esketamine
    name: Spray
    source: {id: trial}
    status: primary
    sessions: 8
    schedule: [{name: induction, weeks: 4, per_week: 2}]
    dose: {route: nasal, mg: [56, 84], first_mg: 56, cap: {mg: 84}}
  - id: trains
    treatment: tms
    name: Trains
    indications: [depression]
    clearances: [device-k1]
    source: {id: trial}
    status: primary
    sessions: 6
    course: taper
    stimulation:
      coil: {kind: figure-8}
      target: {site: L-DLPFC, side: left}
      intensity: {percent: 120, of: hand}
      pulses: {value: 3000}
      minutes: {value: 37.5}
      parts:
        - {kind: train, side: left, pulses: {value: 3000}, hz: {value: 10}, trains: {count: 75, pulses_each: 40, seconds: 4, pause_seconds: 26}}
  - id: bursts
    treatment: tms
    name: Bursts
    source: {id: trial}
    status: primary
    sessions: 50
    schedule: [{name: acute, days: 5, per_day: 10}]
    stimulation:
      coil: {kind: figure-8}
      target: {site: L-DLPFC, side: left}
      intensity: {percent: 90, of: hand}
      pulses: {value: 1800}
      day_pulses: {value: 18000}
      course_pulses: {value: 90000}
      minutes: {value: 10}
      parts:
        - {kind: itbs, side: left, pulses: {value: 1800}, bursts: {pulses: 3, hz: 50, per_second: 5}, trains: {count: 60, pulses_each: 30, seconds: 2, pause_seconds: 8}}
courses:
  - {id: taper, name: Taper, sessions: 6, source: {id: trial}, status: primary, phases: [{name: taper, weeks: 3, per_week: [3, 2, 1]}]}
visits:
  - {id: chair, name: A chair, source: {id: ours}, status: site-policy, prepare_minutes: {value: 10}}
monitoring_schedules:
  - {id: watch, name: A watch, source: {id: ours}, status: site-policy, measuring: [{id: score, says: The score., facts: [score]}], release: []}
products:
  - {id: vial, name: A vial, route: [IV], source: {id: trial}, status: primary, mg_per_ml: {value: 50}}
combinations:
  - {id: both, treatment: ketamine-then-tms, name: Both, first: esketamine, phases: [induction], then: tms, constraints: [gap], source: {id: ours}, status: site-policy}
combination_constraints:
  - {id: gap, says: A day., strength: hard, grade: E, override: physician, source: {id: ours}, status: site-policy, numbers: {least_hours: {value: 24}}}
session_needs:
  - {id: known, kind: fact, applies_to: [tms], when: every-session, says: The score., facts: [score], gates: [drug.depression], only_if: score > 3, source: {id: trial}, status: primary}
missed_sessions:
  - {id: few, applies_to: [tms], says: Append., do: [append], missed: {low: 1, high: 2}, source: {id: memory}, status: recalled}
restrictions:
  - {id: car, applies_to: [tms], until: end-of-day, says: {en: No car., es: Sin auto.}, source: {id: ours}, status: site-policy}
"""


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home.yaml").write_text(HOME)
    (tmp_path / "protocols.yaml").write_text(PROTOCOLS)
    return tmp_path


def plant(home, old, new):
    path = home / "protocols.yaml"
    text = path.read_text()
    assert text.count(old) >= 1, f"{old!r} is not there to be replaced"
    path.write_text(text.replace(old, new, 1))
    return check_knowledge(home, on=ON).problems


def test_a_sound_folder_of_protocols_has_no_problems(home):
    assert check_knowledge(home, on=ON).problems == ()


RECALLED = "source: {id: memory}, status: recalled"
PLANTED = {
    "a count that is not the schedule's": ("sessions: 6\n    schedule", "sessions: 5\n    schedule", "its schedule has 6 sessions, not 5"),
    "a course template that counts wrongly": ("name: Taper, sessions: 6", "name: Taper, sessions: 7", "its schedule has 6 sessions, not 7"),
    "a protocol that counts other than its template": ("sessions: 6\n    course", "sessions: 36\n    course", "its schedule has 6 sessions, not 36"),
    "a phase that counts its weeks wrongly": ("per_week: [3, 2, 1]", "per_week: [3, 2]", "lists 2 weeks and has 3"),
    "a phase of two rhythms": ("weeks: 3, per_week: 2, least", "weeks: 3, per_week: 2, every_weeks: [1], least", "has one rhythm"),
    "a phase without a rhythm": ("{name: acute, days: 5, per_day: 10}", "{name: acute, days: 5}", "has one rhythm"),
    "a phase that may end after its end": ("least_weeks: 2", "least_weeks: 4", "may end after 4 weeks and has 3"),
    "a dose by weight without a cap": ("      cap: {mg: 80, source: {id: ours}, status: site-policy}\n", "", "a dose has a cap in mg"),
    "a dose by weight without weights": ("      weights: {least_kg: 30, greatest_kg: 200, source: {id: ours}, status: site-policy}\n", "", "least and greatest weight"),
    "weights the wrong way round": ("least_kg: 30, greatest_kg: 200", "least_kg: 200, greatest_kg: 30", "not below its greatest"),
    "a fixed dose above its cap": ("cap: {mg: 84}", "cap: {mg: 56}", "above its cap of 56 mg"),
    "a fixed dose without a cap": (", cap: {mg: 84}", "", "a dose has a cap in mg"),
    "a lowered dose above its cap": ("first_mg: 56, cap", "first_mg: 56, reduce_to_mg: [112], cap", "above its cap of 84 mg"),
    "a first dose that is none of its doses": ("first_mg: 56", "first_mg: 28", "its first dose is one of its doses"),
    "a dose in two ways": ("mg: [56, 84], first_mg: 56", "mg: [56, 84], mg_per_kg: 0.5", "either mg or mg_per_kg"),
    "steps that fall": ("[0.5, 0.75]", "[0.75, 0.5]", "its steps rise"),
    "steps that start elsewhere": ("[0.5, 0.75]", "[0.6, 0.75]", "its steps rise"),
    "a protocol without a dose": ("    dose: {route: nasal, mg: [56, 84], first_mg: 56, cap: {mg: 84}}\n", "", "neither a dose nor a stimulation"),
    "pulses that are not trains times pulses": ("count: 75", "count: 74", "74 trains of 40 pulses are not 3000 pulses"),
    "pulses a train that are not rate times length": ("pulses_each: 40, seconds: 4", "pulses_each: 40, seconds: 5", "40 pulses a train are not 10 Hz × 5 s"),
    "theta burst pulses that are not bursts times pulses": ("pulses: 3, hz: 50", "pulses: 4, hz: 50", "30 pulses a train are not 20 Hz × 2 s"),
    "a session whose parts have other pulses": ("      pulses: {value: 3000}\n", "      pulses: {value: 600}\n", "its parts have 3000 pulses, not 600"),
    "minutes that the trains do not take": ("minutes: {value: 37.5}", "minutes: {value: 37.4}", "its parts take 37.50 minutes, not 37.4"),
    "minutes of a shorter pause": ("pause_seconds: 26", "pause_seconds: 11", "its parts take 18.75 minutes, not 37.5"),
    "pulses a day that disagree": ("day_pulses: {value: 18000}", "day_pulses: {value: 1800}", "a day has 18000 pulses, not 1800"),
    "pulses a course that disagree": ("course_pulses: {value: 90000}", "course_pulses: {value: 9000}", "the course has 90000 pulses, not 9000"),
    "pulses without a rate": ("hz: {value: 10}", "hz: {value: 0}", "its pulses have a rate above zero"),
    "a dose below zero": ("mg: [56, 84], first_mg: 56", "mg: [-56, 84], first_mg: -56", "dose: mg is below zero"),
    "theta burst without bursts": (", bursts: {pulses: 3, hz: 50, per_second: 5}", "", "theta burst has bursts"),
    "trains without trains": (", trains: {count: 75, pulses_each: 40, seconds: 4, pause_seconds: 26}", "", "trains and iTBS have trains"),
    "a recalled dose": ("      over_minutes: 40\n", "      over_minutes: 40\n      source: {id: memory}\n      status: recalled\n", "a recalled number sets no dose (dose)"),
    "a recalled cap": ("cap: {mg: 84}", f"cap: {{mg: 84, {RECALLED}}}", "a recalled number sets no dose (dose.cap)"),
    "a recalled rhythm": ("per_week: 2, least_weeks: 2", f"per_week: 2, {RECALLED}", "a recalled number sets no course (schedule.induction)"),
    "a recalled template": ("sessions: 6, source: {id: trial}, status: primary", f"sessions: 6, {RECALLED}", "a recalled number sets no course (schedule.taper)"),
    "a recalled intensity": ("percent: 120, of: hand", f"percent: 120, of: hand, {RECALLED}", "a recalled number sets no course (stimulation.intensity)"),
    "recalled pulses": ("      pulses: {value: 3000}\n", f"      pulses: {{value: 3000, {RECALLED}}}\n", "sets no course (stimulation.pulses)"),
    "a recalled target": ("site: L-DLPFC, side: left", f"site: L-DLPFC, side: left, {RECALLED}", "sets no course (stimulation.target)"),
    "a protocol both never planned and enabled": ("    name: Spray\n", "    name: Spray\n    never: No.\n    site_enabled: true\n", "what is never planned cannot be enabled"),
    "a clearance that does not exist": ("clearances: [device-k1]", "clearances: [device-k2]", "no clearance is named 'device-k2'"),
    "a source that does not exist": ("name: Spray\n    source: {id: trial}", "name: Spray\n    source: {id: trail}", "no source is named 'trail'"),
    "a source of a part that does not exist": ("cap: {mg: 84}", "cap: {mg: 84, source: {id: nowhere}, status: primary}", "no source is named 'nowhere'"),
    "a treatment that does not exist": ("treatment: esketamine", "treatment: eskatamine", "Invalid enum value 'eskatamine'"),
    "an indication that does not exist": ("indications: [depression]", "indications: [melancholy]", "no indication is named 'melancholy'"),
    "a fact that does not exist": ("measures: [score]", "measures: [scor]", "no fact is named 'scor'"),
    "a template that does not exist": ("course: taper", "course: tapir", "no course template is named 'tapir'"),
    "a schedule beside a template": ("    course: taper\n", "    course: taper\n    schedule: [{name: x, weeks: 3, per_week: 2}]\n", "not in both"),
    "a dose of a protocol that does not exist": ("    dose: {route: nasal, mg: [56, 84], first_mg: 56, cap: {mg: 84}}\n", "    dose_as: sprey\n", "no protocol is named 'sprey'"),
    "a protocol that follows none": ("    name: Spray\n", "    name: Spray\n    follows: [sprey]\n", "no protocol is named 'sprey'"),
    "a visit that does not exist": ("visit: chair", "visit: stool", "no visit is named 'stool'"),
    "a monitoring schedule that does not exist": ("monitoring: watch", "monitoring: clock", "no monitoring_schedule is named 'clock'"),
    "a product that does not exist": ("products: [vial]", "products: [flask]", "no product is named 'flask'"),
    "a primary number without a primary source": ("source: {id: ours}, status: site-policy}\n      weights", "source: {id: ours}, status: primary}\n      weights", "dose.cap: primary needs a label"),
    "a secondary number that is our own": ("source: {id: ours}, status: site-policy}\n      weights", "source: {id: ours}, status: secondary}\n      weights", "dose.cap: secondary needs a document"),
    "a constraint that does not exist": ("constraints: [gap]", "constraints: [gape]", "no constraint is named 'gape'"),
    "a phase that the first treatment has not": ("phases: [induction], then", "phases: [inductoin], then", "no phase of esketamine is named 'inductoin'"),
    "a measured fact that does not exist": ("says: The score., facts: [score]}]", "says: The score., facts: [mood]}]", "no fact is named 'mood'"),
    "a needed fact that does not exist": ("facts: [score], gates", "facts: [mood], gates", "no fact is named 'mood'"),
    "a needed rule that does not exist": ("gates: [drug.depression]", "gates: [drug.food]", "no rule is named 'drug.food'"),
    "a condition that cannot be read": ("only_if: score > 3", "only_if: scor > 3", "no fact is named 'scor'"),
    "a recalled need that blocks": ("only_if: score > 3, source: {id: trial}, status: primary", f"only_if: score > 3, {RECALLED}", "a recalled need blocks nothing"),
    "a missed rule for nothing": (", missed: {low: 1, high: 2}", "", "it says for which phases"),
    "a recalled restriction": ("es: Sin auto.}, source: {id: ours}, status: site-policy", f"es: Sin auto.}}, {RECALLED}", "a recalled number restricts nobody"),
    "an unknown key": ("    name: Spray\n", "    name: Spray\n    colour: red\n", "unknown field `colour`"),
    "a protocol that stands twice": ("id: spray", "id: infusions", "this id stands already"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "why"), PLANTED.values(), ids=PLANTED)
def test_what_is_planted_in_a_protocol_is_refused_with_its_file(home, old, new, why):
    problems = plant(home, old, new)

    assert any(why in problem for problem in problems), problems
    assert any("protocols.yaml:" in problem for problem in problems)


def test_a_recalled_protocol_that_a_site_has_to_enable_is_allowed(home):
    problems = plant(
        home,
        "    name: Spray\n    source: {id: trial}\n    status: primary\n",
        "    name: Spray\n    source: {id: memory}\n    status: recalled\n    site_enabled: true\n",
    )

    assert problems == ()


def test_a_recalled_train_is_allowed_where_the_pulses_were_read(home):
    problems = plant(
        home, "seconds: 4, pause_seconds: 26", f"seconds: 4, pause_seconds: 26, {RECALLED}"
    )

    assert problems == ()


def test_a_dose_left_to_the_prescriber_needs_no_number(home):
    problems = plant(
        home,
        "    dose: {route: nasal, mg: [56, 84], first_mg: 56, cap: {mg: 84}}\n",
        "    prescriber_sets_dose: true\n",
    )

    assert problems == ()
