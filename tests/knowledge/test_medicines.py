"""Medicines: every name leads to one medicine, classes make facts true, every dose has a source."""

from collections import Counter

import pytest

from overstory.knowledge.load import load_knowledge
from overstory.knowledge.shapes.shared import cites
from overstory.pathway.medicines import Named, formulary

KNOWLEDGE = load_knowledge()
FORMULARY = formulary(KNOWLEDGE)


def section(name):
    return KNOWLEDGE.sections[name]


def recognized(text):
    return FORMULARY.recognize(text)


@pytest.mark.parametrize(
    ("text", "medicine", "form"),
    [
        ("sertraline", "sertraline", ""),
        ("ZOLOFT", "sertraline", ""),
        ("Sertraline 50 MG Oral Tablet [Zoloft]", "sertraline", ""),
        ("sertraline hydrochloride 100 mg", "sertraline", ""),
        ("24 HR venlafaxine 75 MG Extended Release Oral Capsule", "venlafaxine", "extended"),
        ("Effexor XR", "venlafaxine", "extended"),
        ("Emsam", "selegiline", "patch"),
        ("bupropion hydrobromide", "bupropion", "hydrobromide"),
        ("Aplenzin", "bupropion", "hydrobromide"),
        ("lithium carbonate 300 MG Oral Capsule", "lithium", ""),
        ("divalproex sodium", "valproate", ""),
        ("sodium oxybate", "sodium oxybate", ""),
        ("Theo-24", "theophylline", ""),
        ("72 HR fentanyl 0.025 MG/HR Transdermal System", "fentanyl", "patch"),
        ("rifampicin", "rifampin", ""),
    ],
)
def test_a_name_as_people_and_records_write_it_leads_to_its_medicine(text, medicine, form):
    assert recognized(text).medicines == (Named(medicine, form),)
    assert recognized(text).rest == ()


@pytest.mark.parametrize(
    ("text", "medicine"),
    [
        ("olanzapine-fluoxetine", "olanzapine-fluoxetine"),
        ("fluoxetine/olanzapine", "olanzapine-fluoxetine"),
        ("Symbyax", "olanzapine-fluoxetine"),
        ("fluoxetine 25 MG / olanzapine 6 MG Oral Capsule", "olanzapine-fluoxetine"),
        ("dextromethorphan-bupropion", "dextromethorphan-bupropion"),
        ("bupropion and dextromethorphan", "dextromethorphan-bupropion"),
        ("naltrexone / bupropion", "naltrexone-bupropion"),
    ],
)
def test_a_combination_is_itself_in_either_order(text, medicine):
    assert [each.medicine for each in recognized(text).medicines] == [medicine]


def test_a_part_that_is_not_known_is_listed():
    found = recognized("oxycodone 5 MG / acetaminophen 325 MG Oral Tablet")

    assert found.medicines == (Named("oxycodone"),)
    assert found.rest == ("acetaminophen 325 mg oral tablet",)


@pytest.mark.parametrize("text", ["sertralin", "", "???", "an antidepressant", "50 mg"])
def test_nothing_is_guessed(text):
    assert recognized(text).medicines == ()


@pytest.mark.parametrize(
    ("medicine", "facts"),
    [
        ("sertraline", {"takes_oral_antidepressant"}),
        ("bupropion", {"takes_oral_antidepressant", "takes_bupropion"}),
        ("dextromethorphan-bupropion", {"takes_oral_antidepressant", "takes_bupropion"}),
        ("olanzapine-fluoxetine", {"takes_oral_antidepressant", "takes_antipsychotic"}),
        ("naltrexone-bupropion", {"takes_naltrexone", "takes_bupropion"}),
        ("amitriptyline", {"takes_oral_antidepressant", "takes_tricyclic"}),
        ("phenelzine", {"takes_oral_antidepressant", "takes_maoi"}),
        ("selegiline", {"takes_maoi"}),
        ("lorazepam", {"takes_benzodiazepine"}),
        ("zolpidem", {"takes_z_drug"}),
        ("methadone", {"takes_opioid"}),
        ("gabapentin", {"takes_other_cns_depressant"}),
        ("lisdexamfetamine", {"takes_psychostimulant"}),
        ("modafinil", {"takes_psychostimulant"}),
        ("naltrexone", {"takes_naltrexone"}),
        ("lamotrigine", {"takes_lamotrigine", "takes_mood_stabilizer"}),
        ("aminophylline", {"takes_theophylline"}),
        ("clarithromycin", {"takes_strong_cyp3a4_inhibitor"}),
        ("nefazodone", {"takes_oral_antidepressant", "takes_strong_cyp3a4_inhibitor"}),
        ("carbamazepine", {"takes_mood_stabilizer", "takes_strong_enzyme_inducer"}),
        ("rifampin", {"takes_strong_enzyme_inducer"}),
        ("clozapine", {"takes_antipsychotic", "takes_clozapine"}),
        ("lithium", {"takes_lithium", "takes_mood_stabilizer"}),
        ("dextromethorphan", set()),
    ],
)
def test_taking_a_medicine_makes_its_facts_true(medicine, facts):
    assert set(FORMULARY.facts_of([medicine])) == facts


def test_a_list_of_medicines_makes_no_fact_false():
    assert FORMULARY.facts_of([]) == {}


def test_every_medicine_fact_of_yes_or_no_can_be_made_true_by_a_class():
    facts = {name for name in KNOWLEDGE.vocabulary if name.startswith("takes_")}

    assert {fact for each in section("medicine_classes") for fact in each.makes_true} == facts


def test_no_name_leads_to_two_medicines():
    names = Counter(
        name.casefold()
        for each in section("medicines")
        for name in {each.name, *each.other_names, *each.brands}
    )

    assert [name for name, times in names.items() if times > 1] == []


def test_every_class_and_medicine_that_is_named_exists():
    classes = {each.id for each in section("medicine_classes")}
    medicines = {each.name for each in section("medicines")}

    assert {name for each in section("medicines") for name in each.classes} <= classes
    assert {each.medicine for each in section("medicine_codes")} <= medicines
    assert {each.medicine for each in section("adequate_doses")} <= medicines


@pytest.mark.parametrize(
    ("rxcui", "medicine"),  # CPIC's table of drugs
    [
        ("36437", "sertraline"),
        ("39786", "venlafaxine"),
        ("42347", "bupropion"),
        ("2626", "clozapine"),
    ],
)
def test_an_ingredient_code_leads_to_its_medicine(rxcui, medicine):
    assert FORMULARY.by_code(rxcui) == medicine


def test_a_code_that_nobody_read_leads_nowhere():
    assert FORMULARY.by_code("0") is None


def test_no_code_stands_twice():
    codes = Counter(each.rxcui for each in section("medicine_codes"))

    assert max(codes.values()) == 1


def test_the_classes_of_antidepressants_are_the_ten_in_use():
    # Clinical dossier on TMS, section 7.5.
    assert {each.id for each in section("medicine_classes") if each.antidepressant} == {
        "ssri", "snri", "ndri", "nassa", "sari", "sms", "tca", "maoi", "melatonergic", "nmda-combo",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("medicine", "form", "usual", "recalled"),
    [  # Clinical dossier on TMS, section 7.5: usual minimum, ATHF or ATRQ as recalled
        ("citalopram", "", 20, (20, 20)),
        ("escitalopram", "", 10, (10, 10)),
        ("fluoxetine", "", 20, (20, 20)),
        ("fluvoxamine", "", 50, (100, 100)),
        ("fluvoxamine", "extended", 100, (100, 100)),
        ("paroxetine", "", 20, (20, 20)),
        ("paroxetine", "extended", 25, (25, 25)),
        ("sertraline", "", 50, (50, 50)),
        ("venlafaxine", "", 75, (150, 150)),
        ("desvenlafaxine", "", 50, (50, 50)),
        ("duloxetine", "", 60, (40, 60)),
        ("levomilnacipran", "", 40, (40, 40)),
        ("milnacipran", "", 100, (100, 100)),
        ("bupropion", "", 300, (300, 300)),
        ("bupropion", "hydrobromide", 348, (348, 348)),
        ("mirtazapine", "", 15, (15, 30)),
        ("trazodone", "", 200, (300, 300)),
        ("nefazodone", "", 300, (300, 300)),
        ("vilazodone", "", 40, (20, 40)),
        ("vortioxetine", "", 20, (10, 10)),
        ("agomelatine", "", 25, (25, 25)),
        ("amitriptyline", "", 150, (150, 150)),
        ("imipramine", "", 150, (150, 150)),
        ("desipramine", "", 150, (150, 150)),
        ("nortriptyline", "", 50, (75, 75)),
        ("clomipramine", "", 100, (150, 150)),
        ("doxepin", "", 100, (150, 150)),
        ("trimipramine", "", 150, (150, 150)),
        ("protriptyline", "", 15, (30, 30)),
        ("amoxapine", "", 200, (150, 150)),
        ("maprotiline", "", 100, (150, 150)),
        ("phenelzine", "", 15, (45, 45)),
        ("tranylcypromine", "", 30, (30, 30)),
        ("isocarboxazid", "", 10, (30, 40)),
        ("selegiline", "patch", 6, (6, 6)),
        ("moclobemide", "", None, (300, 300)),
        ("reboxetine", "", None, (8, 8)),
        ("gepirone", "", None, (36.3, 54.5)),
    ],
)
def test_the_adequate_doses_are_those_of_the_table(medicine, form, usual, recalled):
    entry = next(
        each for each in section("adequate_doses") if (each.medicine, each.form) == (medicine, form)
    )
    other = next(each for each in entry.others if each.status == "recalled")

    assert entry.usual_min == usual
    assert (other.least, other.greatest) == recalled


def test_the_low_ends_that_must_not_be_used_say_so():
    cautions = {each.medicine: each.caution for each in section("adequate_doses")}

    assert "do not use it as adequate" in cautions["phenelzine"]
    assert "do not use it as adequate" in cautions["isocarboxazid"]


def test_every_source_named_here_exists():
    kinds = (
        "medicines", "medicine_codes", "medicine_classes", "adequate_doses",
        "resistance_definitions", "maudsley_staging", "thase_rush_stages",
    )  # fmt: skip
    named = {cite.id for kind in kinds for each in section(kind) for cite in cites(each.source)}
    named |= {
        cite.id
        for each in section("adequate_doses")
        for other in each.others
        for cite in cites(other.source)
    }

    assert named <= set(KNOWLEDGE.sources)


def test_a_dose_that_is_recalled_is_marked_so():
    for each in section("adequate_doses"):
        for other in each.others:
            is_recalled = any(cite.id == "recalled-unverified" for cite in cites(other.source))
            assert is_recalled == (other.status == "recalled"), each.medicine
