"""The decision aid as one HTML page: self-contained, without scripts, its styles in one block."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from overstory.exchange.aid.icons import DRAWINGS, sample
from overstory.exchange.aid.page import AidInput, Page, page

HOME = Path(__file__).parent
SHEETS = {"US": "Letter", "EU": "A4"}
"""The paper of each jurisdiction."""


def aid_html(
    given: AidInput, *, language: str, own: Sequence[tuple[str, Sequence[str]]] = ()
) -> str:
    """
    Return the decision aid as a whole HTML page in a language, `en` or `es`.

    `own` are headings with lines in that language that stand first: what is this person's own.

    :raises LanguageError: for another language.
    """
    shown: Page = page(given, language=language)
    samples = {kind: sample(kind, title=shown.words(f"figure.legend_{kind}")) for kind in DRAWINGS}
    style = _style(SHEETS[given.assessment.jurisdiction])
    return _template().render(page=shown, samples=samples, style=style, own=own)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(HOME),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("aid.html.j2")


@cache
def _style(sheet: str) -> str:
    return with_fonts((HOME / "aid.css").read_text(encoding="utf-8").replace("SHEET", sheet))


def with_fonts(style: str) -> str:
    """Return a style sheet with the fonts themselves where it says `FONT-400` and `FONT-700`."""
    for weight in ("400", "700"):
        font = HOME / "fonts" / f"atkinson-hyperlegible-latin-{weight}-normal.woff2"
        encoded = b64encode(font.read_bytes()).decode()
        style = style.replace(f"FONT-{weight}", f"data:font/woff2;base64,{encoded}")
    return style
