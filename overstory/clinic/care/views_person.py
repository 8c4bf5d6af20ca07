"""The page of one person: who they are, how safe, what is known, and what comes next."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from overstory.clinic.care.adopted import in_force
from overstory.clinic.care.assessing import assess_person
from overstory.clinic.care.boards import board_of
from overstory.clinic.care.contacts import reach_of
from overstory.clinic.care.deciding import has_no, written
from overstory.clinic.care.guarding import guarding, has_alert_raised
from overstory.clinic.care.ledgers import ledger_of
from overstory.clinic.care.papers import papers_of
from overstory.clinic.care.reaching import crisis_path, person_of, with_steps
from overstory.clinic.care.scores import score_pictures
from overstory.clinic.care.timelines import timeline
from overstory.clinic.care.topics import topics_of
from overstory.clinic.people.doors import StaffRequest, may
from overstory.clinic.people.permissions import May

FIRST_QUESTIONS = 5
LANGUAGES = {"en": "English", "es": "Spanish"}


@require_GET
@may(May.SEE_PERSON)
def person(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show a person: safety first, then who, why, scores, facts, past medicines and questions."""
    who = person_of(request, person_id, has_alert=has_alert_raised(), has_no=has_no())
    at = timezone.now()
    force = in_force(request.clinic)
    today = at.astimezone(who.site.zone).date()
    assessed = assess_person(who, at=at, force=force)
    found = assessed.gathered
    shown = board_of(
        assessed.assessment,
        facts=found.facts,
        knowledge=force.knowledge,
        against=written(assessed).against if getattr(who, "has_no", True) else None,
    )
    guarded = guarding(request, assessed, has_alert=getattr(who, "has_alert", True))
    context = with_steps(
        request, who, force,
        at=at, ids=found.ids,
        language=LANGUAGES.get(who.language, who.language),
        reach=reach_of(found.ids),
        papers=papers_of(found.ids, everything=request.GET.get("papers") == "all"),
        safety=assessed.assessment.safety,
        crisis=crisis_path(request, force, today),
        board=shown,
        questions=shown.questions[:FIRST_QUESTIONS],
        scores=score_pictures(found.scores, knowledge=force.knowledge, zone=who.site.time_zone),
        ledger=ledger_of(found, force.knowledge),
        window=timeline(who, request, found.ids),
        topics=topics_of(found.facts, force.knowledge, everything=False),
        left_out=found.left_out,
        **guarded,
        was_never_asked=not (guarded["last_screen"] or guarded["open_alerts"] or found.scores),
    )  # fmt: skip
    return render(request, "care/person.html", context)
