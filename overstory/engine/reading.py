"""Text to conditions: a small white-listed reader whose errors point at the column."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from overstory.engine.conditions import (
    And,
    AtLeast,
    Between,
    Compare,
    Condition,
    Holds,
    Not,
    OneOf,
    Or,
    leaves_of,
)
from overstory.engine.facts import FactType, FactValueError, UnknownFactNameError, Vocabulary

WORDS = frozenset({"and", "or", "not", "in", "between", "at_least", "of"})
TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?(?![\w.]))|(?P<name>[A-Za-z_][\w-]*)"
    r"|(?P<sign><=|>=|==|!=|<|>|\(|\)|,))"
)
DEEPEST = 40


class ConditionError(ValueError):
    """A condition that cannot be read; it knows the text and the column, counted from 1."""

    def __init__(self, why: str, text: str, column: int) -> None:
        self.why, self.text, self.column = why, text, column
        super().__init__(f"column {column}: {why}\n  {text}\n  {' ' * (column - 1)}^")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or sign, and the column where it starts."""

    kind: str
    text: str
    column: int


def read_condition(text: str, vocabulary: Vocabulary) -> Condition:
    """
    Return the condition that the text says.

    :raises ConditionError: if it is not a condition, names a fact that does not exist or that
        stands twice, or compares a fact with what it cannot be.
    """
    reader = _Reader(text, vocabulary)
    condition = reader.whole()
    _refuse_repeats(condition, vocabulary, text)
    return condition


def _refuse_repeats(condition: Condition, vocabulary: Vocabulary, text: str) -> None:
    seen: dict[str, str] = {}
    for leaf in leaves_of(condition):
        for root in vocabulary.roots(leaf.fact):
            if root in seen:
                column = [each.start() for each in re.finditer(rf"\b{leaf.fact}\b", text)][-1] + 1
                other = "" if seen[root] == leaf.fact else f" (through {seen[root]})"
                raise ConditionError(
                    f"{leaf.fact} is named twice{other}; use between, a list, or two rules",
                    text,
                    column,
                )
        seen.update(dict.fromkeys(vocabulary.roots(leaf.fact), leaf.fact))


class _Reader:
    """Reads one text from left to right; each method reads what its name says."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.text, self.vocabulary = text, vocabulary
        self.tokens = self._split()
        self.place = 0
        self.depth = 0

    def whole(self) -> Condition:
        if not self.text.strip():
            raise ConditionError("a condition is empty", self.text, 1)
        condition = self._either()
        if self._next.kind != "end":
            raise self._wrong(f"{self._next.text!r} does not belong here")
        return condition

    def _split(self) -> list[Token]:
        tokens, place = [], 0
        while self.text[place:].strip():
            found = TOKEN.match(self.text, place)
            if not found:
                column = place + len(self.text[place:]) - len(self.text[place:].lstrip()) + 1
                raise ConditionError(f"{self.text[column - 1]!r} is not allowed", self.text, column)
            kind = str(found.lastgroup)
            tokens.append(Token(kind, found[kind], found.start(kind) + 1))
            place = found.end()
        return [*tokens, Token("end", "the end", len(self.text) + 1)]

    @property
    def _next(self) -> Token:
        return self.tokens[self.place]

    def _take(self, text: str) -> bool:
        if self._next.text == text and self._next.kind != "end":
            self.place += 1
            return True
        return False

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise self._wrong(f"expected {text!r}, found {self._next.text!r}")

    def _wrong(self, why: str, token: Token | None = None) -> ConditionError:
        return ConditionError(why, self.text, (token or self._next).column)

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _both(self) -> Condition:
        parts = [self._opposite()]
        while self._take("and"):
            parts.append(self._opposite())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _opposite(self) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._wrong(f"more than {DEEPEST} conditions inside one another")
        try:
            return Not(self._opposite()) if self._take("not") else self._single()
        finally:
            self.depth -= 1

    def _single(self) -> Condition:
        if self._take("("):
            inside = self._either()
            self._need(")")
            return inside
        if self._take("at_least"):
            return self._count()
        return self._leaf()

    def _count(self) -> Condition:
        start = self._next
        count = self._number(None)
        self._need("of")
        self._need("(")
        parts = [self._either()]
        while self._take(","):
            parts.append(self._either())
        self._need(")")
        if count != int(count) or not 1 <= count <= len(parts):
            raise self._wrong(f"at_least is a whole number from 1 to {len(parts)}", start)
        return AtLeast(int(count), tuple(parts))

    def _leaf(self) -> Condition:
        token = self._next
        if token.kind != "name" or token.text in WORDS:
            raise self._wrong(f"expected a fact, found {token.text!r}")
        try:
            kind = self.vocabulary[token.text]
        except UnknownFactNameError as error:
            raise self._wrong(str(error)) from None
        self.place += 1
        if kind.kind == "bool":
            return self._boolean(kind)
        if kind.kind == "code":
            return self._code_test(kind, token)
        if kind.kind == "number":
            return self._number_test(kind, token)
        raise self._wrong(f"{kind.name} is a date; conditions cannot compare dates", token)

    def _boolean(self, kind: FactType) -> Condition:
        if self._next.text in {"==", "!=", "<", "<=", ">", ">=", "in", "between"}:
            raise self._wrong(f"{kind.name} is true or false: write {kind.name} or not {kind.name}")
        return Holds(kind.name)

    def _code_test(self, kind: FactType, token: Token) -> Condition:
        if self._take("=="):
            return OneOf(kind.name, (self._code(kind),))
        if self._take("!="):
            return Not(OneOf(kind.name, (self._code(kind),)))
        if self._take("in"):
            self._need("(")
            codes = [self._code(kind)]
            while self._take(","):
                codes.append(self._code(kind))
            self._need(")")
            return OneOf(kind.name, tuple(codes))
        raise self._wrong(f"{kind.name} is a code: write {kind.name} == … or in (…)", token)

    def _code(self, kind: FactType) -> str:
        token = self._next
        try:
            code = str(kind.check(token.text))
        except FactValueError as error:
            raise self._wrong(str(error)) from None
        self.place += 1
        return code

    def _number_test(self, kind: FactType, token: Token) -> Condition:
        if self._take("between"):
            low = self._number(kind)
            self._need("and")
            start = self._next
            high = self._number(kind)
            if low > high:
                raise self._wrong(f"{low:g} is above {high:g}: the lower number comes first", start)
            return Between(kind.name, low, high)
        sign = self._next
        if sign.text in {"<", "<=", "==", "!=", ">=", ">"}:
            self.place += 1
            return Compare(kind.name, sign.text, self._number(kind))
        raise self._wrong(
            f"{kind.name} is a number: write {kind.name} > … or between … and …", token
        )

    def _number(self, kind: FactType | None) -> float:
        token = self._next
        if token.kind != "number":
            raise self._wrong(f"expected a number, found {token.text!r}")
        number = float(token.text)
        if not math.isfinite(number):
            raise self._wrong("this number is too large")
        if kind is not None:
            try:
                kind.check(number)
            except FactValueError as error:
                raise self._wrong(str(error)) from None
        self.place += 1
        return int(number) if number == int(number) else number
