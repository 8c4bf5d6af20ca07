"""What the pages of an evaluation share: whose page it is, and with which knowledge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.db.models import Exists, OuterRef
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse

from overstory.clinic.care.adopted import InForce
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.care.steps import progress_of
from overstory.clinic.people.doors import StaffRequest
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import May
from overstory.pathway.safety import crisis, crisis_words


def person_of(request: StaffRequest, person_id: UUID, **marks: Exists) -> Person:
    """
    Return a person of the reader's clinic; one merged into another is shown as that one.

    `marks` are asked in the same query and stand on the person, except on one merged into another.

    :raises django.http.Http404: if the clinic has no such person.
    """
    marked = request.clinic.persons.annotate(is_alone=Person.alone(), **marks)
    persons = marked.select_related("site")
    found: Person = get_object_or_404(persons, pk=person_id)
    kept = found.kept
    kept.clinic = request.clinic
    return kept


def plan_of(request: StaffRequest, person_id: UUID, plan_id: UUID, **marks: Any) -> CarePlan:
    """
    Return a plan of a person with that person on it, in one query; `person` is who stands for the human.

    `marks` are asked in the same query and stand on the plan.

    :raises django.http.Http404: if the clinic has no such plan of that person.
    """
    others = Person.objects.filter(merged_into=OuterRef("person"))
    plans = request.clinic.plans.annotate(is_of_one_row=~Exists(others), **marks)
    rows = plans.select_related("person__site", "person__merged_into__site")
    plan = get_object_or_404(rows, pk=plan_id)
    kept = plan.person.kept
    if kept.pk == plan.person_id:
        kept.__dict__["is_alone"] = plan.__dict__["is_of_one_row"]
    if kept.pk != person_id and kept.pk != person_of(request, person_id).pk:
        raise Http404
    plan.clinic = kept.clinic = kept.site.clinic = request.clinic
    plan.person = kept
    found: CarePlan = plan
    return found


def around(request: StaffRequest, person: Person, force: InForce, **more: Any) -> dict[str, Any]:
    """Return what every page of an evaluation shows: the person, their zone, the knowledge."""
    del request
    return {
        "person": person,
        "site": person.site,
        "zone": person.site.time_zone,
        "force": force,
        "facts_at": reverse("facts", kwargs={"person_id": person.pk}),
        **more,
    }


def with_steps(
    request: StaffRequest,
    person: Person,
    force: InForce,
    *,
    at: datetime,
    ids: Sequence[UUID] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """
    Return what every page shows, and how far the person is on their way (`progress`), in one query.

    Who may not see plans is not told. `ids` are of all rows of this human, where they were read.
    """
    progress = None
    if request.user.may(May.SEE_PLAN):
        rows = list(ids or person.ids)
        progress = progress_of(person, ids=rows, force=force, by=request.user, at=at)
    return around(request, person, force, at=at, progress=progress, **more)


def crisis_path(request: StaffRequest, force: InForce, on: Any) -> tuple[str, ...]:
    """Return whom a person in crisis can reach, in sentences."""
    path = crisis(country=request.clinic.country, on=on, knowledge=force.knowledge)
    return crisis_words(path=path, knowledge=force.knowledge)


def give_again(form: forms.Form, given: QueryDict, **fresh: str) -> None:
    """Let a refused form be sent again: as it was, with a new key and what was renewed."""
    again = given.copy()
    for name, value in {"key": str(uuid4()), **fresh}.items():
        again[name] = value
    form.data = again
