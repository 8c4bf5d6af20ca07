"""The addresses of the calendar, and of booking a visit from a site's public page."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from overstory.clinic.booking import api, public_views, views


class EndConverter(StringConverter):
    """How an appointment can end before it takes place."""

    regex = "cancelled|no-show"


register_converter(EndConverter, "appointment_end")

urlpatterns: list[URLPattern] = [
    path("<lang:lang>/at/<slug:slug>/visit/", public_views.visit, name="site_visit"),
    path(
        "<lang:lang>/at/<slug:slug>/visit/booked/",
        public_views.visit_booked,
        name="site_visit_booked",
    ),
    path("api/worklist", api.worklist, name="api_worklist"),
    path("calendar/", views.calendar, name="calendar"),
    path("people/<uuid:person_id>/appointments/", views.appointments, name="appointments"),
    path(
        "people/<uuid:person_id>/plans/<uuid:plan_id>/book/", views.book_course, name="book_course"
    ),
    path("appointments/<uuid:appointment_id>/move/", views.move, name="appointment_move"),
    path(
        "appointments/<uuid:appointment_id>/<appointment_end:state>/",
        views.end,
        name="appointment_end",
    ),
]
