"""Which numbers of courses, visits and doses a site may set."""

import pytest

from overstory.exchange.policy_file import read_policy_file
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.protocol_standing import in_full
from overstory.pathway.policy import PolicyError, with_policy
from overstory.pathway.site_numbers import NumberChange, SiteNumberError, with_site_numbers


def changed(number, value):
    return with_site_numbers(
        sections=load_knowledge().sections, numbers=[NumberChange(number, value, "Our practice.")]
    )


def entry(sections, section, entry_id):
    return next(each for each in sections[section] if each.id == entry_id)


def test_a_site_lowers_the_cap_that_is_our_own_default():
    found = entry(changed("protocols/P-IV-STD/dose.cap.mg", 60.0), "protocols", "P-IV-STD")

    assert found.dose.cap.mg == 60
    assert found.dose.mg_per_kg == 0.5
    assert found.note == "Set by the site: Our practice."


def test_a_site_sets_a_number_of_the_dose_arithmetic():
    found = entry(
        changed("dosing_numbers/oldest-weight-days", 14.0), "dosing_numbers", "oldest-weight-days"
    )

    assert found.value == 14


def test_a_site_sets_the_hours_between_two_visits_and_the_gap_of_the_combination():
    visits = changed("visits/ketamine-infusion/min_gap_hours", 44.0)
    combined = changed("combination_constraints/CMB_04/numbers.target_to_days", 10.0)

    assert entry(visits, "visits", "ketamine-infusion").min_gap_hours.value == 44
    assert (
        entry(combined, "combination_constraints", "CMB_04").numbers["target_to_days"].value == 10
    )


def test_a_site_sets_when_it_looks_whether_an_infusion_course_helps():
    found = entry(
        changed("protocols/P-IV-STD/decisions.P-IV-FUTILITY.after_sessions", 5.0),
        "protocols",
        "P-IV-STD",
    )

    assert found.decisions[0].after_sessions == 5


POLICY = """clinic: A clinic
adopted_by: its medical director
adopted_on: "2026-11-22"
numbers:
  protocols/P-IV-STD/dose.cap.mg: {value: %s, reason: Our pharmacist asked for it.}
"""


def test_a_policy_file_sets_numbers_for_every_protocol_that_keeps_the_dose():
    policy = read_policy_file(POLICY % 60, name="site.yaml")

    knowledge = with_policy(load_knowledge(), policy)

    kept = in_full(entry(knowledge.sections, "protocols", "P-IV-STD-3X"), knowledge)
    assert kept.dose.cap.mg == 60
    assert knowledge.sha256 != load_knowledge().sha256


def test_a_policy_file_with_a_number_that_is_no_sites_is_refused():
    policy = read_policy_file(POLICY.replace("cap.mg", "mg_per_kg") % 0.4, name="site.yaml")

    with pytest.raises(PolicyError, match="only numbers of status site-policy"):
        with_policy(load_knowledge(), policy)


def test_nothing_else_moves():
    found = changed("dosing_numbers/oldest-weight-days", 14.0)

    assert found["protocols"] == load_knowledge().sections["protocols"]
    assert found["visits"] == load_knowledge().sections["visits"]


REFUSED = {
    "a dose of a trial": ("protocols/P-IV-STD/dose.mg_per_kg", 0.6, "its status is primary"),
    "the count of a trial": ("protocols/P-IV-STD/schedule.induction.weeks", 4.0, "its status is primary"),
    "the watch of a label": ("visits/esketamine-us/observe.minutes", 60.0, "its status is primary"),
    "a remembered number": ("protocols/P-IV-STD/decisions.P-IV-FUTILITY.least_change_percent.low", 10.0, "its status is recalled"),
    "a number that is not there": ("protocols/P-IV-STD/dose.cap.kg", 60.0, "no number stands there"),
    "a way through a number": ("protocols/P-IV-STD/dose.cap.mg.mg", 60.0, "no number stands there"),
    "a word": ("visits/kap/name", 60.0, "no number stands there"),
    "an entry that is not there": ("visits/sofa/min_gap_hours", 60.0, "visits has no entry sofa"),
    "another section": ("rules/shared.food", 60.0, "the sections are protocols"),
    "a name without an entry": ("protocols", 60.0, "a number is named as section/entry/way"),
    "half a session": ("protocols/P-IV-STD/decisions.P-IV-FUTILITY.after_sessions", 4.5, "Expected `int"),
    "a count that is not the template's": ("protocols/KAP-STRUCTURE/sessions", 5.0, "KAP-STRUCTURE: its schedule has 6 sessions, not 5"),
    "a cap below zero": ("protocols/P-IV-STD/dose.cap.mg", -1.0, "below zero"),
    "no number at all": ("protocols/P-IV-STD/dose.cap.mg", float("inf"), "no number to set"),
    "weights the wrong way round": ("protocols/P-IV-STD/dose.weights.least_kg", 250.0, "not below its greatest"),
}  # fmt: skip


@pytest.mark.parametrize(("number", "value", "why"), REFUSED.values(), ids=REFUSED)
def test_a_site_may_not_set(number, value, why):
    with pytest.raises(SiteNumberError, match=why):
        changed(number, value)
