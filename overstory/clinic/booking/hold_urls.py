"""The addresses of holds: of a plan, of a person, of a site, and the list of them all."""

from __future__ import annotations

from django.urls import URLPattern, path

from overstory.clinic.booking import hold_person_views as of_person
from overstory.clinic.booking import hold_site_views as of_site
from overstory.clinic.booking import hold_views as views

PERSON = "people/<uuid:person_id>/"
HOLDS = f"{PERSON}plans/<uuid:plan_id>/holds/"
SITE = "sites/<uuid:site_id>/holds/"

urlpatterns: list[URLPattern] = [
    path("holds/", views.hold_list, name="hold_list"),
    path(HOLDS, views.holds, name="holds"),
    path(f"{HOLDS}check/", views.check, name="hold_check"),
    path(f"{HOLDS}escort/", views.escort, name="hold_escort"),
    path(f"{PERSON}payers/", of_person.payers, name="payers"),
    path(f"{PERSON}payers/authorize/", of_person.authorize, name="authorize"),
    path(f"{PERSON}payers/self-pay/", of_person.self_pay, name="self_pay"),
    path(f"{PERSON}payers/enrol/", of_person.enrol, name="enrol"),
    path(f"{PERSON}holds/<uuid:hold_row_id>/end/", of_person.end, name="hold_row_end"),
    path(SITE, of_site.site_holds, name="site_holds"),
    path(f"{SITE}enrol/", of_site.enrol, name="site_enrol"),
    path(f"{SITE}none-needed/", of_site.none_needed, name="none_needed"),
    path(f"{SITE}<uuid:site_row_id>/end/", of_site.end, name="site_row_end"),
]
