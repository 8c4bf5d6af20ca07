"""What stands around the sessions of a course, by treatment, jurisdiction and site."""

import pytest

from overstory.exchange.policy_file import read_policy_file
from overstory.knowledge.load import load_knowledge
from overstory.pathway.policy import with_policy
from overstory.pathway.surroundings import surroundings
from tests.courses import protocol

HEAD = 'clinic: A clinic\nadopted_by: its medical director\nadopted_on: "2026-11-22"\n'


def around(protocol_id, **more):
    return surroundings(protocol=protocol(protocol_id), knowledge=load_knowledge(), **more)


def needs(protocol_id, **more):
    return {each.id for each in around(protocol_id, **more).needs}


def test_only_the_united_states_ask_for_the_rems():
    # Ketamine §4.6: enrolment, certified setting, form within 7 days.
    ours = {"rems-enrolment", "rems-setting", "rems-form"}

    assert ours <= needs("P-ESK-US-TRD")
    assert not ours & needs("P-ESK-EU-UNDER-65")
    assert not ours & needs("P-IV-STD")


def test_a_drug_of_both_jurisdictions_is_asked_about_in_each():
    assert "prescription-monitoring" in needs("P-IV-STD", jurisdiction="US")
    assert "prescription-monitoring" not in needs("P-IV-STD", jurisdiction="EU")


def test_a_weight_is_asked_for_where_the_dose_goes_by_it():
    assert "weight" in needs("P-IV-STD")
    assert "weight" not in needs("P-ESK-US-TRD")


def test_tms_needs_no_escort_and_restricts_no_driving():
    found = around("NS_10HZ_STD")

    assert "escort" not in {each.id for each in found.needs}
    assert "motor-threshold" in {each.id for each in found.needs}
    assert found.restrictions == ()


@pytest.mark.parametrize(
    "protocol_id", ["P-ESK-US-TRD", "P-ESK-EU-EMERG", "P-IV-STD", "KAP-STRUCTURE"]
)
def test_nobody_drives_after_ketamine_until_the_next_day(protocol_id):
    # D-07.
    untils = {each.until for each in around(protocol_id).restrictions if "driv" in each.id}

    assert untils == {"next-day-after-sleep"}


def test_every_entry_around_a_course_names_its_source():
    for each in load_knowledge().sections["protocols"]:
        found = around(each.id)
        for part in (*found.needs, *found.decision_points, *found.alongside, *found.missed):
            assert part.source
            assert part.status


def test_the_visit_has_the_minutes_of_the_site():
    text = "visits:\n  esketamine-us: {observe_minutes: 150, reason: x}\n"
    knowledge = with_policy(load_knowledge(), read_policy_file(HEAD + text, name="site"))

    found = surroundings(protocol=protocol("P-ESK-US-TRD"), knowledge=knowledge)

    assert found.visit.observe.minutes == 150
    assert found.monitoring.id == "esketamine"
    assert [each.id for each in found.products] == ["spravato-28-mg"]


def test_a_protocol_that_is_never_planned_has_no_visit():
    assert around("P-PO").visit is None
    assert around("P-PO").monitoring is None
