"""Which protocols may be planned, under which site policy, and which is planned where nobody names one."""

import pytest

from overstory.exchange.policy_file import read_policy_file
from overstory.exchange.records import InputError
from overstory.knowledge.load import load_knowledge
from overstory.pathway.policy import PolicyError, with_policy
from overstory.pathway.protocols import (
    NoProtocolError,
    Why,
    combination_of,
    default_protocol,
    fits_age,
    judge,
    protocol_named,
    protocols_of,
)

HEAD = 'clinic: A clinic\nadopted_by: its medical director\nadopted_on: "2026-11-22"\n'


def site(text):
    policy = read_policy_file(HEAD + text, name="site.yaml")
    return with_policy(load_knowledge(), policy)


def judged(protocol_id, knowledge=None, jurisdiction=None):
    knowledge = knowledge or load_knowledge()
    protocol = protocol_named(protocol_id=protocol_id, knowledge=knowledge)
    return judge(protocol=protocol, knowledge=knowledge, jurisdiction=jurisdiction)


PLANNED = [
    "P-ESK-US-TRD", "P-ESK-US-MDSI", "P-ESK-EU-UNDER-65", "P-ESK-EU-65-PLUS", "P-ESK-EU-EMERG", "P-IV-STD",
    "P-IV-STD-3X", "P-IV-TITR", "KAP-STRUCTURE", "NS_10HZ_STD", "NS_10HZ_DASH", "ADOL_10HZ", "ITBS_600", "SNT",
    "SBL_1_10",
]  # fmt: skip
# What a policy has to adopt: the recalled parts of the dossier row that decide a course.
ENABLED = {
    "P-IV-MAINT": ["schedule"],
    "P-SC": [],
    "P-IM": ["schedule", "dose"],
    "KAP-SL-LOW": ["dose"],
    "KAP-IM-LOW": ["dose"],
    "KAP-SL-HIGH": ["dose"],
    "KAP-IM-HIGH": ["dose"],
    "ITBS_1200": ["schedule", "target", "intensity", "pulses"],
    "LFR_1HZ_1800": ["schedule", "target", "intensity", "pulses"],
    "LFR_1HZ_360": ["schedule", "target", "intensity", "pulses"],
    "LOFC_1HZ": ["schedule", "target", "intensity", "pulses"],
    "H1_MDD_18HZ": ["intensity"],
    "H1_ANX": ["schedule", "target", "intensity", "pulses"],
    "H7_OCD_20HZ": ["schedule", "intensity", "pulses"],
    "DB80_OCD_20HZ": ["schedule", "intensity", "pulses"],
    "H4_SMOKING": ["target", "intensity", "pulses"],
    "BTBS_FOURD": ["schedule", "intensity", "pulses"],
}
NEVER = ["P-SL-VLD", "P-PO", "P-PAIN-CRPS", "DMPFC_10HZ"]


def test_every_protocol_is_planned_enabled_or_never_planned():
    every = {each.id for each in load_knowledge().sections["protocols"]}

    assert every == {*PLANNED, *ENABLED, *NEVER}


@pytest.mark.parametrize("protocol_id", PLANNED)
def test_a_protocol_whose_counts_spacing_and_dose_were_read_is_planned_without_a_policy(
    protocol_id,
):
    found = judged(protocol_id)

    assert found.plannable
    assert found.refusals == ()


@pytest.mark.parametrize("protocol_id", ENABLED)
def test_a_protocol_that_rests_on_memory_is_refused_without_a_policy(protocol_id):
    found = judged(protocol_id)

    assert not found.plannable
    assert found.refusals[0].why is Why.SITE_POLICY
    assert found.refusals[0].adopts == tuple(ENABLED[protocol_id])
    assert [each.why for each in found.refusals[1:]] == (
        [Why.UNVERIFIED] if ENABLED[protocol_id] else []
    )
    assert found.holds == ()


@pytest.mark.parametrize("protocol_id", ENABLED)
def test_the_same_protocol_is_planned_under_a_policy_that_adopts_its_numbers(protocol_id):
    adopts = ", ".join(ENABLED[protocol_id])
    knowledge = site(
        f"protocols:\n  {protocol_id}: {{adopts: [{adopts}], reason: Our practice.}}\n"
    )

    found = judged(protocol_id, knowledge)

    assert found.plannable
    assert found.enabled.reason == "Our practice."
    assert not {each.part for each in found.holds} & set(ENABLED[protocol_id])
    assert knowledge.sha256 != load_knowledge().sha256


@pytest.mark.parametrize("protocol_id", [each for each in ENABLED if ENABLED[each]])
def test_a_policy_that_enables_without_adopting_every_number_is_refused_and_names_them(protocol_id):
    with pytest.raises(
        PolicyError, match=f"{protocol_id}: .*adopts lacks .*{ENABLED[protocol_id][-1]}"
    ):
        site(f"protocols:\n  {protocol_id}: {{reason: Our practice.}}\n")


@pytest.mark.parametrize("protocol_id", NEVER)
def test_what_is_never_planned_is_not_enabled_by_any_policy(protocol_id):
    found = judged(protocol_id)

    assert [each.why for each in found.refusals] == [Why.NEVER]
    with pytest.raises(PolicyError, match="never planned"):
        site(f"protocols:\n  {protocol_id}: {{reason: We would.}}\n")


REFUSED_POLICIES = {
    "an unknown protocol": ("protocols:\n  P-XX: {reason: x}\n", "no protocol is named P-XX"),
    "a protocol that needs none": ("protocols:\n  P-IV-STD: {adopts: [decisions], reason: x}\n  NS_10HZ_STD: {reason: x}\n", "NS_10HZ_STD needs no site policy"),
    "a part that was read": ("protocols:\n  P-IM: {adopts: [schedule, dose, target], reason: x}\n", "target needs no adopting"),
    "an unknown visit": ("visits:\n  sofa: {observe_minutes: 10, reason: x}\n", "no visit is named sofa"),
    "a watch shorter than the label's": ("visits:\n  esketamine-us: {observe_minutes: 119, reason: x}\n", "not for less"),
    "a watch where there is none": ("visits:\n  tms: {observe_minutes: 10, reason: x}\n", "has no watch to set"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "why"), REFUSED_POLICIES.values(), ids=REFUSED_POLICIES)
def test_a_policy_is_refused_for(text, why):
    with pytest.raises(PolicyError, match=why):
        site(text)


UNREADABLE = {
    "no reason": "protocols:\n  P-SC: {adopts: []}\n",
    "an unknown key": "protocols:\n  P-SC: {reason: x, dose: 5}\n",
    "a visit of less than no time": "visits:\n  esketamine-us: {observe_minutes: -1, reason: x}\n",
    "a visit longer than a day": "visits:\n  esketamine-us: {observe_minutes: 1441, reason: x}\n",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_a_policy_file_that_has_another_shape_is_refused_with_its_name(text):
    with pytest.raises(InputError, match=r"site\.yaml"):
        read_policy_file(HEAD + text, name="site.yaml")


def visit(knowledge, visit_id):
    return next(each for each in knowledge.sections["visits"] if each.id == visit_id)


def test_a_site_watches_for_longer_than_the_label():
    knowledge = site("visits:\n  esketamine-us: {observe_minutes: 150, reason: Many travel far.}\n")

    watch = visit(knowledge, "esketamine-us").observe

    assert (watch.minutes, watch.starts, watch.status) == (150, "first-device", "site-policy")
    assert visit(load_knowledge(), "esketamine-us").observe.minutes == 120


def test_a_site_shortens_a_watch_that_is_our_own_default():
    knowledge = site(
        "visits:\n  ketamine-infusion: {observe_minutes: 45, prepare_minutes: 25, reason: Ours.}\n"
    )

    found = visit(knowledge, "ketamine-infusion")

    assert (found.observe.minutes, found.prepare_minutes.value) == (45, 25)


def test_a_recalled_part_that_decides_nothing_is_a_hold():
    found = judged("SBL_1_10")

    assert [each.path for each in found.holds] == ["stimulation.parts.2.trains"]
    assert dict(found.holds[0].numbers) == {
        "count": 50,
        "pulses_each": 30,
        "seconds": 3,
        "pause_seconds": 27,
    }
    assert found.holds[0].sources[0].id == "recalled-unverified"


def test_what_a_site_adopts_beyond_the_deciding_parts_is_a_hold_no_more():
    line = "protocols:\n  H7_OCD_20HZ: {{adopts: [schedule, intensity, pulses{more}], reason: x}}\n"

    some = judged("H7_OCD_20HZ", site(line.format(more="")))
    every = judged("H7_OCD_20HZ", site(line.format(more=", trains, location")))

    assert {each.part for each in some.holds} == {"trains", "location"}
    assert every.holds == ()


def test_a_threshold_that_is_recalled_is_shown_and_holds_nothing():
    found = judged("P-IV-STD")

    assert [each.path for each in found.unverified] == [
        "decisions.P-IV-FUTILITY.least_change_percent"
    ]
    assert found.holds == ()


def test_a_protocol_of_another_jurisdiction_is_refused():
    found = judged("P-ESK-US-TRD", jurisdiction="EU")

    assert [each.why for each in found.refusals] == [Why.ELSEWHERE]


# Issue text: what is planned where nobody names a protocol.
DEFAULTS = [
    ("esketamine", "US", ["treatment-resistant-depression"], 40, "P-ESK-US-TRD"),
    ("esketamine", "US", ["treatment-resistant-depression", "depression-with-acute-suicidal-thoughts"], 40, "P-ESK-US-TRD"),
    ("esketamine", "US", ["depression-with-acute-suicidal-thoughts"], 40, "P-ESK-US-MDSI"),
    ("esketamine", "US", ["treatment-resistant-depression"], 70, "P-ESK-US-TRD"),
    ("esketamine", "EU", ["treatment-resistant-depression"], 64.9, "P-ESK-EU-UNDER-65"),
    ("esketamine", "EU", ["treatment-resistant-depression"], 65, "P-ESK-EU-65-PLUS"),
    ("esketamine", "EU", ["depression-with-acute-suicidal-thoughts"], 64, "P-ESK-EU-EMERG"),
    ("ketamine-iv", "US", ["treatment-resistant-depression"], 40, "P-IV-STD"),
    ("ketamine-iv", "EU", ["ptsd"], None, "P-IV-STD"),
    ("tms", "US", ["major-depression"], 40, "NS_10HZ_STD"),
    ("tms", "US", ["adolescent-depression"], 16, "ADOL_10HZ"),
    ("tms", "US", ["ocd"], 40, "H7_OCD_20HZ"),
    ("tms", "US", ["smoking"], 40, "H4_SMOKING"),
    ("kap", "US", ["anxiety"], 40, "KAP-STRUCTURE"),
]  # fmt: skip


@pytest.mark.parametrize(("treatment", "jurisdiction", "indications", "age", "expected"), DEFAULTS)
def test_the_default_follows_jurisdiction_indication_and_age(
    treatment, jurisdiction, indications, age, expected
):
    found = default_protocol(
        knowledge=load_knowledge(),
        treatment=treatment,
        jurisdiction=jurisdiction,
        indications=indications,
        age_years=age,
    )

    assert found.id == expected


NONE_FITS = [
    ("ketamine-iv", "US", ["crps"], 40),
    ("esketamine", "EU", ["depression-with-acute-suicidal-thoughts"], 65),
    ("esketamine", "EU", ["treatment-resistant-depression"], None),
    ("tms", "US", ["adolescent-depression"], 22),
    ("tms", "US", [], 40),
]


@pytest.mark.parametrize(("treatment", "jurisdiction", "indications", "age"), NONE_FITS)
def test_where_no_default_fits_it_says_what_there_is(treatment, jurisdiction, indications, age):
    with pytest.raises(NoProtocolError, match=r"no default of .* fits in the .*: .* is for "):
        default_protocol(
            knowledge=load_knowledge(),
            treatment=treatment,
            jurisdiction=jurisdiction,
            indications=indications,
            age_years=age,
        )


def test_an_age_is_inside_until_the_next_birthday():
    protocol = protocol_named(protocol_id="ADOL_10HZ", knowledge=load_knowledge())

    assert [fits_age(protocol, age) for age in (14.99, 15, 21.99, 22)] == [False, True, True, False]


def test_each_combination_begins_with_its_own_form_of_ketamine():
    knowledge = load_knowledge()

    assert combination_of(first="esketamine", knowledge=knowledge).id == "ESKETAMINE-THEN-TMS"
    assert combination_of(first="ketamine-iv", knowledge=knowledge).id == "KETAMINE-IV-THEN-TMS"
    with pytest.raises(NoProtocolError, match="no combination begins with kap"):
        combination_of(first="kap", knowledge=knowledge)


def test_protocols_are_picked_by_treatment_and_jurisdiction():
    found = protocols_of(knowledge=load_knowledge(), treatment="esketamine", jurisdiction="EU")

    assert [each.id for each in found] == [
        "P-ESK-EU-UNDER-65",
        "P-ESK-EU-65-PLUS",
        "P-ESK-EU-EMERG",
    ]


def test_a_course_template_and_a_kept_dose_are_filled_in_with_their_own_standing():
    maintained = protocol_named(protocol_id="P-IV-MAINT", knowledge=load_knowledge())
    standard = protocol_named(protocol_id="NS_10HZ_STD", knowledge=load_knowledge())

    assert (maintained.dose.mg_per_kg, maintained.dose.status) == (0.5, "primary")
    assert [each.sessions for each in standard.schedule] == [30, 6]
    assert standard.schedule[0].status == "secondary"
