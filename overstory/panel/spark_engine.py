"""The SQL text in Spark, on this machine or in a session that is given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import polars as pl

from overstory.panel.program import Program
from overstory.panel.sql_answers import BATCH_ROWS, Answering
from overstory.panel.sql_endings import Ending
from overstory.panel.sql_table import Dialect, facts_select

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "2g",
    "spark.driver.extraJavaOptions": "-Xss16m -XX:TieredStopAtLevel=1",
}
DIALECT = Dialect(
    types={
        "bool": "BOOLEAN",
        "number": "DOUBLE",
        "code": "STRING",
        "date": "DATE",
        "moment": "BIGINT",
    },
    quote=lambda name: f"`{name}`",
    is_moment=lambda kind: kind.startswith("timestamp"),
    microseconds=lambda column: f"UNIX_MICROS(CAST({column} AS TIMESTAMP))",
)


class SparkMissingError(RuntimeError):
    """Spark cannot be started; the message says what to install."""


@contextmanager
def local_session(master: str = "local[2]") -> Iterator[SparkSession]:
    """
    Start Spark, and stop it at the end.

    :raises SparkMissingError: if pyspark or Java is missing.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise SparkMissingError(
            "Spark is not installed: pip install 'overstory[spark]', and a Java 17 or later"
        ) from None
    if not (os.environ.get("JAVA_HOME") or which("java")):
        raise SparkMissingError(
            "Spark needs Java 17 or later: install one (openjdk-17-jre-headless), or set JAVA_HOME"
        )
    builder = SparkSession.builder.master(master).appName("overstory")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


def run(
    program: Program,
    parquet: Path,
    *,
    session: SparkSession | None = None,
    ending: Ending = "full",
    batch_rows: int = BATCH_ROWS,
) -> Iterator[pl.DataFrame]:
    """
    Yield the answers for a Parquet file of facts, batch by batch; the order of rows is Spark's.

    Without `session`, one is started on two threads of this machine. A given session must share this
    machine's files; its time zone is set to UTC.

    :raises SparkMissingError: if pyspark or Java is missing.
    :raises FactsTableError: if the file has no column `id`.
    :raises SqlTextError: if the program cannot be said in one text.
    """
    if session is None:
        with local_session() as own:
            yield from run(program, parquet, session=own, ending=ending, batch_rows=batch_rows)
        return
    answering = Answering(program, ending)
    session.conf.set("spark.sql.session.timeZone", "UTC")
    table = f"parquet.`{parquet.absolute()}`"
    columns = dict(session.read.parquet(str(parquet)).dtypes)
    view = facts_select(program, table=table, columns=columns, dialect=DIALECT)
    session.sql(view).createOrReplaceTempView("facts")
    with TemporaryDirectory(prefix="overstory-") as folder:
        answers = Path(folder) / "answers"
        session.sql(answering.query.text).write.parquet(str(answers))
        yield from answering.frames(sorted(answers.glob("*.parquet")), batch_rows=batch_rows)
    session.catalog.dropTempView("facts")
