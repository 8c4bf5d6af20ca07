"""A program in layers: each a SELECT over the one before, so that no engine works out anything twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from overstory.panel.columns import ID
from overstory.panel.expressions import Expression
from overstory.panel.program import Program
from overstory.panel.sql_door import door_columns
from overstory.panel.sql_expressions import Resolve, SqlTextError, sql_expression
from overstory.panel.sql_names import sql_names

Write = Callable[[Resolve], str]
LONGEST_INLINE = 60
"""How many columns may stand in an expression that is written where it is used, once."""
CHEAP = 24
"""How many letters beside one column make an expression that is as cheap as its name: `a IS NULL`."""
MOST_COLUMNS = 1600
"""PostgreSQL has no more columns in a table (and 1,664 in a query)."""


@dataclass(frozen=True)
class Layers:
    """
    What each SELECT makes, from the door to the last one, by SQL name, as SQL.

    `columns` tells which column of the program stands behind each name of the last one.
    """

    selects: tuple[Mapping[str, str], ...]
    columns: Mapping[str, str]


def layers_of(
    program: Program, ending: Mapping[str, Write], *, beside: Mapping[str, Write]
) -> Layers:
    """
    Return the SELECTs that lead from `facts` to an ending.

    `ending` has the last SELECT by the name of the column; its writers are given what resolves the
    columns of the program by name. `beside` are columns made for it that no step has.

    :raises SqlTextError: if a SELECT would have more columns than a PostgreSQL table can.
    """
    return _Layering(program, ending, beside).layers()


class _Layering:
    """Which column is made in which layer; a column that steps replace is several here."""

    def __init__(
        self, program: Program, ending: Mapping[str, Write], beside: Mapping[str, Write]
    ) -> None:
        self.writers: dict[str, Write] = {}
        self.door: dict[str, Write] = {ID: lambda resolve: resolve(ID), **door_columns(program)}
        self.ending = ending
        self.raw = sql_names([ID, *program.inputs])
        self.now = {name: name for name in self.door}
        self._read_steps(program)
        self.writers |= beside
        self.now |= {name: name for name in beside}
        self.uses: Counter[str] = Counter()
        self._count_uses()
        self.names = sql_names(dict.fromkeys([*self.door, *self.writers, *ending]))
        self.level = dict.fromkeys(self.door, 0)
        self.texts: dict[str, str] = {}
        self.needs: dict[str, list[str]] = {}
        self.inline: set[str] = set()

    def layers(self) -> Layers:
        """Return the layers, each column as early as it can be made."""
        for name, write in self.writers.items():
            if self.uses[name]:
                self._place(name, write)
        last, wanted = {}, set[str]()
        for name, write in self.ending.items():
            last[self.names[name]], needs = self._write(self._at_the_end(write))
            wanted |= set(needs)
        live = self._live(wanted)
        selects = [self._select(level, names) for level, names in enumerate(live)]
        columns = {self.names[name]: name for name in self.ending}
        return Layers(tuple(map(_bounded, [*selects, last])), columns)

    def _live(self, wanted: set[str]) -> list[set[str]]:
        """By layer, the columns that it makes or hands on, because a later one needs them."""
        deepest = max((self.level[name] for name in wanted), default=0)
        live = [wanted]
        for level in range(deepest, 0, -1):
            made = {name for name in live[0] if self.level[name] == level}
            needed = {each for name in made for each in self.needs[name]}
            live.insert(0, (live[0] - made) | needed)
        return live

    def _read_steps(self, program: Program) -> None:
        """Give every column of every step a name of its own; the last one of a name keeps it."""
        times = Counter(name for step in program.steps for name in step.columns)
        times.update(list(self.door))
        seen = Counter(list(self.door))
        for name in self.door:
            self.now[name] = name if times[name] == 1 else f"{name}.v1"
        self.door = {self.now[name]: write for name, write in self.door.items()}
        for step in program.steps:
            before, made = dict(self.now), {}
            for name, node in step.columns.items():
                seen[name] += 1
                last = seen[name] == times[name]
                made[name] = name if last else f"{name}.v{seen[name]}"
                self.writers[made[name]] = _writer(node, before)
            self.now |= made

    def _at_the_end(self, write: Write) -> Write:
        """The writer with the names that columns have after the last step."""
        return lambda resolve: write(lambda name: resolve(self.now[name]))

    def _count_uses(self) -> None:
        """Count how often each column stands in those that the ending needs."""

        def use(name: str) -> str:
            self.uses[name] += 1
            return name

        for write in self.ending.values():
            self._at_the_end(write)(use)
        for name in reversed(self.writers):
            if self.uses[name]:
                self.writers[name](use)

    def _place(self, name: str, write: Write) -> None:
        text, needs = self._write(write)
        self.texts[name], self.needs[name] = text, needs
        self.level[name] = 1 + max((self.level[each] for each in needs), default=0)
        used_once = self.uses[name] == 1 and len(needs) <= LONGEST_INLINE
        if used_once or (len(needs) <= 1 and len(text) - sum(map(len, needs)) <= CHEAP):
            self.inline.add(name)

    def _write(self, write: Write) -> tuple[str, list[str]]:
        """The SQL of a column in the names of those made before, and which of them stand in it."""
        needs: list[str] = []

        def resolve(each: str) -> str:
            if each in self.inline:
                needs.extend(self.needs[each])
                return f"({self.texts[each]})"
            needs.append(each)
            return self.names[each]

        return write(resolve), needs

    def _select(self, level: int, live: set[str]) -> dict[str, str]:
        found = {}
        for name in self.door:
            if name in live:
                text = self.names[name] if level else self.door[name](self._raw)
                found[self.names[name]] = text
        for name in self.texts:
            if name in live:
                found[self.names[name]] = (
                    self.texts[name] if self.level[name] == level else self.names[name]
                )
        return found

    def _raw(self, name: str) -> str:
        return self.raw[name]


def _writer(node: Expression, before: Mapping[str, str]) -> Write:
    return lambda resolve: sql_expression(node, lambda name: resolve(before[name]))


def _bounded(select: Mapping[str, str]) -> Mapping[str, str]:
    if len(select) > MOST_COLUMNS:
        raise SqlTextError(
            f"{len(select)} columns in one SELECT, and PostgreSQL has at most {MOST_COLUMNS}"
        )
    return select
