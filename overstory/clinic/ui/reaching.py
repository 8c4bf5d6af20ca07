"""Crisis lines that can be touched: numbers in a sentence become links to call, to text, or to a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

SITE = r"(?P<site>\b(?:[a-z0-9-]+\.)+(?:org|com|net|chat)\b)"
NUMBER = r"(?P<number>(?<![\w-])\+?\d(?:[\d -]{1,14})\d(?![\w-]))"
FOUND = re.compile(f"{SITE}|{NUMBER}", re.IGNORECASE)
TEXTING = re.compile(r"\b(?:text|texto|mensaje|env[ií]e|escriba|sms)\b", re.IGNORECASE)
PRESSING = re.compile(r"\b(?:press|marque|pulse|oprima)\s*$", re.IGNORECASE)


def reachable(sentence: str) -> SafeString:
    """Return a sentence with its numbers and addresses as links; everything else is escaped."""
    return format_html_join("", "{}", ((part,) for part in _parts(sentence)))


def _parts(sentence: str) -> Iterator[str | SafeString]:
    at = 0
    for match in FOUND.finditer(sentence):
        before = sentence[at : match.start()]
        yield before
        yield _link(match, before)
        at = match.end()
    yield sentence[at:]


def _link(match: re.Match[str], before: str) -> str | SafeString:
    shown = match.group(0)
    if match.group("site"):
        return format_html('<a href="https://{}" rel="noreferrer">{}</a>', shown, shown)
    if PRESSING.search(before):
        return shown
    scheme = "sms" if TEXTING.search(before) else "tel"
    return format_html('<a href="{}:{}">{}</a>', scheme, re.sub(r"[ -]", "", shown), shown)
