"""Strict YAML and JSON: no duplicate keys, no bare yes or no, no dates from text; every place has a line."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Path_ = tuple[str | int, ...]

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NUMBER = re.compile(r"[-+]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}
AMBIGUOUS = frozenset({"yes", "no", "on", "off", "y", "n"})
LOOKS_LIKE_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
DEEPEST = 60
TOO_DEEP = f"nested more than {DEEPEST} deep"


class YamlError(ValueError):
    """A YAML text that is refused; the message names the file, the line and what would be right."""

    def __init__(self, why: str, *, name: str, line: int) -> None:
        self.why, self.name, self.line = why, name, line
        super().__init__(f"{name}:{line}: {why}")


@dataclass
class Document:
    """What a YAML text holds, and the line of each place in it."""

    name: str
    content: Any
    lines: dict[Path_, int] = field(default_factory=dict)

    def line(self, place: Path_) -> int:
        """Return the line of a place, or of the nearest place around it."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return 1


def read_yaml_file(path: Path) -> Document:
    """
    Return what the file holds.

    :raises YamlError: if the file is not strict YAML, or not text in UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlError(f"not text in UTF-8 (byte {error.start})", name=str(path), line=1) from None
    except OSError as error:
        why = f"cannot be read: {error.strerror or error}"
        raise YamlError(why, name=str(path), line=1) from None
    return read_yaml(text, name=str(path))


def read_json(text: str, *, name: str) -> Document:
    """
    Return what a JSON text holds; places in it have no lines.

    :raises YamlError: if it is not JSON, a key stands twice in one object, a number is too large, or a
        text has characters that cannot be printed.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise YamlError(f"the key {twice!r} stands twice in one object", name=name, line=1)
        return found

    def not_a_number(constant: str) -> Any:
        raise YamlError(f"{constant} is not a number in JSON", name=name, line=1)

    def number(written: str) -> float:
        return _number(written, name=name, line=1)

    try:
        content = json.loads(
            text,
            object_pairs_hook=once,
            parse_constant=not_a_number,
            parse_int=number,
            parse_float=number,
        )
    except json.JSONDecodeError as error:
        why = f"not JSON: {error.msg} at column {error.colno}"
        raise YamlError(why, name=name, line=error.lineno) from None
    except RecursionError:
        raise YamlError(TOO_DEEP, name=name, line=1) from None
    _check_json(content, name)
    return Document(name, content, {})


def _check_json(content: Any, name: str) -> None:
    """Refuse in a JSON value what is refused in YAML while it is read."""
    inside: list[tuple[Any, int]] = [(content, 0)]
    while inside:
        value, depth = inside.pop()
        if depth > DEEPEST:
            raise YamlError(TOO_DEEP, name=name, line=1)
        if isinstance(value, str):
            _check_text(value, name=name, line=1)
        elif isinstance(value, list):
            inside += [(each, depth + 1) for each in value]
        elif isinstance(value, dict):
            inside += [(each, depth + 1) for pair in value.items() for each in pair]


def _check_text(text: str, *, name: str, line: int) -> None:
    found = UNPRINTABLE.search(text)
    if found:
        why = (
            f"a text has the character U+{ord(found[0]):04X}, which cannot be printed; leave it out"
        )
        raise YamlError(why, name=name, line=line)


def _check_characters(text: str, name: str) -> None:
    """Refuse raw control characters, with the line on which they stand."""
    found = UNPRINTABLE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        why = f"the character U+{ord(found[0]):04X} is not text; is the file text in UTF-8?"
        raise YamlError(why, name=name, line=line)


def _number(text: str, *, name: str, line: int) -> float:
    """Return a whole number as int, another as float; one beyond any quantity is refused."""
    number = float(text)
    if not math.isfinite(number):
        raise YamlError(f"{_short(text)} is too large a number", name=name, line=line)
    return number if re.search(r"[.eE]", text) else int(text)


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}…"


def read_yaml(text: str, *, name: str) -> Document:
    """
    Return what the text holds: mappings, lists, strings, numbers, true, false and null.

    :raises YamlError: for a duplicate key, a bare yes / no / on / off, a bare date, an anchor, a tag,
        a key that is not text, several documents, or a text that is not YAML.
    """
    return _Reader(text, name).document()


class _Reader:
    """Builds values straight from the parser's events, so that lines are kept and it stays quick."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        _check_characters(text, name)
        self.loader = LOADER(text)
        self.lines: dict[Path_, int] = {}

    def document(self) -> Document:
        try:
            self._event()  # the start of the stream
            if isinstance(self._event(), yaml.StreamEndEvent):
                raise YamlError("the file is empty", name=self.name, line=1)
            content = self._value(self._event(), ())
            self._event()  # the end of the document
            last = self._event()
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            why = getattr(error, "problem", None) or str(error)
            raise YamlError(f"not YAML: {why}", name=self.name, line=line) from None
        finally:
            self.loader.dispose()
        if not isinstance(last, yaml.StreamEndEvent):
            raise self._wrong("one document a file; a second one starts here", last)
        return Document(self.name, content, self.lines)

    def _event(self) -> Any:
        return self.loader.get_event()

    def _wrong(self, why: str, event: Any) -> YamlError:
        return YamlError(why, name=self.name, line=event.start_mark.line + 1)

    def _value(self, event: Any, place: Path_) -> Any:
        if len(place) > DEEPEST:
            raise self._wrong(TOO_DEEP, event)
        self.lines[place] = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._wrong("anchors and aliases are not allowed; write it out", event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if event.tag is not None:
            raise self._wrong(f"tags such as {event.tag} are not allowed", event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(place)
        return self._mapping(place)

    def _list(self, place: Path_) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._event(), yaml.SequenceEndEvent):
            items.append(self._value(event, (*place, len(items))))
        return items

    def _mapping(self, place: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := self._event(), yaml.MappingEndEvent):
            key = self._key(event)
            if key in found:
                raise self._wrong(f"the key {key!r} stands twice", event)
            found[key] = self._value(self._event(), (*place, key))
        return found

    def _key(self, event: Any) -> str:
        line = event.start_mark.line + 1
        if not isinstance(event, yaml.ScalarEvent):
            raise self._wrong("a key is a word", event)
        if event.anchor is not None or event.tag is not None:
            raise self._wrong("a key is a plain word, without an anchor or a tag", event)
        _check_text(event.value, name=self.name, line=line)
        if event.implicit[0] and event.value.lower() in AMBIGUOUS:
            raise self._wrong(f"write the key {event.value!r} in quotes", event)
        return str(event.value)

    def _scalar(self, event: Any) -> Any:
        if event.tag is not None:
            raise self._wrong(f"tags such as {event.tag} are not allowed", event)
        text: str = event.value
        line = event.start_mark.line + 1
        _check_text(text, name=self.name, line=line)
        if not event.implicit[0]:
            return text
        if text.lower() in WORDS and text in {"true", "false", "null", "~", ""}:
            return WORDS[text]
        if text.lower() in AMBIGUOUS or text.lower() in WORDS:
            raise self._wrong(
                f"write true, false, null or {text!r} in quotes, not bare {text}", event
            )
        if NUMBER.fullmatch(text):
            return _number(text, name=self.name, line=line)
        if LOOKS_LIKE_DATE.fullmatch(text):
            raise self._wrong(f'write the date {text} in quotes: "{text}"', event)
        return text
