"""
Every number of the adequate doses, written out from its source.

Clinical dossier on TMS, §7.5: usual minimum and maximum, and what ATHF or ATRQ are recalled to ask; the
augmentation doses from the sources that the entries name.
"""

from overstory.knowledge.load import load_knowledge

DOSES = load_knowledge().sections["adequate_doses"]

# (medicine, form): usual minimum, usual maximum, then each other number as (status, least, greatest)
TABLE = {
    ("citalopram", ""): (20, 40, ("recalled", 20, 20)),
    ("escitalopram", ""): (10, 20, ("recalled", 10, 10)),
    ("fluoxetine", ""): (20, 60, ("recalled", 20, 20)),
    ("fluvoxamine", ""): (50, 200, ("recalled", 100, 100)),
    ("fluvoxamine", "extended"): (100, 200, ("recalled", 100, 100)),
    ("paroxetine", ""): (20, 40, ("recalled", 20, 20)),
    ("paroxetine", "extended"): (25, 50, ("recalled", 25, 25)),
    ("sertraline", ""): (50, 200, ("recalled", 50, 50)),
    ("venlafaxine", ""): (75, 375, ("recalled", 150, 150)),
    ("venlafaxine", "extended"): (75, 225, ("recalled", 150, 150)),
    ("desvenlafaxine", ""): (50, 100, ("recalled", 50, 50)),
    ("duloxetine", ""): (60, 60, ("recalled", 40, 60)),
    ("levomilnacipran", ""): (40, 80, ("recalled", 40, 40)),
    ("milnacipran", ""): (100, 200, ("recalled", 100, 100)),
    ("bupropion", ""): (300, 450, ("recalled", 300, 300)),
    ("bupropion", "hydrobromide"): (348, 522, ("recalled", 348, 348)),
    ("mirtazapine", ""): (15, 45, ("recalled", 15, 30)),
    ("trazodone", ""): (200, 400, ("recalled", 300, 300)),
    ("nefazodone", ""): (300, 600, ("recalled", 300, 300)),
    ("vilazodone", ""): (40, 40, ("recalled", 20, 40)),
    ("vortioxetine", ""): (20, 20, ("secondary", 10, 20), ("recalled", 10, 10)),
    ("agomelatine", ""): (25, 50, ("recalled", 25, 25)),
    ("amitriptyline", ""): (150, 300, ("recalled", 150, 150)),
    ("imipramine", ""): (150, 300, ("recalled", 150, 150)),
    ("desipramine", ""): (150, 300, ("recalled", 150, 150)),
    ("nortriptyline", ""): (50, 150, ("recalled", 75, 75)),
    ("clomipramine", ""): (100, 250, ("recalled", 150, 150)),
    ("doxepin", ""): (100, 300, ("recalled", 150, 150)),
    ("trimipramine", ""): (150, 300, ("recalled", 150, 150)),
    ("protriptyline", ""): (15, 60, ("recalled", 30, 30)),
    ("amoxapine", ""): (200, 300, ("recalled", 150, 150)),
    ("maprotiline", ""): (100, 225, ("recalled", 150, 150)),
    ("phenelzine", ""): (15, 90, ("recalled", 45, 45)),
    ("tranylcypromine", ""): (30, 60, ("recalled", 30, 30)),
    ("isocarboxazid", ""): (10, 40, ("recalled", 30, 40)),
    ("selegiline", "patch"): (6, 12, ("recalled", 6, 6)),
    ("aripiprazole", ""): (None, 15, ("secondary", 5, 5), ("recalled", 2, 2)),
    ("brexpiprazole", ""): (None, 3, ("secondary", 2, 2), ("recalled", 1, 1)),
    ("cariprazine", ""): (None, 3, ("secondary", 1.5, 1.5)),
    ("quetiapine", "extended"): (None, 300, ("secondary", 150, 150)),
    ("moclobemide", ""): (None, None, ("recalled", 300, 300)),
    ("reboxetine", ""): (None, None, ("recalled", 8, 8)),
    ("dextromethorphan-bupropion", ""): (None, None, ("recalled", 90, 90)),
    ("gepirone", ""): (None, None, ("recalled", 36.3, 54.5)),
    ("lithium", ""): (None, None, ("recalled", 0.6, 1.0)),
    ("liothyronine", ""): (None, None, ("recalled", 25, 50)),
    ("olanzapine-fluoxetine", ""): (None, None, ("recalled", 6, 12)),
    ("lumateperone", ""): (None, None, ("recalled", 42, 42)),
}


def test_every_dose_is_that_of_its_source():
    found = {
        (each.medicine, each.form): (
            each.usual_min,
            each.usual_max,
            *((other.status, other.least, other.greatest) for other in each.others),
        )
        for each in DOSES
    }

    assert found == TABLE


def test_no_medicine_stands_twice_in_the_table_of_doses():
    assert len(DOSES) == len(TABLE)
