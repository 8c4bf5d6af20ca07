"""Work that several columns share, done once: tests are joined by who uses them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from overstory.engine.conditions import Holds
from overstory.panel.expressions import Test

Uses = Mapping[str, Sequence[Test]]
Join = Callable[[list[Test]], Test]


def shared(uses: Uses, join: Join, *, prefix: str) -> tuple[dict[str, Test], dict[str, Test]]:
    """
    Return columns to make first, and what each user then joins: the same as joining all it uses.

    Tests that the same users use, two or more of each, are joined once, in a column whose name begins
    with `prefix`. `join` takes its parts in any order and groups them as it likes, as "and" and "or" do.
    """
    users: dict[Test, list[str]] = {}
    for user, tests in uses.items():
        for test in tests:
            users.setdefault(test, []).append(user)
    groups: dict[tuple[str, ...], list[Test]] = {}
    for test, names in users.items():
        groups.setdefault(tuple(names), []).append(test)
    columns: dict[str, Test] = {}
    joined: dict[str, list[Test]] = {user: [] for user in uses}
    for together, tests in groups.items():
        found = tests
        if len(together) > 1 and len(tests) > 1:
            column = f"{prefix}.{len(columns)}"
            columns[column] = join(tests)
            found = [Holds(column)]
        for name in together:
            joined[name] += found
    return columns, {user: join(tests) for user, tests in joined.items()}
