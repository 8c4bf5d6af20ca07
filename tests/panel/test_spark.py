"""Spark runs the same text: random rules and the shipped ones, as the bedside answers, to the bit."""

import re
import shutil
import sys
import warnings
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from overstory.knowledge.load import load_knowledge
from overstory.panel import spark_engine
from overstory.panel.spark_engine import SparkMissingError
from overstory.panel.sql_export import sql_file
from tests.generated.conditions import NOW
from tests.panel.random_people import AT, random_rows
from tests.panel.sql_agreement import Asked, check_checksums, check_compact, check_full
from tests.panel.test_generated_rules import cases
from tests.people import CONTENT

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "panel-on-spark.md"


@pytest.fixture(scope="module")
def session():
    """Spark on two threads, started once; its warnings of versions are not ours."""
    pytest.importorskip("pyspark", reason="NOT TESTED IN SPARK: pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("NOT TESTED IN SPARK: there is no Java")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with spark_engine.local_session() as found:
            yield found


def test_random_rules_over_random_people_answer_as_at_the_bedside(session, tmp_path):
    met = Counter()

    @settings(
        max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(cases())
    def agree(case):
        ending = ("full", "compact", "checksums")[met.total() % 3]
        asked = Asked(
            case.people,
            knowledge=case.knowledge,
            jurisdiction=case.jurisdiction,
            at=NOW,
            dated=case.dated,
            missing=case.missing,
        )

        frames = list(
            spark_engine.run(asked.program, asked.file(tmp_path), session=session, ending=ending)
        )

        met[ending] += 1
        if ending == "full":
            check_full(asked, frames, asked.bedside())
        elif ending == "compact":
            check_compact(frames, asked.bedside())
        else:
            check_checksums(asked, frames)

    agree()
    assert set(met) == {"full", "compact", "checksums"}


@pytest.mark.parametrize("ending", ["full", "checksums"])
def test_the_shipped_knowledge_answers_as_at_the_bedside(session, ending, tmp_path):
    written = [{**CONTENT["base"], **each["change"]} for each in CONTENT["vignettes"]]
    people = [
        *random_rows(40, seed="Spark", dated=True),
        *({name: (value, None) for name, value in one.items()} for one in written),
    ]
    asked = Asked(people, knowledge=load_knowledge(), jurisdiction="US", at=AT, dated=True)

    frames = list(
        spark_engine.run(asked.program, asked.file(tmp_path), session=session, ending=ending)
    )

    if ending == "full":
        check_full(asked, frames, asked.bedside())
    else:
        check_checksums(asked, frames)


def facts_with_one_child(knowledge):
    """Every column that the text reads, and one person, of whom only the age is known."""
    kinds = {"bool": pl.Boolean, "number": pl.Float64, "code": pl.String}
    schema = {"id": pl.String}
    for name, kind in knowledge.vocabulary.items():
        schema |= {name: kinds[kind.kind], f"{name}_at": pl.Int64}
    row = dict.fromkeys(schema) | {"id": "young", "age_years": 17.0}
    return pl.DataFrame([row], schema=schema)


def test_what_the_guide_shows_answers(session, tmp_path, monkeypatch):
    (script,) = re.findall(r"^```python spark\n(.*?)^```$", GUIDE.read_text(), re.M | re.S)
    knowledge = load_knowledge()
    monkeypatch.chdir(tmp_path)
    text = sql_file(knowledge, jurisdiction="US", at=AT, ending="compact")
    Path("rules.sql").write_text(text)
    facts_with_one_child(knowledge).write_parquet(tmp_path / "facts")

    script = script.replace('parquet("facts")', f'parquet("{tmp_path}/facts")')
    exec(script.replace('"answers"', f'"{tmp_path}/answers"'), {})  # noqa: S102  # Java has its own folder

    (answer,) = pl.read_parquet(tmp_path / "answers" / "*.parquet").rows(named=True)
    assert answer["id"] == "young"
    assert answer["esketamine__verdict"] == "contraindicated"  # rule esketamine.under-18


def test_without_pyspark_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)

    with pytest.raises(SparkMissingError, match=r"pip install 'overstory\[spark\]'"):
        spark_engine.local_session().__enter__()


def test_without_java_it_says_what_to_install(monkeypatch):
    pytest.importorskip("pyspark", reason="NOT TESTED IN SPARK: pyspark is not installed")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(SparkMissingError, match="Java 17"):
            spark_engine.local_session().__enter__()
