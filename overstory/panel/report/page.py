"""The report of a population as one HTML page: self-contained, without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from overstory.panel.report.attrition import attrition, characteristics
from overstory.panel.report.marks import HIDDEN, swatch
from overstory.panel.report.missing import asked, missing_facts, open_questions, route
from overstory.panel.report.sections import heading, safety, verdicts, would_qualify

HOME = Path(__file__).parent
SHEETS = {"US": "Letter", "EU": "A4"}
"""The paper of each jurisdiction."""


def report_html(figures: Mapping[str, Any]) -> str:
    """
    Return the figures of a population, as `overstory.population/1` has them, as a whole HTML page.

    The page needs no network and no script. Whatever comes from the table is escaped.
    """
    return _template().render(
        heading=heading(figures),
        safety=safety(figures),
        verdicts=verdicts(figures),
        would_qualify=would_qualify(figures),
        attrition=attrition(figures),
        missing=missing_facts(figures),
        route=route(figures),
        open_questions=open_questions(figures),
        asked=asked(figures),
        characteristics=characteristics(figures),
        hidden_mark=swatch(HIDDEN, name="hidden"),
        style=_style(SHEETS.get(figures["jurisdiction"], "A4")),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(HOME),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


@cache
def _style(sheet: str) -> str:
    return (HOME / "report.css").read_text(encoding="utf-8").replace("SHEET", sheet)
