"""True, false and unknown, written out as tables (Kleene's strong logic); unknown is `None`."""

from __future__ import annotations

from collections.abc import Sequence

Truth = bool | None

NOT: dict[Truth, Truth] = {True: False, False: True, None: None}

AND: dict[tuple[Truth, Truth], Truth] = {
    (True, True): True,
    (True, False): False,
    (True, None): None,
    (False, True): False,
    (False, False): False,
    (False, None): False,
    (None, True): None,
    (None, False): False,
    (None, None): None,
}

OR: dict[tuple[Truth, Truth], Truth] = {
    (True, True): True,
    (True, False): True,
    (True, None): True,
    (False, True): True,
    (False, False): False,
    (False, None): None,
    (None, True): True,
    (None, False): None,
    (None, None): None,
}


def negation(truth: Truth) -> Truth:
    """Return the opposite; the opposite of unknown is unknown."""
    return NOT[truth]


def conjunction(truths: Sequence[Truth]) -> Truth:
    """Return true if all are true, false if one is false, else unknown."""
    result: Truth = True
    for truth in truths:
        result = AND[result, truth]
    return result


def disjunction(truths: Sequence[Truth]) -> Truth:
    """Return true if one is true, false if all are false, else unknown."""
    result: Truth = False
    for truth in truths:
        result = OR[result, truth]
    return result


def at_least(count: int, truths: Sequence[Truth]) -> Truth:
    """Return whether `count` of them are true: unknown while the unknown ones could decide it."""
    certain = sum(truth is True for truth in truths)
    possible = certain + sum(truth is None for truth in truths)
    if certain >= count:
        return True
    return None if possible >= count else False
