"""What the pages about alerts show: rows of the list, and one alert with all that is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.messages import Message
from overstory.clinic.people.persons import ChannelConsent, Contact
from overstory.clinic.safety.answered import Answered, answered
from overstory.clinic.safety.forms import FORMS, ActForm
from overstory.clinic.safety.models import Alert, AlertAct
from overstory.clinic.safety.watch import Watched
from overstory.pathway.escalation_values import Due

TONES = {
    "imminent": "stop",
    "high": "stop",
    "moderate": "warn",
    "low": "info",
    "unscreened": "unknown",
    "none": "good",
}
TIER_WORDS = {"unscreened": "not screened yet"}
DO = {
    "answer": "Acknowledge",
    "assess": "Reach and assess",
    "close": "Close with how it ended",
    "unclosed": "Not closed in time",
    "follow-up": "Follow-up contact",
    "appointment": "Make an appointment",
    "nobody": "Put someone on call",
}
AFTER = frozenset({"follow-up", "appointment"})


@dataclass(frozen=True, slots=True)
class Line:
    """
    What is due, in words; `time` says how long is left, or since when it is late.

    `who` are all who are named, `others` those beside the reader.
    """

    due: Due
    does: str
    who: tuple[str, ...]
    others: tuple[str, ...]
    time: str
    tone: str
    is_mine: bool

    @property
    def tier_words(self) -> str:
        """The tier in words; one that nobody screened is not none."""
        return "Not screened" if self.due.tier == "unscreened" else self.due.tier.capitalize()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the list: the line and its alert."""

    line: Line
    alert: Alert


def line_of(due: Due, watched: Watched, reader: str) -> Line:
    """Return what is due in words."""
    names = watched.names
    who = {each: names.get(each, "a former colleague") for each in due.who}
    return Line(
        due=due,
        does=DO[due.what],
        who=tuple(who.values()),
        others=tuple(name for each, name in who.items() if each != reader),
        time=span(due.by, watched.now),
        tone="stop" if due.overdue else TONES.get(due.tier, "unknown"),
        is_mine=reader in due.who,
    )


def span(by: datetime, now: datetime) -> str:
    """Return how long is left until a deadline, or how long it is over, in words."""
    minutes = int((by - now).total_seconds() // 60)
    late = by < now
    minutes = int((now - by).total_seconds() // 60) if late else minutes
    days, rest = divmod(minutes, 24 * 60)
    hours, rest = divmod(rest, 60)
    if days:
        long = f"{days} d {hours} h"
    elif hours:
        long = f"{hours} h {rest} min"
    else:
        long = f"{rest} min"
    return f"{long} overdue" if late else f"{long} left"


def chosen(watched: Watched, show: str, reader: str) -> tuple[Due, ...]:
    """Return the dues of a tab of the list: open, mine, or follow-ups."""
    if show == "mine":
        return watched.mine(reader)
    if show == "follow-ups":
        return tuple(due for due in watched.dues if due.what in AFTER)
    return watched.open


def rows_of(dues: Sequence[Due], clinic: Clinic, watched: Watched, reader: str) -> list[Row]:
    """Return the rows of these dues, in their order; one query."""
    alerts = {
        str(each.pk): each
        for each in clinic.alerts.filter(pk__in=[due.alert for due in dues])
        .select_related("person", "site")
        .defer("says", "answers")
    }
    return [
        Row(line_of(due, watched, reader), alerts[due.alert]) for due in dues if due.alert in alerts
    ]


@dataclass(frozen=True, slots=True)
class AlertShown:
    """All that the page of one alert shows."""

    lines: tuple[Line, ...]
    acts: tuple[AlertAct, ...]
    forms: Mapping[str, ActForm]
    answered: tuple[Answered, ...]
    contacts: tuple[Contact, ...]
    near: str
    place: str
    email: str
    email_said: ChannelConsent | None
    has_phone: bool
    told: tuple[Message, ...]
    reach: tuple[AlertAct, ...]

    @property
    def has_emergency_contact(self) -> bool:
        """Whether someone is known who may be called when the person cannot be reached."""
        return bool(self.near) or any(each.kind == "emergency" for each in self.contacts)

    @property
    def must_do(self) -> tuple[str, ...]:
        """What must be done now, of the first line that says so."""
        return next((line.due.must_do for line in self.lines if line.due.must_do), ())

    @property
    def emergency(self) -> bool:
        """Whether the emergency number is said."""
        return any(line.due.emergency for line in self.lines)

    @property
    def first(self) -> Line | None:
        """What is due first."""
        return self.lines[0] if self.lines else None


def alert_shown(
    alert: Alert, watched: Watched, reader: str, filled: ActForm | None = None
) -> AlertShown:
    """Return what the page of an alert shows; `filled` is the form that was refused."""
    lines = tuple(line_of(due, watched, reader) for due in watched.of(str(alert.pk)))
    acts = tuple(alert.acts.select_related("by", "to_staff").order_by("seq"))
    for each in acts:
        each.tier = TIER_WORDS.get(each.tier, each.tier)
    person = alert.person
    ids = person.ids if person else []
    contacts: Iterable[Contact] = (
        Contact.objects.filter(person_id__in=ids, until=None).order_by("kind", "since")
        if person
        else ()
    )
    said = ChannelConsent.objects.filter(person_id__in=ids, channel="email").order_by("-at")
    near, place, asked_email = _of_request(alert)
    reach = tuple(each for each in acts if each.kind == "told-where")
    told = (
        Message.objects.filter(clinic=alert.clinic_id, once__startswith=f"alert:{alert.pk}/")
        .select_related("to_staff")
        .defer("body")
        .order_by("made_at")
    )
    return AlertShown(
        lines=lines,
        acts=acts,
        forms=_forms(alert, lines, filled),
        answered=answered(_answers(alert, acts)),
        contacts=tuple(contacts),
        near=near,
        place=place,
        email=person.email if person else asked_email,
        email_said=said.first() if person and person.email else None,
        has_phone=bool(person and person.phone) or any(each.phone for each in reach),
        told=tuple(told[:50]),
        reach=reach,
    )


def _answers(alert: Alert, acts: Sequence[AlertAct]) -> dict[str, Any]:
    """Return what was answered, with what repeats of the alert added; the newest answer holds."""
    found = dict(alert.answers or {})
    for each in acts:
        found.update(each.answers or {})
    return found


def _of_request(alert: Alert) -> tuple[str, str, str]:
    """Return the emergency contact, the place and the person's e-mail of an alert's request."""
    kind, _, request_id = alert.source.partition(":")
    asked = alert.clinic.care_requests.filter(pk=request_id).first() if kind == "request" else None
    if asked is None:
        return "", "", ""
    return (
        asked.emergency_contact or "",
        asked.place or "",
        asked.email if asked.asker == "self" else "",
    )


def _forms(alert: Alert, lines: Sequence[Line], filled: ActForm | None) -> dict[str, ActForm]:
    """Return the forms that may be used now, the next thing to do first."""
    due = {line.due.what for line in lines}
    if alert.closed_at is None:
        kinds = ["contact-tried", "assessed", "closed", "handed-over", "note"]
        if "answer" in due:
            kinds.insert(0, "acknowledged")
    else:
        kinds = ["note"]
    if "appointment" in due:
        kinds.insert(0, "appointed")
    if due & AFTER:
        kinds.insert(0, "followed-up")
    shown = {kind.replace("-", "_"): FORMS[kind](clinic=alert.clinic) for kind in kinds}
    if filled is not None:
        shown[filled.kind.replace("-", "_")] = filled
    return shown
