"""Forms: which scale they are, their answers, and what the scores make known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from overstory.exchange.fhir.codebook import SYSTEMS, whole_if_whole
from overstory.exchange.fhir.desk import Desk
from overstory.exchange.fhir.gathering import Claim, Finding, NotUnderstood
from overstory.exchange.fhir.moments import Moment
from overstory.exchange.fhir.references import Found
from overstory.exchange.fhir.shapes import (
    Answer,
    AnsweredItem,
    QuestionItem,
    Questionnaire,
    QuestionnaireResponse,
    Reference,
)
from overstory.knowledge.shapes.scales import Item, Scale
from overstory.pathway.scoring import Answered, AnswerError, item_value, score
from overstory.pathway.triage import cssrs_screen

USED = frozenset({"completed", "amended", "in-progress"})
LOINC = re.compile(r"(?<![\w-])\d{2,7}-\d(?![\w-])")
ORDINALS = ("/ordinalValue", "/itemWeight")
SCREEN = "cssrs_screen"


@dataclass
class Form:
    """The answers to the questions of one scale, and those that could not be read."""

    scale: Scale
    answers: dict[str, Answered] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def read_response(found: Found, response: QuestionnaireResponse, desk: Desk) -> Iterator[Finding]:
    """Yield what the answered form says, or why it says nothing."""
    if response.status not in USED:
        yield NotUnderstood(found.place, f"its status is {response.status or 'missing'}")
        return
    at = desk.moment(response.authored)
    if at is None:
        yield NotUnderstood(found.place, "it does not say when it was answered")
        return
    forms = _forms(response, desk)
    if not forms:
        yield NotUnderstood(found.place, f"{response.questionnaire or 'a form'}: no scale of ours")
        return
    results = [
        each for form in forms for each in _of_form(found, form, at, response.status == "completed")
    ]
    claims = [each for each in results if isinstance(each, Claim)]
    yield from {(each.fact, each.value): each for each in claims}.values()
    traps = [
        f"{code} is {desk.book.not_that_code[code]}"
        for code in _codes_named(response.item)
        if code in desk.book.not_that_code
    ]
    filled = {each.fact for each in claims}
    for result in results:
        if isinstance(result, NotUnderstood) and (traps or not filled):
            yield NotUnderstood(found.place, "; ".join([result.why, *traps]))
            return
    yield from _still_open(found, forms, filled)


def _still_open(found: Found, forms: list[Form], filled: set[str]) -> Iterator[Finding]:
    """Tell of the form whose panel this is, if its total could not be made."""
    first = forms[0]
    if set(first.scale.fills.values()) - filled:
        yield NotUnderstood(f"{found.place}.item", _incomplete(first))


def _of_form(found: Found, form: Form, at: Moment, is_whole: bool) -> Iterator[Finding]:
    if form.scale.id == SCREEN:
        level = screen_level({name: _yes(answer) for name, answer in form.answers.items()})
        if level is not None:
            yield Claim("cssrs_risk", level, found.place, at=at)
        else:
            yield NotUnderstood(found.place, _incomplete(form))
        return
    try:
        scored = score(scale=form.scale, answers=form.answers)
    except AnswerError as error:
        yield NotUnderstood(found.place, str(error))
        return
    total = form.scale.fills.get("total")
    facts = {fact: value for fact, value in scored.facts.items() if is_whole or fact != total}
    for fact, value in facts.items():
        yield Claim(fact, whole_if_whole(value), found.place, at=at)
    if not facts:
        yield NotUnderstood(found.place, _incomplete(form))


def screen_level(answers: dict[str, bool | None]) -> str | None:
    """Return the level that the answers of a C-SSRS screener give, or None while it is open."""
    return cssrs_screen(**answers).level


def _yes(answer: Answered) -> bool | None:
    return None if answer is None else bool(answer)


def _incomplete(form: Form) -> str:
    missing = [
        each.id for each in form.scale.items if each.scored and form.answers.get(each.id) is None
    ]
    reason = f"items without an answer: {', '.join(missing)}" if missing else "it is not finished"
    return "; ".join([f"{form.scale.short}: no total ({reason})", *form.unread])


def _forms(response: QuestionnaireResponse, desk: Desk) -> list[Form]:
    """The scales whose questions the form holds, the one that it names first."""
    named = _named(response, desk)
    codes = _codes_by_link(response, desk)
    forms: dict[str, Form] = {}
    for item in _all_items(response.item):
        for scale, question in _questions(item, codes, named, desk):
            form = forms.setdefault(scale.id, Form(scale))
            _answer(form, question, item)
    answered = [each for each in forms.values() if each.scale.fills or each.scale.id == SCREEN]
    return sorted(answered, key=lambda each: (each.scale is not named, -len(each.answers)))


def _questions(
    item: AnsweredItem, codes: dict[str, list[str]], named: Scale | None, desk: Desk
) -> Iterator[tuple[Scale, Item]]:
    texts = [*codes.get(item.link_id, ()), *_loincs(item)]
    known = [each for code in dict.fromkeys(texts) for each in desk.book.scale_items.get(code, ())]
    if known or named is None:
        yield from known
        return
    yield from ((named, each) for each in named.items if each.id == item.link_id and not texts)


def _answer(form: Form, question: Item, item: AnsweredItem) -> None:
    if not item.answer:
        return
    values = [
        value for each in item.answer if (value := _value(form.scale, question, each)) is not None
    ]
    if len(values) == 1 and len(item.answer) == 1:
        form.answers[question.id] = values[0]
    else:
        form.answers.setdefault(question.id, None)
        form.unread.append(f"the answer to item {question.id} was not understood")


def _value(scale: Scale, question: Item, answer: Answer) -> float | None:
    tries: list[Answered] = [answer.value_boolean, answer.value_integer, answer.value_decimal]
    if answer.value_quantity is not None:
        tries.append(answer.value_quantity.value)
    if answer.value_coding is not None:
        tries += [answer.value_coding.code, answer.value_coding.display]
        tries += [
            each.value_decimal
            for each in answer.value_coding.extension
            if (each.url or "").endswith(ORDINALS)
        ]
    for each in tries:
        try:
            value = item_value(scale=scale, item=question, answer=each)
        except AnswerError:
            continue
        if value is not None:
            return value
    return None


def _named(response: QuestionnaireResponse, desk: Desk) -> Scale | None:
    canonical = (response.questionnaire or "").split("|")[0]
    found = set(LOINC.findall(canonical))
    last = _bare(canonical.rstrip("/").rsplit("/", 1)[-1])
    for scale in desk.book.scales:
        if scale.codes.panel in found or last == _bare(scale.id):
            return scale
    return None


def _bare(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "")


def _codes_by_link(response: QuestionnaireResponse, desk: Desk) -> dict[str, list[str]]:
    """The LOINC codes of the questions, where the document holds the questionnaire itself."""
    canonical = (response.questionnaire or "").split("|")[0]
    target = desk.addresses.find(Reference(reference=canonical), inside=response)
    if not isinstance(target, Questionnaire):
        return {}
    return {
        item.link_id: [
            each.code
            for each in item.code
            if each.code and SYSTEMS.get(each.system or "") == "loinc"
        ]
        for item in _all_questions(target.item)
    }


def _all_questions(items: list[QuestionItem]) -> Iterator[QuestionItem]:
    for item in items:
        yield item
        yield from _all_questions(item.item)


def _all_items(items: list[AnsweredItem]) -> Iterator[AnsweredItem]:
    for item in items:
        yield item
        yield from _all_items(item.item)
        for answer in item.answer:
            yield from _all_items(answer.item)


def _loincs(item: AnsweredItem) -> list[str]:
    return LOINC.findall(f"{item.link_id} {item.definition or ''}")


def _codes_named(items: list[AnsweredItem]) -> list[str]:
    return list(dict.fromkeys(code for each in _all_items(items) for code in _loincs(each)))
