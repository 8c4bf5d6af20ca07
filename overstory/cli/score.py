"""`overstory score`: the score of one form, what comes first, and what is missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import orjson

from overstory.cli.input import (
    BAD_INPUT,
    bad_input_ends,
    json_option,
    printable,
    read_text,
    shown_name,
)
from overstory.cli.score_text import score_text
from overstory.exchange.records import InputError
from overstory.exchange.score_json import score_json
from overstory.knowledge.load import Knowledge, load_knowledge
from overstory.knowledge.shapes.scales import Scale
from overstory.knowledge.strict_yaml import YamlError, read_yaml
from overstory.pathway.change import Change, IncomparableError, Rating, rating
from overstory.pathway.change import change as change_between
from overstory.pathway.scoring import Answered, AnswerError, Score, tidy
from overstory.pathway.scoring import score as score_form

WORDS: Mapping[str, bool] = {
    "y": True,
    "yes": True,
    "true": True,
    "n": False,
    "no": False,
    "false": False,
}
FILES = frozenset({".yaml", ".yml", ".json"})


@click.command(
    epilog="Examples: overstory score phq9 2,2,1,1,0,1,1,0,1   ·   "
    "overstory score gad7 1 2 - 2 1 2 1   ·   overstory score qids_sr16 answers.yaml --json   ·   "
    "overstory score phq9 1,1,0,1,0,0,1,0,0 --before 19",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("scale")
@click.argument("answers", nargs=-1, required=True)
@click.option(
    "--before", help="An earlier total, or earlier answers in item order: show the change."
)
@json_option
def score(scale: str, answers: tuple[str, ...], before: str | None, *, as_json: bool) -> None:
    """
    Score the ANSWERS to a SCALE: in the order of its items, `-` for one not answered; or a file.

    The file is YAML or JSON, each item with its answer. What needs somebody today comes first.
    """
    with bad_input_ends(), _refusal_ends():
        knowledge = load_knowledge()
        asked = scale_named(knowledge, scale)
        found = score_form(scale=asked, answers=_answers(asked, answers))
        moved = _change(asked, found, before) if before is not None else None
    if as_json:
        shown = score_json(found, scale=asked, knowledge=knowledge, change=moved)
        click.echo(orjson.dumps(shown).decode())
    else:
        click.echo(score_text(found, scale=asked, knowledge=knowledge, change=moved))


def scale_named(knowledge: Knowledge, name: str) -> Scale:
    """
    Return the scale of that id; hyphens and capitals do not matter.

    :raises InputError: if there is none.
    """
    scales: dict[str, Scale] = {each.id: each for each in knowledge.sections["scales"]}
    wanted = name.casefold().replace("-", "_")
    plain = {each.replace("_", ""): each for each in scales}
    found = scales.get(wanted) or scales.get(plain.get(wanted.replace("_", ""), ""))
    if found is None:
        near = get_close_matches(wanted, scales, n=3, cutoff=0.5) or sorted(scales)
        raise InputError(f"no scale is named {name!r}; there is {', '.join(near)}")
    return found


@contextmanager
def _refusal_ends() -> Iterator[None]:
    """End the command with exit status 2 when answers or ratings are refused."""
    try:
        yield
    except (AnswerError, IncomparableError) as error:
        click.echo(f"overstory: {printable(str(error))}", err=True)
        sys.exit(BAD_INPUT)


def _answers(scale: Scale, given: tuple[str, ...]) -> dict[str, Answered]:
    if len(given) == 1 and Path(given[0]).suffix.casefold() in FILES:
        return dict(_from_file(scale, Path(given[0])))
    words = [word.strip() for each in given for word in each.split(",")]
    return _in_order(scale, words)


def _in_order(scale: Scale, words: list[str]) -> dict[str, Answered]:
    ids = [each.id for each in scale.items]
    counted = [place for place, each in enumerate(scale.items, 1) if each.scored or each.needed]
    if not ids:
        raise InputError(f"{scale.id} is not scored here. {scale.note}")
    least = counted[-1] if counted else 0
    if not least <= len(words) <= len(ids):
        number = f"{least}" if least == len(ids) else f"{least} to {len(ids)}"
        raise InputError(
            f"{scale.id} takes {number} answers, for the items {', '.join(ids)}; "
            f"these are {len(words)}. Write - for an item that was not answered."
        )
    return {item: _answer(word) for item, word in zip(ids, words, strict=False)}


def _answer(word: str) -> Answered:
    if word in {"-", ""}:
        return None
    if word.casefold() in WORDS:
        return WORDS[word.casefold()]
    try:
        return tidy(float(word))
    except (ValueError, OverflowError):
        return word


def _from_file(scale: Scale, path: Path) -> Iterator[tuple[str, Answered]]:
    try:
        content: Any = read_yaml(read_text(path), name=shown_name(path)).content
    except YamlError as error:
        raise InputError(str(error)) from None
    answers = content.get("answers", content) if isinstance(content, dict) else content
    if not isinstance(answers, dict):
        raise InputError(f'{path}: {scale.id} is a mapping of items to answers, such as "1": 2')
    for item, answer in answers.items():
        if isinstance(answer, dict | list):
            raise InputError(f"{path}: {item}: an answer is a number, a word, true, false or null")
        yield item, answer


def _change(scale: Scale, after: Score, before: str) -> Change:
    words = [word for word in before.replace(",", " ").split() if word]
    earlier = (
        _total(scale, words[0])
        if len(words) == 1
        else rating(score_form(scale=scale, answers=_in_order(scale, words)))
    )
    return change_between(scale=scale, before=earlier, after=rating(after))


def _total(scale: Scale, word: str) -> Rating:
    try:
        return Rating(scale=scale.id, total=float(word))
    except ValueError:
        raise InputError(f"--before {word}: an earlier total is a number") from None
