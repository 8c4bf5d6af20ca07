"""The addresses of a choice and of consent: the staff's, and the patient's by a link."""

from __future__ import annotations

from django.urls import path

from overstory.clinic.care import choosing_link_views as own
from overstory.clinic.care import choosing_views as views
from overstory.clinic.care import consenting_views as consenting

PERSON = "people/<uuid:person_id>/"
OWN = "q/choice/at/<uuid:choice_link_id>/"

urlpatterns = [
    path(f"{PERSON}choice/", views.choice, name="choice"),
    path(f"{PERSON}choice/aid.pdf", views.choice_pdf, name="choice_pdf"),
    path(f"{PERSON}choice/values/", views.choice_values, name="choice_values"),
    path(f"{PERSON}choice/sure/<slug:moment>/", views.choice_sure, name="choice_sure"),
    path(f"{PERSON}choice/questions/", views.choice_ask, name="choice_ask"),
    path(f"{PERSON}choice/record/", views.choice_record, name="choice_record"),
    path(f"{PERSON}choice/history/", views.choice_history, name="choice_history"),
    path(f"{PERSON}choice/link/", views.choice_link, name="choice_link"),
    path(f"{PERSON}consents/", consenting.consents, name="consents"),
    path(f"{PERSON}consents/sign/<slug:treatment>/", consenting.consent_sign, name="consent_sign"),
    path(f"{PERSON}consents/<uuid:consent_id>/", consenting.consent, name="consent"),
    path(
        f"{PERSON}consents/<uuid:consent_id>/withdraw/",
        consenting.consent_withdraw,
        name="consent_withdraw",
    ),
    path("q/choice/<str:token>/", own.open_link, name="choice_open"),
    path(OWN, own.home, name="choice_home"),
    path(f"{OWN}options/", own.aid, name="choice_own_aid"),
    path(f"{OWN}options.pdf", own.pdf, name="choice_own_pdf"),
    path(f"{OWN}values/", own.values, name="choice_own_values"),
    path(f"{OWN}sure/<slug:moment>/", own.sure, name="choice_own_sure"),
    path(f"{OWN}questions/", own.questions, name="choice_questions"),
    path(f"{OWN}consent/<slug:treatment>/", own.text, name="choice_own_text"),
    path(f"{OWN}language/", own.language, name="choice_language"),
]
