"""Sending the link to the options: in words that tell nothing of the treatment."""

from __future__ import annotations

from datetime import datetime

from overstory.clinic.care.choosing_rows import ChoiceLink
from overstory.clinic.care.choosing_words import words
from overstory.clinic.intake.showing import moment_words
from overstory.clinic.people.messages import Message, send
from overstory.clinic.people.models import Person


def send_choice_link(*, link: ChoiceLink, person: Person, address: str, at: datetime) -> Message:
    """Write the message with a link; the worker delivers it, or it is withheld and says why."""
    language = person.language if person.language in ("en", "es") else "en"
    say = words(language)
    return send(
        clinic=person.clinic,
        to=person,
        subject=say("message.subject"),
        body=say(
            "message.body",
            address=address,
            until=moment_words(link.expires_at, person.site, language),
            phone=person.site.phone,
        ),
        at=at,
    )
