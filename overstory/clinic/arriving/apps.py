"""The part of the clinic for what a person gets of their visits."""

from __future__ import annotations

from django.apps import AppConfig


class ArrivingConfig(AppConfig):
    """Arriving: the course on a page, reminders, readiness, the private calendar."""

    name = "overstory.clinic.arriving"
    label = "arriving"
    default_auto_field = "django.db.models.BigAutoField"
