"""The addresses of the invented clinic's door."""

from __future__ import annotations

from django.urls import URLPattern, path

from overstory.clinic.demo import views

urlpatterns: list[URLPattern] = [
    path("demo/", views.demo, name="demo"),
    path("demo/<uuid:staff_id>/", views.enter, name="demo_enter"),
]
