"""The short sentences of the board: what a verdict with conditions counts, and lists cut short."""

from __future__ import annotations

from collections.abc import Sequence

FEW = 3


def conditions(kinds: Sequence[str], *, written: int | None, questions: int) -> str:
    """
    Return how much stands beside a verdict, by the kinds of the rules that hold; empty for nothing.

    Of the physician's decisions, `written` are made on the facts of now and wait for nobody; where
    that was not looked at, it is None and nothing is said of it.
    """
    decisions = kinds.count("physician-decision")
    if written is None:
        decided = [_counted(decisions, "physician's decision", "physician's decisions")]
    else:
        decided = [
            _counted(decisions - written, "decision to write", "decisions to write"),
            _counted(written, "decision written", "decisions written"),
        ]
    said = [
        *decided,
        _counted(kinds.count("caution"), "precaution", "precautions"),
        _counted(kinds.count("notice"), "notice", "notices"),
        _counted(questions, "question to settle first", "questions to settle first"),
    ]
    shown = ", ".join(each for each in said if each)
    return f"{shown[:1].upper()}{shown[1:]}." if shown else ""


def listed(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    more = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" and {more} more" if more > 0 else "")


def with_more(said: Sequence[str]) -> str:
    """Return the first sentence, and how many more there are."""
    more = len(said) - 1
    return said[0] + (f" And {more} more." if more else "")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}" if count else ""
