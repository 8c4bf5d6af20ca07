"""The guide to panels says what is so: its commands run, its options are all there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from overstory.cli.panel.population import population
from overstory.panel.report.words import WAYS

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "panels.md").read_text(encoding="utf-8")
INHERITED = {"--help"}


def commands() -> list[str]:
    (found,) = re.findall(r"^```sh panel\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return found.splitlines()


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_guide_runs(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pl.DataFrame(
        {
            "id": [f"{letter}{place}" for letter in "abc" for place in range(5)],
            "age_years": [44.0] * 5 + [71.0] * 5 + [None] * 5,
            "has_major_depression": [True] * 10 + [False] * 5,
            "systolic_bp": [145.0] * 5 + [None] * 5 + [128.0] * 5,
            "cssrs_risk": ["low"] * 5 + ["high"] * 5 + [None] * 5,
        }
    ).write_parquet(tmp_path / "facts.parquet")
    monkeypatch.chdir(tmp_path)
    begins, *words = shlex.split(command)
    assert (begins, words.pop(0)) == ("overstory", "panel")

    result = CliRunner().invoke(population, words)

    assert result.exit_code == 0, result.output
    assert "people" in result.output
    made = [name for name in ("report.html", "answers.parquet") if name in words]
    assert all((tmp_path / name).stat().st_size for name in made)


def test_the_guide_names_every_option_and_no_other():
    named = set(re.findall(r"`(?:[^`\n]*?\s)?(--[a-z-]+)", GUIDE)) | set(
        re.findall(r"^\| `(--[a-z-]+)", GUIDE, re.MULTILINE)
    )
    there = {each for option in population.params for each in option.opts if each[0] == "-"}

    assert there - INHERITED <= named
    # an option of another command, which the guide names with it
    assert named - there == {"--panel"}


def test_the_three_figures_have_the_words_of_the_report():
    for words in WAYS.values():
        assert f"| {words.lower()} |" in GUIDE
