"""Sending a link: in the person's language, in words that tell nothing of the treatment."""

from __future__ import annotations

from datetime import datetime

from overstory.clinic.intake.filling import IntakeLink
from overstory.clinic.intake.showing import moment_words, words
from overstory.clinic.people.messages import Message, send


def send_link(*, link: IntakeLink, address: str, at: datetime) -> Message:
    """Write the message with a link; the worker delivers it, or it is withheld and says why."""
    form = link.questionnaire
    language = form.person.language if form.person.language in ("en", "es") else "en"
    say = words(language)
    return send(
        clinic=form.clinic,
        to=form.person,
        subject=say("message.subject"),
        body=say(
            "message.body",
            address=address,
            until=moment_words(link.expires_at, form.site, language),
            phone=form.site.phone,
        ),
        at=at,
    )
