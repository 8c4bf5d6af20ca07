"""The addresses of arriving: the staff's, the person's by a link, and the private calendar."""

from __future__ import annotations

from django.urls import URLPattern, path

from overstory.clinic.arriving import own_views as own
from overstory.clinic.arriving import person_views as person
from overstory.clinic.arriving import views

PERSON = "people/<uuid:person_id>/visits/"
OWN = "q/visits/at/<uuid:arrival_link_id>/"
BEFORE = "appointments/<uuid:appointment_id>/before/"

urlpatterns: list[URLPattern] = [
    path("arrivals/", views.arrivals, name="arrivals"),
    path(BEFORE, views.before, name="before_visit"),
    path(f"{BEFORE}take/", views.take, name="before_visit_take"),
    path(f"{BEFORE}settle/", views.settle, name="before_visit_settle"),
    path(f"{BEFORE}answers/<uuid:readiness_id>/review/", views.review, name="before_visit_review"),
    path(PERSON, person.visits, name="visits"),
    path(f"{PERSON}print/", person.to_print, name="visits_print"),
    path(f"{PERSON}visits.pdf", person.pdf, name="visits_pdf"),
    path(f"{PERSON}link/", person.link, name="visits_link"),
    path(f"{PERSON}calendar/", person.calendar, name="visits_calendar"),
    path("q/visits/<str:token>/", own.open_link, name="arrival_open"),
    path(OWN, own.home, name="arrival_home"),
    path(f"{OWN}page/", own.page, name="arrival_page"),
    path(f"{OWN}visits.pdf", own.pdf, name="arrival_pdf"),
    path(f"{OWN}calendar/", own.calendar, name="arrival_calendar"),
    path(f"{OWN}before/<uuid:appointment_id>/", own.ready, name="arrival_ready"),
    path(f"{OWN}language/", own.language, name="arrival_language"),
    path("calendars/<str:token>.ics", own.feed, name="calendar_feed"),
]
