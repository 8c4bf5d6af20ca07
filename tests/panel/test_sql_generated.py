"""DuckDB and PostgreSQL answer random rules over random nullable data as the bedside does, to the bit."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overstory.panel import duckdb_engine, postgres_engine
from overstory.panel.sql_expressions import WRITERS
from tests.generated.conditions import NOW
from tests.panel import postgres
from tests.panel.sql_agreement import Asked, check_checksums, check_compact, check_full, nodes_of
from tests.panel.test_generated_rules import cases

KINDS = {
    "indication", "contraindication", "defer", "physician-decision", "caution", "requires",
    "notice", "gate", "criterion", "alert",
}  # fmt: skip
FEW = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
CHECKS = {
    "full": check_full,
    "compact": lambda asked, frames, expected: check_compact(frames, expected),
    "checksums": lambda asked, frames, expected: check_checksums(asked, frames),
}


def asked_of(case):
    return Asked(
        case.people,
        knowledge=case.knowledge,
        jurisdiction=case.jurisdiction,
        at=NOW,
        dated=case.dated,
        missing=case.missing,
    )


def agree(answers, seen):
    """Hold an engine to the bedside: mostly every answer, now and then another ending."""

    @FEW
    @given(cases(), st.sampled_from(["full", "full", "compact", "checksums"]))
    def agreed(case, ending):
        asked = asked_of(case)

        frames = list(answers(asked, ending))

        expected = asked.bedside()
        CHECKS[ending](asked, frames, expected)
        seen.update(nodes_of(asked.program))
        seen.update(rule.kind for rule in case.knowledge.rules)
        seen.update(["a column is missing"] if case.missing else [])
        seen.update(["dated" if case.dated else "undated"])

    agreed()


def all_met(seen):
    missed = {*WRITERS, *KINDS, "dated", "undated", "a column is missing"} - set(seen)
    return not missed or sorted(map(str, missed))


def test_duckdb_agrees_with_the_bedside_and_every_kind_of_node_and_rule_was_met(tmp_path):
    seen = Counter()

    agree(
        lambda asked, ending: duckdb_engine.run(asked.program, asked.file(tmp_path), ending=ending),
        seen,
    )

    assert all_met(seen) is True


@pytest.fixture(scope="module")
def database():
    with postgres.cluster() as connection:
        yield connection


def test_postgresql_agrees_with_the_bedside_and_every_kind_of_node_and_rule_was_met(database):
    seen = Counter()

    def answers(asked, ending):
        postgres.put(database, asked.table, name="people")
        return postgres_engine.run(asked.program, database, "people", ending=ending, batch_rows=5)

    agree(answers, seen)

    assert all_met(seen) is True
