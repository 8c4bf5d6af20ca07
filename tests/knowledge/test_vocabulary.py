"""The vocabulary: the contract of names, types, units and ranges; and what people are asked."""

import re

import pyphen
import pytest

from overstory.knowledge.load import load_knowledge

FACTS = load_knowledge().facts
SYLLABLES = pyphen.Pyphen(lang="en_US")
HARD_WORDS = {  # names of medicines and illnesses that have no plainer word
    "pheochromocytoma",
    "electroconvulsive",
    "methylphenidate",
    "aripiprazole",
    "tranylcypromine",
    "defibrillator",
    "amitriptyline",
    "nortriptyline",
    "aminophylline",
    "theophylline",
    "eszopiclone",
    "antipsychotic",
    "quetiapine",
    "olanzapine",
}

# The contract: name, type, unit, range or codes, in order. Other people's patient files use it.
CONTRACT = """
age_years number years 0 120
sex_at_birth code female male intersex
can_become_pregnant bool
pregnant bool
breastfeeding bool
uses_contraception bool
weight_kg number kg 25 300
height_cm number cm 90 240
bmi number kg/m2 8 100
can_consent bool
has_escort_home bool
weekdays_available number days/week 0 7
has_major_depression bool
depression_severity code mild moderate severe
depression_psychotic_features bool
depression_anxious_distress bool
current_episode_weeks number weeks 0 5200
has_bipolar_disorder bool
bipolar_depressive_episode bool
current_mania bool
has_psychotic_disorder bool
current_psychosis bool
has_ocd bool
has_ptsd bool
has_anxiety_disorder bool
has_chronic_pain bool
has_crps bool
tobacco_use_disorder bool
has_borderline_personality_disorder bool
has_eating_disorder bool
has_dissociative_disorder bool
has_neurocognitive_disorder bool
delirium bool
substance_use_disorder_active bool
substance_use_disorder_past bool
alcohol_use_disorder_active bool
ketamine_or_pcp_misuse_ever bool
acute_intoxication bool
in_withdrawal bool
failed_antidepressant_trials number trials 0 40
failed_antidepressant_classes number classes 0 12
failed_augmentation_trials number trials 0 20
intolerable_antidepressant_trials number trials 0 40
adequate_psychotherapy_tried bool
standard_treatment_failed bool
tms_response_before code none partial response remission
ketamine_response_before code none partial response remission
ect_tried bool
phq9_total number score 0 27
phq9_item9 number score 0 3
qids_sr16_total number score 0 27
madrs_total number score 0 60
hamd17_total number score 0 52
gad7_total number score 0 21
pcl5_total number score 0 80
ybocs_total number score 0 40
ymrs_total number score 0 60
audit_c_total number score 0 12
dast10_total number score 0 10
cssrs_risk code none low moderate high
suicidal_ideation_active bool
suicidal_intent bool
suicide_attempt_within_3_months bool
self_injury_within_3_months bool
needs_inpatient_care bool
systolic_bp number mmHg 40 320
diastolic_bp number mmHg 20 220
heart_rate number /min 15 300
respiratory_rate number /min 2 80
spo2 number % 40 100
aneurysmal_vascular_disease bool
arteriovenous_malformation bool
intracerebral_hemorrhage_ever bool
weeks_since_cardiovascular_event number weeks 0 5200
cardiovascular_event_ever bool
stroke_or_tia_ever bool
hypertension_uncontrolled bool
heart_failure_decompensated bool
unstable_angina bool
symptomatic_arrhythmia bool
significant_valve_disease bool
hypertensive_encephalopathy_ever bool
ketamine_hypersensitivity bool
raised_intracranial_pressure bool
raised_intraocular_pressure bool
hyperthyroidism_untreated bool
hepatic_impairment code none mild moderate severe
urinary_symptoms_new bool
severe_lung_disease bool
sleep_apnea_untreated bool
on_dialysis bool
seizure_ever bool
epilepsy bool
syncope_unexplained bool
head_injury_with_loss_of_consciousness bool
brain_lesion bool
sleep_deprived bool
tms_induced_seizure_ever bool
recent_brain_injury bool
eye_injury_or_surgery_planned bool
porphyria bool
pheochromocytoma bool
hearing_loss_or_tinnitus bool
metal_in_head_or_neck bool
cochlear_implant bool
aneurysm_clip_or_coil bool
deep_brain_stimulator bool
vagus_nerve_stimulator bool
pacemaker_or_defibrillator bool
implanted_infusion_pump bool
metallic_ink_face_tattoo bool
takes_oral_antidepressant bool
takes_mood_stabilizer bool
takes_benzodiazepine bool
benzodiazepine_lorazepam_eq_mg_per_day number mg/day 0 60
takes_z_drug bool
takes_opioid bool
takes_other_cns_depressant bool
takes_maoi bool
takes_psychostimulant bool
takes_naltrexone bool
takes_lamotrigine bool
takes_theophylline bool
takes_strong_cyp3a4_inhibitor bool
takes_strong_enzyme_inducer bool
takes_bupropion bool
bupropion_mg_per_day number mg/day 0 1200
takes_clozapine bool
takes_tricyclic bool
takes_antipsychotic bool
takes_lithium bool
agrees_not_to_drive bool
hours_since_food number hours 0 96
hours_since_fluids number hours 0 96
hours_since_nasal_spray number hours 0 8800
prefers_no_drug bool
prefers_not_to_dissociate bool
wants_fast_relief bool
can_attend_daily bool
travel_minutes_one_way number min 0 1440
needs_to_drive_same_day bool
"""
# Days for which a fact may be relied on; a setting of the clinic with our value as the default.
FRESH_DAYS = {
    "systolic_bp": 30,  # vital signs: row WU-06 of the clinical dossiers
    "diastolic_bp": 30,
    "heart_rate": 30,
    "respiratory_rate": 30,
    "spo2": 30,
    "weight_kg": 30,
    "pregnant": 30,
    "phq9_total": 30,
    "cssrs_risk": 30,
    "suicidal_intent": 30,
    "current_psychosis": 30,
    "current_mania": 30,
    "acute_intoxication": 1,
    "sleep_deprived": 1,
    "hours_since_food": 1,
    "in_withdrawal": 2,
    "takes_maoi": 90,
    "takes_lithium": 90,
    "prefers_no_drug": 180,
    "age_years": None,
    "has_major_depression": None,
    "seizure_ever": None,
    "cochlear_implant": None,
    "ect_tried": None,
    "failed_antidepressant_trials": None,
}


def shown(entry):
    parts = [entry.name, entry.type, *([entry.unit] if entry.unit else [])]
    parts += [f"{number:g}" for number in entry.range or ()]
    return " ".join([*parts, *entry.values])


def grade(text):
    """Flesch-Kincaid grade; syllables by hyphenation; names in HARD_WORDS count as one syllable."""
    words = re.findall(r"[A-Za-z'-]+", text)
    sentences = len(re.findall(r"[.?!](?:\s|$)", text)) or 1
    syllables = sum(
        1 if word.lower() in HARD_WORDS else SYLLABLES.inserted(word).count("-") + 1
        for word in words
    )
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def test_the_core_vocabulary_is_the_contract_in_its_order():
    contract = CONTRACT.strip().splitlines()

    assert [shown(each) for each in FACTS.values()][: len(contract)] == contract


def test_only_the_body_mass_index_is_derived():
    derived = {name: entry.derived for name, entry in FACTS.items() if entry.derived}

    assert derived == {"bmi": ("weight_kg", "height_cm")}


@pytest.mark.parametrize("entry", FACTS.values(), ids=FACTS)
def test_a_fact_has_words_for_people(entry):
    assert entry.label == entry.label.strip()
    assert "_" not in entry.label
    assert not entry.label.startswith(("a ", "an ", "the "))
    assert len(entry.meaning) >= 8
    assert entry.ask.text.endswith((".", "?"))
    assert entry.ask.es.endswith((".", "?"))
    assert ("¿" in entry.ask.es) == ("?" in entry.ask.es)
    assert entry.ask.es != entry.ask.text


@pytest.mark.parametrize("entry", FACTS.values(), ids=FACTS)
def test_every_code_has_words_in_both_languages(entry):
    assert tuple(entry.value_labels) == entry.values
    assert all(words.en and words.es for words in entry.value_labels.values())


def test_labels_are_not_shared():
    labels = [entry.label for entry in FACTS.values()]

    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    "entry", [each for each in FACTS.values() if each.ask.who == "patient"], ids=lambda e: e.name
)
def test_a_question_to_a_patient_is_plain(entry):
    assert (
        grade(entry.ask.text) <= 11.5
    )  # one short sentence swings widely; the whole is held below
    assert len(entry.ask.text.split()) <= 26


def test_the_questions_to_patients_read_at_grade_8_or_below():
    patient = " ".join(each.ask.text for each in FACTS.values() if each.ask.who == "patient")

    assert grade(patient) <= 8


@pytest.mark.parametrize(("name", "days"), FRESH_DAYS.items())
def test_a_fact_stays_fresh_as_long_as_agreed(name, days):
    assert FACTS[name].fresh_days == days


def test_every_medicine_taken_now_ages():
    taken = [each for name, each in FACTS.items() if name.startswith("takes_")]

    assert {each.fresh_days for each in taken} == {90}


def test_every_score_names_the_scale_that_gives_it():
    scores = [each for name, each in FACTS.items() if name.endswith(("_total", "_item9"))]

    assert len(scores) == 11
    assert all(re.search(r"[A-Z]{3,}|Young Mania", each.ask.text) for each in scores)
