"""Records of comma-separated text, taken apart strictly: block by block, with the line of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from overstory.panel.sources.errors import SourceError

BLOCK = 4 * 2**20
"""Bytes that are taken apart together."""
LONGEST = 64 * 2**20
"""Bytes without the end of a record after which a quote must have been left open."""
QUOTE, COMMA, NEWLINE = b'",\n'

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """Whole records as text in UTF-8, each ended by a newline; `count` of them, from `line` on."""

    text: bytes
    line: int
    ends: Places

    @property
    def count(self) -> int:
        """How many records it has."""
        return len(self.ends)

    def line_of(self, record: int) -> int:
        """Return the line on which a record begins, the first line of the source being 1."""
        start = int(self.ends[record - 1]) + 1 if record else 0
        return self.line + self.text.count(b"\n", 0, start)


def blocks(pieces: Iterable[bytes], *, name: str, width: int | None) -> Iterator[Block]:
    """
    Yield the records of a text that comes in pieces, each of `width` fields, where that is known.

    A field may stand in double quotes, which are doubled within it. Empty lines may stand at the end.

    :raises SourceError: naming the line, for another number of fields, a quote out of place or left
        open, an empty line, and what is no text in UTF-8.
    """
    line, blank = 1, None
    for text in _whole(pieces, name=name):
        block, lines = _block(text, line, name=name)
        full = block.ends != np.concatenate([[-1], block.ends[:-1]]) + 1
        if full.any():
            last = int(np.flatnonzero(full)[-1])
            if blank is None and not full[: last + 1].all():
                blank = block.line_of(int(full.argmin()))
            if blank is not None:
                raise SourceError(f"{name}:{blank}: an empty line; a row has all its commas")
            kept = Block(block.text[: block.ends[last] + 1], line, block.ends[: last + 1])
            _check_width(kept, width, name=name)
            if last + 1 < block.count:
                blank = block.line_of(last + 1)
            yield kept
        elif blank is None:
            blank = line
        line += lines


def _whole(pieces: Iterable[bytes], *, name: str) -> Iterator[bytes]:
    """The text in stretches that end where a record ends."""
    waiting, wanted = bytearray(), BLOCK
    for piece in pieces:
        waiting += piece
        if len(waiting) < wanted:
            continue
        ends = _ends(np.frombuffer(bytes(waiting), np.uint8))
        if not len(ends):
            if len(waiting) > LONGEST:
                raise SourceError(
                    f"{name}: {LONGEST // 2**20} MB without the end of a row; is a quote left open?"
                )
            wanted = 2 * len(waiting)
            continue
        cut, wanted = int(ends[-1]) + 1, BLOCK
        yield bytes(waiting[:cut])
        del waiting[:cut]
    if waiting:
        yield bytes(waiting) if waiting.endswith(b"\n") else bytes(waiting) + b"\n"


def _block(given: bytes, line: int, *, name: str) -> tuple[Block, int]:
    """One stretch, checked to be text with its quotes in place; and how many lines it has."""
    _check_text(given, line, name=name)
    text = given.replace(b"\r\n", b"\n")
    if b"\r" in text:
        where = line + text.count(b"\n", 0, text.index(b"\r"))
        raise SourceError(f"{name}:{where}: a line ends in CR alone; end lines in LF or CRLF")
    letters = np.frombuffer(text, np.uint8)
    if b'"' in text:
        _check_quotes(letters, text, line, name=name)
    return Block(text, line, _ends(letters)), text.count(b"\n")


def _check_text(text: bytes, line: int, *, name: str) -> None:
    wrong = text.find(b"\0")
    if wrong < 0 and not text.isascii():
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            wrong = error.start
    if wrong >= 0:
        where = line + text.count(b"\n", 0, wrong)
        raise SourceError(f"{name}:{where}: no text in UTF-8; save the file as UTF-8")


def _check_quotes(letters: npt.NDArray[np.uint8], text: bytes, line: int, *, name: str) -> None:
    """Quotes open after a comma or at a line's start, close before a comma or a line's end."""
    quotes = np.flatnonzero(letters == QUOTE)
    if len(quotes) % 2:
        where = line + text.count(b"\n", 0, _left_open(quotes, letters))
        raise SourceError(f"{name}:{where}: a quote is opened and never closed")
    opening, closing = quotes[0::2], quotes[1::2]
    doubled = closing[:-1] + 1 == opening[1:]
    before, after = letters[opening - 1], letters[closing + 1]
    bad_open = ~((before == COMMA) | (before == NEWLINE) | (opening == 0))
    bad_close = ~((after == COMMA) | (after == NEWLINE))
    bad_open[1:] &= ~doubled
    bad_close[:-1] &= ~doubled
    wrong = [*opening[bad_open][:1].tolist(), *closing[bad_close][:1].tolist()]
    if wrong:
        where = line + text.count(b"\n", 0, min(wrong))
        raise SourceError(
            f"{name}:{where}: a quote out of place; a field is quoted as a whole,"
            ' and a quote within it is written ""'
        )


def _left_open(quotes: Places, letters: npt.NDArray[np.uint8]) -> int:
    """Where the quote that was never closed seems to be: the first out of place, or else the last."""
    for place, quote in enumerate(quotes[:100_000].tolist()):
        neighbour = quote - 1 if place % 2 == 0 else quote + 1
        if 0 <= neighbour < len(letters) and letters[neighbour] not in (QUOTE, COMMA, NEWLINE):
            return int(quote)
    return int(quotes[-1])


def _ends(letters: npt.NDArray[np.uint8]) -> Places:
    """Where the newlines stand that are in no quotes."""
    newline = letters == NEWLINE
    return np.flatnonzero(newline & _outside(letters))


def _outside(letters: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which letters are in no quotes."""
    quote = letters == QUOTE
    if not quote.any():
        return np.ones(len(letters), dtype=np.bool_)
    return np.cumsum(quote, dtype=np.uint8) % 2 == 0  # type: ignore[no-any-return]  # numpy's stubs


def _check_width(block: Block, width: int | None, *, name: str) -> None:
    if width is None:
        return
    letters = np.frombuffer(block.text, np.uint8)
    commas = np.flatnonzero((letters == COMMA) & _outside(letters))
    fields = np.diff(np.searchsorted(commas, block.ends), prepend=0) + 1
    wrong = fields != width
    if wrong.any():
        record = int(wrong.argmax())
        raise SourceError(
            f"{name}:{block.line_of(record)}: {_counted(fields[record])}, where the header has {width}"
        )


def _counted(fields: int) -> str:
    return "1 field" if fields == 1 else f"{fields} fields"
