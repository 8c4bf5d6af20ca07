"""A question as its page shows it: in one language, with what was answered before and what was wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from overstory.clinic.people.models import Site
from overstory.clinic.ui.words import Words, day_words, words_of
from overstory.knowledge.shapes.shared import Text
from overstory.pathway.pack_replies import DAYS_OF, TIMES, WRITTEN, ReplyError, shown
from overstory.pathway.pack_values import Question, Reply
from overstory.pathway.packs import ReadPack

FOLDER = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True)
class ShownChoice:
    """One answer to choose: what the form sends, its words, and whether it is chosen."""

    value: str
    says: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ShownError:
    """What is wrong in a field; `label` names the field where a page has several."""

    field: str
    label: str
    says: str


@dataclass(frozen=True, slots=True)
class Shown:
    """
    A question in one language; `text` and `trial` hold what stands in its fields now.

    `units` are those in which a time may be given; `is_empty` says that nothing stands in a trial's.
    """

    key: str
    kind: str
    part: str
    intro: str
    stem: str
    asks: str
    hint: str
    language: str
    choices: tuple[ShownChoice, ...]
    text: str
    trial: Mapping[str, str]
    is_none: bool
    is_unsure: bool
    declined: str
    may_be_unsure: bool
    english_note: bool
    unit: str
    units: tuple[ShownChoice, ...]
    is_empty: bool
    notice: str
    errors: tuple[ShownError, ...]

    @property
    def wrong(self) -> Mapping[str, str]:
        """What is wrong, by the field in which it stands."""
        return {each.field: each.says for each in self.errors}

    @property
    def error(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.errors)


def words(language: str) -> Words:
    """Return the words of questionnaires in a language."""
    return words_of(FOLDER, "filling", language)


def in_language(text: Text | None, language: str) -> str:
    """Return a text in a language; nothing for none."""
    return "" if text is None else text.es if language == "es" else text.en


def show(
    *,
    pack: ReadPack,
    question: Question,
    reply: Reply | None,
    language: str,
    sent: Mapping[str, Sequence[str]] | None = None,
    error: ReplyError | None = None,
) -> Shown:
    """Return a question as its page shows it; what was just sent stands before what was saved."""
    value = reply.value if reply else None
    texts = _texts(sent) if sent is not None else _held_texts(question, value)
    first = pack.fixed[question.part.id][:1]
    return Shown(
        key=question.key,
        kind=question.kind,
        part=in_language(question.part.title, language),
        intro=in_language(question.part.intro, language) if question in first else "",
        stem=in_language(question.stem, language),
        asks=in_language(question.asks, language),
        hint=in_language(question.hint, language),
        language="en" if question.english_only else language,
        choices=_choices(question, texts.get("answer", ()), language),
        text=(texts.get("answer") or [""])[-1],
        trial={name: (texts.get(name) or [""])[-1] for name in WRITTEN},
        is_empty=not any((texts.get(name) or [""])[-1] for name in WRITTEN),
        is_none="none" in texts.get("answer", ()) or "yes" in texts.get("none", ()),
        is_unsure="not-sure" in texts.get("answer", ())
        or bool(reply and reply.declined == "not-sure" and sent is None),
        declined=reply.declined if reply and sent is None else "",
        may_be_unsure=question.may_be_unsure,
        english_note=question.english_only and language != "en",
        unit=question.unit,
        units=_units(question, _unit_now(question, texts, sent is None), language),
        notice=in_language(question.notice, language),
        errors=tuple(_error(each, language) for each in error.all) if error else (),
    )


def _choices(question: Question, chosen: Sequence[str], language: str) -> tuple[ShownChoice, ...]:
    return tuple(
        ShownChoice(
            shown(each.value), in_language(each.says, language), shown(each.value) in chosen
        )
        for each in question.choices
    )


def _units(question: Question, chosen: str, language: str) -> tuple[ShownChoice, ...]:
    """The units in which a time may be given; none for what is no time."""
    if question.unit not in TIMES:
        return ()
    names = words(language).at("units")
    return tuple(ShownChoice(each, names[each], each == chosen) for each in DAYS_OF)


def _unit_now(question: Question, texts: Mapping[str, list[str]], is_held: bool) -> str:
    """The unit that was chosen: the question's own for a saved number, none before any choice."""
    if is_held:
        return question.unit if texts.get("answer") else ""
    return (texts.get("unit") or [""])[-1]


def _texts(sent: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: [each.strip() for each in values] for name, values in sent.items()}


def _held_texts(question: Question, value: Any) -> dict[str, list[str]]:
    """The fields of a page as a saved value fills them."""
    if value is None:
        return {}
    if question.kind == "trial":
        return {name: [_field(value[name])] for name in WRITTEN if name in value}
    if question.kind == "many-of":
        return {"answer": list(value) or ["none"]}
    if question.kind == "medicines":
        return {"answer": [value], "none": [] if value else ["yes"]}
    return {"answer": [shown(value)]}


def _field(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _error(error: ReplyError, language: str) -> ShownError:
    more = {
        name: value if isinstance(value, str) else _field(value)
        for name, value in error.more.items()
        if value is not None
    }
    say = words(language)
    why = "above-zero" if error.why == "out-of-range" and len(more) < 2 else error.why
    label = say(f"trial.{error.field}") if error.field in WRITTEN else ""
    return ShownError(error.field, label, say(f"errors.{why}", **more))


def answer_words(question: Question, reply: Reply, language: str) -> str:
    """Return a reply as people say it."""
    say = words(language)
    if reply.declined:
        return say("check.unsure" if reply.declined == "not-sure" else "check.declined")
    value = reply.value
    if question.kind == "trial":
        return _trial_words(question, value, language)
    if question.kind == "many-of":
        chosen = [
            in_language(each.says, language) for each in question.choices if each.value in value
        ]
        return ", ".join(chosen) or say("check.none")
    for each in question.choices:
        if each.value == value and isinstance(each.value, bool) == isinstance(value, bool):
            return in_language(each.says, language)
    if value == "":
        return say("check.none")
    if question.kind != "number":
        return str(value)
    return f"{_field(value)} {say.at('units').get(question.unit, question.unit)}".strip()


def _trial_words(question: Question, value: Mapping[str, Any], language: str) -> str:
    say = words(language)
    if "medicine" not in value:
        return say("check.none")
    said = [str(value["medicine"])]
    if "dose_mg" in value:
        said.append(f"{value['dose_mg']:g} mg")
    if "weeks" in value:
        said.append(f"{say('trial.weeks').lower()}: {value['weeks']:g}")
    if "episode" in value:
        said.append(say(f"trial.{value['episode']}").lower())
    said += [
        in_language(each.says, language)
        for each in question.choices
        if each.value == value.get("outcome")
    ]
    if "stopped" in value:
        said.append(str(value["stopped"]))
    lacks = [text for name, text in say.at("trial.lacks").items() if name not in value]
    if lacks:
        said.append(say("trial.not_said", what=", ".join(lacks)))
    return "; ".join(said)


def unit_words(unit: str, language: str) -> str:
    """Return in what a number is given, in words; nothing for a number without a unit."""
    say = words(language)
    return say("page.number_in", unit=say.at("units").get(unit, unit)) if unit else ""


def moment_words(moment: datetime, site: Site, language: str) -> str:
    """Return a moment in the site's zone as patients read it."""
    local = moment.astimezone(site.zone)
    return f"{day_words(local.date(), language)}, {local:%H:%M %Z}"
