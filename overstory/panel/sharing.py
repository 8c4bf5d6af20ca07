"""Work that several columns share, done once: tests are joined by who uses them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

from overstory.engine.conditions import Holds
from overstory.panel.expressions import Test

User = TypeVar("User", bound=Hashable)
Join = Callable[[list[Test]], Test]


def shared(
    uses: Mapping[User, Sequence[Test]], join: Join, *, prefix: str
) -> tuple[dict[str, Test], dict[User, Test]]:
    """
    Return columns to make first, and what each user then joins: the same as joining all it uses.

    Tests that the same users use, two or more of each, are joined once, in a column whose name begins
    with `prefix`. `join` takes its parts in any order and groups them as it likes, as "and" and "or" do.
    """
    users: dict[Test, list[User]] = {}
    for user, tests in uses.items():
        for test in tests:
            users.setdefault(test, []).append(user)
    groups: dict[tuple[User, ...], list[Test]] = {}
    for test, names in users.items():
        groups.setdefault(tuple(names), []).append(test)
    columns: dict[str, Test] = {}
    joined: dict[User, list[Test]] = {user: [] for user in uses}
    for together, tests in groups.items():
        found = tests
        if len(together) > 1 and len(tests) > 1:
            column = f"{prefix}.{len(columns)}"
            columns[column] = join(tests)
            found = [Holds(column)]
        for name in together:
            joined[name] += found
    return columns, {user: join(tests) for user, tests in joined.items()}
