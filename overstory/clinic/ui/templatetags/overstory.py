"""What templates may call: times in the site's zone, words for values, the menu, verdicts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.safestring import SafeString

from overstory.clinic.ui import reaching, zones
from overstory.clinic.ui.navigation import menu_items

TITLES = frozenset({"dr", "dra", "prof", "mr", "mrs", "ms", "mx"})
QUOTES = '“”"„«»'
register = template.Library()

VERDICTS = {
    "suitable": ("Suitable", "good"),
    "with-conditions": ("With conditions", "info"),
    "cannot-say-yet": ("Cannot say yet", "unknown"),
    "not-now": ("Not now", "warn"),
    "not-indicated": ("Not indicated", "stop"),
    "contraindicated": ("Contraindicated", "stop"),
}
TREATMENTS = {
    "esketamine": "Esketamine nasal spray",
    "ketamine-iv": "Ketamine infusion (IV)",
    "kap": "Ketamine-assisted psychotherapy",
    "tms": "TMS",
    "ketamine-then-tms": "Ketamine, then TMS",
}


@register.filter
def when(moment: datetime | None, zone: str) -> str:
    """Return a moment as people say it, in a zone: `Tue 24 Nov 2026, 09:40 EST`; nothing for none."""
    if moment is None:
        return ""
    return moment.astimezone(ZoneInfo(zone)).strftime("%a %-d %b %Y, %H:%M %Z")


@register.filter
def short_when(moment: datetime | None, zone: str) -> str:
    """Return a moment without its year and zone: `Tue 24 Nov, 09:40`; nothing for none."""
    return "" if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%a %-d %b, %H:%M")


@register.filter
def clock(moment: datetime | None, zone: str) -> str:
    """Return the time of day in a zone: `09:40`; nothing for none."""
    return "" if moment is None else moment.astimezone(ZoneInfo(zone)).strftime("%H:%M")


@register.filter
def zone_words(zone: str) -> str:
    """Return a time zone as people say it: `New York time`."""
    return zones.zone_words(zone)


@register.filter
def day(on: date | str | None) -> str:
    """Return a day, or its text as YYYY-MM-DD, as people say it: `Tue 24 Nov 2026`; nothing for none."""
    if not on:
        return ""
    found = date.fromisoformat(on) if isinstance(on, str) else on
    return found.strftime("%a %-d %b %Y")


@register.filter
def short_day(on: date | str | None) -> str:
    """Return a day without its year: `Tue 24 Nov`; nothing for none."""
    return day(on).rsplit(" ", 1)[0]


@register.filter
def treatment(code: str) -> str:
    """Return a treatment's name for people."""
    return TREATMENTS.get(code, code)


@register.inclusion_tag("ui/verdict.html")
def verdict(code: str) -> dict[str, str]:
    """Show a verdict as a chip: words first, colour beside them."""
    words, tone = VERDICTS[code]
    return {"words": words, "tone": tone}


@register.simple_tag(takes_context=True)
def menu(context: dict[str, Any]) -> SafeString:
    """Return the items of the reader's menu."""
    watch = context.get("watch")
    alerts = watch.open_count if watch else 0
    return menu_items(context.get("can", {}), context["request"].path, alerts=alerts)


@register.filter
def reachable(sentence: str) -> str:
    """Return a sentence of the crisis path with what can be called, texted or opened as links."""
    return reaching.reachable(sentence)


@register.filter
def initials(name: str) -> str:
    """Return the first letters of a name without its titles, two at most."""
    words = [word for word in name.split() if word.rstrip(".").casefold() not in TITLES]
    return "".join(word[0] for word in (words or name.split())[:2]).upper()


@register.filter
def quoted(words: str) -> str:
    """Return someone's words in quotation marks, once, whether or not they were written with them."""
    return f"“{str(words).strip().strip(QUOTES).strip()}”"
