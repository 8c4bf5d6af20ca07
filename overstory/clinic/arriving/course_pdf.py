"""The page of a course as a tagged PDF: the same rows as on screen, with its styles and fonts in it."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path

from django.template.loader import render_to_string

from overstory.clinic.arriving.course_page import CoursePage
from overstory.exchange.aid.html import SHEETS, with_fonts
from overstory.exchange.aid.pdf import aid_pdf

STYLE = Path(__file__).parent / "static" / "arriving" / "course.css"
PAPER = """
@font-face { font-family: "Aid"; font-weight: 400; src: url("FONT-400") format("woff2"); }
@font-face { font-family: "Aid"; font-weight: 700; src: url("FONT-700") format("woff2"); }
@page { size: SHEET; margin: 11mm 13mm 13mm; }
@page { @bottom-center { content: counter(page) " / " counter(pages); font: 8pt "Aid"; } }
html { font: 9.5pt/1.3 "Aid", sans-serif; color: #000; } body { margin: 0; }
"""


def course_pdf(page: CoursePage, *, jurisdiction: str) -> bytes:
    """
    Return the page on the paper of a jurisdiction; the same page gives the same bytes.

    :raises PdfError: if it cannot be made here.
    """
    return aid_pdf(course_html(page, jurisdiction=jurisdiction))


def course_html(page: CoursePage, *, jurisdiction: str) -> str:
    """Return the page as a whole document without scripts, for paper alone."""
    body = render_to_string(
        "arriving/course_body.html", {"page": page, "w": page.w, "is_paper": True}
    )
    return (
        f'<!doctype html><html lang="{page.language}"><head><meta charset="utf-8">'
        f"<title>{escape(page.w('course.title'))}</title>"
        f"<style>{_style(SHEETS[jurisdiction])}</style></head>"
        f'<body class="on-paper">{body}</body></html>'
    )


@cache
def _style(sheet: str) -> str:
    return with_fonts(PAPER.replace("SHEET", sheet)) + STYLE.read_text("utf-8")
