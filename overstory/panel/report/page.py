"""The report of a population as one HTML page: self-contained, without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from overstory.panel.report import words

HOME = Path(__file__).parent


def report_html(figures: Mapping[str, Any]) -> str:
    """Return the figures of a population, as `overstory.population/1` has them, as a whole HTML page."""
    return _template().render(figures=figures, words=words)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(HOME), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("report.html.j2")
