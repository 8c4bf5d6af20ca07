"""The addresses of this part."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from overstory.clinic.safety import views, views_messages

urlpatterns: list[URLPattern | URLResolver] = [
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/raise/", views.alert_raise, name="alert_raise"),
    path("people/<uuid:person_id>/alert/", views.alert_raise, name="alert_raise_for"),
    path("alerts/<uuid:alert_id>/", views.alert, name="alert"),
    path("alerts/<uuid:alert_id>/<slug:kind>/", views.alert_act, name="alert_act"),
    path("messages/", views_messages.messages, name="messages"),
]
