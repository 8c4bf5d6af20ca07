"""What a person is told after an answer that raised an alert: until when, and what to do sooner."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from overstory.clinic.intake.showing import moment_words, words
from overstory.clinic.people.calendar import hours_of
from overstory.clinic.people.forms.phones import lacks_area_code
from overstory.clinic.people.models import Site
from overstory.clinic.safety.actions import last_told
from overstory.clinic.safety.models import Alert
from overstory.clinic.safety.watch import look

TO_REACH = frozenset({"answer", "assess"})
AHEAD_DAYS = 14


def after_alert(*, alert: Alert, actor: str, language: str, now: datetime) -> dict[str, Any]:
    """Return what the page after an alert says; `given` is what this person wrote there before."""
    phone, place = last_told(alert, actor)
    return {
        "promise": _promise(alert, language, now),
        "call": call_words(alert.site, language, now),
        "given": _given(alert, phone, place, language),
    }


def _given(alert: Alert, phone: str, place: str, language: str) -> dict[str, str] | None:
    """Return what they gave, with a thank-you that names only that, and a doubt about the number."""
    if not phone and not place:
        return None
    which = "both" if phone and place else "phone" if phone else "place"
    say, is_short = words(language), lacks_area_code(phone, alert.clinic.country)
    return {
        "phone": phone,
        "place": place,
        "says": say(f"help.saved_{which}"),
        "doubt": say("help.area_code", phone=phone) if is_short else "",
    }


def _promise(alert: Alert, language: str, now: datetime) -> str:
    """Say until when staff try to reach the person; nothing is promised that nobody can keep."""
    say = words(language)
    due = next((d for d in look(alert.clinic, now).of(str(alert.pk)) if d.what in TO_REACH), None)
    if due is None:
        return say("help.known")
    if due.nobody:
        return say("help.told_nobody")
    if due.by <= now:
        return say("help.told_late")
    return say("help.told", when=_when(due.by, alert.site, language, now))


def _when(moment: datetime, site: Site, language: str, now: datetime) -> str:
    say, local = words(language), moment.astimezone(site.zone)
    today = now.astimezone(site.zone).date()
    just_before = (moment - timedelta(seconds=1)).astimezone(site.zone)
    if just_before.date() == today and local.date() != today:
        return say("help.midnight", zone=just_before.strftime("%Z"))
    if local.date() == today:
        return say("help.today", clock=local.strftime("%H:%M %Z"))
    return say("help.day", day=moment_words(moment, site, language))


def call_words(site: Site, language: str, now: datetime) -> str:
    """Say whether the site's phone is answered now; nothing where its hours are not on record."""
    say, hours = words(language), hours_of(site)
    if not site.phone or not hours.hours:
        return ""
    today = now.astimezone(site.zone).date()
    if hours.is_open(now):
        until = hours.closes(today).astimezone(site.zone).strftime("%H:%M %Z")
        return say("help.open", phone=site.phone, until=until)
    again = _opens_after(site, today, now)
    if again is None:
        return say("help.closed", phone=site.phone)
    when = _when(again, site, language, now)
    return say("help.closed_until", phone=site.phone, when=when)


def _opens_after(site: Site, today: date, now: datetime) -> datetime | None:
    hours = hours_of(site)
    days = (hours.opens(today + timedelta(days=ahead)) for ahead in range(AHEAD_DAYS))
    return next((opens for opens in days if opens is not None and opens > now), None)
