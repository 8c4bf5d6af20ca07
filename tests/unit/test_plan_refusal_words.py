"""What a refused plan says: each thing once, the crisis path first, the form of ketamine that was meant."""

import json

import pytest
from click.testing import CliRunner

from overstory.cli import main
from overstory.pathway.plan import PlanWish, propose
from overstory.pathway.planning.refusals import PlanWishError
from tests.people import KNOWLEDGE, facts_of_vignette
from tests.planning import SPRING, planned

SAM = "examples/patients/sam.yaml"
RUTH = "examples/patients/ruth.yaml"
DECEMBER = ",".join(f"2026-12-{day:02}" for day in range(1, 32))


def run(patient, *more):
    return CliRunner().invoke(main, ["plan", patient, *more])


def test_a_rule_that_both_forms_of_ketamine_share_is_said_once_with_both_of_them():
    done = run(RUTH, "--treatment", "ketamine-then-tms", "--start", "2026-11-30", "--json")

    assert done.exit_code == 3
    assert done.stderr.count("shared.aneurysm") == 1
    assert "shared.aneurysm (of esketamine and ketamine-iv)" in done.stderr
    (rule,) = json.loads(done.stdout)["rules"]
    assert rule["id"] == "shared.aneurysm"
    assert rule["parts"] == ["esketamine", "ketamine-iv"]


def test_what_a_site_policy_would_adopt_is_said_once():
    done = run(
        SAM, "--treatment", "ketamine-iv", "--start", "2026-11-30", "--protocol", "P-IV-MAINT"
    )

    assert done.exit_code == 3
    assert done.stderr.count("would adopt") == 1


def test_a_person_in_danger_meets_the_crisis_path_before_days_that_do_not_fit():
    done = run(
        SAM, "--treatment", "esketamine", "--start", "2026-11-25", "--closed", DECEMBER, "--json"
    )

    assert done.exit_code == 3
    assert done.stderr.index("SAFETY  HIGH") < done.stderr.index("does not fit on the open days")
    assert "988" in done.stderr
    shown = json.loads(done.stdout)
    assert shown["safety"]["level"] == "high"
    assert shown["nearest_start"] == "2027-01-01"


@pytest.mark.parametrize(
    ("name", "first"),
    [("KETAMINE-IV-THEN-TMS", "ketamine-iv"), ("ESKETAMINE-THEN-TMS", "esketamine")],
)
def test_a_combination_that_is_named_begins_with_its_own_form_of_ketamine(name, first):
    plan = planned("ketamine-then-tms", protocols=(name,))

    assert plan.protocol == name
    assert plan.sessions[0].treatment == first


@pytest.mark.parametrize(
    "names",
    [
        ("KETAMINE-IV-THEN-TMS", "P-ESK-US-TRD"),
        ("KETAMINE-IV-THEN-TMS", "ESKETAMINE-THEN-TMS"),
        ("P-IV-STD", "P-ESK-US-TRD"),
    ],
)
def test_two_forms_of_ketamine_in_one_wish_are_refused(names):
    wish = PlanWish(treatment="ketamine-then-tms", start=SPRING, protocols=names)

    with pytest.raises(PlanWishError, match="one protocol of each component"):
        propose(patient="somebody", facts=facts_of_vignette(), knowledge=KNOWLEDGE, wish=wish)


def test_closed_days_that_are_neither_days_nor_a_file_say_what_would_be_right():
    done = run(SAM, "--treatment", "tms", "--start", "2026-12-01", "--closed", "christmas" * 60)

    assert done.exit_code == 2
    assert "give days with commas between" in done.stderr
