"""How far the questions are that were asked before an evaluation, and where one goes on with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Subquery
from django.urls import reverse

from overstory.clinic.care.models import ImportedRecord, StatedFact
from overstory.clinic.intake.filling import Questionnaire
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.clinic.ui.templatetags.overstory import when
from overstory.knowledge.load import load_knowledge
from overstory.pathway.packs import packs

OF_QUESTIONNAIRE = (
    "pk", "person_id", "made_at", "submitted_at", "withdrawn_at", "expires_at", "consumed_at",
    "locked_at", "withheld", "answered_at",
)  # fmt: skip
SAYS = {
    "made": "questionnaire not sent: {withheld}",
    "sent": "questionnaire sent {made}, not opened",
    "opened": "questionnaire opened {opened}, no answer yet",
    "half-done": "questionnaire half done, last answer {answered}",
    "expired": "the link to the questionnaire ended {ended}",
    "locked": "the link is locked: wrong birth dates",
    "staff": "staff enter a questionnaire",
}
"""What is said of the newest questionnaire that waits for answers, by its state."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in words, and where one goes on: its address, its words, and what it needs."""

    says: str
    address: str
    action: str
    needs: May


def columns(ids: Sequence[UUID]) -> dict[str, Any]:
    """Return what is read of the newest questionnaire, and whether facts are known without one."""
    asked = packs(knowledge=load_knowledge(), who="patient")
    newest = (
        Questionnaire.objects.filter(person__in=ids, pack__in=[each.id for each in asked])
        .filter(withdrawn_at=None)
        .listed()
    )
    return {
        "has_facts": Exists(StatedFact.objects.filter(person__in=ids)),
        "has_records": Exists(ImportedRecord.objects.filter(person__in=ids)),
        **{f"asked_{each}": Subquery(newest.values(each)[:1]) for each in OF_QUESTIONNAIRE},
    }


def asked_so_far(row: Mapping[str, Any], person: Person, at: datetime) -> Asked:
    """Return how far the questions are of which `columns` were read, where nothing is assessed yet."""
    board = ("To the board", May.SEE_BOARD)
    to_board = reverse("board", args=(person.pk,))
    if row["asked_pk"] is None:
        if row["has_facts"] or row["has_records"]:
            return Asked("", to_board, *board)
        send = reverse("person_questionnaires", args=(person.pk,))
        needs = May.SEND_QUESTIONNAIRES
        return Asked("no questionnaire was sent", send, "Send a questionnaire", needs)
    found, zone = _questionnaire(row), person.site.time_zone
    state = found.state(at)
    if state == "submitted":
        return Asked(f"questionnaire handed in {when(found.submitted_at, zone)}", to_board, *board)
    says = SAYS[state].format(
        withheld=row["asked_withheld"],
        made=when(found.made_at, zone),
        opened=when(row["asked_consumed_at"], zone),
        answered=when(row["asked_answered_at"], zone),
        ended=when(row["asked_expires_at"], zone),
    )
    address = reverse("questionnaire", args=(UUID(str(row["asked_person_id"])), found.pk))
    return Asked(says, address, "To the questionnaire", May.SEE_PERSON)


def _questionnaire(row: Mapping[str, Any]) -> Questionnaire:
    """Return the questionnaire of a row with what is listed beside it, not to be saved."""
    found = Questionnaire()
    for each in OF_QUESTIONNAIRE:
        setattr(found, each, row[f"asked_{each}"])
    return found
