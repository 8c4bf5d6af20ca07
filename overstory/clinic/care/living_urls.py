"""The addresses of living plans: changes, versions, the page for print."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from overstory.clinic.care import living_views as views
from overstory.pathway.planning.events import EventKind


class HappenedConverter(StringConverter):
    """The kinds of events of a plan."""

    regex = "|".join(each.value for each in EventKind)


register_converter(HappenedConverter, "plan_event")

PLAN = "people/<uuid:person_id>/plans/<uuid:plan_id>/"

urlpatterns = [
    path(f"{PLAN}change/", views.change, name="plan_change"),
    path(f"{PLAN}change/<plan_event:event>/", views.event, name="plan_event"),
    path(f"{PLAN}change/session/<int:n>/", views.edit, name="plan_edit"),
    path(f"{PLAN}discard/", views.discard, name="plan_discard"),
    path(f"{PLAN}versions/", views.versions, name="plan_versions"),
    path(f"{PLAN}print/", views.printed, name="plan_print"),
]
