"""The decision aid's page: what it holds, how it may be read, and that nothing in it is loaded."""

import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from overstory.exchange.aid import html as html_module
from overstory.exchange.aid.html import aid_html
from overstory.exchange.aid.icons import Group, IconCountError, icon_array
from overstory.exchange.aid.making import aid_input, read_importance
from overstory.exchange.aid.words import LanguageError
from overstory.exchange.records import InputError
from overstory.knowledge.strict_yaml import read_yaml_file
from tests.exchange.readability import WORD, fernandez_huerta, flesch_kincaid_grade, prose
from tests.people import CONTENT, KNOWLEDGE, facts_of_vignette

HOME = Path(html_module.__file__).parent
VIGNETTES = [each["id"] for each in CONTENT["vignettes"]]
EVERYONE = [(name, language) for name in VIGNETTES for language in ("en", "es")]
SECTIONS = [
    "condition", "decision", "record", "options", "values", "cards", "numbers", "questions",
    "harms", "sure", "next", "notes", "about", "sources",
]  # fmt: skip
OPTIONS = ["esketamine", "ketamine-iv", "kap", "tms", "ketamine-then-tms", "usual-care", "not-yet"]


@cache
def page(name="clear", language="en", jurisdiction="US", patient="maya", **_):
    given = aid_input(
        patient=patient,
        facts=facts_of_vignette(name),
        knowledge=KNOWLEDGE,
        jurisdiction=jurisdiction,
        importance={},
    )
    return aid_html(given, language=language)


class _Seen(HTMLParser):
    """Every tag with its attributes, and the text of each element by id."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self.stack = [], {}, []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if tag not in {"meta", "path", "br"}:
            self.stack.append((tag, attrs.get("id")))

    def handle_endtag(self, tag):
        if self.stack and self.stack[-1][0] == tag:
            self.stack.pop()

    def handle_data(self, data):
        if any(tag in {"style", "title", "svg"} for tag, _ in self.stack):
            return
        for _, name in self.stack:
            if name:
                self.texts[name] = self.texts.get(name, "") + data


@cache
def seen(*args, **kwargs):
    return _Seen(page(*args, **kwargs))


def words_of(text):
    return len(WORD.findall(text))


@pytest.mark.parametrize(("name", "language"), EVERYONE)
def test_every_section_is_there_for_everyone(name, language):
    ids = [attrs["id"] for _, attrs in seen(name, language).tags if "id" in attrs]

    assert [each for each in ids if each in SECTIONS] == SECTIONS
    assert [each[2:] for each in ids if each.startswith("o-")] == OPTIONS
    assert not [each for each, count in Counter(ids).items() if count > 1]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_options_are_told_in_equal_detail(language):
    """IPDAS 2.1.1: between any two options, words in a ratio of 0.67 to 1.5; pictures aside."""
    texts = seen("clear", language).texts
    told = [words_of(_without_figures(page("clear", language), each)) for each in OPTIONS]

    assert all(texts[f"o-{each}"] for each in OPTIONS)
    assert max(told) / min(told) <= 1.5, dict(zip(OPTIONS, told, strict=True))


def _without_figures(html, option):
    card = re.search(rf'id="o-{option}".*?</article>', html, re.S)[0]
    return re.sub(r"<[^>]+>", " ", card.partition('<div class="pictures">')[0])


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_option_has_the_same_outcomes_good_and_hard_points(language):
    cards = re.findall(r'<article class="card".*?</article>', page("clear", language), re.S)
    labels = [re.findall(r"<h4>(.*?)</h4>", card) for card in cards]
    points = [len(re.findall(r"<li>", card)) for card in cards]

    assert len(cards) == 7
    assert len({tuple(each) for each in labels}) == 1
    assert points == [6] * 7


@pytest.mark.parametrize(("name", "language"), EVERYONE)
def test_every_picture_tells_how_sure_it_is(name, language):
    unsure = {
        "en": ("could be", "may be more or less", "higher or lower", "more or less"),
        "es": ("podría ser", "puede ser más o menos", "Puede ser más o menos"),
    }[language]
    pictures = re.findall(r'<div class="picture">.*?</div>', page(name, language), re.S)

    assert len(pictures) >= 12
    for picture in pictures:
        told = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", picture, flags=re.S)
        assert any(each in told for each in unsure), told


@pytest.mark.parametrize(("name", "language"), EVERYONE)
def test_the_reading_level_is_measured(name, language):
    """English: Flesch-Kincaid grade 8 at most. Spanish: Fernández Huerta 70 (fairly easy) at least."""
    text = prose(page(name, language))

    assert words_of(text) > 1500
    if language == "en":
        assert flesch_kincaid_grade(text) <= 8
    else:
        assert fernandez_huerta(text) >= 70


@pytest.mark.parametrize(
    ("text", "grade"),
    [("The cat sat on the mat.", -1.45), ("Treatments differ. Ask your doctor.", 4.265)],
)
def test_the_grade_is_kincaids(text, grade):
    """By hand: 0.39 x 6 + 11.8 x 6/6 - 15.59, and 0.39 x 5/2 + 11.8 x 8/5 - 15.59."""
    assert flesch_kincaid_grade(text) == pytest.approx(grade)


@pytest.mark.parametrize(
    ("text", "score"),
    [("Usted elige.", 54.8), ("El tren va y no para. Yo sigo aquí.", 122.25)],
)
def test_the_spanish_score_is_fernandez_huertas(text, score):
    """By hand: 206.84 - 60 x 5/2 - 1.02 x 2/1, and 206.84 - 60 x 12/9 - 1.02 x 9/2."""
    assert fernandez_huerta(text) == pytest.approx(score, abs=0.01)


def test_date_update_policy_funding_and_release_are_told():
    about = seen().texts["about"]

    assert "Made on November 22, 2026" in about
    assert "at least every 12 months" in about
    assert "Use it until November 1, 2027" in about
    assert "no funding for this guide from makers of drugs or devices" in about
    assert KNOWLEDGE.version in about
    assert "No doctor has reviewed these treatment facts yet" in about


@pytest.mark.parametrize(("name", "language"), EVERYONE)
def test_every_reference_leads_to_a_source_and_every_source_is_named(name, language):
    shown = page(name, language)
    named = {int(each) for each in re.findall(r'href="#s(\d+)"', shown)}
    listed = [int(each) for each in re.findall(r'<li id="s(\d+)"', shown)]

    assert listed == list(range(1, len(listed) + 1))
    assert named == set(listed)


def test_the_crisis_lines_come_first_when_it_is_not_safe():
    ids = [attrs["id"] for _, attrs in seen("tonight").tags if attrs.get("id")]
    text = seen("tonight").texts["crisis"]

    assert ids.index("crisis") < ids.index("condition")
    assert "call 911" in text
    assert "Veterans Crisis Line: call 988 and press 1" in text
    assert "call 988 and press 2" in text


def test_the_crisis_lines_are_there_when_nobody_asked():
    given = aid_input(
        patient="p",
        facts=facts_of_vignette(cssrs_risk=None),
        knowledge=KNOWLEDGE,
        jurisdiction="US",
        importance={},
    )

    shown = aid_html(given, language="en")

    assert 'id="crisis"' in shown
    assert "still has to ask you some questions about safety" in shown
    assert "Please do not wait alone" in shown


def test_without_a_safety_concern_there_is_no_crisis_box():
    assert 'id="crisis"' not in page("clear")


@pytest.mark.parametrize(("name", "language"), EVERYONE)
def test_a_verdict_is_never_said_as_a_bare_word(name, language):
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page(name, language), flags=re.S)

    for word in ("contraindicated", "not-indicated", "not-now", "cannot-say-yet", "suitable"):
        assert word not in text


def test_a_barred_option_says_why():
    record = seen("aneurysm").texts["record"]

    assert "It cannot be given to you, because it would not be safe:" in record
    assert "A weak spot in a blood vessel" in record


@pytest.mark.parametrize(("name", "language"), EVERYONE)
def test_no_chance_is_told_as_one_in_so_many(name, language):
    assert not re.search(r"\b1 (in|de cada) \d", prose(page(name, language)))


def test_tms_is_cleared_never_approved():
    card = re.search(r'id="o-tms".*?</article>', page(), re.S)[0]

    assert "has cleared the device" in card
    assert "has approved" not in card


@pytest.mark.parametrize(("name", "language"), EVERYONE)
def test_the_page_loads_nothing_and_runs_nothing(name, language):
    shown = page(name, language)

    assert shown.count("<style>") == 1
    assert not re.search(r"<(script|link|iframe|object|img)\b", shown)
    for tag, attrs in seen(name, language).tags:
        assert not any(each.startswith("on") or each == "style" for each in attrs), (tag, attrs)
        assert "src" not in attrs
    assert set(re.findall(r'url\("(.{5})', shown)) == {"data:"}


@pytest.mark.parametrize(("name", "language"), EVERYONE)
def test_the_page_can_be_heard(name, language):
    tags = seen(name, language).tags
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h[1-6]", tag)]
    drawn = re.findall(r"<svg.*?</svg>", page(name, language), re.S)

    assert tags[0] == ("html", {"lang": language})
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(
        "<title" in each and ('role="img"' in each or "aria-hidden" in each) for each in drawn
    )
    assert all(attrs.get("scope") in {"row", "col"} for tag, attrs in tags if tag == "th")


def test_a_name_is_text_and_never_markup():
    shown = page(patient='<script>alert("x")</script>')

    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_the_sheet_is_the_one_people_have_there():
    assert "size: Letter" in page()
    assert "size: A4" in page(jurisdiction="EU")


def test_both_languages_have_the_same_texts_with_the_same_blanks():
    english = _flat(read_yaml_file(HOME / "texts" / "en.yaml").content)
    spanish = _flat(read_yaml_file(HOME / "texts" / "es.yaml").content)

    assert english.keys() == spanish.keys()
    for place, text in english.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", spanish[place])), (
            place
        )
        assert text != spanish[place] or words_of(text) <= 1 or "{" in text, place


def _flat(value, place=""):
    if isinstance(value, dict):
        return {
            k: v for name, each in value.items() for k, v in _flat(each, f"{place}.{name}").items()
        }
    if isinstance(value, list):
        return {
            k: v for n, each in enumerate(value) for k, v in _flat(each, f"{place}[{n}]").items()
        }
    return {place: str(value)}


def test_no_clinical_number_stands_in_the_aids_own_texts():
    for language in ("en", "es"):
        for place, text in _flat(
            read_yaml_file(HOME / "texts" / f"{language}.yaml").content
        ).items():
            bare = re.sub(r"\{\w+\}", "", text)
            allowed = place in {
                ".numbers.text",
                ".values.lead",
                ".values.order_lead",
                ".harms.below",
            }
            assert allowed or place == ".about.reading" or not re.search(r"\d", bare), place


def test_another_language_is_refused():
    with pytest.raises(LanguageError, match="en, es"):
        page("clear", "fr")


def test_a_picture_shows_exactly_its_people():
    svg = icon_array(
        name="x",
        title="69 of 100 & more",
        groups=[Group("same", 52), Group("extra", 17), Group("none", 31)],
        per=100,
    )
    paths = re.findall(r'<path d="([^"]*)"', svg)

    assert [path.count("M") for path in paths] == [52, 17, 17, 31]
    assert '<title id="x">69 of 100 &amp; more</title>' in svg


def test_a_picture_that_does_not_add_up_is_refused():
    with pytest.raises(IconCountError, match="not 100 people"):
        icon_array(name="x", title="", groups=[Group("same", 99)], per=100)


def test_colours_can_be_told_apart_from_what_is_behind_them():
    """WCAG 2.2 AA: 4.5 to 1 for text, 3 to 1 for pictures; every colour of the style is listed."""
    style = (HOME / "aid.css").read_text()
    texts = ["#17313a", "#0b5563", "#4a5b62", "#8a3f06", "#0a4a8f", "#8a1414"]
    behind = ["#fff", "#eaf3f3", "#f6fafa", "#fff5f4"]
    pictures = ["#0b5563", "#b4540a", "#7a2e4d", "#6a7680"]
    lines = ["#b9cdd0", "#9b1c1c", "#fdf6ec"]

    assert set(re.findall(r"#[0-9a-f]{3,6}\b", style)) <= {*texts, *behind, *lines}
    assert all(_contrast(text, back) >= 4.5 for text in texts for back in behind)
    assert all(_contrast(icon, back) >= 3 for icon in pictures for back in ("#fff", "#eaf3f3"))


def _contrast(one, other):
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * each for each in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- fast-relief\n", "a values file is a mapping"),
        ("fast-relief: much\n", "m.yaml:1: fast-relief is a whole number"),
        ("fast-relief: 3\nfast-relief: 4\n", "m.yaml:2: the key 'fast-relief' stands twice"),
    ],
)
def test_a_values_file_is_refused_with_its_line(text, why):
    with pytest.raises(InputError, match=why):
        read_importance(text, name="m.yaml")


def test_a_recalled_source_is_told_as_memory_and_the_people_stand_with_the_trial():
    shown = page("clear")

    (recalled,) = [
        line for line in shown.split("<li ") if "From general clinical knowledge." in line
    ]
    assert "Its source has not been checked again." in recalled
    assert "clinic's own rule" not in recalled
    assert "Recalled clinical knowledge" not in shown
    assert "Who:" not in recalled
