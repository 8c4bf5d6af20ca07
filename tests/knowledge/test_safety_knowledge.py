"""The safety knowledge: what the clinical dossiers say, with sources, in both languages."""

from datetime import date, timedelta

import pytest

from overstory.knowledge.load import load_knowledge

KNOWLEDGE = load_knowledge()
SECTIONS = KNOWLEDGE.sections
ENABLED = {"US", "CA", "GB", "IE", "DE", "FR", "ES", "NL", "BE", "CH", "AT", "AU", "NZ"}
DISABLED = {"BR", "MX", "ZA", "IT", "IN", "JP", "KR", "SG"}


def of_kind(kind):
    return [each for each in SECTIONS["self_injury"] if each.kind == kind]


def figure(figure_id):
    return next(each for each in SECTIONS["safety_figures"] if each.id == figure_id)


def rung(rung_id):
    return next(each for each in SECTIONS["escalation"] if each.id == rung_id)


def test_only_verified_countries_are_enabled():
    countries = {each.cc: each.enabled for each in SECTIONS["crisis_lines"]}

    assert {cc for cc, enabled in countries.items() if enabled} == {*ENABLED, "EU"}
    assert {cc for cc, enabled in countries.items() if not enabled} == DISABLED


@pytest.mark.parametrize("country", SECTIONS["crisis_lines"], ids=lambda each: each.cc)
def test_a_crisis_line_expires_within_180_days(country):
    verified, expires = date.fromisoformat(country.verified_on), date.fromisoformat(country.expires)

    assert timedelta(0) < expires - verified <= timedelta(days=180)


@pytest.mark.parametrize("country", SECTIONS["crisis_lines"], ids=lambda each: each.cc)
def test_an_enabled_country_has_lines_and_a_disabled_one_says_why(country):
    assert country.emergency
    if country.enabled:
        assert all(line.reach and line.status != "recalled" for line in country.lines)
        assert country.lines or country.cc == "EU"  # shared emergency number, lines by country
        assert not country.why_not
    else:
        assert country.why_not


def test_there_is_one_fallback_in_both_languages():
    (fallback,) = SECTIONS["crisis_fallback"]

    assert "emergency" in fallback.says.en
    assert "emergencias" in fallback.says.es


def test_self_injury_has_each_list_of_the_dossier():
    counts = {
        kind: len(of_kind(kind)) for kind in ("condition", "warning-sign", "method", "location")
    }

    # seven read and two recalled conditions; ten read signs, one weak, three recalled; codes as listed
    assert counts == {"condition": 9, "warning-sign": 14, "method": 14, "location": 15}


def test_the_body_sites_have_the_codes_of_the_dossier():
    codes = (
        "wrist forearm upper-arm hand thigh lower-leg foot chest abdomen hip-waist "
        "neck face-head breast genital other"
    )

    assert [each.code for each in of_kind("location")] == codes.split()


def test_no_body_site_has_a_percentage():
    assert all(each.value is None for each in [*of_kind("location"), *of_kind("red-flag")])


def test_dangerous_sites_are_an_emergency_whatever_the_intent():
    assert {each.code for each in of_kind("location") if each.urgent} == {
        "neck",
        "face-head",
        "genital",
    }
    assert len(of_kind("red-flag")) == 7
    assert all("whatever" in each.says.en and each.urgent for each in of_kind("red-flag"))


@pytest.mark.parametrize(
    ("entry_id", "value", "greatest"),
    [  # clinical dossiers, self-injury: England survey; adolescents; onset
        ("self-injury.lifetime-adults", 4.86, None),
        ("self-injury.with-a-disorder", 63.8, None),
        ("self-injury.medically-severe", 30.9, None),
        ("self-injury.adolescents", 17, 19.5),
        ("self-injury.onset", 12, 14),
    ],
)
def test_self_injury_figures_are_those_of_the_dossier(entry_id, value, greatest):
    entry = next(each for each in SECTIONS["self_injury"] if each.id == entry_id)

    assert (entry.value, entry.greatest) == (value, greatest)
    assert entry.population
    assert entry.unit


def test_recalled_self_injury_entries_are_marked():
    recalled = {each.id for each in SECTIONS["self_injury"] if each.status == "recalled"}

    assert recalled == {
        "condition.autism",
        "condition.psychosis",
        "sign.blood",
        "sign.no-changing",
        "sign.bathroom",
        "treatment.dbt",
        "treatment.dbt-attempts",
    }


@pytest.mark.parametrize(
    ("figure_id", "value", "against"),
    [  # Simon 2013; Louzon 2016; Stanley 2018; CALM-ED
        ("item-9.attempt-in-a-year", 4, 0.4),
        ("item-9.death-in-a-year", 0.3, 0.03),
        ("item-9.hazard-1", 1.75, 1),
        ("item-9.hazard-2", 2.15, 1),
        ("item-9.hazard-3", 2.85, 1),
        ("item-9.zero-is-not-safe", 71.6, None),
        ("safety-plan.behaviour-recalled", 3.03, 5.29),
        ("safety-plan.odds-ratio-recalled", 0.56, 1),
        ("means.storage-plan", 75, None),
        ("setting.tier-window", 30, None),
        ("setting.duplicate-alerts", 24, None),
        ("setting.plan-review", 90, None),
        ("setting.crisis-line-expiry", 180, None),
    ],
)
def test_safety_figures_are_those_of_the_dossier(figure_id, value, against):
    assert (figure(figure_id).value, figure(figure_id).against) == (value, against)


@pytest.mark.parametrize(
    "figure_id",
    [
        "safety-plan.behaviour-recalled",
        "safety-plan.odds-ratio-recalled",
        "safety-plan.first-call-recalled",
    ],
)
def test_a_figure_nobody_read_again_is_marked_recalled(figure_id):
    assert figure(figure_id).status == "recalled"


def test_item_9_of_zero_is_never_said_to_be_no_risk():
    assert "never no risk" in figure("item-9.zero-is-not-safe").says


def test_the_ladder_has_its_rungs_and_times():
    tiers = [each.tier for each in SECTIONS["escalation"]]

    assert tiers == ["imminent", "high", "moderate", "low", "unscreened", "open"]
    # minutes and hours of the escalation ladder of the clinical dossiers
    assert rung("ladder.imminent").transfer_minutes == 15
    assert (rung("ladder.high").on_site_minutes, rung("ladder.high").remote_minutes) == (15, 30)
    assert (rung("ladder.high").remote_tries, rung("ladder.high").follow_up_hours) == (3, [24, 72])
    assert (rung("ladder.moderate").on_site_minutes, rung("ladder.moderate").appointment_days) == (
        240,
        7,
    )
    assert rung("ladder.item-9-unscreened").remote_minutes == 120


def test_every_rung_is_a_setting_of_the_clinic():
    assert {each.status for each in SECTIONS["escalation"]} == {"site-policy"}


def test_the_safety_plan_has_its_seven_functions():
    steps = [each for each in SECTIONS["safety_steps"] if each.part_of == "safety-plan"]

    assert [each.id.removeprefix("safety-plan.") for each in steps] == [
        "warning-signs",
        "internal-coping",
        "social-distraction",
        "crisis-support",
        "professional-support",
        "lethal-means-safety",
        "reason-for-living",
    ]
    assert [each.at_least for each in steps] == [3, 3, 4, 3, None, 2, None]
    assert [each.order for each in steps if each.flag_if_empty] == [4, 5, 6]


def test_safe_t_has_five_steps():
    assert [each.order for each in SECTIONS["safety_steps"] if each.part_of == "safe-t"] == [
        1,
        2,
        3,
        4,
        5,
    ]


def test_every_level_but_none_has_an_action_and_every_trigger_too():
    at = {each.at for each in SECTIONS["safety_actions"]}

    assert at == {"high", "moderate", "low", "unknown", "item-9", "ideation", "self-injury"}


def test_the_crisis_path_is_the_first_action_at_high_risk():
    high = sorted((e for e in SECTIONS["safety_actions"] if e.at == "high"), key=lambda e: e.order)

    assert high[0].id == "high.crisis-path"


@pytest.mark.parametrize("section", ["self_injury", "safety_steps"])
def test_every_text_is_in_both_languages(section):
    assert all(each.says.en and each.says.es != each.says.en for each in SECTIONS[section])


@pytest.mark.parametrize(
    "section",
    ["triages", "self_injury", "safety_figures", "safety_steps", "safety_actions", "escalation"],
)
def test_no_id_stands_twice(section):
    ids = [each.id for each in SECTIONS[section]]

    assert len(set(ids)) == len(ids)


def test_the_levels_are_watched_and_never_part_of_suitability():
    rules = [r for r in KNOWLEDGE.rules if r.file == "safety/levels.yaml"]

    assert len(rules) == 6
    assert all(r.kind == "alert" and r.words.applies_to == [] for r in rules)


def test_nothing_recalled_decides_about_a_person():
    deciding = [*SECTIONS["triages"], *SECTIONS["safety_actions"], *SECTIONS["escalation"]]
    levels = [each for triage in SECTIONS["triages"] for each in triage.levels]

    assert all(each.status != "recalled" for each in [*deciding, *levels])


def test_the_ladder_says_who_may_act_and_when_the_next_are_called():
    # our own settings: two more people can be called before the deadline of the tier
    assert rung("ladder.high").acknowledge_minutes == 10
    assert rung("ladder.high").acknowledge_on_site_minutes == 5
    assert rung("ladder.item-9-unscreened").acknowledge_on_site_minutes == 5
    for tier in ("high", "moderate"):
        held = rung(f"ladder.{tier}")
        assert 3 * held.acknowledge_minutes <= held.remote_minutes
    assert all(each.roles for each in SECTIONS["escalation"])
    # 48 hours, 1 business day, item 9 of 3 at any hour (escalation ladder of the clinical dossiers)
    assert rung("ladder.not-closed").unclosed_hours == 48
    assert rung("ladder.low").business_days == 1
    assert rung("ladder.item-9-unscreened").any_hour_from_item_9 == 3
    assert {each.tier for each in SECTIONS["escalation"] if each.same_day} == {
        "unscreened",
        "moderate",
    }
