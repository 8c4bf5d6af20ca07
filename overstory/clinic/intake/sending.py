"""Sending a link: in the person's language, in words that tell nothing of the treatment."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from overstory.clinic.intake.filling import IntakeLink
from overstory.clinic.intake.showing import moment_words, words
from overstory.clinic.people.actions import say_channel
from overstory.clinic.people.messages import NO_CONSENT, Letter, Message, send, why_withheld
from overstory.clinic.people.models import Person, Staff

NOTHING = Letter("", "")
"""A letter without words, to ask whether one could be sent."""


def send_link(*, link: IntakeLink, address: str, at: datetime) -> Message:
    """Write the message with a link; the worker delivers it, or it is withheld and says why."""
    form = link.questionnaire
    language = form.person.language if form.person.language in ("en", "es") else "en"
    say = words(language)
    message = send(
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
    if message.withheld:
        link.withheld = message.withheld
        link.save(update_fields=["withheld"])
    return message


def may_email(person: Person) -> bool:
    """Return whether an e-mail would go out to a person: an address, and consent to use it."""
    return not why_withheld(person, NOTHING)


def may_agree(person: Person) -> bool:
    """Return whether nothing but the person's consent to e-mail is missing."""
    return why_withheld(person, NOTHING) == NO_CONSENT


@transaction.atomic
def agree_to_email(*, person: Person, by: Staff, at: datetime) -> None:
    """Record what someone told staff: that e-mail may be used, which is not encrypted."""
    say_channel(person=person, channel="email", is_given=True, by=by, at=at)
