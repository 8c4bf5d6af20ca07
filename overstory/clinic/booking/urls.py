"""The addresses of the calendar, and of booking a visit from a site's public page."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from overstory.clinic.booking import (
    api,
    ending_views,
    moving_views,
    offering_views,
    public_views,
    rebooking_views,
    views,
    visit_views,
)
from overstory.clinic.booking import resource_views as rooms


class EndConverter(StringConverter):
    """How an appointment can end before it takes place."""

    regex = "cancelled|no-show"


register_converter(EndConverter, "appointment_end")

PLAN = "people/<uuid:person_id>/plans/<uuid:plan_id>/"

urlpatterns: list[URLPattern] = [
    path("resources/", rooms.resources, name="resources"),
    path("resources/add/", rooms.resource_add, name="resource_add"),
    path("resources/<uuid:resource_id>/", rooms.resource, name="resource"),
    path("resources/<uuid:resource_id>/retire/", rooms.resource_retire, name="resource_retire"),
    path(
        "resources/<uuid:resource_id>/outages/<uuid:outage_id>/end/",
        rooms.outage_end,
        name="outage_end",
    ),
    path("<lang:lang>/at/<slug:slug>/visit/", public_views.visit, name="site_visit"),
    path(
        "<lang:lang>/at/<slug:slug>/visit/booked/",
        public_views.visit_booked,
        name="site_visit_booked",
    ),
    path(
        "<lang:lang>/at/<slug:slug>/visit/booked/appointment.ics",
        public_views.visit_calendar,
        name="site_visit_calendar",
    ),
    path("api/worklist", api.worklist, name="api_worklist"),
    path("calendar/list/", views.calendar, name="calendar_list"),
    path("people/<uuid:person_id>/visit/", visit_views.book_visit, name="book_visit"),
    path("people/<uuid:person_id>/appointments/", views.appointments, name="appointments"),
    path(
        "people/<uuid:person_id>/plans/<uuid:plan_id>/book/", views.book_course, name="book_course"
    ),
    path(f"{PLAN}book/offer/", offering_views.choose, name="book_offer"),
    path(f"{PLAN}book/wishes/", offering_views.wishes, name="course_wishes"),
    path(f"{PLAN}rebook/", rebooking_views.rebook, name="rebook"),
    path(f"{PLAN}rebook/cancel/", rebooking_views.cancel, name="rebook_cancel"),
    path(f"{PLAN}rebook/book/", rebooking_views.book, name="rebook_book"),
    path(f"{PLAN}rebook/settle/", rebooking_views.settle, name="rebook_settle"),
    path(f"{PLAN}end/", ending_views.end_plan, name="plan_end"),
    path(f"{PLAN}holds/close/", rebooking_views.close_hold, name="hold_close"),
    path("appointments/<uuid:appointment_id>/came/", views.came_after_all, name="appointment_came"),
    path("appointments/<uuid:appointment_id>/move/", moving_views.move, name="appointment_move"),
    path(
        "appointments/<uuid:appointment_id>/<appointment_end:state>/",
        views.end,
        name="appointment_end",
    ),
]
