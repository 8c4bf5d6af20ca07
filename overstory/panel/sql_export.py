"""The SQL text as a file: with what it is, what it reads and who may rely on it at its head."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from textwrap import wrap

from overstory.knowledge.load import Knowledge
from overstory.panel.compiling import compile_program
from overstory.panel.sql_endings import Ending
from overstory.panel.sql_table import Dialect
from overstory.panel.sql_text import sql_text

WIDTH = 96
ENDING_WORDS: dict[Ending, str] = {
    "compact": "a row a person: verdicts in words, the rules that decided and the open questions, each "
    "joined by commas, and the suicide safety level",
    "full": "a row a person: the facts after intake, the truth of each rule, and a column for each "
    "question and each deciding rule; verdicts and levels are places, 0 the worst verdict and no risk",
    "checksums": "one row of sums, to compare two engines with",
}


def sql_file(knowledge: Knowledge, *, jurisdiction: str, at: datetime, ending: Ending) -> str:
    """
    Return the SQL text for a knowledge and a moment, with its head.

    `facts` has every fact dated: where no time is known, `<fact>_at` is null.

    :raises SqlTextError: if the knowledge cannot be said in one text.
    """
    program = compile_program(
        knowledge=knowledge, jurisdiction=jurisdiction, at=at, dated=tuple(knowledge.vocabulary)
    )
    head = [
        f"-- {line}".rstrip()
        for each in _head(knowledge, jurisdiction, at, ending)
        for line in wrap(each, WIDTH) or [""]
    ]
    return "\n".join([*head, sql_text(program, ending=ending)])


def facts_table(knowledge: Knowledge, dialect: Dialect) -> str:
    """
    Return the statement that makes an empty table `facts` in one engine, every fact with its time.

    Who fills it names only the columns that they have; the others stay null, unknown.
    """
    columns = [f"id {dialect.types['code']} NOT NULL"]
    for name, kind in knowledge.vocabulary.items():
        columns.append(f"{name} {dialect.types[kind.kind]}")
        columns.append(f"{name}_at {dialect.types['moment']}")
    return "CREATE TABLE facts (\n" + ",\n".join(columns) + "\n);\n"


def _head(knowledge: Knowledge, jurisdiction: str, at: datetime, ending: Ending) -> Iterator[str]:
    yield f"Overstory knowledge {knowledge.version}, sha256 {knowledge.sha256}"
    yield (
        f"Labels of the {jurisdiction}. As of {at.astimezone(UTC).isoformat()}: facts later than that are "
        "left out, and how old the others are is counted up to it. Write the text anew for another moment."
    )
    yield f"Answers: {ENDING_WORDS[ending]}."
    yield "One text for DuckDB, PostgreSQL 15 and later, and Spark 4: no word of it is of one of them alone."
    yield ""
    yield (
        "It reads a table or view named facts: id text, one row a person, and for each fact below a "
        "column of its name and a column of its name with _at, a 64-bit integer, microseconds since 1970 "
        "in UTC. Null is unknown, never no. What is out of range or not in the list of codes is unknown."
    )
    for kind, word in {
        "bool": "boolean", "number": "double precision", "code": "text", "date": "date"
    }.items():  # fmt: skip
        names = [name for name, each in knowledge.vocabulary.items() if each.kind == kind]
        if names:
            yield f"{word}: {', '.join(names)}"
    yield ""
    yield (
        "No clinician has reviewed this knowledge. Nobody may rely on it for a person's care: it supports "
        "who decides, and it is no device that anyone has cleared."
    )
