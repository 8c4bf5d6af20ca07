"""The addresses of the day and of the worklists."""

from __future__ import annotations

from django.urls import URLPattern, path

from overstory.clinic.worklists import views
from overstory.clinic.worklists.today import today

LIST = "lists/<slug:listed>/"

urlpatterns: list[URLPattern] = [
    path("", today, name="home"),
    path(LIST, views.worklist, name="worklist"),
    path(f"{LIST}<uuid:row_id>/", views.worklist_line, name="worklist_line"),
    path(f"{LIST}<uuid:row_id>/give/", views.worklist_give, name="worklist_give"),
]
