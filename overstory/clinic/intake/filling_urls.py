"""The addresses of questionnaires: the patient's by a link, and the staff's."""

from __future__ import annotations

from django.urls import path

from overstory.clinic.intake import filling_views as patient
from overstory.clinic.intake import opening_views as opening
from overstory.clinic.intake import questionnaire_views as staff

urlpatterns = [
    path("q/<str:token>/", opening.open_link, name="open_link"),
    path("q/at/<uuid:link_id>/", patient.go_on, name="fill"),
    path("q/at/<uuid:link_id>/again/", opening.again, name="fill_again"),
    path("q/at/<uuid:link_id>/page/<str:key>/", patient.page, name="fill_page"),
    path("q/at/<uuid:link_id>/check/", patient.check, name="fill_check"),
    path("q/at/<uuid:link_id>/help/", patient.crisis_help, name="fill_help"),
    path("q/at/<uuid:link_id>/done/", patient.done, name="fill_done"),
    path("q/at/<uuid:link_id>/language/", patient.language, name="fill_language"),
    path("questionnaires/", staff.worklist, name="questionnaires"),
    path(
        "people/<uuid:person_id>/questionnaires/",
        staff.of_person,
        name="person_questionnaires",
    ),
    path(
        "people/<uuid:person_id>/questionnaires/<uuid:form_id>/",
        staff.questionnaire,
        name="questionnaire",
    ),
    path(
        "people/<uuid:person_id>/questionnaires/<uuid:form_id>/link/",
        staff.new_link,
        name="questionnaire_link",
    ),
    path(
        "people/<uuid:person_id>/questionnaires/<uuid:form_id>/end/",
        staff.end,
        name="questionnaire_end",
    ),
    path(
        "people/<uuid:person_id>/questionnaires/<uuid:form_id>/page/<str:key>/",
        staff.enter,
        name="questionnaire_page",
    ),
]
