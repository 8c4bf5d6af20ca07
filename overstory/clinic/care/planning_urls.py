"""The addresses of plans."""

from __future__ import annotations

from django.urls import path

from overstory.clinic.care import living_urls
from overstory.clinic.care import planning_views as views

urlpatterns = [
    path("people/<uuid:person_id>/plans/", views.plans, name="plans"),
    path("people/<uuid:person_id>/plans/draft/", views.draft, name="plan_draft"),
    path("people/<uuid:person_id>/plans/<uuid:plan_id>/", views.plan, name="plan"),
    path("people/<uuid:person_id>/plans/<uuid:plan_id>/sign/", views.sign, name="plan_sign"),
    *living_urls.urlpatterns,
]
