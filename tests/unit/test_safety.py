"""The safety level over every combination of its facts, what people do, and the crisis lines."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from overstory.engine.facts import Fact, Facts
from overstory.knowledge.load import load_knowledge
from overstory.pathway.safety import crisis, crisis_words, level

KNOWLEDGE = load_knowledge()
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
READ_ON = date(2026, 11, 22)
BANDS = (None, "none", "low", "moderate", "high")
FLAGS = (
    "suicidal_ideation_active",
    "suicidal_intent",
    "suicide_attempt_within_3_months",
    "self_injury_within_3_months",
    "needs_inpatient_care",
)
RANK = {"none": 0, "low": 1, "moderate": 2, "high": 3}
COMBINATIONS = [
    {"cssrs_risk": band, "phq9_item9": item_9, **dict(zip(FLAGS, flags, strict=True))}
    for band in BANDS
    for item_9 in (None, 0, 1)
    for flags in product([True, False, None], repeat=len(FLAGS))
]


def assess(**given):
    """A value is of now; a pair is a value and how many days old it is; None is unknown."""
    facts = {}
    for name, value in given.items():
        answer, days = value if isinstance(value, tuple) else (value, 0)
        if answer is not None:
            facts[name] = Fact(answer, at=NOW - timedelta(days=days))
    return level(facts=Facts(KNOWLEDGE.vocabulary, NOW, facts), knowledge=KNOWLEDGE)


LEVELS = [(given, assess(**given)) for given in COMBINATIONS]


def written_out(given):
    """The level as the design says it in one sentence."""
    if given["cssrs_risk"] == "high" or any(
        given[name]
        for name in ("suicidal_intent", "suicide_attempt_within_3_months", "needs_inpatient_care")
    ):
        return "high"
    if given["cssrs_risk"] is None:
        return "unknown"
    if given["cssrs_risk"] == "none" and given["suicidal_ideation_active"]:
        return "low"
    return given["cssrs_risk"]


def test_every_combination_has_the_level_of_the_design():
    wrong = [given for given, found in LEVELS if found.level != written_out(given)]

    assert len(LEVELS) == 5 * 3 * 3**5
    assert wrong == []


def test_an_unknown_in_place_of_a_no_never_lowers_the_level():
    found = {tuple(given.values()): safety.level for given, safety in LEVELS}

    for given, safety in LEVELS:
        for name, no in [("cssrs_risk", "none"), *((flag, False) for flag in FLAGS)]:
            if given[name] != no:
                continue
            opened = found[tuple({**given, name: None}.values())]

            assert opened == "unknown" or RANK[opened] >= RANK.get(safety.level, 0), (given, name)


def test_without_a_screen_the_level_is_unknown_or_high():
    levels = {safety.level for given, safety in LEVELS if given["cssrs_risk"] is None}

    assert levels == {"unknown", "high"}


def test_every_level_but_none_has_actions():
    assert [
        given for given, safety in LEVELS if safety.level != "none" and not safety.actions
    ] == []


def test_high_always_has_the_crisis_path_first():
    high = [safety for _, safety in LEVELS if safety.level == "high"]

    assert high
    assert all(safety.crisis_first for safety in high)
    assert all("crisis path first" in safety.actions[0] for safety in high)
    assert not any(safety.crisis_first for _, safety in LEVELS if safety.level != "high")


def test_every_reported_trigger_asks_for_a_screen_the_same_day():
    for given, safety in LEVELS:
        said = " ".join(safety.actions)

        assert ("Item 9" in said) == (given["phq9_item9"] == 1)
        assert ("Active thoughts" in said) == (given["suicidal_ideation_active"] is True)
        assert ("Self-injury" in said) == (given["self_injury_within_3_months"] is True)


def test_a_known_answer_is_not_asked_again():
    for given, safety in LEVELS:
        known = {name for name, value in given.items() if value is not None}

        assert not known & set(safety.asks)


def test_every_answer_that_raised_the_level_is_a_reason():
    safety = assess(cssrs_risk="moderate", suicidal_intent=True, phq9_item9=2)

    assert {reason.name for reason in safety.reasons} == {
        "cssrs_risk",
        "suicidal_intent",
        "phq9_item9",
    }


def test_nobody_asked_is_not_safe():
    safety = assess()

    assert safety.level == "unknown"
    assert "screener today" in safety.actions[0]
    assert "cssrs_risk" in safety.asks


def test_an_item_9_newer_than_the_screen_makes_the_level_unknown():
    safety = assess(cssrs_risk=("none", 5), phq9_item9=1)

    assert safety.level == "unknown"
    assert "screener today" in safety.actions[0]
    assert "cssrs_risk" in safety.asks


def test_a_newer_item_9_keeps_what_the_older_screen_calls_for():
    safety = assess(cssrs_risk=("moderate", 5), phq9_item9=1)

    assert safety.level == "unknown"
    assert any("full assessment" in action for action in safety.actions)


def test_a_newer_item_9_never_lowers_a_high_screen():
    assert assess(cssrs_risk=("high", 5), phq9_item9=1).level == "high"


@pytest.mark.parametrize(
    ("screen", "item_9", "expected"),
    [
        (("none", 5), (0, 0), "none"),  # item 9 of zero opens nothing
        (("none", 0), (1, 5), "none"),  # the screen came after
        (("low", 3), (1, 3), "low"),  # the same moment
        (("none", 5), (1, 31), "none"),  # an item 9 of 31 days ago is stale, so unknown
        (("none", 31), (0, 0), "unknown"),  # a screen of 31 days ago is stale, so unknown
    ],
)
def test_the_newer_of_screen_and_item_9_counts(screen, item_9, expected):
    assert assess(cssrs_risk=screen, phq9_item9=item_9).level == expected


def test_a_value_without_a_time_is_of_the_moment_asked_about():
    facts = {"cssrs_risk": Fact("none"), "phq9_item9": Fact(3, at=NOW - timedelta(days=1))}

    assert level(facts=Facts(KNOWLEDGE.vocabulary, NOW, facts), knowledge=KNOWLEDGE).level == "none"


def test_a_low_total_does_not_hide_item_9():
    safety = assess(phq9_total=2, phq9_item9=1, cssrs_risk=("none", 5))

    assert safety.level == "unknown"
    assert any("whatever the total" in action for action in safety.actions)


def test_active_thoughts_are_never_none():
    assert assess(cssrs_risk="none", suicidal_ideation_active=True).level == "low"


def test_self_injury_is_apart_from_suicide_and_still_opens_a_screen():
    safety = assess(cssrs_risk="none", self_injury_within_3_months=True)

    assert safety.level == "none"
    assert any("with the intent" in action for action in safety.actions)


def test_the_us_lines_are_shown():
    path = crisis(country="US", on=READ_ON, knowledge=KNOWLEDGE)

    assert path.emergency == ("911",)  # clinical dossiers, crisis lines, US
    assert [(reach.how, reach.to) for reach in path.lines[0].reach] == [
        ("call", "988"),
        ("text", "988"),
        ("chat", "988lifeline.org"),
    ]
    assert path.fallback is None


def test_an_expired_line_falls_back():
    last_day, day_after = date(2027, 5, 21), date(2027, 5, 22)

    shown = crisis(country="US", on=last_day, knowledge=KNOWLEDGE)
    expired = crisis(country="US", on=day_after, knowledge=KNOWLEDGE)

    assert shown.lines
    assert expired.lines == ()
    assert expired.emergency == ("911",)
    assert "findahelpline.com" in expired.fallback.en


@pytest.mark.parametrize("country", ["JP", "KR", "SG", "IT", "IN", "ZA", "BR", "MX", "ZZ", ""])
def test_a_country_nobody_verified_falls_back(country):
    path = crisis(country=country, on=READ_ON, knowledge=KNOWLEDGE)

    assert (path.lines, path.emergency) == ((), ())
    assert path.fallback.en
    assert path.fallback.es
    assert path.fallback_url == "https://findahelpline.com"


@pytest.mark.parametrize(
    ("country", "number"),
    [  # clinical dossiers, crisis lines
        ("CA", "988"),
        ("GB", "116 123"),
        ("IE", "1800 247 247"),
        ("DE", "0800 111 0 111"),
        ("FR", "3114"),
        ("ES", "024"),
        ("NL", "0800-0113"),
        ("BE", "1813"),
        ("CH", "143"),
        ("AT", "142"),
        ("AU", "13 11 14"),
        ("NZ", "1737"),
        ("es", "024"),
    ],
)
def test_an_enabled_country_shows_its_line(country, number):
    path = crisis(country=country, on=READ_ON, knowledge=KNOWLEDGE)

    assert number in [reach.to for line in path.lines for reach in line.reach]


def test_the_us_lines_in_words():
    path = crisis(country="US", on=READ_ON, knowledge=KNOWLEDGE)

    assert crisis_words(path=path, knowledge=KNOWLEDGE) == (
        "Emergency: call 911.",
        "988 Suicide and Crisis Lifeline: call 988 or text 988 or chat at 988lifeline.org.",
        "988, in Spanish: call 988 and press 2 or text AYUDA to 988.",
        "Veterans Crisis Line: call 988 and press 1 or text 838255.",
        "Crisis Text Line: text HOME to 741741.",
    )


def test_in_spanish_the_line_that_answers_in_spanish_comes_first_and_says_what_to_press():
    path = crisis(country="US", on=READ_ON, knowledge=KNOWLEDGE)

    said = crisis_words(path=path, knowledge=KNOWLEDGE, language="es")

    assert said[:2] == (
        "Emergencia: llame al 911.",
        "Línea 988 en español: llame al 988 y marque 2 o envíe AYUDA por mensaje de texto al 988.",
    )


def test_the_crisis_path_in_spanish():
    spain = crisis(country="ES", on=READ_ON, knowledge=KNOWLEDGE)
    nowhere = crisis(country="ZZ", on=READ_ON, knowledge=KNOWLEDGE)

    assert crisis_words(path=spain, knowledge=KNOWLEDGE, language="es") == (
        "Emergencia: llame al 112.",
        "024: llame al 024.",
    )
    (said,) = crisis_words(path=nowhere, knowledge=KNOWLEDGE, language="es")
    assert said.startswith("Llame al número de emergencias de su zona")


def test_in_the_eu_the_shared_emergency_number_stands_before_the_fallback():
    path = crisis(country="EU", on=READ_ON, knowledge=KNOWLEDGE)

    said = crisis_words(path=path, knowledge=KNOWLEDGE)

    assert said[0] == "Emergency: call 112."
    assert "findahelpline.com" in said[1]


@pytest.mark.parametrize(
    ("screen", "item_9", "is_due"),
    [
        (("none", 0), (1, 1), False),  # the screen came after: nothing is due of item 9
        (("low", 3), (1, 2), True),  # item 9 is newer
        (("none", 31), (1, 1), True),  # the screen is stale
    ],
)
def test_a_screen_done_since_a_report_is_not_asked_for_again(screen, item_9, is_due):
    said = " ".join(assess(cssrs_risk=screen, phq9_item9=item_9).actions)

    assert ("Item 9" in said) == is_due
